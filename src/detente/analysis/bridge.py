"""From one posterior to another, and what each datum of the record says on the way.

Two targets over the same unknowns (standard normals z and luck), which may differ in their ranges, in the record, or in how much a series weighs. Where
only the ranges differ, these slide from the one to the other; else particles go through L₀^(1−β)·L₁^β. They are resampled and moved on the way as in
`engine/assimilate.py`.

Along either path d log Z = E[d log L], and log L is a sum over names of the record and quarters: so the difference of log Z is a sum, too (thermodynamic
integration: Gelman & Meng 1998; on a path on which all data move together the parts are the values of Aumann & Shapley 1974). Between two points of the
path the expectation is taken by reweighting the particles of the first, whose integral is exactly the sampler's own estimate: parts add to the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from detente.engine.assimilate import (
    BROKEN,
    REFIT,
    SEARCHES,
    Settings,
    between,
    effective,
    island_error,
    log_mean_exp,
    next_power,
    normal,
    systematic,
)
from detente.engine.moves import Moves
from detente.engine.record import Record
from detente.engine.simulate import Runner, to_theta

Progress = Callable[[str, int, int], None]
Evaluate = Callable[[np.ndarray, np.ndarray, bool], tuple[np.ndarray, np.ndarray]]
"""(z, luck, is the first needed?) → log-likelihoods [name, step, particle] under the first and the second target."""
NODES, SHARES = np.polynomial.legendre.leggauss(96)
"""Quadrature between two powers, in a root of the way: particles far below the others lose their weight at its very beginning."""
ROOT = 5
SHORTEST = 0.025
"""A step of sliding ranges is no shorter, whatever it leaves effective: the gap to the way there tells what that costs."""
SLACK = 0.15
"""How much more than the wanted share may be left effective by a step of sliding ranges."""


@dataclass(frozen=True)
class Target:
    """What particles are held to: ranges [row, 3], the record, and the factor by which each scored name weighs (1 where not given)."""

    ranges: np.ndarray
    record: Record
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Crossing:
    """A way from one target to another.

    `gain`: log Z of the second less log Z of the first; `error`: its standard error; `islands` [island] the same from each group of particles resampled
    apart, whose spread is the error. `parts` [island, name, step]: what each name of the record adds to an island's gain in each quarter. z, luck:
    particles of the second target; ancestor [particle]: the particle of the first from which each descends. `levels`: powers and acceptance.
    `strain` [name, step]: shares, adding to one, of what sets the powers so close (the spread of log L₁ − log L₀ among particles); `pull` [row]: mean
    correlation of an unknown with that difference.
    """

    gain: float
    error: float
    islands: np.ndarray
    parts: np.ndarray
    z: np.ndarray
    luck: np.ndarray
    ancestor: np.ndarray
    strain: np.ndarray
    pull: np.ndarray
    levels: tuple[dict[str, float], ...]


def scored_names(record: Record) -> tuple[str, ...]:
    """Names of the record that weigh: draws of events, the rungs, measured series."""
    events = [name for name, e in record.events.items() if e.score.any() and e.has.any()]
    measures = [m.series for group in record.measures.values() for m in group if m.weight > 0.0]
    return (*events, *record.choices, *measures)


def parts_of(runner: Runner, target: Target, names: Sequence[str], z: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Log-likelihood of each name in each quarter [name, step, particle]; a history that is not finite counts as −1e6 in the first quarter."""
    found = runner.history(to_theta(z, target.ranges), luck, target.record, scored=tuple(names)).weights
    factor = np.array([target.weights.get(name, 1.0) for name in names], np.float32)
    parts = np.moveaxis(found, 1, 0) * factor[:, None, None]
    broken = ~np.isfinite(parts).all(axis=(0, 1))
    if broken.any():
        parts[:, :, broken] = 0.0
        parts[0, 0, broken] = BROKEN
    return parts


@dataclass(frozen=True)
class Step:
    """To the next point of a path: how far (0–1) one is there, and the log-likelihoods [name, step, particle] whose difference, times `width`, is the
    log-weight."""

    power: float
    width: float
    old: np.ndarray
    new: np.ndarray


class Path(Protocol):
    """Targets from 0 to 1."""

    def ahead(self, power: float, z: np.ndarray, luck: np.ndarray, keep: float) -> Step:
        """The largest step that leaves the wanted share of the particles effective."""

    def value(self, power: float, z: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """Log-likelihood [particle] of the target at a point."""

    def reached(self, step: Step) -> np.ndarray:
        """The same at a step's end, for the particles of the step."""


class Tempered:
    """L₀^(1−β)·L₁^β."""

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate

    def ahead(self, power: float, z: np.ndarray, luck: np.ndarray, keep: float) -> Step:
        """The largest power, by the effective sample size."""
        old, new = self.evaluate(z, luck, True)
        goal = next_power(_total(new) - _total(old), power, keep)
        return Step(goal, goal - power, old, new)

    def value(self, power: float, z: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """At the end the first likelihood is not needed."""
        first, second = (_total(x) for x in self.evaluate(z, luck, power < 1.0))
        return power * second + (1.0 - power) * first

    def reached(self, step: Step) -> np.ndarray:
        """From what the step holds."""
        return step.power * _total(step.new) + (1.0 - step.power) * _total(step.old)


class Sliding:
    """The whole likelihood, at ranges that go from the first target's to the second's."""

    def __init__(self, runner: Runner, names: Sequence[str], first: Target, second: Target) -> None:
        self.runner, self.names, self.first, self.second, self.stride = runner, names, first, second, 1.0

    def parts(self, power: float, z: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """Log-likelihoods [name, step, particle] at the ranges of a point."""
        there = replace(self.second, ranges=between(self.first.ranges, self.second.ranges, power))
        return parts_of(self.runner, there, self.names, z, luck)

    def ahead(self, power: float, z: np.ndarray, luck: np.ndarray, keep: float) -> Step:
        """About the largest step, from the last one's length on: the logarithm of the effective share falls with about the square of a step."""
        old, low, high = self.parts(power, z, luck), power, 1.0
        goal, least = min(power + self.stride, 1.0), min(power + SHORTEST, 1.0)
        best: Step | None = None
        for _ in range(SEARCHES):
            found = self.parts(goal, z, luck)
            share = effective(_total(found) - _total(old)) / z.shape[-1]
            if share >= keep or best is None or best.power > goal:
                best = Step(goal, 1.0, old, found)
            if (share >= keep and (goal >= 1.0 or share <= keep + SLACK)) or goal <= least:
                break
            low, high = (goal, high) if share >= keep else (low, goal)
            longer = power + (goal - power) * np.sqrt(np.log(keep + SLACK / 2) / min(np.log(share), -1e-3))
            goal = float(longer) if low < longer < high else high if share >= keep and longer >= high == 1.0 else 0.5 * (low + high)
            goal = max(goal, least)
        assert best is not None
        self.stride = best.power - power
        return best

    def value(self, power: float, z: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """One history."""
        return _total(self.parts(power, z, luck))

    def reached(self, step: Step) -> np.ndarray:
        """From what the step holds."""
        return _total(step.new)


def cross(
    runner: Runner,
    names: Sequence[str],
    z: np.ndarray,
    luck: np.ndarray,
    targets: tuple[Target, Target],
    settings: Settings | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Crossing:
    """Take particles z [row, particle], luck [step, 2, particle] of the first target to the second."""
    first, second = targets
    factor = [np.array([t.weights.get(name, 1.0) for name in names], np.float32)[:, None, None] for t in targets]

    def evaluate(z: np.ndarray, luck: np.ndarray, both: bool) -> tuple[np.ndarray, np.ndarray]:
        if first.record is second.record and first.ranges is second.ranges:  # one history tells both
            plain = parts_of(runner, Target(first.ranges, first.record), names, z, luck)
            return plain * factor[0], plain * factor[1]
        last = parts_of(runner, second, names, z, luck)
        return (parts_of(runner, first, names, z, luck) if both else last), last

    slides = first.record is second.record and first.ranges is not second.ranges and first.weights == second.weights
    path: Path = Sliding(runner, names, first, second) if slides else Tempered(evaluate)
    return walk(path, z, luck, settings or Settings(), np.random.default_rng([seed, 0xB41D]), progress)


def walk(
    path: Path,
    z: np.ndarray,
    luck: np.ndarray,
    settings: Settings,
    rng: np.random.Generator,
    progress: Progress | None = None,
    steps: int | None = None,
) -> Crossing:
    """Take particles along a path. `steps`: luck of later quarters, which no target sees, is left as it is."""
    n, power = z.shape[-1], 0.0
    ancestor = np.arange(n)
    groups = [np.arange(k, n, settings.islands) for k in range(settings.islands)]
    gains, moves, levels = np.zeros(len(groups)), Moves(groups), list[dict[str, float]]()
    parts: np.ndarray | float = 0.0
    strain: np.ndarray | float = 0.0
    pull: np.ndarray | float = 0.0
    while power < 1.0:
        step = path.ahead(power, z, luck, settings.keep)
        apart, gap = step.new - step.old, _total(step.new) - _total(step.old)
        increment = step.width * gap
        gains += [log_mean_exp(increment[group]) for group in groups]
        parts = parts + np.stack([_integral(apart[..., group], gap[group], step.width) for group in groups])
        hard, pulled = strains(apart, gap, increment, z)
        strain, pull, power = strain + step.width**2 * hard, pull + (step.power - power) * pulled, step.power
        chosen = _resample(increment, groups, rng)
        z, luck, ancestor, value = z[:, chosen], luck[..., chosen], ancestor[chosen], path.reached(step)[chosen]
        moves.begin(z)
        for k in range(settings.final_moves // 2 if power >= 1.0 else settings.bridge_moves):
            if k and k % REFIT == 0:
                moves.fit(z)
            z_new, fresh, change, kind = moves.propose(k, z, luck[:steps], rng)
            luck_new = fresh if steps is None else np.concatenate([fresh, luck[steps:]])
            trial = path.value(power, z_new, luck_new)
            accept = np.log(rng.random(n)) < trial - value + change
            z, luck, value = np.where(accept, z_new, z), np.where(accept, luck_new, luck), np.where(accept, trial, value)
            moves.learn(kind, accept)
            if progress is not None:
                progress(f"level {len(levels) + 1}", round(100 * power), 100)
        share = effective(increment) / n
        levels.append({"power": power, "effective": share, "ancestors": len(np.unique(ancestor)) / n} | moves.report())
    assert isinstance(parts, np.ndarray)
    strain = strain / max(float(np.sum(strain)), 1e-12)
    gain, error = log_mean_exp(gains), island_error(gains)
    return Crossing(gain, error, gains, parts, z, luck, ancestor, np.asarray(strain), np.asarray(pull), tuple(levels))


def strains(parts: np.ndarray, gap: np.ndarray, log_weights: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(covariance of each part [name, step, particle] with their sum `gap`, correlation of each unknown z [row, particle] with it), reweighted."""
    w = normal(0.5 * log_weights)
    away = gap - w @ gap
    spread = max(float(w @ away**2), 1e-12)
    far = z - (z @ w)[:, None]
    return parts @ (w * away), far @ (w * away) / np.sqrt(spread * np.maximum(far**2 @ w, 1e-12))


def _total(parts: np.ndarray) -> np.ndarray:
    return parts.sum(axis=(0, 1), dtype=np.float64)


def _resample(increment: np.ndarray, groups: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Particles chosen inside each group: groups stay apart, so that their spread tells the error."""
    chosen = np.arange(len(increment))
    for group in groups:
        chosen[group] = group[systematic(normal(increment[group]), rng.random())]
    return chosen


def _integral(parts: np.ndarray, gap: np.ndarray, width: float) -> np.ndarray:
    """∫ of the reweighted mean of parts [name, step, particle] while the power grows by `width`: adds to log mean exp(width·gap)."""
    weight = np.zeros(len(gap))
    for node, share in zip(NODES, SHARES, strict=True):
        place = 0.5 * (node + 1.0)
        weight += 0.5 * ROOT * place ** (ROOT - 1) * share * width * normal(place**ROOT * width * gap)
    return parts @ weight
