"""The shipped scenario against its record: untaught futures hold it, taught ones follow it, and bits do not depend on how work is spread."""

import numpy as np
import pytest

from detente.analysis.prior import prior_predictive
from detente.engine.assimilate import effective, log_mean_exp, next_power, systematic
from detente.engine.cache import posterior_key
from detente.engine.compose import compose
from detente.engine.record import Record, build_record
from detente.engine.simulate import Batch, Runner, draw_luck, draw_z, to_theta
from detente.scenario import load

YEARS = range(1991, 2022)
TRACE = ("rung", "open", "offer", "in_force", "opened")


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(compose(load("euro_atlantic")))


def _batch(runner: Runner, count: int, record: Record | None = None) -> Batch:
    ids = np.arange(count)
    theta = to_theta(draw_z(runner.model, 3, ids), runner.model.ranges(None))
    return runner.history(theta, draw_luck(3, ids, YEARS), record, TRACE)


def test_untaught_futures_hold_the_record(runner: Runner) -> None:
    series, counts = prior_predictive(runner, None, 512)
    assert (series.finite == 1.0).all()
    assert (series.inside > 0.85).all(), series
    assert counts.inside.all(), counts[~counts.inside]


def test_taught_futures_follow_the_record(runner: Runner) -> None:
    record = build_record(runner.model)
    traces = _batch(runner, 64, record).traces
    allowed = record.choices["rung"].allowed
    rung = traces["rung"].astype(int)
    for t in range(allowed.shape[0]):
        for r in range(allowed.shape[2]):
            assert allowed[t, rung[t, r], r].all(), (1991 + t / 4, runner.model.world.axes["rivalry"][r])
    for name in ("open", "offer", "in_force", "opened"):
        assert (traces[name] == traces[name][..., :1]).all(), f"{name} differs between futures though the record pins it"
    offers = dict(zip(runner.model.world.axes["applicant"], traces["offer"][-1, :, 0], strict=True))
    assert offers == {"central": 3.0, "balt": 3.0, "nord": 0.0, "ukr": 2.0, "geo": 2.0}


def test_bits_depend_neither_on_workers_nor_on_how_many_futures(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    many = _batch(runner, 300)
    few = _batch(runner, 40)
    monkeypatch.setenv("DETENTE_WORKERS", "1")
    alone = _batch(runner, 300)
    for name in many.state:
        assert np.array_equal(many.state[name], alone.state[name]), f"{name} depends on the number of workers"
        assert np.array_equal(many.state[name][..., :40], few.state[name]), f"{name} depends on the number of futures"


def test_another_theory_is_no_other_program(runner: Runner) -> None:
    _batch(runner, 40)
    before = runner.traces
    theory = runner.model.scenario.theories["grushko"]
    ids = np.arange(40)
    theta = to_theta(draw_z(runner.model, 3, ids), runner.model.ranges(theory))
    runner.history(theta, draw_luck(3, ids, YEARS), None, TRACE)
    assert runner.traces == before


def test_what_was_learnt_is_kept_by_what_matters(runner: Runner) -> None:
    from detente.engine.assimilate import Settings

    model, record = runner.model, build_record(runner.model)
    key = posterior_key(runner, model.ranges(None), record, Settings(), 1)
    assert key == posterior_key(Runner(compose(load("euro_atlantic"))), model.ranges(None), record, Settings(), 1)
    moved = model.ranges(None)
    moved[0, 1] *= 1.01
    assert key != posterior_key(runner, moved, record, Settings(), 1)
    assert key != posterior_key(runner, model.ranges(None), build_record(model, until=100), Settings(), 1)
    assert key != posterior_key(runner, model.ranges(None), record, Settings(), 2)


def test_a_theory_changes_its_own_ranges_only(runner: Runner) -> None:
    model = runner.model
    for theory in model.scenario.theories.values():
        differ = np.flatnonzero((model.ranges(theory) != model.ranges(None)).any(axis=1))
        told = {k for entry in theory.ranges for k in model.find(entry.parameter, entry.elements)}
        assert set(differ) <= told
        assert theory.id not in ("timofeev", "baseline") or not len(differ)


def test_powers_keep_the_wanted_effective_share() -> None:
    value = np.random.default_rng(1).normal(0.0, 30.0, 4000)
    power = next_power(value, 0.0, 0.5)
    assert 0.0 < power < 1.0
    assert effective(power * value) / 4000 == pytest.approx(0.5, abs=1e-3)
    assert next_power(np.zeros(10), 0.3, 0.5) == 1.0
    assert log_mean_exp(np.array([1000.0, 1000.0])) == pytest.approx(1000.0)


def test_systematic_resampling_copies_in_proportion() -> None:
    weights = np.array([0.5, 0.25, 0.125, 0.125])
    counts = np.bincount(systematic(weights, 0.3), minlength=4)
    assert abs(counts - 4 * weights).max() < 1.0
