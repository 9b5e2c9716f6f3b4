"""Digests of what matters. An edited label, note, argument or source is no change; an edited number, name or order of an axis is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from .entries import Scenario
from .schema import Structure

PROSE = frozenset(
    [
        *("label", "title", "text", "note", "source", "argument", "holder", "sentence", "place", "claims", "reviewed", "table", "order"),
        *("proposer", "unravels", "unit", "cap_unit", "line", "file", "questions", "views", "record", "schema_version"),
    ]
)
"""Fields that change what is shown and never what is computed; `record` has a digest of its own."""

AIMS = frozenset(["aims", "bargaining"])


def structure(scenario: Scenario) -> str:
    """Actors, pairs, treaties …, mechanisms, the scenario's baseline and start values."""
    return _digest({name: getattr(scenario, name) for name in Structure.model_fields if name not in PROSE | AIMS})


def aims(scenario: Scenario) -> str:
    """What governments would count as gain, and how gains become signatures: no future depends on it."""
    return _digest({name: getattr(scenario, name) for name in sorted(AIMS)})


def theory(scenario: Scenario, name: str) -> str:
    """Ranges of one theory, in any order of writing."""
    items = (_plain(item) for item in scenario.theories[name].ranges)
    return _digest(sorted((_without(item, "confidence") for item in items), key=_text))


def policy(scenario: Scenario, name: str) -> str:
    """Levers and parties of one package, with what it includes."""
    return _digest(_without(_plain(scenario.policies[name]), "includes"))


def values(scenario: Scenario, name: str) -> str:
    """Outcomes and thresholds of one profile."""
    return _digest(scenario.values[name])


def record(scenario: Scenario, series: Iterable[str] | None = None) -> str:
    """Rows of the record and their error model; `series` limits the measures to those of these series."""
    wanted = {item.id for item in scenario.record} if series is None else set(series)
    return _digest(
        {
            "slip": scenario.slip,
            "series": [item for item in scenario.record if item.id in wanted],
            "events": scenario.events,
            "coverage": scenario.coverage,
            "rungs": [_without(_plain(row), "id") for row in scenario.rungs],
            "measures": [row for row in scenario.measures if row.series in wanted],
        }
    )


def pieces(scenario: Scenario) -> dict[str, str]:
    """Digest of every piece, by names such as `structure`, `record`, `theory:ID`."""
    out = {"structure": structure(scenario), "record": record(scenario), "aims": aims(scenario)}
    out |= {f"theory:{name}": theory(scenario, name) for name in scenario.theories}
    out |= {f"policy:{name}": policy(scenario, name) for name in scenario.policies}
    return out | {f"values:{name}": values(scenario, name) for name in scenario.values}


def _without(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != name}


def _plain(value: Any) -> Any:
    """Only what matters, as JSON; dictionaries keep their order, since it is the order of an axis."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields if name not in PROSE}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(item) for name, item in asdict(value).items() if name not in PROSE}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Any) -> str:
    return json.dumps(_plain(value), separators=(",", ":"), allow_nan=False)


def _digest(value: Any) -> str:
    return hashlib.sha256(_text(value).encode()).hexdigest()
