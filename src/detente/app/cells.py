"""Futures in cells: thirty-two futures of one theory, and one compiled program that runs a handful of cells at once.

A call is short (some tens of milliseconds on two cores), so that a new move never waits long, and any mix of theories and hand-held parameters
fits into it. Bits may differ from `detente run` in the last place, since its chunks are wider; figures agree within float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
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
class Outcome:
    """What a cell ends with: values [item + rung·rivalry, SIZE] and yearly courses [series, year, SIZE]."""

    value: np.ndarray
    course: np.ndarray | None = None


class Program:
    """The futures of one model, compiled once."""

    def __init__(self, model: Model, items: Sequence[Item]) -> None:
        self.model, self.items, self.cores = model, tuple(items), workers()
        self.series = series.all_series(model)
        self.trace = series.traced(model)
        self.years = times(model)[1]
        self.yearly = np.arange(len(self.years)) % 4 == 3
        needed = dict.fromkeys(name for item in items for name in OUTCOMES[item.outcome].needs)
        self.keep = tuple(needed | (dict.fromkeys(["hazard"]) if "hazard" in model.states else {}))
        self.run = self._compile()

    @property
    def cells(self) -> int:
        """Cells in one call."""
        return PER_CORE * self.cores

    def _compile(self) -> Any:
        model, trace, keep = self.model, self.trace, self.keep
        yearly = np.flatnonzero(self.yearly)

        def local(theta: Any, luck: Any, state: Any, doses: Any, years: Any, spans: Any) -> Any:
            begin = {name: value[0] for name, value in state.items()}
            last, traces, _ = run_chunk(model, None, trace, (), theta[0], luck[0], begin, years, None, doses[0], spans)
            return {k: last[k][None] for k in keep}, {k: v[yearly][None] for k, v in traces.items()}

        mesh = Mesh(np.array(jax.devices()[: self.cores]), ("core",))
        split, whole = P("core"), P()
        mapped = jax.shard_map(local, mesh=mesh, in_specs=(split, split, split, split, whole, whole), out_specs=split, check_vma=False)
        shardings = tuple(NamedSharding(mesh, s) for s in (split, split, split, split, whole, whole))
        return jax.jit(mapped, in_shardings=shardings, compiler_options=OPTIONS)

    def __call__(self, starts: Sequence[Start], doses: Sequence[np.ndarray], spans: np.ndarray, courses: bool = False) -> list[Outcome]:
        """Run up to `cells` cells: doses [lever row, SIZE] of each, spans [lever row, 2] of all."""
        count = len(starts)
        fill = [0] * (self.cells - count)
        picked = [*range(count), *fill]

        def fold(parts: Sequence[np.ndarray]) -> np.ndarray:
            rows = [np.concatenate([parts[k] for k in picked[c * PER_CORE : (c + 1) * PER_CORE]], axis=-1) for c in range(self.cores)]
            return np.stack(rows)

        state = {name: fold([s.state[name] for s in starts]) for name in starts[0].state}
        given = fold([s.theta for s in starts]), fold([s.luck for s in starts]), state, fold(doses)
        ran, traced = self.run(*given, jnp.asarray(self.years, jnp.float32), jnp.asarray(spans, jnp.float32))
        last = {name: np.asarray(value) for name, value in ran.items()}
        traces = {name: np.asarray(value) for name, value in traced.items()} if courses else {}
        out = []
        for k in range(count):
            core, place = k // PER_CORE, slice(k % PER_CORE * SIZE, (k % PER_CORE + 1) * SIZE)
            out.append(
                self._outcome({n: v[core][..., place] for n, v in last.items()}, {n: v[core][..., place] for n, v in traces.items()})
            )
        return out

    def _outcome(self, last: Mapping[str, np.ndarray], traces: Mapping[str, np.ndarray]) -> Outcome:
        value = evaluate(self.model, last, self.items)
        if "hazard" in last:
            hazard = last["hazard"][list(RUNGS)]
            value = np.concatenate([value, hazard.reshape(-1, hazard.shape[-1])])
        if not traces:
            return Outcome(value.astype(np.float32))
        years = self.years[self.yearly]
        course = np.zeros((len(self.series), len(years), SIZE), np.float32)
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
