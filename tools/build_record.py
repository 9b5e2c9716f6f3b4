"""Builds the record of `euro_atlantic` from the project's data folder. Twice the same folder gives the same bytes.

    python tools/build_record.py DATA [--out FOLDER] [--check]

DATA holds milex.csv, gdp.csv, warheads.csv, opinion.csv, interactions_icews.csv and record/*.csv. Written: record/events.csv, coverage.csv,
rungs.csv, measures.csv; outside_view.csv; and below their markers the generated part of sources.yaml and the section `views` of
scenario.yaml. `--check` writes nothing and fails when a file would change.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import record_economy as economy
import record_polls
import record_series as series
import record_spells as told
import record_tables as tables
from scipy.stats import gamma

SCENARIO = Path(__file__).resolve().parents[1] / "src" / "detente" / "scenarios" / "euro_atlantic"
MARK = "# ---- below: written by tools/build_record.py, changes there are lost ----\n"
MEMORY = "widely documented; recalled, not looked up"
YEARS = 31.0
Row = dict[str, Any]


class Data:
    """The data folder: tables by name, rows by `table:id`, and a key of the bibliography for each page that a used row names."""

    def __init__(self, folder: Path) -> None:
        """Reads every table once; OSError where the folder lacks one."""
        names = (
            "channels",
            "crises",
            "expert_forecasts",
            "incidents",
            "meetings",
            "membership",
            "opinion",
            "statements",
            "treaties",
            "treaty_events",
            "yearly",
        )
        self.record = {name: self.read(folder / "record" / f"{name}.csv") for name in names}
        self.plain = {name: self.read(folder / f"{name}.csv") for name in ("milex", "gdp", "warheads", "opinion", "interactions_icews")}
        self.by_id = {f"{name}:{r['id']}": r for name, rows in self.record.items() for r in rows if "id" in r}
        self.pages: dict[str, tuple[str, str]] = {}

    @staticmethod
    def read(path: Path) -> list[Row]:
        """Rows of one CSV file."""
        with path.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def key(self, row: Row) -> str:
        """Bibliography key of a row's page, made from its title; `from_memory` where the row was recalled."""
        title, url = row["source_title"], row["source_url"]
        if title == MEMORY:
            return "from_memory"
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        words = [
            w for w in re.findall(r"[a-z0-9]+", plain) if w not in {"the", "of", "a", "to", "in", "on", "and", "s", "for", "as", "its"}
        ]
        stem = "_".join(words[:5])
        name, n = stem, 2
        while name in self.pages and self.pages[name] != (title, url):
            name, n = f"{stem}_{n}", n + 1
        self.pages[name] = (title, url)
        return name


def events(data: Data) -> list[Row]:
    """Rows of events.csv; date and confidence from the event record unless the hand table says otherwise."""
    rows = []
    for hand in tables.EVENTS:
        found = data.by_id[hand.row] if hand.row else {}
        date = found["end"] if hand.date == "end" else hand.date or found["date"]
        rows.append(
            {
                "date": date,
                "draw": hand.draw,
                "item": hand.item,
                "value": hand.value,
                "confidence": hand.confidence or found["confidence"],
                "source": hand.source or (data.key(found) if found else "from_memory"),
                "note": hand.note,
            }
        )
    return sorted(rows, key=lambda r: (r["date"], r["draw"], r["item"]))


def rungs(data: Data) -> list[Row]:
    """Rows of rungs.csv: a part of an episode is `whole:part`, so that episodes are the ids without a colon."""
    rows: list[Row] = []

    def add(row: Row, rivalry: str, column: str, splits: dict[str, Any], low: set[str]) -> None:
        whole = told.PREFIX.get(rivalry, "") + (f"{row['part_of']}:{row['id']}" if row["part_of"] else row["id"])
        default = ("", row["date"], row["end"] or tables.END, int(row[column]), row["confidence"], "")
        for part, start, end, rung, confidence, why in splits.get(row["id"], (default,)):
            note = told.NAMES.get(row["id"], row["crisis"])
            rows.append(
                {
                    "id": f"{whole}:{part}" if part else whole,
                    "rivalry": rivalry,
                    "start": start,
                    "end": end,
                    "rung": rung,
                    "onset": row["onset"],
                    "confidence": "low" if row["id"] in low else confidence,
                    "source": told.PART_SOURCES.get(f"{row['id']}:{part}") or data.key(row),
                    "note": f"{note}; {why}" if why else note,
                }
            )

    for row in data.record["crises"]:
        if int(row["rung_direct"]) > 0:
            add(row, "nato_russia", "rung_direct", told.DIRECT_SPLITS, set())
        if row["id"] in told.THIRD:
            add(row, told.THIRD[row["id"]], "rung_third", told.THIRD_SPLITS, told.LOW_THIRD)
    rows += [spell._asdict() for spell in told.ELSEWHERE]
    return sorted(rows, key=lambda r: (r["start"], r["rivalry"], r["id"]))


def measures(data: Data) -> list[Row]:
    """Rows of measures.csv."""
    plain, record = data.plain, data.record
    rows = economy.economies(plain["milex"], plain["gdp"]) + economy.warheads(plain["warheads"])
    rows += record_polls.polls(plain["opinion"], record["opinion"]) + series.news(plain["interactions_icews"])
    rows += series.statements(record["statements"], data.key) + series.shown(record["incidents"], record["yearly"], data.key)
    return sorted(rows, key=lambda r: (r["series"], r["date"], r["item"]))


def ten(rate: float) -> float:
    """Probability of at least one event in ten years at a constant rate."""
    return -math.expm1(-10.0 * rate)


def base_rate(n: int) -> tuple[float, float, float, float]:
    """Rate a year (mean, 2.5 %, 97.5 %) of n events in 31 years under Jeffreys' prior, and the predictive probability of ten years."""
    low, high = (float(gamma.ppf(q, n + 0.5, scale=1 / YEARS)) for q in (0.025, 0.975))
    return (n + 0.5) / YEARS, low, high, 1 - (YEARS / (YEARS + 10.0)) ** (n + 0.5)


def entries(spells: list[Row], rivalry: str, least: int) -> int:
    """Quarters at or above a rung that follow one below it; a quarter takes the highest rung that touches it, as the model does."""
    top = [0] * (4 * int(YEARS))
    for r in spells:
        if r["rivalry"] == rivalry:
            first, last = (4 * (int(r[c][:4]) - 1991) + (int(r[c][5:7]) - 1) // 3 for c in ("start", "end"))
            for q in range(first, last + 1):
                top[q] = max(top[q], int(r["rung"]))
    return sum(now >= least > before for before, now in zip([0, *top], top))


RIVALRIES = (("nato_russia", 2), ("nato_russia", 3), ("nato_russia", 4), ("russia_ukraine", 4), ("russia_georgia", 4), ("usa_china", 2))


def outside_view(data: Data, spells: list[Row]) -> list[Row]:
    """Base rates (Poisson, Jeffreys interval of 95 %: Gamma(n + ½, 31 years)) and forecasts at a constant hazard over ten years."""
    counts = []
    for rivalry, least in RIVALRIES:
        whole = {r["id"] for r in spells if r["rivalry"] == rivalry and int(r["rung"]) >= least and ":" not in r["id"]}
        counts.append((f"{rivalry}_{least}", rivalry, least, len(whole), "episodes begun"))
    n = entries(spells, "nato_russia", 2)
    counts.insert(
        1, ("nato_russia_2_quarters", "nato_russia", 2, n, "entries of the quarterly series, in which episodes that touch are one")
    )
    rows = []
    for name, rivalry, least, n, what in counts:
        rate, low, high, predictive = base_rate(n)
        rows.append(
            {"id": name, "kind": "base_rate", "about": f"entry into rung {least} or above, {rivalry}", "n": n, "years": "31"}
            | dict(zip(NUMBERS, (rate, low, high, predictive, ten(low), ten(high))))
            | {
                "date": tables.END,
                "confidence": "low" if rivalry in ("usa_china", "russia_georgia") else "medium",
                "source": "event_record",
            }
            | {"note": f"{what}, 1991 to 2021; rate: mean, ten years: predictive, under Jeffreys' prior{RARE if n == 0 else ''}"}
        )
    for name, about in told.FORECASTS.items():
        r = data.by_id[f"expert_forecasts:{name}"]
        given = [float(r[c]) if r[c] else None for c in ("probability", "probability_low", "probability_high")]
        rates = [None if p is None else -math.log1p(-p) / float(r["horizon_years"]) for p in given]
        note = f"{r['source_body']}, {r['statistic']}: {given[0]:g} over {r['horizon_years']} years" + (
            f"; {r['note']}" if r["note"] else ""
        )
        rows.append(
            {"id": name, "kind": "forecast", "about": about, "n": r["respondents"], "years": r["horizon_years"]}
            | dict(zip(NUMBERS, (*rates, *(None if x is None else ten(x) for x in rates))))
            | {"date": r["date"], "confidence": r["confidence"], "source": data.key(r), "note": note}
        )
    for r in rows:
        r |= {column: "" if r[column] is None else f"{r[column]:.4g}" for column in NUMBERS}
    return rows


RARE = "; with none in the record it is mostly the prior: read the interval"
NUMBERS = ("rate", "rate_low", "rate_high", "ten_years", "ten_low", "ten_high")


def views(rows: list[Row]) -> str:
    """The section `views` of scenario.yaml: what stands beside Q1, over ten years. Nuclear use is in outside_view.csv only."""
    lines = [
        "# Beside Q1 (first entry into war, rung 4): the record and experts, ten years at a constant hazard. All in outside_view.csv.",
        "views:",
    ]
    for r in rows:
        if not (r["id"].startswith("nato_russia") or r["id"] == "ps21-nato"):
            continue
        label, note = f"experts: {r['about']}", r["note"]
        if r["kind"] == "base_rate":
            label = "the record's own rate: " + r["about"].replace(", nato_russia", ", by quarter" if "quarters" in r["id"] else "")
            note = f"{r['n']} in 31 years: {r['rate']} a year, 95 % interval {r['rate_low']} to {r['rate_high']}; {note}"
        lines += ["  - question: Q1", f"    label: {quoted(label)}", f"    value: {r['ten_years']}", "    years: 10"]
        rung = re.search(r"nato_russia_(\d)", r["id"])
        lines += [f"    rung: {rung.group(1) if rung else 4}"]  # experts were asked for a conflict of the sides: war
        if r["ten_low"]:
            lines += [f"    range: [{r['ten_low']}, {r['ten_high']}]"]
        lines += [f"    source: {r['source']}", f"    note: {quoted(note)}"]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A double-quoted YAML scalar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def bibliography(data: Data) -> str:
    """Entries for the pages that used rows name."""
    lines = []
    for key in sorted(data.pages):
        title, url = data.pages[key]
        lines += [f"{key}:\n  title: {quoted(title)}"] + ([f"  url: {quoted(url)}"] if url else [])
    return "\n".join(lines) + "\n"


def table(rows: list[Row], columns: tuple[str, ...]) -> str:
    """CSV text, one header row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def below(path: Path, text: str) -> str:
    """A file's own text up to the marker, then `text`."""
    own = path.read_text(encoding="utf-8") if path.exists() else ""
    return own.split(MARK)[0].rstrip("\n") + "\n\n" + MARK + text


def build(folder: Path, out: Path) -> dict[Path, str]:
    """Text of every file that the script owns, by path."""
    data = Data(folder)
    happened, spells, measured = events(data), rungs(data), measures(data)
    outside = outside_view(data, spells)
    spans = [{"draw": d, "item": i, "start": tables.START, "end": tables.END, "note": note} for d, i, note in tables.COVERAGE]
    record = out / "record"
    return {
        record / "events.csv": table(happened, ("date", "draw", "item", "value", "confidence", "source", "note")),
        record / "coverage.csv": table(spans, ("draw", "item", "start", "end", "note")),
        record / "rungs.csv": table(spells, ("id", "rivalry", "start", "end", "rung", "onset", "confidence", "source", "note")),
        record / "measures.csv": table(measured, ("series", "date", "item", "value", "error", "confidence", "source", "note")),
        out / "outside_view.csv": table(outside, tuple(outside[0])),
        out / "sources.yaml": below(out / "sources.yaml", bibliography(data)),
        out / "scenario.yaml": below(out / "scenario.yaml", views(outside)),
    }


def main() -> int:
    """Builds or checks; the exit status is 1 when a check finds a file that would change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the data folder")
    parser.add_argument("--out", type=Path, default=SCENARIO, help="the scenario's folder")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file would change")
    options = parser.parse_args()
    changed = []
    for path, text in build(options.data, options.out).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(path)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}: {text.count(chr(10))} lines{', changed' if path in changed else ''}\n")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
