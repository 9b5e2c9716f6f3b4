"""One small scenario, one compiled runner and one result, shared by the tests of the job: compiling is what costs."""

import tempfile
from functools import cache
from pathlib import Path

import xarray as xr

from detente import scenario as files
from detente.analysis.job import from_prior, run_job
from detente.engine.compose import compose
from detente.engine.simulate import Runner
from detente.scenario import Scenario

FUTURES, PARTICLES = 128, 64

MORE = """
  Q2: {text: Could incidents bring it about?}
  Q3: {text: Will the alliance contain both?}
  Q4: {text: Can joint work be promoted?}
  Q5: {text: When do the talks take up their work again?}
aims:
  north:
    - {outcome: crises, element: great, direction: below, weight: 0.5, argument: invented}
    - {outcome: alarm, element: north, direction: below, weight: 1.0, argument: invented}
  east:
    - {outcome: alarm, element: east, direction: below, weight: 2.0, argument: invented}
"""
POLICY = """schema: 1
id: {id}
label: {label}
proposer: invented
required: [{required}]
unravels: a crisis
levers:
  - {{lever: {lever}, on: [{on}], effect: [{effect}], start: 2011.5}}
"""
THEORY = """schema: 1
id: calm
order: 3
argument: the yardstick
holder: nobody
sentence: Everything as the mechanisms have it.
table: baseline
"""


def write(folder: Path) -> Path:
    """The template with a mission, all five questions, aims, two more packages and a yardstick."""
    files.new(folder)
    first = folder / "scenario.yaml"
    text = first.read_text().replace("open: true, capacity: 0.4}", "open: false, capacity: 0.4, mission: true}")
    first.write_text(text + MORE)
    packages = [
        ("restraint", "restraint on both sides", "north, east", "restraint", "north, east", "0.2, 0.5"),
        ("separation", "forces kept apart", "north, east", "separation", "great", "0.4, 0.6"),
    ]
    for name, label, required, lever, on, effect in packages:
        made = POLICY.format(id=name, label=label, required=required, lever=lever, on=on, effect=effect)
        (folder / "policies" / f"{name}.yaml").write_text(made)
    (folder / "theories" / "calm.yaml").write_text(THEORY)
    return folder


@cache
def scenario() -> Scenario:
    return files.load(write(Path(tempfile.mkdtemp(prefix="detente-small-")) / "small"))


@cache
def runner() -> Runner:
    return Runner(compose(scenario()))


def job(found: Scenario | None = None, **options) -> xr.Dataset:
    """A run on priors with the shared programs; a changed scenario must have the same structure."""
    return run_job(found or scenario(), **{"futures": FUTURES, "learn": from_prior(PARTICLES), "runner": runner(), **options})


@cache
def result() -> xr.Dataset:
    return job()
