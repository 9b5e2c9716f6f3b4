"""The open door: an applicant's wish, the alliance's offer, and the claim that both cannot hold.

    wish     arises at (want·σ(fear_q,rival)² + demand), is withdrawn at reversal
    declare  openness_0·[wish] ;  promise  openness·ready_q·(1 + drive)·(1 − accommodation)·(1 − held back)
    join     pace·ready_q·cohesion·(1 − contested_q)·(1 − accommodation)·[wish]

Wish and offer are two states: a wish was withdrawn in 2010 while the promise of 2008 stood. Each step is an act toward the rival.

Source   after Kydd 2001 (trust building, trust breaking): criteria separate, and the price is paid outside.
Met      after Kydd 2001: what an accession does to trust outside, with `learning`. His admission criteria and the alliance's weighing of gain
         against loss are not here.
Claims   S4, S5 (what the open door did), S20 (an incompatible claim), S26 (spread and resistance).
Game     none: hazards. What a step does to trust is Bayes' rule in `learning` (the replication after Kydd 2001); his criteria game is not here.
"""

import jax.numpy as jnp

from detente.contract import Lever, Parameter, State, mechanism, rows

PARAMETERS = {
    "want": Parameter(
        "rate of wishing to join under certain fear of the rival", "1/yr", (0.2, 2.0), scale="log", raises="wish", claims=("S20",)
    ),
    "demand": Parameter("rate of wishing to join whatever the fear", "1/yr", (0.0, 0.2), raises="wish"),
    "reversal": Parameter("rate at which a wish is withdrawn", "1/yr", (0.005, 0.05), scale="log", neutral=None),
    "declare0": Parameter("rate at which a wish is answered by a declared intention", "1/yr", (0.2, 1.0), scale="log", neutral=None),
    "openness": Parameter(
        "rate of promising a ready applicant", "1/yr", (0.15, 0.8), scale="log", neutral=None, raises="offer", claims=("S20",)
    ),
    "pace": Parameter("rate of admitting a ready applicant", "1/yr", (0.2, 0.9), scale="log", neutral=None, raises="offer", claims=("S4",)),
    "ready": Parameter("readiness of the applicant", "share", (0.2, 1.0), per="applicant", neutral=None, raises="offer"),
}
LEVERS = {
    "accommodation": Lever("the alliance takes the rival's interests into account", "share", per="bloc", high=1.0, counterpart="pause"),
    "no_accession": Lever(
        "no promise and no accession",
        "share",
        per="applicant",
        high=1.0,
        counterpart="binds the alliance; the applicant is bound without signing",
    ),
    "neutrality": Lever(
        "agreed neutrality with guarantees", "share", per="applicant", high=1.0, counterpart="binds applicant, alliance and rival alike"
    ),
    "faster": Lever("accession made faster", "ratio added", per="applicant", high=2.0, counterpart="no_accession"),
}
STATES = {
    "wish": State(("applicant",), "0/1", "the applicant wants to join", low=0, high=1),
    "offer": State(("applicant",), "0–3", "none, declared, promised, member", low=0, high=3),
    "promised_now": State(("applicant",), "0/1", "promised this quarter", flow=True, low=0, high=1),
    "joined_now": State(("applicant",), "0/1", "joined this quarter", flow=True, low=0, high=1),
    "accession_hazard": State(("applicant",), "1/yr", "hazard of accession as the rival can read it", low=0, high=50),
}


@mechanism(
    reads=["wish", "offer", "threat", "drive", "cohesion", "contested"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    draws={"wish": "applicant", "withdraw": "applicant", "declare": "applicant", "promise": "applicant", "join": "applicant"},
)
def open_door(state, p, world, draw):
    """wish, offer and steps [applicant, future]."""
    bloc = world.applicant_bloc
    give = (1.0 - rows(world.levers.accommodation, bloc)) * (1.0 - jnp.maximum(world.levers.no_accession, world.levers.neutrality))
    fear = rows(state.threat, world.applicant_pair)
    offer, wish = state.offer, state.wish
    outside = (offer < 2.5).astype(fear.dtype)
    arises = draw.event("wish", (p.want * fear**2 + p.demand) * (1.0 - wish))
    drops = draw.event("withdraw", p.reversal * wish * outside)
    wish = jnp.where(wish > 0.5, 1.0 - drops, arises)
    declares = draw.event("declare", p.declare0 * wish * (offer < 0.5))
    promises = draw.event("promise", p.openness * p.ready * (1.0 + rows(state.drive, bloc)) * give * wish * (jnp.abs(offer - 1.0) < 0.5))
    free = p.pace * p.ready * (1.0 + world.levers.faster) * rows(state.cohesion, bloc) * (1.0 - state.contested) * give
    joins = draw.event("join", free * wish * (jnp.abs(offer - 2.0) < 0.5))
    return {
        "wish": wish,
        "offer": jnp.clip(offer + declares + promises + joins, 0.0, 3.0),
        "promised_now": promises,
        "joined_now": joins,
        "accession_hazard": free * wish,
    }
