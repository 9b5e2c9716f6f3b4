"""The command `weigh`: the study with a bar, then tables, JSON and the picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.engine.setup import prepare
from detente.report.blocks import put
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

WAYS = ("reuse", "full")


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    scenario: str
    theories: tuple[str, ...]
    everyone: bool
    seed: int
    seeds: int
    fragility: str
    years: bool
    particles: int
    figure: Path | None
    fresh: bool
    workers: int | None
    json: bool
    claim: str | None = None


def weigh_command(request: Request) -> int:
    """Do it. Raises ScenarioError on what cannot be weighed."""
    if request.fragility not in WAYS:
        raise ScenarioError(unknown("way", request.fragility, WAYS), "--fragility")
    if request.claim is not None:
        _offered(request.claim)
    prepare(request.workers)
    from detente.report.load import model
    from detente.report.weigh import weigh_page

    composed = model(request.scenario)
    found = composed.scenario
    ds = _study(request, composed, _chosen(request, found))
    shown = None
    if request.figure is not None:
        shown = _written(request.figure, ds, found)
    page = weigh_page(ds, found, shown)
    if request.claim is not None:
        page = _with_claim(page, request, ds, composed)
    put(_with_random(page, ds, composed), request.json)
    return 0


def _chosen(request: Request, scenario: Any) -> tuple[Any, ...]:
    """Those named; else all at the table (all, when asked, or where none is); the yardstick is what they are weighed against."""
    for name in request.theories:
        if name not in scenario.theories:
            raise ScenarioError(unknown("theory", name, scenario.theories))
    ordered = scenario.ordered_theories()
    at = [t for t in ordered if t.table == "at"]
    if request.theories:
        return tuple(t for t in ordered if t.id in request.theories)
    return tuple(t for t in (at if at and not request.everyone else ordered) if t.table != "baseline")


def _study(request: Request, composed: Any, theories: tuple[Any, ...]) -> Any:
    from detente.analysis.weigh import Study, weigh
    from detente.engine.assimilate import Settings
    from detente.engine.simulate import Runner
    from detente.report.run import _Bar, interruptible

    bar = _Bar(composed.scenario.title)
    study = Study(
        theories,
        tuple(range(request.seed, request.seed + request.seeds)),
        request.fragility == "full",
        request.years,
        Settings(particles=request.particles),
        fresh=request.fresh,
    )
    with bar:
        return interruptible(lambda: weigh(Runner(composed), study, bar.tell), bar.stop)


def _offered(claim: str) -> None:
    """Raise ScenarioError where no claim of that id offers evidence."""
    from detente.analysis.claim_evidence import offered

    if claim not in offered():
        raise ScenarioError(unknown("claim with evidence", claim, offered()), "--claim")


def _with_random(page: Any, ds: Any, composed: Any) -> Any:
    """The page with the readings' places among random ones, where those have been weighed."""
    from dataclasses import replace

    from detente.engine.simulate import Runner
    from detente.report.placebo import among

    found = among(Runner(composed), [str(n) for n in ds["theory"].values])
    return page if found is None else replace(page, blocks=(*page.blocks, found[0]), data=page.data | {"among_random": found[1]})


def _with_claim(page: Any, request: Request, ds: Any, composed: Any) -> Any:
    """The page with a table more: each reading with and without what the claim says, second after the fit."""
    from dataclasses import replace

    from detente.analysis.claim_evidence import evidence, with_estimate
    from detente.engine.assimilate import Settings
    from detente.engine.cache import load_or_assimilate
    from detente.engine.record import build_record
    from detente.engine.simulate import Runner
    from detente.report.run import _Bar, interruptible
    from detente.report.weigh_claim import claim_data, claim_grid

    runner, record, scenario = Runner(composed), build_record(composed), composed.scenario
    settings, what = Settings(particles=request.particles), evidence(request.claim or "")
    names = {"": None} | {str(n): scenario.theories[str(n)] for n in ds["theory"].values}
    bar = _Bar(f"what history says: {what.claim}")

    def work() -> Any:
        learned = {}
        for k, (name, theory) in enumerate(names.items()):
            bar.tell(theory.argument if theory is not None else "the yardstick", k, len(names))
            learned[name] = load_or_assimilate(runner, theory, record, settings, request.seed)
        return with_estimate(runner, learned, request.seed, what.claim)

    with bar:
        weights = interruptible(work, bar.stop)
    grid = claim_grid(ds, scenario, weights, what)
    return replace(page, blocks=(*page.blocks[:3], grid, *page.blocks[3:]), data={**page.data, "history": claim_data(weights, what)})


def _written(path: Path, ds: Any, scenario: Any) -> Any:
    from detente.report.files import write_text
    from detente.report.picture import framed
    from detente.report.weigh_charts import figure

    shown = figure(ds, scenario, live=False)
    if shown is None:
        raise ScenarioError("nothing to draw: no reading differs from the yardstick", "--figure")
    write_text(path, framed(shown.svg, shown.title, shown.note, shown.foot))
    return shown
