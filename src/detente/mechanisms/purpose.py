"""Does an alliance hold together, and does it need a threat to?

    level_b = c0 + c_threat·mean fear of the rival + c_mission·mission − c_divergence·divergence − c_burden·overstretch − c_pivot·pivot
              − c_contain·containment
    divergence = sd over members of fear of the rival + ask·|mean members' fear of the other theatre's rival − the leader's|
    drive = need_for_enemy·(c_star − cohesion)⁺ (search for an enemy): speeds the open door, opens domains, cools conduct
    a domain opens with hazard domain0·(1 + drive);  mission follows opened domains and is renewed by interventions

Source   alliance cohesion under threat (Walt 1987, in reduced form); need_for_enemy = 0 is the purely defensive alliance.
Met      no published number: the literature on cohesion under threat gives signs and cases, nothing that could be computed. Tested: the signs
         claimed (a threat binds, a mission stands in for a threat that is gone, disagreement over whom to fear and a second theatre loosen)
         and the threshold (no search for an enemy above c_star, nor at need_for_enemy = 0).
Claims   S4, S6 (a mission lost and an enemy found), S8 (space and cyber), S11 (need_for_enemy zero), S17 (divergence).
Game     none: reduced form.
"""

import jax.numpy as jnp

from detente.contract import Parameter, State, mechanism, positive, relax, rows, total, weigh

PARAMETERS = {
    "c0": Parameter("cohesion with no threat and no mission", "cohesion", (0.35, 0.6), neutral=None, raises="cohesion"),
    "c_threat": Parameter(
        "cohesion gained when the rival is certain to mean harm", "cohesion", (0.1, 0.6), raises="cohesion", claims=("S6",)
    ),
    "c_mission": Parameter("cohesion gained by missions and new domains", "cohesion", (0.0, 0.3), raises="cohesion", claims=("S8",)),
    "c_divergence": Parameter("cohesion lost per unit of divergence", "cohesion", (0.0, 0.6), claims=("S17",)),
    "c_burden": Parameter("cohesion lost to overstretch", "cohesion", (0.0, 0.4), claims=("S16",)),
    "c_pivot": Parameter("cohesion lost as the leader turns to the second theatre", "cohesion", (0.0, 0.3), claims=("S16",)),
    "c_contain": Parameter("price of double containment in cohesion", "cohesion", (0.0, 0.15), claims=("S17",)),
    "c_speed": Parameter("rate at which cohesion follows", "1/yr", (0.2, 1.0), scale="log", neutral=None),
    "c_noise": Parameter("spread of cohesion", "cohesion/√yr", (0.01, 0.05), scale="log", neutral=None),
    "c_star": Parameter("cohesion an alliance wants", "cohesion", (0.6, 0.9), neutral=None),
    "need_for_enemy": Parameter(
        "drive per unit of missing cohesion", "ratio", (0.0, 2.0), per="bloc", raises="joined", claims=("S4", "S11")
    ),
    "domain0": Parameter(
        "rate at which a domain opens without drive",
        "1/yr",
        (0.01, 0.08),
        per="opening",
        scale="log",
        neutral=None,
        raises="opened",
        claims=("S8",),
    ),
    "mission_decay": Parameter("rate at which a mission fades", "1/yr", (0.1, 0.4), scale="log", neutral=None),
}
STATES = {
    "cohesion": State(("bloc",), "0–1", "does the alliance hold together", initial=0.6, low=0, high=1),
    "drive": State(("bloc",), "≥ 0", "search for an enemy", low=0, high=10),
    "divergence": State(("bloc",), "0–1", "members' difference over whom to fear", low=0, high=3),
    "mission": State(("bloc",), "0–1", "work beyond the treaty area and in new domains", low=0, high=1),
    "opened": State(("opening",), "0/1", "operational domains opened", low=0, high=1),
    "bloc_fear": State(("bloc",), "0–1", "members' mean fear of their rival", initial=0.4, low=0, high=1),
    "bloc_fear_other": State(("bloc",), "0–1", "members' mean fear of the other theatre's rival", initial=0.4, low=0, high=1),
}


def spread(weights, values):
    """Weighted standard deviation and mean over members; lists of [future], weights need not sum to one."""
    mass = total(weights) + 1e-6
    mean = total([w * v for w, v in zip(weights, values, strict=True)]) / mass
    return jnp.sqrt(total([w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True)]) / mass + 1e-8), mean


@mechanism(
    reads=["cohesion", "drive", "mission", "opened", "threat", "offer", "overstretch", "pivot", "containment", "intervention"],
    states=STATES,
    parameters=PARAMETERS,
    uses=("ask",),
    draws={"open_domain": "opening", "cohesion": "bloc"},
    needs={"bloc": (1, None)},
)
def purpose(state, p, world, draw):
    """All [bloc, future] but opened [opening, future]."""
    joined = (state.offer > 2.5).astype(state.threat.dtype)
    spreads, means, others = [], [], []
    for b in range(world.size("bloc")):
        founder, hopeful = world.member_pairs[b], world.applicant_pairs[b]
        inside = [weight + 0.0 * state.threat[0] for weight in world.member_weights[b]] + list(weigh(world.applicant_weights[b], joined))
        deviation, mean = spread(inside, [state.threat[k] for k in (*founder, *hopeful)])
        spreads.append(deviation)
        means.append(mean)
        others.append(total(list(world.other_weights[b][:, None] * rows(state.threat, world.other_pairs[b]))))
    leader_other = rows(state.threat, world.leader_other_pair)
    mean, other = jnp.stack(means), jnp.stack(others)
    divergence = jnp.stack(spreads) + p.ask * jnp.abs(other - leader_other)
    opened = jnp.maximum(state.opened, draw.event("open_domain", p.domain0 * (1.0 + state.drive[0]) * (1.0 - state.opened)))
    renewed = jnp.maximum(relax(state.mission, 0.5 * (total(opened) / max(opened.shape[0], 1)), p.mission_decay), state.intervention)
    lead = world.leads_two[:, None]
    level = p.c0 + p.c_threat * mean + p.c_mission * renewed - p.c_divergence * divergence
    level = level - (p.c_burden * state.overstretch + p.c_pivot * state.pivot + p.c_contain * state.containment) * lead
    cohesion = draw.noise("cohesion", relax(state.cohesion, level, p.c_speed), 0.5 * p.c_noise + 0.0 * state.cohesion).clip(0.0, 1.0)
    return {
        "cohesion": cohesion,
        "drive": p.need_for_enemy * positive(p.c_star - cohesion),
        "divergence": divergence,
        "mission": renewed.clip(0.0, 1.0),
        "opened": opened,
        "bloc_fear": mean,
        "bloc_fear_other": other,
    }
