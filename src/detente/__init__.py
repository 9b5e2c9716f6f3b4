"""détente: rival theories of a security system, executable over one shared model.

    import detente
    scenario = detente.load("euro_atlantic")
    result = detente.run(scenario, theories=["thomson"], policies=["reopen_and_talk"], futures=256)   # an xarray.Dataset
    detente.compare(result)                                                                           # paired differences with their errors

Every name is imported when it is first used: `import detente` alone is quick and imports no JAX.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from detente.engine.assimilate import Posterior
    from detente.engine.compose import Model, compose
    from detente.scenario import Scenario, ScenarioError, check, load, new, shipped

__all__ = [
    "ScenarioError",
    "assimilate",
    "check",
    "compare",
    "compose",
    "load",
    "new",
    "posterior",
    "run",
    "shipped",
    "simulate",
    "write_report",
]

_HOMES = {
    **dict.fromkeys(("ScenarioError", "check", "load", "new", "shipped"), "detente.scenario"),
    "compose": "detente.engine.compose",
}


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'detente' has no attribute {name!r}")
    from importlib import import_module

    _prepare()
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _prepare() -> None:
    from detente.engine.setup import prepare

    prepare()


def run(scenario: Scenario, **options: Any) -> xr.Dataset:
    """The main job: learn from the record under each theory, project each policy. Options as in `detente.analysis.job.run_job`."""
    _prepare()
    from detente.analysis.job import run_job

    return run_job(scenario, **options)


def simulate(scenario: Scenario, futures: int = 256, **options: Any) -> xr.Dataset:
    """The same with nothing learnt: every theory's own ranges, history simulated without the record. Options as for `run`."""
    _prepare()
    from detente.analysis.job import from_prior, run_job

    return run_job(scenario, futures=futures, learn=from_prior(max(futures // 2, 1)), **options)


def assimilate(scenario: Scenario | Model, theory: str | None = None, seed: int = 1, **options: Any) -> Posterior:
    """What a theory (None: the baseline) learns from the record; from the user's cache when nothing that matters has changed."""
    _prepare()
    from detente.engine.cache import load_or_assimilate
    from detente.engine.compose import Model, compose
    from detente.engine.record import build_record
    from detente.engine.simulate import Runner

    model = scenario if isinstance(scenario, Model) else compose(scenario)
    held = None if theory is None else model.scenario.theories[theory]
    return load_or_assimilate(Runner(model), held, build_record(model), seed=seed, **options)


def posterior(scenario: Scenario | Model, theory: str | None = None, seed: int = 1, **options: Any) -> xr.DataTree:
    """The same as ArviZ's groups: posterior, prior, sample_stats (families of kin), log_likelihood; draws are particles of equal weight."""
    learnt = assimilate(scenario, theory, seed, **options)
    from detente.analysis.posterior import inference_data
    from detente.engine.compose import Model, compose

    return inference_data(scenario if isinstance(scenario, Model) else compose(scenario), learnt, theory or "baseline")


def compare(result: xr.Dataset) -> xr.Dataset:
    """Policies against no change: paired differences [theory, policy, item] with errors; `shown` where the interval excludes zero."""
    from detente.analysis.compare import gains

    return gains(result)


def write_report(result: xr.Dataset, scenario: Scenario, path: Any) -> None:
    """One self-contained HTML file of a result."""
    _prepare()
    from pathlib import Path

    from detente.engine.compose import compose
    from detente.report.files import write_text
    from detente.report.html import report, to_html

    write_text(Path(path), to_html(report(result, compose(scenario))))
