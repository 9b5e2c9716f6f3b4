"""One sentence per bad input: what, where, what was expected, the nearest right name."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any


class ScenarioError(Exception):
    """A scenario that cannot be used, as one sentence.

    `file` is relative to the scenario's folder, `line` counts from 1 (None: the whole file), `field` is a path such as
    `ranges[2].parameter`. `more` holds the further problems that the same reading found.
    """

    def __init__(self, message: str, file: str = "", line: int | None = None, field: str = "", more: Sequence[ScenarioError] = ()) -> None:
        super().__init__(message, file, line, field)
        self.message = message
        self.file = file
        self.line = line
        self.field = field
        self.more = tuple(more)

    def __str__(self) -> str:
        place = ", ".join(part for part in (one_line(self.file), f"line {self.line}" if self.line else "", self.field) if part)
        return f"{place}: {self.message}" if place else self.message

    def order(self) -> tuple[str, int, str, str]:
        """Sorting key: by file, then by line."""
        return (self.file, self.line or 0, self.field, self.message)


def one_line(text: str) -> str:
    """Text without line breaks and other controls, so that a file's name or a value cannot break the sentence."""
    return "".join(c if c.isprintable() else " " for c in text)


def quote(text: str, limit: int = 60) -> str:
    """The text in quotation marks on one line, cut at `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return one_line(json.dumps(cut, ensure_ascii=False).encode("utf-8", "replace").decode())


def listing(names: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    items = list(names)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def hint(name: str, known: Iterable[str], show: int = 12, cutoff: float = 0.6) -> str:
    """`; did you mean "x"?`, or the names to choose from when none is near and they are few."""
    names = sorted({str(k) for k in known})
    near = difflib.get_close_matches(name[:200], names, n=1, cutoff=cutoff)
    if near:
        return f"; did you mean {quote(near[0])}?"
    if names and len(names) <= show:
        return f"; expected {listing(names)}"
    return ""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """`unknown actor "nroth"; did you mean "north"?`"""
    return f"unknown {kind} {quote(name)}{hint(name, known)}"


def found(value: Any) -> str:
    """A value as a person would name it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {quote(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return "one that is not finite" if not math.isnan(value) else "one that is not a number"
    if isinstance(value, int | float):
        return f"the number {value!r:.40}"
    if isinstance(value, date):
        return f"the date {value.isoformat()}"
    if isinstance(value, tuple | list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "a mapping"
    return f"a {type(value).__name__}"


def path(location: Iterable[str | int]) -> str:
    """`("ranges", 2, "parameter")` → `ranges[2].parameter`."""
    out = ""
    for part in location:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += ("." if out else "") + one_line(part if len(part) <= 60 else part[:59] + "…")
    return out
