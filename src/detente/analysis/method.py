"""Is the method right? Records told by known parameters, learnt from as if they were history.

A record is simulated by the same mechanisms, through the same draws, with the coverage and the errors of a given one; its parameters are known. Simulation-
based calibration (Talts, Betancourt, Simpson, Vehtari & Gelman 2018) then asks for the rank of the true value among draws of its posterior: it is uniform
if, and only if, the sampler is right. Judged by chi-square over bins and by the band that an empirical distribution leaves with 5 % (Säilynoja, Bürkner &
Vehtari 2022, as arviz-stats has it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import chi2

from detente.analysis.calibration import rank
from detente.contract import RUNGS, Array
from detente.engine.assimilate import Posterior, Settings, assimilate
from detente.engine.compose import Model
from detente.engine.draws import Chance
from detente.engine.record import HIDDEN, ChoiceRecord, EventRecord, MeasureRecord, Record
from detente.engine.simulate import Runner, draw_luck, draw_z, to_theta
from detente.engine.step import advance, parameters_of, start_state

RECORDED = (
    "leadership",
    "intervention",
    "wish",
    "withdraw",
    "promise",
    "join",
    "exit",
    "renew",
    "enter",
    "suspend",
    "reopen",
    "open_domain",
)
"""Draws of public events: what a chronicle would hold."""
TAIL = 4
"""Degrees of freedom of a measure's heavy-tailed error, as the engine has it."""


# ------------------------------------------------------------------------------------------------------------ a record that is known


class _Noting(Chance):
    """A plain sampler that remembers what it answered."""

    def __init__(self, key: Array, sites: Mapping[str, tuple[str, np.ndarray]], theta: Array) -> None:
        super().__init__(key, sites, {}, theta)
        self.answers: dict[str, Array] = {}

    def event(self, name: str, hazard: Array) -> Array:
        """Noted."""
        self.answers[name] = super().event(name, hazard)
        return self.answers[name]

    def chance(self, name: str, probability: Array, when: Array | None = None) -> Array:
        """Noted."""
        self.answers[name] = super().chance(name, probability, when)
        return self.answers[name]

    def choice(self, name: str, hazards: Array, stay: Array) -> tuple[Array, Array]:
        """Noted."""
        found = super().choice(name, hazards, stay)
        self.answers[name] = found[0]
        return found

    def noise(self, name: str, loc: Array, scale: Array) -> Array:
        """Noted."""
        self.answers[name] = super().noise(name, loc, scale)
        return self.answers[name]


def histories(model: Model, theta: np.ndarray, luck: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """What the draws named answered in histories that no record holds: {name: [step, element, future]}, for theta [row, future]."""
    return teller(model, names)(theta, luck)


def teller(model: Model, names: Sequence[str]) -> Callable[[np.ndarray, np.ndarray], dict[str, np.ndarray]]:
    """`histories` of a model as a function of (theta, luck), compiled once a width."""
    years = (model.start_year + 0.25 * np.arange(model.history_steps)).astype(np.float32)
    program = jax.jit(partial(_scan, model, tuple(names)))

    def tell(theta: np.ndarray, luck: np.ndarray) -> dict[str, np.ndarray]:
        found = program(theta, luck, years)
        return {k: np.asarray(v) if model.draws[k][0] else np.asarray(v)[:, None] for k, v in found.items()}

    return tell


def _scan(model: Model, names: tuple[str, ...], theta: Array, luck: Array, years: Array) -> dict[str, Array]:
    p = parameters_of(model, theta)
    still = jnp.zeros((len(model.lever_rows), theta.shape[-1]))
    levers = {name: still[place] for name, (_, place) in model.levers.items()}

    def body(state: dict[str, Array], x: tuple[Array, Array, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
        year, key, first = x
        key = jax.lax.optimization_barrier(key)
        draw = _Noting(key, model.draws, theta)
        quarter = jnp.round((year - jnp.floor(year)) * 4.0).astype(jnp.int32)
        state = advance(model, state, p, SimpleNamespace(year=year, quarter=quarter, first=first), levers, draw)
        return state, {name: draw.answers[name] for name in names}

    first = jnp.arange(years.shape[0]) == 0
    return jax.lax.scan(body, start_state(model, theta), (years, luck, first))[1]


@dataclass(frozen=True)
class Honesty:
    """How a simulated record is held: `slip` the chance of a slip of coding that the likelihood grants, `weight` of the scored series (None: as
    they are). No slip is ever made, so only `slip` 0 and weights of one are exact."""

    slip: float | None = None
    weight: float | None = None


EXACT = Honesty(0.0, 1.0)


def record_like(
    like: Record,
    answers: Mapping[str, np.ndarray],
    future: int,
    theta: np.ndarray,
    rng: np.random.Generator,
    honesty: Honesty | None = None,
) -> Record:
    """The record that one simulated future would have left: coverage, errors and tails as `like` has them.

    answers: of every draw of `like`, from `histories`; theta [row] the future's parameters, for the offsets of series.
    """
    how = honesty or Honesty()
    events = {name: _events(e, answers[name][..., future], how) for name, e in like.events.items()}
    choices = {name: _choice(c, answers[name][..., future], how) for name, c in like.choices.items()}
    measures = {
        name: tuple(_measure(m, answers[name][..., future], theta, rng, how) for m in group) for name, group in like.measures.items()
    }
    return Record(events, choices, measures, like.steps)


def _events(e: EventRecord, happened: np.ndarray, how: Honesty) -> EventRecord:
    value = (happened > 0.5) & e.has
    slip = float(e.slip[e.slip > 0].min()) if how.slip is None and (e.slip > 0).any() else how.slip or 0.0
    covered = np.maximum(e.has.sum(), 1)
    rate = max(float(value.sum()) / covered, 0.5 / covered)
    score = e.score if how.weight is None else np.full_like(e.score, how.weight)
    return EventRecord(
        e.has, value.astype(np.float32), np.where(value, slip, 0.0).astype(np.float32), np.full_like(e.reference, rate), score
    )


def _choice(c: ChoiceRecord, index: np.ndarray, how: Honesty) -> ChoiceRecord:
    level = np.round(index).astype(int)[:, None]
    rungs = np.arange(len(RUNGS))[None, :, None]
    allowed = np.where(level < HIDDEN, rungs < HIDDEN, rungs == level)
    return ChoiceRecord(c.has, allowed, c.slip if how.slip is None else np.full_like(c.slip, how.slip))


def _measure(m: MeasureRecord, state: np.ndarray, theta: np.ndarray, rng: np.random.Generator, how: Honesty) -> MeasureRecord:
    noise = rng.standard_t(TAIL, state.shape) if m.student else rng.standard_normal(state.shape)
    offset = np.where(m.offset >= 0, theta[m.offset], 0.0)
    weight = how.weight if how.weight is not None and m.weight > 0.0 else m.weight
    return replace(m, y=(state + offset + m.error * noise).astype(np.float32), weight=weight)


def full_record(model: Model, measured: Mapping[str, float]) -> Record:
    """An empty record that covers every event and rung of a model in every quarter, and measures states at each year's end.

    At the year's end, since what is decided once a year is drawn there: measured later it could not be drawn from its conditional any more.

    `measured`: draw → standard deviation of the error on the draw's own scale. To be filled by `record_like`.
    """
    steps = model.history_steps
    width = {name: max(len(sites), 1) for name, (_, sites) in model.draws.items()}

    def event(n: int) -> EventRecord:
        blank = np.zeros((steps, n), np.float32)
        return EventRecord(np.ones((steps, n), bool), blank, blank, np.zeros(n, np.float32), np.ones(n, np.float32))

    has = np.zeros((steps, 1), bool)
    has[3::4] = True
    events = {name: event(width[name]) for name in RECORDED if name in model.draws}
    n = width.get("rung", 0)
    rung = ChoiceRecord(np.ones((steps, n), bool), np.ones((steps, len(RUNGS), n), bool), np.zeros((steps, n), np.float32))
    measures = {
        name: (
            MeasureRecord(
                name,
                np.zeros((steps, width[name]), np.float32),
                np.full((steps, width[name]), error, np.float32),
                np.broadcast_to(has, (steps, width[name])).copy(),
                np.full(width[name], -1, np.int32),
                1.0,
                False,
            ),
        )
        for name, error in measured.items()
    }
    return Record(events, {"rung": rung} if n else {}, measures, steps)


def truths(model: Model, ranges: np.ndarray, seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(theta [row, count], luck) from ranges; other than those of the sampler of any seed."""
    ids = np.arange(count) + 2**31
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    return to_theta(draw_z(model, seed, ids), ranges), draw_luck(seed, ids, years)


# ----------------------------------------------------------------------------------------------------------------------- calibration


def thinned(posterior: Posterior, draws: int, rng: np.random.Generator) -> np.ndarray:
    """`draws` particles, from as many families as there are, each family in turn [draw]."""
    order = rng.permutation(posterior.size)
    family = posterior.ancestor[order]
    turn = np.array([np.sum(family[:k] == f) for k, f in enumerate(family)])
    return order[np.argsort(turn, kind="stable")[:draws]]


def ranks_of(runner: Runner, record: Record, truth: np.ndarray, settings: Settings, seed: int, draws: int) -> tuple[np.ndarray, float]:
    """(ranks [row] of the true parameters among thinned draws of their posterior, share of families) for one record; −1 where a row is fixed."""
    posterior = assimilate(runner, None, record, settings, seed)
    rng = np.random.default_rng([seed, 0x5BC])
    chosen = thinned(posterior, draws, rng)
    found = rank(truth, posterior.theta[:, chosen].T, rng)
    fixed = posterior.ranges[:, 0] == posterior.ranges[:, 1]
    return np.where(fixed, -1, found), float(posterior.health["ancestors"])


@dataclass(frozen=True)
class Verdict:
    """Are ranks uniform? counts [bin]; chi-square with its p; does the empirical distribution stay in its simultaneous band of 95 %?

    `x`, `away`, `low`, `high` [point]: distribution less the diagonal, and the band, for a picture.
    """

    counts: np.ndarray
    statistic: float
    p: float
    inside: bool
    x: np.ndarray
    away: np.ndarray
    low: np.ndarray
    high: np.ndarray


def judge(ranks: np.ndarray, draws: int, bins: int = 10, simulations: int = 2000, seed: int = 1) -> Verdict:
    """Ranks [run] on 0…draws. Raises ValueError where the draws + 1 ranks do not fill the bins evenly."""
    from arviz_stats.ecdf_utils import ecdf_pit

    if (draws + 1) % bins:
        raise ValueError(f"expected draws + 1 to be a multiple of {bins} bins, found {draws} draws")
    rng = np.random.default_rng([seed, 0xEC])
    counts = np.bincount(ranks * bins // (draws + 1), minlength=bins)
    wanted = len(ranks) / bins
    statistic = float(((counts - wanted) ** 2).sum() / wanted)
    x, curve, low, high = ecdf_pit((ranks + rng.random(len(ranks))) / (draws + 1), 0.95, simulations, rng=rng)
    inside = bool(np.all((curve >= low) & (curve <= high)))
    return Verdict(counts, statistic, float(chi2.sf(statistic, bins - 1)), inside, x, curve - x, low - x, high - x)
