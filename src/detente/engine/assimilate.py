"""Learning from the record: tempered sequential Monte Carlo over (parameters, luck).

The record pins every discrete event, so the likelihood of the whole record given parameters and luck is one deterministic scan. Particles
(parameters as standard normals, luck as one key a quarter) go from the prior to the posterior through powers of the likelihood chosen by effective
sample size; at each power they are resampled and moved: some parameters drawn anew as the other particles suggest, or luck for a run of neighbouring
quarters (engine/moves.py). The product of the mean incremental weights estimates the evidence without bias (Del Moral, Doucet & Jasra 2006).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from detente.engine.moves import Moves
from detente.engine.record import Record
from detente.engine.simulate import Runner, draw_luck, draw_z, to_theta

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Settings:
    """Effort of the sampler: particles moved at once; the most moves a level (from the prior, and from another posterior), fewer where likelihoods
    forget sooner; the effective share that sets the next power; moves at full power (half of them after a bridge), during which the particles
    are kept `kept` times over; and islands: groups resampled apart, whose evidences tell the error of the whole."""

    particles: int = 256
    moves: int = 100
    bridge_moves: int = 60
    keep: float = 0.5
    final_moves: int = 200
    kept: int = 4
    islands: int = 4


FORGOTTEN = 0.3
"""A level has moved enough when the correlation of likelihoods with those at its start has fallen to this."""
REFIT = 10
"""Moves after which the proposals are fitted again, and what was forgotten is looked at."""
BROKEN = -1e6
"""Log-likelihood of a history that is not finite."""
SEARCHES = 4
"""Histories spent on finding the next step of a bridge."""
SHORTEST = 0.02
"""Least step of a bridge: where the likelihood jumps, as where a range crosses a threshold, shorter ones would not help."""
NEARLY = 0.6
"""Part of the wanted effective share at which a shortest step is taken as it is."""


@dataclass(frozen=True)
class Posterior:
    """What a theory learns: equally weighted particles after the record, `chains` of them moved together and kept several times, the newest last.

    z [row, particle] standard normals; theta [row, particle] parameter values; luck uint32 [step, 2, particle]; state at the record's end
    [*axes, particle]; log_likelihood [particle]; ancestor [particle] the particle each descends from at half of the way to the full likelihood
    (kin since then is no independent evidence; what lies further back has been moved many times over); health: what the sampler says of itself.
    """

    z: np.ndarray
    theta: np.ndarray
    luck: np.ndarray
    state: dict[str, np.ndarray]
    log_likelihood: np.ndarray
    ancestor: np.ndarray
    log_evidence: float
    log_evidence_error: float
    """Monte Carlo standard error by islands: of the evidence, or, where it was reached from another posterior, of the difference to that one's."""
    ranges: np.ndarray
    health: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.z.shape[-1])

    @property
    def chains(self) -> int:
        """Particles that were moved at once."""
        return min(int(self.health.get("chains", self.size)), self.size)

    def newest(self) -> Posterior:
        """The particles as the last move left them, one a chain."""
        part = slice(self.size - self.chains, None)
        state = {name: value[..., part] for name, value in self.state.items()}
        kept = {name: getattr(self, name)[..., part] for name in ("z", "theta", "luck", "log_likelihood", "ancestor")}
        return replace(self, state=state, **kept)


def effective(log_weights: np.ndarray) -> float:
    """Effective sample size of unnormalised log-weights."""
    w = np.exp(log_weights - log_weights.max())
    return float(w.sum() ** 2 / (w**2).sum())


def log_mean_exp(x: np.ndarray) -> float:
    """log of the mean of exp(x), without overflow."""
    top = float(x.max())
    return top + float(np.log(np.exp(x - top).mean()))


def next_power(log_likelihood: np.ndarray, power: float, keep: float) -> float:
    """Largest power at which the incremental weights keep the wanted effective share."""
    wanted = keep * len(log_likelihood)
    if effective((1.0 - power) * log_likelihood) >= wanted:
        return 1.0
    low, high = power, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        if effective((middle - power) * log_likelihood) >= wanted:
            low = middle
        else:
            high = middle
    return low


def systematic(weights: np.ndarray, u: float) -> np.ndarray:
    """Systematic resampling: indices in proportion to normalised weights."""
    places = (np.arange(len(weights)) + u) / len(weights)
    return np.searchsorted(np.cumsum(weights), places).clip(0, len(weights) - 1)


def assimilate(
    runner: Runner,
    theory: Any | None,
    record: Record,
    settings: Settings | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    ranges: np.ndarray | None = None,
    start: Posterior | None = None,
) -> Posterior:
    """Posterior of a theory (None: the baseline) given the record.

    `ranges` [row, 3] overrides the theory's (placebos, widths). With `start`, the posterior of other ranges over the same record, particles go
    from there: the ranges then slide from those to these, and only the difference of the evidence carries new error.
    """
    settings = settings or Settings()
    limits = runner.model.ranges(theory) if ranges is None else ranges
    way: _Way = _Rising(runner, record, limits) if start is None else _Sliding(runner, record, start.ranges, limits)
    rng = np.random.default_rng([seed, 0xDE7E])
    stage = way.begin
    if start is None:
        n = settings.particles
        ids, first = np.arange(n), runner.model.start_year
        z, known = draw_z(runner.model, seed, ids), 0.0
        luck = draw_luck(seed, ids, range(first, first + runner.model.history_steps // 4))
        value = way.value(stage, z, luck)
    else:
        start = start.newest()
        n, known = start.size, start.log_evidence
        z, luck, value = start.z, start.luck, start.log_likelihood[None]
    health: dict[str, Any] = {"levels": [], "settings": asdict(settings), "seed": seed, "bridged": start is not None, "chains": n}
    root = ancestor = np.arange(n)
    # Groups stay apart from the prior to the end of the last bridge: only so does their spread tell the error of a difference too.
    islands = [np.arange(k, n, settings.islands) for k in range(settings.islands)]
    evidences, moves = np.zeros(len(islands)), Moves(islands, 0.5 if start is None else 0.04)
    some, last = (settings.moves, settings.final_moves) if start is None else (settings.bridge_moves, settings.final_moves // 2)
    last = max(last, settings.kept)
    keeping = [last * (k + 1) // settings.kept for k in range(settings.kept)]
    kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    while stage.power < 1.0:
        new, increment, value = way.ahead(stage, z, luck, value, settings.keep)
        chosen = np.arange(n)
        for k, island in enumerate(islands):
            evidences[k] += log_mean_exp(increment[island])
            chosen[island] = island[systematic(normal(increment[island]), rng.random())]
        z, luck, root, value = z[:, chosen], luck[:, :, chosen], root[chosen], value[:, chosen]
        ancestor = np.arange(n) if stage.power < 0.5 <= new.power else ancestor[chosen]
        stage, moved = new, 0
        before = stage.shares @ value
        moves.begin(z)
        while moved < (last if stage.power >= 1.0 else some):
            if moved and moved % REFIT == 0:
                if stage.power < 1.0 and forgotten(before, stage.shares @ value):
                    break
                moves.fit(z)
            z_new, luck_new, change, kind = moves.propose(moved, z, luck, rng)
            trial = way.value(stage, z_new, luck_new)
            accept = np.log(rng.random(n)) < stage.shares @ (trial - value) + change
            z, luck, value = np.where(accept, z_new, z), np.where(accept, luck_new, luck), np.where(accept, trial, value)
            moves.learn(kind, accept)
            moved += 1
            if stage.power >= 1.0 and moved in keeping:
                kept.append((z, luck, value[0]))
            if progress is not None:
                progress(f"level {len(health['levels']) + 1}", round(100 * stage.power), 100)
        level = {"power": stage.power, "effective": effective(increment) / n, "roots": len(np.unique(root)) / n, "moves": moved}
        health["levels"].append(level | moves.report())
    z, luck, told = (np.concatenate(parts, axis=-1) for parts in zip(*kept, strict=True))
    end = runner.history(to_theta(z, limits), luck, record)
    health |= {"ancestors": len(np.unique(ancestor)) / n, "roots": len(np.unique(root)) / n}
    health |= {"evaluations": moves.count, "islands": evidences.tolist()}
    evidence, error = known + log_mean_exp(evidences), island_error(evidences) if len(islands) > 1 else 0.0
    ancestor = np.tile(ancestor, len(kept))
    return Posterior(z, to_theta(z, limits), luck, end.state, told, ancestor, evidence, error, limits, health)


def forgotten(before: np.ndarray, now: np.ndarray) -> bool:
    """Do particles' likelihoods [particle] still tell where they began?"""
    apart = before.std() * now.std()
    return bool(apart == 0.0 or ((before - before.mean()) * (now - now.mean())).mean() < FORGOTTEN * apart)


def island_error(evidences: np.ndarray) -> float:
    """Standard error of the log of the mean of exp(evidences) [island], by their spread; not a number from one island."""
    share = normal(evidences) * len(evidences)
    return float(share.std(ddof=1) / len(share) ** 0.5) if len(share) > 1 else float("nan")


@dataclass(frozen=True)
class _Stage:
    """A place on the way, power 0 to 1. The target is the standard normal times exp(shares @ log-likelihoods), one for each of `ranges`."""

    power: float
    ranges: tuple[np.ndarray, ...]
    shares: np.ndarray


class _Way(ABC):
    """A path of targets."""

    begin: _Stage

    def __init__(self, runner: Runner, record: Record) -> None:
        self.runner, self.record = runner, record

    def value(self, stage: _Stage, z: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """Log-likelihoods [range, particle] at a stage; a history that is not finite is next to impossible."""
        batches = [self.runner.told(to_theta(z, limits), luck, self.record) for limits in stage.ranges]
        told = np.stack([batch.astype(np.float64).sum(axis=0) for batch in batches])
        return np.where(np.isfinite(told), told, BROKEN)

    @abstractmethod
    def ahead(
        self, stage: _Stage, z: np.ndarray, luck: np.ndarray, value: np.ndarray, keep: float
    ) -> tuple[_Stage, np.ndarray, np.ndarray]:
        """The next stage, log-weights to it [particle], and the log-likelihoods there [range, particle]."""


class _Rising(_Way):
    """From the prior: the likelihood's power grows."""

    def __init__(self, runner: Runner, record: Record, limits: np.ndarray) -> None:
        super().__init__(runner, record)
        self.begin = _Stage(0.0, (limits,), np.zeros(1))

    def ahead(
        self, stage: _Stage, z: np.ndarray, luck: np.ndarray, value: np.ndarray, keep: float
    ) -> tuple[_Stage, np.ndarray, np.ndarray]:
        """The largest power that leaves the wanted share effective."""
        power = next_power(value[0], stage.power, keep)
        return _Stage(power, stage.ranges, np.array([power])), (power - stage.power) * value[0], value


class _Sliding(_Way):
    """From a posterior of other ranges: the ranges slide, the whole record counts all the way. Where even the shortest step leaves too few
    effective (the likelihood jumps, as where a hidden choice flips), the power of what is beyond the jump grows from 0 to 1 first."""

    def __init__(self, runner: Runner, record: Record, first: np.ndarray, limits: np.ndarray) -> None:
        super().__init__(runner, record)
        self.first, self.limits, self.step, self.goal = first, limits, 0.1, 0.0
        self.begin = self.rest(0.0)

    def rest(self, power: float) -> _Stage:
        """On one pair of ranges: between the two, in logarithms where the range is one of logarithms."""
        return _Stage(power, (between(self.first, self.limits, power),), np.ones(1))

    def ahead(
        self, stage: _Stage, z: np.ndarray, luck: np.ndarray, value: np.ndarray, keep: float
    ) -> tuple[_Stage, np.ndarray, np.ndarray]:
        """About the largest step; the log of the effective share falls with the square of a step, which is how the next guess is made."""
        if len(stage.ranges) > 1:
            return self._over(stage, value, keep)
        best: tuple[float, np.ndarray] | None = None
        step, tries = self.step, 0
        while True:
            power, tries = min(1.0, stage.power + step), tries + 1
            found = self.value(self.rest(power), z, luck)
            share = min(max(effective((found - value)[0]) / value.shape[-1], 1e-6), 1.0 - 1e-9)
            if share >= (keep if step > SHORTEST else NEARLY * keep) and (best is None or power > best[0]):
                best, self.step = (power, found), step
            if best is None and step <= SHORTEST:
                self.step, self.goal = step, power
                jump = _Stage(stage.power, (*stage.ranges, *self.rest(power).ranges), np.array([1.0, 0.0]))
                return self._over(jump, np.concatenate([value, found]), keep)
            if best is not None and (best[0] >= 1.0 or share <= keep + 0.12 or tries > SEARCHES):
                return self.rest(best[0]), (best[1] - value)[0], best[1]
            wish = float(np.sqrt(np.log(keep + 0.06) / np.log(share)))
            step = max(step * float(np.clip(wish, 0.25, 4.0 if share >= keep else 0.7)), SHORTEST)

    def _over(self, stage: _Stage, value: np.ndarray, keep: float) -> tuple[_Stage, np.ndarray, np.ndarray]:
        gap, share = value[1] - value[0], float(stage.shares[1])
        further = next_power(gap, share, keep)
        if further >= 1.0:
            return self.rest(self.goal), (1.0 - share) * gap, value[1:]
        power = stage.power + (self.goal - stage.power) * (further - share) / (1.0 - share)
        return _Stage(power, stage.ranges, np.array([1.0 - further, further])), (further - share) * gap, value


def between(first: np.ndarray, last: np.ndarray, share: float) -> np.ndarray:
    """Ranges [row, 3] on the way from some to others, in logarithms where the range is one of logarithms."""
    if share >= 1.0:
        return last
    straight = (1.0 - share) * first[:, :2] + share * last[:, :2]
    log = last[:, 2:] > 0.5
    safe = [np.where(log, x[:, :2], 1.0) for x in (first, last)]
    bent = safe[0] ** (1.0 - share) * safe[1] ** share
    return np.concatenate([np.where(log, bent, straight), last[:, 2:]], axis=1)


def normal(log_weights: np.ndarray) -> np.ndarray:
    """Weights that sum to one, from logarithms."""
    w = np.exp(log_weights - log_weights.max())
    return w / w.sum()
