"""Matched comparison: propensity score, nearest neighbours, balance, difference with clustered error, E-value.

Rosenbaum and Rubin (1983) for the score, Austin (2011) for the caliper on its logit, VanderWeele and Ding (2017) for the
E-value. The regressions are statsmodels'.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.analysis.claims.extras import need

CALIPER = 0.25  # standard deviations of the logit of the score
NEIGHBOURS = 5


@dataclass(frozen=True)
class Matched:
    """``rows``: treated and matched controls with ``weight`` (controls of one treated row add up to 1) and ``set_id``;
    ``balance``: standardised difference of each covariate before and after; ``n_treated``, ``n_dropped`` (no neighbour
    within the caliper), ``n_controls`` distinct control dyad-years used."""

    rows: pd.DataFrame
    balance: pd.DataFrame
    n_treated: int
    n_dropped: int
    n_controls: int


def _design(frame: pd.DataFrame, covariates: tuple[str, ...]) -> np.ndarray:
    x = frame[list(covariates)].to_numpy(float)
    spread = x.std(axis=0)
    x = (x[:, spread > 1e-9] - x[:, spread > 1e-9].mean(axis=0)) / spread[spread > 1e-9]
    return np.column_stack([np.ones(len(x)), x])


def logit_score(frame: pd.DataFrame, covariates: tuple[str, ...]) -> np.ndarray:
    """Logit of the probability of being treated, by logistic regression with era intercepts, clipped to ±12."""
    sm = need("statsmodels.api")
    eras = pd.get_dummies(frame["era"], dtype=float).iloc[:, 1:].to_numpy()
    design = np.column_stack([_design(frame, covariates), eras])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a perfectly separating covariate; such rows fall outside the caliper
        fit = sm.GLM(frame["treated"].to_numpy(float), design, family=sm.families.Binomial()).fit(maxiter=30)
    return np.clip(design @ fit.params, -12, 12)


def _neighbours(score: np.ndarray, frame: pd.DataFrame, width: float) -> list[tuple[int, np.ndarray]]:
    """For each treated row the nearest controls of its era, in order of distance then of row; empty if none is near."""
    treated, out = frame["treated"].to_numpy(bool), []
    era = frame["era"].to_numpy()
    for e in np.unique(era[treated]):
        pool = np.flatnonzero(~treated & (era == e))
        for row in np.flatnonzero(treated & (era == e)):
            gap = np.abs(score[pool] - score[row])
            near = np.argsort(gap, kind="stable")[:NEIGHBOURS]
            out.append((int(row), pool[near[gap[near] <= width]]))
    return sorted(out, key=lambda pair: pair[0])


def balance_table(frame: pd.DataFrame, rows: pd.DataFrame, covariates: tuple[str, ...]) -> pd.DataFrame:
    """Standardised mean difference of each covariate, all controls against matched ones, in standard deviations of treated
    and all controls pooled."""
    treated, control = frame[frame["treated"] == 1], frame[frame["treated"] == 0]
    kept, matched = rows[rows["treated"] == 1], rows[rows["treated"] == 0]
    out = []
    for name in covariates:
        spread = np.sqrt((treated[name].var() + control[name].var()) / 2) or 1.0
        after = np.average(matched[name], weights=matched["weight"])
        out.append(
            {
                "covariate": name,
                "treated": kept[name].mean(),
                "controls_before": control[name].mean(),
                "controls_after": after,
                "smd_before": (treated[name].mean() - control[name].mean()) / spread,
                "smd_after": (kept[name].mean() - after) / spread,
            }
        )
    return pd.DataFrame(out)


def match(frame: pd.DataFrame, covariates: tuple[str, ...]) -> Matched:
    """Match each treated row with up to five controls of its era on the logit score, with replacement."""
    frame = frame[frame["era"].isin(frame.loc[frame["treated"] == 1, "era"].unique())].reset_index(drop=True)
    if not frame["treated"].any() or frame["treated"].all():
        raise ValueError("the definition leaves no treated row or no control")
    score = logit_score(frame, covariates)
    pairs = _neighbours(score, frame, CALIPER * score.std())
    parts = []
    for set_id, (row, controls) in enumerate(pairs):
        if len(controls):
            part = frame.iloc[[row, *controls]].assign(set_id=set_id, step=frame["step"].iloc[row])
            parts.append(part.assign(weight=[1.0, *[1 / len(controls)] * len(controls)]))
    if not parts:
        raise ValueError("no treated row has a control within the caliper")
    rows = pd.concat(parts, ignore_index=True)
    n_controls = len(rows[rows["treated"] == 0].drop_duplicates(["k", "j", "t"]))
    return Matched(rows, balance_table(frame, rows, covariates), len(pairs), len(pairs) - len(parts), n_controls)


def rates(rows: pd.DataFrame, outcome: str) -> tuple[float, float]:
    """Weighted share with the outcome: treated, matched controls. Rows where it is unknown are left out."""
    known = rows[rows[outcome].notna()]
    t, c = known[known["treated"] == 1], known[known["treated"] == 0]
    if not len(t) or not len(c):
        return float("nan"), float("nan")
    return float(t[outcome].mean()), float(np.average(c[outcome], weights=c["weight"]))


def difference(rows: pd.DataFrame, outcome: str, cluster: str = "step") -> tuple[float, float, float]:
    """Difference of shares and its 95 % interval, weighted least squares with errors clustered on ``cluster``."""
    sm = need("statsmodels.api")
    known = rows[rows[outcome].notna()]
    if known["treated"].nunique() < 2 or known[cluster].nunique() < 3:
        return float("nan"), float("nan"), float("nan")
    design = sm.add_constant(known["treated"].to_numpy(float))
    fit = sm.WLS(known[outcome].to_numpy(float), design, weights=known["weight"]).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(known[cluster])[0]}, use_t=True
    )
    low, high = fit.conf_int()[1]
    return float(fit.params[1]), float(low), float(high)


def log_odds(rows: pd.DataFrame, outcome: str, covariates: tuple[str, ...]) -> dict[str, float]:
    """Shift of the log-odds of the outcome for treated rows, logistic regression on the matched rows with covariates;
    errors clustered two ways, on the step and on the pair of states."""
    sm = need("statsmodels.api")
    known = rows[rows[outcome].notna()]
    design = np.column_stack([_design(known, covariates), known["treated"].to_numpy(float)])
    pair = known["k"].to_numpy() * 1000 + known["j"].to_numpy()
    swap = known["j"].to_numpy() * 1000 + known["k"].to_numpy()
    groups = np.column_stack([pd.factorize(known["step"])[0], pd.factorize(np.minimum(pair, swap))[0]])
    model = sm.GLM(known[outcome].to_numpy(float), design, family=sm.families.Binomial(), var_weights=known["weight"].to_numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two-way clusters: statsmodels warns when it trims a negative variance
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
    low, high = fit.conf_int()[-1]
    return {"log_odds": float(fit.params[-1]), "low": float(low), "high": float(high), "se": float(fit.bse[-1])}


def bootstrap_rates(rows: pd.DataFrame, outcome: str, seed: int, draws: int = 1000, cluster: str = "step") -> dict[str, float]:
    """Shares, difference and ratio with 95 % intervals; whole clusters are drawn with their matched controls."""
    known = rows[rows[outcome].notna()]
    code, labels = pd.factorize(known[cluster])
    w, y, t = known["weight"].to_numpy(), known[outcome].to_numpy(float), known["treated"].to_numpy(bool)
    total = np.array(
        [np.bincount(code, weights=w * side * value, minlength=len(labels)) for side in (t, ~t) for value in (np.ones_like(y), y)]
    )  # (n_t, y_t, n_c, y_c) by cluster
    draw = np.random.default_rng(seed).multinomial(len(labels), np.full(len(labels), 1 / len(labels)), size=draws)
    n_t, y_t, n_c, y_c = (draw @ total.T).T
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = y_t / n_t, y_c / n_c
        spread = {"treated": a, "control": b, "difference": a - b, "ratio": a / b}
    a0, b0 = total[1].sum() / total[0].sum(), total[3].sum() / total[2].sum()
    out = {"treated": a0, "control": b0, "difference": a0 - b0, "ratio": a0 / b0 if b0 else float("nan"), "clusters": len(labels)}
    for name, values in spread.items():
        values = values[np.isfinite(values)]
        out[f"{name}_low"], out[f"{name}_high"] = np.quantile(values, [0.025, 0.975]) if len(values) else (np.nan, np.nan)
    return {name: float(value) for name, value in out.items()}


def e_value(ratio: float) -> float:
    """How strong an unmeasured confounder must be, as a risk ratio with both treatment and outcome, to explain ``ratio``
    away: RR + sqrt(RR (RR - 1)), for the ratio or its inverse, whichever is above one."""
    if not np.isfinite(ratio) or ratio <= 0:
        return float("nan")
    ratio = max(ratio, 1 / ratio)
    return float(ratio + np.sqrt(ratio * (ratio - 1)))


def e_value_limit(low: float, high: float) -> float:
    """E-value of the limit of the interval nearer to one; 1 if the interval holds one (nothing to explain away)."""
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)
