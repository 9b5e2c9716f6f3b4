"""Marginal likelihoods that are known exactly, for the arms mechanism alone with fear held fixed: what the sampler's own figure is held against.

Stockpiles are linear and Gaussian in log(warheads + 1): Kalman's recursion gives the likelihood for each set of parameters, quadrature over their
ranges the evidence. Budgets race as Richardson's equation, linear only near the path: an extended Kalman filter; a filter on
a grid says that this costs less than a tenth of a nat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_t, norm

from detente.engine.compose import Model
from detente.engine.record import Record
from detente.engine.simulate import to_theta

LOG_2PI = float(np.log(2.0 * np.pi))
FREEDOM = 5
"""Degrees of freedom of the proposals of `race_evidence`."""
NODES = 32
"""Gauss–Legendre nodes per unknown; 24 give the same six digits."""


def normal_log(gap: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Log density of a normal at a distance from its mean."""
    return -0.5 * (gap * gap / variance + np.log(variance) + LOG_2PI)


def ranged(limits: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Values at places u (0–1) of a range (low, high, log)."""
    low, high, log = limits
    return low * (high / low) ** u if log > 0.5 and high > low else low + (high - low) * u


def stockpiles(model: Model, record: Record, ranges: np.ndarray) -> float:
    """Log evidence of measured stockpiles, all else of the arms mechanism being of no consequence to them.

    Each actor's log(warheads + 1) goes the share `warhead_speed` of its way to base + 2·warhead_fear·(alarm − ½) at each year's end, with noise.
    """
    (m,) = record.measures["warheads"]
    rows = [model.find(name)[0] for name in ("warhead_speed", "warhead_fear", "warhead_noise")]
    node, share = np.polynomial.legendre.leggauss(NODES)
    grid = np.meshgrid(*[0.5 * (node + 1.0)] * 3, indexing="ij")
    weight = np.prod(np.meshgrid(*[0.5 * share] * 3, indexing="ij"), axis=0).ravel()
    speed, fear, noise = (ranged(ranges[row], u.ravel()) for row, u in zip(rows, grid, strict=True))
    start, threat = np.asarray(model.start["warheads"]), np.asarray(model.start["threat"])
    alarm = np.asarray(model.world.constants["fears_of"]) @ threat
    total = np.zeros(len(weight))
    for k in range(m.y.shape[1]):
        level = np.log(model.world.constants["warheads_base"][k] + 1.0) + 2.0 * fear * (alarm[k] - 0.5)
        mean, variance = np.full(len(weight), np.log(start[k] + 1.0)), np.zeros(len(weight))
        for t in range(record.steps):
            if t % 4 == 3:
                mean, variance = mean + (level - mean) * speed, (1.0 - speed) ** 2 * variance + noise**2
            if m.has[t, k]:
                whole = variance + m.error[t, k] ** 2
                gap = m.y[t, k] - mean
                total += normal_log(gap, whole)
                mean, variance = mean + variance / whole * gap, variance * (1.0 - variance / whole)
    return float(logsumexp(total, b=weight))


# ------------------------------------------------------------------------------------------------------------------------ the race


@dataclass(frozen=True)
class Race:
    """Two actors' budgets with fear and output fixed: parameters by name [draw], or [actor, draw]; constants of the scenario."""

    values: Mapping[str, np.ndarray]
    start: np.ndarray
    output: np.ndarray
    feared: np.ndarray
    """[actor, actor]: reach times fear of the column's forces."""

    def step(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(change of the logarithms x [actor, draw] in a year, its slope [actor, actor, draw])."""
        a = np.exp(x)
        means = self.values["burden"] * self.output[:, None]
        wanted = means + self.values["reaction"] * (self.feared @ a)
        raw = self.values["fatigue"] * (wanted / a - 1.0)
        slope = self.values["fatigue"] * self.values["reaction"] * self.feared[:, :, None] * a[None] / a[:, None]
        slope = slope - np.eye(2)[:, :, None] * (self.values["fatigue"] * wanted / a)[:, None]
        return raw.clip(-1.0, 1.0), np.where((np.abs(raw) < 1.0)[:, None], slope, 0.0)


def race_of(model: Model, theta: np.ndarray) -> Race:
    """The race of a model of two rivals, parameters theta [row, draw]. No free riding, ambition or growth: their ranges must be zero."""
    actors, pairs = model.world.axes["actor"], model.world.pairs
    values = {name: theta[model.find(name)[0]] for name in ("reaction", "fatigue", "arms_noise")}
    values["burden"] = theta[model.find("burden")]
    feared = np.zeros((len(actors), len(actors)))
    threat, reach = np.asarray(model.start["threat"]), np.asarray(model.world.constants["reach"])
    for k in range(len(pairs.names)):
        feared[pairs.source[k], pairs.target[k]] += threat[k] * reach[k]
    return Race(values, np.asarray(model.start["arms"], float), np.asarray(model.start["gdp"], float), feared)


def race_log_likelihood(race: Race, record: Record) -> np.ndarray:
    """Log-likelihood of measured budgets [draw] by an extended Kalman filter over both actors' logarithms."""
    (m,) = record.measures["arms"]
    noise = race.values["arms_noise"]
    x = np.broadcast_to(np.log(race.start)[:, None], (2, len(noise))).copy()
    p = np.zeros((2, 2, len(noise)))
    total = np.zeros(len(noise))
    for t in range(record.steps):
        if t % 4 == 3:
            change, slope = race.step(x)
            x, turn = x + change, slope + np.eye(2)[:, :, None]
            p = np.einsum("ijn,jkn,lkn->iln", turn, p, turn) + np.eye(2)[:, :, None] * noise**2
        for k in np.flatnonzero(m.has[t]):
            whole = p[k, k] + m.error[t, k] ** 2
            gap, gain = m.y[t, k] - x[k], p[:, k] / whole
            total += normal_log(gap, whole)
            x, p = x + gain * gap, p - gain[:, None] * p[k][None]
    return total


def race_on_grid(race: Race, record: Record, points: int = 241, reach: float = 6.0) -> float:
    """The same for one draw without linearising: densities of both logarithms on a grid that follows the path.

    The grid of points² spans `reach` standard deviations to either side of where the budgets are expected.
    """
    (m,) = record.measures["arms"]
    noise = float(race.values["arms_noise"][0])
    place, density, total = np.log(race.start)[:, None], np.ones((1, 1)), 0.0
    for t in range(record.steps):
        if t % 4 == 3:
            far = np.stack(np.meshgrid(place[0], place[1], indexing="ij")).reshape(2, -1)
            whole = Race({k: v[..., :1] for k, v in race.values.items()}, race.start, race.output, race.feared)
            there = far + whole.step(far)[0]
            middle = there @ (density.ravel() / density.sum())
            spread = np.sqrt(((there - middle[:, None]) ** 2) @ (density.ravel() / density.sum()) + noise**2)
            place = middle[:, None] + reach * spread[:, None] * np.linspace(-1.0, 1.0, points)
            first, second = (np.exp(normal_log(place[k][None] - there[k][:, None], np.array(noise**2))) for k in (0, 1))
            density = (first * density.ravel()[:, None]).T @ second * np.prod(place[:, 1] - place[:, 0])  # mass per point
        for k in np.flatnonzero(m.has[t]):
            score = np.exp(normal_log(m.y[t, k] - place[k], np.array(float(m.error[t, k]) ** 2)))
            density = density * (score[:, None] if k == 0 else score[None])
            mass = density.sum()
            total += float(np.log(mass))
            density = density / mass
    return total


def race_evidence(model: Model, record: Record, ranges: np.ndarray, draws: int = 100_000, seed: int = 1) -> tuple[float, float]:
    """(log evidence, its standard error) of measured budgets: the mean of the likelihood over the ranges, by importance sampling.

    Draws of the unknowns (as standard normals) come from a Student-t fitted in three rounds to where the likelihood is; the last round alone counts.
    """
    rng = np.random.default_rng([seed, 0xE8AC])
    used = np.flatnonzero(ranges[:, 0] < ranges[:, 1])
    mean, root = np.zeros(len(used)), np.eye(len(used))
    for _ in range(4):
        heavy = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, draws))
        t = rng.standard_normal((len(used), draws)) * heavy
        z = mean[:, None] + root @ t
        proposal = multivariate_t.logpdf(t.T, np.zeros(len(used)), np.eye(len(used)), df=FREEDOM) - np.linalg.slogdet(root)[1]
        whole = np.zeros((len(ranges), draws))
        whole[used] = z
        value = race_log_likelihood(race_of(model, to_theta(whole, ranges).astype(np.float64)), record)
        weight = value + norm.logpdf(z).sum(axis=0) - proposal
        share = np.exp(weight - weight.max())
        part = share / share.sum()
        mean = z @ part
        away = z - mean[:, None]
        root = np.linalg.cholesky((away * part) @ away.T + 1e-6 * np.eye(len(used)))
    return float(weight.max() + np.log(share.mean())), float(share.std(ddof=1) / share.mean() / draws**0.5)
