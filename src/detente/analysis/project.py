"""Projections: posterior → futures, policy → doses, and one compiled program for all of them.

A future's luck, and the draw of a lever's effect, depend on (seed, future) alone: policies and theories share them (common random numbers).
Particles are taken in pairs of futures (`REPEATS`), so that the spread by parameters and the spread by luck can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import jax.numpy as jnp
import numpy as np

from detente.analysis.series import traced
from detente.engine import chance
from detente.engine.simulate import Batch, Runner, Start, draw_luck, draw_z, to_theta, workers
from detente.scenario import ScenarioError

REPEATS = 2
"""Futures per particle where there are particles enough."""


class Learned(Protocol):
    """What a posterior offers; `ancestor` [particle] and `log_evidence_error` are asked for where it has them."""

    @property
    def z(self) -> np.ndarray:
        """Standard normals [row, particle]."""

    @property
    def luck(self) -> np.ndarray:
        """Keys of the years of the record, uint32 [step, 2, particle]."""

    @property
    def ranges(self) -> np.ndarray:
        """Low, high, log of every unknown [row, 3]."""

    @property
    def state(self) -> Mapping[str, np.ndarray]:
        """State at the record's end, {name: [*axes, particle]}."""

    @property
    def log_evidence(self) -> float:
        """Log marginal likelihood of the record; not a number where nothing was learnt."""

    @property
    def health(self) -> Mapping[str, Any]:
        """What the sampler says of itself."""


@dataclass(frozen=True)
class Prior:
    """A theory before any record: draws from its ranges, history simulated without conditioning. Offers what `Learned` asks."""

    z: np.ndarray
    luck: np.ndarray
    ranges: np.ndarray
    state: Mapping[str, np.ndarray]
    log_evidence: float
    health: Mapping[str, Any]


def prior(runner: Runner, theory: Any | None, particles: int, seed: int) -> Prior:
    """A theory's own ranges, run through the years of the record but not held to it. Equal luck for every theory."""
    model, ids = runner.model, np.arange(particles)
    ranges = model.ranges(theory)
    z = draw_z(model, seed, ids)
    luck = draw_luck(seed, ids, range(model.start_year, model.start_year + model.history_steps // 4))
    # Traced though only the end is used: the same program tells the history later.
    state = runner.history(to_theta(z, ranges), luck, None, traced(model)).state
    return Prior(z, luck, ranges, state, float("nan"), {"conditioned": 0.0})


def assign(particles: int, futures: int) -> np.ndarray:
    """Particle of each future [future]: every particle in turn; evenly spaced ones, `REPEATS` times each, where there are enough."""
    if particles < 1 or futures < 1:
        raise ValueError(f"expected at least one particle and one future, found {particles} and {futures}")
    used = min(particles, max(futures // REPEATS, 1))
    chosen = (np.arange(used) * particles) // used
    return chosen[np.arange(futures) % used]


def future_years(model: Any) -> range:
    """Calendar years of the projection."""
    first = model.start_year + model.history_steps // 4
    return range(first, first + model.future_steps // 4)


def times(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """Starts of the quarters of the record and of the futures, as years."""
    history = model.start_year + 0.25 * np.arange(model.history_steps)
    return history, model.start_year + model.history_steps / 4 + 0.25 * np.arange(model.future_steps)


def uses(model: Any, policy: Any) -> Iterator[tuple[int, Any]]:
    """(lever row, use) of a policy; the first use that names an element holds."""
    rows: dict[str, list[tuple[str, int]]] = {}
    for k, (name, element) in enumerate(model.lever_rows):
        rows.setdefault(name, []).append((element, k))
    seen: set[int] = set()
    for use in policy.levers:
        for element, k in rows.get(use.lever, ()):
            if k not in seen and (not use.on or element in use.on):
                seen.add(k)
                yield k, use


@dataclass(frozen=True)
class Common:
    """What all theories and policies share: luck uint32 [year, 2, future], and a uniform number [lever row, future] per lever effect."""

    seed: int
    luck: np.ndarray
    uniform: np.ndarray

    @property
    def futures(self) -> int:
        """How many futures."""
        return self.luck.shape[-1]


def common(model: Any, futures: int, seed: int) -> Common:
    """Luck and lever effects keyed by (seed, future) alone."""
    ids = np.arange(futures)
    sites = np.array([chance.site(f"lever/{name}/{element}") for name, element in model.lever_rows], np.uint32)
    uniform = np.asarray(chance.uniform(chance.luck_keys(seed, jnp.asarray(ids, jnp.uint32), 0), jnp.asarray(sites)))
    return Common(seed, draw_luck(seed, ids, future_years(model)), uniform)


def lever_doses(model: Any, policy: Any, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Doses float32 [lever row, future] and spans float32 [lever row, 2] (years) of a policy.

    An effect lies in its range where the future's uniform number says: the same in every package that pulls the lever. Raises ScenarioError for
    a package that waits: only a projector (`Projector.run`) knows how.
    """
    if any(use.when for use in policy.levers):
        raise ScenarioError(f"package {policy.id} waits for a condition; expected one whose levers are pulled by date alone")
    doses = np.zeros(uniform.shape, np.float32)
    spans = np.zeros((len(uniform), 2), np.float32)
    end = float(future_years(model)[-1] + 1)
    for k, use in uses(model, policy):
        low, high = use.effect
        doses[k] = low + (high - low) * uniform[k]
        spans[k] = (use.start, use.end if use.end is not None else end)
    return doses, spans


@dataclass(frozen=True)
class Projector:
    """One theory's starting points, ready for any policy: theta [row, future], state, and where each future comes from."""

    runner: Runner
    common: Common
    theta: np.ndarray
    state: Mapping[str, np.ndarray]
    particle: np.ndarray
    cluster: np.ndarray
    """Futures with the same parameters."""
    family: np.ndarray
    """Futures whose particles descend from one ancestor of the sampler: kin is no independent evidence, so errors count families."""
    block: int

    def run(self, policy: Any, trace: Sequence[str] = (), set_to: Mapping[str, float] | None = None) -> Batch:
        """Futures under a policy; `set_to` fixes parameters (all their elements) by hand, for what-if questions."""
        if any(use.when for use in policy.levers):
            from detente.analysis.adaptive import unconditional, waiting

            return waiting(self, policy).run(unconditional(policy), trace, set_to)
        theta = self.theta
        if set_to:
            theta = theta.copy()
            for name, value in set_to.items():
                theta[self.runner.model.find(name)] = value
        doses, spans = lever_doses(self.runner.model, policy, self.common.uniform)
        blocks = self._blocks(theta.shape[1])
        if len(blocks) == 1:
            return self.runner.ask(self.runner.moved(self._start, theta) if set_to else self._start, doses, spans, trace)()
        return _join([self._block(theta, doses, spans, trace, ids) for ids in blocks], theta.shape[1])

    @cached_property
    def _start(self) -> Start:
        return self.runner.start(self.theta, self.common.luck, self.state)

    def _blocks(self, futures: int) -> list[np.ndarray]:
        """Blocks of one size, the last filled with copies of its first future: one size is one compilation."""
        size = min(self.block * workers(), futures) if self.block else futures
        starts = range(0, futures, size)
        return [np.where(ids < futures, ids, start) for start in starts for ids in [start + np.arange(size)]]

    def _block(self, theta: np.ndarray, doses: np.ndarray, spans: np.ndarray, trace: Sequence[str], ids: np.ndarray) -> Batch:
        state = {name: value[..., ids] for name, value in self.state.items()}
        return self.runner.future(theta[:, ids], self.common.luck[..., ids], state, doses[:, ids], spans, trace)


def _join(batches: Sequence[Batch], futures: int) -> Batch:
    def glue(parts: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate(parts, axis=-1)[..., :futures]

    state = {k: glue([b.state[k] for b in batches]) for k in batches[0].state}
    traces = {k: glue([b.traces[k] for b in batches]) for k in batches[0].traces}
    return Batch(state, traces, glue([b.weights for b in batches]))


def projector(runner: Runner, learned: Learned, shared: Common, block: int = 0) -> Projector:
    """Starting points of futures out of a posterior (or prior). `block`: futures per core at once, 0 all; no bit depends on it."""
    particle = assign(learned.z.shape[1], shared.futures)
    theta = to_theta(learned.z[:, particle], learned.ranges)
    _, kinds = np.unique(learned.z, axis=1, return_inverse=True)
    return Projector(
        runner,
        shared,
        theta,
        {name: value[..., particle] for name, value in learned.state.items()},
        particle.astype(np.int32),
        np.asarray(kinds).reshape(-1)[particle].astype(np.int32),
        np.asarray(getattr(learned, "ancestor", kinds)).reshape(-1)[particle].astype(np.int32),
        block,
    )
