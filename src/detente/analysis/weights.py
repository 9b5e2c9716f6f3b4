"""A sum over outcomes, for who asks for one: worth of packages under given weights, and the set of weights on which their order holds.

Nothing here is done unless weights are given. A weight is the worth of a change of the outcome by one whole unit in the direction that is
better for whom it is counted; an outcome named without an element is the mean over its elements. Order by theory: no average over theories.

An order p1, p2, … holds for the weights w with Σ_o w_o·(worth_o(p_k) − worth_o(p_k+1)) ≥ 0 for all k: a cone, given by its half-spaces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from detente.analysis.compare import direction
from detente.analysis.spread import clusters, error
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

DRAWS = 4000
"""Weights drawn at random to see on how many of them the first place holds."""


def read_weights(text: str) -> dict[str, float]:
    """`clash[a]=10,spent=0.01` → {name: weight}. Raises ScenarioError on what is no positive number, or a name given twice."""
    out: dict[str, float] = {}
    for part in text.split(","):
        name, sign, value = part.strip().partition("=")
        try:
            weight = float(value)
        except ValueError:
            weight = float("nan")
        if not sign or not name or not (np.isfinite(weight) and weight > 0):
            raise ScenarioError(f"expected outcome=weight with a positive weight, found {part.strip()!r}", "--weights")
        if name.strip() in out:
            raise ScenarioError(f"{name.strip()} is weighed twice", "--weights")
        out[name.strip()] = weight
    return out


def worth(result: xr.Dataset, names: Sequence[str]) -> xr.DataArray:
    """Value of each outcome in the direction that is better [theory, policy, outcome, future], float64.

    Raises ScenarioError on an outcome that does not exist, or whose better direction is a matter of opinion.
    """
    items, outcomes = result["item"].values.astype(str), result["outcome"].values.astype(str)
    sign = direction(result).values
    parts = []
    for name in names:
        mine = np.flatnonzero((items == name) | (outcomes == name))
        if not mine.size:
            raise ScenarioError(unknown("outcome", name, dict.fromkeys([*outcomes, *items])), "--weights")
        if not sign[mine].all():
            raise ScenarioError(f"{name} has no direction that is better for all it is counted for; it cannot be weighed", "--weights")
        parts.append((result["value"].isel(item=mine).astype(float) * xr.DataArray(sign[mine], dims="item")).mean("item"))
    whole = xr.concat(parts, dim="weighed").transpose("theory", "policy", "weighed", "future")
    return whole.assign_coords(weighed=np.array(list(names), dtype=object))


def ranking(result: xr.Dataset, weights: Mapping[str, float], seed: int = 1) -> xr.Dataset:
    """Packages by their weighed worth against no change, and where the order holds.

    `worth`, `worth_error` [theory, policy] (paired, clusters of families); `rank` 1 is best; `first` [theory]; `low`, `high`
    [theory, weighed]: ends of each weight, the others kept, between which the first place stays (0 and ∞ where nothing ends it);
    `order_low`, `order_high`: the same for the whole order; `share` [theory]: of factors on the given weights drawn evenly from all that
    add to one, those under which the first stays first; `half_spaces` [theory, pair, weighed]: the cone of the whole order.
    """
    names, w = list(weights), np.array(list(weights.values()))
    value = worth(result, names)
    base = list(result["policy"].values.astype(str)).index(str(result.attrs["no_change"]))
    difference = value.values - value.values[:, base : base + 1]
    mean = difference.mean(axis=-1)  # theory, policy, weighed
    total = np.einsum("tpof,o->tpf", difference, w)
    wrong = np.stack([error(total[t], clusters(result["family"].values[t])) for t in range(len(total))])
    score = mean @ w
    order = np.argsort(-score, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable") + 1
    drawn = np.random.default_rng([seed, 0x3E16]).dirichlet(np.ones(len(w)), size=DRAWS) * w
    share, ends, whole, cones = [], [], [], []
    for t, places in enumerate(order):
        share.append(float((np.argmax(mean[t] @ drawn.T, axis=0) == places[0]).mean()))
        cone = mean[t, places[:-1]] - mean[t, places[1:]]
        ends.append(_ends(mean[t, places[0]] - mean[t, places[1:]], w))
        whole.append(_ends(cone, w))
        cones.append(cone)
    dims = ("theory", "weighed")
    low, high = (np.array([e[k] for e in ends]) for k in (0, 1))
    order_low, order_high = (np.array([e[k] for e in whole]) for k in (0, 1))
    return xr.Dataset(
        {
            "worth": (("theory", "policy"), score),
            "worth_error": (("theory", "policy"), wrong),
            "rank": (("theory", "policy"), rank),
            "first": ("theory", result["policy"].values[order[:, 0]]),
            "share": ("theory", np.array(share)),
            "low": (dims, low),
            "high": (dims, high),
            "order_low": (dims, order_low),
            "order_high": (dims, order_high),
            "half_spaces": (("theory", "pair", "weighed"), np.array(cones)),
        },
        coords={
            "theory": result["theory"].values,
            "policy": result["policy"].values,
            "weighed": value["weighed"].values,
            "weight": ("weighed", w),
        },
    )


def _ends(half_spaces: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends [weighed] of each weight, the others kept at w, within half_spaces [k, weighed]·w ≥ 0; w itself lies inside."""
    slack = half_spaces @ w
    low, high = np.zeros(len(w)), np.full(len(w), np.inf)
    for k, weight in enumerate(w):
        slope = half_spaces[:, k]
        with np.errstate(divide="ignore", invalid="ignore"):
            zero = weight - slack / slope
        low[k] = max(zero[slope > 0].max(initial=0.0), 0.0)
        high[k] = zero[slope < 0].min(initial=np.inf)
    return low, high
