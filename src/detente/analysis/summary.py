"""One theory under every policy → arrays with named dimensions: outcomes, errors, differences, survival, agreement, series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analysis import agree, series
from detente.analysis.outcomes import OUTCOMES, Item, evaluate, places
from detente.analysis.project import Projector, times
from detente.analysis.spread import Clusters, clusters, components, error, quantiles, residual_error, share_interval
from detente.analysis.words import FEWEST
from detente.engine.simulate import Batch

Arrays = dict[str, tuple[tuple[str, ...], np.ndarray]]
RUNGS = (1, 2, 3, 4)
"""Rungs reported: the fifth, nuclear use, only on request and never here."""
WAR = {"crisis": 2, "clash": 3, "war": 4}
SAFE, UNCONTAINED = "danger", "contain0"
"""Parameters set to zero in the two what-if runs: dangerous incidents never happen; double containment is never adopted."""


@dataclass(frozen=True)
class Plan:
    """What is asked: policies in order, the one that changes nothing first among equals, items, series, profiles."""

    scenario: Any
    model: Any
    policies: tuple[Any, ...]
    base: int
    items: tuple[Item, ...]
    series: tuple[series.Series, ...]
    profiles: tuple[Any, ...]


@dataclass(frozen=True)
class Groups:
    """Futures with the same parameters, for what varies with them; futures of one family, for errors."""

    same: Clusters
    kin: Clusters


def summarise(plan: Plan, projector: Projector, tick: Callable[[str], None] = lambda text: None) -> Arrays:
    """Project one theory under every policy. Arrays by name with dimensions (no theory among them)."""
    groups = Groups(clusters(projector.cluster), clusters(projector.family))
    trace = series.traced(plan.model)
    years = times(plan.model)[1]
    yearly = np.arange(len(years)) % 4 == 3
    parts: list[Arrays] = []
    first: dict[int, Batch] = {}
    for k, policy in enumerate(plan.policies):
        batch = projector.run(policy, trace)
        steps = np.flatnonzero(np.ones(len(years), bool) if k == plan.base else yearly)
        parts.append(_one(plan, batch, groups, years, steps))
        if k == plan.base:
            first[k] = batch
        tick(policy.label)
    arrays = {name: (("policy", *dims), np.stack([part[name][1] for part in parts])) for name, (dims, _) in parts[0].items()}
    arrays |= _against_no_change(plan, arrays, groups)
    arrays |= _agreement(plan, arrays)
    arrays |= _what_if(plan, projector, first[plan.base], groups, trace)
    tick("what-if runs")
    return arrays | {"particle": (("future",), projector.particle), "family": (("future",), projector.family)}


def _one(plan: Plan, batch: Batch, groups: Groups, years: np.ndarray, steps: np.ndarray) -> Arrays:
    """One policy: every outcome of every future, and what is said of it."""
    value = evaluate(plan.model, batch.state, plan.items)
    parameters, luck = components(value, groups.same)
    hazard = batch.state["hazard"][list(RUNGS)] if "hazard" in batch.state else np.zeros((len(RUNGS), 0, value.shape[1]))
    chance = _chance(hazard, batch.state["reached"][list(RUNGS)] if "reached" in batch.state else hazard, groups)
    low, high = _ranges(plan, value, parameters, chance)
    mean, fan = series.summarise(plan.series, batch.traces, years, steps)
    rung = ("rung", "rivalry")
    return {
        "value": (("item", "future"), value),
        "mean": (("item",), value.mean(axis=-1, dtype=np.float64)),
        "error": (("item",), error(value, groups.kin)),
        "low": (("item",), low),
        "high": (("item",), high),
        "variance_parameters": (("item",), parameters),
        "variance_luck": (("item",), luck),
        "hits": (("item",), _hits(plan, value)),
        **{f"hazard_{name}": (rung, table) for name, table in chance.items()},
        "began": (("cause", *rung), _began(batch, hazard.shape[1])),
        "survives": (("profile", "future"), survives(plan, value)),
        "future_mean": (("series", "time_future"), mean),
        "future_q": (("series", "time_future", "quantile"), fan),
    }


def _chance(hazard: np.ndarray, reached: np.ndarray, groups: Groups) -> dict[str, np.ndarray]:
    """Probability of each rung [rung, rivalry]: mean, error, and 90 % range over parameters, by the surer of two unbiased estimates.

    The accumulated hazard is surer where entries are rare, the plain count where they are common. A count with fewer than ten futures on
    either side is never taken: its own error cannot be known.
    """
    hits = reached.sum(axis=-1)
    known = np.minimum(hits, reached.shape[-1] - hits) >= FEWEST
    wrong, count_wrong = error(hazard, groups.kin), error(reached, groups.kin)
    count = known & (count_wrong < wrong)
    mean = np.where(count, reached.mean(axis=-1, dtype=np.float64), hazard.mean(axis=-1, dtype=np.float64))
    variance = np.where(count, components(reached, groups.same)[0], components(hazard, groups.same)[0])
    low, high = share_interval(mean, variance)
    return {"mean": mean, "error": np.where(count, count_wrong, wrong), "low": low, "high": high}


def _ranges(plan: Plan, value: np.ndarray, parameters: np.ndarray, chance: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """90 % ranges [item]: of the value over futures; of the probability over parameters where the item is a share."""
    ends = quantiles(value, (0.05, 0.95)).astype(np.float64)
    low, high = ends[:, 0], ends[:, 1]
    share = [k for k, item in enumerate(plan.items) if OUTCOMES[item.outcome].share]
    low[share], high[share] = share_interval(value[share].mean(axis=-1, dtype=np.float64), parameters[share])
    for name, rung in WAR.items():
        mine = places(plan.items, name)
        if mine and chance["low"].size:
            low[mine], high[mine] = (chance[end][RUNGS.index(rung)] for end in ("low", "high"))
    return low, high


def _hits(plan: Plan, value: np.ndarray) -> np.ndarray:
    """Futures in which a share is 1 (or 0, the rarer); −1 where the item is no share: below ten there is too little to say."""
    count = np.rint(value.sum(axis=-1)).astype(np.int64)
    share = np.array([OUTCOMES[item.outcome].share for item in plan.items])
    return np.where(share, np.minimum(count, value.shape[1] - count), -1).astype(np.int32)


def _began(batch: Batch, rivalries: int) -> np.ndarray:
    """Share of futures [cause, rung, rivalry] whose first entry into the rung or higher began so."""
    if not rivalries or "by_mistake" not in batch.state:
        return np.full((3, len(RUNGS), rivalries), np.nan)
    names = ("reached", "by_mistake", "by_decision")
    reached, mistake, decision = (batch.state[name][list(RUNGS)].mean(axis=-1, dtype=np.float64) for name in names)
    return np.stack([mistake, decision, reached - mistake - decision])


def survives(plan: Plan, value: np.ndarray) -> np.ndarray:
    """Is every outcome of a profile acceptable? bool [profile, future]."""
    out = np.ones((len(plan.profiles), value.shape[1]), bool)
    for k, profile in enumerate(plan.profiles):
        for accept in profile.accept:
            found = value[places(plan.items, accept.outcome, accept.elements)]
            good = found <= accept.threshold if accept.direction == "below" else found >= accept.threshold
            out[k] &= good.all(axis=0)
    return out


def _against_no_change(plan: Plan, arrays: Arrays, groups: Groups) -> Arrays:
    """Paired differences to no change, regret against the best package of each outcome, on common luck; survival."""
    value, mean = arrays["value"][1], arrays["mean"][1]
    gain_error = np.stack([error(v - value[plan.base], groups.kin) for v in value])
    sign = np.array([{"above": 1.0, "below": -1.0}.get(OUTCOMES[item.outcome].better or "", np.nan) for item in plan.items])
    score = mean * sign
    best = np.where(np.isnan(sign), 0, np.argmax(np.nan_to_num(score, nan=-np.inf), axis=0))
    regret = np.take_along_axis(score, best[None], 0) - score
    leader = value[best, np.arange(len(best))]
    survives_, survival = arrays["survives"][1], arrays["survives"][1].mean(axis=-1)
    survival_error = error(survives_.astype(np.float32), groups.kin)
    two = ("policy", "item")
    return {
        "gain": (two, mean - mean[plan.base]),
        "gain_error": (two, gain_error),
        "regret": (two, regret),
        "regret_error": (two, np.where(np.isnan(regret), np.nan, np.stack([error(leader - v, groups.kin) for v in value]))),
        "survival": (("policy", "profile"), survival),
        "survival_error": (("policy", "profile"), survival_error),
    }


def _agreement(plan: Plan, arrays: Arrays) -> Arrays:
    mean, difference = arrays["mean"][1], arrays["gain"][1]
    found = [agree.agreement(plan.scenario, policy, plan.items, d) for policy, d in zip(plan.policies, difference, strict=True)]
    actors = plan.model.world.axes["actor"]
    gains = [[a.gains.get(name, np.nan) for name in actors] for a in found]
    middle = np.array([a.middle for a in found])
    return {
        "agreed_low": (("policy",), np.array([a.low for a in found])),
        "agreed": (("policy",), middle),
        "agreed_high": (("policy",), np.array([a.high for a in found])),
        "party_gain": (("policy", "actor"), np.array(gains)),
        "expected": (("policy", "item"), agree.expected(middle, mean, mean[plan.base])),
    }


def _what_if(plan: Plan, projector: Projector, base: Batch, groups: Groups, trace: Sequence[str]) -> Arrays:
    """Two runs of no change with a parameter at zero: no dangerous incident (attributable fraction), no double containment (price)."""
    known = {row.parameter for row in plan.model.rows}
    policy = plan.policies[plan.base]
    out: Arrays = {}
    if SAFE in known and "hazard" in base.state:
        without = projector.run(policy, trace, {SAFE: 0.0}).state
        out |= attributable(base.state["hazard"][list(RUNGS)], without["hazard"][list(RUNGS)], groups)
    if UNCONTAINED in known and {"cohesion", "containment"} <= set(base.state):
        without = projector.run(policy, trace, {UNCONTAINED: 0.0}).state
        out |= _price(base.state, without, groups)
    return out


def attributable(whole: np.ndarray, without: np.ndarray, groups: Groups) -> Arrays:
    """1 − P(do(danger = 0))/P [rung, rivalry] from hazards [rung, rivalry, future] on common luck, with the error of the ratio."""
    h, h0 = whole.mean(axis=-1, dtype=np.float64), without.mean(axis=-1, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(h > 0, h0 / h, np.nan)
        residual = (groups.kin.sums(without) - ratio[..., None] * groups.kin.sums(whole)) / h[..., None]
    rung = ("rung", "rivalry")
    return {
        "attributable": (rung, 1.0 - ratio),
        "attributable_error": (rung, np.where(np.isnan(ratio), np.nan, residual_error(np.nan_to_num(residual), groups.kin))),
    }


def _price(whole: Mapping[str, np.ndarray], without: Mapping[str, np.ndarray], groups: Groups) -> Arrays:
    """Cohesion [bloc] at the end with double containment adopted, less the same futures without it; not a number where it never is."""
    adopted = whole["containment"] > 0.5
    lost = (whole["cohesion"] - without["cohesion"]) * adopted
    share = adopted.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        price = lost.mean(axis=-1, dtype=np.float64) / share
        residual = (groups.kin.sums(lost) - price[..., None] * groups.kin.sums(adopted[None])) / share
    wrong = residual_error(np.nan_to_num(residual), groups.kin)
    return {"containment_price": (("bloc",), price), "containment_price_error": (("bloc",), np.where(share > 0, wrong, np.nan))}
