"""CSV of the record → rows, each with its line. Header, types, dates inside the history, order, names, duplicates."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from .entries import Coverage, Event, Measure, Rung
from .errors import ScenarioError, hint, listing, quote, unknown
from .read import read_text
from .schema import Series

ROW_LIMIT = 200_000
PROBLEM_LIMIT = 50
"""Problems told per file; a wrong delimiter would give one per row."""
TEXT_LIMIT = 3000

Parser = Callable[[str], Any]
Row = dict[str, Any]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?", re.ASCII)


def text(value: str) -> str:
    """Free text. Raises ValueError when it is too long."""
    if len(value) > TEXT_LIMIT:
        raise ValueError(f"text of {len(value):,} characters; expected at most {TEXT_LIMIT:,}")
    return value.strip()


def word(value: str) -> str:
    """A name that must be given."""
    if not value.strip():
        raise ValueError("expected a name, found nothing")
    if len(value) > 90:
        raise ValueError("a name of more than 90 characters")
    return value.strip()


def day(value: str) -> date:
    """An ISO date."""
    try:
        if _DAY.fullmatch(value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{quote(value)} is not a day of the calendar") from None
    raise ValueError(f"expected a date such as 1999-03-12, found {quote(value)}")


def number(value: str) -> float:
    """A finite number."""
    if not _NUMBER.fullmatch(value.strip()) or not math.isfinite(float(value)):
        raise ValueError(f"expected a number, found {quote(value)}")
    return float(value)


def error_or_none(value: str) -> float | None:
    """A standard deviation above 0, or nothing."""
    if not value.strip():
        return None
    if number(value) <= 0:
        raise ValueError(f"expected an error above 0, or nothing, found {quote(value)}")
    return number(value)


def among(*names: str) -> Parser:
    """One of a few words."""

    def parse(value: str) -> str:
        if value.strip() not in names:
            raise ValueError(f"expected {listing(names)}, found {quote(value)}")
        return value.strip()

    return parse


def whole(*values: int) -> Parser:
    """One of a few whole numbers."""

    def parse(value: str) -> int:
        if value.strip() not in {str(v) for v in values}:
            raise ValueError(f"expected {listing(str(v) for v in values)}, found {quote(value)}")
        return int(value)

    return parse


CONFIDENCE = among("high", "medium", "low")
_CITED: dict[str, Parser] = {"confidence": CONFIDENCE, "source": word, "note": text}
EVENTS: dict[str, Parser] = {"date": day, "draw": word, "item": text, "value": whole(0, 1)} | _CITED
COVERAGE: dict[str, Parser] = {"draw": word, "item": text, "start": day, "end": day, "note": text}
ONSET = among("incident", "decision", "third_party")
RUNGS: dict[str, Parser] = {
    "id": word, "rivalry": word, "start": day, "end": day, "rung": whole(1, 2, 3, 4), "onset": ONSET,
} | _CITED  # fmt: skip
MEASURES: dict[str, Parser] = {"series": word, "date": day, "item": word, "value": number, "error": error_or_none} | _CITED


def read(folder: Path, file: str, columns: Mapping[str, Parser]) -> tuple[list[Row], list[ScenarioError]]:
    """Rows of one CSV as dictionaries with `line` added, and what is wrong with the file."""
    problems: list[ScenarioError] = []
    rows: list[Row] = []
    try:
        for item in _rows(read_text(folder / file, file), file, columns):
            if isinstance(item, ScenarioError):
                problems.append(item)
            else:
                rows.append(item)
            if len(problems) >= PROBLEM_LIMIT:
                break
    except ScenarioError as error:
        problems.append(error)
    return rows, problems


def _rows(content: str, file: str, columns: Mapping[str, Parser]) -> Iterator[Row | ScenarioError]:
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if header is None:
                header = [cell.strip() for cell in cells]
                _header(header, file, columns)
            elif cells:
                yield from _row(header, cells, file, line, columns)
            line = reader.line_num + 1
            if line > ROW_LIMIT:
                raise ScenarioError(f"more than {ROW_LIMIT:,} lines", file)
    except csv.Error as error:
        raise ScenarioError(f"not CSV: {str(error)[:120]}", file, line) from None
    if header is None:
        raise ScenarioError(f"the file is empty; expected the header {','.join(columns)}", file)


def _header(header: list[str], file: str, columns: Mapping[str, Parser]) -> None:
    for name in header:
        if name not in columns:
            raise ScenarioError(f"unknown column {quote(name)}{hint(name, columns)}", file, 1)
    for name in columns:
        if header.count(name) != 1:
            problem = f"the column {quote(name)} is missing" if name not in header else f"the column {quote(name)} stands twice"
            raise ScenarioError(f"{problem}; expected the header {','.join(columns)}", file, 1)


def _row(header: list[str], cells: list[str], file: str, line: int, columns: Mapping[str, Parser]) -> Iterator[Row | ScenarioError]:
    if len(cells) != len(header):
        yield ScenarioError(f"expected {len(header)} cells, found {len(cells)}", file, line)
        return
    row: dict[str, Any] = {"line": line}
    for name, cell in zip(header, cells, strict=True):
        try:
            row[name] = columns[name](cell)
        except ValueError as error:
            yield ScenarioError(str(error), file, line, name)
            return
    yield row


class Table:
    """One file of the record being checked against its scenario's dates and names."""

    def __init__(self, file: str, first: date, last: date, names: Iterable[str], sources: Iterable[str]) -> None:
        self.file, self.first, self.last = file, first, last
        self.names, self.sources = frozenset(names), frozenset(sources)
        self.problems: list[ScenarioError] = []

    def complain(self, message: str, line: int, field: str) -> None:
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(ScenarioError(message, self.file, line, field))

    def inside(self, value: date, line: int, field: str) -> None:
        if not self.first <= value <= self.last:
            self.complain(f"the date {value} is outside the record, {self.first} … {self.last}", line, field)

    def span(self, start: date, end: date, line: int) -> None:
        self.inside(start, line, "start")
        self.inside(end, line, "end")
        if end < start:
            self.complain(f"the span ends on {end}, before its start on {start}", line, "end")

    def item(self, value: str, line: int) -> None:
        if value not in self.names:
            self.complain(unknown("item", value, self.names), line, "item")

    def cited(self, value: str, line: int) -> None:
        for key in (part.strip() for part in value.split(";")):
            if self.sources and key not in self.sources:
                self.complain(unknown("source", key, self.sources), line, "source")

    def order(self, before: date | None, value: date, line: int, field: str) -> None:
        if before is not None and value < before:
            self.complain(f"the row of {value} follows one of {before}; expected rows in order of time", line, field)


def events(table: Table, rows: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Rows of events.csv; one per draw, item and quarter."""
    out: list[Event] = []
    seen: dict[tuple[str, str, int], int] = {}
    for event in (Event(**row) for row in rows):
        table.inside(event.date, event.line, "date")
        table.order(out[-1].date if out else None, event.date, event.line, "date")
        if event.item:
            table.item(event.item, event.line)
        table.cited(event.source, event.line)
        key = (event.draw, event.item, event.date.year * 4 + (event.date.month - 1) // 3)
        if key in seen:
            what = f"{event.draw} {event.item}".strip()
            table.complain(f"a second row for {quote(what)} in one quarter; the first is in line {seen[key]}", event.line, "date")
        seen.setdefault(key, event.line)
        out.append(event)
    return tuple(out)


def coverage(table: Table, rows: Iterable[Mapping[str, Any]]) -> tuple[Coverage, ...]:
    """Rows of coverage.csv."""
    out = tuple(Coverage(**row) for row in rows)
    for row in out:
        table.span(row.start, row.end, row.line)
        if row.item not in ("", "*"):
            table.item(row.item, row.line)
    return out


def rungs(table: Table, rows: Iterable[Mapping[str, Any]], rivalries: Iterable[str]) -> tuple[Rung, ...]:
    """Rows of rungs.csv."""
    out: list[Rung] = []
    seen: dict[str, int] = {}
    for rung in (Rung(**row) for row in rows):
        table.span(rung.start, rung.end, rung.line)
        table.order(out[-1].start if out else None, rung.start, rung.line, "start")
        table.cited(rung.source, rung.line)
        if rung.rivalry not in rivalries:
            table.complain(unknown("rivalry", rung.rivalry, rivalries), rung.line, "rivalry")
        if rung.id in seen:
            table.complain(f"the id {quote(rung.id)} stands already in line {seen[rung.id]}", rung.line, "id")
        seen.setdefault(rung.id, rung.line)
        out.append(rung)
    return tuple(out)


def measures(table: Table, rows: Iterable[Mapping[str, Any]], series: Mapping[str, Series]) -> tuple[Measure, ...]:
    """Rows of a file of measures: each series in one block, in order of time."""
    out: list[Measure] = []
    seen: dict[tuple[str, date, str], int] = {}
    finished: set[str] = set()
    for measure in (Measure(**row, file=table.file) for row in rows):
        line, last = measure.line, out[-1] if out else None
        table.inside(measure.date, line, "date")
        table.item(measure.item, line)
        table.cited(measure.source, line)
        if measure.series not in series:
            table.complain(unknown("series", measure.series, series), line, "series")
        else:
            _scale(table, measure, series[measure.series].transform)
        if last is not None and last.series == measure.series:
            table.order(last.date, measure.date, line, "date")
        elif last is not None:
            finished.add(last.series)
            if measure.series in finished:
                table.complain(f"rows of {quote(measure.series)} stand apart; expected rows sorted by series, then date", line, "series")
        key = (measure.series, measure.date, measure.item)
        if key in seen:
            table.complain(f"a second row for {measure.item} on {measure.date}; the first is in line {seen[key]}", line, "item")
        seen.setdefault(key, line)
        out.append(measure)
    return tuple(out)


def _scale(table: Table, measure: Measure, transform: str) -> None:
    if transform == "log" and measure.value <= 0:
        table.complain(f"expected a value above 0 for a series on a log scale, found {measure.value:g}", measure.line, "value")
    if transform == "logit" and not 0 < measure.value < 1:
        table.complain(f"expected a value between 0 and 1 for a series on a logit scale, found {measure.value:g}", measure.line, "value")
