"""Time from a step (or a matched year without one) to the first dispute: Kaplan and Meier (1958), Cox (1972), by lifelines."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from detente.analysis.claims.extras import need
from detente.analysis.claims.matching import Matched
from detente.analysis.claims.world import FIRST, World

FOLLOW = 20  # years


def first_dispute(world: World, rows: pd.DataFrame, outcome: str = "onset", target: str = "joiner") -> pd.DataFrame:
    """``time`` in years to the first dispute of k with j (or with j and its allies of year t) and ``event`` 0/1; followed
    for 20 years at most, to the end of the coding, or until either state leaves the system."""
    grid, last, out = getattr(world, outcome), world.last_dispute - FIRST, []
    for k, j, t in zip(rows["k"].to_numpy(), rows["j"].to_numpy(), rows["t"].to_numpy()):
        end = min(t + FOLLOW, last)
        others = [int(j)] if target == "joiner" else [int(j), *np.flatnonzero(world.ally[t, j])]
        hits = np.flatnonzero(grid[t + 1 : end + 1, k][:, others].any(axis=1))
        alive = np.flatnonzero(~(world.exists[t + 1 : end + 1, k] & world.exists[t + 1 : end + 1, j]))
        gone = int(alive[0]) + 1 if len(alive) else end - t
        event = bool(len(hits)) and hits[0] + 1 <= gone
        out.append((int(hits[0]) + 1 if event else max(gone, 1), int(event)))
    return pd.DataFrame(out, columns=["time", "event"], index=rows.index)


def curves(rows: pd.DataFrame, times: pd.DataFrame) -> pd.DataFrame:
    """Share still without a dispute by year, beside a step and in matched years, with 95 % intervals (Greenwood, on the
    log-log scale; pairs taken as independent, so they are narrower than clustered ones)."""
    fitter, parts = need("lifelines").KaplanMeierFitter, []
    for treated, name in ((1, "beside an enlargement"), (0, "matched, no enlargement")):
        mine = rows["treated"] == treated
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # lifelines warns that weights are not whole numbers
            fit = fitter().fit(times["time"][mine], times["event"][mine], weights=rows["weight"][mine], timeline=range(FOLLOW + 1))
        band = fit.confidence_interval_
        parts.append(
            pd.DataFrame(
                {
                    "group": name,
                    "year": range(FOLLOW + 1),
                    "share": fit.survival_function_.iloc[:, 0].to_numpy(),
                    "low": band.iloc[:, 0].fillna(1.0).to_numpy(),
                    "high": band.iloc[:, 1].fillna(1.0).to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def cox(matched: Matched, times: pd.DataFrame, covariates: tuple[str, ...]) -> pd.DataFrame:
    """Hazard ratios with 95 % intervals: proportional hazards on the matched rows, stratified by era, weighted, errors
    clustered on the step. Last column: p of the test that the ratio does not change with time (treated row only)."""
    lifelines = need("lifelines")
    rows = matched.rows
    keep = [name for name in covariates if name != "year" and rows[name].std() > 1e-9]
    data = rows[["treated", *keep]].astype(float)
    data[keep] = (data[keep] - data[keep].mean()) / data[keep].std()
    data = data.assign(time=times["time"], event=times["event"], weight=rows["weight"], step=rows["step"], era=rows["era"])
    fitter = lifelines.CoxPHFitter(penalizer=0.01)  # a little ridge: some covariates hardly vary within an era
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter.fit(data, "time", "event", weights_col="weight", cluster_col="step", strata=["era"], robust=True)
        test = need("lifelines.statistics").proportional_hazard_test(fitter, data, time_transform="rank")
    table = fitter.summary
    out = pd.DataFrame(
        {
            "term": table.index,
            "hazard_ratio": table["exp(coef)"],
            "low": table["exp(coef) lower 95%"],
            "high": table["exp(coef) upper 95%"],
            "p": table["p"],
        }
    ).reset_index(drop=True)
    out["p_proportional"] = np.where(out["term"] == "treated", float(test.summary.loc["treated", "p"]), np.nan)
    return out
