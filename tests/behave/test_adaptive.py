"""What a package that waits promises: nothing before its condition is met, the same luck, and only conditions that somebody could observe."""

import numpy as np
import pytest
import small_job as small

from detente.analysis import adaptive
from detente.analysis.project import common, lever_doses, prior, projector
from detente.analysis.series import traced
from detente.report.load import problems
from detente.scenario import ScenarioError

ALWAYS, NEVER, CRISIS = "arms[north] >= 0", "arms[north] < 0", "rung[great] >= 2"


def lever(policy: str, **changed):
    return small.scenario().policies[policy].levers[0].model_copy(update=changed)


def package(*levers):
    return small.scenario().policies["restraint"].model_copy(update={"levers": levers})


@pytest.fixture(scope="module")
def ready():
    runner = small.runner()
    return projector(runner, prior(runner, next(iter(small.scenario().theories.values())), 64, 1), common(runner.model, 128, 1))


@pytest.fixture(scope="module")
def runs(ready):
    """Traces of: forces kept apart at once; the same by a condition that always holds, beside restraint that waits for ever or for a crisis."""
    trace = traced(small.runner().model)
    apart = lever("separation", start=2011.5)
    north, east = (lever("restraint", on=(who,), start=2010.0) for who in ("north", "east"))
    waits = package(
        apart.model_copy(update={"when": ALWAYS}),
        north.model_copy(update={"when": NEVER}),
        east.model_copy(update={"when": CRISIS, "delay": 0.5}),
    )
    return ready.run(package(apart), trace).traces, ready.run(waits, trace).traces


def test_nothing_differs_before_a_condition_is_met_and_something_does_after(runs):
    plain, waits = runs
    crisis = (plain["rung"][:, 0] > 1.5).cumsum(axis=0) > 0
    acted = np.zeros_like(crisis)
    acted[3:] = crisis[:-3]  # seen at the end of a quarter, half a year later, from the next one
    same = np.abs(waits["conduct"] - plain["conduct"]).max(axis=1) < 1e-5
    assert same[~acted].all()
    assert not same[acted].all()
    assert acted.any()


def test_a_condition_on_what_nobody_measures_is_refused():
    model = small.runner().model
    pair = model.world.axes["pair"][0]
    for name in ("fear", "threat", "gap", "grievance"):
        with pytest.raises(ScenarioError, match="nobody measures it"):
            adaptive.parse(model, f"{name}[{pair}] > 0")


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("rungs[great] >= 2", "rung"),
        ("rung[greet] >= 2", "great"),
        ("rung[great] >= 1", "cannot be told apart"),
        ("rung[great]", "expected a comparison"),
    ],
)
def test_a_condition_that_cannot_be_read_is_answered_in_a_sentence(when, said):
    with pytest.raises(ScenarioError, match=said):
        adaptive.parse(small.runner().model, when)


def test_terms_are_read_with_their_quarters():
    model = small.runner().model
    first, second = adaptive.parse(model, "rung[great] < 2 for 8 and arms[east] >= 10.5")
    assert (first.state, first.how, first.value, first.quarters) == ("rung", "<", 2.0, 8)
    assert (second.state, second.value, second.quarters) == ("arms", 10.5, 1)
    assert second.place == list(model.world.axes["actor"]).index("east")


def test_a_package_without_conditions_needs_no_other_program(ready):
    assert adaptive.waiting(ready, small.scenario().policies["restraint"]) is ready


def test_a_condition_that_cannot_be_asked_is_found_before_anything_runs_with_its_file_and_line(tmp_path):
    folder = small.write(tmp_path / "waits")
    path = folder / "policies" / "restraint.yaml"
    path.write_text(path.read_text().replace("start: 2011.5}", 'start: 2011.5, when: "fear[north>east] > 0"}'))
    (found,) = problems(str(folder))
    line = next(k for k, text in enumerate(path.read_text().splitlines(), 1) if "when" in text)
    assert (found["file"], found["line"]) == ("policies/restraint.yaml", line)
    assert "nobody measures it" in found["message"]


def test_what_pulls_levers_by_date_alone_refuses_a_package_that_waits(ready):
    waits = package(lever("restraint", when=NEVER))
    with pytest.raises(ScenarioError, match="waits for a condition"):
        lever_doses(small.runner().model, waits, ready.common.uniform)
