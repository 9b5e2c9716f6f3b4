"""Del Moral 2004, 2006: particles estimate a likelihood without bias.

Citation    P. Del Moral, Feynman–Kac Formulae, 2004; P. Del Moral, A. Doucet, A. Jasra, Sequential Monte Carlo Samplers, JRSS B 68(3), 2006,
            411–436; N. Gordon, D. Salmond, A. Smith, 1993.
Claim       The product of mean weights is an unbiased estimate of the likelihood, for any number of particles; tempering leads
            particles from the prior to the posterior.
Reproduced  a particle filter on the Nile: mean of exp(estimate − exact) is one; the whole assimilation of the main job on a linear
            Gaussian model with unknown drifts and the budgets of 1909–12 as record: the evidence is unbiased, drifts have their exact
            posterior mean and spread.
Equation    E[Π_t mean(w_t)] = p(y);   here w_t are the weights of `Chance.noise` (locally optimal, as the move sees y_t)
Runs        engine.draws.Chance.noise, engine.assimilate.systematic and log_mean_exp; engine.assimilate.assimilate itself (powers,
            moves, evidence) through compose, record and runner.
Known       From memory (standard); the exact values by the engine's Kalman recursion (durbin_koopman2012) and quadrature.
Caveat      Moves chosen by the particles' own acceptance leave a bias of order one over their number in the evidence: not visible here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.contract import DT, Array, Parameter, State, mechanism
from detente.engine import chance
from detente.engine.assimilate import Settings, assimilate, log_mean_exp, systematic
from detente.engine.compose import Model, compose
from detente.engine.draws import Chance
from detente.engine.record import build_record
from detente.engine.simulate import Runner
from detente.replications._linear import SITES, filtered, slices
from detente.replications._precision import double
from detente.replications.durbin_koopman2012 import INPUTS as NILE
from detente.replications.registry import Check, checks
from detente.scenario import load

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "filter": {"particles": 1000, "runs": 200},
    # With few moves a run's evidence is skewed (spread of its logarithm 0.8 at 5 moves), and a mean of few runs has no honest error.
    "assimilation": {"particles": 512, "moves": 20, "final_moves": 20, "runs": 20},
    "drift": [-0.1, 0.4],
    "noise": 0.1,
    "error": 0.05,
    "start": 4.7,
}
CHECKS: tuple[Check, ...] = (
    *checks({"filter": {"unbiased": 1.0}}, "B11-nile_particle_filter", origin="published", kind="statistical"),
    *checks(
        {"assimilation": {"unbiased": 1.0, "mean_less_exact": [0.0, 0.0], "spread_over_exact": [1.0, 1.0]}},
        origin="published",
        kind="statistical",
    ),
)
LEFT_OUT = {
    "B11-nile_particle_filter spread 0.32": "that of a bootstrap filter: the engine's moves see the measure, and its estimate spreads less",
}
EXACT_NILE = -639.256565815


@mechanism(
    reads=["level"],
    states={"level": State(("actor",), "log", "a level that drifts", initial=4.7)},
    parameters={"drift": Parameter("drift", "1/yr", (-0.1, 0.4), per="actor", neutral=0.0)},
    draws={"level": "actor"},
)
def drifting(state: Any, p: Any, world: Any, draw: Any) -> dict[str, Array]:
    """A random walk with drift: linear and Gaussian, so that everything about it is known."""
    scale = INPUTS["noise"] * DT**0.5
    return {"level": draw.noise("level", state.level + DT * p.drift, scale + 0.0 * state.level)}


# ------------------------------------------------------------------------------------------------------- the filter


@cache
def estimates() -> np.ndarray:
    """Log-likelihood of the Nile by particles, less the exact one [run]."""
    y, start = np.array(NILE["flow"], np.float32), NILE["proper"]
    n, runs = INPUTS["filter"]["particles"], INPUTS["filter"]["runs"]
    ids = jnp.arange(n, dtype=jnp.uint32)

    @jax.jit
    def move(level: Array, scale: Array, y: Array, seed: Array, t: Array) -> tuple[Array, Array]:
        key = chance.step_key(chance.luck_keys(seed, ids, t), 0)
        draw = Chance(key, SITES, slices(y, NILE["var_e"] ** 0.5), None)
        return draw.noise("level", level[None], scale)[0], draw.scores["y"]

    out = np.zeros(runs)
    for k in range(runs):
        rng = np.random.default_rng([2004, k])
        level, scale = np.full(n, start["mean"], np.float32), start["variance"] ** 0.5
        for t, value in enumerate(y):
            moved, score = map(np.asarray, move(level, np.float32(scale), value, np.uint32(k), np.uint32(t)))
            score = score.astype(np.float64)
            out[k] += log_mean_exp(score)
            w = np.exp(score - score.max())
            level, scale = moved[systematic(w / w.sum(), rng.random())], NILE["var_h"] ** 0.5
    return out - EXACT_NILE


# ------------------------------------------------------------------------------------------------- the assimilation


@cache
def system() -> Model:
    """The drifting level of two actors with the budgets of the scenario richardson_1914 as its record."""
    scenario = load("richardson_1914")
    series = scenario.record[0].model_copy(update={"draw": "level", "error": INPUTS["error"]})
    update = {"mechanisms": ("drifting",), "record": (series,), "ranges": {}, "initial": {}}
    return compose(scenario.model_copy(update=update), {"drifting": drifting})


@cache
def exact() -> tuple[float, np.ndarray, np.ndarray]:
    """Log-evidence, and posterior mean and spread of each drift, by quadrature over Kalman likelihoods."""
    record = build_record(system()).measures["level"][0]
    low, high = INPUTS["drift"]
    drift = np.linspace(low, high, 2001)
    width = np.full(len(drift), (high - low) / 2000)
    width[[0, -1]] /= 2.0
    step = INPUTS["noise"] ** 2 * DT
    evidence, mean, spread = 0.0, [], []
    with double():
        for k in range(record.y.shape[1]):
            at = np.flatnonzero(record.has[:, k])
            gaps = np.diff(at)
            assert (gaps == gaps[0]).all()
            # Between measures the walk adds gap·step of variance; the drift is taken off the data.
            y = record.y[at, k].astype(float)[:, None] - DT * (at[:, None] + 1.0) * drift
            terms = jax.vmap(
                lambda z, v=(at[0] + 1) * step, g=gaps[0]: filtered(z, INPUTS["error"] ** 2, g * step, INPUTS["start"], v)[0].sum()
            )(y.T)
            likelihood = np.exp(np.asarray(terms) - float(terms.max()))
            mass = likelihood * width
            evidence += float(terms.max()) + np.log(mass.sum() / (high - low))
            m = (mass * drift).sum() / mass.sum()
            mean.append(m)
            spread.append(np.sqrt((mass * (drift - m) ** 2).sum() / mass.sum()))
    return evidence, np.array(mean), np.array(spread)


@cache
def learned() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-evidence less the exact one [run]; posterior means and spreads [run, drift] of as many assimilations."""
    given = INPUTS["assimilation"]
    model, settings = system(), Settings(particles=given["particles"], moves=given["moves"], final_moves=given["final_moves"])
    runner, record = Runner(model), build_record(model)
    found = [assimilate(runner, None, record, settings, seed=k + 1) for k in range(given["runs"])]
    drifts = [f.theta.astype(float) for f in found]
    evidence = np.array([f.log_evidence for f in found]) - exact()[0]
    return evidence, np.array([d.mean(axis=1) for d in drifts]), np.array([d.std(axis=1) for d in drifts])


def run() -> dict[str, float]:
    """Means over runs, with standard errors."""
    out: dict[str, float] = {}

    def add(name: str, sample: np.ndarray) -> None:
        out.update({name: sample.mean(), f"{name}.se": sample.std(ddof=1) / np.sqrt(len(sample)), f"{name}.draws": len(sample)})

    add("filter.unbiased", np.exp(estimates()))
    evidence, mean, spread = learned()
    add("assimilation.unbiased", np.exp(evidence))
    _, exact_mean, exact_spread = exact()
    for k in range(mean.shape[1]):
        add(f"assimilation.mean_less_exact[{k}]", mean[:, k] - exact_mean[k])
        add(f"assimilation.spread_over_exact[{k}]", spread[:, k] / exact_spread[k])
    return out


def picture() -> Any:
    """Estimates of the Nile's log-likelihood around the exact one."""
    import altair as alt
    import pandas as pd

    rows = pd.DataFrame({"gap": estimates()})
    bars = alt.Chart(rows).mark_bar(color="#51618f", opacity=0.8)
    x = alt.X("gap:Q", bin=alt.Bin(maxbins=30), title="estimated less exact log-likelihood")
    zero = alt.Chart(pd.DataFrame({"gap": [0.0]})).mark_rule(color="#b3782d", strokeWidth=2).encode(x="gap:Q")
    return (bars.encode(x=x, y=alt.Y("count():Q", title="runs of 1000 particles")) + zero).properties(
        title="Particles tell a likelihood without bias; one run is within about 0.3", width=440, height=260
    )
