"""A claim about history as evidence: what is compared, that the step is really taken, and that weights follow the likelihood."""

import dataclasses

import numpy as np
import pytest
from small_job import runner

from detente.analysis import claim_evidence as ce
from detente.analysis.project import prior
from detente.claims import get_claim, read_yaml
from detente.scenario import ScenarioError

WHAT = ce.Evidence(
    "made up",
    (ce.Quantity("arms_growth", "", 1.0, 0.3, 0.4, 0.0), ce.Quantity("dispute", "", 0.0, 0.5, 0.0, 0.0)),
    0.1,
    2001,
    5,
    (),
    "",
)


def shifts(arms, dispute=0.0, families=8):
    n = 64
    values = {"arms_growth": np.full(n, float(arms)), "dispute": np.full(n, float(dispute))}
    return ce.Shifts(values, np.arange(n) % families)


def test_a_theory_that_gives_exactly_the_estimate_loses_nothing_and_one_standard_deviation_costs_two_decibans():
    assert ce.weigh_shifts(shifts(1.0), WHAT).decibans == pytest.approx(0.0)
    one = ce.weigh_shifts(shifts(0.5), WHAT)  # the spread is hypot(0.3, 0.4) = 0.5
    assert one.decibans == pytest.approx(-0.5 * 10 / np.log(10))
    assert one.parts["dispute"] == pytest.approx(0.0)
    _, error, words = one
    assert error == pytest.approx(0.0), "particles that agree leave no error"
    assert "arms" in words


def test_the_error_counts_families_and_not_particles():
    rng = np.random.default_rng(0)
    family = np.repeat(np.arange(4), 16)
    by_family = rng.normal(0.0, 1.0, 4)[family]
    few = ce.weigh_shifts(ce.Shifts({"arms_growth": by_family, "dispute": np.zeros(64)}, family), WHAT)
    many = ce.weigh_shifts(ce.Shifts({"arms_growth": by_family, "dispute": np.zeros(64)}, np.arange(64)), WHAT)
    assert few.error > 1.5 * many.error > 0
    assert np.isnan(ce.weigh_shifts(ce.Shifts({"arms_growth": by_family, "dispute": np.zeros(64)}, np.zeros(64)), WHAT).error)


def test_the_shipped_evidence_leaves_out_the_steps_that_the_record_holds():
    found = ce.evidence()
    folder = get_claim("no_free_spread").folder
    plan, kept = read_yaml(folder / "evidence.yaml"), read_yaml(folder / "estimate.yaml")
    assert kept["evidence"]["leave_out"] == plan["leave_out"] != ""
    for q in found.quantities:
        assert q.spread > q.error > 0
        assert q.value != kept["log_odds"][q.name]["estimate"], "the estimate with those steps in it"


def test_a_record_of_one_step_makes_the_applicant_a_member_and_nobody_else():
    model = runner().model
    names = model.world.axes["applicant"]
    year = model.start_year + 1
    still, moved = ce.one_step(model, None, year), ce.one_step(model, names[0], year)
    assert not any(e.value.any() for e in still.events.values())
    assert all(e.has.all() for e in still.events.values())
    for draw in ("wish", "declare", "promise", "join"):
        assert moved.events[draw].value.sum() == 1
        assert moved.events[draw].value[4, 0] == 1
    assert moved.events["withdraw"].value.sum() == 0


def test_a_step_outside_of_the_record_is_refused_in_one_sentence():
    learned = prior(runner(), None, 32, 1)
    with pytest.raises(ScenarioError, match="outside of the years"):
        ce.shifts(runner(), learned, dataclasses.replace(WHAT, step_year=1950))
