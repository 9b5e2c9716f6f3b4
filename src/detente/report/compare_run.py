"""`detente compare`: takes a finished result, or runs the job (kept in the user's cache), and shows the comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.engine.setup import cache_dir, prepare
from detente.report.blocks import Page, put
from detente.report.run import _Bar, interruptible
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    place: str
    scenario: str | None
    outcomes: tuple[str, ...]
    actors: tuple[str, ...]
    theories: tuple[str, ...]
    weights: str | None
    package: str | None
    futures: int
    seed: int
    quick: bool
    figures: Path | None
    json: bool


def compare_command(request: Request) -> int:
    """Do it. Raises ScenarioError when the request cannot be met."""
    prepare()
    ds, scenario = result_of(
        request.place, request.scenario, request.futures, request.seed, lambda held: check_names(request, names_of_scenario(held))
    )
    check_names(request, names_of_result(ds))
    if request.package is not None:
        page = _package(request, ds, scenario)
    else:
        page = _compared(request, ds, scenario)
    if request.figures is not None:
        _figures(request, ds, scenario)
    put(page, request.json)
    return 0


def result_of(
    place: str, scenario: str | None = None, futures: int = 1000, seed: int = 1, before: Callable[[Any], None] = lambda held: None
) -> tuple[xr.Dataset, Any]:
    """A finished result by its folder (or the folder that `detente run --out` made), or the job of a scenario, kept in the cache.

    `scenario`: folder or name of the scenario of a result that is not a shipped one's; `before(scenario)` before a job. Raises ScenarioError.
    """
    from detente.analysis import store
    from detente.report.load import scenario as load

    found = next((p for p in (Path(place), Path(place) / "result.zarr") if (p / "zarr.json").is_file()), None)
    if found is None:
        held = load(place)
        before(held)
        return _job(held, futures, seed), held
    ds = store.read(found)
    held = load(scenario or str(ds.attrs["scenario"]))
    missing = [*(set(ds["policy"].values) - set(held.policies)), *(set(ds["theory"].values) - set(held.theories))]
    if missing:
        raise ScenarioError(
            f"the result has {sorted(map(str, missing))[0]!r}, which the scenario {held.id} has not; name its own with --scenario", place
        )
    return ds, held


def _job(scenario: Any, futures: int, seed: int) -> xr.Dataset:
    from detente.analysis.job import run_job

    out = cache_dir() / "results" / f"{scenario.id}-{futures}-{seed}.zarr"
    out.parent.mkdir(parents=True, exist_ok=True)
    bar = _Bar(scenario.title)
    with bar:
        return interruptible(lambda: run_job(scenario, futures=futures, seed=seed, block=256, out=out, progress=bar.tell), bar.stop)


def names_of_result(ds: xr.Dataset) -> dict[str, list[str]]:
    """Names that can be asked of a result, by kind."""
    found = {kind: [str(n) for n in ds[axis].values] for kind, axis in (("actor", "actor"), ("theory", "theory"), ("package", "policy"))}
    return found | {"outcome": [*(str(n) for n in ds["item"].values), *dict.fromkeys(str(n) for n in ds["outcome"].values)]}


def names_of_scenario(scenario: Any) -> dict[str, list[str]]:
    """The same before a job was run."""
    from detente.analysis.outcomes import items
    from detente.engine.compose import compose

    known = items(compose(scenario))
    found = {"actor": list(scenario.actors), "theory": list(scenario.theories), "package": list(scenario.policies)}
    return found | {"outcome": [*(i.name for i in known), *dict.fromkeys(i.outcome for i in known)]}


def check_names(request: Request, names: Mapping[str, Sequence[str]]) -> None:
    """Raise ScenarioError, with the nearest name, on a name that is not among those of its kind."""
    asked = [
        *(("outcome", name) for name in request.outcomes),
        *(("actor", name) for name in request.actors),
        *(("theory", name) for name in request.theories),
        *((("package", request.package),) if request.package else ()),
    ]
    for kind, name in asked:
        if name not in names[kind]:
            raise ScenarioError(unknown(kind, name, names[kind]))


def _compared(request: Request, ds: xr.Dataset, scenario: Any) -> Page:
    from detente.report import compare as shown
    from detente.report import tables
    from detente.report.data import COUNTED

    items = [str(i) for o in request.outcomes for i in _items(ds, o)]
    moves = {} if request.quick else what_moves(ds, scenario)
    page = shown.page(ds, scenario, items, moves)
    extra: list[Any] = []
    known = set(ds["item"].values.astype(str))
    for actor in request.actors:
        extra += [shown.by_reading(ds, scenario, i) for i in (f"{n}[{actor}]" for n in COUNTED) if i in known]
    for theory in request.theories:
        extra += [tables.three_columns(ds, scenario, theory, i) for i in items or shown.first_view(ds, scenario)]
    extra += [shown.by_reading(ds, scenario, i) for i in items]
    data = dict(page.data)
    if request.weights is not None:
        from detente.analysis.weights import ranking, read_weights
        from detente.report.weighed import weighed, weighed_data

        found = ranking(ds, read_weights(request.weights), request.seed)
        extra.append(weighed(found, ds, scenario))
        data["weighed"] = weighed_data(found)
    return Page(page.title, (*page.blocks, *extra), data)


def _items(ds: xr.Dataset, name: str) -> list[str]:
    return [str(i) for i, o in zip(ds["item"].values, ds["outcome"].values, strict=True) if name in (i, o)]


def _figures(request: Request, ds: xr.Dataset, scenario: Any) -> None:
    from detente.report.compare import figures
    from detente.report.files import write_text
    from detente.report.picture import framed

    assert request.figures is not None
    for f in figures(ds, scenario, [i for o in request.outcomes for i in _items(ds, o)]):
        write_text(request.figures / f"{f.key}.svg", framed(f.svg, f.title, f.note, f.foot))


# ------------------------------------------------------------------------------------------------------------- what was learnt


def posteriors(ds: xr.Dataset, scenario: Any, theories: list[str]) -> tuple[Any, dict[str, Any]]:
    """(runner, posterior by theory) of a result, from the cache or learnt again. Raises ScenarioError where it is not the result's own."""
    from detente.engine.cache import load_or_assimilate
    from detente.engine.compose import compose
    from detente.engine.record import build_record
    from detente.engine.simulate import Runner

    model = compose(scenario)
    runner, record, seed = Runner(model), build_record(model), int(ds.attrs["seed"])
    bar, out = _Bar(scenario.title), {}

    def learn(name: str) -> Any:
        def tell(text: str, part: float, whole: float) -> None:
            bar.tell(f"{scenario.theories[name].argument}: learning from the record, {text}", int(100 * part), int(100 * whole))

        return load_or_assimilate(runner, scenario.theories[name], record, seed=seed, progress=tell)

    with bar:
        for name in theories:
            out[name] = interruptible(partial(learn, name), bar.stop)
            stored = float(ds["log_evidence"].sel(theory=name))
            if np.isfinite(stored) and not np.isclose(stored, out[name].log_evidence, rtol=1e-6):
                raise ScenarioError(
                    f"the result was made with another scenario or version: {name} has learnt something else since; run the job again"
                )
    return runner, out


def what_moves(ds: xr.Dataset, scenario: Any) -> dict[str, dict[str, dict[str, tuple[float, float]]]]:
    """For the first outcome of each question: on which parameters it turns within the readings at the table, under no change."""
    from detente.report.data import question_items
    from detente.report.tables import at_table

    if not any(question_items(ds, scenario).values()):
        return {}
    return movers_of(ds, scenario, *posteriors(ds, scenario, at_table(ds)))


def movers_of(ds: xr.Dataset, scenario: Any, runner: Any, known: Mapping[str, Any]) -> dict[str, dict[str, dict[str, tuple[float, float]]]]:
    """The same from posteriors at hand, by theory."""
    from detente.analysis.packages import movers
    from detente.engine.simulate import to_theta
    from detente.report.data import question_items
    from detente.report.tables import at_table

    wanted = list(dict.fromkeys(items[0] for items in question_items(ds, scenario).values() if items))
    learnt = {t: known[t] for t in at_table(ds)}
    rows = [k for k, r in enumerate(runner.model.rows) if r.group != "record"]
    names = [runner.model.rows[k].name for k in rows]
    some = ds.sel(theory=list(learnt), policy=ds.attrs["no_change"])
    theta = {t: to_theta(p.z[:, some["particle"].sel(theory=t).values], p.ranges)[rows] for t, p in learnt.items()}
    return {item: movers(theta, {t: some["value"].sel(theory=t, item=item).values.astype(float) for t in theta}, names) for item in wanted}


def _package(request: Request, ds: xr.Dataset, scenario: Any) -> Page:
    from detente.analysis.packages import plan_of, study
    from detente.report.package import page

    name = str(request.package)
    theories = [str(t) for t, table in zip(ds["theory"].values, ds["table"].values, strict=True) if table != "baseline"] or list(
        ds["theory"].values
    )
    runner, learnt = posteriors(ds, scenario, theories)
    plan = plan_of(scenario, runner.model, str(ds.attrs["no_change"]))
    bar, done = _Bar(scenario.policies[name].label), [0]

    def tick(theory: str) -> None:
        done[0] += 1
        bar.tell(scenario.theories[theory].argument, done[0], len(theories))

    with bar:
        found = interruptible(
            lambda: study(plan, runner, scenario.policies[name], learnt, min(512, int(ds.attrs["futures"])), tick=tick), bar.stop
        )
    return page(ds, scenario, name, found, runner.model)
