"""Spending, output and warheads of `euro_atlantic`, by group of states and year."""

from __future__ import annotations

import math

from record_common import GROUPS, YEARS, Row, number, row

OWN_ESTIMATE = {"rus": 0.1, "chn": 0.1, "geo": 0.15, "ukr": 0.1}
"""Log error of spending where the source marks its figures as its own estimates, or budgets are small and volatile."""


LEFT_OUT = {("ukr", 1993)}
"""Spending that an inflation of thousands of per cent makes meaningless (a quarter of the next year's)."""


def spending(milex: list[Row]) -> dict[tuple[str, int], float]:
    """bn USD of 2019 by state and year. 2021 is 2020 times the growth 2020–2021 in the edition of 2025."""
    out: dict[tuple[str, int], float] = {}
    later: dict[tuple[str, int], float] = {}
    for r in milex:
        year = int(r["year"])
        if (value := number(r["milex_usd2019_m"])) is not None:
            out[r["code"], year] = value / 1e3
        if (value := number(r["milex_usd2023_m"])) is not None:
            later[r["code"], year] = value
    for code in {c for c, _ in out}:
        if (code, 2020) in out and (code, 2021) in later:
            out[code, 2021] = out[code, 2020] * later[code, 2021] / later[code, 2020]
    return out


def output(milex: list[Row], gdp: list[Row], arms: dict[tuple[str, int], float]) -> dict[tuple[str, int], float]:
    """bn USD of 2019 by state and year: spending over its share of output, so that the burden is the source's own.

    Years before the first share are carried back with the growth of real output at purchasing power.
    """
    share: dict[tuple[str, int], float] = {}
    later: dict[tuple[str, int], float] = {}
    for r in milex:
        if (value := number(r["share_gdp_2021ed"])) is not None:
            share[r["code"], int(r["year"])] = value
        if (value := number(r["share_gdp"])) is not None:
            later[r["code"], int(r["year"])] = value
    real = {(r["code"], int(r["year"])): float(r["gdp_ppp2011_m"]) for r in gdp if r["gdp_ppp2011_m"]}
    out = {key: arms[key] / share[key] for key in share if key in arms and share[key] > 0}
    for code in {c for members in GROUPS.values() for c in members}:
        if (code, 2020) in out:
            growth = arms[code, 2021] / arms[code, 2020] * later[code, 2020] / later[code, 2021]
            out[code, 2021] = out[code, 2020] * growth
        known = [y for y in YEARS if (code, y) in out]
        for year in range(known[0] - 1, 1990, -1):
            out[code, year] = out[code, year + 1] * real[code, year] / real[code, year + 1]
    return out


def economies(milex: list[Row], gdp: list[Row]) -> list[Row]:
    """Series arms and gdp by group; a group starts in the first year in which all its members have data."""
    arms = spending(milex)
    product = output(milex, gdp, arms)
    rows = []
    for group, members in GROUPS.items():
        size = {y: sum(product[c, y] for c in members) for y in YEARS if all((c, y) in product for c in members)}
        for year in YEARS:
            last = year == 2021
            note = "2020 times the growth in the edition of 2025, known only later" if last else ""
            if all((c, year) in arms for c in members) and (group, year) not in LEFT_OUT:
                value = sum(arms[c, year] for c in members)
                rows.append(
                    row("arms", f"{year}-12-31", group, value, OWN_ESTIMATE.get(group), "medium" if last else "high", "sipri2021", note)
                )
            near = [size[y] for y in (year - 1, year, year + 1) if y in size]
            mean = math.exp(sum(map(math.log, near)) / len(near))
            carried = (
                any(not any(r["code"] == c and int(r["year"]) == year and r["share_gdp_2021ed"] for r in milex) for c in members)
                and not last
            )
            note = "in part carried back with real growth" if carried else note
            rows.append(
                row(
                    "gdp",
                    f"{year}-12-31",
                    group,
                    mean,
                    0.1 if carried else None,
                    "medium" if carried or last else "high",
                    "sipri2021",
                    note,
                )
            )
    return rows


def warheads(table: list[Row]) -> list[Row]:
    """Stockpiles; the western European ones are those of two states."""
    who = {"rus": ("RUS",), "usa": ("USA",), "chn": ("CHN",), "west": ("GBR", "FRA")}
    stock = {(r["code"], int(r["year"])): float(r["stockpile"]) for r in table}
    return [
        row("warheads", f"{y}-12-31", a, sum(stock[c, y] for c in codes), None, "medium", "fas2023")
        for a, codes in who.items()
        for y in YEARS
    ]
