"""YAML → plain values with line numbers. The core schema of YAML 1.2 and nothing more: a file from a stranger is safe to open."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from .errors import ScenarioError, quote

SIZE_LIMIT = 5_000_000
"""Bytes; a larger file is refused before it is read."""
NODE_LIMIT = 100_000
"""Values in one file, every alias counted as what it stands for."""
ALIAS_LIMIT = 200
DEPTH_LIMIT = 30

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A file's value (dicts, tuples, scalars) and the line at which each part of it stands."""

    file: str
    value: Any
    lines: dict[Location, int]

    def line(self, location: Iterable[str | int]) -> int | None:
        """Line of the deepest part of `location` that the file holds."""
        here: Location = ()
        for part in location:
            if (*here, part) in self.lines:
                here = (*here, part)
        return self.lines.get(here)

    def error(self, message: str, location: Iterable[str | int] = (), field: str | None = None) -> ScenarioError:
        """A problem at a place of this file."""
        from .errors import path

        where = tuple(location)
        return ScenarioError(message, self.file, self.line(where), path(where) if field is None else field)


def read_text(path: Path, file: str) -> str:
    """A regular UTF-8 file of at most SIZE_LIMIT bytes, as text. Raises ScenarioError."""
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise ScenarioError("expected a file, found a folder", file)
        if not stat.S_ISREG(info.st_mode):
            raise ScenarioError("expected a regular file", file)
        if info.st_size > SIZE_LIMIT:
            raise ScenarioError(f"the file has {info.st_size / 1e6:,.0f} MB; expected at most {SIZE_LIMIT / 1e6:.0f} MB", file)
        with path.open("rb") as handle:
            raw = handle.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise ScenarioError(f"missing file {quote(path.name)}{_neighbour(path)}", file) from None
    except (OSError, ValueError) as error:
        raise ScenarioError(f"the file cannot be read ({getattr(error, 'strerror', None) or 'bad name'})", file) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError("the file is not UTF-8 text; save it as UTF-8", file, line) from None


def _neighbour(path: Path) -> str:
    from .errors import hint

    try:
        return hint(path.name, os.listdir(path.parent), show=0, cutoff=0.8)
    except OSError:
        return ""


def read_yaml(path: Path, file: str) -> Document:
    """The one document of a YAML file, with lines. Raises ScenarioError for whatever is wrong with it."""
    text = read_text(path, file)
    builder = _Builder(file)
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        raise _syntax(error, file) from None
    except YAMLError as error:
        raise ScenarioError(f"not YAML: {_plain(str(error).splitlines()[0])}", file) from None
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError):
        # The parser itself stumbles over some malformed escapes and directives.
        raise ScenarioError("not YAML: the parser could not read it", file) from None
    if not builder.done:
        raise ScenarioError("the file is empty; expected a mapping of `key: value` lines", file)
    if not isinstance(builder.root, dict):
        raise ScenarioError("expected a mapping of `key: value` lines at the top", file, 1)
    return Document(file, builder.root, builder.lines)


def _syntax(error: Any, file: str) -> ScenarioError:
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or error.context or "unreadable")
    if "'\\t'" in problem:
        problem = "a tab stands where spaces are expected; indent with spaces"
    return ScenarioError(f"not YAML: {_plain(problem)}", file, mark.line + 1 if mark is not None else None)


def _plain(text: str) -> str:
    from .errors import one_line

    return one_line(text)[:160]


@dataclass
class _Open:
    """A mapping or sequence being read."""

    location: Location
    start: int
    anchor: str | None
    items: dict[str, Any] | list[Any]
    key: str | None = None

    def place(self) -> str | int:
        return len(self.items) if isinstance(self.items, list) else str(self.key)


@dataclass
class _Builder:
    """Builds the value from parse events with a stack of its own: no recursion, nothing expanded before it is counted."""

    file: str
    root: Any = None
    done: bool = False
    lines: dict[Location, int] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    nodes: int = 0
    aliases: int = 0

    def fail(self, message: str, event: Any, location: Location = ()) -> ScenarioError:
        from .errors import path

        return ScenarioError(message, self.file, event.start_mark.line + 1, path(location))

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent" and self.done:
            raise self.fail("a second YAML document begins here; expected one per file", event)
        if kind in ("MappingStartEvent", "SequenceStartEvent"):
            self.open(event, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.close(event)
        elif kind == "ScalarEvent":
            self.scalar(event)
        elif kind == "AliasEvent":
            self.alias(event)

    def count(self, event: Any, number: int) -> None:
        self.nodes += number
        if self.nodes > NODE_LIMIT:
            raise self.fail(f"the file holds more than {NODE_LIMIT:,} values once its aliases are written out", event)

    def here(self, event: Any) -> Location:
        """Where the next value belongs; notes its line."""
        if not self.stack:
            return ()
        top = self.stack[-1]
        where = (*top.location, top.place())
        self.lines.setdefault(where, event.start_mark.line + 1)
        return where

    def open(self, event: Any, items: dict[str, Any] | list[Any]) -> None:
        self.count(event, 1)
        if len(self.stack) >= DEPTH_LIMIT:
            raise self.fail(f"values are nested more than {DEPTH_LIMIT} deep", event)
        self.untagged(event)
        if self.wants_key():
            raise self.fail("a key must be a plain word, not a list or a mapping", event)
        self.stack.append(_Open(self.here(event), self.nodes, event.anchor, items))

    def close(self, event: Any) -> None:
        top = self.stack.pop()
        value = top.items if isinstance(top.items, dict) else tuple(top.items)
        self.put(value, top.anchor, self.nodes - top.start + 1)

    def wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].items, dict) and self.stack[-1].key is None

    def put(self, value: Any, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size)
        if not self.stack:
            self.root, self.done = value, True
            return
        top = self.stack[-1]
        if isinstance(top.items, list):
            top.items.append(value)
        else:
            top.items[str(top.key)] = value
            top.key = None

    def untagged(self, event: Any) -> None:
        if event.tag is not None:
            raise self.fail(f"the tag {quote(str(event.tag))} is not allowed; a scenario is plain data", event)

    def scalar(self, event: Any) -> None:
        self.count(event, 1)
        self.untagged(event)
        if self.wants_key():
            self.key(event)
            return
        where = self.here(event)
        value: Any = event.value
        if event.implicit[0]:  # plain: neither quoted nor tagged
            try:
                value = resolve(event.value)
            except ValueError as error:
                raise self.fail(str(error), event, where) from None
        self.put(value, event.anchor, 1)

    def key(self, event: Any) -> None:
        top = self.stack[-1]
        if not isinstance(top.items, dict):
            return
        name = event.value
        where = (*top.location, name)
        if name in top.items:
            raise self.fail(f"the key {quote(name)} stands twice; it was given first in line {self.lines[where]}", event, where)
        if event.anchor is not None:
            self.anchors[event.anchor] = (name, 1)
        top.key = name
        self.lines[where] = event.start_mark.line + 1

    def alias(self, event: Any) -> None:
        self.aliases += 1
        if self.aliases > ALIAS_LIMIT:
            raise self.fail(f"the file uses more than {ALIAS_LIMIT} aliases", event)
        if event.anchor not in self.anchors:
            raise self.fail(f"the alias {quote('*' + str(event.anchor))} stands for nothing above it, or contains itself", event)
        if self.wants_key():
            raise self.fail("a key must be a plain word, not an alias", event)
        value, size = self.anchors[event.anchor]
        self.count(event, size)
        self.here(event)
        self.put(value, None, size)


_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def resolve(text: str) -> bool | int | float | date | str | None:
    """A plain scalar by YAML 1.2's core schema, and ISO dates. `yes`, `no` and `on` are words. Raises ValueError."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    if _INT.fullmatch(text) or _FLOAT.fullmatch(text):
        if len(text) > 40:
            raise ValueError("a number of more than 40 characters")
        return int(text) if _INT.fullmatch(text) else float(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{quote(text)} is not a day of the calendar") from None
    return text
