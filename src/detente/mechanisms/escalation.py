"""The ladder: one choice over rungs a quarter and rivalry, from hazards that add up by cause.

    mistakes    dangerous incidents·up1·M from calm, climbing further within the step with u2 and u3; up2·M, up3·M, up4·M from higher rungs
                M = exp(mistake·(over − over_ref))·Π_c(1 − brake_c·open_c·capacity_c); above rung 2 also ÷ (1 + sobriety·mutual_cost)·exp(warning·missiles)
    decisions   the challenge's rate from calm; from a crisis harden·2σ(λ·gain)·exp(heat·(σ(hawks) − ½))·brakes, from a clash the same
    spill-over  spill for each applicant's rivalry of which this one is the patron, while it stands at a clash or worse
    settling    down_k, made faster by talk (settle·(capacity of open channels + principles, where the council sits)), slower by a frozen
                conflict: a crisis to calm, a clash to a crisis, a war to a clash or a crisis (half each); from a crisis so reached on to
                calm within the quarter, with the chance that it ends in what is left of it

Clashes of a frozen conflict (reentry·contested) are fewer by upheld·guarantee: a ceasefire that a third party guarantees holds longer.

The cause of an entry is drawn afterwards in proportion to the causes' hazards: the record pins what happened, never why.

Source   ladder after Kahn 1965; inadvertent path after Barrett, Baum & Hostetler 2013; over- and under-estimate are opposite errors (Jervis 1976).
         Guaranteed ceasefires after Fortna 2003, from memory: the sign is hers, the range ours.
Met      Kemeny & Snell 1960 (absorbing chain), Hellman 2008 (0.02 to 0.5 % a year); after Barrett, Baum & Hostetler 2013 (bands).
Claims   S14 (deliberate and inadvertent paths differ), S15 (channels cut the odds), S21 (easy mistakes). Questions Q1, Q2.
Game     none: absorbing Markov chain with hazards.
"""

import jax.numpy as jnp
import numpy as np

from detente.contract import DT, Parameter, State, mechanism, rows, sigma, total, weigh

PARAMETERS = {
    "up1": Parameter("crises per dangerous incident", "1/incident", (0.1, 0.8), scale="log", raises="crisis", claims=("S21",)),
    "fast": Parameter("share of crises that climb to a clash within the quarter", "share", (0.02, 0.25), raises="clash"),
    "up2": Parameter("mistakes from crisis to clash", "1/yr", (0.02, 0.4), scale="log", raises="clash"),
    "up3": Parameter("mistakes from clash to war", "1/yr", (0.02, 0.4), scale="log", raises="war"),
    "up4": Parameter("from war to nuclear use", "1/yr", (0.005, 0.1), scale="log", raises="nuclear use"),
    "mistake": Parameter(
        "effect of false alarm on mistakes",
        "log-hazard",
        (0.0, 2.0),
        raises="crisis when alarm is false",
        source="jervis1976",
        claims=("S21",),
    ),
    "over_ref": Parameter("false alarm at which nothing is added", "share", (0.3, 0.3), neutral=None, kind="shape"),
    "brake": Parameter("share of climbs that a working channel stops", "share", (0.0, 0.3), per="channel", claims=("S15",)),
    "harden": Parameter("decisions to strike in a crisis", "1/yr", (0.02, 0.3), scale="log", raises="clash"),
    "heat": Parameter("effect of hawks on decisions in a crisis", "log-hazard", (0.0, 1.5), raises="clash when hawks rule"),
    "clash_share": Parameter("share of challenges that begin with fire", "share", (0.1, 0.6), raises="clash", source="calibration"),
    "war_share": Parameter("share of those that are war from the first quarter", "share", (0.05, 0.4), raises="war", source="calibration"),
    "sobriety": Parameter("share of mutual cost that restrains", "share", (0.05, 0.6), claims=("S14",)),
    "warning": Parameter("effect of unconstrained missiles on mistakes", "log-hazard", (0.0, 0.8), raises="war", claims=("S7",)),
    "spill": Parameter("crises with the patron per year of an applicant's clash", "1/yr", (0.05, 0.5), scale="log", raises="crisis"),
    "spill_clash": Parameter("share of these that are clashes", "share", (0.0, 0.1), raises="clash"),
    "down1": Parameter("settling of a serious incident", "1/yr", (4.0, 12.0), scale="log", neutral=None),
    "down2": Parameter("settling of a crisis", "1/yr", (0.8, 4.0), scale="log", neutral=None, source="calibration"),
    "down3": Parameter("settling of a clash", "1/yr", (0.8, 4.0), scale="log", neutral=None),
    "down4": Parameter("settling of a war", "1/yr", (0.4, 2.0), scale="log", neutral=None, source="calibration"),
    "settle": Parameter("how much talk speeds settling", "ratio", (0.0, 1.0)),
    "reentry": Parameter("clashes of a frozen conflict", "1/yr", (0.02, 0.3), scale="log", raises="clash"),
    "upheld": Parameter("share of a frozen conflict's clashes that a full guarantee forestalls", "share", (0.2, 0.8), source="fortna2003"),
    "thaw": Parameter("rate at which a frozen conflict fades", "1/yr", (0.01, 0.04), scale="log", neutral=None),
}
STATES = {
    "rung": State(("rivalry",), "0–5", "calm, serious incident, crisis, armed clash, war, nuclear use", low=0, high=5),
    "origin": State(("rivalry",), "0–2", "cause of the last entry: mistake, decision, spill-over", low=0, high=2),
    "entered": State(("rivalry",), "0/1", "an entry into crisis or worse this quarter", flow=True, low=0, high=1),
    "clash_now": State(("rivalry",), "0/1", "a clash or worse under way", flow=True, low=0, high=1),
    "climb": State(
        ("rung", "rivalry"), "probability", "probability of entering this rung or a higher one this quarter", flow=True, low=0, high=1
    ),
    "contested": State(("applicant",), "0–1", "a frozen conflict on its soil", low=0, high=1),
}


def brakes(brake, is_open, capacity, of_rivalry):
    """Π over the rivalry's channels of (1 − brake·open·capacity); arrays [channel, future], `of_rivalry` [rivalry, channel] 0/1."""
    held = jnp.log1p(-(brake * is_open * capacity).clip(0.0, 0.99))
    return jnp.exp(weigh(of_rivalry, held))


def further(rate):
    """Probability that what begins at a random moment of a quarter also ends in it, at `rate` per year: 1 − (1 − exp(−x))/x, x = rate·Δ."""
    x = jnp.maximum(rate * DT, 1e-4)  # float32 has no digits left below
    return 1.0 + jnp.expm1(-x) / x


@mechanism(
    reads=["rung", "origin", "dangerous", "over", "hawks", "open", "capacity", "missiles", "decision", "resolve", "contested"],
    states=STATES,
    parameters=PARAMETERS,
    uses=("mutual_cost", "rationality", "pause", "guarantee", "principles"),
    draws={"rung": "rivalry", "cause": "rivalry"},
)
def escalation(state, p, world, draw):
    """rung and its kin [rivalry, future]; climb [rung, rivalry, future]; contested [applicant, future]."""
    r, direct = state.rung, world.direct[:, None]
    hold = brakes(p.brake, state.open, state.capacity, world.channels_of)
    mutual = 1.0 + p.sobriety * p.mutual_cost * direct
    slip = jnp.exp(p.mistake * (state.over - p.over_ref)) * hold
    above = slip / mutual * jnp.exp(p.warning * weigh(world.missiles_of, state.missiles) * direct)
    calm, crisis, clash, war = r < 1.5, jnp.abs(r - 2.0) < 0.5, jnp.abs(r - 3.0) < 0.5, jnp.abs(r - 4.0) < 0.5
    zero = jnp.zeros_like(slip)

    near_misses = state.dangerous / DT
    first, fast = near_misses * p.up1 * slip, p.fast / mutual
    resting = 1.0 - rows(world.levers.pause, world.challenger)
    reenter = p.reentry * weigh(world.rivalry_applicant, state.contested) * resting * (1.0 - p.upheld * world.levers.guarantee)
    mistakes = [
        zero,
        0.5 * near_misses * (r < 0.5),
        first * (1.0 - fast) * calm,
        first * fast * calm + p.up2 * above * crisis + reenter * (r < 2.5),
        p.up3 * above * clash,
        p.up4 * above * war * direct,
    ]

    open_fire = p.clash_share / mutual
    hot = p.harden * 2.0 * sigma(state.resolve) * jnp.exp(p.heat * (rows(sigma(state.hawks), world.challenger) - 0.5)) * hold * resting
    harder = hot / mutual
    decisions = [
        zero,
        zero,
        state.decision * (1.0 - open_fire) * calm,
        state.decision * open_fire * (1.0 - p.war_share) * calm + harder * (1.0 - p.war_share) * crisis,
        state.decision * open_fire * p.war_share * calm + harder * p.war_share * crisis + harder * clash,
        zero,
    ]
    burning = weigh(world.patron_of, (r > 2.5).astype(slip.dtype))
    spills = [zero, zero, p.spill * (1.0 - p.spill_clash) * burning * calm, p.spill * p.spill_clash * burning * (r < 2.5), zero, zero]

    sits = (world.channels_of @ world.council.any(axis=0)).astype(np.float32)[:, None]
    talk = 1.0 + p.settle * (weigh(world.channels_of, state.open * state.capacity) + sits * world.levers.principles)
    slow = 1.0 - 0.5 * weigh(world.rivalry_applicant, state.contested)
    # Settling may go on to calm within the quarter, as climbing may: a war of five days is over at the next look.
    on = further(p.down2 * talk * slow)
    leave3, leave4 = p.down3 * talk * slow * clash, 0.5 * p.down4 * talk * slow * war
    down = [
        p.down1 * (jnp.abs(r - 1.0) < 0.5) + p.down2 * talk * slow * crisis + (leave3 + leave4) * on,
        zero,
        (leave3 + leave4) * (1.0 - on) + (r > 4.5),
        leave4,
        zero,
        zero,
    ]
    hazards = jnp.stack([total([mistakes[k], decisions[k], spills[k], down[k]]) for k in range(6)])
    rung, probability = draw.choice("rung", hazards, r)

    climb = [zero] * 6
    reach = zero
    for k in range(5, 0, -1):
        reach = reach + probability[k]
        climb[k] = reach * (r < k - 0.5)
    rose = (rung > r + 0.5).astype(slip.dtype)
    entered = rose * (rung > 1.5)
    causes = jnp.stack([jnp.take_along_axis(jnp.stack(part), rung[None].astype(jnp.int32), 0)[0] for part in (mistakes, decisions, spills)])
    cause = draw.pick("cause", causes + 1e-9)
    fights = (rung > 2.5).astype(slip.dtype)
    soil = weigh(world.applicant_rivalry, fights * rose)
    return {
        "rung": rung,
        "origin": jnp.where(entered > 0.5, cause, state.origin),
        "entered": entered,
        "clash_now": fights,
        "climb": jnp.stack(climb),
        "contested": jnp.maximum(state.contested * jnp.exp(-DT * p.thaw), soil),
    }
