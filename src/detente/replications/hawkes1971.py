"""Hawkes 1971: events that breed events, in discrete quarters.

Citation    A. G. Hawkes, Spectra of Some Self-Exciting and Mutually Exciting Point Processes, Biometrika 58, 1971, 83–90; A. G. Hawkes, D.
            Oakes, A Cluster Process Representation of a Self-Exciting Process, Journal of Applied Probability 11, 1974.
Claim       If each event breeds n others on average, n < 1, rates are raised by 1/(1 − n), a share n of events is bred, and counts
            vary more than by chance alone, 1/(1 − n)² times in the long run.
Reproduced  for n = 0.6: the stationary rate, the share bred, the mean size of a cluster, the long-run variance over the mean, the
            distribution of cluster sizes (Borel).
Equation    λ ← ½λ + ½·n·count, count ~ Poisson(μ + λ);   P(cluster = k) = e^(−nk)(nk)^(k−1)/k!
Runs        mechanisms.incidents alone through the engine on the scenario ladder; mechanisms.incidents.bred with `Chance.count` for the
            clusters.
Known       From memory (standard); these results depend on n alone, not on the shape of the memory.
Caveat      The mechanism is Hawkes's process in quarters: likelihoods of event times in continuous time are not its own. It bounds
            breeding at eight times the base, and its counts are negative binomial; here the bound is out of reach, the size 10⁹.
"""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.contract import Array
from detente.engine import chance
from detente.engine.draws import Chance
from detente.mechanisms.incidents import bred
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications.registry import Check, checks, flat

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "branching": 0.6,
    "background": 0.5,
    "engine": {"encounters0": 800.0, "futures": 1024, "years": 220, "warm_up_years": 20},
    "clusters": {"sizes": [1, 2, 3, 5], "number": 200_000, "quarters": 100},
}
BOREL = [0.548811636094, 0.180716527147, 0.0892613996397, 0.0336062711483]
CHECKS: tuple[Check, ...] = (
    *checks({"rate": {"stationary": 1.25, "cluster": 2.5}}, "B07-rates", origin="published", rtol=1e-9),
    *checks({"engine": {"cluster": 2.5, "variance_over_mean": 6.25}}, "B07-rates", origin="published", kind="statistical"),
    *checks({"engine": {"share_bred": 0.6}}, "B07-share_triggered", origin="published", kind="statistical"),
    *checks({"borel": BOREL}, "B07-cluster_size_borel", origin="published", kind="statistical"),
)
LEFT_OUT = {
    "B07-loglik_*, B07-mle_fixed_times": "likelihood of event times in continuous time: the mechanism counts by the quarter",
    "B07-count_simulation, count on [0, 20]": "the transient depends on the exponential memory, ours is geometric",
    "B07-mutual_*": "events of two sides that excite each other: one process a rivalry here",
}


def expected(base: float, branching: float, quarters: int) -> float:
    """Expected count of a quarter after so many, from an empty history: the mechanism's recursion in means (it is linear)."""
    with double():
        rate = jnp.zeros(())
        count = rate
        for _ in range(quarters):
            count = base * (1.0 - branching) + rate
            rate = bred(rate, count, base, branching)
        return float(count)


@cache
def counts() -> dict[str, np.ndarray]:
    """Encounters and rate bred [quarter, future] of the composed mechanism, warm-up left out."""
    given = INPUTS["engine"]
    model = model_of("ladder", ["incidents"], {"rivalry_fear": 0.5}, years=given["years"])
    values = {"branching": INPUTS["branching"], "encounters0": given["encounters0"], "dispersion": 1e9, "exposure_fear": 0.0, "danger": 0.0}
    found = history(model, values, given["futures"], ["encounters", "breeding"])
    first = 4 * given["warm_up_years"]
    return {"encounters": found["encounters"][first:, 0].astype(float), "breeding": found["breeding"][first - 1 : -1, 0].astype(float)}


@cache
def sizes() -> np.ndarray:
    """Size of each of many clusters, begun by one event."""
    given = INPUTS["clusters"]
    futures = jnp.arange(given["number"], dtype=jnp.uint32)
    sites = {"encounters": ("", np.array([chance.site("encounters")], np.uint32))}

    def step(carry: tuple[Array, Array, Array], year: Array) -> tuple[tuple[Array, Array, Array], None]:
        rate, count, size = carry
        rate = bred(rate, count, 1e9, INPUTS["branching"])
        key = chance.step_key(chance.luck_keys(1971, futures, year), 0)
        count = Chance(key, sites, {}, None).count("encounters", rate)
        return (rate, count, size + count), None

    one = jnp.ones(given["number"])
    (_, _, size), _ = jax.lax.scan(step, (0.0 * one, one, one), jnp.arange(given["quarters"]))
    return np.asarray(size)


def run() -> dict[str, float]:
    """Rates, shares and clusters."""
    n, mu = INPUTS["branching"], INPUTS["background"]
    level = expected(mu / (1.0 - n), n, 400)
    out = flat("", {"rate": {"stationary": level, "cluster": level / mu}})

    def add(name: str, value: float, se: float, draws: int) -> None:
        out.update({name: value, f"{name}.se": se, f"{name}.draws": draws})

    found = counts()
    futures = found["encounters"].shape[1]
    own = INPUTS["engine"]["encounters0"] / 4 * (1.0 - n)
    each, bred_share = found["encounters"].mean(axis=0), found["breeding"].sum(axis=0) / found["encounters"].sum(axis=0)
    add("engine.cluster", each.mean() / own, each.std(ddof=1) / own / np.sqrt(futures), futures)
    add("engine.share_bred", bred_share.mean(), bred_share.std(ddof=1) / np.sqrt(futures), futures)
    whole = found["encounters"].sum(axis=0)
    ratio = whole.var(ddof=1) / whole.mean()
    add("engine.variance_over_mean", ratio, ratio * np.sqrt(2.0 / (futures - 1)), futures)
    for i, k in enumerate(INPUTS["clusters"]["sizes"]):
        share = float((sizes() == k).mean())
        add(f"borel[{i}]", share, np.sqrt(share * (1 - share) / len(sizes())), len(sizes()))
    return out


def picture() -> Any:
    """Cluster sizes of the mechanism beside Borel's law."""
    from detente.replications._plots import curves

    k = np.arange(1, 13)
    n = INPUTS["branching"]
    law = [np.exp(-n * i) * (n * i) ** (i - 1) / factorial(int(i)) for i in k]
    ours = [(sizes() == i).mean() for i in k]
    lines = {"ours, 200 000 clusters": ours, "Borel": law}
    return curves(
        k, lines, "How many encounters one brings about, itself included", "size of a cluster", "probability (logarithmic)", "law", log=True
    )
