"""Learning from the record: tempered sequential Monte Carlo over (parameters, luck).

The record pins every discrete event, so the likelihood of the whole record given parameters and luck is one deterministic scan. Particles
(parameters as standard normals, luck as one key a quarter) go from the prior to the posterior through powers of the likelihood chosen by effective
sample size; at each power they are resampled and moved: preconditioned Crank–Nicolson on a few, some or many of the parameters at once, every
third move new luck for a run of neighbouring quarters (Del Moral, Doucet & Jasra 2006; Cotter et al. 2013). The product of the mean incremental weights
estimates the evidence without bias.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from detente.engine.record import Record
from detente.engine.simulate import Runner, draw_luck, draw_z, to_theta

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Settings:
    """Effort of the sampler: particles, moves a level (from the prior, and from another posterior), the effective share that sets the next
    power, moves at full power (half of them after a bridge), and islands of a bridge: groups resampled apart, whose evidences tell the error of the whole."""

    particles: int = 1024
    moves: int = 7
    bridge_moves: int = 5
    keep: float = 0.5
    final_moves: int = 18
    islands: int = 4


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
    """Monte Carlo standard error of the difference to the posterior it was reached from, by islands; 0 where it was reached from the prior, whose
    error only runs under other seeds can tell (small islands from the prior end too far apart to be of use: 6 nats with 256 particles)."""
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
    from there: the powers then lead from that likelihood to this one, and only the difference of the evidence carries new error.
    """
    settings = settings or Settings()
    model = runner.model
    limits = model.ranges(theory) if ranges is None else ranges
    n = settings.particles if start is None else start.size
    rng = np.random.default_rng([seed, 0xDE7E])

    def likelihood(z: np.ndarray, luck: np.ndarray, limits: np.ndarray) -> np.ndarray:
        value = runner.history(to_theta(z, limits), luck, record).weights.astype(np.float64).sum(axis=0)
        return np.where(np.isfinite(value), value, -1e6)

    if start is None:
        ids = np.arange(n)
        years = range(model.start_year, model.start_year + model.history_steps // 4)
        z, luck = draw_z(model, seed, ids), draw_luck(seed, ids, years)
        before, known = np.zeros(n), 0.0
    else:
        mixed = rng.permutation(n)
        z, luck, before = start.z[:, mixed], start.luck[:, :, mixed], start.log_likelihood[mixed]
        known = start.log_evidence
    value = likelihood(z, luck, limits)
    tuner = _Tuner(settings)
    health: dict[str, Any] = {"levels": [], "settings": asdict(settings), "seed": seed, "bridged": start is not None}
    root = ancestor = np.arange(n)
    groups = 1 if start is None else settings.islands
    islands = [np.arange(k, n, groups) for k in range(groups)]
    evidences = np.zeros(len(islands))
    power = 0.0
    while power < 1.0:
        new = next_power(value - before, power, settings.keep)
        increment = (new - power) * (value - before)
        chosen = np.arange(n)
        for k, island in enumerate(islands):
            evidences[k] += log_mean_exp(increment[island])
            chosen[island] = island[systematic(_normal(increment[island]), rng.random())]
        if new >= 1.0:
            weight = np.zeros(n)
            for k, island in enumerate(islands):
                weight[island] = _normal(evidences)[k] / len(island)
            chosen = chosen[systematic(weight, rng.random())]
        z, luck, root = z[:, chosen], luck[:, :, chosen], root[chosen]
        ancestor = np.arange(n) if power < 0.5 <= new else ancestor[chosen]
        value, before = value[chosen], before[chosen]
        power = new
        tuner.begin()
        whole, some = (settings.final_moves, settings.moves) if start is None else (settings.final_moves // 2, settings.bridge_moves)
        for k in range(whole if power >= 1.0 else some):
            z_new, luck_new, kind = tuner.propose(k, z, luck, rng)
            trial = likelihood(z_new, luck_new, limits)
            trial_before = np.zeros(n) if start is None or power >= 1.0 else likelihood(z_new, luck_new, start.ranges)
            gain = power * (trial - value) + (1.0 - power) * (trial_before - before)
            accept = np.log(rng.random(n)) < gain
            z, luck = np.where(accept, z_new, z), np.where(accept, luck_new, luck)
            value, before = np.where(accept, trial, value), np.where(accept, trial_before, before)
            tuner.learn(kind, accept)
            if progress is not None:
                progress(f"level {len(health['levels']) + 1}", round(100 * power), 100)
        health["levels"].append({"power": power, "effective": effective(increment) / n, "roots": len(np.unique(root)) / n} | tuner.report())
    last = runner.history(to_theta(z, limits), luck, record)
    health["ancestors"] = len(np.unique(ancestor)) / n
    health["roots"] = len(np.unique(root)) / n
    health["evaluations"] = tuner.count
    health["islands"] = evidences.tolist()
    share = _normal(evidences) * len(evidences)
    error = float(share.std(ddof=1) / len(share) ** 0.5) if len(share) > 1 else 0.0
    evidence = known + log_mean_exp(evidences)
    return Posterior(z, to_theta(z, limits), luck, last.state, value, ancestor, evidence, error, limits, health)


def _normal(log_weights: np.ndarray) -> np.ndarray:
    """Weights that sum to one, from logarithms."""
    w = np.exp(log_weights - log_weights.max())
    return w / w.sum()


SCALES = (0.01, 0.05, 0.2)
"""Shares of the parameters moved at once: few and far, or many and near."""


class _Tuner:
    """Proposals and their adaptation: parameters at three scales in turn, every third move luck."""

    def __init__(self, settings: Settings) -> None:
        self.step = dict.fromkeys(SCALES, 0.9)
        self.blocks = 12.0
        self.count = 0
        self.settings = settings
        self.taken: dict[Any, list[float]] = {}

    def begin(self) -> None:
        self.taken = {}

    def propose(self, k: int, z: np.ndarray, luck: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Any]:
        self.count += 1
        if k % 3 == 2:
            return z, _renew(luck, self.blocks, rng), "luck"
        share = SCALES[(k - k // 3) % len(SCALES)]
        beta = self.step[share]
        fresh = np.sqrt(1.0 - beta**2) * z + beta * rng.standard_normal(z.shape)
        return np.where(rng.random(z.shape) < share, fresh, z), luck, share

    def learn(self, kind: Any, accept: np.ndarray) -> None:
        rate = float(accept.mean())
        self.taken.setdefault(kind, []).append(rate)
        if kind == "luck":
            self.blocks = float(np.clip(self.blocks * np.exp(0.7 * (rate - 0.35)), 1.0, 16.0))
        else:
            self.step[kind] = float(np.clip(self.step[kind] * np.exp(0.7 * (rate - 0.3)), 0.03, 1.0))

    def report(self) -> dict[str, float]:
        rates = {("luck" if k == "luck" else f"parameters_{k:g}"): float(np.mean(v)) for k, v in self.taken.items()}
        return {f"accepted_{k}": v for k, v in rates.items()} | {f"step_{k:g}": v for k, v in self.step.items()} | {"quarters": self.blocks}


def _renew(luck: np.ndarray, longest: float, rng: np.random.Generator) -> np.ndarray:
    """New keys for a run of neighbouring quarters of each particle, up to about `longest`."""
    steps, _, n = luck.shape
    first, length = rng.integers(-2, steps, n), 1 + np.floor(longest * rng.random(n))
    at = np.arange(steps)[:, None]
    hit = (at >= first) & (at < first + length)
    fresh = rng.integers(0, 2**32, luck.shape, dtype=np.uint32)
    return np.where(hit[:, None, :], fresh, luck)
