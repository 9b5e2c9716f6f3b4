"""What the policy packages and the value profiles promise: measures that a government could announce, counted alike for every side."""

import re

import numpy as np
import pytest

from detente import scenario as files
from detente.engine.compose import BUILT_IN, Model, built_in, compose
from detente.scenario.entries import Scenario

LEVERS = {name: lever for m in BUILT_IN for name, lever in built_in(m).levers.items()}

# Packages of the panel and the levers that make each what it is called.
PACKAGES = {
    "no_change": set(),
    "reopen_and_talk": {"talk", "contacts"},
    "incidents_at_sea_and_in_the_air": {"separation"},
    "missile_moratorium": {"missile_moratorium", "verify", "negotiate"},
    "arms_control_restored": {"negotiate", "verify"},
    "fewer_loud_statements": {"restraint"},
    "common_challenges_first": {"joint"},
    "legitimate_interests_and_a_pause": {"accommodation", "pause"},
    "open_door_kept_deterrence_built": {"presence", "build_up"},
    "moratorium_on_enlargement": {"no_accession"},
    "new_principles": {"principles", "neutrality", "guarantee"},
    "double_deterrence": {"to_pacific", "ask_more"},
}
# One side's half and the other's.
HALVES = [
    ("fewer_loud_statements", "fewer_loud_statements_alliance", "fewer_loud_statements_russia"),
    ("legitimate_interests_and_a_pause", "legitimate_interests_alone", "strategic_pause_alone"),
]
PROFILES = {
    "no_direct_war": "no direct war",
    "applicant_choice": "the applicant's own choice",
    "russia_security": "Russia's security as Russia perceives it",
    "alliance_credibility": "the alliance's credibility",
    "lowest_cost": "lowest cost to all",
}
# Which direction of an outcome is better for whom it is counted; those missing have none (`over`, `arms`, `containment`, `pivot`).
BETTER = dict.fromkeys(
    "crisis clash war nuclear war_third crises missiles alarm over under burden spent denied damage containment".split(), "below"
) | dict.fromkeys("channel_open reopened channels treaty_in_force treaties cohesion influence member joint".split(), "above")

FORCE = re.compile(
    r"\b(strik(?:e|es|ing)|target\w*|attack\w*|coerc\w*|sabotage|blockade|first use|pre-?empt\w*|retaliat\w*|threaten\w*)\b", re.IGNORECASE
)
MEMBERS = {"usa", "west", "tur", "central", "balt"}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return files.load("euro_atlantic")


@pytest.fixture(scope="module")
def model(scenario: Scenario) -> Model:
    return compose(scenario)


def used(scenario: Scenario, name: str) -> set[str]:
    return {use.lever for use in scenario.policies[name].levers}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_package_of_the_panel_moves_what_its_argument_names(scenario, name):
    assert PACKAGES[name] <= used(scenario, name)
    assert bool(used(scenario, name)) == (name != "no_change")


def test_no_change_changes_nothing(scenario):
    policy = scenario.policies["no_change"]
    assert (policy.levers, policy.required, policy.bound, policy.includes) == ((), (), (), ())


def test_what_all_would_sign_is_found_and_not_written(scenario):
    assert not [name for name in scenario.policies if "all" in name.split("_") or "sign" in name]


def test_at_least_ten_packages_of_at_least_fourteen_levers(scenario):
    assert len(scenario.policies) >= 12
    levers = {lever for name in scenario.policies for lever in used(scenario, name)}
    assert levers == set(LEVERS), "a lever that no package pulls"
    assert len(levers) >= 14


def test_effects_are_ranges_within_the_lever_and_start_after_the_record(scenario):
    uses = [(p.id, u) for p in scenario.policies.values() for u in p.levers]
    for name, use in uses:
        low, high = use.effect
        lever = LEVERS[use.lever]
        assert lever.low <= low < high <= lever.high, (name, use.lever)
        assert high - low >= 0.1 * (lever.high - lever.low), (name, use.lever, "a range so narrow is a point")
        assert use.start >= 2022.25, (name, use.lever)


def test_every_lever_falls_on_elements_that_exist_and_never_twice(scenario, model):
    places = dict.fromkeys(model.lever_rows)
    for policy in scenario.policies.values():
        seen = []
        for use in policy.levers:
            assert bool(use.on) == (LEVERS[use.lever].per is not None), (policy.id, use.lever)
            for element in use.on or ("",):
                assert (use.lever, element) in places, (policy.id, use.lever, element)
                seen.append((use.lever, element))
        assert len(seen) == len(set(seen)), policy.id


def test_every_lever_has_its_counterpart_in_some_package(scenario):
    """Lever parity: a measure of one side stands beside its counterpart, or the lever says why it has none."""
    everywhere = {lever for name in scenario.policies for lever in used(scenario, name)}
    for name, lever in LEVERS.items():
        assert lever.counterpart, name
        assert lever.counterpart in everywhere or re.match(r"(itself|binds|none:)", lever.counterpart), (name, lever.counterpart)
    assert {"accommodation", "pause"} <= everywhere
    assert {"faster", "no_accession"} <= everywhere


def test_one_sided_variants_come_in_equal_pairs(scenario):
    for whole, one, other in HALVES:
        halves = [{(u.lever, u.on): u.effect for u in scenario.policies[name].levers} for name in (one, other)]
        assert {**halves[0], **halves[1]} == {(u.lever, u.on): u.effect for u in scenario.policies[whole].levers}
        assert set(halves[0].values()) == set(halves[1].values()), "one side is asked for more"
        assert scenario.policies[one].required != scenario.policies[other].required


def test_who_must_sign_who_is_bound_and_what_unravels_it(scenario):
    for policy in scenario.policies.values():
        assert policy.unravels, policy.id
        assert policy.source, policy.id
        if policy.id == "no_change":
            continue
        assert policy.required, policy.id
        touched = {element for use in policy.levers if LEVERS[use.lever].per in ("actor", "applicant") for element in use.on}
        assert touched <= {*policy.required, *policy.bound}, (policy.id, "moves an actor that neither signs nor is bound")
        blocs = {element for use in policy.levers if LEVERS[use.lever].per == "bloc" for element in use.on}
        assert not blocs or set(policy.required) >= MEMBERS, (policy.id, "the alliance decides by consensus")


def test_the_absent_are_named_where_their_membership_is_decided(scenario):
    for name in ("moratorium_on_enlargement", "lines_of_1997", "legitimate_interests_and_a_pause", "legitimate_interests_alone"):
        assert {"ukr", "geo"} <= set(scenario.policies[name].bound), name
    assert {"ukr", "geo"} <= set(scenario.policies["new_principles"].required)


def test_no_package_describes_a_use_of_force(scenario):
    pages = {p.id: " ".join([p.label, p.proposer, p.note, p.unravels, *(u.note for u in p.levers)]) for p in scenario.policies.values()}
    assert {name: found for name, page in pages.items() if (found := FORCE.findall(page))} == {}


# ----------------------------------------------------------------------------------------------------------------- what is good


def test_five_profiles_and_who_could_hold_each(scenario):
    assert {v.id: v.label for v in scenario.values.values()} == PROFILES
    assert all(len(v.holder.split()) >= 8 for v in scenario.values.values())


def test_no_theory_names_a_value_and_no_profile_a_belief(scenario):
    parameters = {name for m in BUILT_IN for name in built_in(m).parameters}
    wanted = {a.outcome for v in scenario.values.values() for a in v.accept}
    assert wanted <= set(BETTER), "an outcome that is not counted"
    assert not wanted & parameters
    assert not {r.parameter for t in scenario.theories.values() for r in t.ranges} & set(BETTER)


def test_no_profile_counts_another_partys_loss_as_gain(scenario):
    for profile in scenario.values.values():
        for item in profile.accept:
            assert item.direction == BETTER[item.outcome], (profile.id, item.outcome)


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_reads_outcomes_of_more_than_one_kind(scenario, name):
    accept = scenario.values[name].accept
    assert len({a.outcome for a in accept}) >= 3
    assert all(np.isfinite(a.threshold) and a.argument for a in accept)


def test_every_outcome_element_of_a_profile_exists(scenario):
    axis = {
        "war": "rivalry",
        "clash": "rivalry",
        "crises": "rivalry",
        "under": "rivalry",
        "denied": "applicant",
        "alarm": "actor",
        "spent": "actor",
        "missiles": "theatre",
        "cohesion": "bloc",
    }
    for profile in scenario.values.values():
        for item in profile.accept:
            if item.outcome in axis:
                assert item.elements, (profile.id, item.outcome)
                assert set(item.elements) <= set(scenario.axes[axis[item.outcome]]), (profile.id, item.outcome)
            else:
                assert item.elements == (), (profile.id, item.outcome)
