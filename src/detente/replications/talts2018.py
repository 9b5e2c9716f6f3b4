"""Talts et al. 2018: simulation-based calibration tells a right sampler from one that is too sure.

Citation    S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman, Validating Bayesian Inference Algorithms with Simulation-Based
            Calibration, arXiv 1804.06788, 2018.
Claim       Ranks of the truth among posterior draws are uniform if and only if the sampler is right; a posterior too narrow piles
            them up at both ends.
Reproduced  the engine's own conditional draw of a measured normal: ten bins of ranks among 99 draws, right and with half the spread;
            chi-square accepts the first and rejects 0.8 of the spread.
Equation    rank = #{draws below the truth} uniform on 0…L;   spread times k: Binomial(L, Φ(Z/k)) mixed over Z
Runs        analysis.calibration.recover and uniform, with engine.draws.Chance.noise as the sampler.
Known       Derived; the expected shares by quadrature.
Caveat      Of the sampler inside one step. The whole assimilation on a known model is in delmoral2004.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.analysis.calibration import Uniformity, recover, uniform
from detente.contract import Array
from detente.engine import chance
from detente.engine.draws import Chance
from detente.replications._linear import SITES, slices
from detente.replications.registry import Check, checks, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "draws": 99,
    "bins": 10,
    "runs": 4000,
    "spread": {"right": 1.0, "half": 0.5, "narrow": 0.8},
    "prior_sd": 1.0,
    "error": 1.0,
}
HALF = [0.258550417711, 0.0772186904042, 0.0601552867706, 0.0533723659481, 0.0507032391672]
CHECKS: tuple[Check, ...] = (
    *checks({"right": [0.1] * 10}, "B11-sbc_scale_1", origin="published", kind="statistical"),
    *checks({"half": [*HALF, *HALF[::-1]]}, "B11-sbc_scale_0.5", kind="statistical"),
    *statements("B11-sbc_scale_1", ("the_right_one_passes", "too_narrow_is_rejected"), origin="published", kind="numerical"),
)


@jax.jit
def sampler(y: Array, seed: Array) -> Array:
    """Draws of a level given one measure of it, by the engine."""
    key = chance.step_key(chance.luck_keys(seed, jnp.arange(INPUTS["draws"], dtype=jnp.uint32), 0), 0)
    draw = Chance(key, SITES, slices(y, INPUTS["error"]), None)
    return draw.noise("level", jnp.zeros((1, INPUTS["draws"])), INPUTS["prior_sd"])[0]


@cache
def ranks(spread: float) -> Uniformity:
    """Ranks of the truth where the posterior's spread is multiplied by `spread`."""

    def posterior(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        draws = np.asarray(sampler(y[0], rng.integers(0, 2**32, dtype=np.uint32)))
        mean = y[0] * INPUTS["prior_sd"] ** 2 / (INPUTS["prior_sd"] ** 2 + INPUTS["error"] ** 2)
        return mean + spread * (draws - mean)

    found = recover(
        lambda rng: rng.normal(0.0, INPUTS["prior_sd"], 1),
        lambda level, rng: level + INPUTS["error"] * rng.standard_normal(1),
        posterior,
        INPUTS["runs"],
        seed=2018,
    )
    return uniform(found[:, 0], INPUTS["draws"], INPUTS["bins"])


def run() -> dict[str, float]:
    """Shares of ranks by bin, verdicts of chi-square."""
    out: dict[str, float] = {}
    for name in ("right", "half"):
        found = ranks(INPUTS["spread"][name])
        for k, share in enumerate(found.share):
            out |= {f"{name}[{k}]": share, f"{name}[{k}].se": np.sqrt(share * (1 - share) / found.runs), f"{name}[{k}].draws": found.runs}
    out["the_right_one_passes"] = ranks(INPUTS["spread"]["right"]).p > 0.01
    out["too_narrow_is_rejected"] = ranks(INPUTS["spread"]["narrow"]).p < 1e-6
    return out


def picture() -> Any:
    """Shares of ranks, right and too narrow, with the range that luck allows."""
    import altair as alt
    import pandas as pd

    label = {"right": "right", "narrow": "spread × 0.8", "half": "spread × 0.5"}
    found = {label[name]: ranks(k) for name, k in INPUTS["spread"].items()}
    rows = pd.concat([pd.DataFrame({"bin": np.arange(1, 11), "share": 100 * f.share, "posterior": name}) for name, f in found.items()])
    first = next(iter(found.values()))
    band = alt.Chart(pd.DataFrame({"low": [100 * first.low], "high": [100 * first.high]})).mark_rect(color="#999999", opacity=0.3)
    y = alt.Y("share:Q", title=["share of runs, %", "band: 95 % range if uniform"])
    colour = alt.Color("posterior:N", sort=list(found), title="posterior", scale=alt.Scale(range=["#51618f", "#2f8074", "#b3782d"]))
    lines = (
        alt.Chart(rows)
        .mark_line(point=True)
        .encode(x=alt.X("bin:O", title="rank of the truth, in ten bins", axis=alt.Axis(labelAngle=0)), y=y, color=colour)
    )
    return (band.encode(y=alt.Y("low:Q", title=["share of runs, %", "band: 95 % range if uniform"]), y2="high:Q") + lines).properties(
        title="A sampler too sure of itself piles up at both ends", width=440, height=280
    )
