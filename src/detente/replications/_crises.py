"""The two published data sets of strategic choice, as the estimator takes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas as pd

from detente.analysis.strategic import Crisis, Errors, Estimate, Link, crises, fit, log_terms, posterior
from detente.replications._data import FOLDER
from detente.replications._precision import double

LEBLANG = {"no attack": 0, "devaluation": 1, "defense": 2}


@cache
def war1800(complete: bool = True) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Outcome [dispute] and columns of the disputes of 1816–99; `complete`: only those with both regimes known, regimes as 0/1 against autocracy."""
    rows = pd.read_csv(FOLDER / "war1800.csv")
    rows = rows.dropna(subset=["regime1", "regime2"]) if complete else rows
    columns = {name: rows[name].to_numpy(float) for name in ("s_wt_re1", "revis1", "balanc")}
    for side in "12":
        columns |= {f"{kind}{side}": (rows[f"regime{side}"] == kind).to_numpy(float) for kind in ("dem", "mixed")}
    return np.where(rows["war"] == 1, 2, np.where(rows["capit"] == 1, 1, 0)), columns


@cache
def leblang2003() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Outcome [month of a country] and columns of the speculative attacks of 1985–98."""
    rows = pd.read_csv(FOLDER / "leblang2003.csv.gz")
    columns = {name: rows[name].to_numpy(float) for name in rows.columns if name not in ("outcome", "nation")}
    return rows["outcome"].map(LEBLANG).to_numpy(), columns


def game(source: Any, terms: Mapping[str, str], fixed: Mapping[str, float] | None = None) -> Crisis:
    """A data set with its terms, each a string of column names."""
    outcome, columns = source
    return crises(outcome, columns, {k: v.split() for k, v in terms.items()}, fixed)


@cache
def estimate(key: str, link: Link, errors: Errors) -> tuple[Crisis, Estimate]:
    """A fit of one of MODELS, made once."""
    source, terms, fixed = MODELS[key]
    data = game(source(), terms, fixed)
    return data, fit(data, link, errors)


@cache
def sampled(key: str, link: Link, errors: Errors, warmup: int = 150, draws: int = 250) -> dict[str, np.ndarray]:
    """NumPyro's draws of one of MODELS, made once."""
    return posterior(estimate(key, link, errors)[0], link, errors, warmup=warmup, draws=draws)


def errors_of(found: Estimate, *names: str) -> dict[str, float]:
    """Standard errors of a fit as the registry shows them behind the estimates of these names."""
    return {f"{name}[{k}].error": float(e) for name in names for k, e in enumerate(found.error)}


def terms_of(data: Crisis, beta: np.ndarray, link: Link, errors: Errors) -> np.ndarray:
    """Log-probability of each observation at given coefficients."""
    with double():
        return np.asarray(log_terms(data, jnp.asarray(beta), link, errors))


MARKET = "capcont lreserves overval creditgrow USinterest service contagion prioratt"
GOVERNMENT = "1 unifgov lexports preelec postelec rightgov realinterest capcont lreserves"
MODELS: dict[str, tuple[Any, dict[str, str], dict[str, float] | None]] = {
    "war1800": (war1800, {"u11": "1 s_wt_re1 revis1", "u14": "1 dem1 mixed1", "u24": "1 balanc dem2 mixed2"}, None),
    "war1800_fixed": (lambda: war1800(False), {"scale": "1"}, {"u11": -1.0, "u13": 0.0, "u14": -1.4, "u24": 0.1}),
    "leblang": (leblang2003, {"u11": MARKET, "u13": "1", "u14": "1", "u24": GOVERNMENT}, None),
    "leblang_scale": (
        leblang2003,
        {"u11": "lreserves overval", "u13": "1", "u14": "1", "u24": "1 preelec realinterest", "scale": "prioratt"},
        None,
    ),
    "leblang_fixed": (leblang2003, {"scale": "1"}, {"u11": 1.0, "u13": -1.0, "u14": 0.0, "u24": 1.0}),
}
