"""Which dyad-years count as left out beside a step of enlargement, and which can stand as controls."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from detente.analysis.claims.blocs import Enlargement, find_enlargements, left_out
from detente.analysis.claims.matching import Matched, match
from detente.analysis.claims.panel import ARMS_MARGIN, COVARIATES, dyad_years
from detente.analysis.claims.spec import Spec
from detente.analysis.claims.world import FIRST, YEARS, World, load_world

WARS = ((1914, 1918), (1939, 1945))
THIN = 3  # one control year in three: neighbouring years of a dyad are near copies of each other


@lru_cache(maxsize=64)
def _found(obligation: str, min_bloc: int, growth: str, returns: bool) -> tuple[Enlargement, ...]:
    return tuple(find_enlargements(load_world("gml", obligation), min_bloc, growth, returns))


def steps_of(spec: Spec) -> list[Enlargement]:
    """Every enlargement under the definition (the family left out is gone, world wars are not yet dropped)."""
    found = list(_found(spec.obligation, spec.min_bloc, spec.growth, spec.returns))
    if not spec.new_states:
        found = [step for step in found if len(step.new) < len(step.joiners)]
    return [step for step in found if step.family != spec.leave_out]


def in_world_war(years: np.ndarray, horizon: int) -> np.ndarray:
    """Does year … year+horizon touch a world war?"""
    return np.any([(years <= last) & (years + horizon >= first) for first, last in WARS], axis=0)


def covariates_of(spec: Spec) -> tuple[str, ...]:
    """For disputes with the whole bloc, j's allies of the year itself are matched, so that a large set of possible
    opponents stands beside a large set."""
    if spec.target == "joiner":
        return COVARIATES
    return tuple("partners_j_now" if name == "partners_j" else name for name in COVARIATES)


def outcome_column(spec: Spec) -> str:
    """Name of the main outcome in the panel."""
    return f"{spec.outcome}_{spec.target}"


def _touched(world: World, steps: list[Enlargement], spec: Spec) -> np.ndarray:
    """(year, state): had this state, as joiner or as left out, a step in the ten years before or the horizon after?"""
    marks = np.zeros((YEARS, len(world.codes)), bool)
    for step in steps:
        t = step.year - FIRST
        span = slice(max(t - spec.horizon, 0), t + 10 + 1)
        marks[span, list(step.joiners)] = True
        marks[span, list(left_out(world, step, spec.reach))] = True
    return marks


def _treated(frame: pd.DataFrame, world: World, steps: list[Enlargement], spec: Spec) -> np.ndarray:
    """For each row the number of the step it is treated by, or -1."""
    where: dict[int, int] = {}
    for number, step in enumerate(steps):
        for k in left_out(world, step, spec.reach, spec.later_joiners):
            for j in step.joiners:
                where.setdefault(((step.year - FIRST) * 1000 + k) * 1000 + j, number)
    key = (frame["t"].to_numpy(int) * 1000 + frame["k"].to_numpy(int)) * 1000 + frame["j"].to_numpy(int)
    wanted = np.array(sorted(where), dtype=int)
    place = np.searchsorted(wanted, key)
    hit = np.isin(key, wanted)
    out = np.full(len(frame), -1)
    out[hit] = np.array([where[int(w)] for w in wanted], dtype=int)[place[hit]]
    return out


def units(spec: Spec) -> pd.DataFrame:
    """Treated rows (``treated`` 1, ``step`` the number in ``steps_of``) and control rows (``step`` -1): neighbouring
    dyad-years with a full window and no enlargement beside either state from ten years before to the horizon after."""
    world, steps = load_world(spec.coding, spec.obligation), steps_of(spec)
    frame = dyad_years(spec.coding, spec.horizon, spec.obligation)
    frame = frame[(frame["reach"] <= spec.reach) & (frame["year"] + spec.horizon <= world.last_dispute)]
    every = list(_found(spec.obligation, min(spec.min_bloc, 3), "any", True))  # no step of any kind may touch a control
    touched = _touched(world, every, spec)
    step = _treated(frame, world, steps, spec)
    t, k, j = frame["t"].to_numpy(), frame["k"].to_numpy(), frame["j"].to_numpy()
    free = ~touched[t, k] & ~touched[t, j] & ((t + k + j) % THIN == 0)
    frame = frame.assign(step=step, treated=(step >= 0).astype(int))[(step >= 0) | free]
    if not spec.world_wars:
        frame = frame[~in_world_war(frame["year"].to_numpy(), spec.horizon)]
    above = {f"{name}_growth": (frame[name] > ARMS_MARGIN).astype(float).where(frame[name].notna()) for name in ("arms", "troops")}
    return frame.assign(**above).reset_index(drop=True)


def matched(spec: Spec) -> Matched:
    """Units of the definition, matched."""
    return match(units(spec), covariates_of(spec))
