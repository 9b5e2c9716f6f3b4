"""Pretended agreement: expectation against reality, a facade that hides the gap, and a rupture when it shows.

    place_ij = 0.3·council + 0.2·mission + 0.3·joint + 0.2·seen_ji⁺ + principles
    gap_ij += Δ·(credulity·(expectation − place_ij)⁺ − relief·gap_ij) + gap_act·(enlargement, intervention)
    rupture with hazard rupture0·exp(rupture_gain·gap)·facade: the facade falls to 0, grievance += gap, conduct drops
    facade_ij ≤ 1 − Φ((1 − facade_ij + gap_ij − follow)/follow_spread): those who speak openly are followed, the more so the wider the gap
    grievance decays at grievance_decay; a step of enlargement adds grievance_act·near, a gap in the open resentment·gap·(1 − facade) a year

Source   Kuran 1991 (preference falsification and sudden rupture) with Granovetter's (1978) thresholds, normal around `follow`, which a gap
         lowers. The baseline puts them out of reach: a rupture then comes by its hazard alone, all at once, a reduced form. A theory that lowers
         `follow` below one has the papers' bandwagon.
         That an expectation unmet in the open becomes a grievance is relative deprivation (Gurr 1970), from memory and in reduced form.
Met      Kuran 1991 (10, 90, 20 %; rupture), Granovetter 1978 (100 against 1; the jump near 12.2), by `followers`.
Claims   S25 (mutual self-deception), S27 (principles as a choice), S26.
Game     none: reduced form. credulity = 0 is no self-deception.
"""

import jax.numpy as jnp
from jax.scipy.special import ndtr

from detente.contract import DT, Lever, Parameter, State, average, mechanism, positive, rows, weigh

PARAMETERS = {
    "expectation": Parameter("place that each expected in the other's order", "share", (0.2, 0.8), raises="gap", claims=("S25",)),
    "credulity": Parameter(
        "rate at which an unmet expectation becomes a gap", "1/yr", (0.0, 0.3), raises="gap", source="kuran1991", claims=("S25",)
    ),
    "relief_rate": Parameter("rate at which a gap is forgotten", "1/yr", (0.05, 0.3), scale="log", neutral=None),
    "gap_act": Parameter("gap added by a step of enlargement or an intervention", "share", (0.0, 0.3), raises="gap"),
    "facade0": Parameter("facade at the start", "share", (0.2, 0.9), claims=("S25",)),
    "rupture0": Parameter("rate of rupture without a gap", "1/yr", (0.005, 0.03), scale="log", neutral=None, raises="rupture"),
    "rupture_gain": Parameter("effect of a gap of one", "log-hazard", (0.0, 3.0), raises="rupture"),
    "follow": Parameter(
        "share in the open at which half would speak openly too; 100: nobody follows by example",
        "share",
        (100.0, 100.0),
        kind="shape",
        neutral=100.0,
        source="kuran1991",
    ),
    "follow_spread": Parameter(
        "spread of that threshold among those who pretend", "share", (0.12, 0.12), kind="shape", neutral=None, source="kuran1991"
    ),
    "grievance_act": Parameter(
        "grievance added by a step of enlargement at the border",
        "grievance",
        (0.0, 0.5),
        raises="grievance",
        claims=("S26",),
        source="no_free_spread",
    ),
    "grievance_decay": Parameter("rate at which a grievance fades", "1/yr", (0.03, 0.15), scale="log", neutral=None),
    "resentment": Parameter(
        "rate at which a gap that nothing hides any more becomes a grievance",
        "1/yr",
        (0.0, 0.08),
        raises="grievance",
        source="gurr1970",
        claims=("S25", "S27"),
    ),
    "w_council": Parameter("part of the place that a council gives", "share", (0.3, 0.3), kind="shape", neutral=None),
    "w_mission": Parameter("part of the place that a mission gives", "share", (0.2, 0.2), kind="shape", neutral=None),
    "w_work": Parameter("part of the place that joint work gives", "share", (0.3, 0.3), kind="shape", neutral=None),
    "w_seen": Parameter("part of the place that friendly conduct gives", "share", (0.2, 0.2), kind="shape", neutral=None),
}
LEVERS = {
    "principles": Lever(
        "agreed principles with a standing council that decides", "share of place", per=None, high=0.6, counterpart="binds both sides"
    ),
}
STATES = {
    "facade": State(("pair",), "0–1", "pretended agreement", initial="facade0", low=0, high=1),
    "gap": State(("pair",), "≥ 0", "expectation less place, accumulated", low=0, high=10),
    "grievance": State(("pair",), "≥ 0", "what i holds against j", low=0, high=10),
    "rupture": State(("pair",), "0/1", "the pretence breaks this quarter", flow=True, low=0, high=1),
}


def rupture_hazard(rate, gain, gap, facade):
    """Hazard that a pretence breaks: nothing without a facade, faster the wider the gap it hides."""
    return rate * jnp.exp(gain * gap) * facade


def followers(in_the_open, threshold, spread):
    """Share of those who pretended that speaks openly once `in_the_open` do: thresholds normal around `threshold` (Granovetter's F(S))."""
    return ndtr((in_the_open - threshold) / spread)


@mechanism(
    reads=["facade", "gap", "grievance", "open", "capacity", "joint", "seen", "promised_now", "joined_now", "intervention"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    uses=("accommodation",),
    draws={"rupture": "pair"},
)
def self_deception(state, p, world, draw):
    """facade, gap, grievance, rupture [pair, future]."""
    here = world.illusion[:, None]
    council, mission = weigh(world.council, state.open), weigh(world.mission_channel, state.open)
    given = weigh(world.accommodated, world.levers.accommodation)
    place = p.w_council * council + p.w_mission * mission + p.w_work * average(state.joint) + world.levers.principles
    place = place + p.w_seen * positive(rows(state.seen, world.pairs.mirror)) + 0.5 * given
    steps = weigh(world.provoked, state.promised_now + state.joined_now)
    acts = steps + weigh(world.force_by_bloc, state.intervention)
    gap = state.gap + DT * (p.credulity * positive(p.expectation - place) - p.relief_rate * state.gap) + p.gap_act * acts
    gap = gap * here
    facade = state.facade * here
    facade = jnp.minimum(facade, 1.0 - followers(1.0 - facade, p.follow - gap, p.follow_spread))
    breaks = draw.event("rupture", rupture_hazard(p.rupture0, p.rupture_gain, gap, facade))
    grievance = state.grievance * jnp.exp(-DT * p.grievance_decay * (1.0 + 2.0 * given)) + breaks * gap + p.grievance_act * steps
    grievance = grievance + DT * p.resentment * gap * (1.0 - facade)
    return {
        "facade": facade * (1.0 - breaks),
        "gap": (gap * (1.0 - breaks)).clip(0.0, 10.0),
        "grievance": grievance.clip(0.0, 10.0),
        "rupture": breaks,
    }
