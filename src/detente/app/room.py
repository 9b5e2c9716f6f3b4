"""What the page is about: a scenario with its theories learnt, its packages as dials, and every cell of futures ready to run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from detente.analysis import outcomes, project, series, spread
from detente.analysis.job import Learn, no_change
from detente.analysis.summary import RUNGS
from detente.app.ask import Ask, Known
from detente.app.cells import SIZE, Outcome, Placed, Program, Start, horizon_state
from detente.engine.compose import Model
from detente.engine.record import build_record
from detente.engine.simulate import Runner, to_theta
from detente.scenario import Scenario

FUTURES, SEED = 1000, 1
"""As `detente run` has them: a page at rest and the report show the same figures."""
PLACED = 64
"""Calls' worth of starts that are kept on the cores, about a megabyte each: a room of eleven theories has 44."""
Tell = Callable[[str], None]


@dataclass
class Held:
    """A theory that is learnt: its cells, and the same futures under no change, cell by cell as they are run."""

    id: str
    theta: np.ndarray
    luck: np.ndarray
    state: dict[str, np.ndarray]
    family: np.ndarray
    cluster: np.ndarray
    learned: Any = None
    origin: Held | None = None
    """The theory of which this is a doubted one: differences are counted from that one's figures of no change."""
    base: dict[int, Outcome] = field(default_factory=dict)
    counted: np.ndarray | None = None
    """Per rung and rivalry: is the plain count the surer estimate?"""

    @property
    def name(self) -> str:
        """How a page calls it: its id, or `mine`; a doubted theory keeps its name."""
        return self.id.partition(":")[0]

    @property
    def futures(self) -> int:
        """How many there are."""
        return len(self.family)

    @property
    def cells(self) -> int:
        """How many cells they fill; the last may hold copies beyond the last future."""
        return -(-self.futures // SIZE)

    def fixed(self, ask: Ask) -> tuple[tuple[str, float], ...]:
        """Values that a page holds by hand; none under a doubted theory, which has them in its ranges."""
        return () if self.origin else ask.of(self.name)

    def place(self, cell: int) -> np.ndarray:
        """Futures of a cell [SIZE]."""
        return np.minimum(np.arange(cell * SIZE, (cell + 1) * SIZE), self.futures - 1)


class Room:
    """A scenario made ready. `theories` fills as theories are learnt; everything else is there from the start."""

    def __init__(self, scenario: Scenario, model: Model, futures: int = FUTURES, seed: int = SEED, learn: Learn | None = None) -> None:
        self.scenario, self.model, self.seed = scenario, model, seed
        self.runner = Runner(model)
        self.items = outcomes.items(model)
        self.order = tuple(t.id for t in scenario.ordered_theories())
        self.at_table = tuple(t.id for t in scenario.ordered_theories() if t.table == "at") or self.order
        self.packages = tuple(name for name, p in scenario.policies.items() if p.levers)
        self.base_policy = no_change(scenario)
        self.futures = futures
        self.theories: dict[str, Held] = {}
        self._placed: OrderedDict[Any, Placed] = OrderedDict()
        self.learn = learn or _learnt
        self.alone = learn is None
        """Is what is learnt learnt from the record, so that another process may do it too?"""

    @cached_property
    def common(self) -> project.Common:
        """Luck and lever effects, shared by all."""
        return project.common(self.model, self.futures, self.seed)

    @cached_property
    def mixed(self) -> np.ndarray:
        """The order in which futures are run: neighbours of a posterior are kin, so that the first cells take from all over it."""
        stride = next(s for s in range(int(0.618 * self.futures), 0, -1) if np.gcd(s, self.futures) == 1)
        return np.arange(self.futures) * stride % self.futures

    @cached_property
    def program(self) -> Program:
        """The compiled futures."""
        return Program(self.model, self.items)

    @cached_property
    def program_series(self) -> tuple[series.Series, ...]:
        """Series that have a course."""
        return series.all_series(self.model)

    @cached_property
    def known(self) -> Known:
        """Names and bounds for what a page may ask."""
        bounds: dict[str, tuple[float, float]] = {}
        spans = [self.model.ranges(t) for t in (None, *self.scenario.theories.values())]
        for k, row in enumerate(self.model.rows):
            if row.group != "record":
                low, high = min(s[k, 0] for s in spans), max(s[k, 1] for s in spans)
                old = bounds.get(row.parameter, (low, high))
                bounds[row.parameter] = (float(min(low, old[0])), float(max(high, old[1])))
        return Known(self.packages, self.order, bounds)

    def argument(self, theory: str) -> str:
        """How a theory is called on the page."""
        return self.scenario.theories[theory].argument if theory in self.scenario.theories else "your theory"

    # ---------------------------------------------------------------------------------------------------------- learning

    def load(self, theory: str, tell: Tell = lambda text: None) -> Held:
        """Learn a theory (from the cache where it stands there) and keep it."""
        record = build_record(self.model)
        entry = self.scenario.theories[theory]

        def progress(stage: str, done: int, total: int) -> None:
            tell(f"{entry.argument}: learning from the record ({100 * done / max(total, 1):.0f} %)")

        return self.keep(theory, self.learn(self.runner, entry, record, self.seed, progress))

    def keep(self, name: str, learned: project.Learned, origin: Held | None = None) -> Held:
        """A posterior as cells, under a name; a page's own theory (`mine:…`) is the page's to keep."""
        made = project.projector(self.runner, learned, self.common)
        mixed = self.mixed
        state = horizon_state(self.model, {k: v[..., mixed] for k, v in made.state.items()})
        luck = np.ascontiguousarray(self.common.luck[..., mixed])
        held = Held(name, made.theta[:, mixed], luck, state, made.family[mixed], made.cluster[mixed], learned, origin)
        if name in self.scenario.theories:
            self.theories[name] = held
        return held

    def history(self, held: Held) -> tuple[np.ndarray, np.ndarray]:
        """Course of the series through the record, in the last quarter of each year: means [series, year], fans [series, year, level]."""
        learned = held.learned
        used = np.unique(project.assign(learned.z.shape[1], self.futures))
        record = build_record(self.model) if learned.health.get("conditioned", 1.0) else None
        theta = to_theta(learned.z[:, used], learned.ranges)
        batch = self.runner.history(theta, learned.luck[..., used], record, series.traced(self.model))
        years = project.times(self.model)[0]
        mean, fan = series.summarise(self.program_series, batch.traces, years, np.arange(len(years)), past=True)
        return mean[:, 3::4], fan[:, 3::4]

    # ------------------------------------------------------------------------------------------------------------ running

    def start(self, held: Held, cell: int, fixed: Sequence[tuple[str, float]] = ()) -> Start:
        """A cell's start; `fixed` holds parameters (all their elements) at a value."""
        ids = held.place(cell)
        theta = held.theta[:, ids]
        for name, value in fixed:
            theta[self.model.find(name)] = value
        return Start(theta, held.luck[..., ids], {k: v[..., ids] for k, v in held.state.items()})

    def placed(self, which: Sequence[tuple[Held, int, tuple[tuple[str, float], ...]]]) -> Placed:
        """Starts of (theory, cell, held parameters) on the cores; kept, since every move begins from the same ones."""
        key = tuple((held.id, cell, fixed) for held, cell, fixed in which)
        if key not in self._placed:
            self._placed[key] = self.program.place([self.start(*one) for one in which])
            while len(self._placed) > PLACED:
                self._placed.popitem(last=False)
        self._placed.move_to_end(key)
        return self._placed[key]

    def pulled(self, ask: Ask) -> list[tuple[str, str, tuple[float, float], tuple[float, float | None]]]:
        """What the page's measures pull: (lever, element, effect from–to, start and end; None: the horizon's end), a row each.

        Several packages that pull one lever do not add up: at either end of the range the stronger pull holds, from the earliest start to the latest
        end. A package at half its strength has half its effect.
        """
        end = float(project.future_years(self.model)[-1] + 1)
        rows: dict[int, tuple[float, float, float, float]] = {}
        for name, strength in ask.levers:
            for k, use in project.uses(self.model, self.scenario.policies[name]):
                low, high = strength * use.effect[0], strength * use.effect[1]
                first, last = use.start, end if use.end is None else use.end
                old = rows.get(k, (low, high, first, last))
                rows[k] = (max(low, old[0]), max(high, old[1]), min(first, old[2]), max(last, old[3]))
        out = []
        for k, (low, high, first, last) in sorted(rows.items()):
            lever, element = self.model.lever_rows[k]
            out.append((lever, element, (low, high), (first, None if last >= end else last)))
        return out

    def doses(self, ask: Ask) -> tuple[np.ndarray, np.ndarray]:
        """Doses [lever row, future] in the cells' order, and spans [lever row, 2], of the page's measures as one package (`pulled`)."""
        uniform = self.common.uniform[:, self.mixed]
        places = {row: k for k, row in enumerate(self.model.lever_rows)}
        doses, spans = np.zeros(uniform.shape, np.float32), np.zeros((len(uniform), 2), np.float32)
        last = float(project.future_years(self.model)[-1] + 1)
        for lever, element, (low, high), (start, end) in self.pulled(ask):
            k = places[lever, element]
            doses[k] = low + (high - low) * uniform[k]
            spans[k] = (start, last if end is None else end)
        return doses, spans

    def settle(self, held: Held) -> None:
        """Once all cells of no change are run: which estimate of a rung is the surer one, as in the main job."""
        if "hazard" not in self.model.states:
            return
        value = joined(held, held.base, range(held.cells))
        axes = self.model.states["hazard"][1][1]
        hazard = value[len(self.items) :].reshape(len(RUNGS), axes, -1)
        reached = np.stack([self._reached(value, name, hazard[k]) for k, name in enumerate(("", "crisis", "clash", "war"))])
        hits = reached.sum(axis=-1)
        kin = spread.clusters(held.family)
        known = np.minimum(hits, reached.shape[-1] - hits) >= 10
        held.counted = known & (spread.error(reached, kin) < spread.error(hazard, kin))

    def _reached(self, value: np.ndarray, name: str, default: np.ndarray) -> np.ndarray:
        rows = outcomes.places(self.items, name) if name else []
        return value[rows] if rows else default

    def figures(self, held: Held, value: np.ndarray) -> np.ndarray:
        """Values [item, future] for means: a rung's accumulated hazard where that is the surer estimate, else the plain outcome."""
        out = value[: len(self.items)].copy()
        if held.counted is None:
            return out
        axes = self.model.states["hazard"][1][1]
        hazard = value[len(self.items) :].reshape(len(RUNGS), axes, -1)
        for rung, name in ((1, "crisis"), (2, "clash"), (3, "war")):
            for k, row in enumerate(outcomes.places(self.items, name)):
                if not held.counted[rung, k]:
                    out[row] = hazard[rung, k]
        return out


def joined(held: Held, cells: Mapping[int, Outcome], which: Sequence[int]) -> np.ndarray:
    """Values [item, future] of some cells, copies beyond the last future left out."""
    return np.concatenate([cells[c].value for c in which], axis=-1)[..., _real(held, which)]


def joined_courses(held: Held, cells: Mapping[int, Outcome], which: Sequence[int]) -> np.ndarray:
    """Courses [series, year, future] of some cells."""
    parts = [course for c in which if (course := cells[c].course) is not None]
    return np.concatenate(parts, axis=-1)[..., _real(held, which)]


def _real(held: Held, which: Sequence[int]) -> np.ndarray:
    return np.concatenate([np.arange(c * SIZE, (c + 1) * SIZE) for c in which]) < held.futures


def _learnt(runner: Runner, theory: Any, record: Any, seed: int, progress: Any) -> project.Learned:
    from detente.engine.cache import load_or_assimilate

    return load_or_assimilate(runner, theory, record, seed=seed, progress=progress)
