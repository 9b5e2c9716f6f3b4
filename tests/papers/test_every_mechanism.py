"""Every mechanism says which published results it meets; where there are none, the property that its paper claims is tested here."""

import importlib
import re

import numpy as np
import pytest
from scipy.stats import norm

from detente.engine.compose import BUILT_IN
from detente.mechanisms.learning import update
from detente.replications._small import history, model_of
from detente.replications._step import quarter
from detente.replications.registry import names, paper

CITED = r"([A-Z][a-z]+)(?:(?:, [A-Z]\w+)* & [A-Z][\wö]+)? (\d{4})"
NONE = {"outcomes", "purpose"}
"""Mechanisms without a published number to meet."""


def met(name):
    text = importlib.import_module(f"detente.mechanisms.{name}").__doc__
    return re.sub(r"\s+", " ", re.search(r"^Met {2,}(.*?)^Claims", text, re.S | re.M)[1])


def papers_of(name):
    return [p for author, year in re.findall(CITED, met(name)) for p in names() if p.startswith(author.lower()) and p.endswith(year)]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_mechanism_names_papers_that_run_it_or_says_there_are_none(name):
    cited, found = re.findall(CITED, met(name)), papers_of(name)
    assert len(found) == len(cited), f"{name} names a paper without a file: {cited}"
    if name in NONE:
        assert not found
        assert re.search(r"no published number|none to meet", met(name))
        assert "Tested:" in met(name)
    else:
        assert found, f"{name} meets nothing"
        for p in found:
            text = paper(p).module.__doc__
            assert name in text, f"{p} does not say that it runs {name}"


# ------------------------------------------------------------------------------------------------------------------- purpose


@pytest.fixture(scope="module")
def alliance():
    return model_of("euro_atlantic", ["purpose"])


BINDS = {"c0": 0.2, "c_threat": 0.5, "c_mission": 0.3, "c_divergence": 0.4, "c_burden": 0.3, "c_pivot": 0.3, "c_noise": 0.0, "c_speed": 1.0}


def cohesion(model, values=None, **states):
    """Cohesion of the first bloc after a quarter that begins at the same cohesion and mission."""
    start = {"cohesion": 0.4, "mission": 0.0, "threat": 0.4} | states
    return float(quarter(model, BINDS | {"domain0": 0.0} | (values or {}), start, 1)["cohesion"][0, 0])


def test_a_threat_binds_an_alliance(alliance):
    levels = [cohesion(alliance, threat=t) for t in (0.1, 0.4, 0.8)]
    assert levels == sorted(levels)
    assert levels[0] < levels[-1] - 0.01
    assert len({cohesion(alliance, {"c_threat": 0.0}, threat=t) for t in (0.1, 0.8)}) == 1


def test_a_mission_stands_in_for_a_threat_that_is_gone(alliance):
    assert cohesion(alliance, threat=0.1, intervention=1.0) > cohesion(alliance, threat=0.1)
    assert cohesion(alliance, {"c_mission": 0.0}, threat=0.1, intervention=1.0) == cohesion(alliance, {"c_mission": 0.0}, threat=0.1)


def test_disagreement_over_whom_to_fear_loosens_and_so_does_a_second_theatre(alliance):
    apart = np.full((len(alliance.world.axes["pair"]), 1), 0.4)
    members = np.asarray(alliance.world.member_pairs[0])
    apart[members] = np.where(np.arange(len(members))[:, None] % 2 == 0, 0.05, 0.75)
    same = {"c_threat": 0.0}
    assert cohesion(alliance, same, threat=apart) < cohesion(alliance, same)
    assert cohesion(alliance, same | {"c_divergence": 0.0}, threat=apart) == cohesion(alliance, same | {"c_divergence": 0.0})
    assert cohesion(alliance, overstretch=0.5) < cohesion(alliance)
    assert cohesion(alliance, pivot=0.8) < cohesion(alliance, pivot=0.1)


def test_no_enemy_is_sought_by_who_needs_none_or_lacks_no_cohesion(alliance):
    def drive(need, wanted, now):
        values = BINDS | {"need_for_enemy": need, "c_star": wanted}
        return float(quarter(alliance, values, {"cohesion": now, "threat": 0.4}, 1)["drive"][0, 0])

    assert drive(0.0, 0.9, 0.1) == 0.0
    assert drive(2.0, 0.05, 0.9) == 0.0
    assert 0.0 < drive(1.0, 0.9, 0.5) < drive(1.0, 0.9, 0.1)
    assert drive(2.0, 0.9, 0.1) == pytest.approx(2.0 * drive(1.0, 0.9, 0.1), rel=1e-5)


# ------------------------------------------------------------------------------------------------------------------ channels

CASES = 4000
LINE = {"suspend0": 0.5, "suspend_shock": 2.0, "suspend_conduct": 2.0, "reopen0": 1.0, "reopen_conduct": 2.0, "reopen_fear": 2.0}


@pytest.fixture(scope="module")
def line():
    return model_of("collective_risk", ["channels"])


def opened(model, was, upkeep=0.0, **states):
    """Share of lines open after a quarter, of so many open before (1) or closed (0)."""
    return quarter(model, LINE | {"upkeep": upkeep}, {"open": was, "capacity": 1.0} | states, CASES)["open"].mean()


def test_conduct_keeps_a_line_open_and_reopens_it(line):
    for was in (1.0, 0.0):
        levels = [opened(line, was, conduct=c) for c in (-0.8, 0.0, 0.8)]
        assert levels == sorted(levels)
        assert levels[-1] - levels[0] > 0.05


def test_fear_a_clash_and_a_lost_ability_keep_it_closed_and_a_shock_closes_it(line):
    assert opened(line, 0.0, threat=1.0) < opened(line, 0.0, threat=0.0)
    assert opened(line, 0.0, clash_now=1.0) == 0.0
    assert opened(line, 0.0, upkeep=1.0, capacity=0.1) < opened(line, 0.0, upkeep=1.0)
    assert opened(line, 0.0, upkeep=0.0, capacity=0.1) == opened(line, 0.0, upkeep=0.0)
    assert opened(line, 1.0, entered=1.0) < opened(line, 1.0) - 0.1


def test_the_ability_wears_out_while_the_line_is_closed_and_grows_by_use(line):
    given = LINE | {"suspend0": 1e-9, "reopen0": 1e-9, "practice": 0.5, "neglect": 0.4}
    used = quarter(line, given, {"open": 1.0, "capacity": 0.5}, 1)["capacity"][0, 0]
    idle = quarter(line, given, {"open": 0.0, "capacity": 0.5}, 1)["capacity"][0, 0]
    assert used == pytest.approx(0.5 + 0.25 * 0.5 * 0.5)
    assert idle == pytest.approx(0.5 - 0.25 * 0.4 * 0.5)


# -------------------------------------------------------------------------------------------------------------------- shocks


def test_an_alliance_without_mission_or_cohesion_intervenes_less():
    model = model_of("euro_atlantic", ["shocks"])

    def share(mission, cohesion):
        return quarter(model, {"intervene": 0.5}, {"mission": mission, "cohesion": cohesion}, CASES)["intervention"][0].mean()

    assert share(0.0, 0.0) == 0.0
    assert share(0.0, 0.2) < share(0.0, 0.9) < share(1.0, 0.9)


# -------------------------------------------------------------------------------------------------------------------- intent


def believed(tell, futures=300, years=15):
    """Belief in harm at the end by Bayes' rule on the conduct that the mechanism gives a seeker (first half) and a revisionist."""
    speed, noise = 1.0, 0.2
    kind = np.repeat([0.0, 1.0], futures // 2)
    model = model_of("richardson_1914", ["intent", "conduct"], years=years)
    values = {"revisionist": kind, "turnover": 0.0, "conduct_speed": speed, "conduct_noise": noise, "tell": tell, "base": 0.0}
    path = history(model, values, futures, ["conduct", "intent"], start={"conduct": 0.0})
    assert np.array_equal(path["intent"][-1, 0], kind)
    acts = np.concatenate([np.zeros((1, futures)), path["conduct"][:, 0]])
    weight = 1.0 - np.exp(-0.25 * speed)

    def log_density(level):
        return norm.logpdf(acts[1:], acts[:-1] + (level - acts[:-1]) * weight, noise * 0.5)

    # The mechanism answers last quarter's truth, which is drawn in the first: that quarter tells nothing.
    belief = np.zeros(futures)
    for evidence in (log_density(-tell) - log_density(0.0))[1:]:
        belief = np.asarray(update(belief, evidence, 0.0, 0.0))
    return 1.0 / (1.0 + np.exp(-belief)), kind


def test_belief_follows_the_truth_where_conduct_betrays_it():
    belief, kind = believed(0.4)
    assert belief[kind > 0.5].mean() > 0.9
    assert belief[kind < 0.5].mean() < 0.1


def test_belief_stays_where_it_was_where_a_revisionist_imitates():
    belief, _ = believed(0.0)
    assert np.allclose(belief, 0.5, atol=1e-6)
