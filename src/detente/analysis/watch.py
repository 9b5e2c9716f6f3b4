"""What to watch: how much the next years' observables would tell about which theory is right.

For an observable X of a year the expected information about the theory index T is

    I(T; X) = Σ_t π_t Σ_x p_t(x) log₂(p_t(x) / Σ_s π_s p_s(x))          bits

p_t(x) averages, over the futures of a theory, the exact probability of seeing x when that future is the true one: a nested Monte Carlo estimate whose inner
expectation is the average and whose outer one is a sum over the outcomes. A question about a year is seen as it is; a measured series with its series' own
error and offset, in 64 cells of its scale. The plug-in estimate is too large by about (cells − 1)(theories − 1)/(2 futures): families of particles are left
out in turn (jackknife), which takes that away to first order and gives the error. A value below nought means: nothing found.

π is even unless given. Nothing here says that one of the theories is right.

Source: Lindley 1956 (expected information of an experiment); Efron & Stein 1981 (jackknife).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import norm, t

from detente.analysis import observables, project
from detente.analysis.job import no_change
from detente.analysis.observables import Sight
from detente.engine.compose import Model, compose
from detente.engine.record import MeasureRecord, Record, build_record
from detente.engine.simulate import Runner
from detente.scenario import Scenario

Progress = Callable[[str, int, int], None]
Learn = Callable[[Runner, Any, Record], project.Learned]
CELLS = 64
GROUPS = 20
"""Groups of families left out in turn; fewer where a theory has fewer families."""
Z95 = 1.959963984540054
_TABLE = np.linspace(-12.0, 12.0, 4801)
_TAILS = {False: norm.cdf(_TABLE), True: t(4).cdf(_TABLE)}


@dataclass(frozen=True)
class Gauge:
    """A measured series of one element: where it is read off, its usual error and quarter."""

    draw: str
    measure: MeasureRecord
    place: int
    element: str
    error: float
    quarter: int

    @property
    def name(self) -> str:
        """`series[element]`."""
        return f"{self.measure.series}[{self.element}]"


def gauges(model: Model, record: Record, since: int = 5) -> tuple[Gauge, ...]:
    """Series with a measure in the last `since` years: what has stopped being measured cannot be watched."""
    out = []
    for draw, group in record.measures.items():
        axis = model.world.axes[model.draws[draw][0]]
        for m in group:
            for k, element in enumerate(axis):
                steps = np.flatnonzero(m.has[:, k])
                if len(steps) and steps[-1] >= record.steps - 4 * since:
                    quarter = int(np.bincount(steps % 4, minlength=4).argmax())
                    out.append(Gauge(draw, m, k, element, float(np.median(m.error[steps, k])), quarter))
    return tuple(out)


def near(scenario: Scenario, years: int) -> Scenario:
    """The scenario with futures of a few years only: what was learnt is the same."""
    end = scenario.horizon.end
    wanted = min(scenario.history.end.year + years, end.year)
    return scenario.model_copy(update={"horizon": scenario.horizon.model_copy(update={"end": end.replace(year=wanted)})})


def watch(
    scenario: Scenario,
    theories: Sequence[str] | None = None,
    years: int = 3,
    futures: int = 1000,
    seed: int = 1,
    weights: Mapping[str, float] | None = None,
    learn: Learn | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Expected information of every observable of the next years about which of the theories is right (ids; None: all that
    differ). Two ids: about those two.

    Dimensions: observable, year, theory, outcome. Variables: bits [observable, year] with error (jackknife) and plug_in; chance [theory, observable, year,
    outcome] what each theory expects; outcome_value [observable, year, outcome] 0 and 1 for questions, centres of cells on the record's scale otherwise (not
    a number past an observable's outcomes). Coordinates kind (`question` or `series`), what (question's kind or series' id), element; prior [theory].
    """
    say = progress or (lambda stage, done, total: None)
    runner = Runner(compose(near(scenario, years)))
    model, record = runner.model, build_record(runner.model)
    found, measured = observables.sights(model, record), gauges(model, record)
    learn = learn or _learn(seed, say)
    names = _apart(scenario, model) if theories is None else [x.id for x in scenario.ordered_theories() if x.id in theories]
    seen = []
    for n, name in enumerate(names):
        say(scenario.theories[name].argument, n, len(names))
        seen.append(_seen(runner, record, learn(runner, scenario.theories[name], record), (found, measured), futures, seed))
    say("done", len(names), len(names))
    prior = np.array([1.0 if weights is None else weights.get(name, 0.0) for name in names])
    return _informed(model, names, prior / prior.sum(), seen, found, measured)


def _apart(scenario: Scenario, model: Model) -> list[str]:
    """Theories by id, one of each set of ranges: nothing can tell apart two that say the same."""
    kept: dict[bytes, str] = {}
    for theory in scenario.ordered_theories():
        kept.setdefault(model.ranges(theory).tobytes(), theory.id)
    return list(kept.values())


def _learn(seed: int, say: Progress) -> Learn:
    from detente.engine.cache import load_or_assimilate

    def learn(runner: Runner, theory: Any, record: Record) -> project.Learned:
        return load_or_assimilate(
            runner, theory, record, seed=seed, progress=lambda text, part, whole: say(f"learning, {text}", round(part), round(whole))
        )

    return learn


@dataclass(frozen=True)
class Seen:
    """One theory's futures: answers bool [sight, year, future], levels [gauge, year, future] on the record's scale before its error, family [future]."""

    answers: np.ndarray
    levels: np.ndarray
    family: np.ndarray


def _seen(
    runner: Runner, record: Record, learned: project.Learned, wanted: tuple[tuple[Sight, ...], tuple[Gauge, ...]], futures: int, seed: int
) -> Seen:
    model = runner.model
    projector = project.projector(runner, learned, project.common(model, futures, seed))
    policy = model.scenario.policies[no_change(model.scenario)]
    traces = projector.run(policy, observables.traced(model, record)).traces
    rows = {(r.parameter, r.element): k for k, r in enumerate(model.rows)}
    levels = []
    for g in wanted[1]:
        state = observables.scale(g.draw, traces[g.draw][g.quarter :: 4, g.place].astype(float))
        row = rows.get((f"offset_{g.measure.series}", g.element))
        levels.append(state + (projector.theta[row] if row is not None else 0.0))
    shape = (0, model.future_steps // 4, projector.theta.shape[1])
    return Seen(observables.answers(wanted[0], traces), np.stack(levels) if levels else np.zeros(shape), projector.family)


def _informed(
    model: Model, names: list[str], prior: np.ndarray, seen: Sequence[Seen], found: tuple[Sight, ...], measured: tuple[Gauge, ...]
) -> xr.Dataset:
    years = model.future_steps // 4
    groups = min(GROUPS, *(len(np.unique(s.family)) for s in seen))
    labels = [_groups(s.family, groups) for s in seen]
    size = len(found) + len(measured)
    chance = np.zeros((len(names), size, years, CELLS))
    value = np.full((size, years, CELLS), np.nan)
    bits, error, plug = (np.zeros((size, years)) for _ in range(3))
    for k in range(size):
        for y in range(years):
            if k < len(found):
                value[k, y, :2] = 0.0, 1.0
                kernels = [np.eye(2)[s.answers[k, y].astype(int)] for s in seen]
            else:
                g = measured[k - len(found)]
                kernels, value[k, y] = cells([s.levels[k - len(found), y] for s in seen], g.error, g.measure.student)
            width = kernels[0].shape[1]
            sums = np.stack(
                [np.stack([kernel[label == i].sum(axis=0) for i in range(groups)]) for kernel, label in zip(kernels, labels, strict=True)]
            )
            chance[:, k, y, :width] = np.stack([kernel.mean(axis=0) for kernel in kernels])
            bits[k, y], error[k, y], plug[k, y] = jackknife(sums, prior)
    what = [s.kind for s in found] + [g.measure.series for g in measured]
    first = model.start_year + model.history_steps // 4
    return xr.Dataset(
        {
            "bits": (("observable", "year"), bits),
            "error": (("observable", "year"), error),
            "plug_in": (("observable", "year"), plug),
            "chance": (("theory", "observable", "year", "outcome"), chance),
            "outcome_value": (("observable", "year", "outcome"), value),
        },
        {
            "observable": np.array([s.name for s in found] + [g.name for g in measured], object),
            "kind": ("observable", np.array(["question"] * len(found) + ["series"] * len(measured), object)),
            "what": ("observable", np.array(what, object)),
            "element": ("observable", np.array([s.element for s in found] + [g.element for g in measured], object)),
            "year": [first + y for y in range(years)],
            "theory": np.array(names, object),
            "prior": ("theory", prior),
        },
        {"groups": groups, "entropy": float(-(prior[prior > 0] * np.log2(prior[prior > 0])).sum())},
    )


def _groups(family: np.ndarray, groups: int) -> np.ndarray:
    """Group [future] of each family: families in turn, so that groups have about equal numbers of them."""
    return np.unique(family, return_inverse=True)[1] % groups


def cells(levels: Sequence[np.ndarray], error: float, student: bool) -> tuple[list[np.ndarray], np.ndarray]:
    """(probability of each cell [future, cell] given each future's level, by theory; centres of the cells [cell])."""
    whole = np.concatenate(levels)
    low, high = np.quantile(whole, [0.001, 0.999])
    inner = np.linspace(low - 2.5 * error, high + 2.5 * error, CELLS - 1)
    width = inner[1] - inner[0]
    tail = _TAILS[student]

    def kernel(level: np.ndarray) -> np.ndarray:
        below = np.interp((inner[None, :] - level[:, None]) / error, _TABLE, tail)
        return np.diff(np.pad(below, ((0, 0), (1, 1)), constant_values=(0.0, 1.0)), axis=1)

    return [kernel(level) for level in levels], np.append(inner, inner[-1] + width) - 0.5 * width


def information(chance: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Bits that an outcome tells about the theory, chance [..., theory, outcome], prior [theory]."""
    mixed = (prior[:, None] * chance).sum(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(chance > 0.0, chance * np.log2(chance / mixed), 0.0)
    return (prior * gain.sum(axis=-1)).sum(axis=-1)


def jackknife(sums: np.ndarray, prior: np.ndarray) -> tuple[float, float, float]:
    """(bits without the bias of first order, standard error, plug-in bits) from sums [theory, group, outcome] of futures' probabilities."""
    whole = sums.sum(axis=1)
    plug = float(information(whole / whole.sum(axis=-1, keepdims=True), prior))
    groups = sums.shape[1]
    if groups < 2:
        return plug, float("nan"), plug
    left = np.moveaxis(whole[:, None] - sums, 1, 0)
    without = information(left / left.sum(axis=-1, keepdims=True), prior)
    error = float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum()))
    return groups * plug - (groups - 1) * float(without.mean()), error, plug


def told_apart(found: xr.Dataset) -> xr.DataArray:
    """Observables and years whose 95 % interval lies above nought."""
    return found["bits"] > Z95 * found["error"]


def posterior(found: xr.Dataset) -> xr.DataArray:
    """Weights of the theories after each outcome [theory, observable, year, outcome]; not a number for an outcome that none expects."""
    joint = found["prior"] * found["chance"]
    return joint / joint.sum("theory").where(lambda s: s > 0.0)


def signposts(found: xr.Dataset, survival: xr.DataArray) -> xr.Dataset:
    """Would an observable change the package that is recommended? survival [theory, policy, profile]: futures in which a profile finds all acceptable.

    A package is recommended to a profile when its mean survival over the theories, weighted as they then stand, is largest. gain [observable, year, profile]:
    expected survival when the choice waits for the outcome, less that of choosing now (value of information, by what is learnt of the theories alone); now
    [profile] the package chosen now; choice [observable, year, outcome, profile] the one chosen after each outcome. Ties stay with the package of now.
    """
    held = survival.sel(theory=found["theory"].values).transpose("theory", "policy", "profile").values
    prior, chance = found["prior"].values, found["chance"].values
    first = (prior[:, None, None] * held).sum(axis=0)
    now = first.argmax(axis=0)
    joint = np.moveaxis(prior[:, None, None, None] * chance, 0, -1)
    worth = np.tensordot(joint, held, axes=1)
    stay = np.take_along_axis(worth, np.broadcast_to(now, (*worth.shape[:-2], 1, len(now))), axis=-2)[..., 0, :]
    best = worth.max(axis=-2)
    change = best > stay + 1e-12
    choice = np.where(change, worth.argmax(axis=-2), now)
    policy = survival["policy"].values.astype(object)
    dims = ("observable", "year", "profile")
    return xr.Dataset(
        {
            "gain": (dims, np.where(change, best - stay, 0.0).sum(axis=2)),
            "changes": (dims, (joint.sum(axis=-1)[..., None] * change).sum(axis=2)),
            "choice": (("observable", "year", "outcome", "profile"), policy[choice]),
            "now": ("profile", policy[now]),
        },
        {"observable": found["observable"].values, "year": found["year"].values, "profile": survival["profile"].values},
    )
