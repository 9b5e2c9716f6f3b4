"""What nobody at the table decides: growth, common challenges that strike, and interventions elsewhere.

    log GDP_i moves by growth_i once a year, with noise;  strike_m ~ event(strike_rate_m)
    intervention_b ~ event(intervene · (1 + mission_b) · cohesion_b)

Source   none: exogenous. GDP follows the record, then drifts with uncertainty.
Met      Richardson 1944 (years without an outbreak). Growth is a random walk with drift about the record's mean; nothing in it is published.
         Tested: an alliance that has no mission or no cohesion intervenes less.
Claims   S13 (shocks that hit both), S8 (missions beyond the treaty area).
Game     none.
"""

import jax.numpy as jnp

from detente.contract import Parameter, State, mechanism

PARAMETERS = {
    "growth": Parameter(
        "trend growth of output", "1/yr", (-0.01, 0.045), per="actor", neutral=0.0, raises="arms", source="maddison2023, calibration"
    ),
    "gdp_noise": Parameter("spread of output around its trend", "log/√yr", (0.015, 0.06), scale="log", neutral=None, source="calibration"),
    "strike_rate": Parameter("how often a common challenge strikes", "1/yr", (0.1, 0.6), per="challenge", raises="strike", claims=("S13",)),
    "intervene": Parameter(
        "interventions of the alliance elsewhere", "1/yr", (0.03, 0.2), scale="log", neutral=None, raises="intervention"
    ),
}
STATES = {
    "gdp": State(("actor",), "bn USD of 2019", "output at market rates", initial="record", low=0.1, high=1e6),
    "strike": State(("challenge",), "0/1", "a common challenge strikes this quarter", flow=True, low=0, high=1),
    "intervention": State(("bloc",), "0/1", "the alliance uses force on a third party this quarter", flow=True, low=0, high=1),
}


@mechanism(
    reads=["gdp", "mission", "cohesion"],
    states=STATES,
    parameters=PARAMETERS,
    draws={"gdp": "actor", "strike": "challenge", "intervention": "bloc"},
)
def shocks(state, p, world, draw):
    """gdp [actor, future]; strike [challenge, future]; intervention [bloc, future]."""
    year_end = world.now.quarter == 3
    log_gdp = jnp.log(state.gdp) + jnp.where(year_end, p.growth, 0.0)
    log_gdp = draw.noise("gdp", log_gdp, jnp.where(year_end, p.gdp_noise, 0.0))
    intervene = p.intervene * (1.0 + state.mission) * state.cohesion * world.intervenes[:, None]
    return {
        "gdp": jnp.exp(log_gdp).clip(0.1, 1e6),
        "strike": draw.event("strike", p.strike_rate),
        "intervention": draw.event("intervention", intervene),
    }
