"""What a page may ask for: levers, theories, values held by hand. Bounded before anything is computed."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = 1
MINE = "mine"
"""Version of the messages and of the state in the page's address."""
BYTES = 30_000
"""Longest message accepted."""
THEORIES, HELD = 12, 24


class BadAsk(ValueError):
    """The message is not what it should be; says how."""


@dataclass(frozen=True)
class Known:
    """Names that an ask may use: packages with levers, theories, and parameters with the bounds of what may be held."""

    packages: Collection[str]
    theories: Collection[str]
    parameters: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Ask:
    """One state of the page. `levers` package → strength (0–1); `held` theory → parameter → value from the record's end on."""

    move: int
    levers: tuple[tuple[str, float], ...] = ()
    theories: tuple[str, ...] = ()
    held: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = ()
    courses: bool = False
    """Are courses over the years wanted too?"""

    @property
    def key(self) -> Any:
        """What the figures depend on, whoever asks."""
        return self.levers, self.held

    def of(self, theory: str) -> tuple[tuple[str, float], ...]:
        """Values held under one theory."""
        return next((values for name, values in self.held if name == theory), ())


def opened(text: str | bytes) -> dict[str, Any]:
    """A message as an object of this schema. Raises BadAsk."""
    if len(text) > BYTES:
        raise BadAsk(f"expected at most {BYTES} bytes")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadAsk("expected JSON") from None
    if not isinstance(data, dict) or data.get("v") != SCHEMA:
        raise BadAsk(f"expected an object of schema {SCHEMA}")
    return data


def read(text: str | bytes, known: Known) -> Ask:
    """A message as a checked Ask. Raises BadAsk on anything unknown, too large or out of bounds."""
    data = opened(text)
    if strangers := set(data) - {"v", "kind", "move", "levers", "theories", "held", "courses"}:
        raise BadAsk(f"unknown field {sorted(strangers)[0][:40]!r}")
    move = data.get("move")
    if not isinstance(move, int) or isinstance(move, bool) or not 0 <= move < 2**53:
        raise BadAsk("expected a whole number of the move")
    levers = _numbers(data.get("levers", {}), dict.fromkeys(known.packages, (0.0, 1.0)), "package")
    return Ask(
        move,
        tuple((k, v) for k, v in levers if v > 0.0),
        _names(data.get("theories", []), known.theories),
        _held(data.get("held", {}), known),
        data.get("courses") is True,
    )


def _names(value: Any, known: Collection[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= THEORIES:
        raise BadAsk(f"expected 1 to {THEORIES} theories")
    for name in value:
        if not isinstance(name, str) or (name != MINE and name not in known):
            raise BadAsk("unknown theory")
    return tuple(dict.fromkeys(value))


def _numbers(value: Any, bounds: Mapping[str, tuple[float, float]], kind: str) -> list[tuple[str, float]]:
    if not isinstance(value, dict):
        raise BadAsk(f"expected numbers by {kind}")
    out = []
    for name, number in value.items():
        if name not in bounds:
            raise BadAsk(f"unknown {kind}")
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise BadAsk(f"expected a finite number for {kind} {name}")
        low, high = bounds[name]
        if not low - 1e-9 <= number <= high + 1e-9:
            raise BadAsk(f"expected {low:g} to {high:g} for {kind} {name}")
        out.append((name, float(number)))
    return sorted(out)


def doubt(data: Mapping[str, Any], known: Known) -> tuple[str, tuple[tuple[str, float], ...]]:
    """(theory, values of the parameters doubted) of a message of kind doubt. Raises BadAsk."""
    found = _held({data.get("theory"): data.get("held")} if isinstance(data.get("theory"), str) else None, known)
    if set(data) - {"v", "kind", "theory", "held"} or not found or found[0][0] == MINE:
        raise BadAsk("expected a theory and the values at which its parameters are doubted")
    return found[0]


def _held(value: Any, known: Known) -> tuple[tuple[str, tuple[tuple[str, float], ...]], ...]:
    if not isinstance(value, dict) or len(value) > THEORIES:
        raise BadAsk("expected held values by theory")
    out = []
    for theory, values in value.items():
        if theory != MINE and theory not in known.theories:
            raise BadAsk("unknown theory")
        found = _numbers(values, known.parameters, "parameter")
        if len(found) > HELD:
            raise BadAsk(f"expected at most {HELD} held parameters")
        if found:
            out.append((theory, tuple(found)))
    return tuple(sorted(out))
