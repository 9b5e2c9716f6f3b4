"""Dialogue: the line, and the ability to use it.

    suspended with hazard  suspend0·exp(suspend_shock·shock − suspend_conduct·conduct)
    reopened with hazard   reopen0·(1 + talk)·exp(reopen_conduct·conduct − reopen_fear·σ(fear))·capacity^upkeep·(1 − clash)·(1 − gate·(1 − accommodation))
    capacity += Δ·[practice·open·(1 − capacity) − neglect·(1 − open)·capacity], practice raised by contacts and joint work

shock = entry into crisis or worse, or an intervention, in the last half-year. `talk` never reopens by decree: it multiplies a hazard that still
needs conduct on both sides, capacity and the absence of a clash.

Source   hazards are reduced form; capacity as organisational memory (after Levitt & March 1988).
Met      Barlow & Proschan 1965, a theorem on any line that breaks and is mended; on the ladder Kemeny & Snell 1960. Of official channels
         the literature has no rates that could be computed here. Tested: conduct keeps a line open, fear keeps it closed, a shock closes it,
         capacity wears out while it is closed and holds back its reopening.
Claims   S1 (the mission), S15 (channels), S23 (an ability that was lost). Question Q5.
Game     none: reduced form.
"""

import jax.numpy as jnp

from detente.contract import DT, Lever, Parameter, State, average, mechanism, weigh

PARAMETERS = {
    "suspend0": Parameter(
        "rate of suspension at neutral conduct and no shock", "1/yr", (0.01, 0.08), scale="log", neutral=None, source="calibration"
    ),
    "suspend_shock": Parameter("effect of a crisis or an intervention", "log-hazard", (1.0, 4.0), source="calibration"),
    "suspend_conduct": Parameter("effect of full cooperation", "log-hazard", (0.5, 3.0), raises="open when conduct is friendly"),
    "shock_memory": Parameter("rate at which a shock fades", "1/yr", (2.0, 4.0), scale="log", neutral=None),
    "reopen0": Parameter(
        "rate of reopening at neutral conduct, no fear, full capacity",
        "1/yr",
        (0.3, 2.0),
        scale="log",
        neutral=None,
        raises="open",
        claims=("S1",),
        source="calibration",
    ),
    "reopen_conduct": Parameter(
        "effect of full cooperation", "log-hazard", (0.5, 4.0), raises="open when conduct is friendly", claims=("S1",)
    ),
    "reopen_fear": Parameter("effect of certain fear", "log-hazard", (0.0, 3.0)),
    "upkeep": Parameter("how much reopening needs the ability to use it", "exponent", (0.0, 1.0), claims=("S23",)),
    "practice": Parameter(
        "rate at which an open channel builds capacity", "1/yr", (0.05, 0.5), scale="log", neutral=None, raises="capacity", claims=("S23",)
    ),
    "neglect": Parameter("rate at which a closed one wears out", "1/yr", (0.05, 0.4), scale="log", neutral=None, claims=("S23",)),
}
LEVERS = {
    "talk": Lever("both sides offer to restore the channel", "hazard ratio added", per="channel", high=6.0, counterpart="binds both sides"),
    "contacts": Lever(
        "staff, visits and exercises that keep the channel able",
        "practice added, 1/yr",
        per="channel",
        high=0.5,
        counterpart="binds both sides",
    ),
}
STATES = {
    "open": State(("channel",), "0/1", "the channel works", initial=1.0, low=0, high=1),
    "capacity": State(("channel",), "0–1", "the ability to use it", initial=0.3, low=0, high=1),
    "reopened_now": State(("channel",), "0/1", "reopened this quarter", flow=True, low=0, high=1),
    "shock": State(("rivalry",), "≥ 0", "crisis or intervention of the last half-year, fading", low=0, high=3),
}


@mechanism(
    reads=["open", "capacity", "shock", "conduct", "threat", "entered", "clash_now", "intervention", "joint"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    uses=("gate", "accommodation"),
    draws={"suspend": "channel", "reopen": "channel"},
    needs={"bloc": (1, None)},
)
def channels(state, p, world, draw):
    """open, capacity [channel, future]; shock [rivalry, future]."""
    fresh = jnp.maximum(state.entered, weigh(world.rivalry_of_bloc, state.intervention))
    shock = jnp.maximum(state.shock * jnp.exp(-DT * p.shock_memory), fresh)
    rivalry = world.channel_rivalry
    conduct, fear = weigh(world.channel_pairs, state.conduct), weigh(world.channel_pairs, state.threat)
    suspend = p.suspend0 * jnp.exp(p.suspend_shock * shock[rivalry] - p.suspend_conduct * conduct)
    closes = draw.event("suspend", suspend * state.open)
    agree = 1.0 - p.gate * (1.0 - world.levers.accommodation[0])
    able = jnp.exp(p.upkeep * jnp.log(state.capacity + 0.01))
    reopen = p.reopen0 * (1.0 + world.levers.talk) * jnp.exp(p.reopen_conduct * conduct - p.reopen_fear * fear)
    reopen = reopen * able * (1.0 - state.clash_now[rivalry]) * agree
    opens = draw.event("reopen", reopen * (1.0 - state.open))
    is_open = jnp.where(state.open > 0.5, 1.0 - closes, opens)
    builds = (p.practice * (1.0 + average(state.joint)) + world.levers.contacts) * is_open * (1.0 - state.capacity)
    capacity = state.capacity + DT * (builds - p.neglect * (1.0 - is_open) * state.capacity)
    return {"open": is_open, "capacity": capacity.clip(0.0, 1.0), "reopened_now": opens, "shock": shock.clip(0.0, 3.0)}
