"""Joint work on the common challenges: a collective-risk dilemma played through a channel.

    a project on m is worth it with probability σ(λ·(benefit·(risk_m + strike_m)·share − joint_cost − distrust·σ(fear)))
    level_m = that probability · capacity of open political channels · (1 − gate·(1 − accommodation)); joint_m moves to it at joint_speed
    damage_m = strike_m·(1 − joint_damp·joint_m)

One probability stands for the common project: the product of two wills is too severe.

With share = the chance that one more contribution decides, `gain` is Santos & Pacheco's payoff difference and `contribute` their rule of imitation;
with belief in harm as doubt, it is positive exactly above Kydd's minimum trust (`price`).

Source   after Milinski 2008 and Santos & Pacheco 2011 (collective risk), here with a fixed share of one half: reduced form.
Met      Milinski 2008 (threshold, order of groups), Santos & Pacheco 2011 (resting points, finite populations), Kydd 2005 (minimum
         trust), by `gain`, `contribute` and `price`.
Claims   S13 (common goals), S24 (a space for cooperation is gated by interests). Question Q4.
Game     collective-risk dilemma, quantal response.
"""

from detente.contract import Lever, Parameter, State, mechanism, quantal, relax, total, weigh

PARAMETERS = {
    "benefit": Parameter("benefit of success to a side", "utility", (1.0, 3.5), raises="joint", source="milinski2008", claims=("S13",)),
    "risk": Parameter(
        "risk that all is lost without work", "probability", (0.2, 0.9), per="challenge", raises="joint", source="milinski2008"
    ),
    "share": Parameter("share of the benefit that a side's own work secures", "share", (0.5, 0.5), kind="shape", neutral=None),
    "joint_cost": Parameter("cost of contributing", "utility", (0.3, 1.0), neutral=None),
    "distrust": Parameter("cost added by certain fear", "utility", (0.5, 3.0)),
    "joint_rationality": Parameter(
        "precision of the choice to contribute", "1/utility", (1.0, 5.0), scale="log", neutral=None, source="santos_pacheco2011"
    ),
    "joint_speed": Parameter("rate at which work follows will", "1/yr", (0.3, 1.0), scale="log", neutral=None),
    "joint_damp": Parameter("share of damage that full joint work prevents", "share", (0.1, 0.5), raises=""),
}
LEVERS = {
    "joint": Lever("a joint programme with its own money", "utility", per="challenge", high=1.5, counterpart="binds both sides"),
}
STATES = {
    "joint": State(("challenge",), "0–1", "joint work under way", initial=0.05, low=0, high=1),
    "damage": State(("challenge",), "strikes", "damage this quarter", flow=True, low=0, high=1),
}


def gain(benefit, risk, share, cost):
    """Gain of contributing under collective risk: what own work secures of the benefit that is at risk, less its cost."""
    return benefit * risk * share - cost


def price(cost, distrust, fear):
    """Cost of contributing with a partner who means harm with probability `fear`."""
    return cost + distrust * fear


def contribute(precision, benefit, risk, share, cost):
    """Probability of contributing: the risk must be worth the cost (Milinski 2008 finds more work under higher risk)."""
    return quantal(precision, gain(benefit, risk, share, cost))


@mechanism(
    reads=["joint", "strike", "threat", "open", "capacity"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    uses=("gate", "accommodation"),
    draws={},
    needs={"bloc": (1, None)},
)
def joint_work(state, p, world, draw):
    """joint, damage [challenge, future]."""
    fear = weigh(world.joint_view, state.threat)
    cost = price(p.joint_cost, p.distrust, fear) - world.levers.joint
    will = contribute(p.joint_rationality, p.benefit, p.risk + state.strike, p.share, cost)
    able = total(list(world.works[:, None] * state.open * state.capacity))
    agree = 1.0 - p.gate * (1.0 - world.levers.accommodation[0])
    joint = relax(state.joint, will * able.clip(0.0, 1.0) * agree, p.joint_speed)
    return {"joint": joint, "damage": state.strike * (1.0 - p.joint_damp * joint)}
