"""What is counted, for every actor: pure functions of the trajectory, from the start of the projection.

    reached_k    rung k or higher entered since the start;   hazard_k += P(entering k or higher this quarter), while never reached
    influence_i  Σ_j capability_j·seen_ji, capability_j the share of all forces;  alarm_i mean fear of the actor;  over, under, spending, damage
    reopened_c   year of the channel's first reopening (0: not yet);  denied_q the quarters in which a wish stood without membership

The mean of hazard_k over futures is an unbiased estimate of the probability of reaching it, with less noise than the count.

Source   none: accounting (the accumulator is the discrete-time cumulative hazard of the common model).
Met      none to meet, it only counts. Tested: the mean accumulated hazard is the share of futures that reach the rung (the compensator
         theorem).
Claims   S10 (outcomes for every actor), S24 (influence), S28 (trend of risk), S1 (month of reopening).
Game     none.
"""

import jax.numpy as jnp

from detente.contract import DT, State, mechanism, rows, total, weigh

STATES = {
    "reached": State(("rung", "rivalry"), "0/1", "rung or higher entered since the start", horizon=True, low=0, high=1),
    "hazard": State(("rung", "rivalry"), "probability", "sum of entry probabilities while never reached", horizon=True, low=0),
    "by_mistake": State(("rung", "rivalry"), "0/1", "first entry began with a mistake", horizon=True, low=0, high=1),
    "by_decision": State(("rung", "rivalry"), "0/1", "first entry began with a decision", horizon=True, low=0, high=1),
    "crises": State(("rivalry",), "entries", "entries into crisis or worse", horizon=True, low=0),
    "influence": State(("actor",), "−1…1", "how others behave toward the actor, weighted by their forces", low=-1, high=1),
    "alarm": State(("actor",), "probability", "mean fear of the actor for its rivals", initial=0.4, low=0, high=1),
    "spent": State(("actor",), "bn USD of 2019", "spending since the start", horizon=True, low=0),
    "damaged": State(("challenge",), "strikes", "damage of common challenges since the start", horizon=True, low=0),
    "joint_years": State((), "challenge-years", "joint work since the start", horizon=True, low=0),
    "reopened": State(("channel",), "year", "first reopening since the start", horizon=True, low=0, high=3000),
    "denied": State(("applicant",), "years", "years in which a wish stood without membership", horizon=True, low=0),
}


@mechanism(
    reads=[
        "reached",
        "hazard",
        "by_mistake",
        "by_decision",
        "crises",
        "spent",
        "damaged",
        "joint_years",
        "reopened",
        "denied",
        "climb",
        "rung",
        "entered",
        "origin",
        "seen",
        "threat",
        "arms",
        "damage",
        "joint",
        "reopened_now",
        "wish",
        "offer",
    ],
    states=STATES,
    parameters={},
    draws={},
)
def outcomes(state, p, world, draw):
    """Accumulators; axes as declared."""
    dtype = state.seen.dtype
    ladder = jnp.arange(world.size("rung"), dtype=dtype)[:, None, None]
    enters = (state.climb > 0.0) & (state.rung[None] > ladder - 0.5) & (state.reached < 0.5)
    first = enters.astype(dtype)
    share = state.arms / total(state.arms)
    influence = weigh(world.targets_of, state.seen * rows(share, world.pairs.source)) / (
        weigh(world.targets_of, rows(share, world.pairs.source)) + 1e-6
    )
    came_open = (state.reopened_now > 0.5) & (state.reopened < 1.0)
    wished = state.wish * (state.offer < 2.5)
    return {
        "reached": jnp.maximum(state.reached, first),
        "hazard": state.hazard + state.climb * (1.0 - state.reached),
        "by_mistake": jnp.maximum(state.by_mistake, first * (state.origin < 0.5)[None]),
        "by_decision": jnp.maximum(state.by_decision, first * (jnp.abs(state.origin - 1.0) < 0.5)[None]),
        "crises": state.crises + state.entered,
        "influence": influence,
        "alarm": weigh(world.fears_of, state.threat),
        "spent": state.spent + DT * state.arms,
        "damaged": state.damaged + state.damage,
        "joint_years": state.joint_years + DT * total(state.joint),
        "reopened": jnp.where(came_open, world.now.year, state.reopened),
        "denied": state.denied + DT * wished,
    }
