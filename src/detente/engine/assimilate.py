"""Learning from the record: tempered sequential Monte Carlo over (parameters, luck).

The record pins every discrete event, so the likelihood of the whole record given parameters and luck is one deterministic scan. Particles
(parameters as standard normals, luck as one key a quarter) go from the prior to the posterior through powers of the likelihood chosen by effective
sample size; at each power they are resampled and moved: some parameters drawn anew as the other particles suggest, or luck for a run of neighbouring
quarters (engine/moves.py). The product of the mean incremental weights estimates the evidence without bias (Del Moral, Doucet & Jasra 2006).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from detente.engine.moves import Moves
from detente.engine.record import Record
from detente.engine.simulate import Runner, draw_luck, draw_z, to_theta

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Settings:
    """Effort of the sampler: particles, moves a level (from the prior, and from another posterior), the effective share that sets the next
    power, moves at full power (half of them after a bridge), and islands: groups resampled apart, whose evidences tell the error of the whole."""

    particles: int = 1024
    moves: int = 20
    bridge_moves: int = 12
    keep: float = 0.5
    final_moves: int = 50
    islands: int = 4


REFIT = 10
"""Moves after which the proposals are fitted again."""
BROKEN = -1e6
"""Log-likelihood of a history that is not finite."""
SEARCHES = 4
"""Histories spent on finding the next step of a bridge."""
SHORTEST = 0.02
"""Least step of a bridge: where the likelihood jumps, as where a range crosses a threshold, shorter ones would not help."""


@dataclass(frozen=True)
class Posterior:
    """What a theory learns: equally weighted particles after the record.

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
    n = settings.particles if start is None else start.size
    rng = np.random.default_rng([seed, 0xDE7E])
    if start is None:
        ids = np.arange(n)
        years = range(runner.model.start_year, runner.model.start_year + runner.model.history_steps // 4)
        z, luck, known = draw_z(runner.model, seed, ids), draw_luck(seed, ids, years), 0.0
        value = way.value(0.0, z, luck)
    else:
        mixed = rng.permutation(n)
        z, luck, value, known = start.z[:, mixed], start.luck[:, :, mixed], start.log_likelihood[mixed], start.log_evidence
    health: dict[str, Any] = {"levels": [], "settings": asdict(settings), "seed": seed, "bridged": start is not None}
    root = ancestor = np.arange(n)
    islands = [np.arange(k, n, settings.islands) for k in range(settings.islands)]
    evidences, moves, power = np.zeros(len(islands)), Moves(islands, 0.5 if start is None else 0.04), 0.0
    some, last = (settings.moves, settings.final_moves) if start is None else (settings.bridge_moves, settings.final_moves // 2)
    while power < 1.0:
        new, increment, value = way.ahead(power, z, luck, value, settings.keep)
        chosen = np.arange(n)
        for k, island in enumerate(islands):
            evidences[k] += log_mean_exp(increment[island])
            chosen[island] = island[systematic(normal(increment[island]), rng.random())]
        z, luck, root, value = z[:, chosen], luck[:, :, chosen], root[chosen], value[chosen]
        ancestor = np.arange(n) if power < 0.5 <= new else ancestor[chosen]
        power = new
        moves.begin(z)
        for k in range(last if power >= 1.0 else some):
            if k and k % REFIT == 0:
                moves.fit(z)
            z_new, luck_new, change, kind = moves.propose(k, z, luck, rng)
            trial = way.value(power, z_new, luck_new)
            accept = np.log(rng.random(n)) < way.tempered(power) * (trial - value) + change
            z, luck, value = np.where(accept, z_new, z), np.where(accept, luck_new, luck), np.where(accept, trial, value)
            moves.learn(kind, accept)
            if progress is not None:
                progress(f"level {len(health['levels']) + 1}", round(100 * power), 100)
        level = {"power": power, "effective": effective(increment) / n, "roots": len(np.unique(root)) / n}
        health["levels"].append(level | moves.report())
    chosen = _between_islands(evidences, islands, rng)
    z, luck, value, root, ancestor = z[:, chosen], luck[:, :, chosen], value[chosen], root[chosen], ancestor[chosen]
    end = runner.history(to_theta(z, limits), luck, record)
    health |= {"ancestors": len(np.unique(ancestor)) / n, "roots": len(np.unique(root)) / n}
    health |= {"evaluations": moves.count, "islands": evidences.tolist()}
    share = normal(evidences) * len(evidences)
    error = float(share.std(ddof=1) / len(share) ** 0.5) if len(share) > 1 else 0.0
    return Posterior(z, to_theta(z, limits), luck, end.state, value, ancestor, known + log_mean_exp(evidences), error, limits, health)


class _Way(ABC):
    """A path of targets, power 0 to 1, each the standard normal times a likelihood."""

    def __init__(self, runner: Runner, record: Record, limits: np.ndarray) -> None:
        self.runner, self.record, self.limits = runner, record, limits

    def at(self, power: float) -> np.ndarray:
        """Ranges in force at a power."""
        return self.limits

    def tempered(self, power: float) -> float:
        """Power of the likelihood there."""
        return power

    def value(self, power: float, z: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """Log-likelihood [particle] at the ranges of a power; a history that is not finite is next to impossible."""
        told = self.runner.history(to_theta(z, self.at(power)), luck, self.record).weights.astype(np.float64).sum(axis=0)
        return np.where(np.isfinite(told), told, BROKEN)

    @abstractmethod
    def ahead(self, power: float, z: np.ndarray, luck: np.ndarray, value: np.ndarray, keep: float) -> tuple[float, np.ndarray, np.ndarray]:
        """The next power, log-weights to it [particle], and the log-likelihood at its ranges [particle]."""


class _Rising(_Way):
    """From the prior: the likelihood's power grows."""

    def ahead(self, power: float, z: np.ndarray, luck: np.ndarray, value: np.ndarray, keep: float) -> tuple[float, np.ndarray, np.ndarray]:
        """The largest power that leaves the wanted share effective."""
        new = next_power(value, power, keep)
        return new, (new - power) * value, value


class _Sliding(_Way):
    """From a posterior of other ranges: the ranges slide, the whole record counts all the way."""

    def __init__(self, runner: Runner, record: Record, first: np.ndarray, limits: np.ndarray) -> None:
        super().__init__(runner, record, limits)
        self.first, self.step = first, 0.1

    def at(self, power: float) -> np.ndarray:
        """Between the two, in logarithms where the range is one of logarithms."""
        return between(self.first, self.limits, power)

    def tempered(self, power: float) -> float:
        """All of it."""
        return 1.0

    def ahead(self, power: float, z: np.ndarray, luck: np.ndarray, value: np.ndarray, keep: float) -> tuple[float, np.ndarray, np.ndarray]:
        """About the largest; the log of the effective share falls with the square of a step, which is how the next guess is made."""
        best: tuple[float, np.ndarray] | None = None
        step = self.step
        for trial in range(2 * SEARCHES):
            new = min(1.0, power + step)
            found = self.value(new, z, luck)
            share = min(max(effective(found - value) / len(value), 1e-6), 1.0 - 1e-9)
            if (share >= keep or step <= SHORTEST) and (best is None or new > best[0]):
                best, self.step = (new, found), step
            if best is not None and (best[0] >= 1.0 or share <= keep + 0.12 or trial >= SEARCHES):
                break
            step = max(step * float(np.clip(np.sqrt(np.log(keep + 0.06) / np.log(share)), 0.25, 4.0)), SHORTEST)
        if best is None:
            best = new, found
        return best[0], best[1] - value, best[1]


def between(first: np.ndarray, last: np.ndarray, share: float) -> np.ndarray:
    """Ranges [row, 3] on the way from some to others, in logarithms where the range is one of logarithms."""
    if share >= 1.0:
        return last
    straight = (1.0 - share) * first[:, :2] + share * last[:, :2]
    log = last[:, 2:] > 0.5
    safe = [np.where(log, x[:, :2], 1.0) for x in (first, last)]
    bent = safe[0] ** (1.0 - share) * safe[1] ** share
    return np.concatenate([np.where(log, bent, straight), last[:, 2:]], axis=1)


def _between_islands(evidences: np.ndarray, islands: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Particles chosen by the evidence of their island."""
    weight = np.zeros(sum(len(island) for island in islands))
    for share, island in zip(normal(evidences), islands, strict=True):
        weight[island] = share / len(island)
    return systematic(weight, rng.random())


def normal(log_weights: np.ndarray) -> np.ndarray:
    """Weights that sum to one, from logarithms."""
    w = np.exp(log_weights - log_weights.max())
    return w / w.sum()
