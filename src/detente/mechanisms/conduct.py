"""How each side treats the other, and how that is answered in kind.

    level_ij = base + reciprocity·conduct_ji − hawkishness·σ(hawks_i)·σ(fear_ij) − grievance_weight·2g/(1 + g) + warmth·joint
               + restraint_ij − cooling·drive_b(i) − tell·intent_i − rupture_shock·rupture_ij
    conduct_ij moves to level_ij at conduct_speed, with noise;   seen_ij = conduct_ij + facade_ij·pretence

Source   Goldstein & Freeman 1990, a three-way street of reciprocity; disputed by Patchen & Bogumil 1995 (weak reciprocity).
         tell = 0 is Kydd's pooling: a revisionist who imitates.
Met      Goldstein & Freeman 1990 (algebra and signs, no coefficients seen), Molander 1985 (generosity), Bendor 1987 (drift), by `answer`.
Claims   S12 (accusations and restraint), S19 (hawks answer hostility), S25 (pretence).
Game     none: reduced form.
"""

from detente.contract import DT, Lever, Parameter, State, average, mechanism, relax, rows, sigma, weigh

PARAMETERS = {
    "base": Parameter("conduct when nothing pulls", "conduct", (0.0, 0.4), raises="conduct"),
    "reciprocity": Parameter(
        "share of the other's conduct returned in kind",
        "share",
        (0.1, 0.6),
        raises="conduct when the other cooperates",
        source="goldstein_freeman1990",
        claims=("S12",),
        disputed="patchen_bogumil1995",
    ),
    "hawkishness": Parameter(
        "conduct lost when all are hawks and fear is certain", "conduct", (0.4, 1.6), raises="crisis", claims=("S19",)
    ),
    "grievance_weight": Parameter("conduct lost to a grievance of one", "conduct", (0.05, 0.4), raises="crisis"),
    "warmth": Parameter("conduct gained by joint work", "conduct", (0.0, 0.3), raises="conduct", claims=("S13",)),
    "cooling": Parameter("conduct lost while the alliance searches for a purpose", "conduct", (0.0, 0.4), raises="crisis", claims=("S4",)),
    "tell": Parameter("conduct lost by a revisionist who does not imitate", "conduct", (0.0, 0.3), raises="crisis", source="kydd2005"),
    "rupture_shock": Parameter("conduct lost when a pretence breaks", "conduct", (0.0, 0.4), raises="fear", source="kuran1991"),
    "pretence": Parameter("how much better conduct looks under a full facade", "conduct", (0.0, 0.4), raises="", claims=("S25",)),
    "conduct_speed": Parameter("rate at which conduct follows its level", "1/yr", (0.5, 3.0), scale="log", neutral=None),
    "conduct_noise": Parameter("spread of what nobody planned", "conduct/√yr", (0.06, 0.2), scale="log", neutral=None),
}
LEVERS = {
    "restraint": Lever(
        "fewer accusations and loud statements toward the other side",
        "conduct",
        per="actor",
        high=0.5,
        counterpart="itself, on the other side",
    ),
}
STATES = {
    "conduct": State(
        ("pair",), "−1…1 (Goldstein scale / 10)", "what i does and says to j: conflict to cooperation", initial=0.2, low=-1, high=1
    ),
    "seen": State(("pair",), "−1…1", "what j and others see of it: the facade added", initial=0.2, low=-1, high=1),
}


def answer(conduct_of_other, reciprocity):
    """The part of conduct that answers in kind (pure; replications use it as one row of a vector autoregression)."""
    return reciprocity * conduct_of_other


@mechanism(
    reads=["conduct", "hawks", "threat", "grievance", "joint", "drive", "intent", "rupture", "facade"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    draws={"conduct": "pair"},
)
def conduct(state, p, world, draw):
    """conduct, seen [pair, future]; pairs.source, pairs.target, pairs.mirror index the directed pairs."""
    i, mirror = world.pairs.source, world.pairs.mirror
    alarm = p.hawkishness * rows(sigma(state.hawks), i) * state.threat
    grudge = p.grievance_weight * 2.0 * state.grievance / (1.0 + state.grievance)
    warm = p.warmth * average(state.joint) * world.joint_pair[:, None]
    cool = p.cooling * weigh(world.pair_of_bloc, state.drive)
    level = p.base + answer(rows(state.conduct, mirror), p.reciprocity) - alarm - grudge + warm - cool
    level = level + rows(world.levers.restraint, i) - p.tell * rows(state.intent, i) - p.rupture_shock * state.rupture
    moved = draw.noise("conduct", relax(state.conduct, level, p.conduct_speed), p.conduct_noise * DT**0.5).clip(-1.0, 1.0)
    return {"conduct": moved, "seen": (moved + state.facade * p.pretence).clip(-1.0, 1.0)}
