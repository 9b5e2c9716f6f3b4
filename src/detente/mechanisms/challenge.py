"""Deliberate challenge: a challenger, a defender and a guarantor, who do not know one another's choice for certain.

    guarantor helps      p_g = σ(λ·(commitment·honour − risk·log(1 + mutual_cost)))
    defender resists     p_r = σ(λ·((1 − win)·v_D·(1 − weakness·intent·accommodation) + p_g·relief − cost_D))
    challenger           EU = (1 − p_r)·stake + p_r·(win·stake − cost − p_g·ext_cost)
    fear                 gain = (1 − q)·(EU + window) + q·first_move,  q = insecure·σ(challenger's fear)
    window               ω·[promised, not member]·(1 − moratorium)·m·(EU_now − EU_at full commitment)⁺,  m = 1 − exp(−accession hazard·T)
    rate of decisions    opportunity·σ(λ·gain)·(1 − frozen·contested)·(1 − pause)
    stake                (stake0 + stake_grievance·grievance + stake_hawks·σ(hawks))·(1 − accommodation·(1 − intent)) + revisionism·intent
    win                  σ(win_slope·log(own local force / front's) + unready·under), the front's force raised by presence and by enlargement

A seeker's stake goes when its interest is met, a revisionist's does not; a revisionist reads accommodation as weakness: `intent` cuts both ways.
So does a build-up: it lowers the gain of a contest (deterrence), and by the fear it raises the worth of not waiting (spiral): who expects a
contest all the same is little deterred. `insecure` = 0 is a challenger that fear does not move, 1 is Kydd's security dilemma.

Source   solved backward by quantal response (Signorino 1999; McKelvey & Palfrey 1995); the window is the commitment problem of Fearon 1995 and
         Powell 2006: it opens only if the balance after accession is worse than now (a theorem of `window`, tested).
         That a state which only wants to be safe may act out of fear: the security dilemma of Kydd 2005, after Jervis 1976 on spiral and deterrence.
Met      Fearon 1995 (risk and return), Powell 2006 (preventive war), Nalebuff 1986 (resolve), Signorino 1999 and Leblang 2003 (estimates), by
         `lottery`, `expected_gain` and `window`; Kydd 2005 (minimum trust of the security dilemma), by `not_waiting`. The guarantor's weights
         have no published estimate here.
Claims   S14 (mutual cost), S20 (the incompatible claim), S11 (undermine).
Game     three movers, quantal response equilibrium.
"""

import jax.numpy as jnp

from detente.contract import Lever, Parameter, State, mechanism, positive, quantal, rows, sigma, weigh

PARAMETERS = {
    "opportunity": Parameter(
        "occasions for a challenge", "1/yr", (0.03, 0.6), scale="log", raises="crisis", source="calibration, no_free_spread"
    ),
    "rationality": Parameter("precision of choice", "1/utility", (1.0, 6.0), scale="log", neutral=None, source="mckelvey_palfrey1995"),
    "stake0": Parameter("stake of a challenger without grievance", "utility", (0.1, 0.8), per="rivalry", raises="crisis"),
    "stake_grievance": Parameter("stake added by a grievance of one", "utility", (0.0, 0.3), raises="crisis"),
    "stake_hawks": Parameter("stake added by a government of hawks", "utility", (0.0, 0.4), raises="crisis"),
    "revisionism": Parameter("stake added by a revisionist's aims", "utility", (0.1, 0.8), raises="crisis"),
    "challenge_cost": Parameter("cost of a contest to the challenger", "utility", (0.3, 1.0), neutral=None, source="fearon1995"),
    "ext_cost": Parameter("cost added when the guarantor helps", "utility", (0.4, 2.0), scale="log", source="signorino1999"),
    "defence_value": Parameter("what the defender keeps by resisting", "utility", (0.6, 1.6), neutral=None),
    "defence_cost": Parameter("cost of resisting", "utility", (0.2, 0.8), neutral=None),
    "relief": Parameter("help as the defender values it", "utility", (0.1, 0.8)),
    "honour": Parameter("value of keeping a commitment", "utility", (0.5, 2.0), neutral=None),
    "mutual_cost": Parameter(
        "cost of war between nuclear sides, in units of the stake", "ratio", (3.0, 40.0), scale="log", claims=("S14",)
    ),
    "risk_weight": Parameter("weight of the logarithm of mutual cost in the guarantor's choice", "utility", (0.05, 0.4)),
    "doubt": Parameter("doubt of the guarantor's commitment", "share", (0.0, 0.5), raises="crisis"),
    "commit_promised": Parameter("commitment to a promised applicant", "share", (0.0, 0.3)),
    "weakness": Parameter(
        "how far accommodation lowers the resistance a revisionist expects",
        "share",
        (0.0, 0.6),
        raises="crisis with a revisionist",
        source="fearon1995",
    ),
    "omega": Parameter("weight of the closing window", "share", (0.0, 0.6), raises="crisis", source="powell2006"),
    "window_years": Parameter("how far ahead a challenger looks", "yr", (2.0, 8.0), neutral=None),
    "undermine": Parameter("loss of the rival's local balance per step of enlargement", "log", (0.0, 0.3), claims=("S11",)),
    "win_slope": Parameter("odds of winning per unit of log balance", "log-odds", (0.3, 1.2), neutral=None),
    "local": Parameter("share of the challenger's force that counts locally", "share", (0.1, 0.4), neutral=None),
    "unready": Parameter("odds of winning added by the other's false calm", "log-odds", (0.0, 1.0), raises="crisis"),
    "frozen": Parameter("share of challenges that a frozen conflict forestalls", "share", (0.4, 0.95)),
    "insecure": Parameter(
        "how far the challenger takes what it fears for a contest that comes anyway",
        "share",
        (0.0, 0.4),
        raises="crisis",
        source="kydd2005",
    ),
    "first_move": Parameter(
        "gain of acting first where the contest comes anyway", "utility", (0.0, 0.3), raises="crisis", source="kydd2005"
    ),
}
LEVERS = {
    "pause": Lever("strategic pause: no new challenge, forces at rest", "share", per="actor", high=0.8, counterpart="accommodation"),
    "guarantee": Lever(
        "guarantee to the front states short of membership",
        "share of full commitment",
        per="rivalry",
        high=0.6,
        counterpart="binds guarantor and front",
    ),
    "build_up": Lever("defence of the front built up", "log force added", per="rivalry", high=1.0, counterpart="spend"),
}
STATES = {
    "decision": State(("rivalry",), "1/yr", "rate of deliberate challenges", low=0, high=100),
    "gain": State(
        ("rivalry",), "utility", "challenger's expected gain of a challenge now, window included", initial=-0.5, low=-50, high=50
    ),
    "resolve": State(("rivalry",), "1/utility", "precision of choice times gain, read by escalation", low=-300, high=300),
}


def resistance(precision, win, defence_value, relief, help_probability, cost):
    """Probability that the defender resists."""
    return quantal(precision, (1.0 - win) * defence_value + help_probability * relief - cost)


def lottery(chance, otherwise, happens):
    """Expected utility where `happens` comes with probability `chance`, else `otherwise`."""
    return (1.0 - chance) * otherwise + chance * happens


def expected_gain(stake, win, cost, ext_cost, resists, helps):
    """Challenger's expected utility of a challenge against the status quo at zero."""
    return lottery(resists, stake, win * stake - cost - helps * ext_cost)


def not_waiting(gain, anyway, first_move):
    """Gain of not waiting where the contest comes anyway with probability `anyway`: of the gain only that of being first is then left.

    Zero at anyway = −gain/(first_move − gain), one less the minimum trust of Kydd's security dilemma.
    """
    return lottery(anyway, gain, first_move)


def window(weight, now, after, hazard, years):
    """Gain of striking before the balance shifts: zero unless the gain after accession is below the gain now (Powell's condition)."""
    return weight * (1.0 - jnp.exp(-hazard * years)) * positive(now - after)


@mechanism(
    reads=[
        "arms",
        "grievance",
        "hawks",
        "intent",
        "cohesion",
        "overstretch",
        "offer",
        "accession_hazard",
        "contested",
        "under",
        "present",
        "threat",
    ],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    uses=("accommodation", "neutrality", "no_accession", "presence"),
    draws={},
    needs={"bloc": (1, None)},
)
def challenge(state, p, world, draw):
    """decision, gain, resolve [rivalry, future]."""
    who, bloc = world.challenger, world.rivalry_bloc
    direct = world.direct[:, None]
    intent, hawks = rows(state.intent, who), rows(sigma(state.hawks), who)
    neutral = weigh(world.rivalry_applicant, world.levers.neutrality)
    met = jnp.maximum(rows(world.levers.accommodation, bloc), neutral)
    stake = p.stake0 + p.stake_grievance * weigh(world.challenger_view, state.grievance) + p.stake_hawks * hawks
    stake = stake * (1.0 - met * (1.0 - intent)) + p.revisionism * intent

    whole = rows(state.cohesion, bloc) * (1.0 - 0.5 * state.overstretch) * (1.0 - p.doubt)
    offer = weigh(world.rivalry_applicant, state.offer)
    promised = ((offer > 1.5) & (offer < 2.5)).astype(stake.dtype)
    member = jnp.maximum(direct, (offer > 2.5).astype(stake.dtype))
    committed = whole * jnp.maximum(member, jnp.maximum(p.commit_promised * promised, world.levers.guarantee))
    risk = p.risk_weight * jnp.log1p(p.mutual_cost)

    joined = weigh(world.bloc_enlarged[bloc], (state.offer > 2.5).astype(stake.dtype))
    front = weigh(world.front, state.arms) + world.stands[:, None] * 0.05 * rows(state.present, world.theatre_of_rivalry)
    own = p.local * rows(state.arms, who)
    balance = jnp.log(own / (front + 1e-3)) - world.levers.build_up - 0.5 * world.levers.presence - p.undermine * joined * direct
    win = sigma(p.win_slope * balance + p.unready * state.under)

    keen = p.defence_value * (1.0 - p.weakness * intent * met)

    def gain_at(commitment):
        helps = quantal(p.rationality, commitment * p.honour - risk)
        resists = resistance(p.rationality, win, keen, p.relief, helps, p.defence_cost)
        return expected_gain(stake, win, p.challenge_cost, p.ext_cost, resists, helps)

    now = gain_at(committed)
    hazard = weigh(world.rivalry_applicant, state.accession_hazard)
    withdrawn = jnp.maximum(neutral, weigh(world.rivalry_applicant, world.levers.no_accession))
    closing = window(p.omega * promised * (1.0 - withdrawn), now, gain_at(whole), hazard, p.window_years)
    anyway = p.insecure * weigh(world.challenger_view, state.threat)
    gain = not_waiting(now + closing, anyway, p.first_move)
    calm = (1.0 - p.frozen * weigh(world.rivalry_applicant, state.contested)) * (1.0 - rows(world.levers.pause, who))
    return {
        "decision": p.opportunity * quantal(p.rationality, gain) * calm,
        "gain": gain,
        "resolve": p.rationality * gain,
    }
