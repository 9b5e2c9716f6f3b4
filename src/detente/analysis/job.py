"""The main job: learn from the record, project, compare; one labelled result for all theories."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import xarray as xr

from detente.analysis import project, series, store
from detente.analysis.outcomes import OUTCOMES, items, vocabulary
from detente.analysis.spread import LEVELS
from detente.analysis.summary import RUNGS, Arrays, Plan, summarise
from detente.contract import CAUSES
from detente.engine import compose
from detente.engine.assimilate import Settings
from detente.engine.cache import meaning, posterior_key
from detente.engine.record import build_record
from detente.engine.setup import cache_dir
from detente.engine.simulate import Runner, to_theta
from detente.scenario import Scenario, ScenarioError, digest, validate_names
from detente.scenario.errors import unknown

Progress = Callable[[str, int, int], None]
OnTheory = Callable[[str, xr.Dataset], None]
Learn = Callable[[Runner, Any, Any, int, Any], project.Learned]
"""(runner, theory or None, record, seed, progress) → what is learnt."""


def run_job(
    scenario: Scenario,
    theories: Sequence[str] | None = None,
    policies: Sequence[str] | None = None,
    futures: int = 1000,
    seed: int = 1,
    block: int = 0,
    out: str | Path | None = None,
    progress: Progress | None = None,
    on_theory: OnTheory | None = None,
    *,
    learn: Learn | None = None,
    runner: Runner | None = None,
    resume: bool = True,
    nuclear: bool = False,
) -> xr.Dataset:
    """Every theory under every policy.

    `theories`, `policies`: ids, None for all; the package that changes nothing is always the first. `block`: futures per core at once
    (0: all at once); no bit depends on it. `out`: folder of a Zarr store, in which a job that was stopped goes on by itself.
    `progress(stage, done, total)`; `on_theory(id, result)` as soon as a theory is done. `learn` gives a theory's starting points
    (default: assimilate the record, cached). Raises ScenarioError on a name that does not exist.
    """
    job = _prepare(scenario, theories, policies, futures, seed, nuclear, runner)
    tell = progress or (lambda stage, done, total: None)
    result = None if out is None else store.begin(out, _empty(job), resume)
    result = _empty(job) if result is None else result
    result = result.copy(deep=True)
    record = build_record(job.plan.model)
    learning = learn or _assimilated
    total = len(job.theories) * (len(job.plan.policies) + 2)
    for position, theory in enumerate(job.theories):
        name, done = theory.id, position * (len(job.plan.policies) + 2)
        if not bool(result["done"][position]):
            arrays = _theory(job, theory, record, learning, block, _Ticker(tell, theory.argument, done, total))
            for variable, (_, values) in arrays.items():
                result[variable].values[position] = values
            result["done"].values[position] = True
            if out is not None:
                store.put(out, result, position)
        if on_theory is not None:
            on_theory(name, result.isel(theory=[position]))
    tell("done", total, total)
    return result


@dataclass(frozen=True)
class _Job:
    """What a job works on."""

    plan: Plan
    runner: Runner
    theories: tuple[Any, ...]
    common: project.Common

    @property
    def futures(self) -> int:
        """How many futures."""
        return self.common.futures

    @property
    def seed(self) -> int:
        """The seed of all luck."""
        return self.common.seed


@dataclass
class _Ticker:
    """Counts what is done of one theory and tells it."""

    tell: Progress
    argument: str
    done: int
    total: int

    def stage(self, text: str) -> None:
        """What is being done now."""
        self.tell(f"{self.argument}: {text}", self.done, self.total)

    def step(self, text: str) -> None:
        """One more is done."""
        self.done += 1
        self.stage(text)

    def learning(self, text: str, part: float, whole: float) -> None:
        """Progress of the assimilation, inside one step."""
        self.stage(f"learning from the record, {text} ({100 * part / whole:.0f} %)")


def _prepare(scenario: Scenario, theories: Any, policies: Any, futures: int, seed: int, nuclear: bool, runner: Runner | None) -> _Job:
    if problems := validate_names(scenario, {**compose.vocabulary(), "outcome": vocabulary()}):
        raise problems[0]
    if futures < 2:
        raise ScenarioError(f"expected at least 2 futures, found {futures}")
    model = runner.model if runner is not None else compose.compose(scenario)
    kept = _chosen("policy", policies, scenario.policies)
    base = no_change(scenario)
    chosen = tuple(scenario.policies[name] for name in (base, *(name for name in kept if name != base)))
    order = [t.id for t in scenario.ordered_theories()]
    wanted = set(_chosen("theory", theories, order))
    plan = Plan(
        scenario,
        model,
        chosen,
        0,
        items(model, nuclear),
        series.all_series(model),
        tuple(scenario.values.values()),
    )
    chosen_theories = tuple(scenario.theories[name] for name in order if name in wanted)
    return _Job(plan, runner or Runner(model), chosen_theories, project.common(model, futures, seed))


def _chosen(kind: str, asked: Sequence[str] | None, known: Any) -> list[str]:
    for name in asked or ():
        if name not in known:
            raise ScenarioError(unknown(kind, name, known))
    return [name for name in known if asked is None or name in asked]


def no_change(scenario: Scenario) -> str:
    """Id of the package that changes nothing. Raises ScenarioError where there is none: nothing could be compared."""
    found = next((name for name, policy in scenario.policies.items() if not policy.levers), None)
    if found is None:
        raise ScenarioError("no package without levers; expected one, such as no_change, to compare the others with", "policies")
    return found


def _assimilated(runner: Runner, theory: Any, record: Any, seed: int, progress: Any) -> project.Learned:
    from detente.engine.cache import load_or_assimilate

    return load_or_assimilate(runner, theory, record, seed=seed, progress=progress)


def from_prior(particles: int) -> Learn:
    """Learning that learns nothing: a theory's own ranges, as before any record."""
    return lambda runner, theory, record, seed, progress: project.prior(runner, theory, particles, seed)


def _theory(job: _Job, theory: Any, record: Any, learn: Learn, block: int, ticker: _Ticker) -> Arrays:
    ticker.stage("learning from the record")
    learned = learn(job.runner, theory, record, job.seed, ticker.learning)
    ticker.step("the record told again")
    arrays = _history(job, learned, record)
    projector = project.projector(job.runner, learned, job.common, block)
    arrays |= summarise(job.plan, projector, ticker.step)
    wrong = getattr(learned, "log_evidence_error", None)
    arrays["log_evidence"] = ((), np.array(learned.log_evidence, float))
    arrays["log_evidence_error"] = ((), np.array(np.nan if wrong is None else wrong, float))
    arrays["health_ancestors"] = ((), np.array(learned.health.get("ancestors", np.nan), float))
    arrays["health_levels"] = ((), np.array(len(learned.health.get("levels", ())), np.int32))
    arrays["families"] = ((), np.array(len(np.unique(projector.family)), np.int32))
    return arrays


def _history(job: _Job, learned: project.Learned, record: Any) -> Arrays:
    """Course of the series through the years of the record: [series, time_history] means and fans, of up to one particle per future.

    Kept in the user's cache folder: the same particles took the same course.
    """
    used = np.unique(project.assign(learned.z.shape[1], job.futures))
    held = record if learned.health.get("conditioned", 1.0) else None
    z, luck = learned.z[:, used], learned.luck[..., used]
    file = cache_dir() / "courses" / f"{_course_key(job, learned.ranges, z, luck, record)}.npz" if held is not None else None
    if file is None or (course := _read_course(file)) is None:
        traces = job.runner.history(to_theta(z, learned.ranges), luck, held, series.traced(job.plan.model)).traces
        years = project.times(job.plan.model)[0]
        mean, fan = series.summarise(job.plan.series, traces, years, np.arange(len(years)), past=True)
        course = {"history_mean": mean, "history_q": fan}
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            half = file.with_suffix(".part.npz")
            np.savez(half, history_mean=mean, history_q=fan)
            half.replace(file)
    return {name: (DIMS[name], values) for name, values in course.items()}


def _course_key(job: _Job, ranges: np.ndarray, z: np.ndarray, luck: np.ndarray, record: Any) -> str:
    """Digest of all that a course depends on: what a posterior does, its particles, and how series are read off."""
    whole = hashlib.sha256(meaning(Path(series.__file__).read_text(encoding="utf-8")).encode())
    whole.update(repr(job.plan.series).encode())
    for part in (z, luck):
        whole.update(np.ascontiguousarray(part).tobytes())
    return posterior_key(job.runner, ranges, record, Settings(), job.seed, whole.hexdigest())


def _read_course(file: Path) -> dict[str, np.ndarray] | None:
    try:
        with file.open("rb") as kept, np.load(kept, allow_pickle=False) as data:  # numpy leaves a broken file open
            return {name: data[name] for name in ("history_mean", "history_q")}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


# ------------------------------------------------------------------------------------------------------------ names of the result

DIMS: Mapping[str, tuple[str, ...]] = {
    "value": ("policy", "item", "future"),
    **dict.fromkeys(("mean", "error", "low", "high", "variance_parameters", "variance_luck", "hits"), ("policy", "item")),
    **dict.fromkeys(("gain", "gain_error", "regret", "regret_error", "expected"), ("policy", "item")),
    **dict.fromkeys(("hazard_mean", "hazard_error", "hazard_low", "hazard_high"), ("policy", "rung", "rivalry")),
    "began": ("policy", "cause", "rung", "rivalry"),
    **dict.fromkeys(("attributable", "attributable_error"), ("rung", "rivalry")),
    **dict.fromkeys(("containment_price", "containment_price_error"), ("bloc",)),
    "survives": ("policy", "profile", "future"),
    **dict.fromkeys(("survival", "survival_error"), ("policy", "profile")),
    **dict.fromkeys(("agreed_low", "agreed", "agreed_high"), ("policy",)),
    "party_gain": ("policy", "actor"),
    "history_mean": ("series", "time_history"),
    "history_q": ("series", "time_history", "quantile"),
    "future_mean": ("policy", "series", "time_future"),
    "future_q": ("policy", "series", "time_future", "quantile"),
    **dict.fromkeys(("particle", "family"), ("future",)),
    **dict.fromkeys(("log_evidence", "log_evidence_error", "families", "health_ancestors", "health_levels"), ()),
}
"""Variables and their dimensions after `theory`."""
SINGLE = frozenset(["value", "history_mean", "history_q", "future_mean", "future_q"])
WHOLE = frozenset(["hits", "particle", "family", "families", "health_levels"])


def _empty(job: _Job) -> xr.Dataset:
    def kind(name: str) -> np.dtype:
        return np.dtype("bool" if name == "survives" else "float32" if name in SINGLE else "int32" if name in WHOLE else "float64")

    dims = {name: ("theory", *axes) for name, axes in DIMS.items()}
    return store.template(dims, {name: kind(name) for name in dims}, _coords(job), _attrs(job))


def _coords(job: _Job) -> dict[str, Any]:
    plan, axes = job.plan, job.plan.model.world.axes
    history, future = project.times(plan.model)
    own = {name: q.unit for q in plan.scenario.questions.values() if q.unit for name in q.outcome}

    def words(values: Any) -> np.ndarray:
        return np.array(list(values), dtype=object)

    return {
        "theory": words(t.id for t in job.theories),
        "argument": ("theory", words(t.argument for t in job.theories)),
        "table": ("theory", words(t.table for t in job.theories)),
        "order": ("theory", np.array([t.order for t in job.theories])),
        "policy": words(p.id for p in plan.policies),
        "label": ("policy", words(p.label for p in plan.policies)),
        "item": words(i.name for i in plan.items),
        "outcome": ("item", words(i.outcome for i in plan.items)),
        "element": ("item", words(i.element for i in plan.items)),
        "unit": ("item", words(own.get(i.outcome, OUTCOMES[i.outcome].unit) for i in plan.items)),
        "share": ("item", np.array([OUTCOMES[i.outcome].share for i in plan.items])),
        "direction": ("item", words(OUTCOMES[i.outcome].better or "" for i in plan.items)),
        "future": np.arange(job.futures),
        "series": words(s.name for s in plan.series),
        "series_share": ("series", np.array([series.KINDS[s.kind].share for s in plan.series])),
        "time_history": history,
        "time_future": future,
        "quantile": np.array(LEVELS),
        "profile": words(p.id for p in plan.profiles),
        "profile_label": ("profile", words(p.label for p in plan.profiles)),
        "rung": np.array(RUNGS),
        "rivalry": words(axes["rivalry"]),
        "cause": words(CAUSES),
        "bloc": words(axes["bloc"]),
        "actor": words(axes["actor"]),
    }


def _attrs(job: _Job) -> dict[str, Any]:
    scenario = job.plan.scenario
    day = scenario.history.end
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "version": _version(),
        "seed": job.seed,
        "futures": job.futures,
        "as_of": scenario.as_of.isoformat(),
        "horizon": f"{scenario.history.end.year + 1} to {scenario.horizon.end.year}",
        "no_change": job.plan.policies[job.plan.base].id,
        "digest": job_digest(job.plan, [t.id for t in job.theories], job.futures, job.seed),
        "foot": f"Share of simulated futures under a stated reading, record to {day.day} {day:%B} {day.year}. Not a forecast. "
        "Ranges mostly assumed. Readings ours, not reviewed by the speakers.",
    }


def _version() -> str:
    try:
        return version("detente")
    except PackageNotFoundError:
        return "unknown"


def job_digest(plan: Plan, theories: Sequence[str], futures: int, seed: int) -> str:
    """Digest of all that a result depends on: the scenario's pieces, what was asked, and the program's own text."""
    pieces = digest.pieces(plan.scenario)
    wanted = ["structure", "record", "aims", *(f"theory:{name}" for name in theories), *(f"policy:{p.id}" for p in plan.policies)]
    wanted += [f"values:{p.id}" for p in plan.profiles]
    asked = [f"{name}={pieces[name]}" for name in wanted] + [str(futures), str(seed), ",".join(i.name for i in plan.items)]
    whole = hashlib.sha256("\n".join(asked).encode())
    root = Path(__file__).resolve().parent.parent
    for part in ("contract.py", "mechanisms/*.py", "engine/*.py", "analysis/*.py"):
        for file in sorted(root.glob(part)):
            whole.update(file.read_bytes())
    return whole.hexdigest()
