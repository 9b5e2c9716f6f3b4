"""Coded statements and news events of `euro_atlantic`, and the series that are only shown."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from record_common import GROUPS, Row, number, quarter, row
from record_tables import END, START

SPEAKERS = {
    "Russia": ("rus",),
    "NATO": ("usa", "west"),
    "United States": ("usa",),
    "United Kingdom": ("west",),
    "United States; United Kingdom; Australia": ("usa", "pac"),
}
"""A word of the alliance is counted for its leader and for western Europe."""
OBJECTS = {
    "USSR": ("rus",),
    "Russia": ("rus",),
    "NATO": ("usa", "west"),
    "West": ("usa", "west"),
    "adversaries": ("usa", "west"),
    "United States": ("usa",),
    "Europe": ("west",),
    "China": ("chn",),
}
SILENT = {"sc-2030"}
"""An agenda of the summit whose communiqué (br21) names the threat: it speaks of other things."""
PAIRED = {"rus>usa", "rus>west", "usa>rus", "west>rus", "usa>chn", "pac>chn"}


def directed(r: Row) -> list[str]:
    """Directed pairs that a statement speaks of; the alliance's level for Russia is not read as one for China, the leader's is."""
    if r["about"] == "each other":
        other = ("usa", "west") if "NATO" in r["actor"] else ("usa",)
        return [f"rus>{o}" for o in other] + [f"{o}>rus" for o in other]
    about = r["about"]
    objects = ("chn", "rus") if about == "China; Russia" else ("rus",) if about == "Russia; China" else OBJECTS.get(about, ())
    return [f"{s}>{o}" for s in SPEAKERS.get(r["actor"], ()) for o in objects]


def statements(table: list[Row], key: Any) -> list[Row]:
    """Threat level −2…3 as the share (level + 2.5)/6 of the scale, mean per pair and quarter."""
    cells: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for r in table:
        for pair in directed(r):
            if pair in PAIRED and r["id"] not in SILENT and START <= r["date"] <= END and r["confidence"] != "low":
                cells[pair, quarter(r["date"])].append(r)
    rows = []
    for (pair, day), group in sorted(cells.items()):
        levels = [int(r["threat_level"]) for r in group]
        note = "; ".join(f"{r['id']} {r['threat_level']}" for r in group)
        rows.append(
            row(
                "statements",
                day,
                pair,
                (sum(levels) / len(levels) + 2.5) / 6,
                1.0 / math.sqrt(len(levels)) + 0.3,
                "medium",
                key(group[0]),
                note,
            )
        )
    return rows


MET = (
    *(("rus", other) for other in ("usa", "west", "central", "balt", "nord", "ukr", "geo")),
    *(("usa", "chn"), ("pac", "chn"), ("west", "chn"), ("pac", "rus")),
)
NEWS = {f"{a}>{b}" for x, y in MET for a, b in ((x, y), (y, x))}
QUADS = {"verbal_coop": 3.0, "material_coop": 7.0, "verbal_conf": -4.0, "material_conf": -8.0}
"""Weights near the mean Goldstein score of the four kinds of event; from memory, rounded."""


def news(table: list[Row]) -> list[Row]:
    """Net share of cooperation Σ w n / Σ |w| n, −1…1, by pair and year; error: sampling at tenfold variance (repeated reports) + 0.05."""
    member = {c: g for g, codes in GROUPS.items() for c in codes}
    counts: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: dict.fromkeys(QUADS, 0.0))
    for r in table:
        pair = f"{member.get(r['source'])}>{member.get(r['target'])}"
        if pair in NEWS:
            for kind in QUADS:
                counts[pair, r["year"]][kind] += number(r[kind]) or 0.0
    rows = []
    for (pair, year), n in sorted(counts.items()):
        mass = sum(abs(w) * n[k] for k, w in QUADS.items())
        if sum(n.values()) < 30:
            continue
        value = sum(w * n[k] for k, w in QUADS.items()) / mass
        variance = sum(n[k] * (abs(w) * (math.copysign(1, w) - value)) ** 2 for k, w in QUADS.items()) / mass**2
        rows.append(
            row(
                "icews",
                f"{year}-07-01",
                pair,
                value,
                math.sqrt(10 * variance) + 0.05,
                "medium",
                "icews2015",
                f"{sum(n.values()):.0f} events",
            )
        )
    return rows


SCRAMBLES = {
    "nato_vs_russia": ("encounters", "rus>west"),
    "baltic_vs_russia": ("encounters_baltic", "rus>balt"),
    "norway_scrambles": ("encounters_norway", "rus>west"),
}


def shown(incidents: list[Row], yearly: list[Row], key: Any) -> list[Row]:
    """Series that nothing is learnt from: scrambles, the largest announced exercise, meetings recorded."""
    rows = []
    for r in incidents:
        if r["series"] in SCRAMBLES and r["confidence"] != "low":
            series, item = SCRAMBLES[r["series"]]
            rows.append(
                row(series, f"{r['date'][:4]}-07-01", item, float(r["value"]), None, r["confidence"], key(r), "scrambles in the year")
            )
    for r in yearly:
        day = f"{r['year']}-07-01"
        for item, column in (("rus", "largest_exercise_russia"), ("usa", "largest_exercise_nato")):
            if r[column]:
                rows.append(
                    row(
                        "exercises",
                        day,
                        item,
                        float(r[column]),
                        None,
                        "medium",
                        "event_record",
                        "troops announced, largest of the year" + ("; NATO or a member" if item == "usa" else ""),
                    )
                )
        rows.append(
            row(
                "meetings",
                day,
                "leaders",
                float(r["us_ru_summits"]),
                None,
                "medium",
                "event_record",
                "meetings of the presidents in the year",
            )
        )
        rows.append(
            row(
                "meetings",
                day,
                "council",
                float(r["nrc_meetings_recorded"]),
                None,
                "medium",
                "event_record",
                "recorded, far from complete for 1997 to 2014",
            )
        )
        both = float(r["cjcs_cgs_meetings"]) + float(r["saceur_cgs_meetings"])
        rows.append(
            row(
                "meetings",
                day,
                "deconfliction",
                both,
                None,
                "medium",
                "event_record",
                "meetings of the chiefs of staff and of the supreme commander",
            )
        )
    return rows
