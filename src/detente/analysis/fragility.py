"""What the weights of theories may hang on, as targets: a kind of record that does not weigh, other weights, other errors, other widths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from detente.analysis.bridge import Target
from detente.engine.record import Record

Kind = Literal["series", "weight", "error", "width"]


@dataclass(frozen=True)
class Variation:
    """One thing done differently: `kind` with a factor, on the names of the record that it concerns (for `series` and `weight`)."""

    id: str
    kind: Kind
    factor: float
    names: tuple[str, ...] = ()
    group: str = ""


def group_of(model: Any, record: Record, names: Sequence[str]) -> dict[str, str]:
    """Name of the record → what it belongs to: a measured series is its own; an event belongs to the mechanism that asks for it."""
    measured = {m.series for group in record.measures.values() for m in group}
    owner = {draw: m.name for m in model.mechanisms for draw in m.draws}
    return {name: name if name in measured else owner[name] for name in names}


def variations(groups: Mapping[str, str], record: Record) -> tuple[Variation, ...]:
    """Each group that does not weigh; measured series at half and twice their weight and at twice their error; widths halved and doubled."""
    out = [
        Variation(f"without_{g}", "series", 0.0, tuple(n for n in groups if groups[n] == g), g)
        for g in dict.fromkeys(groups.values())
        if len(set(groups.values())) > 1
    ]
    measured = tuple(m.series for group in record.measures.values() for m in group if m.series in groups)
    if measured:
        out += [Variation("weight_half", "weight", 0.5, measured), Variation("weight_double", "weight", 2.0, measured)]
        out.append(Variation("error_double", "error", 2.0, measured))
    return (*out, Variation("width_half", "width", 0.5), Variation("width_double", "width", 2.0))


def varied(variation: Variation, ranges: np.ndarray, base: np.ndarray, record: Record) -> Target:
    """The target under a variation. Widths are those of the ranges in which a theory differs from the baseline."""
    if variation.kind in ("series", "weight"):
        return Target(ranges, record, dict.fromkeys(variation.names, variation.factor))
    if variation.kind == "error":
        return Target(ranges, _blurred(record, variation.factor))
    return Target(widened(ranges, base, variation.factor), record)


def widened(ranges: np.ndarray, base: np.ndarray, factor: float) -> np.ndarray:
    """Ranges [row, 3] that differ from `base`, `factor` times as wide about their middles (of the logarithm, where drawn so), never beyond the hull
    of the theory's range and the baseline's: outside of it a share could leave 0–1 or a rate change its sign."""
    out = ranges.copy()
    for k in np.flatnonzero((ranges != base).any(axis=1)):
        low, high, log = ranges[k]
        bend, back = (np.log, np.exp) if log > 0.5 else (lambda x: x, lambda x: x)
        middle, half = 0.5 * (bend(low) + bend(high)), 0.5 * factor * (bend(high) - bend(low))
        out[k, 0] = max(back(middle - half), min(low, base[k, 0]))
        out[k, 1] = min(back(middle + half), max(high, base[k, 1]))
    return out


def _blurred(record: Record, factor: float) -> Record:
    """The record with every scored series measured `factor` times less exactly."""
    measures = {
        draw: tuple(replace(m, error=m.error * np.float32(factor)) if m.weight > 0.0 else m for m in group)
        for draw, group in record.measures.items()
    }
    return replace(record, measures=measures)
