"""The guard of a theory's loop of conduct, hawks and fear."""

import numpy as np
import pytest

from detente.analysis.guard import loop_radius, runaways
from detente.engine.compose import compose
from detente.scenario import load


@pytest.fixture(scope="module")
def model():
    return compose(load("euro_atlantic"))


def test_no_shipped_reading_claims_a_runaway(model):
    assert runaways(model) == {}


def test_conduct_returned_with_interest_is_a_runaway(model):
    ranges = model.ranges(None).copy()
    ranges[model.find("reciprocity"), :2] = 1.3, 1.5
    assert loop_radius(model, ranges) > 1.0


def test_without_answers_in_kind_what_returns_slowest_sets_the_radius(model):
    ranges = model.ranges(None).copy()
    for name in ("reciprocity", "hawkishness", "sway", "w_hostile", "w_coop", "bias"):
        ranges[model.find(name), :2] = 0.0, 0.0
        ranges[model.find(name), 2] = 0.0
    for name in ("conduct_speed", "hawk_return"):
        ranges[model.find(name), :2] = 1.0, 1.0
    forget = 0.2
    ranges[model.find("forget"), :2] = forget, forget
    assert loop_radius(model, ranges) == pytest.approx(1.0 - 0.25 * forget, abs=2e-3)


def test_a_model_without_the_loop_is_not_judged():
    assert runaways(compose(load("ladder"))) == {}
    assert np.isnan(loop_radius(compose(load("ladder")), compose(load("ladder")).ranges(None)))
