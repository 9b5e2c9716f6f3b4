"""A small grid of responses: a few packages at a few strengths, together, under every theory; what a report keeps so that its sliders move by themselves.

A point of the grid is a package like any other: the levers of those chosen, their effects multiplied by the strength. Packages that share a lever on one
element are never chosen together, so that nothing has to be said of how two pulls add up. All points share their luck, and differences are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis.compare import at_table, told_apart
from detente.analysis.outcomes import OUTCOMES, items
from detente.analysis.project import Learned, common, projector, uses
from detente.analysis.summary import RUNGS, Plan, summarise

STRENGTHS = (0.0, 0.5, 1.0)
"""Of every effect of a package; the first is no change."""
MOST = 3
"""Packages on the grid: three at three strengths are 27 points."""
FUTURES = 512
"""Futures per theory and point: one call of the compiled program on two cores."""
KEPT = ("mean", "error", "low", "high", "hits", "gain", "gain_error", "hazard_mean", "hazard_error")
Tell = Callable[[str, int, int], None]


def choose(result: xr.Dataset, scenario: Any, model: Any, wanted: Sequence[str], most: int = MOST) -> list[str]:
    """Ids of the packages that change most, in the result's order: those with the most differences told apart over the items `wanted` and the readings
    at the table, none sharing a lever on one element with another. Packages that wait for a condition, or change nothing told apart, are left out."""
    some = at_table(result) if at_table(result).sizes["theory"] else result
    some = some.sel(item=list(wanted))
    told = told_apart(some["gain"], some["gain_error"]).sum(("theory", "item")).to_series()
    taken: set[int] = set()
    found: list[str] = []
    for name in sorted(told.index, key=lambda p: -int(told[p])):
        policy = scenario.policies[str(name)]
        pulled = {k for k, _ in uses(model, policy)}
        if told[name] and pulled and not pulled & taken and not any(u.when for u in policy.levers):
            taken |= pulled
            found.append(str(name))
        if len(found) == most:
            break
    return [str(p) for p in result["policy"].values if str(p) in found]


def points(chosen: Sequence[Any]) -> tuple[Any, ...]:
    """A package per point, no change first; its id holds the places among `STRENGTHS`: `0-2-1`."""
    out = []
    for places in product(range(len(STRENGTHS)), repeat=len(chosen)):
        levers = tuple(
            use.model_copy(update={"effect": tuple(STRENGTHS[k] * e for e in use.effect)})
            for k, policy in zip(places, chosen, strict=True)
            if k
            for use in policy.levers
        )
        name = "-".join(map(str, places))
        out.append(chosen[0].model_copy(update={"id": name, "label": name, "levers": levers, "required": (), "bound": ()}))
    return tuple(out)


def respond(
    runner: Any,
    scenario: Any,
    learned: Mapping[str, Learned],
    chosen: Sequence[str],
    held: Mapping[str, Sequence[float]] | None = None,
    futures: int = FUTURES,
    seed: int = 1,
    tell: Tell = lambda stage, done, total: None,
) -> xr.Dataset:
    """Every point under every theory (and, for every parameter `held`, with all its elements set to each of its values by hand).

    Variables [setting, theory, policy, item] as in the result of the main job, `policy` being the point: mean, error, low, high, hits, paired gain to
    the same setting without any package, with its error; hazard_mean, hazard_error [setting, theory, policy, rung, rivalry]. Attributes: `packages`,
    `strengths`, `futures`, `seed`, `held` (meaning by parameter). Setting 0 leaves every parameter as the theory has it. Costs settings × theories ×
    (points + 2) runs.
    """
    model = runner.model
    plan = Plan(scenario, model, points([scenario.policies[name] for name in chosen]), 0, items(model), (), ())
    shared = common(model, futures, seed)
    settings: list[tuple[str, float]] = [("", np.nan), *((p, float(v)) for p, values in (held or {}).items() for v in values)]
    total, done = len(settings) * len(learned), 0
    parts: list[list[dict[str, np.ndarray]]] = []
    dims: dict[str, tuple[str, ...]] = {}
    for parameter, value in settings:
        parts.append([])
        for name, posterior in learned.items():
            tell(f"{scenario.theories[name].argument}: the report's sliders", done, total)
            ready = projector(runner, posterior, shared)
            if parameter:
                theta = ready.theta.copy()
                theta[model.find(parameter)] = value
                ready = replace(ready, theta=theta)
            arrays = summarise(plan, ready)
            dims = {k: arrays[k][0] for k in KEPT}
            parts[-1].append({k: arrays[k][1] for k in KEPT})
            done += 1
    stacked = {k: (("setting", "theory", *dims[k]), np.stack([np.stack([p[k] for p in row]) for row in parts])) for k in KEPT}
    meanings = {p: model.parameters[p][0].meaning for p in held or {}}
    attrs = {"packages": list(chosen), "strengths": list(STRENGTHS), "futures": futures, "seed": seed, "held": meanings}
    return xr.Dataset(stacked, _coords(plan, scenario, list(learned), settings), attrs)


def _coords(plan: Plan, scenario: Any, theories: Sequence[str], settings: Sequence[tuple[str, float]]) -> dict[str, Any]:
    def words(values: Any) -> np.ndarray:
        return np.array(list(values), dtype=object)

    return {
        "theory": words(theories),
        "table": ("theory", words(scenario.theories[t].table for t in theories)),
        "policy": words(p.id for p in plan.policies),
        "item": words(i.name for i in plan.items),
        "unit": ("item", words(OUTCOMES[i.outcome].unit for i in plan.items)),
        "share": ("item", np.array([OUTCOMES[i.outcome].share for i in plan.items])),
        "rung": np.array(RUNGS),
        "rivalry": words(plan.model.world.axes["rivalry"]),
        "parameter": ("setting", words(p for p, _ in settings)),
        "value": ("setting", np.array([v for _, v in settings])),
    }
