"""Two theatres, one budget: the leader faces two rivals, one of them longer and wider.

    threat_t = σ(fear_leader,t)·capability_t·(1 + tech_weight·tech_t), the second theatre's × pacific_weight
    pivot moves to threat_2/(threat_1 + threat_2) at pivot_speed;  present_1 = (1 − pivot)·A·lift, present_2 = pivot·A·lift
    overstretch = clip(Σ_t [need·threat_t − present_t]⁺ / A, 0, 1);  tech_t closes on the leader at catch_up
    the alliance, as such, adopts a policy of containing both, declared and resourced, with hazard
        contain0·exp(k_contain·(mean fear of one + mean fear of the other − 1) + contain_ask·ask − contain_cohesion·(1 − cohesion))

Source   two-front allocation, after the Blotto tradition (Roberson 2006) in reduced form; `overstretch` is ours.
Met      Friedman 1958 (proportional split), by `allocation`; after Powell 2007 (signs, budget of double deterrence). Neither Powell's split nor
         Roberson's shares.
Claims   S16 (double deterrence, above all in technology), S17 (whom the allies fear). Question Q3.
Game     none: reduced form.
"""

import jax.numpy as jnp

from detente.contract import Lever, Parameter, State, mechanism, positive, relax, rows, total

PARAMETERS = {
    "pivot_speed": Parameter("rate at which presence follows threat", "1/yr", (0.05, 0.3), scale="log", neutral=None, claims=("S16",)),
    "pacific_weight": Parameter(
        "weight of the second theatre in the leader's threat",
        "ratio",
        (0.5, 2.0),
        scale="log",
        neutral=1.0,
        raises="pivot",
        claims=("S16",),
    ),
    "tech_weight": Parameter("weight of technology in a rival's capability", "share", (0.0, 1.0), raises="overstretch", claims=("S16",)),
    "catch_up": Parameter(
        "rate at which a rival closes the gap in technology", "1/yr", (0.005, 0.06), per="theatre", scale="log", neutral=None, raises="tech"
    ),
    "lift": Parameter("share of the leader's forces that can be present", "share", (0.3, 0.8), neutral=None),
    "need": Parameter("presence needed for a unit of threat", "ratio", (0.3, 1.2), raises="overstretch"),
    "nuke_value": Parameter("capability of a warhead in money", "bn USD/warhead", (0.005, 0.03), scale="log", neutral=None),
    "contain0": Parameter(
        "rate of adopting double containment at even fears", "1/yr", (0.01, 0.1), scale="log", neutral=None, raises="containment"
    ),
    "k_contain": Parameter("effect of fears on it", "log-hazard", (0.5, 3.0), raises="containment when both are feared"),
    "ask": Parameter(
        "how hard the leader asks its allies for the second theatre", "log-hazard", (0.0, 1.0), raises="containment", claims=("S17",)
    ),
    "contain_cohesion": Parameter("effect of lost cohesion on it", "log-hazard", (0.0, 3.0)),
}
LEVERS = {
    "to_pacific": Lever(
        "capability moved to the second theatre",
        "share of presence",
        per=None,
        high=0.4,
        counterpart="none: only the leader stands in two theatres",
    ),
    "ask_more": Lever(
        "allies asked for more in the second theatre",
        "log-hazard",
        per=None,
        high=1.5,
        counterpart="none: only the leader has allies in two theatres",
    ),
}
STATES = {
    "pivot": State((), "0–1", "share of the leader's presence in the second theatre", initial=0.3, low=0, high=1),
    "tech": State(("theatre",), "ratio", "technology of the theatre's rival, leader = 1", initial=0.4, low=0, high=2),
    "present": State(("theatre",), "bn USD of 2019 a year", "the leader's presence", initial=100.0, low=0, high=1e5),
    "overstretch": State((), "0–1", "presence that threat asks for and is lacking, over the leader's forces", low=0, high=1),
    "containment": State((), "0/1", "the alliance has adopted a policy of containing both", low=0, high=1),
}


def allocation(threat_first, threat_second):
    """Share that goes to the second theatre when presence follows threat."""
    return threat_second / (threat_first + threat_second + 1e-6)


@mechanism(
    reads=["arms", "warheads", "threat", "cohesion", "pivot", "tech", "containment", "bloc_fear", "bloc_fear_other"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    draws={"containment": ""},
    needs={"theatre": (2, 2), "bloc": (1, None)},
)
def theatres(state, p, world, draw):
    """pivot, overstretch, containment [future]; tech, present [theatre, future]."""
    leader = rows(state.arms, world.leader_of_theatre[:1])[0]
    rivals = rows(state.arms + p.nuke_value * state.warheads, world.rival_of_theatre)
    tech = relax(state.tech, jnp.ones_like(state.tech), p.catch_up)
    threat = rows(state.threat, world.leader_pair) * rivals * (1.0 + p.tech_weight * tech)
    first, second = threat[0], threat[1] * p.pacific_weight
    pivot = relax(state.pivot, (allocation(first, second) + world.levers.to_pacific).clip(0.0, 1.0), p.pivot_speed)
    reach = leader * p.lift
    present = jnp.stack([(1.0 - pivot) * reach, pivot * reach])
    lack = total([positive(p.need * first - present[0]), positive(p.need * second - present[1])])
    appetite = p.k_contain * (state.bloc_fear[0] + state.bloc_fear_other[0] - 1.0) + p.ask + world.levers.ask_more
    hazard = p.contain0 * jnp.exp(appetite - p.contain_cohesion * (1.0 - state.cohesion[0]))
    adopted = draw.event("containment", hazard * (1.0 - state.containment))
    return {
        "pivot": pivot,
        "tech": tech,
        "present": present,
        "overstretch": (lack / leader).clip(0.0, 1.0),
        "containment": jnp.maximum(state.containment, adopted),
    }
