"""The crux strip: the one parameter on which the choice between packages turns under a reading, and who leads along its range.

The same functions on the same futures as `detente crux` uses for its tipping value, so that the two say the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis import project
from detente.analysis.compare import Z95
from detente.analysis.crux import BLOCK
from detente.analysis.series import traced
from detente.analysis.spread import clusters, error
from detente.analysis.tipping import hinge, scoring, sign
from detente.app.answer import numbers
from detente.app.apart import FUTURES
from detente.app.room import Room

POINTS = 9
"""Values along the range at which both packages are run for the strip."""


def strip(room: Room, learned: project.Learned, item: str, tell: Any, step: Any = lambda: None) -> dict[str, Any]:
    """The first sure tip among the three parameters on which the choice turns most, else the first that tips, else none (`parameter` empty).

    With a tip: value and standard error, ends, the two packages, and at `x` along the range the shares (or means) of both with the error of their
    gap. `step` is called before every run of the futures.
    """
    side = project.projector(room.runner, learned, project.common(room.model, FUTURES, room.seed), BLOCK)
    good, trace = scoring(room.model, item), traced(room.model)

    def score(state: Any) -> np.ndarray:
        step()
        return good(state)

    found = hinge(side, list(room.scenario.policies.values()), score, lambda done, whole: tell(f"{100 * done / whole:.0f} %"))
    if found is None or not np.isfinite(found.value):
        return {"item": item, "parameter": ""}
    pair = [room.scenario.policies[name] for name in (found.low_best, found.high_best)]
    x = np.linspace(found.low, found.high, POINTS)
    kin = clusters(side.family)
    runs = [[score(side.run(p, trace, {found.parameter: float(value)}).state) for p in pair] for value in x]
    means = np.array([[sign(item) * r.mean(dtype=np.float64) for r in two] for two in runs])
    gap = [float(error(a - b, kin)) for a, b in runs]
    return {
        "item": item,
        "parameter": found.parameter,
        "meaning": room.model.parameters[found.parameter][0].meaning,
        "value": found.value,
        "error": found.error if np.isfinite(found.error) else None,
        "sure": found.sure,
        "packages": [p.id for p in pair],
        "x": numbers(x),
        "low": numbers(means[:, 0]),
        "high": numbers(means[:, 1]),
        "apart": [bool(abs(m[0] - m[1]) > Z95 * e) for m, e in zip(means, gap, strict=True)],
    }
