"""Futures in cells: thirty-two futures of one theory, and one compiled program that runs a handful of cells at once.

A call is short (some tens of milliseconds on two cores), so that a new move never waits long, and any mix of theories and hand-held parameters
fits into it. Bits may differ from `detente run` in the last place, since its chunks are wider; figures agree within float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from detente.analysis import series
from detente.analysis.outcomes import OUTCOMES, Item, evaluate
from detente.analysis.project import times
from detente.analysis.summary import RUNGS
from detente.engine.compose import Model
from detente.engine.simulate import OPTIONS, workers
from detente.engine.step import run_chunk

SIZE = 32
"""Futures in a cell."""
PER_CORE = 4
"""Cells that a core runs in one call."""


@dataclass(frozen=True)
class Start:
    """What a cell starts from, futures last: theta [row, SIZE], luck [step, 2, SIZE], state {name: [*axes, SIZE]}."""

    theta: np.ndarray
    luck: np.ndarray
    state: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Placed:
    """Starts of a handful of cells, laid out on the cores: one layout serves every move."""

    count: int
    theta: Any
    luck: Any
    state: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a cell ends with: values [item + rung·rivalry, SIZE] and yearly courses [series, year, SIZE]."""

    value: np.ndarray
    course: np.ndarray | None = None

    def cell(self, k: int) -> Outcome:
        """The k-th cell of a core's worth."""
        part = slice(k * SIZE, (k + 1) * SIZE)
        return Outcome(self.value[..., part].copy(), None if self.course is None else self.course[..., part].copy())


class Program:
    """The futures of one model, compiled once with courses over the years and once without."""

    def __init__(self, model: Model, items: Sequence[Item]) -> None:
        self.model, self.items, self.cores = model, tuple(items), workers()
        self.series = series.all_series(model)
        self.trace = series.traced(model)
        self.years = times(model)[1]
        self.yearly = np.arange(len(self.years)) % 4 == 3
        needed = dict.fromkeys(name for item in items for name in OUTCOMES[item.outcome].needs)
        self.keep = tuple(needed | (dict.fromkeys(["hazard"]) if "hazard" in model.states else {}))
        mesh = Mesh(np.array(jax.devices()[: self.cores]), ("core",))
        self.split, self.whole = NamedSharding(mesh, P("core")), NamedSharding(mesh, P())
        self.quarters = jax.device_put(np.asarray(self.years, np.float32), self.whole)
        self.run = {courses: self._compile(mesh, courses) for courses in (False, True)}

    @property
    def cells(self) -> int:
        """Cells in one call."""
        return PER_CORE * self.cores

    def _compile(self, mesh: Mesh, courses: bool) -> Any:
        model, trace, keep = self.model, self.trace if courses else (), self.keep
        yearly = np.flatnonzero(self.yearly)

        def local(theta: Any, luck: Any, state: Any, doses: Any, years: Any, spans: Any) -> Any:
            begin = {name: value[0] for name, value in state.items()}
            last, traces, _ = run_chunk(model, None, trace, (), theta[0], luck[0], begin, years, None, doses[0], spans)
            return {k: last[k][None] for k in keep}, {k: v[yearly][None] for k, v in traces.items()}

        split, whole = P("core"), P()
        mapped = jax.shard_map(local, mesh=mesh, in_specs=(split, split, split, split, whole, whole), out_specs=split, check_vma=False)
        shardings = (self.split, self.split, self.split, self.split, self.whole, self.whole)
        return jax.jit(mapped, in_shardings=shardings, compiler_options=OPTIONS)

    def place(self, starts: Sequence[Start]) -> Placed:
        """Up to `cells` starts on the cores."""
        state = {name: self._fold([s.state[name] for s in starts]) for name in starts[0].state}
        parts = jax.device_put((self._fold([s.theta for s in starts]), self._fold([s.luck for s in starts]), state), self.split)
        return Placed(len(starts), *parts)

    def _fold(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """[core, ..., future] of some cells, filled up with copies of the first."""
        picked = [*parts, *[parts[0]] * (self.cells - len(parts))]
        return np.stack([np.concatenate(picked[c * PER_CORE : (c + 1) * PER_CORE], axis=-1) for c in range(self.cores)])

    def __call__(self, placed: Placed, doses: Sequence[np.ndarray], spans: np.ndarray, courses: bool = False) -> list[Outcome]:
        """Run the cells placed: doses [lever row, SIZE] of each, spans [lever row, 2] of all."""
        given = placed.theta, placed.luck, placed.state, self._fold(doses), self.quarters, np.asarray(spans, np.float32)
        last, traces = jax.device_get(self.run[courses](*given))
        cores = [self._outcome({n: v[c] for n, v in last.items()}, {n: v[c] for n, v in traces.items()}) for c in range(self.cores)]
        return [cores[k // PER_CORE].cell(k % PER_CORE) for k in range(placed.count)]

    def _outcome(self, last: Mapping[str, np.ndarray], traces: Mapping[str, np.ndarray]) -> Outcome:
        value = evaluate(self.model, last, self.items)
        if "hazard" in last:
            hazard = last["hazard"][list(RUNGS)]
            value = np.concatenate([value, hazard.reshape(-1, hazard.shape[-1])])
        if not traces:
            return Outcome(value.astype(np.float32))
        years = self.years[self.yearly]
        course = np.zeros((len(self.series), len(years), value.shape[-1]), np.float32)
        for name, kind in series.KINDS.items():
            mine = [k for k, s in enumerate(self.series) if s.kind == name]
            if mine:
                values = kind.values(traces[kind.state], years)
                course[mine] = np.moveaxis(values[:, [self.series[k].place for k in mine]], 0, 1)
        return Outcome(value.astype(np.float32), course)


def horizon_state(model: Model, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """State at the record's end with what is counted from the start of the futures set to its beginning."""
    return {
        k: np.ascontiguousarray(
            np.broadcast_to(np.asarray(model.start[k])[..., None], v.shape) if model.states[k][0].horizon else v, np.float32
        )
        for k, v in state.items()
    }
