"""Encounters in the air and at sea, some of them dangerous; encounters breed encounters.

    rate = base·(1 − branching) + λ,  λ ← ½λ + ½·branching·min(count, 8·base);  base = encounters0·exposure
    exposure = exp(exposure_fear·(σ(fear) − ½))·(1 + presence)·(1 − separation)
    dangerous ~ count(encounters·danger·(1 + ambiguous·open domains)·(1 − agreement·agreements in force)·(1 − separation))

Source   Hawkes 1971, in discrete quarters (each encounter breeds `branching` others, so the stationary mean is `base`).
Met      Hawkes 1971 (rate, clusters, dispersion, share bred), in quarters, by `bred`; counts as in Richardson 1944.
Claims   S8 (ambiguity of new domains), S21 (easy mistakes). Question Q2.
Game     none.
"""

import jax.numpy as jnp

from detente.contract import DT, Lever, Parameter, State, mechanism, total, weigh

PARAMETERS = {
    "encounters0": Parameter(
        "encounters at even fear", "1/yr", (20.0, 120.0), scale="log", neutral=None, raises="crisis", source="hawkes1971"
    ),
    "branching": Parameter("encounters bred by one", "encounters", (0.1, 0.6), raises="bunching of encounters", source="hawkes1971"),
    "exposure_fear": Parameter("effect of fear on forward activity", "log", (0.0, 2.0), raises="encounters when fear is above even"),
    "dispersion": Parameter("size of the negative binomial", "size", (1.0, 8.0), scale="log", neutral=None),
    "danger": Parameter("share of encounters that are dangerous", "share", (0.003, 0.03), scale="log", raises="crisis", claims=("S21",)),
    "ambiguous": Parameter("dangerous incidents added by an open domain", "share", (0.0, 0.5), raises="crisis", claims=("S8",)),
    "agreement": Parameter("share of danger that agreements remove", "share", (0.1, 0.6)),
}
LEVERS = {
    "separation": Lever(
        "agreed distances, transponders, exercises away from the line of contact",
        "share",
        per="rivalry",
        high=0.6,
        counterpart="binds both sides",
    ),
    "presence": Lever("forward presence raised", "share of exposure added", per="rivalry", high=0.5, counterpart="separation"),
}
STATES = {
    "breeding": State(("rivalry",), "encounters/quarter", "rate bred by past encounters", initial=2.0, low=0, high=1e4),
    "encounters": State(("rivalry",), "encounters", "this quarter", flow=True, low=0, high=1e5),
    "dangerous": State(("rivalry",), "incidents", "dangerous ones this quarter", flow=True, low=0, high=1e4),
}


def bred(breeding, count, base, branching):
    """Rate bred in the next quarter: half of it remembered, half from the last count (capped at eight times the base)."""
    return 0.5 * breeding + 0.5 * branching * jnp.minimum(count, 8.0 * base)


@mechanism(
    reads=["breeding", "rivalry_fear", "opened", "in_force", "compliance"],
    states=STATES,
    parameters=PARAMETERS,
    levers=LEVERS,
    draws={"encounters": "rivalry", "dangerous": "rivalry"},
)
def incidents(state, p, world, draw):
    """breeding, encounters, dangerous [rivalry, future]."""
    apart = 1.0 - world.levers.separation
    exposure = jnp.exp(p.exposure_fear * (state.rivalry_fear - 0.5)) * (1.0 + world.levers.presence) * apart
    base = DT * p.encounters0 * exposure * world.contact[:, None]
    count = draw.count("encounters", base * (1.0 - p.branching) + state.breeding, p.dispersion)
    shared = weigh(world.prevents, state.in_force * state.compliance)
    risky = p.danger * (1.0 + p.ambiguous * total(state.opened)) * (1.0 - p.agreement * shared) * apart
    return {
        "breeding": bred(state.breeding, count, base, p.branching),
        "encounters": count,
        "dangerous": draw.count("dangerous", count * risky),
    }
