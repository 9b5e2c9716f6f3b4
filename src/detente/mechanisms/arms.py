"""The arms race: what each spends, because of its means, its allies and what it fears.

    A*_i = burden_i·GDP_i·(1 + ambition·intent_i)·(1 − free_riding·cover_i)·(1 + spend_i) + reaction·Σ_j reach_ij·σ(fear_ij)·A_j
    log A_i moves by fatigue·(A*_i/A_i − 1) once a year, with log-normal noise, never above 8 % of GDP
    warheads relax to their base, lowered by a strategic treaty in force and raised by fear; missiles grow toward 1 when no treaty forbids.

With fear and GDP fixed this is Richardson's equation dx/dt = k·y − a·x + g: k = fatigue·reaction·reach·σ(fear), a = fatigue,
g = fatigue·burden·GDP; it is stepped once a year on last year's forces. reach_ij = min(1, Ā_i/Ā_j) comes from data.
With full free riding and cover = the allies' effort times (1 − α)/(α·income), `own` is the best reply in Olson & Zeckhauser's pure public good.

Source   Richardson 1960; free riding after Olson & Zeckhauser 1966. Disputed: the 1909–13 fit is equally told by self-stimulation.
Met      Richardson 1960 (criterion, fit of 1909–13), Baliga & Sjöström 2004 (fear alone), Olson & Zeckhauser 1966 (burdens, 0.490), by
         `target`, `drift` and `own`.
Claims   S7 (degraded arms control), S8 (domains with effort of their own), S16 (burden).
Game     none: reaction functions.
"""

import jax.numpy as jnp

from detente.contract import Lever, Parameter, State, mechanism, positive, relax, rows, weigh

PARAMETERS = {
    "burden": Parameter(
        "share of output spent when nobody is feared",
        "share of GDP",
        (0.008, 0.04),
        per="actor",
        neutral=None,
        raises="arms",
        source="sipri2021, calibration",
    ),
    "ambition": Parameter("share that a revisionist adds", "share", (0.0, 0.4), raises="arms"),
    "free_riding": Parameter("share that an ally saves under full cover by the leader", "share", (0.0, 0.4), source="olson_zeckhauser1966"),
    "reaction": Parameter(
        "share of a feared rival's forces that is answered",
        "share",
        (0.0, 0.4),
        raises="arms",
        source="richardson1960",
        claims=("S7",),
    ),
    "fatigue": Parameter(
        "rate at which forces follow their target", "1/yr", (0.02, 0.3), scale="log", neutral=None, source="richardson1960, calibration"
    ),
    "arms_noise": Parameter("spread of budgets", "log/√yr", (0.03, 0.09), scale="log", neutral=None, source="calibration"),
    "warhead_speed": Parameter("rate at which stockpiles follow their level", "1/yr", (0.05, 0.3), scale="log", neutral=None),
    "warhead_fear": Parameter(
        "rise of the wanted stockpile when fear goes from even to certain", "log", (0.0, 1.0), raises="warheads when fear is above even"
    ),
    "warhead_treaty": Parameter("cut of the wanted stockpile by a strategic treaty complied with", "log", (0.0, 1.0), raises=""),
    "warhead_noise": Parameter("spread of stockpiles", "log/√yr", (0.02, 0.1), scale="log", neutral=None),
    "missile_growth": Parameter(
        "rate at which missiles spread when nothing forbids them, and go when something does",
        "1/yr",
        (0.1, 0.6),
        scale="log",
        neutral=None,
        claims=("S7",),
    ),
    "effort_speed": Parameter("rate at which effort in a new domain follows", "1/yr", (0.1, 0.4), scale="log", neutral=None),
}
LEVERS = {
    "spend": Lever("more spending on forces", "share", per="actor", high=0.5, counterpart="itself, on the other side"),
    "missile_moratorium": Lever(
        "no new intermediate-range missiles in the theatre, verified", "share", per="theatre", counterpart="binds both sides"
    ),
}
STATES = {
    "arms": State(("actor",), "bn USD of 2019 a year", "military effort", initial="record", low=0.001, high=1e5),
    "arms_growth": State(("actor",), "log", "growth above the trend of output, in the quarter of the budget", flow=True, low=-3, high=3),
    "warheads": State(("actor",), "warheads", "stockpile", initial="record", low=0, high=1e5),
    "missiles": State(("theatre",), "0–1", "unconstrained intermediate-range missiles", initial=0.0, low=0, high=1),
    "effort": State(("actor", "opening"), "0–1", "effort in domains that open", initial=0.0, low=0, high=1),
}


def own(wanted, free_riding, cover):
    """Own means after what allies provide: a share `free_riding` of the covered part (0–1) of `wanted` is left to them."""
    return wanted * positive(1.0 - free_riding * cover.clip(0.0, 1.0))


def target(own_means, reaction, feared):
    """What is wanted: own means, and the share `reaction` of the forces that are feared, Σ_j reach_j·σ(fear_j)·A_j."""
    return own_means + reaction * feared


def drift(forces, wanted, fatigue):
    """Change of the logarithm of forces per year: Richardson's dx/dt = fatigue·(wanted − x), over x."""
    return fatigue * (wanted / forces - 1.0)


@mechanism(
    reads=["arms", "gdp", "intent", "threat", "present", "warheads", "in_force", "compliance", "missiles", "effort", "opened"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    uses=("growth",),
    draws={"arms": "actor", "warheads": "actor"},
    needs={"theatre": (1, None)},
)
def arms(state, p, world, draw):
    """arms, warheads, arms_growth [actor, future]; missiles [theatre, future]; effort [actor, opening, future]."""
    year_end = world.now.quarter == 3
    a, gdp = state.arms, state.gdp
    cover = weigh(world.covered, state.present) / (rows(a, world.leader_of_theatre[:1])[0] + 1e-6)
    means = own(p.burden * gdp * (1.0 + p.ambition * state.intent), p.free_riding, cover) * (1.0 + world.levers.spend)
    seen_force = world.reach[:, None] * state.threat * rows(a, world.pairs.target)
    wanted = target(means, p.reaction, weigh(world.rivals_of, seen_force))
    step = drift(a, wanted, p.fatigue).clip(-1.0, 1.0)
    log_a = draw.noise("arms", jnp.log(a) + jnp.where(year_end, step, 0.0), jnp.where(year_end, p.arms_noise, 0.0))
    after = jnp.minimum(jnp.exp(log_a), 0.08 * gdp)
    grown = jnp.where(year_end, jnp.log(after / a) - p.growth, 0.0)

    alarm = weigh(world.fears_of, state.threat)
    treaty = weigh(world.capped_by, state.in_force * state.compliance)
    held = jnp.log(state.warheads + 1.0)
    level = jnp.log(world.warheads_base[:, None] + 1.0) + p.warhead_fear * 2.0 * (alarm - 0.5) - p.warhead_treaty * treaty
    moved = jnp.where(year_end, held + (level - held) * p.warhead_speed, held)
    held = draw.noise("warheads", moved, jnp.where(year_end, p.warhead_noise, 0.0))
    warheads = (jnp.exp(held) - 1.0) * world.nuclear[:, None]

    forbidden = weigh(world.forbids, state.in_force * state.compliance)
    free = 1.0 - jnp.maximum(forbidden, world.levers.missile_moratorium).clip(0.0, 1.0)
    effort = relax(state.effort, state.opened[None] * alarm[:, None], p.effort_speed)
    return {
        "arms": after,
        "arms_growth": grown.clip(-3.0, 3.0),
        "warheads": warheads.clip(0.0, 1e5),
        "missiles": relax(state.missiles, free, p.missile_growth),
        "effort": effort,
    }
