"""What the word in a parameter's `raises` measures, and parameters run low and high on common luck over the shipped scenario.

A word is measured on each future of a run of the ten years ahead; many runs share one compiled program, side by side on the axis of futures.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from detente import scenario as files
from detente.engine.compose import Model, compose
from detente.engine.simulate import WIDTH, Batch, Runner, draw_luck, draw_z, to_theta
from detente.engine.step import start_state

FUTURES = 16 * WIDTH
"""Futures of every call, so that all share one program."""
TRACE = tuple(
    "arms warheads climb rung intent conduct fear open capacity joint strike intervention pivot tech overstretch containment cohesion "
    "joined_now opened wish offer exit_now in_force gap rupture grievance hawks seen rivalry_fear over encounters bloc_fear bloc_fear_other "
    "threat".split()
)
Traces = Mapping[str, np.ndarray]
Measure = Callable[[Model, Traces], np.ndarray]


@cache
def runner() -> Runner:
    """The shipped scenario, compiled once for all tests."""
    return Runner(compose(files.load("euro_atlantic")))


@cache
def parameters() -> np.ndarray:
    """Baseline draws [row, FUTURES]."""
    model = runner().model
    return to_theta(draw_z(model, 5, np.arange(FUTURES)), model.ranges())


def start(theta: np.ndarray) -> dict[str, np.ndarray]:
    """States before the first step."""
    return {k: np.asarray(v) for k, v in start_state(runner().model, theta).items()}


@cache
def untaught() -> Batch:
    """1991–2020 as the baseline has it, not held to the record: three times ten years, by the program of the years ahead."""
    model = runner().model
    state: dict[str, np.ndarray] = start(parameters())
    no_levers = (np.zeros((len(model.lever_rows), FUTURES), np.float32), np.zeros((len(model.lever_rows), 2), np.float32))
    for first in range(model.start_year, model.start_year + 30, 10):
        years = first + 0.25 * np.arange(40)
        luck = draw_luck(5, np.arange(FUTURES), range(first, first + 10))
        run = runner()
        batch = run._read(run._go(run._place(parameters(), luck, state), years, None, TRACE, (), no_levers), luck.shape[-1])
        state = batch.state
    return batch


def mean(values: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """Mean over all but the last axis, over the places named: [future], 0 where there is none."""
    axes = tuple(range(values.ndim - 1))
    if where is None:
        return values.mean(axis=axes, dtype=np.float64)
    return (values * where).sum(axis=axes, dtype=np.float64) / np.maximum(where.sum(axis=axes), 1)


def plain(name: str) -> Measure:
    return lambda model, t: mean(t[name])


def entries(rung: int, where: Callable[[Model, Traces], np.ndarray] | None = None) -> Measure:
    """Expected entries into a rung or a higher one; with `where`, per quarter and rivalry for which it holds."""

    def measure(model: Model, t: Traces) -> np.ndarray:
        climb = t["climb"][:, rung]
        if where is None:
            return climb.sum(axis=(0, 1), dtype=np.float64)
        return mean(climb, where(model, t) & (climb > 0.0))

    return measure


def before(values: np.ndarray) -> np.ndarray:
    """What stood at the end of the quarter before: most mechanisms read that."""
    return np.concatenate([values[:1], values[:-1]])


def view(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.einsum("ab,tbf->taf", matrix, values)


def _hostile(model: Model, t: Traces) -> np.ndarray:
    return mean(t["hawks"], view(model.world.seen_by, before(t["seen"])) < -0.1)


def _friendly(model: Model, t: Traces) -> np.ndarray:
    return mean(t["open"], view(model.world.channel_pairs, before(t["conduct"])) > 0.1)


def _answer(model: Model, t: Traces) -> np.ndarray:
    return mean(t["conduct"], before(t["conduct"])[:, model.world.pairs.mirror] > 0.0)


def _stockpile(model: Model, t: Traces) -> np.ndarray:
    feared = view(model.world.fears_of, before(t["threat"])) > 0.5
    return mean(np.log1p(t["warheads"]), feared & (model.world.nuclear > 0.5)[:, None])


def _bunching(model: Model, t: Traces) -> np.ndarray:
    count = t["encounters"][:, model.world.contact > 0.5].astype(np.float64)
    return (count.var(axis=0) / (count.mean(axis=0) + 1e-9)).mean(axis=0)


def _containment(model: Model, t: Traces) -> np.ndarray:
    """New adoptions per quarter without the policy."""
    feared = before(t["bloc_fear"])[:, 0] + before(t["bloc_fear_other"])[:, 0] > 1.0
    stood = before(t["containment"])
    return mean(t["containment"] - stood, feared & (stood < 0.5))


def _hawks_rule(model: Model, t: Traces) -> np.ndarray:
    return before(t["hawks"])[:, model.world.challenger] > 0.0


def _encounters(model: Model, t: Traces) -> np.ndarray:
    return mean(t["encounters"], (before(t["rivalry_fear"]) > 0.5) & (model.world.contact > 0.5)[:, None])


MEASURES: dict[str, Measure] = {
    **{name: plain(name) for name in ("intent", "conduct", "fear", "open", "capacity", "joint", "strike", "intervention", "pivot")},
    **{name: plain(name) for name in ("tech", "overstretch", "containment", "cohesion", "opened", "wish", "offer", "in_force", "gap")},
    **{name: plain(name) for name in ("rupture", "grievance")},
    "joined": plain("joined_now"),
    "exit": plain("exit_now"),
    "arms": lambda model, t: mean(np.log(t["arms"])),
    "warheads when fear is above even": _stockpile,
    "crisis": entries(2),
    "clash": entries(3),
    "war": entries(4),
    "nuclear use": entries(5),
    "crisis with a revisionist": entries(2, lambda model, t: t["intent"][:, model.world.challenger] > 0.5),
    "crisis when alarm is false": entries(2, lambda model, t: before(t["over"]) > 0.3),
    "clash when hawks rule": entries(3, _hawks_rule),
    "conduct when the other cooperates": _answer,
    "hawks where the other is hostile": _hostile,
    "open when conduct is friendly": _friendly,
    "containment when both are feared": _containment,
    "bunching of encounters": _bunching,
    "encounters when fear is above even": _encounters,
}


def bounds(model: Model, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of a parameter's rows under the baseline; a constant of an equation's form goes a fifth down and up.

    The threshold of a bandwagon (`follow`) is out of reach under the baseline, so that it is moved around one instead.
    """
    rows = model.ranges()[model.find(name)]
    low, high = (np.array([0.8]), np.array([1.2])) if name == "follow" else (rows[:, 0], rows[:, 1])
    fixed = low == high
    return np.where(fixed, 0.8 * low, low), np.where(fixed, 1.2 * high, high)


def run_low_high(
    names: Sequence[str], futures: int, also: Mapping[str, Mapping[str, float]] | None = None
) -> dict[str, tuple[Batch, Batch]]:
    """Each parameter low and high, all else equal, luck too; half of the futures have every lever pulled at random. Batches of `futures`.

    `also` sets other parameters beside the one that is moved.
    """
    model = runner().model
    kept = np.arange(futures)
    doses = np.zeros((len(model.lever_rows), futures), np.float32)
    highs = np.array([model.levers[name][0].high for name, _ in model.lever_rows])
    pulled = kept >= futures // 2
    doses[:, pulled] = 0.7 * highs[:, None] * np.random.default_rng(7).random((len(highs), pulled.sum()))
    first = model.start_year + model.history_steps // 4
    last = first + model.future_steps // 4
    luck = draw_luck(6, kept, range(first, last))
    spans = np.tile(np.array([[first, last]], np.float32), (len(doses), 1))
    state = untaught().state
    jobs = [(name, side) for name in names for side in (0, 1)]
    at_once = FUTURES // futures
    parts: dict[tuple[str, int], Batch] = {}
    for start in range(0, len(jobs), at_once):
        block = jobs[start : start + at_once]
        theta = np.tile(parameters()[:, kept], (1, at_once))
        for j, (name, side) in enumerate(block):
            mine = slice(j * futures, (j + 1) * futures)
            for other, value in (also or {}).get(name, {}).items():
                theta[model.find(other), mine] = value
            theta[model.find(name), mine] = bounds(model, name)[side][:, None]

        def fill(x: np.ndarray) -> np.ndarray:
            return np.tile(x[..., kept], at_once)

        batch = runner().future(theta, fill(luck), {k: fill(v) for k, v in state.items()}, fill(doses), spans, TRACE)
        for j, job in enumerate(block):
            mine = slice(j * futures, (j + 1) * futures)
            parts[job] = Batch(
                *({k: v[..., mine] for k, v in group.items()} for group in (batch.state, batch.traces)), batch.weights[..., mine]
            )
    return {name: (parts[name, 0], parts[name, 1]) for name in names}


def rise(name: str, low: Batch, high: Batch) -> tuple[float, float]:
    """Mean rise of what a parameter says it raises, from low to high, and its standard error over futures."""
    model = runner().model
    measure = MEASURES[model.parameters[name][0].raises]
    gap = measure(model, high.traces) - measure(model, low.traces)
    return float(gap.mean()), float(gap.std(ddof=1) / len(gap) ** 0.5)
