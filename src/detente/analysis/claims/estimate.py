"""A claim's answer as evidence for a parameter: a small file with a shift of log-odds, its range, and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims.curve import named
from detente.analysis.claims.result import ClaimResult, plain
from detente.analysis.claims.sample import matched
from detente.analysis.claims.spec import Spec
from detente.claims import get_claim, read_yaml

SCHEMA = 1
MEANING = {
    "dispute": "a militarized dispute between an outsider and the joiner begins within ten years",
    "rival": "the outsider gains an ally who is no ally of the joiner within ten years",
    "arms_growth": "the outsider's share of world military spending grows above its own earlier trend over ten years",
    "troops_growth": "the outsider's share of world military personnel grows above its own earlier trend over ten years",
}


def _one(measure: str, pairs: pd.DataFrame, curve: pd.DataFrame) -> dict[str, Any]:
    name = next(m for m in pairs["measure"] if m == measure or (measure == "dispute" and m.startswith(("onset", "force", "begun"))))
    main = pairs[(pairs["horizon"] == 10) & (pairs["measure"] == name)].iloc[0]
    points = _points(curve, measure)
    return {
        "meaning": MEANING[measure],
        "estimate": main["log_odds"],
        "low": main["log_odds_low"],
        "high": main["log_odds_high"],
        "over_definitions": {"n": len(points), "q05": points.quantile(0.05), "median": points.median(), "q95": points.quantile(0.95)},
    }


def _points(curve: pd.DataFrame, measure: str) -> pd.Series:
    """Shift of log-odds by definition; a handful of small samples separate perfectly and are left out."""
    points = curve.loc[curve["measure"] == measure, "log_odds"]
    return points[np.isfinite(points) & (points.abs() < 5)]


def _evidence(result: ClaimResult, curve: pd.DataFrame) -> dict[str, Any]:
    """The numbers that `evidence.yaml` asks for: shifts without the family of blocs that the scenario's record holds, their spread over
    definitions (standard deviation), and the logistic scale of the outsiders' growth of spending in matched years (quartiles over 2·ln 3)."""
    asked = read_yaml(get_claim(result.id).folder / "evidence.yaml")
    change = {"leave_out": asked["leave_out"]}
    rows = curve[curve["origin"] == named(change)].set_index("measure")
    growth = matched(Spec(**change)).rows.query("treated == 0")["arms"].dropna()
    low, high = growth.quantile([0.25, 0.75])
    shifts = {
        measure: {
            "estimate": rows.loc[measure, "log_odds"],
            "low": rows.loc[measure, "log_odds_low"],
            "high": rows.loc[measure, "log_odds_high"],
            "sd_over_definitions": _points(curve, measure).std(),
        }
        for measure in asked["compared"]
    }
    return {"leave_out": asked["leave_out"], "log_odds": plain(shifts), "growth_scale": plain((high - low) / (2 * np.log(3)))}


def estimate(result: ClaimResult) -> dict[str, Any]:
    """The evidence in ``no_free_spread``: per enlargement beside a state that stays out, the shift in log-odds of each kind of
    resistance (matched pairs, covariates, errors clustered on enlargement and pair), 95 % interval, and the spread over
    definitions; and the hazard ratio of a first dispute."""
    pairs, curve, n = result.tables["pairs"], result.tables["curve"], result.numbers
    return {
        "schema": SCHEMA,
        "claim": result.id,
        "seed": result.seed,
        "unit": "log-odds per enlargement beside the state",
        "command": "python docs/claims/make.py --estimate",
        "source": f"detente claim {result.id}: {n['n_pairs']} pairs beside {n['n_asked']} enlargements, {n['n_controls']} matched "
        "dyad-years; ATOP 5.0, Correlates of War, Gibler-Miller-Little 2.2.1",
        "log_odds": {measure: plain(_one(measure, pairs, curve)) for measure in MEANING},
        "hazard_ratio_first_dispute": plain({"estimate": n["hazard_ratio"], "low": n["hazard_ratio_low"], "high": n["hazard_ratio_high"]}),
        "evidence": _evidence(result, curve),
        "use": "Evidence on conduct, not on fear: a range for fear per step may cite it as what conduct allows, and must not be narrower. "
        "An interval that holds zero does not show that there is no shift.",
    }


def write_estimate(result: ClaimResult, path: Path) -> None:
    """Write ``estimate`` as YAML; the same result gives the same bytes."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 120
    yaml.default_flow_style = False
    with path.open("w", encoding="utf-8") as out:
        yaml.dump(estimate(result), out)
