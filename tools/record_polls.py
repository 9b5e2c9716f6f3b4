"""Views of other countries in polls of `euro_atlantic`: one share a pair and quarter from several pollsters and members of a group."""

from __future__ import annotations

import math
from collections import defaultdict

from record_common import GROUPS, Row, expit, logit, number, quarter, row
from record_tables import END, START

POLLED = {
    "rus>usa": "USA",
    "rus>west": "EU",
    "rus>ukr": "UKR",
    "rus>geo": "GEO",
    **{f"{actor}>rus": "RUS" for actor in ("usa", "west", "central", "balt", "nord", "tur", "ukr", "pac")},
    "usa>chn": "CHN",
    "pac>chn": "CHN",
    "west>chn": "CHN",
    "chn>usa": "USA",
    "chn>west": "EU",
}
WAVES = {"2002": "07", "2020": "07"}
"""Month of a survey wave where it is not the spring (April, nominal); from memory."""
NAMED = {"United States": "USA", "European Union": "EU", "Russia": "RUS"}


def answers(opinion: list[Row], record: list[Row]) -> list[Row]:
    """Every poll answer as {pollster, state, target, date, good, bad, low}; one per pollster, question and month, the fuller one kept."""
    best: dict[tuple[str, ...], Row] = {}
    for r in record:
        if r["pollster"] not in ("Levada", "Gallup") or r["about"] not in NAMED or r["population"] not in NAMED:
            continue
        good, bad = number(r["value"]), number(r["value_opposite"])
        key = (r["pollster"].lower(), NAMED[r["population"]], NAMED[r["about"]], r["date"][:7])
        best[key] = {"good": good, "bad": bad, "low": r["confidence"] == "low"}
    for r in opinion:
        date = r["date"] if "-" in r["date"] else f"{r['date']}-{WAVES.get(r['date'], '04')}"
        key = (r["pollster"], r["respondent"], r["target"], date)
        new = {"good": number(r["favourable_pct"]), "bad": number(r["unfavourable_pct"]), "low": False}
        if key not in best or None in (best[key]["good"], best[key]["bad"]) or best[key]["low"]:
            best[key] = new
    keys = ("pollster", "state", "target", "date")
    return [dict(zip(keys, key)) | best[key] for key in sorted(best) if START[:7] <= key[3] <= END[:7]]


def unfavourable(found: list[Row]) -> None:
    """Adds `x`, log-odds of the unfavourable among those with a view; one answer missing: with the pollster's mean share without a view."""
    silent: dict[tuple[str, str], list[float]] = defaultdict(list)
    for a in found:
        if a["good"] is not None and a["bad"] is not None:
            silent[a["pollster"], a["state"]].append(100 - a["good"] - a["bad"])
    for a in found:
        none = silent[a["pollster"], a["state"]]
        voiced = 100 - sum(none) / len(none) if none else 90.0
        a["whole"] = a["good"] is not None and a["bad"] is not None
        bad = a["bad"] if a["bad"] is not None else voiced - a["good"]
        a["x"] = logit(bad / (bad + a["good"] if a["whole"] else voiced))


def two_way(points: dict[tuple[str, str], float]) -> tuple[dict[str, float], float, float]:
    """Plain least squares x = state + time on an unbalanced table: time effects for the mean state, the states' mean and their sd."""
    states, times = sorted({s for s, _ in points}), sorted({t for _, t in points})
    a, b = dict.fromkeys(states, 0.0), dict.fromkeys(times, 0.0)
    for _ in range(500):
        for t in times:
            own = [x - a[s] for (s, u), x in points.items() if u == t]
            b[t] = sum(own) / len(own)
        for s in states:
            own = [x - b[t] for (u, t), x in points.items() if u == s]
            a[s] = sum(own) / len(own)
    mean = sum(a.values()) / len(a)
    spread = math.sqrt(sum((v - mean) ** 2 for v in a.values()) / (len(a) - 1)) if len(a) > 1 else 0.5
    return b, mean, spread


def polls(opinion: list[Row], record: list[Row]) -> list[Row]:
    """Share unfavourable among those with a view, one row per pair and quarter."""
    found = answers(opinion, record)
    unfavourable(found)
    rows = []
    for pair, target in POLLED.items():
        members = GROUPS[pair.split(">")[0]]
        own = [a for a in found if a["target"] == target and a["state"] in members]
        cells: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for a in own:
            cells[a["state"], quarter(a["date"])].append(a)
        points = {key: sum(a["x"] for a in group) / len(group) for key, group in cells.items()}
        if not points:
            continue
        level, mean, spread = two_way(points)
        for day in sorted(level):
            here = [a for (_, t), group in cells.items() if t == day for a in group]
            states = sorted({a["state"] for a in here})
            low, whole = all(a["low"] for a in here), any(a["whole"] for a in here)
            error = math.hypot(0.25, spread / math.sqrt(len(states))) if len(members) > 1 else (0.5 if not whole else None)
            who = sorted({a["pollster"] for a in here})
            note = ", ".join(states) if len(members) > 1 else ("" if len(here) == 1 else f"mean of {len(here)} polls")
            note += "; from memory, error doubled" if low else ("; no answer of the other kind reported" if not whole else "")
            row_ = row(
                "polls",
                day,
                pair,
                expit(level[day] + mean),
                0.7 if low else error,
                "low" if low else "high",
                ";".join(who),
                note.strip("; "),
            )
            rows.append(row_)
    return rows
