"""Many futures: chunks of one fixed width, spread over the machine's cores, each answer independent of how they were spread.

One compiled program serves every theory and policy of a model shape: ranges, levers and the record's rows are arrays.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from detente.contract import Array
from detente.engine import chance
from detente.engine.compose import Model
from detente.engine.record import Record
from detente.engine.step import record_inputs, run_chunk, start_state

WIDTH = 128
"""Futures in a chunk: fits the cache, and is fixed so that bits do not depend on how many futures are asked for."""
OPTIONS = {"xla_cpu_prefer_vector_width": 512}
"""XLA's default of 256 bits leaves half of a wide core idle; narrower cores ignore it."""


def workers() -> int:
    """Host devices to spread chunks over."""
    asked = os.environ.get("DETENTE_WORKERS")
    return min(int(asked), jax.device_count()) if asked else jax.device_count()


@dataclass(frozen=True)
class Batch:
    """Result of a run: last state and traces as NumPy, futures last; log-weights [step, future] or [step, name, future]."""

    state: dict[str, np.ndarray]
    traces: dict[str, np.ndarray]
    weights: np.ndarray


@dataclass(frozen=True)
class Start:
    """Where futures begin, folded into chunks and laid out on the cores: any number of packages is run from one start."""

    count: int
    theta: Array
    luck: Array
    state: Mapping[str, Array] | None


def to_theta(z: np.ndarray, ranges: np.ndarray) -> np.ndarray:
    """Standard normals z [row, future] → parameter values, uniform (or log-uniform) on ranges [row, 3] (low, high, log). float32."""
    from scipy.special import ndtr

    u = ndtr(z)
    low, high, log = ranges[:, 0, None], ranges[:, 1, None], ranges[:, 2, None] > 0.5
    safe_low, safe_high = np.where(log, low, 1.0), np.where(log, high, 1.0)
    return np.where(log, safe_low * (safe_high / safe_low) ** u, low + (high - low) * u).astype(np.float32)


def draw_z(model: Model, seed: int, futures: np.ndarray) -> np.ndarray:
    """Prior latents [row, future], standard normal, keyed by each row's name: another row leaves them untouched."""
    key = chance.luck_keys(seed, jnp.asarray(futures, jnp.uint32), 0)
    sites = np.array([chance.site(f"prior/{r.name}") for r in model.rows], np.uint32)
    return np.asarray(chance.normal(key, sites), np.float64)


def draw_luck(seed: int, futures: np.ndarray, years: Sequence[int]) -> np.ndarray:
    """Luck uint32 [step, 2, future]: a key for each quarter of the years."""
    f = jnp.asarray(futures, jnp.uint32)
    return np.stack(
        [np.asarray(k) for y in years for year in [chance.luck_keys(seed, f, int(y))] for k in (chance.step_key(year, q) for q in range(4))]
    )


class Runner:
    """Compiled programs of one model: `history` (with a record) and `future`. Compiles once a shape; see `traces` for the count."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.compiled: dict[Any, Any] = {}
        self.traces = 0

    # -------------------------------------------------------------------------------------------- the two ways to run

    def history(
        self,
        theta: np.ndarray,
        luck: np.ndarray,
        record: Record | None,
        trace: Sequence[str] = (),
        scored: Sequence[str] = (),
    ) -> Batch:
        """1991 to the end of the record, conditioned on it (None: the prior predictive)."""
        years = self.model.start_year + 0.25 * np.arange(self.model.history_steps)
        running = self._go(self._place(theta, luck, None), years, record, tuple(trace), tuple(scored), None)
        return self._read(running, theta.shape[-1])

    def told(self, theta: np.ndarray, luck: np.ndarray, record: Record) -> np.ndarray:
        """Log-weights [step, future] of the record alone: the program of `history`, whose states stay where they are."""
        years = self.model.start_year + 0.25 * np.arange(self.model.history_steps)
        return _unfold(self._go(self._place(theta, luck, None), years, record, (), (), None)[2], theta.shape[-1])

    def future(
        self,
        theta: np.ndarray,
        luck: np.ndarray,
        state: Mapping[str, np.ndarray],
        doses: np.ndarray,
        spans: np.ndarray,
        trace: Sequence[str] = (),
    ) -> Batch:
        """The projection: state at the end of the record, lever doses [lever row, future] in force over spans [lever row, 2] (years)."""
        return self.ask(self.start(theta, luck, state), doses, spans, trace)()

    def start(self, theta: np.ndarray, luck: np.ndarray, state: Mapping[str, np.ndarray]) -> Start:
        """Where projections begin: what is counted from there set to nothing."""
        state = {
            k: np.broadcast_to(np.asarray(self.model.start[k])[..., None], v.shape) if self.model.states[k][0].horizon else v
            for k, v in state.items()
        }
        return self._place(theta, luck, state)

    def moved(self, start: Start, theta: np.ndarray) -> Start:
        """The same start with other parameters."""
        return replace(start, theta=self._place(theta, None, None).theta)

    def ask(self, start: Start, doses: np.ndarray, spans: np.ndarray, trace: Sequence[str] = ()) -> Callable[[], Batch]:
        """The projection from a start, set going; the answer waits for it."""
        first = self.model.start_year + self.model.history_steps / 4
        years = first + 0.25 * np.arange(self.model.future_steps)
        running = self._go(start, years, None, tuple(trace), (), (doses, spans))
        return lambda: self._read(running, start.count)

    # -------------------------------------------------------------------------------------------- inside

    @staticmethod
    def _read(running: Any, count: int) -> Batch:
        return Batch(*jax.tree.map(lambda x: _unfold(x, count), running))

    def _place(self, theta: np.ndarray, luck: np.ndarray | None, state: Mapping[str, np.ndarray] | None) -> Start:
        count, devices = theta.shape[-1], workers()
        put = partial(_put, chunks=_chunks(count, devices), devices=devices)
        return Start(count, *(jax.tree.map(put, x) for x in (theta, luck, None if state is None else dict(state))))

    def _go(self, start: Start, years: Any, record: Any, trace: Any, scored: Any, levers: Any) -> Any:
        """(last state, traces, log-weights) in chunks, on their way."""
        devices = workers()
        chunks, rows = _chunks(start.count, devices), len(self.model.lever_rows)
        doses, spans = levers if levers is not None else (np.zeros((rows, start.count), np.float32), np.zeros((rows, 2), np.float32))
        program = self._program(record, trace, scored, start.state is None, len(years), chunks, devices)
        return program(
            start.theta,
            start.luck,
            start.state,
            _fold(np.asarray(doses, np.float32), chunks),
            jnp.asarray(years, jnp.float32),
            record_inputs(record),
            jnp.asarray(spans, jnp.float32),
        )

    def _program(self, record: Any, trace: Any, scored: Any, starts: bool, steps: int, chunks: int, devices: int) -> Any:
        shape = (
            None
            if record is None
            else (
                tuple(record.events),
                tuple(record.choices),
                tuple((k, tuple((m.series, m.student, m.offset.tobytes()) for m in v)) for k, v in record.measures.items()),
            )
        )
        key = (shape, trace, scored, starts, steps, chunks, devices)
        if key not in self.compiled:
            self.compiled[key] = self._build(record, trace, scored, starts, devices)
        return self.compiled[key]

    def _build(self, record: Any, trace: Any, scored: Any, starts: bool, devices: int) -> Any:
        model = self.model

        def local(theta: Array, luck: Array, state: Any, doses: Array, years: Array, inputs: Any, spans: Array) -> Any:
            self.traces += 1

            def one(parts: Any) -> Any:
                theta, luck, state, doses = parts
                begin = start_state(model, theta) if starts else state
                return run_chunk(model, record, trace, scored, theta, luck, begin, years, inputs, doses, spans)

            return jax.lax.map(one, (theta, luck, state, doses))

        if devices == 1:
            return jax.jit(local, compiler_options=OPTIONS)
        mesh = _mesh(devices)
        split, whole = P("core"), P()
        sharded = jax.shard_map(
            local, mesh=mesh, in_specs=(split, split, split, split, whole, whole, whole), out_specs=split, check_vma=False
        )
        return jax.jit(
            sharded,
            in_shardings=tuple(NamedSharding(mesh, s) for s in (split, split, split, split, whole, whole, whole)),
            compiler_options=OPTIONS,
        )


def _mesh(devices: int) -> Mesh:
    return Mesh(np.array(jax.devices()[:devices]), ("core",))


def _chunks(count: int, devices: int) -> int:
    """Chunks for so many futures, as many on every core."""
    each = -(-count // (WIDTH * devices))
    return each * devices


def _put(x: np.ndarray, chunks: int, devices: int) -> Array:
    """Folded and laid out on the cores."""
    return jax.device_put(_fold(x, chunks), NamedSharding(_mesh(devices), P("core")) if devices > 1 else jax.devices()[0])


def _fold(x: np.ndarray, chunks: int) -> np.ndarray:
    """[..., future] → [chunk, ..., WIDTH], the last chunk padded with copies of the first future."""
    x = np.asarray(x)
    spare = chunks * WIDTH - x.shape[-1]
    if spare:
        x = np.concatenate([x, np.repeat(x[..., :1], spare, axis=-1)], axis=-1)
    return np.ascontiguousarray(np.moveaxis(x.reshape(*x.shape[:-1], chunks, WIDTH), -2, 0))


def _unfold(x: Any, count: int) -> np.ndarray:
    """[chunk, ..., WIDTH] → [..., future]."""
    x = np.moveaxis(np.asarray(x), 0, -2)
    return x.reshape(*x.shape[:-2], x.shape[-2] * x.shape[-1])[..., :count]  # not −1: an axis may be empty
