"""Arms control: how it dies, how it is renewed, how it comes back, and whether it is kept.

    exit of a party     exit0·exp(exit_fear·σ(fear) + exit_contagion·recent exits + exit_hawks·σ(hawks) − exit_verify·verification)
    at expiry renewed   with probability σ(renew0 + renew_conduct·conduct − renew_fear·σ(fear))
    a successor enters  negotiate0·exp(negotiate_conduct·conduct)·capacity of open channels·(1 − gate·(1 − accommodation))·(1 + negotiate)
    compliance          product over parties of 1 − P(cheat), P(cheat) from the inspection game: the violation pays greed·intent + gain of
                        cheating, and is met with probability `verification` by a loss (Dresher 1962), by quantal response.

Source   Dresher 1962 and Avenhaus & Canty 1996 (inspection games); hazards are reduced form.
Met      Dresher 1962 (deterrence threshold, recursive values), by `cheat_gain`. Exit, renewal and succession are hazards without a published
         number; their signs are tested.
Claims   S2, S7 (regimes and their decay), S22 (more arms control), S24 (gate).
Game     inspection game, quantal response.
"""

import jax.numpy as jnp

from detente.contract import Lever, Parameter, State, mechanism, quantal, relax, rows, sigma, total, weigh

PARAMETERS = {
    "exit0": Parameter(
        "rate of leaving a treaty without fear or hawks",
        "1/yr",
        (0.001, 0.012),
        scale="log",
        neutral=None,
        raises="exit",
        source="calibration",
    ),
    "exit_fear": Parameter("effect of certain fear", "log-hazard", (0.5, 3.0), raises="exit", claims=("S7",)),
    "exit_contagion": Parameter("effect of one recent exit", "log-hazard", (0.0, 0.8), raises="exit", claims=("S7",)),
    "exit_hawks": Parameter("effect of a government of hawks", "log-hazard", (0.0, 2.0), raises="exit"),
    "exit_verify": Parameter("effect of full verification", "log-hazard", (0.0, 1.5)),
    "exit_memory": Parameter("rate at which an exit is forgotten", "1/yr", (0.2, 0.7), scale="log", neutral=None),
    "renew0": Parameter("odds of renewal at neutral conduct and no fear", "log-odds", (0.0, 2.0), neutral=None, raises="in_force"),
    "renew_conduct": Parameter("effect of full cooperation", "log-odds", (0.5, 3.0), raises="in_force"),
    "renew_fear": Parameter("effect of certain fear", "log-odds", (0.5, 3.0)),
    "negotiate0": Parameter(
        "rate of a successor at neutral conduct and full channels",
        "1/yr",
        (0.03, 0.3),
        scale="log",
        neutral=None,
        raises="in_force",
        claims=("S2",),
    ),
    "negotiate_conduct": Parameter("effect of full cooperation", "log-hazard", (0.5, 4.0), raises="in_force"),
    "gate": Parameter("share of agreement that requires accommodation", "share", (0.0, 0.5), claims=("S24",)),
    "greed": Parameter("gain of cheating to a revisionist", "utility", (0.0, 1.0)),
    "cheat_gain": Parameter("gain of cheating to anyone", "utility", (0.1, 0.6), neutral=None),
    "detection_loss": Parameter("loss when a violation is detected", "utility", (0.5, 2.0), neutral=None),
    "cheat_rationality": Parameter(
        "precision of the choice to cheat", "1/utility", (2.0, 6.0), scale="log", neutral=None, source="mckelvey_palfrey1995"
    ),
}
LEVERS = {
    "negotiate": Lever(
        "negotiation of the treaty or its successor begun by all parties",
        "hazard ratio added",
        per="treaty",
        high=6.0,
        counterpart="binds all parties",
    ),
    "verify": Lever("verification and transparency added", "share", per="treaty", high=0.5, counterpart="binds all parties"),
}
STATES = {
    "adheres": State(("party",), "0/1", "the party is in the treaty", low=0, high=1),
    "in_force": State(("treaty",), "0/1", "all parties are in", low=0, high=1),
    "compliance": State(("treaty",), "0–1", "share of obligations kept", initial=0.8, low=0, high=1),
    "exits": State((), "exits", "recent exits, fading", low=0, high=20),
    "exit_now": State(("party",), "0/1", "the party leaves this quarter", flow=True, low=0, high=1),
}


def cheat_gain(gain, detection, loss):
    """Expected gain of a violation over keeping the rule: it pays `gain` unless detected, and costs `loss` when it is."""
    return gain * (1.0 - detection) - loss * detection


@mechanism(
    reads=["adheres", "in_force", "compliance", "exits", "threat", "hawks", "conduct", "open", "capacity", "intent"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    uses=("accommodation",),
    draws={"exit": "party", "renew": "treaty", "enter": "treaty"},
    needs={"bloc": (1, None), "treaty": (1, None)},
)
def treaties(state, p, world, draw):
    """adheres, exit_now [party, future]; in_force, compliance [treaty, future]; exits [future]."""
    treaty, actor = world.party_treaty, world.party_actor
    detection = (world.verification[:, None] + world.levers.verify).clip(0.0, 1.0)
    fear = weigh(world.party_view, state.threat)
    hawks = rows(sigma(state.hawks), actor)
    urge = p.exit_fear * fear + p.exit_contagion * state.exits + p.exit_hawks * hawks - p.exit_verify * rows(detection, treaty)
    leaves = draw.event("exit", p.exit0 * jnp.exp(urge) * state.adheres)
    adheres = state.adheres * (1.0 - leaves)

    conduct, alarm = weigh(world.treaty_pairs, state.conduct), weigh(world.treaty_pairs, state.threat)
    due = jnp.any(jnp.abs(world.expires - world.now.year) < 0.01, axis=-1)[:, None]
    standing = jnp.stack([jnp.prod(adheres[treaty == k], axis=0) for k in range(world.size("treaty"))])
    renewed = draw.chance("renew", sigma(p.renew0 + p.renew_conduct * conduct - p.renew_fear * alarm), when=due & (standing > 0.5))
    standing = jnp.where(due, standing * renewed, standing)

    channels = total(list(world.talks[:, None] * state.open * state.capacity))
    agree = 1.0 - p.gate * (1.0 - world.levers.accommodation[0])
    hazard = p.negotiate0 * jnp.exp(p.negotiate_conduct * conduct) * channels * agree * (1.0 + world.levers.negotiate)
    enters = draw.event("enter", hazard * (1.0 - standing))
    adheres = jnp.where(due[treaty], adheres * rows(standing, treaty), adheres)
    adheres = jnp.maximum(adheres, rows(enters, treaty))
    in_force = jnp.maximum(standing, enters)

    tempt = cheat_gain(p.cheat_gain + p.greed * rows(state.intent, actor), rows(detection, treaty), p.detection_loss)
    honest = 1.0 - quantal(p.cheat_rationality, tempt)
    kept = jnp.stack([jnp.prod(honest[treaty == k], axis=0) for k in range(world.size("treaty"))])
    exits = state.exits * jnp.exp(-0.25 * p.exit_memory) + total(leaves)
    return {
        "adheres": adheres,
        "in_force": in_force,
        "compliance": relax(state.compliance, kept, 1.0),
        "exits": exits.clip(0.0, 20.0),
        "exit_now": leaves,
    }
