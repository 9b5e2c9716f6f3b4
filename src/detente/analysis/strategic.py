"""Estimating the crisis game from data: quantal response of two movers, by maximum likelihood or as a posterior.

Player 1 keeps the status quo or challenges; player 2 then yields or resists. Every utility is linear in covariates. The payoff of a challenge
is `challenge.lottery`, the mechanism's own; the response is `contract.quantal` (logit) or its probit twin, with precision 1/scale:

    p_resist    = F(u24 / (s√2))
    p_challenge = F((lottery(p_resist, u13, u14) − u11) / s2)
    s2 = s√2 when each act carries an error (`agent`), s·√(1 + p_yield² + p_resist²) when each outcome does (`private`)

All of it in float64. Source: Signorino 1999, 2003; the factor √2 is kept with the logit link too, as in the R package `games`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import log_ndtr, ndtr
from scipy.optimize import minimize
from scipy.stats import norm

from detente.analysis.precision import double
from detente.contract import Array, quantal
from detente.mechanisms.challenge import lottery

Link = Literal["logit", "probit"]
Errors = Literal["agent", "private"]
UTILITIES = ("u11", "u13", "u14", "u24", "scale")
ROOT2 = float(np.sqrt(2.0))


@dataclass(frozen=True)
class Crisis:
    """Observed crises. `outcome` [crisis] is 0 status quo, 1 yielded, 2 resisted; `parts` utility → covariates [crisis, k].

    Utilities: u11 player 1 at the status quo, u13 when 2 yields, u14 when 2 resists, u24 player 2 when resisting (0 when yielding); `scale`
    has the covariates of log s. A utility without covariates is 0; `fixed` gives constants instead. `names` are those of the coefficients,
    in the order of UTILITIES.
    """

    outcome: np.ndarray
    parts: Mapping[str, np.ndarray]
    names: tuple[str, ...]
    fixed: Mapping[str, float]

    @property
    def count(self) -> int:
        """Number of crises."""
        return len(self.outcome)

    def places(self) -> dict[str, slice]:
        """Utility → place of its coefficients."""
        out, first = {}, 0
        for name in UTILITIES:
            width = self.parts[name].shape[1] if name in self.parts else 0
            out[name] = slice(first, first + width)
            first += width
        return out


@dataclass(frozen=True)
class Estimate:
    """A maximum of the likelihood: coefficients with standard errors from the inverse of the Hessian, log-likelihood, size of the gradient."""

    names: tuple[str, ...]
    beta: np.ndarray
    error: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    gradient: float
    crises: int

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2k − 2·log-likelihood."""
        return 2.0 * len(self.beta) - 2.0 * self.log_likelihood


def crises(
    outcome: Sequence[int] | np.ndarray,
    columns: Mapping[str, np.ndarray],
    terms: Mapping[str, Sequence[str]],
    fixed: Mapping[str, float] | None = None,
) -> Crisis:
    """A data set: `terms` names for each utility its columns, `1` for a constant. Raises ValueError for an unknown utility or column."""
    parts, names = {}, []
    for utility in terms:
        if utility not in UTILITIES:
            raise ValueError(f"unknown utility {utility!r}; known are {', '.join(UTILITIES)}")
    for utility in UTILITIES:
        wanted = terms.get(utility, ())
        if missing := [c for c in wanted if c != "1" and c not in columns]:
            raise ValueError(f"{utility}: no column {missing[0]!r}; there are {', '.join(columns)}")
        if wanted:
            parts[utility] = np.stack([np.ones(len(outcome)) if c == "1" else np.asarray(columns[c], np.float64) for c in wanted], axis=1)
            names += [f"{utility}:{c}" for c in wanted]
    return Crisis(np.asarray(outcome, int), parts, tuple(names), dict(fixed or {}))


def response(gain: Array, scale: Array, link: Link) -> tuple[Array, Array]:
    """Probability of the act whose gain over the alternative is `gain`, and its logarithm."""
    if link == "logit":
        return quantal(1.0 / scale, gain), jax.nn.log_sigmoid(gain / scale)
    return ndtr(gain / scale), log_ndtr(gain / scale)


def log_probabilities(data: Crisis, beta: Array, link: Link, errors: Errors) -> Array:
    """Log-probability of status quo, yielding and resisting [3, crisis]."""
    place = data.places()

    def utility(name: str) -> Array:
        if name in data.parts:
            return jnp.asarray(data.parts[name]) @ beta[place[name]]
        return jnp.full(data.count, data.fixed.get(name, 0.0))

    s = jnp.exp(utility("scale"))
    strength = utility("u24")
    resists, log_resists = response(strength, s * ROOT2, link)
    yields, log_yields = response(-strength, s * ROOT2, link)
    gain = lottery(resists, utility("u13"), utility("u14")) - utility("u11")
    s2 = s * ROOT2 if errors == "agent" else s * jnp.sqrt(1.0 + yields**2 + resists**2)
    _, log_acts = response(gain, s2, link)
    _, log_keeps = response(-gain, s2, link)
    return jnp.stack([log_keeps, log_acts + log_yields, log_acts + log_resists])


def log_terms(data: Crisis, beta: Array, link: Link = "probit", errors: Errors = "agent") -> Array:
    """Log-probability of what happened [crisis]."""
    every = log_probabilities(data, beta, link, errors)
    return every[jnp.asarray(data.outcome), jnp.arange(data.count)]


def log_likelihood(data: Crisis, beta: np.ndarray, link: Link = "probit", errors: Errors = "agent") -> float:
    """Log-likelihood at given coefficients, in float64."""
    with double():
        return float(log_terms(data, jnp.asarray(np.asarray(beta, np.float64)), link, errors).sum())


def fit(data: Crisis, link: Link = "probit", errors: Errors = "agent", start: np.ndarray | None = None) -> Estimate:
    """Maximum likelihood from backward induction's start (player 2 first, then player 1), unless `start` is given."""
    if not data.names:
        raise ValueError("nothing to estimate: no utility has a covariate")
    with double():

        def total(b: Array) -> Array:
            return -log_terms(data, b, link, errors).sum()

        both = _compiled(total)
        near = _backward(data, link, errors, both) if start is None else np.array(start, np.float64)
        near = _descend(both, near, np.arange(len(near)))
        beta, value, slope, hessian = _polish(total, near)
    covariance = np.linalg.inv(hessian)
    with np.errstate(invalid="ignore"):
        error = np.sqrt(np.diag(covariance))
    return Estimate(data.names, beta, error, covariance, -value, float(np.abs(slope).max()), data.count)


Value = Callable[[np.ndarray], tuple[float, np.ndarray]]


def _compiled(total: Callable[[Array], Array]) -> Value:
    """Value and gradient on the host."""
    pair = jax.jit(jax.value_and_grad(total))

    def both(b: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = pair(jnp.asarray(b))
        return float(value), np.asarray(slope)

    return both


def _descend(both: Value, start: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Minimum by BFGS over the free places of `start`, the others held."""

    def some(part: np.ndarray) -> tuple[float, np.ndarray]:
        whole = start.copy()
        whole[free] = part
        value, slope = both(whole)
        return value, slope[free]

    out = start.copy()
    if len(free):
        out[free] = minimize(some, start[free], jac=True, method="BFGS", options={"gtol": 1e-5, "maxiter": 1000}).x
    return out


def _polish(total: Callable[[Array], Array], beta: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Newton's steps while they help, so that the last digits do not depend on the start: (beta, value, gradient, Hessian)."""

    def everything(b: Array) -> tuple[Array, Array, Array]:
        value, slope = jax.value_and_grad(total)(b)
        return value, slope, jax.hessian(total)(b)

    whole = jax.jit(everything)
    value, slope, curve = map(np.asarray, whole(jnp.asarray(beta)))
    for _ in range(20):
        try:
            trial = beta - np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError:
            break
        new = [np.asarray(x) for x in whole(jnp.asarray(trial))]
        if not new[0] <= value + 1e-12 * abs(value):
            break
        small = np.abs(trial - beta).max() < 1e-10
        beta, (value, slope, curve) = trial, new
        if small:
            break
    return beta, float(value), slope, curve


def _backward(data: Crisis, link: Link, errors: Errors, both: Value) -> np.ndarray:
    """Start values: player 2's own choice among the challenges, then everything of player 1 with that held."""
    place, every = data.places(), np.arange(len(data.names))
    second = every[place["u24"]]
    first = np.setdiff1d(every, np.concatenate([second, every[place["scale"]]]))
    beta = np.zeros(len(every))
    if len(second):
        met = np.flatnonzero(data.outcome > 0)
        challenged = replace(data, outcome=data.outcome[met], parts={k: v[met] for k, v in data.parts.items()})

        def choice(b: Array) -> Array:
            logs = log_probabilities(challenged, b, link, errors)
            return -(logs[jnp.asarray(challenged.outcome), jnp.arange(challenged.count)] - jnp.logaddexp(logs[1], logs[2])).sum()

        beta = _descend(_compiled(choice), beta, second)
    return _descend(both, beta, first)


def vuong(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Vuong's statistic of two fits with equally many coefficients, from their log-terms [crisis], and its two-sided p."""
    gap = np.asarray(first) - np.asarray(second)
    z = float(gap.sum() / (np.sqrt(len(gap)) * gap.std()))
    return z, float(2.0 * norm.sf(abs(z)))


def posterior(
    data: Crisis,
    link: Link = "probit",
    errors: Errors = "agent",
    spread: float = 5.0,
    warmup: int = 500,
    draws: int = 1000,
    seed: int = 1,
) -> dict[str, np.ndarray]:
    """Posterior of the coefficients under independent normal priors of standard deviation `spread`, by NumPyro's NUTS.

    Returns beta [draw, k], divergences, and split R-hat and effective size of each coefficient. Needs the extra `stats`.
    """
    try:
        import numpyro
        from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
        from numpyro.distributions import Normal
        from numpyro.infer import MCMC, NUTS
    except ImportError:
        raise ModuleNotFoundError("the posterior needs NumPyro: install detente[stats]", name="numpyro") from None

    def model() -> None:
        beta = numpyro.sample("beta", Normal(0.0, spread).expand([len(data.names)]).to_event(1))
        numpyro.factor("likelihood", log_terms(data, beta, link, errors).sum())

    with double():
        start = jnp.asarray(fit(data, link, errors).beta)
        kernel = NUTS(model, init_strategy=numpyro.infer.init_to_value(values={"beta": start}))
        chain = MCMC(kernel, num_warmup=warmup, num_samples=draws, progress_bar=False)
        chain.run(jax.random.PRNGKey(seed), extra_fields=("diverging",))
        beta = np.asarray(chain.get_samples()["beta"])
        lost = np.asarray(chain.get_extra_fields()["diverging"])
    return {"beta": beta, "divergences": lost.sum(), "r_hat": split_gelman_rubin(beta[None]), "size": effective_sample_size(beta[None])}


# -------------------------------------------------------------------------------------------------- choices made at once


def best(value: Callable[[np.ndarray], Any], low: float, high: float, points: int = 2001) -> tuple[float, float]:
    """Where a payoff is highest on [low, high], and how high; `value` takes an array of choices and is called in float64.

    A grid of the whole interval, then ever finer ones around the best (exact at a kink or an end). Where the payoff is smooth its own
    digits leave the place uncertain to 1e-8: there, where equal steps to both sides give the same.
    """
    step = 1e-4 * (high - low)
    with double():
        first, last = low, high
        for _ in range(12):
            grid = np.linspace(low, high, points)
            score = np.asarray(value(grid))
            k = int(score.argmax())
            low, high = grid[max(k - 1, 0)], grid[min(k + 1, points - 1)]
            if high - low < 1e-13:
                break
        place, most = float(grid[k]), float(score[k])
        left, right = max(place - step, first + step), min(place + step, last - step)
        for _ in range(50):
            middle = 0.5 * (left + right)
            below, above = np.asarray(value(np.array([middle - step, middle + step])))
            left, right = (middle, right) if above > below else (left, middle)
        smooth = float(np.asarray(value(np.array([middle])))[0])
    return (middle, smooth) if smooth >= most - 1e-14 * max(abs(most), 1.0) else (place, most)


def mutual_response(precision: float, row: np.ndarray, column: np.ndarray) -> list[tuple[float, float]]:
    """All logit quantal response equilibria of a 2×2 game in which both choose at once: (P(first row), P(first column)) in increasing order.

    row, column [2, 2] are the payoffs of the row and the column player. Fixed points of `contract.quantal` in both players' gains.
    """
    row, column = np.asarray(row, np.float64), np.asarray(column, np.float64)

    def answer_column(up: np.ndarray) -> np.ndarray:
        gain = lottery(up, column[1, 0] - column[1, 1], column[0, 0] - column[0, 1])
        return np.asarray(quantal(precision, jnp.asarray(gain)))

    def gap(up: np.ndarray) -> np.ndarray:
        left = answer_column(up)
        return np.asarray(quantal(precision, jnp.asarray(lottery(left, row[0, 1] - row[1, 1], row[0, 0] - row[1, 0])))) - up

    with double():
        grid = np.linspace(0.0, 1.0, 4001)
        sign = gap(grid) > 0.0
        places = np.flatnonzero(sign[:-1] != sign[1:])
        low, high = grid[places], grid[places + 1]
        for _ in range(60):
            middle = 0.5 * (low + high)
            same = (gap(middle) > 0.0) == sign[places]
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        up = 0.5 * (low + high)
        left = answer_column(up)
    return list(zip(up.tolist(), left.tolist(), strict=True))
