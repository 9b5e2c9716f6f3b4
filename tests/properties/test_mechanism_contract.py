"""What every mechanism promises, each by itself: a new one inherits these tests by its name in the engine's list."""

from dataclasses import replace

import alone
import jax
import numpy as np
import pytest
import signs
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.engine.compose import BUILT_IN, built_in

# What a mechanism still does with every parameter at its neutral value: read → (states it moves, why that is no broken promise).
SPEED = "a speed has no neutral value, and the level it follows is what this reads"
RATE = "a rate has no neutral value: what scales it remains"
COUNT = "accounting: no parameters"
STILL: dict[str, dict[str, tuple[set[str], str]]] = {
    "shocks": {"mission": ({"intervention"}, RATE), "cohesion": ({"intervention"}, RATE)},
    "arms": {
        "gdp": ({"arms", "arms_growth"}, "a budget is a share of output"),
        "in_force": ({"missiles"}, SPEED),
        "compliance": ({"missiles"}, SPEED),
        "threat": ({"effort"}, SPEED),
        "opened": ({"effort"}, SPEED),
    },
    "theatres": {name: ({"pivot", "present"}, "forces go where the threat is") for name in ("arms", "warheads", "threat")},
    "purpose": {
        "threat": ({"bloc_fear", "bloc_fear_other", "divergence"}, "a mean and a spread, read off"),
        "offer": ({"bloc_fear", "divergence"}, "who is a member enters the mean"),
        "intervention": ({"mission"}, "a mission is what the bloc does abroad"),
    },
    "open_door": {
        "drive": ({"offer", "promised_now"}, RATE),
        "cohesion": ({"accession_hazard", "joined_now", "offer"}, RATE),
        "contested": ({"accession_hazard", "joined_now", "offer"}, RATE),
    },
    "treaties": {name: ({"adheres", "in_force"}, "nobody negotiates without a channel") for name in ("open", "capacity")},
    "channels": {
        "entered": ({"shock"}, "a memory of what happened"),
        "intervention": ({"shock"}, "a memory of what happened"),
        "clash_now": ({"capacity", "open", "reopened_now"}, "no channel opens under fire, and a closed one wears out"),
        "joint": ({"capacity"}, RATE),
    },
    "challenge": {name: ({"gain", "resolve"}, "odds of winning follow forces; no challenge comes of it") for name in ("arms", "present")},
    "escalation": {
        "dangerous": (
            {"climb", "entered", "origin", "rung"},
            "every other dangerous incident is a serious one, rung 1 (hidden in the record)",
        ),
        "decision": ({"climb", "entered", "origin", "rung"}, "the rate of challenges itself"),
    },
    "learning": {"intent": ({"over", "under"}, "the distance of a belief from the truth")},
    "joint_work": {
        "strike": ({"damage"}, "a strike does damage"),
        "open": ({"joint"}, SPEED),
        "capacity": ({"joint"}, SPEED),
    },
    "outcomes": {
        "climb": ({"by_decision", "by_mistake", "hazard", "reached"}, COUNT),
        "rung": ({"by_decision", "by_mistake", "reached"}, COUNT),
        "entered": ({"crises"}, COUNT),
        "origin": ({"by_decision", "by_mistake"}, COUNT),
        "seen": ({"influence"}, COUNT),
        "threat": ({"alarm"}, COUNT),
        "arms": ({"influence", "spent"}, COUNT),
        "damage": ({"damaged"}, COUNT),
        "joint": ({"joint_years"}, COUNT),
        "reopened_now": ({"reopened"}, COUNT),
        "wish": ({"denied"}, COUNT),
        "offer": ({"denied"}, COUNT),
    },
}

each = pytest.mark.parametrize("name", BUILT_IN)


@each
@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_states_stay_finite_and_inside_their_bounds(name, seed):
    m = built_in(name)
    out, _ = alone.run(m, alone.case(seed))
    assert set(out) == set(m.states), "a mechanism writes all its states in every step"
    for state, values in out.items():
        low, high = m.states[state].low, m.states[state].high
        assert np.isfinite(values).all(), state
        assert values.min() >= low - 1e-6 * abs(low), state
        assert values.max() <= high + 1e-6 * abs(high), state
        if m.states[state].unit in alone.WHOLE:
            assert np.array_equal(values, np.round(values)), state


@each
@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_slope_in_every_parameter_is_finite(name, seed):
    _, slope = alone.run(built_in(name), alone.case(seed))
    assert [k for k, v in slope.items() if not np.isfinite(v).all()] == []


@each
def test_compiled_is_eager(name):
    m, given_case = built_in(name), alone.case(11)
    out, _ = alone.run(m, given_case)
    for state, values in alone.step(m, given_case).items():
        np.testing.assert_allclose(out[state], np.asarray(values), rtol=2e-4, atol=2e-5, err_msg=state)


@each
def test_each_future_goes_by_itself(name):
    """Futures turned round give results turned round: nothing crosses the axis of futures."""
    m, given_case = built_in(name), alone.case(12)
    out, _ = alone.run(m, given_case)
    turned, _ = alone.run(m, jax.tree.map(lambda x: x[..., ::-1] if np.ndim(x) else x, given_case))
    for state, values in turned.items():
        assert np.array_equal(values[..., ::-1], out[state]), state


@each
def test_at_neutral_parameters_nothing_read_moves_anything(name):
    """But for what the table above says, with the reason. The table must not claim more than is so."""
    m = built_in(name)
    moved: dict[str, set[str]] = {}
    for seed in range(6):
        # Every quarter of the year: budgets are made in the last one.
        still = alone.neutral(m, replace(alone.case(seed, levers=False), quarter=seed % 4))
        other = alone.case(1000 + seed, levers=False)
        before, _ = alone.run(m, still, expected=True)
        for read in set(m.reads) - set(m.states):
            after, _ = alone.run(m, replace(still, state=still.state | {read: other.state[read]}), expected=True)
            moved.setdefault(read, set()).update(k for k in after if not np.array_equal(after[k], before[k]))
    assert {read: states for read, states in moved.items() if states} == {read: states for read, (states, _) in STILL.get(name, {}).items()}


# Effects that a hundred futures are too few to tell from luck: futures each.
FEW = 128
MORE = {
    512: (
        "ask branching contain0 cooling exit0 exit_contagion exit_fear exit_hawks grievance_weight heat mistake negotiate_conduct omega pace renew0 "
        "renew_conduct reopen_conduct sway_shock tell w_arms w_exit want weakness"
    ).split(),
    2048: "k_contain need_for_enemy rupture_shock up4 warning".split(),
}
WITH = {"follow_spread": {"follow": 1.0}}
"""Thresholds of a bandwagon are out of reach by default."""
SIGNED = [name for m in map(built_in, BUILT_IN) for name, p in m.parameters.items() if p.raises]
UNSIGNED = [name for m in map(built_in, BUILT_IN) for name, p in m.parameters.items() if not p.raises]


def test_every_word_of_a_sign_is_one_that_can_be_measured():
    words = {p.raises for m in map(built_in, BUILT_IN) for p in m.parameters.values() if p.raises}
    assert words == set(signs.MEASURES)


@pytest.mark.parametrize("futures", [FEW, *MORE])
def test_a_parameter_raises_what_it_says_it_raises(futures):
    """Low against high on common luck over the shipped scenario: the mean rise is more than three standard errors."""
    special = {name for names in MORE.values() for name in names}
    names = [name for name in SIGNED if name not in special] if futures == FEW else MORE[futures]
    assert set(names) <= set(SIGNED)
    weak = {}
    for start in range(0, len(names), 8):
        for name, (low, high) in signs.run_low_high(names[start : start + 8], futures).items():
            rise, error = signs.rise(name, low, high)
            if not rise > 3.0 * error:
                weak[name] = f"{signs.runner().model.parameters[name][0].raises}: {rise:+.2g} ± {error:.1g}"
    assert weak == {}


def test_every_other_parameter_moves_some_state():
    starts = {s.initial for m in map(built_in, BUILT_IN) for s in m.states.values() if isinstance(s.initial, str)}
    names = [name for name in UNSIGNED if name not in starts]
    dead = []
    for start in range(0, len(names), 16):
        for name, (low, high) in signs.run_low_high(names[start : start + 16], 64, WITH).items():
            if all(np.array_equal(low.state[k], high.state[k]) for k in low.state):
                dead.append(name)
    assert dead == []


def test_a_parameter_that_is_a_start_value_moves_its_state_at_the_start():
    model = signs.runner().model
    theta = signs.parameters()[:, :4]
    begins = {state: start for state, start in model.start.items() if isinstance(start, str)}
    assert begins
    for state, name in begins.items():
        changed = theta.copy()
        changed[model.find(name)] += 0.1
        assert (signs.start(changed)[state] > signs.start(theta)[state]).all(), name
