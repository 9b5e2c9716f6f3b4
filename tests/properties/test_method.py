"""The study of the method is itself right: exact values agree with one another and with the sampler, told records are what they claim to be."""

from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import detente
from detente.analysis import exact, method
from detente.engine.assimilate import Settings, _Sliding, assimilate, effective
from detente.engine.compose import compose
from detente.engine.record import build_record
from detente.engine.simulate import Runner

STUDIES = Path(__file__).resolve().parents[2] / "benchmarks" / "studies"
SPAN = {"warhead_speed": (0.1, 0.2), "warhead_fear": (0.4, 0.6), "warhead_noise": (0.05, 0.08)}


@cache
def stock():
    """Two stockpiles over eight years, told by one draw of their ranges: (runner, ranges, record, theta, luck)."""
    scenario = detente.load("richardson_1914")
    scenario = scenario.model_copy(
        update={
            "actors": {k: a.model_copy(update={"nuclear": True}) for k, a in scenario.actors.items()},
            "history": scenario.history.model_copy(update={"end": date(1916, 12, 31)}),
            "horizon": scenario.horizon.model_copy(update={"end": date(1917, 12, 31)}),
            "initial": {**scenario.initial, "warheads": {"*": 50.0}},
        }
    )
    model = compose(scenario)
    ranges = model.ranges(None)
    for name, span in SPAN.items():
        ranges[model.find(name)[0], :2] = span
    theta, luck = method.truths(model, ranges, 3, 2)
    told = method.histories(model, theta, luck, ("warheads", "arms"))
    like = method.full_record(model, {"warheads": 0.05})
    return Runner(model), ranges, method.record_like(like, told, 0, theta[:, 0], np.random.default_rng(4), method.EXACT), theta, luck, told


def test_histories_answer_as_the_engine_simulates():
    runner, _, _, theta, luck, told = stock()
    traced = runner.history(theta, luck, None, ("arms", "warheads")).traces
    capped = np.minimum(told["arms"], np.log(0.08 * 10_000))  # the share of output that no budget passes
    assert np.log(traced["arms"]) == pytest.approx(capped, abs=1e-4)
    assert np.log(traced["warheads"] + 1.0) == pytest.approx(told["warheads"], abs=1e-4)


def test_the_evidence_of_the_sampler_is_the_exact_one():
    runner, ranges, record, *_ = stock()
    wanted = exact.stockpiles(runner.model, record, ranges)
    runs = np.array(
        [assimilate(runner, None, record, Settings(particles=512, moves=8, final_moves=1), k, ranges=ranges).log_evidence for k in range(6)]
    )
    share = np.exp(runs - wanted)  # unbiased on this scale
    assert share.mean() == pytest.approx(1.0, abs=4 * share.std(ddof=1) / len(share) ** 0.5)
    assert runs.std(ddof=1) < 0.5


def test_particles_are_kept_several_times_over_and_the_newest_are_one_a_chain():
    runner, ranges, record, *_ = stock()
    learnt = assimilate(runner, None, record, Settings(particles=64, moves=6, final_moves=12, kept=3), ranges=ranges)
    newest = learnt.newest()
    assert (learnt.size, learnt.chains, newest.size) == (192, 64, 64)
    np.testing.assert_array_equal(newest.z, learnt.z[:, 128:])
    np.testing.assert_array_equal(newest.ancestor, learnt.ancestor[:64])
    again = runner.history(learnt.theta, learnt.luck, record).weights.astype(np.float64).sum(axis=0)
    np.testing.assert_allclose(again, learnt.log_likelihood, rtol=1e-5)


def test_where_the_likelihood_jumps_a_bridge_raises_the_power_of_what_lies_beyond():
    gap = np.linspace(-40.0, 40.0, 256)

    class Jumping(_Sliding):
        def value(self, stage, z, luck):
            return np.stack([gap * bool((ranges != self.first).any()) for ranges in stage.ranges])

    runner, ranges, record, *_ = stock()
    moved = ranges.copy()
    moved[0, :2] *= 1.5
    way = Jumping(runner, record, ranges, moved)
    stage, z, value, whole, levels = way.begin, np.zeros((1, 256)), np.zeros((1, 256)), 0.0, 0
    while stage.power < 1.0:
        stage, increment, value = way.ahead(stage, z, z, value, 0.5)
        whole, levels = whole + increment, levels + 1
        assert effective(increment) >= 0.49 * 256
    assert levels > 5  # nothing moves here, so one step over the jump would leave a handful of 256 effective
    np.testing.assert_allclose(whole, gap)


def test_quadrature_has_converged(monkeypatch):
    runner, ranges, record, *_ = stock()
    fine = exact.stockpiles(runner.model, record, ranges)
    monkeypatch.setattr(exact, "NODES", 16)
    assert exact.stockpiles(runner.model, record, ranges) == pytest.approx(fine, abs=1e-6)


def test_linearising_the_race_costs_a_tenth_of_a_nat_at_most_where_the_record_is():
    model = compose(detente.load("richardson_1914"))
    record = build_record(model)
    rng = np.random.default_rng(0)
    theta = exact.to_theta(rng.standard_normal((len(model.rows), 5000)), model.ranges(None)).astype(float)
    value = exact.race_log_likelihood(exact.race_of(model, theta), record)
    best = int(np.argmax(value))
    rough, fine = (exact.race_on_grid(exact.race_of(model, theta[:, [best]]), record, points) for points in (41, 61))
    assert rough == pytest.approx(fine, abs=1e-3)
    assert value[best] == pytest.approx(fine, abs=0.1)


def test_a_told_record_keeps_coverage_errors_and_tails():
    model = compose(detente.load("euro_atlantic"))
    like = build_record(model)
    rng = np.random.default_rng(1)
    told = {name: (rng.random((like.steps, e.has.shape[1], 1)) < 0.01).astype(float) for name, e in like.events.items()}
    told |= {name: rng.integers(0, 5, (*c.has.shape, 1)).astype(float) for name, c in like.choices.items()}
    told |= {name: rng.standard_normal((*group[0].y.shape, 1)) for name, group in like.measures.items()}
    theta = np.zeros(len(model.rows))
    made = method.record_like(like, told, 0, theta, rng)
    for name, e in made.events.items():
        assert np.array_equal(e.has, like.events[name].has)
        assert np.array_equal(e.value > 0, (told[name][..., 0] > 0.5) & e.has)
        assert (e.slip[e.value == 0] == 0).all()
    for c in made.choices.values():
        assert set(c.allowed.sum(axis=1).ravel()) <= {1, 2}
    for name, group in made.measures.items():
        for m, old in zip(group, like.measures[name], strict=True):
            away = ((m.y - told[name][..., 0]) / m.error)[m.has]
            assert (m.weight, m.student) == (old.weight, old.student)
            assert away.std() == pytest.approx(2**0.5 if m.student else 1.0, abs=0.35)


def test_ranks_are_judged():
    rng = np.random.default_rng(2)
    right, narrow = rng.integers(0, 20, 400), np.where(rng.random(400) < 0.3, 0, rng.integers(0, 20, 400))
    good, bad = (method.judge(x, 19, simulations=300) for x in (right, narrow))
    assert (good.inside, good.p > 0.01) == (True, True)
    assert (bad.inside, bad.p < 1e-6) == (False, True)
    with pytest.raises(ValueError, match="multiple"):
        method.judge(right, 18)


@pytest.mark.parametrize(
    ("way", "effort"),
    [("bootstrap", (2048,)), ("waste_free", (128, 8)), ("gradient", (512, 6, 2))],
    ids=("bootstrap", "waste_free", "gradient"),
)
def test_the_samplers_of_the_comparison_find_the_exact_evidence_too(way, effort, monkeypatch):
    monkeypatch.syspath_prepend(str(STUDIES))
    kernels = import_module("_kernels")
    runner, ranges, record, *_ = stock()
    wanted = exact.stockpiles(runner.model, record, ranges)
    found = np.array([getattr(kernels, way)(runner, record, ranges, *effort, seed).log_evidence for seed in range(4)])
    share = np.exp(found - wanted)
    assert share.mean() == pytest.approx(1.0, abs=4 * max(share.std(ddof=1), 0.05) / len(share) ** 0.5)
