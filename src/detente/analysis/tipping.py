"""The value of one parameter at which the best package changes, on common luck.

The parameter is set to a value by hand in every future (all its elements, as the futures have them otherwise); every package is run on the same luck.
Where two packages lead at the two ends, the value at which the second overtakes the first is found by bisection on the sign of their paired
difference; its error is that of the difference over its slope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analysis.compare import Z95
from detente.analysis.crux import low_noise
from detente.analysis.outcomes import OUTCOMES, Item
from detente.analysis.packages import strength
from detente.analysis.project import Projector
from detente.analysis.series import traced
from detente.analysis.spread import clusters, error

MOST = 3
"""Leading parameters that are tried."""
STEPS = 8
"""Bisections: the value is found to a 256th of the range."""
Score = Callable[[Any], np.ndarray]
"""State at the end [*axes, future] → what is better when greater [future]."""


@dataclass(frozen=True)
class Tip:
    """Where the best package changes: from `low_best` below `value` to `high_best` above; `error` is the standard error of the value.

    `sure`: is each told apart from the other at its own end? `low`, `high`: the ends searched. `value` is not a number where one package leads
    all along.
    """

    parameter: str
    low: float
    high: float
    low_best: str
    high_best: str
    value: float
    error: float
    sure: bool


def tipping(ready: Projector, policies: Sequence[Any], score: Score, parameter: str, low: float, high: float, steps: int = STEPS) -> Tip:
    """The value of `parameter` in [low, high] at which the package of the highest mean score changes.

    Costs 2·packages + 2·(steps + 2) runs. Raises CompositionError on a parameter that does not exist.
    """
    ready.runner.model.find(parameter)
    kin = clusters(ready.family)

    def run(policy: Any, value: float) -> np.ndarray:
        return score(ready.run(policy, traced(ready.runner.model), {parameter: value}).state)

    ends = [np.stack([run(p, value) for p in policies]) for value in (low, high)]
    first, last = (int(e.mean(axis=-1).argmax()) for e in ends)
    names = [str(p.id) for p in policies]
    if first == last:
        return Tip(parameter, low, high, names[first], names[last], float("nan"), float("nan"), True)
    gaps = [e[first] - e[last] for e in ends]
    sure = all(abs(float(g.mean())) > Z95 * float(error(g, kin)) for g in gaps)
    a, b = low, high
    for _ in range(steps):
        middle = 0.5 * (a + b)
        gap = run(policies[first], middle) - run(policies[last], middle)
        a, b = (middle, b) if gap.mean() > 0 else (a, middle)
    value = 0.5 * (a + b)
    width = 0.05 * (high - low)
    left, right = max(low, value - width), min(high, value + width)
    near = [run(policies[first], x) - run(policies[last], x) for x in (left, right)]
    slope = float((near[1] - near[0]).mean()) / (right - left)
    wrong = float(error(0.5 * (near[0] + near[1]), kin)) / abs(slope) if slope < 0 else float("inf")
    return Tip(parameter, low, high, names[first], names[last], value, wrong, sure)


def scoring(model: Any, item: str) -> Score:
    """How good an end is by one outcome, `NAME` or `NAME[ELEMENT]`: greater is better."""
    name, _, element = item.partition("[")
    wanted = Item(name, element.rstrip("]"))
    return lambda state: np.asarray(sign(item) * low_noise(model, state, (wanted,))[0])


def sign(item: str) -> float:
    """−1 where less of an outcome is better, else 1."""
    return -1.0 if OUTCOMES[item.partition("[")[0]].better == "below" else 1.0


def hinge(
    ready: Projector, policies: Sequence[Any], score: Score, tick: Callable[[int, int], None] = lambda done, whole: None
) -> Tip | None:
    """The first sure tip among the three parameters on which the choice between packages turns most, else the first that tips, else one that does not;
    None where the choice turns on no parameter. `tick(done, whole)` as it goes.
    """
    model, baseline, found = ready.runner.model, ready.runner.model.ranges(None), None
    whole, scores = len(policies) + MOST, []
    for done, policy in enumerate(policies):
        tick(done, whole)
        scores.append(score(ready.run(policy, traced(model)).state))
    for done, parameter in enumerate(turning(ready.theta, np.stack(scores), model.rows)):
        tick(len(policies) + done, whole)
        rows = model.find(parameter)
        low = float(min(baseline[rows, 0].min(), ready.theta[rows].min()))
        high = float(max(baseline[rows, 1].max(), ready.theta[rows].max()))
        one = tipping(ready, policies, score, parameter, low, high)
        if np.isfinite(one.value) and (found is None or not np.isfinite(found.value) or (one.sure and not found.sure)):
            found = one
        found = found or one
        if found.sure and np.isfinite(found.value):
            break
    return found


def turning(theta: np.ndarray, scores: np.ndarray, rows: Sequence[Any], most: int = MOST) -> list[str]:
    """Parameters on which the choice between the two best packages turns most, from futures at hand.

    theta [row, future]; scores [package, future] on common luck; `rows` the table of unknowns. By the first-order index of the difference of the two
    packages of the highest mean, the largest over a parameter's elements.
    """
    best, next_ = np.argsort(-scores.mean(axis=-1))[:2]
    found = strength(theta, scores[best] - scores[next_])
    by: dict[str, float] = {}
    for row, value in zip(rows, found, strict=True):
        if row.group != "record":
            by[row.parameter] = max(by.get(row.parameter, 0.0), float(value))
    return [name for name, value in sorted(by.items(), key=lambda x: -x[1]) if value > 0][:most]
