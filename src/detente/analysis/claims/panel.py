"""Neighbouring dyad-years: who stands beside whom, what they were like before, and what followed.

One row is (k, j, t): state k beside state j in year t. ``k`` is read as the one outside, ``j`` as the one that may join.
Covariates are of the year before (of the year itself for a state that has just entered the system); outcomes are of the
years t+1 … t+horizon, so that nothing of the year of the step itself is counted on either side.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from detente.analysis.claims.world import FIRST, LAST_ALLIANCE, LAST_CONTIGUITY, YEARS, World, load_world

COVARIATES = (
    "land",
    "log_ratio",
    "log_cinc_k",
    "log_cinc_j",
    "past_disputes",
    "peace_years",
    "rivalry",
    "allied",
    "major_k",
    "major_j",
    "log_age_k",
    "log_age_j",
    "partners_k",
    "partners_j",
    "active_k",
    "active_j",
    "year",
)
ERAS = ((1816, 1913, "1816-1913"), (1914, 1945, "1914-1945"), (1946, 1989, "1946-1989"), (1990, 2016, "1990-2016"))
ARMS_MARGIN = 0.05  # per year: growth of the share of world spending above the state's own earlier growth


def era_of(years: np.ndarray) -> np.ndarray:
    """Index into ERAS for each year."""
    return np.searchsorted([first for first, _, _ in ERAS], years, side="right") - 1


def _filled(share: np.ndarray) -> np.ndarray:
    """Log share, gaps filled forward then back within each state; NaN where a state has none at all."""
    frame = pd.DataFrame(np.where(share > 0, share, np.nan)).ffill().bfill()
    return np.log(frame.to_numpy())


def arms_growth(share: np.ndarray, t: int, horizon: int) -> np.ndarray:
    """(state,) yearly growth of the log share over t … t+horizon minus that over the same span before; the span before may
    be as short as three years for a young state; NaN where either is unknown."""
    log = np.log(np.where(share > 0, share, np.nan))
    if t + horizon >= YEARS:
        return np.full(share.shape[1], np.nan)
    after = (log[t + horizon] - log[t]) / horizon
    before = np.full_like(after, np.nan)
    for span in range(3, min(horizon, t) + 1):  # the longest known span wins
        slope = (log[t] - log[t - span]) / span
        before = np.where(np.isnan(slope), before, slope)
    return after - before


def new_allies(world: World, t: int, horizon: int) -> np.ndarray:
    """(k, j): does k gain, in t+1 … t+horizon, an ally that is no ally of j (nor j itself) at any time in t … t+horizon?"""
    last = min(t + horizon, LAST_ALLIANCE - FIRST)
    gained = world.ally[t + 1 : last + 1].any(axis=0) & ~world.ally[t]
    with_j = world.ally[t : last + 1].any(axis=0) | np.eye(len(world.codes), dtype=bool)
    return (gained.astype(np.float32) @ (~with_j).T.astype(np.float32)) > 0


def _window(cumulative: np.ndarray, t: int, horizon: int, last: int) -> np.ndarray:
    """Count of onsets in t+1 … t+horizon, cut at the last year covered."""
    return cumulative[min(t + horizon, last)] - cumulative[min(t, last)]


def _outcomes(world: World, t: int, horizon: int, sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    n, last = len(world.codes), world.last_dispute - FIRST
    bloc = (world.ally[t] | np.eye(n, dtype=bool)).astype(np.float32)  # (j, m): j and its allies of that year
    out = {}
    for kind in ("onset", "force", "begun"):
        after = _window(sums[kind], t, horizon, last) > 0
        before = _window(sums[kind], max(t - horizon - 1, 0), horizon, last) > 0
        out[f"{kind}_joiner"], out[f"{kind}_joiner_before"] = after, before
        out[f"{kind}_bloc"] = after.astype(np.float32) @ bloc.T > 0
        out[f"{kind}_bloc_before"] = before.astype(np.float32) @ bloc.T > 0
    out["rival"] = new_allies(world, t, horizon)
    for name, share in (("arms", world.milex), ("troops", world.milper)):
        out[name] = np.broadcast_to((arms_growth(share, t, horizon))[:, None], (n, n))
    return out


def _ages(exists: np.ndarray) -> np.ndarray:
    """Years in the system so far, counted over gaps (year, state)."""
    return np.cumsum(exists, axis=0)


def peace_years(onset: np.ndarray) -> np.ndarray:
    """Years since the last dispute of the dyad, 50 at most (year, k, j)."""
    out = np.full(onset.shape, 50, np.int16)
    for t in range(1, YEARS):
        out[t] = np.where(onset[t - 1], 0, np.minimum(out[t - 1] + 1, 50))
    return out


def _covariates(world: World, t: int, fixed: dict[str, np.ndarray], sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    n, s = len(world.codes), t - 1
    row, column = (lambda v: np.broadcast_to(v[:, None], (n, n))), (lambda v: np.broadcast_to(v[None, :], (n, n)))
    cinc, partners = fixed["log_cinc"][s], np.log1p(world.ally[s].sum(axis=1))
    past = sums["onset"][s] - sums["onset"][max(s - 10, 0)]
    active, age = np.log1p(past.sum(axis=1)), np.log1p(np.minimum(fixed["age"][s], 50))
    return {
        "land": world.contig[t] == 1,
        "log_ratio": row(cinc) - column(cinc),
        "log_cinc_k": row(cinc),
        "log_cinc_j": column(cinc),
        "past_disputes": np.log1p(past),
        "peace_years": fixed["peace"][t],
        "rivalry": world.rival[s] | world.rival[t],
        "allied": world.ally[s],
        "major_k": row(world.major[s]),
        "major_j": column(world.major[s]),
        "log_age_k": row(age),
        "log_age_j": column(age),
        "partners_k": row(partners),
        "partners_j": column(partners),
        "active_k": row(active),
        "active_j": column(active),
        "partners_j_now": column(np.log1p(world.ally[t].sum(axis=1))),
    }


@lru_cache(maxsize=6)
def dyad_years(coding: str = "gml", horizon: int = 10, obligation: str = "defence") -> pd.DataFrame:
    """All neighbouring dyad-years 1817-2016, both directions, contiguity classes 1-5: indexes ``k, j, t``, ``year``,
    ``reach``, the covariates, and outcomes after and before (see module). Read only: callers copy what they keep."""
    world = load_world(coding, obligation)
    sums = {kind: np.cumsum(getattr(world, kind), axis=0, dtype=np.int16) for kind in ("onset", "force", "begun")}
    fixed = {"log_cinc": _filled(world.cinc), "age": _ages(world.exists), "peace": peace_years(world.onset)}
    parts = []
    for t in range(1, LAST_CONTIGUITY - FIRST + 1):
        k, j = np.nonzero(world.contig[t])
        grids = {**_covariates(world, t, fixed, sums), **_outcomes(world, t, horizon, sums)}
        part = {"k": k, "j": j, "t": t, "year": FIRST + t, "reach": world.contig[t][k, j]}
        parts.append(pd.DataFrame({**part, **{name: np.asarray(grid)[k, j].astype(np.float32) for name, grid in grids.items()}}))
    out = pd.concat(parts, ignore_index=True)
    out["era"] = era_of(out["year"].to_numpy())
    return out.dropna(subset=list(COVARIATES)).reset_index(drop=True)
