"""Richardson's coefficients from two centuries of rivalry: the arms race of the model, estimated on states that feared each other.

The equation is the one of the mechanism `arms`, per state i and year t, in shares s of the spending of all states (so that prices and growth
common to all drop out, and no currency is compared across 1913/1914):

    log s_i(t+1) − log s_i(t) = fatigue_i·( (burden_ie·c_i + Σ_j answer_ij·min(1, s̄_i/s̄_j)·s_j) / s_i − 1 ) + shock,   shock ~ Student's t

c_i is i's share of the world's means: the part of the composite index of capability that is not military (people, towns, energy, iron and
steel), in place of the GDP that no shipped table holds for two centuries. burden_ie is what i would spend of it for itself in the epoch e;
answer_ij, one for each directed rivalry, is reaction·σ(fear): both unknown, and only the product is seen. Coefficients are hierarchical: a
population over rivalries (answers, of either sign), over states (fatigue), over states in their epochs (burden).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analysis.claims.world import FIRST, World

EPOCHS = ((1816, 1869), (1870, 1913), (1919, 1938), (1946, 1991), (1992, 2021))
"""Years compared within; windows that touch a world war are not among them."""
LEAST = 8
"""Fewest years of a state in an epoch."""


@dataclass(frozen=True)
class Panel:
    """`change` (row,) of the log share of spending; `means` (row,) means over spending, c_i/s_i; `group` (row,) a state in an epoch; `mean_log`
    (group,) mean of log(s_i/c_i); `state_of` (group,) its state; and one entry a row and rival: `row`, `rivalry` (directed), `size` =
    min(1, s̄_i/s̄_j)·s_j/s_i."""

    change: np.ndarray
    means: np.ndarray
    group: np.ndarray
    mean_log: np.ndarray
    state_of: np.ndarray
    row: np.ndarray
    rivalry: np.ndarray
    size: np.ndarray

    @property
    def rivalries(self) -> int:
        """Directed rivalries."""
        return int(self.rivalry.max()) + 1

    @property
    def states(self) -> int:
        """States."""
        return int(self.state_of.max()) + 1


def economy(world: World) -> np.ndarray:
    """(year, state) share of the four components of the capability index that are not military: it is their mean with the two that are."""
    return (6.0 * world.cinc - world.milex - world.milper) / 4.0


@dataclass(frozen=True)
class _Shares:
    """Shares of spending and of means (year, state), NaN where unknown or none, and their mean logs by epoch (epoch, state)."""

    spent: np.ndarray
    means: np.ndarray
    mean_spent: np.ndarray
    mean_burden: np.ndarray


def _positive(x: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(x) & (x > 0), x, np.nan)


def _shares(world: World) -> _Shares:
    spent, means = _positive(world.milex), _positive(economy(world))
    by_epoch = []
    for log in (np.log(spent), np.log(spent / means)):
        spans = [log[first - FIRST : last - FIRST + 1] for first, last in EPOCHS]
        by_epoch.append(np.array([np.where(np.isfinite(x), x, 0).sum(0) / np.maximum(np.isfinite(x).sum(0), 1) for x in spans]))
    return _Shares(spent, means, *by_epoch)


def _rows(x: _Shares, rival: np.ndarray, since: int, gap: int) -> list[tuple[int, int, int]]:
    """(state, epoch, year index) with a living rival whose spending is known, states with enough years in the epoch only."""
    known, usable, found = np.isfinite(x.spent), np.isfinite(x.spent / x.means), []
    for e, (first, last) in enumerate(EPOCHS):
        for t in range(max(first, since) - FIRST, last - FIRST - gap):
            met = (rival[t] & known[t][None]).any(axis=1)
            found += [(int(i), e, t) for i in np.flatnonzero(usable[t] & known[t + gap] & known[t + gap + 1] & met)]
    count = Counter((i, e) for i, e, _ in found)
    return [row for row in found if count[row[:2]] >= LEAST]


def panel(world: World, rival: np.ndarray | None = None, since: int = 0, gap: int = 0) -> Panel:
    """State-years with rivals. `rival` (year, i, j): who counts as one (default: strategic rivals); `since`: first year; `gap` 1 explains the
    change of the year after next by shares of this year, so that an error of measurement does not stand on both sides."""
    rival, x = world.rival if rival is None else rival, _shares(world)
    rows = _rows(x, rival, since, gap)
    groups = {key: k for k, key in enumerate(sorted({row[:2] for row in rows}))}
    states = {i: k for k, i in enumerate(sorted({i for i, _ in groups}))}
    directed: dict[tuple[int, int], int] = {}
    entries = []
    for n, (i, e, t) in enumerate(rows):
        for j in np.flatnonzero(rival[t, i] & np.isfinite(x.spent[t])):
            reach = min(1.0, float(np.exp(x.mean_spent[e, i] - x.mean_spent[e, j])))
            entries.append((n, directed.setdefault((i, int(j)), len(directed)), reach * x.spent[t, j] / x.spent[t, i]))
    return Panel(
        np.array([np.log(x.spent[t + gap + 1, i] / x.spent[t + gap, i]) for i, _, t in rows]),
        np.array([x.means[t, i] / x.spent[t, i] for i, _, t in rows]),
        np.array([groups[row[:2]] for row in rows]),
        np.array([x.mean_burden[e, i] for i, e in groups]),
        np.array([states[i] for i, _ in groups]),
        np.array([entry[0] for entry in entries]),
        np.array([entry[1] for entry in entries]),
        np.array([entry[2] for entry in entries]),
    )


def model(data: Mapping[str, Any], groups: int, states: int, rivalries: int) -> None:
    """The equation above as a NumPyro model; `data` holds the arrays of a `Panel`."""
    import jax.numpy as jnp
    import numpyro
    from numpyro import distributions as d

    answer = numpyro.sample("answer", d.Normal(0.0, 0.5))
    answer_spread = numpyro.sample("answer_spread", d.HalfNormal(0.3))
    log_fatigue = numpyro.sample("log_fatigue", d.Normal(-1.5, 1.0))
    fatigue_spread = numpyro.sample("fatigue_spread", d.HalfNormal(0.7))
    own = numpyro.sample("own", d.Normal(-0.2, 0.5))
    own_spread = numpyro.sample("own_spread", d.HalfNormal(0.5))
    noise = numpyro.sample("noise", d.HalfNormal(0.3))
    tail = numpyro.sample("tail", d.Gamma(2.0, 0.5))
    with numpyro.plate("rivalry", rivalries):
        each = numpyro.sample("answer_each", d.Normal(0.0, 1.0))
    with numpyro.plate("state", states):
        slow = numpyro.sample("fatigue_each", d.Normal(0.0, 1.0))
    with numpyro.plate("group", groups):
        mine = numpyro.sample("own_each", d.Normal(0.0, 1.0))
    fatigue = jnp.exp(log_fatigue + fatigue_spread * slow)[data["state_of"]][data["group"]]
    wanted = jnp.exp(data["mean_log"] + own + own_spread * mine)[data["group"]] * data["means"]
    feared = jnp.zeros(len(data["change"])).at[data["row"]].add((answer + answer_spread * each)[data["rivalry"]] * data["size"])
    step = fatigue * (wanted + feared - 1.0)
    numpyro.sample("change", d.StudentT(1.0 + tail, jnp.clip(step, -1.0, 1.0), noise), obs=data["change"])


def arguments(p: Panel) -> tuple[Any, ...]:
    """What `model` takes, from a panel."""
    import jax.numpy as jnp

    names = ("change", "means", "group", "mean_log", "state_of", "row", "rivalry", "size")
    return ({n: jnp.asarray(getattr(p, n)) for n in names}, len(p.mean_log), p.states, p.rivalries)
