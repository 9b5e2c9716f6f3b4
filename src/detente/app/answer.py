"""Figures for the page: levels under no change, paired differences to them, and courses over the years, with their errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from detente.analysis.crux import two_way
from detente.analysis.outcomes import OUTCOMES
from detente.analysis.spread import LEVELS, clusters, components, error, quantiles, share_interval
from detente.app.cells import Outcome
from detente.app.room import Held, Room, joined, joined_courses

SHOW = 5
"""Significant digits on the wire; what a person reads is rounded further, by the error."""


def base(room: Room, held: Held) -> dict[str, Any]:
    """A theory under no change: mean, error, 90 % range and rarer hits of every item."""
    value = room.figures(held, joined(held, held.base, range(held.cells)))
    low, high = ranges(room, held, value, np.arange(held.futures))
    share = _shares(room)
    hits = np.rint(value.sum(axis=-1))
    rarer = np.where(share, np.minimum(hits, value.shape[-1] - hits), -1)
    return {
        "mean": numbers(value.mean(axis=-1, dtype=np.float64)),
        "error": numbers(error(value, clusters(held.family))),
        "low": numbers(low),
        "high": numbers(high),
        "hits": [int(h) for h in np.where(_hazards(room, held), -1, rarer)],
        "families": len(np.unique(held.family)),
        "futures": held.futures,
    }


def difference(room: Room, held: Held, cells: Mapping[int, Outcome], count: int) -> dict[str, Any]:
    """Paired difference to no change from the first `count` cells: mean `d` and error `e`; with all cells the new range as well.

    A doubted theory differs from the one that is doubted, of which the same future has other parameters: only luck is paired, and errors count the
    families of both.
    """
    which, origin = range(count), held.origin or held
    new = room.figures(held, joined(held, cells, which))
    old = room.figures(origin, joined(origin, origin.base, which))
    gap = new - old
    family = held.family[: gap.shape[-1]]
    wrong = two_way(gap, family, origin.family[: gap.shape[-1]]) if held.origin else error(gap, clusters(family))
    out = {"d": numbers(gap.mean(axis=-1, dtype=np.float64)), "e": numbers(wrong), "n": int(gap.shape[-1])}
    if count == held.cells:
        low, high = ranges(room, held, new, np.arange(held.futures))
        out |= {"low": numbers(low), "high": numbers(high)}
    return out


def ranges(room: Room, held: Held, value: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """90 % ranges [item]: of the value over futures; of the probability over parameters where the item is a share."""
    ends = quantiles(value, (0.05, 0.95)).astype(np.float64)
    low, high = ends[:, 0].copy(), ends[:, 1].copy()
    share = np.flatnonzero(_shares(room))
    variance = components(value[share], clusters(held.cluster[ids]))[0]
    low[share], high[share] = share_interval(value[share].mean(axis=-1, dtype=np.float64), variance)
    return low, high


def courses(room: Room, held: Held, cells: Mapping[int, Outcome], which: Sequence[int]) -> dict[str, Any]:
    """Courses over the futures' years: mean of a share, quantiles of anything else, by series."""
    course = joined_courses(held, cells, which)
    return {"series": [_course(room, k, row) for k, row in enumerate(course)]}


def past(room: Room, held: Held) -> dict[str, Any]:
    """Courses over the years of the record, in the same form; null where a series has no past."""
    mean, fan = room.history(held)
    out: list[Any] = []
    for place in range(len(mean)):
        if np.isfinite(fan[place]).all():
            out.append({"q": [numbers(q) for q in fan[place].T]})
        else:
            out.append({"m": numbers(mean[place])} if np.isfinite(mean[place]).all() else None)
    return {"series": out}


def _course(room: Room, place: int, row: np.ndarray) -> Any:
    from detente.analysis.series import KINDS

    if KINDS[room.program_series[place].kind].share:
        return {"m": numbers(row.mean(axis=-1, dtype=np.float64))}
    return {"q": [numbers(q) for q in quantiles(row, LEVELS).T]}


def _shares(room: Room) -> np.ndarray:
    return np.array([OUTCOMES[item.outcome].share for item in room.items])


def _hazards(room: Room, held: Held) -> np.ndarray:
    """Items whose level is a sum of entry probabilities and no count of futures."""
    out = np.zeros(len(room.items), bool)
    if held.counted is None:
        return out
    for rung, name in ((1, "crisis"), (2, "clash"), (3, "war")):
        mine = [k for k, item in enumerate(room.items) if item.outcome == name]
        out[mine] = [not held.counted[rung, k] for k in range(len(mine))]
    return out


def numbers(values: np.ndarray) -> list[float | None]:
    """Plain numbers to a few digits; what is not finite as null."""
    return [float(f"{v:.{SHOW}g}") if math.isfinite(v) else None for v in np.asarray(values, np.float64).ravel().tolist()]
