"""Where a page's own theory parts from another: the outcome in which the two differ most, and the mechanism that carries most of the difference.

By the functions of `detente crux`, on as many futures; the shares of mechanisms from random orders (Shapley), one a future.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from detente.analysis import crux
from detente.analysis.compare import Z95
from detente.analysis.outcomes import Item
from detente.app.room import Room

FUTURES = 512
"""As `detente crux` has them."""


def apart(
    room: Room, own: tuple[Any, Any], name: str, learned: Any, items: Sequence[str], step: Callable[..., None], futures: int = FUTURES
) -> dict[str, Any]:
    """One row: the item (of `items`) with the largest difference in errors, both figures, difference with error; the mechanism's name and share.

    `group` is empty where no difference is told apart, or no mechanism's share is. `step` is called before every run of the futures.
    """
    wanted = [Item(o, e.rstrip("]")) for o, _, e in (text.partition("[") for text in items)]
    two = crux.pair(room.runner, own, (room.scenario.theories[name], learned), wanted, futures, room.seed)
    two = replace(two, parts=crux.merged(two.parts))
    base = room.scenario.policies[room.base_policy]
    found = crux.attribute(two, None, base, room.seed, mirrored=False, exact=0, tick=step).isel(of=0)
    gap, wrong = found["difference"].values, found["difference_error"].values
    with np.errstate(divide="ignore", invalid="ignore"):
        k = int(np.nanargmax(np.where(wrong > 0, np.abs(gap) / wrong, 0.0)))
    share, unsure = found["group_share"].values[:, k], found["group_share_error"].values[:, k]
    most = int(np.argmax(share * np.sign(gap[k])))
    told = bool(abs(gap[k]) > Z95 * wrong[k])
    sure = told and bool(abs(share[most]) > Z95 * unsure[most])
    return {
        "theory": name, "item": items[k], "told": told, "mine": float(found["first"].values[k]), "theirs": float(found["second"].values[k]),
        "difference": float(gap[k]), "error": _finite(wrong[k]), "group": str(found["group"].values[most]) if sure else "",
        "share": float(share[most]), "share_error": _finite(unsure[most]),
    }  # fmt: skip


def _finite(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None
