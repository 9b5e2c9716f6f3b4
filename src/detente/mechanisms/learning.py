"""What each comes to believe of the other: fear learns from what it sees, and forgets.

    fear_ij += Δ·(Σ_x w_x·dose_x − forget·(fear_ij − fear0_ij + calm·log(A_i/A_i,start))) + impulses,   w_x = forget·W_x
    doses      hostile conduct seen (W_hostile), cooperation seen (W_coop), verified compliance, joint work, missiles, open domains, presence,
               standing promises and guarantees short of membership (provocation·near_q), in so far as no moratorium or agreed neutrality is announced
    impulses   arms growth above trend, a step of enlargement (provocation·near_q), a broken promise (promise_weight), treaty exit, dangerous
               incident, force on a third party; evidence that confirms is scaled by 1 + bias

A theory states the long-run weight W of a dose, which bounds the gain. With forget = 0, w = 1, bias = 0 and the log-likelihood ratio of conduct as
dose, `update` is Bayes' rule on the log-odds.

Source   Kydd 2005 (trust as belief); Jervis 1976 (confirming evidence); the estimate of resistance to enlargement is the claim `no_free_spread`.
Met      Kydd 2005 (Bayes' rule), after Kydd 2001 (what an accession teaches) and Jervis 1976, by `update`.
Claims   S5, S6, S7, S8, S13, S18, S26, S29.
Game     none: updating.
"""

import jax.numpy as jnp

from detente.contract import DT, Parameter, State, average, mechanism, positive, rows, sigma, total, weigh

PARAMETERS = {
    "fear0": Parameter("fear when nothing is seen", "log-odds", (-1.8, 0.6), per="pair", neutral=None, raises="fear"),
    "forget": Parameter("rate of return to it", "1/yr", (0.06, 0.5), scale="log", neutral=None, claims=("S23",)),
    "w_hostile": Parameter("long-run weight of full hostility seen", "log-odds", (0.0, 2.5), raises="fear", source="kydd2005"),
    "w_coop": Parameter("long-run weight of full cooperation seen", "log-odds", (0.0, 2.5), source="kydd2005"),
    "w_verify": Parameter("long-run weight of verified compliance", "log-odds", (0.0, 0.5), claims=("S22",)),
    "w_joint": Parameter("long-run weight of joint work on everything", "log-odds", (0.0, 0.6), claims=("S13",)),
    "w_missile": Parameter("long-run weight of unconstrained missiles", "log-odds", (0.0, 0.6), raises="fear", claims=("S7",)),
    "w_domain": Parameter("long-run weight of an opened domain", "log-odds", (0.0, 0.3), raises="fear", claims=("S8",)),
    "w_presence": Parameter("long-run weight of forward presence and build-up", "log-odds", (0.0, 1.0), raises="fear"),
    "provocation": Parameter(
        "weight of a step of enlargement at the border",
        "log-odds",
        (0.0, 0.8),
        raises="fear",
        claims=("S4", "S26"),
        source="no_free_spread",
    ),
    "promise_weight": Parameter("weight of an accession held to break a promise", "log-odds", (0.0, 0.6), raises="fear", claims=("S5",)),
    "w_arms": Parameter("weight of a unit of log growth above trend", "log-odds", (0.0, 3.0), raises="fear"),
    "w_exit": Parameter("weight of a treaty left", "log-odds", (0.0, 0.4), raises="fear", claims=("S7",)),
    "w_incident": Parameter("weight of a dangerous incident", "log-odds", (0.0, 0.1), raises="fear"),
    "w_force": Parameter("weight of force on a third party", "log-odds", (0.1, 1.2), raises="fear"),
    "bias": Parameter("extra weight of evidence that confirms", "share", (0.0, 0.8), raises="fear", source="jervis1976", claims=("S18",)),
    "calm": Parameter("long-run fear lost per unit of log growth of own forces", "log-odds", (0.0, 0.3), claims=("S29",)),
    "reassured": Parameter("long-run fear lost by full accommodation, to a seeker", "log-odds", (0.0, 1.0), claims=("S24",)),
    "fear_noise": Parameter("spread of what moves fear otherwise", "log-odds/√yr", (0.1, 0.5), scale="log", neutral=None),
}
STATES = {
    "fear": State(("pair",), "log-odds", "i's belief that j means harm", initial="fear0", low=-8, high=8),
    "threat": State(("pair",), "probability", "the same as a probability, σ(fear)", initial=0.4, low=0, high=1),
    "rivalry_fear": State(("rivalry",), "probability", "mean over both directions", initial=0.4, low=0, high=1),
    "over": State(("rivalry",), "share", "false alarm: mean (σ(fear) − intent)⁺", initial=0.3, low=0, high=1),
    "under": State(("rivalry",), "share", "false calm of the front about the challenger: (intent − σ(fear))⁺", initial=0.0, low=0, high=1),
}


def update(log_odds, evidence, forget, anchor):
    """One step of belief in log-odds: forgetting toward `anchor`, plus evidence (Bayes' rule when forget = 0 and evidence is the log ratio)."""
    return log_odds - forget * DT * (log_odds - anchor) + evidence


@mechanism(
    reads=[
        "fear",
        "threat",
        "seen",
        "arms",
        "arms_growth",
        "in_force",
        "compliance",
        "joint",
        "missiles",
        "opened",
        "offer",
        "wish",
        "promised_now",
        "joined_now",
        "exit_now",
        "dangerous",
        "intervention",
        "entered",
        "clash_now",
        "intent",
    ],
    states=STATES,
    parameters=PARAMETERS,
    uses=("accommodation", "presence", "build_up", "neutrality", "no_accession", "guarantee"),
    draws={"fear": "pair"},
)
def learning(state, p, world, draw):
    """fear, threat [pair, future]; rivalry_fear, over, under [rivalry, future]."""
    pairs = world.pairs
    seen = rows(state.seen, pairs.mirror)
    believed = 2.0 * state.threat - 1.0
    confirm, against = 1.0 + p.bias * positive(believed), 1.0 - p.bias * positive(believed)
    withdrawn = jnp.maximum(world.levers.no_accession, world.levers.neutrality)
    promises = ((state.offer > 1.5) & (state.offer < 2.5)).astype(seen.dtype) * state.wish * (1.0 - withdrawn)
    given = weigh(world.accommodated, world.levers.accommodation)
    guaranteed = weigh(world.applicant_rivalry, world.levers.guarantee) * (1.0 - withdrawn)
    standing = weigh(world.provoked, promises + guaranteed) * (1.0 - given)
    threat = p.w_hostile * positive(-seen) + p.w_missile * weigh(world.missile_pairs, state.missiles) + p.provocation * standing
    threat = threat + p.w_domain * total(state.opened) * world.rival_of_bloc[:, None]
    threat = threat + p.w_presence * weigh(world.presence_pairs, world.levers.presence + world.levers.build_up)
    relief = p.w_coop * positive(seen) + p.w_verify * weigh(world.treaty_of_pair, state.in_force * state.compliance)
    relief = relief + p.w_joint * average(state.joint) * world.joint_pair[:, None]
    relief = relief + p.reassured * given * (1.0 - rows(state.intent, pairs.source))
    strength = jnp.log(rows(state.arms, pairs.source) / world.arms_start[pairs.source][:, None])
    anchor = p.fear0 - p.calm * strength + threat * confirm - relief * against

    steps = state.promised_now + state.joined_now
    acts = p.w_arms * rows(state.arms_growth, pairs.target) + p.provocation * weigh(world.provoked, steps)
    acts = acts + p.promise_weight * weigh(world.provoked, state.joined_now) + p.w_exit * weigh(world.exit_seen, state.exit_now)
    acts = acts + p.w_incident * weigh(world.pair_rivalry, state.dangerous)
    force = weigh(world.force_by_bloc, state.intervention) + weigh(world.force_by_challenger, state.entered * state.clash_now)
    acts = (acts + p.w_force * force) * confirm
    moved = update(state.fear, acts, p.forget, anchor)
    fear = draw.noise("fear", moved, p.fear_noise * DT**0.5).clip(-8.0, 8.0)
    belief = sigma(fear)
    aim = rows(state.intent, pairs.target)
    return {
        "fear": fear,
        "threat": belief,
        "rivalry_fear": weigh(world.rivalry_pairs, belief),
        "over": weigh(world.rivalry_pairs, positive(belief - aim)),
        "under": weigh(world.front_view, positive(aim - belief)),
    }
