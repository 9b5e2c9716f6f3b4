"""Richardson's coefficients from two centuries of rivalry: the arms race of the model, estimated on states that feared each other.

The equation is the one of the mechanism `arms`, per state i and year t, in shares s of the spending of all states (no currency is compared
across 1913/1914), with an effect of each year that takes up what all share (prices, growth, the sum that shares are shares of):

    log s_i(t+1) − log s_i(t) = year_t + fatigue_i·( (b_ie·c_i + Σ_j answer_ij·reach_ij·s_j) / s_i − 1 ) + shock,   shock ~ Student's t

c_i is i's share of the world's means: the part of the composite index of capability that is not military (people, towns, energy, iron and
steel), in place of the GDP that no shipped table holds for two centuries; reach_ij = min(1, s̄_i/s̄_j). b_ie is what i would spend of c_i for
itself in the epoch e: free, from a population of its own that knows nothing of what was spent, so that an answer cannot hide in it; its mean
may depend on how many rivals there are (`meets`), so that answers are told by changes within a rivalry and not by warlike states having more
rivals. answer_ij, one for each directed rivalry, is reaction·σ(fear): both unknown, and only the product is seen. Where a
state's series begins, spending lies around what it wants. Coefficients are hierarchical: answers, of either sign, over rivalries, fatigue over states,
b over states in their epochs. Errors of measurement, if their size is given, are independent over years and log-normal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detente.analysis.claims.world import FIRST, World

EPOCHS = ((1816, 1869), (1870, 1913), (1919, 1938), (1946, 1991), (1992, 2021))
"""Years compared within; windows that touch a world war are not among them."""
LEAST = 8
"""Fewest years of a state in an epoch."""


@dataclass(frozen=True)
class Panel:
    """Spending by cell (state and year), rows (one year's change of a state that has a rival) and entries (one a row and rival).

    `log_spent` (cell,) log share of spending; by row: `now`, `then` cells of the year and the next, `log_means` log c_i, `year` and `group` (a state
    in an epoch); by group: `state_of`, `first` row, `mean_log` mean of log(s/c), `meets` log(1 + mean number of rivals) less its mean; by entry:
    `row`, `rivalry` (directed), `rival` its cell, `log_reach`."""

    log_spent: np.ndarray
    now: np.ndarray
    then: np.ndarray
    log_means: np.ndarray
    year: np.ndarray
    group: np.ndarray
    state_of: np.ndarray
    first: np.ndarray
    mean_log: np.ndarray
    meets: np.ndarray
    row: np.ndarray
    rivalry: np.ndarray
    rival: np.ndarray
    log_reach: np.ndarray

    @property
    def change(self) -> np.ndarray:
        """(row,) change of the log share of spending."""
        return self.log_spent[self.then] - self.log_spent[self.now]

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


def _rows(x: _Shares, rival: np.ndarray, epochs: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(state, epoch, year index) with a living rival whose spending is known, states with enough years in the epoch only."""
    known, usable, found = np.isfinite(x.spent), np.isfinite(x.spent / x.means), []
    for e in epochs:
        for t in range(EPOCHS[e][0] - FIRST, EPOCHS[e][1] - FIRST):
            met = (rival[t] & known[t][None]).any(axis=1)
            found += [(int(i), e, t) for i in np.flatnonzero(usable[t] & known[t + 1] & met)]
    count = Counter((i, e) for i, e, _ in found)
    return [row for row in found if count[row[:2]] >= LEAST]


def panel(world: World, rival: np.ndarray | None = None, epochs: tuple[int, ...] = (0, 1, 2, 3, 4)) -> Panel:
    """State-years with rivals. `rival` (year, i, j): who counts as one (default: strategic rivals); `epochs`: which of `EPOCHS`."""
    rival, x = world.rival if rival is None else rival, _shares(world)
    rows = _rows(x, rival, epochs)
    groups = {key: k for k, key in enumerate(sorted({row[:2] for row in rows}))}
    states = {i: k for k, i in enumerate(sorted({i for i, _ in groups}))}
    years = {t: k for k, t in enumerate(sorted({t for _, _, t in rows}))}
    cells: dict[tuple[int, int], int] = {}
    directed: dict[tuple[int, int], int] = {}

    def cell(i: int, t: int) -> int:
        return cells.setdefault((i, t), len(cells))

    ends = np.array([(cell(i, t), cell(i, t + 1)) for i, _, t in rows])
    entries = []
    for n, (i, e, t) in enumerate(rows):
        for j in map(int, np.flatnonzero(rival[t, i] & np.isfinite(x.spent[t]))):
            reach = min(0.0, x.mean_spent[e, i] - x.mean_spent[e, j])
            entries.append((n, directed.setdefault((i, j), len(directed)), cell(j, t), reach))
    group = np.array([groups[row[:2]] for row in rows])
    row = np.array([entry[0] for entry in entries])
    meets = np.log1p(np.bincount(group, np.bincount(row)) / np.bincount(group))
    return Panel(
        np.log([x.spent[t, i] for i, t in cells]),
        ends[:, 0],
        ends[:, 1],
        np.log([x.means[t, i] for i, _, t in rows]),
        np.array([years[t] for _, _, t in rows]),
        group,
        np.array([states[i] for i, _ in groups]),
        np.array([int(np.flatnonzero(group == k)[0]) for k in range(len(groups))]),
        np.array([x.mean_burden[e, i] for i, e in groups]),
        meets - meets.mean(),
        row,
        np.array([entry[1] for entry in entries]),
        np.array([entry[2] for entry in entries]),
        np.array([entry[3] for entry in entries]),
    )


def _population() -> dict[str, Any]:
    """The unknowns that are no group's own."""
    from numpyro import distributions as d
    from numpyro import sample

    half = d.HalfNormal
    return {
        "answer": sample("answer", d.Normal(0.0, 0.5)),
        "answer_spread": sample("answer_spread", half(0.3)),
        "log_fatigue": sample("log_fatigue", d.Normal(-1.5, 1.0)),
        "fatigue_spread": sample("fatigue_spread", half(0.7)),
        "burden": sample("burden", d.Normal(-0.5, 1.0)),
        "burden_spread": sample("burden_spread", half(1.0)),
        "meets": sample("meets", d.Normal(0.0, 1.0)),
        "year_spread": sample("year_spread", half(0.1)),
        "start_spread": sample("start_spread", half(0.7)),
        "noise": sample("noise", half(0.3)),
        "tail": sample("tail", d.Gamma(2.0, 0.5)),
    }


def _each(name: str, count: int, middle: Any = 0.0, spread: Any = 1.0) -> Any:
    import numpyro
    from numpyro import distributions as d

    with numpyro.plate(name + "s", count):
        return numpyro.sample(f"{name}_each", d.Normal(middle, spread))


def model(data: Mapping[str, Any], sizes: Mapping[str, int], error: float = 0.0, begins: bool = True) -> None:
    """The equation above as a NumPyro model; `data` holds the arrays of a `Panel`. Answers, fatigue, years and errors of measurement are sampled in
    units of their spread (weakly told one by one), b as it is (told well). `error`: standard deviation of the errors of measurement, known; with 0
    spending is seen as it was. Without `begins` only changes speak, and where a series begins says nothing."""
    import jax.numpy as jnp
    import numpyro
    from jax.nn import softplus
    from numpyro import distributions as d

    p = _population()
    answer = p["answer"] + p["answer_spread"] * _each("answer", sizes["rivalries"])
    fatigue = jnp.exp(p["log_fatigue"] + p["fatigue_spread"] * _each("fatigue", sizes["states"]))[data["state_of"]][data["group"]]
    burden = _each("burden", len(data["meets"]), p["burden"] + p["meets"] * data["meets"], p["burden_spread"])
    year = p["year_spread"] * _each("year", sizes["years"])
    spent = data["log_spent"]
    if error > 0.0:
        spent = spent - error * _each("error", len(spent))
    now = spent[data["now"]]
    own = jnp.exp(burden[data["group"]] + data["log_means"] - now)
    met = answer[data["rivalry"]] * jnp.exp(data["log_reach"] + spent[data["rival"]] - now[data["row"]])
    feared = jnp.zeros(len(now)).at[data["row"]].add(met)
    if begins:  # spending lies around its target, which answers below zero must not take to nought
        at = data["first"]
        target = jnp.log(own[at]) + jnp.log(softplus(4.0 * (1.0 + feared[at] / own[at])) / 4.0 + 1e-3)
        numpyro.factor("begins", d.Normal(0.0, p["start_spread"], validate_args=False).log_prob(target))
    step = year[data["year"]] + jnp.clip(fatigue * (own + feared - 1.0), -1.0, 1.0)
    numpyro.factor("changes", d.StudentT(1.0 + p["tail"], step, p["noise"], validate_args=False).log_prob(spent[data["then"]] - now))


def arguments(p: Panel, error: float = 0.0, begins: bool = True) -> tuple[Any, ...]:
    """What `model` takes, from a panel."""
    import jax.numpy as jnp

    names = ("log_spent", "now", "then", "log_means", "year", "group", "state_of", "first", "meets", "row", "rivalry", "rival", "log_reach")
    sizes = {"rivalries": p.rivalries, "states": p.states, "years": int(p.year.max()) + 1}
    return ({n: jnp.asarray(getattr(p, n)) for n in names}, sizes, error, begins)


def starts(p: Panel) -> dict[str, Any]:
    """Middle of the chains' starting points, unconstrained."""
    spreads = {"fatigue_spread": -1.0, "answer_spread": -2.0, "burden_spread": -0.5, "year_spread": -3.0, "start_spread": -1.0}
    middle = {"log_fatigue": -2.0, "noise": -2.0, "tail": 0.5, "burden": float(p.mean_log.mean()), "burden_each": p.mean_log}
    return spreads | middle


@dataclass(frozen=True)
class Truth:
    """Coefficients that a simulated panel is made from; names and units as in `model`."""

    answer: float = 0.2
    answer_spread: float = 0.1
    fatigue: float = 0.2
    fatigue_spread: float = 0.3
    burden: float = -0.5
    burden_spread: float = 0.5
    noise: float = 0.1
    tail: float = 1.0
    start_spread: float = 0.5
    error: float = 0.0


def told(world: World, truth: Truth, seed: int, epochs: tuple[int, ...] = (0, 1, 2, 3, 4)) -> World:
    """A world with the states, means and rivals of `world` whose spending the equation made from `truth`, each epoch begun around what its first year
    wants; shares are known where the original's are. Same seed, same world."""
    rng, x = np.random.default_rng(seed), _shares(world)
    states, known = len(world.codes), np.isfinite(x.spent)
    spent = np.full_like(x.spent, np.nan)
    answer = truth.answer + truth.answer_spread * rng.standard_normal((states, states))
    fatigue = truth.fatigue * np.exp(truth.fatigue_spread * rng.standard_normal(states))
    for e in epochs:
        at = np.arange(EPOCHS[e][0] - FIRST, EPOCHS[e][1] - FIRST + 1)
        own = np.exp(truth.burden + truth.burden_spread * rng.standard_normal(states)) * _filled(x.means[at])
        there = (world.rival[at] & known[at][:, None]) * answer
        shock = truth.noise * rng.standard_t(1.0 + truth.tail, (len(at), states))
        begin, seen = truth.start_spread * rng.standard_normal(states), truth.error * rng.standard_normal((len(at), states))
        log = np.broadcast_to(np.log(own), own.shape)
        for _ in range(4):  # reach is of mean spending, which is known only afterwards
            mean = np.where(known[at], log, 0.0).sum(0) / np.maximum(known[at].sum(0), 1)
            log = _run(own, there * np.minimum(1.0, np.exp(mean[:, None] - mean)), fatigue, shock, begin)
        spent[at] = np.exp(log + seen)
    spent = np.where(known, spent, np.nan)
    with np.errstate(invalid="ignore"):
        shares = spent / np.nansum(spent, axis=1, keepdims=True)
    # the index is moved with the spending, so that what is not military stays as it is
    return replace(world, milex=shares, cinc=world.cinc + (shares - world.milex) / 6.0)


def _run(own: np.ndarray, answers: np.ndarray, fatigue: np.ndarray, shock: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Log spending (year, state) by the equation, from `own` means (year, state), `answers` (year, state, rival), and where it begins around its
    first target."""
    still = own[0]
    for _ in range(50):
        still = np.clip(own[0] + answers[0] @ still, 0.05 * own[0], 50.0 * own[0])
    log = [np.log(still) + begin]
    for t in range(len(own) - 1):
        step = fatigue * ((own[t] + answers[t] @ np.exp(log[-1])) / np.exp(log[-1]) - 1.0)
        log.append(log[-1] + np.clip(step, -1.0, 1.0) + shock[t])
    return np.array(log)


def _filled(x: np.ndarray) -> np.ndarray:
    """Missing values (year, state) by the state's mean, or by a small number where there is none."""
    there = np.isfinite(x)
    mean = np.where(there, x, 0.0).sum(0) / np.maximum(there.sum(0), 1)
    return np.where(there, x, np.where(there.any(0), mean, 1e-6))
