"""What an actor really wants, kept apart from what others believe of it.

    intent_i = 1 (revisionist) with probability revisionist_i, else 0 (security seeker);
    redrawn at a change of leadership with probability turnover.

Source   types after Kydd 2005 (security seeker, greedy); turnover is ours.
Met      Kemeny & Snell 1960 (a regular chain: shares stay, the first draw is forgotten). That a state is a revisionist with such a
         probability is nobody's published number. Tested: belief follows the truth where conduct betrays it (`tell` above 0), and does not
         where a revisionist imitates (`tell` 0), Kydd's pooling.
Claims   S11 (a purely defensive alliance), S18 (belief and truth are separate quantities).
Game     none: nature's move. It leaves traces in conduct, compliance and challenges, or nobody could learn it.
"""

import jax.numpy as jnp

from detente.contract import Parameter, State, mechanism

PARAMETERS = {
    "revisionist": Parameter(
        "prior probability that the actor wants more than security",
        "probability",
        (0.1, 0.6),
        per="actor",
        raises="intent",
        source="kydd2005",
    ),
    "leader_change": Parameter("changes of leadership", "1/yr", (0.08, 0.25), per="actor", scale="log", neutral=None),
    "turnover": Parameter("probability that a new leadership's aims are drawn anew", "probability", (0.0, 0.3), raises=""),
}
STATES = {
    "intent": State(("actor",), "0/1", "the truth: 0 security seeker, 1 revisionist", low=0, high=1),
    "leadership": State(("actor",), "0/1", "leadership changes this quarter", flow=True, low=0, high=1),
}


@mechanism(
    reads=["intent"],
    states=STATES,
    parameters=PARAMETERS,
    draws={"leadership": "actor", "type": "actor", "redrawn": "actor"},
)
def intent(state, p, world, draw):
    """intent, leadership [actor, future]."""
    change = draw.event("leadership", p.leader_change)
    redrawn = change * draw.chance("redrawn", p.turnover + 0.0 * p.revisionist)
    anew = jnp.where(world.now.first, 1.0, redrawn)
    kind = draw.chance("type", p.revisionist)
    return {"intent": jnp.where(anew > 0.5, kind, state.intent), "leadership": change}
