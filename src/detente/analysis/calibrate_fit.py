"""NUTS with its health report, and the three small hierarchical models that calibration needs beside Richardson's.

All samples are by NumPyro; a model's population parameters have plain names, what belongs to one group ends in `_each`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from detente.analysis.claims.extras import need

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Effort:
    """Chains, warm-up and kept draws a chain, and the target acceptance of NUTS."""

    chains: int = 4
    warmup: int = 500
    draws: int = 500
    accept: float = 0.95


@dataclass(frozen=True)
class Limits:
    """What counts as healthy: R-hat of every unknown at most, effective draws of each population parameter at least, no divergences."""

    r_hat: float = 1.02
    effective: float = 300.0
    divergences: int = 0


LIMITS = Limits()


@dataclass(frozen=True)
class Health:
    """Worst split R-hat over all unknowns, fewest effective draws over population parameters (Gelman et al. 2013), divergent transitions,
    transitions that hit the tree's depth, draws in all; `complaints`: what is not as it should be."""

    r_hat: float
    worst: str
    effective: float
    divergences: int
    deepest: int
    draws: int
    complaints: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing to complain of."""
        return not self.complaints

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"complaints": list(self.complaints)}


@dataclass(frozen=True)
class Draws:
    """Population draws {name: (draw, …)} of all chains one after another, and their health."""

    values: Mapping[str, np.ndarray]
    health: Health


def sample(model: Callable[..., None], args: tuple[Any, ...], starts: Mapping[str, Any], seed: int, effort: Effort) -> Draws:
    """Draw from `model(*args)`. `starts`: unconstrained middle of the starting points of population parameters; chains begin scattered around
    it (by 0.3; group effects around 0 where no start is given), so that R-hat can see chains that disagree. Same seed, same draws on one
    machine."""
    infer, handlers, jax = need("numpyro.infer"), need("numpyro.handlers"), need("jax")
    sites = handlers.trace(handlers.seed(model, 0)).get_trace(*args)
    shapes = {name: np.shape(site["value"]) for name, site in sites.items() if site["type"] == "sample" and not site["is_observed"]}
    rng = np.random.default_rng(seed)
    begin = {n: jax.numpy.asarray(starts.get(n, 0.0) + 0.3 * rng.standard_normal((effort.chains, *shape))) for n, shape in shapes.items()}
    kernel = infer.NUTS(model, target_accept_prob=effort.accept)
    mcmc = infer.MCMC(
        kernel, num_warmup=effort.warmup, num_samples=effort.draws, num_chains=effort.chains, chain_method="vectorized", progress_bar=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mcmc.run(jax.random.PRNGKey(seed), *args, init_params=begin, extra_fields=("diverging", "num_steps"))
    chains = {name: np.asarray(value) for name, value in mcmc.get_samples(group_by_chain=True).items()}
    extra = mcmc.get_extra_fields()
    health = examine(chains, int(np.asarray(extra["diverging"]).sum()), int((np.asarray(extra["num_steps"]) >= 1023).sum()))
    return Draws({n: v.reshape(-1, *v.shape[2:]) for n, v in chains.items() if not n.endswith("_each")}, health)


def examine(chains: Mapping[str, np.ndarray], divergences: int, deepest: int = 0, limits: Limits = LIMITS) -> Health:
    """Health of draws [chain, draw, ...] by name."""
    diagnostics = need("numpyro.diagnostics")
    with np.errstate(invalid="ignore", divide="ignore"):
        r_hat = {name: float(np.nanmax(diagnostics.split_gelman_rubin(x))) for name, x in chains.items()}
        population = {name: x for name, x in chains.items() if not name.endswith("_each")}
        effective = {name: float(np.nanmin(diagnostics.effective_sample_size(x))) for name, x in population.items()}
    worst, fewest = max(r_hat, key=r_hat.__getitem__), min(effective, key=effective.__getitem__)
    said = []
    if not r_hat[worst] <= limits.r_hat:
        said.append(f"the chains disagree on '{worst}': R-hat {r_hat[worst]:.2f}, expected {limits.r_hat} at most")
    if not effective[fewest] >= limits.effective:
        said.append(f"few effective draws of '{fewest}': {effective[fewest]:.0f}, expected {limits.effective:.0f} at least")
    if divergences > limits.divergences:
        said.append(f"{divergences} divergent transitions, expected {limits.divergences} at most")
    count = next(iter(chains.values()))
    return Health(r_hat[worst], worst, effective[fewest], divergences, deepest, int(count.shape[0] * count.shape[1]), tuple(said))


# --------------------------------------------------------------------------------------------------- three small models
# Each serves several data sets at once, which share nothing but the compiled program: `set_of` (group,) says which set a group is of.


def rates(counts: Any, years: Any, set_of: Any, centre: Any) -> None:
    """Events a year in groups: counts ~ Poisson(rate·years), log rate ~ Normal(middle, spread) by set; `centre` (set,): log of a rough rate."""
    import jax.numpy as jnp
    import numpyro
    from numpyro import distributions as d

    middle, spread = _population(centre, 2.0, 1.5)
    with numpyro.plate("group", len(counts)):
        each = numpyro.sample("rate_each", d.Normal(0.0, 1.0))
    numpyro.sample("counts", d.Poisson(jnp.exp(middle[set_of] + spread[set_of] * each) * years), obs=counts)


def shares(hits: Any, cases: Any, set_of: Any, centre: Any) -> None:
    """Shares in groups: hits ~ Binomial(cases, share), log-odds of the share ~ Normal(middle, spread) by set."""
    import numpyro
    from numpyro import distributions as d

    middle, spread = _population(centre, 2.0, 1.5)
    with numpyro.plate("group", len(hits)):
        each = numpyro.sample("share_each", d.Normal(0.0, 1.0))
    numpyro.sample("hits", d.Binomial(cases, logits=middle[set_of] + spread[set_of] * each), obs=hits)


def levels(values: Any, group: Any, set_of: Any, centre: Any, scale: Any) -> None:
    """Values in groups: value ~ Student's t(level, noise), level ~ Normal(middle, spread) by set; `centre`, `scale` (set,): rough size of the
    values; `group` (row,)."""
    import numpyro
    from numpyro import distributions as d

    middle, spread = _population(centre, 3.0 * scale, 2.0 * scale)
    with numpyro.plate("set", len(centre)):
        noise = numpyro.sample("noise", d.HalfNormal(2.0 * scale))
    with numpyro.plate("group", len(set_of)):
        each = numpyro.sample("level_each", d.Normal(middle[set_of], spread[set_of]))
    numpyro.sample("values", d.StudentT(4.0, each[group], noise[set_of][group]), obs=values)


def _population(centre: Any, width: Any, most: Any) -> tuple[Any, Any]:
    """Middle and spread (set,) of each population."""
    import numpyro
    from numpyro import distributions as d

    with numpyro.plate("population", len(centre)):
        return numpyro.sample("middle", d.Normal(centre, width)), numpyro.sample("spread", d.HalfNormal(most))
