"""Hawks and doves inside an actor, whose balance the other side moves.

    level_i = hawks0_i + sway·mean over rivals(−seen_ji);  hawks_i moves to level_i at hawk_return, with domestic noise;
    impulse sway_shock at an entry into crisis or worse on a rivalry of i.

Source   after Schultz 2005: reduced form. Met: the adversary's conduct moves the balance; his game of who initiates is not here.
Met      after Schultz 2005: the electorate's trust and two signs; not his thresholds, re-elections and endurance.
Claims   S19 (an approach that keeps those who want dialogue from working with it). The reading that policy abroad is driven from home
         holds `sway` low and `domestic` high.
Game     none: reduced form.
"""

from detente.contract import DT, Parameter, State, mechanism, relax, weigh

PARAMETERS = {
    "hawks0": Parameter(
        "weight of hawks when the other side is neutral", "log-odds", (-1.2, 0.4), per="actor", neutral=None, raises="crisis"
    ),
    "sway": Parameter(
        "long-run shift of hawks by the other side's hostility",
        "log-odds/conduct",
        (0.3, 2.0),
        scale="log",
        raises="hawks where the other is hostile",
        source="schultz2005",
        claims=("S19",),
    ),
    "hawk_return": Parameter("rate of return", "1/yr", (0.1, 0.5), scale="log", neutral=None),
    "sway_shock": Parameter("shift of hawks at a crisis", "log-odds", (0.05, 0.5), scale="log", raises="crisis"),
    "domestic": Parameter("spread of what moves hawks at home", "log-odds/√yr", (0.05, 0.4), scale="log", neutral=None),
}
STATES = {"hawks": State(("actor",), "log-odds", "weight of hawks against doves in i's policy", initial="hawks0", low=-8, high=8)}


@mechanism(reads=["hawks", "seen", "entered"], states=STATES, parameters=PARAMETERS, draws={"hawks": "actor"})
def hawks(state, p, world, draw):
    """hawks [actor, future]."""
    level = p.hawks0 - p.sway * weigh(world.seen_by, state.seen)
    moved = relax(state.hawks, level, p.hawk_return) + p.sway_shock * weigh(world.actor_in_rivalry, state.entered)
    return {"hawks": draw.noise("hawks", moved, p.domestic * DT**0.5).clip(-8.0, 8.0)}
