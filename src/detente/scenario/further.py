"""A folder of further years of the record → the scenario with them joined on, its history ending later.

The folder holds what a scenario's `record/` holds, in the same format and with the same column heads (events.csv, coverage.csv, rungs.csv, measures.csv; any
of them), and may hold a sources.yaml of its own. Every row lies after the scenario's record; silence counts only where coverage.csv says so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from . import links, tables
from .complaints import build
from .entries import Bibliography, Scenario
from .errors import ScenarioError, hint, quote
from .names import validate_names
from .read import read_yaml

FIXED = {"events.csv": tables.EVENTS, "coverage.csv": tables.COVERAGE, "rungs.csv": tables.RUNGS}
ONCE = frozenset(["renew"])
"""Draws that are asked at dates of their own: a row needs no coverage."""


def further(scenario: Scenario, folder: str | os.PathLike[str], vocabulary: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario with the rows of a folder joined on; its history ends with the last year that they speak of. Raises the first ScenarioError."""
    reading = _Folder(scenario, Path(folder))
    joined = reading.joined()
    problems = sorted(reading.problems, key=ScenarioError.order)
    if not problems and vocabulary is not None:
        problems = validate_names(joined, vocabulary)
    if problems:
        first, *rest = problems
        first.more = tuple(rest)
        raise first
    return joined


class _Folder:
    """Reads the files of one folder and collects what is wrong."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.scenario, self.folder = scenario, folder
        self.problems: list[ScenarioError] = []
        if not folder.is_dir():
            state = "found a file" if folder.exists() else "found nothing"
            raise ScenarioError(f"expected a folder with further rows of the record, {state}", str(folder))
        self.present = sorted(name for name in os.listdir(folder) if not name.startswith("."))
        self.first = scenario.history.end + timedelta(days=1)
        self.final = scenario.horizon.end.replace(year=scenario.horizon.end.year - 1)

    def joined(self) -> Scenario:
        """Everything read and joined; problems are kept."""
        sources = self.sources()
        rows = self.rows(sources)
        if not self.problems and not any(rows.values()):
            raise ScenarioError("no row in any of its files; expected further rows of the record", str(self.folder))
        ends = [row.end if hasattr(row, "end") else row.date for part in rows.values() for row in part]
        end = date(max(ends).year, 12, 31) if ends else self.scenario.history.end
        if not self.problems:
            self.uncovered(rows)
        whole = {name: getattr(self.scenario, name) + part for name, part in rows.items()}
        history = self.scenario.history.model_copy(update={"end": end})
        return self.scenario.model_copy(update=whole | {"history": history, "sources": sources, "as_of": max(self.scenario.as_of, end)})

    def sources(self) -> dict[str, Any]:
        """The scenario's bibliography with the folder's own."""
        if "sources.yaml" not in self.present:
            return self.scenario.sources
        try:
            document = read_yaml(self.folder / "sources.yaml", "sources.yaml")
        except ScenarioError as error:
            self.problems.append(error)
            return self.scenario.sources
        found, problems = build(Bibliography, document, versioned=False)
        self.problems += problems
        return self.scenario.sources | (found.root if found is not None else {})

    def rows(self, sources: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
        """Rows by kind, checked against the scenario's names and dates."""
        names, series = links.any_name(self.scenario), {item.id: item for item in self.scenario.record}
        measured = {"measures.csv"} | {item.file for item in self.scenario.record} - FIXED.keys()
        out: dict[str, tuple[Any, ...]] = {"events": (), "coverage": (), "rungs": (), "measures": ()}
        for name in self.present:
            if name == "sources.yaml" or name.lower().startswith("readme"):
                continue
            if name not in FIXED and name not in measured:
                self.problems.append(ScenarioError(f"unexpected file{hint(name, {*FIXED, *measured, 'sources.yaml'})}", name))
                continue
            rows, problems = tables.read(self.folder, name, FIXED.get(name, tables.MEASURES))
            table = tables.Table(name, self.first, self.final, names, sources)
            if name == "events.csv":
                out["events"] = tables.events(table, rows)
            elif name == "coverage.csv":
                out["coverage"] = tables.coverage(table, rows)
            elif name == "rungs.csv":
                out["rungs"] = tables.rungs(table, rows, self.scenario.rivalries)
            else:
                out["measures"] += tables.measures(table, rows, series)
            self.problems += problems + table.problems
        return out

    def uncovered(self, rows: Mapping[str, tuple[Any, ...]]) -> None:
        """Complain of what happened where nothing says that its absence would have been told: it would be read as more than it is."""
        held = [(c.draw, c.item, c.start, c.end) for c in rows["coverage"]]
        told = [("events.csv", e.line, e.draw, e.item, e.date) for e in rows["events"] if e.draw not in ONCE]
        told += [("rungs.csv", r.line, "rung", r.rivalry, r.start) for r in rows["rungs"]]
        for file, line, draw, item, day in told:
            if not any(d == draw and i in ("*", "", item) and start <= day <= end for d, i, start, end in held):
                what = f"{draw} {item}".strip()
                message = (
                    f"no row of coverage.csv covers {quote(what)} on {day}; expected the span in which its absence would have been told"
                )
                self.problems.append(ScenarioError(message, file, line))
