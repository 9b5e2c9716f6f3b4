"""The crux strip: the one parameter on which the choice between packages turns under a reading, and who leads along its range.

The same functions on the same futures as `detente crux` uses for its tipping value, so that the two say the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis import project
from detente.analysis.compare import Z95
from detente.analysis.crux import BLOCK, low_noise
from detente.analysis.outcomes import OUTCOMES, Item
from detente.analysis.series import traced
from detente.analysis.spread import clusters, error
from detente.analysis.tipping import tipping, turning
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
    outcome, _, element = item.partition("[")
    wanted = Item(outcome, element.rstrip("]"))
    sign = -1.0 if OUTCOMES[outcome].better == "below" else 1.0
    side = project.projector(room.runner, learned, project.common(room.model, FUTURES, room.seed), BLOCK)
    trace = traced(room.model)

    def score(state: Any) -> np.ndarray:
        step()
        return np.asarray(sign * low_noise(room.model, state, (wanted,))[0])

    policies = list(room.scenario.policies.values())
    scores = []
    for k, policy in enumerate(policies):
        tell(f"{100 * k / len(policies) / 2:.0f} %")
        scores.append(score(side.run(policy, trace).state))
    baseline, found = room.model.ranges(None), None
    for k, parameter in enumerate(turning(side.theta, np.stack(scores), room.model.rows)):
        tell(f"{50 + 50 * k / 3:.0f} %")
        rows = room.model.find(parameter)
        low = float(min(baseline[rows, 0].min(), side.theta[rows].min()))
        high = float(max(baseline[rows, 1].max(), side.theta[rows].max()))
        one = tipping(side, policies, score, parameter, low, high)
        if np.isfinite(one.value) and (found is None or not np.isfinite(found.value) or (one.sure and not found.sure)):
            found = one
        found = found or one
        if found.sure and np.isfinite(found.value):
            break
    if found is None or not np.isfinite(found.value):
        return {"item": item, "parameter": ""}
    pair = [room.scenario.policies[name] for name in (found.low_best, found.high_best)]
    x = np.linspace(found.low, found.high, POINTS)
    kin = clusters(side.family)
    runs = [[score(side.run(p, trace, {found.parameter: float(value)}).state) for p in pair] for value in x]
    means = np.array([[sign * r.mean(dtype=np.float64) for r in two] for two in runs])
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
