"""By which equations a guarantee, agreed principles and a build-up act: each route alone, one quarter of the mechanism that has it."""

import numpy as np
import pytest

from detente.replications._small import model_of
from detente.replications._step import quarter


def index(model, axis, name):
    return list(model.world.axes[axis]).index(name)


@pytest.fixture(scope="module")
def ladder():
    return model_of("euro_atlantic", ["escalation"])


@pytest.fixture(scope="module")
def belief():
    return model_of("euro_atlantic", ["learning"])


@pytest.fixture(scope="module")
def pretence():
    return model_of("euro_atlantic", ["self_deception"])


def test_a_guaranteed_ceasefire_breaks_less_often_and_a_guarantee_needs_a_frozen_conflict_for_that(ladder):
    row = index(ladder, "rivalry", "russia_ukraine")
    frozen = np.array([1.0, 1.0, 0.0, 0.0])
    values = {"reentry": 0.2, "upheld": 0.5}
    climb = quarter(ladder, values, {"contested": frozen}, 4, {"guarantee": np.array([0.0, 0.5, 0.0, 0.5])})["climb"][3, row]
    assert climb[1] == pytest.approx(0.75 * climb[0], rel=0.03)
    assert climb[2] == climb[3] < climb[0]


def test_a_guarantee_frightens_the_neighbour_as_a_promise_does_unless_neutrality_is_agreed_with_it(belief):
    row = index(belief, "pair", "rus>usa")
    values = {"provocation": 0.8, "fear_noise": 1e-4, "forget": 0.5}
    levers = {"guarantee": np.array([0.0, 0.5, 0.5]), "neutrality": np.array([0.0, 0.0, 1.0])}
    fear = quarter(belief, values, {"offer": 0.0, "wish": 0.0, "arms": 10.0}, 3, levers)["fear"][row]
    assert fear[1] > fear[0] + 0.01
    assert fear[2] == pytest.approx(fear[0], abs=2e-3)


def test_a_council_that_decides_settles_a_crisis_where_it_sits_and_nowhere_else(ladder):
    here, elsewhere = index(ladder, "rivalry", "nato_russia"), index(ladder, "rivalry", "usa_china")
    cases = 4000
    agreed = np.repeat([0.0, 1.0], cases // 2)
    rung = quarter(ladder, {"settle": 1.0, "down2": 1.0}, {"rung": 2.0, "open": 0.0, "dangerous": 0.0}, cases, {"principles": agreed})[
        "rung"
    ]
    settled = (rung < 1.5).reshape(len(rung), 2, -1).mean(axis=-1)
    assert settled[here, 1] > settled[here, 0] + 0.1
    assert abs(settled[elsewhere, 1] - settled[elsewhere, 0]) < 0.05


def test_a_gap_in_the_open_becomes_a_grievance_a_hidden_one_does_not_and_principles_slow_it(pretence):
    row = index(pretence, "pair", "rus>usa")
    values = {"resentment": 0.2, "credulity": 0.4, "expectation": 0.8, "rupture0": 1e-6, "grievance_decay": 0.05}
    facade = np.array([1.0, 0.0, 0.0])
    after = quarter(pretence, values, {"facade": facade, "gap": 0.5, "grievance": 0.1}, 3, {"principles": np.array([0.0, 0.0, 0.6])})
    hidden, told, agreed = after["grievance"][row]
    assert hidden < 0.1 < agreed < told
    assert after["gap"][row, 2] < after["gap"][row, 1]
    assert quarter(pretence, values | {"resentment": 0.0}, {"facade": 0.0, "gap": 0.5, "grievance": 0.1}, 1)["grievance"][row, 0] < 0.1
