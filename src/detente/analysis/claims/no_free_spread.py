"""Did a bloc ever spread without resistance from states that would not join it?

Three readings of the question, kept apart: the literal one (is there one enlargement that nobody left out nearby resisted,
in anything measured here?), the one that history can get wrong by itself (is the share with resistance larger than the base
rate of neighbours who have disputes anyway?), and the causal one (do matched neighbours without an enlargement do the same?).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims import matching, survival
from detente.analysis.claims.curve import MEASURES, named, specification_curve
from detente.analysis.claims.extras import need
from detente.analysis.claims.result import ClaimResult, result
from detente.analysis.claims.sample import covariates_of, matched, outcome_column
from detente.analysis.claims.spec import Spec
from detente.analysis.claims.steps import counter_examples, mechanical_rates, other_windows, step_table
from detente.analysis.claims.words import above_below, counted, natural, ratio, verdict
from detente.analysis.claims.world import load_world
from detente.claims import Claim, ClaimError

HORIZONS = (5, 10)


def _share(hits: int, n: int) -> tuple[float, float, float]:
    """Share with its Wilson 95 % interval."""
    low, high = need("statsmodels.stats.proportion").proportion_confint(hits, n, method="wilson") if n else (np.nan, np.nan)
    return (hits / n if n else float("nan")), float(low), float(high)


def step_rates(spec: Spec) -> pd.DataFrame:
    """By horizon and kind: of the enlargements with somebody left out and a full window, the share with that resistance
    after the step, and in the equal span before it by the same states against the same members."""
    rows = []
    for horizon in HORIZONS:
        table = step_table(spec.with_(horizon=horizon))
        table = table[table["seen"] & (table["n_left_out"] > 0)]
        for kind in ("dispute", "rival_alliance", "arms_growth", "any"):
            after, before = (table[kind].astype(bool), table[f"{kind}_before"].astype(bool))
            share, low, high = _share(int(after.sum()), len(table))
            was, was_low, was_high = _share(int(before.sum()), len(table))
            p = (
                need("statsmodels.stats.contingency_tables")
                .mcnemar(
                    pd.crosstab(after, before).reindex(index=[False, True], columns=[False, True], fill_value=0).to_numpy(), exact=True
                )
                .pvalue
            )
            rows.append(
                {
                    "horizon": horizon,
                    "resistance": kind,
                    "steps": len(table),
                    "with_it": int(after.sum()),
                    "share": share,
                    "low": low,
                    "high": high,
                    "before": was,
                    "before_low": was_low,
                    "before_high": was_high,
                    "p_after_before": float(p),
                }
            )
    return pd.DataFrame(rows)


def pair_rates(spec: Spec, seed: int) -> tuple[pd.DataFrame, dict[int, matching.Matched]]:
    """By horizon and measure: share of pairs (outsider, joiner) with the outcome and of their matched controls, difference
    and ratio with intervals from drawing whole enlargements, and the E-values of ratio and limit."""
    rows, samples = [], {}
    for horizon in HORIZONS:
        samples[horizon] = sample = matched(spec.with_(horizon=horizon))
        for name, column in ((outcome_column(spec), outcome_column(spec)), *MEASURES[1:]):
            known = sample.rows[sample.rows[column].notna()]
            figures = matching.bootstrap_rates(sample.rows, column, seed)
            rows.append(
                {
                    "horizon": horizon,
                    "measure": name,
                    "pairs": int(known["treated"].sum()),
                    "hits": int(known.loc[known["treated"] == 1, column].sum()),
                    **figures,
                    "e_value": matching.e_value(figures["ratio"]),
                    "e_value_limit": matching.e_value_limit(figures["ratio_low"], figures["ratio_high"]),
                    **matching.log_odds(sample.rows, column, covariates_of(spec)),
                }
            )
    table = pd.DataFrame(rows)
    return table.rename(columns={"low": "log_odds_low", "high": "log_odds_high", "se": "log_odds_se"}), samples


def definitions(spec: Spec, changes: list[dict[str, Any]]) -> pd.DataFrame:
    """Counter-examples under each declared alternative of what a bloc, a step, an outsider and resistance are."""
    rows = []
    for change in changes:
        this = spec.with_(**change)
        table, quiet = step_table(this.with_(coding="cow")), counter_examples(this)
        asked = table[table["seen"] & (table["n_left_out"] > 0)]
        rows.append(
            {
                "definition": named(change),
                "steps": len(table),
                "with_outsiders_and_full_window": len(asked),
                "without_dispute": len(quiet),
                "without_any": int((~quiet["any"]).sum()) if len(quiet) else 0,
                "without_any_and_none_that_year": int((~quiet["any"] & ~quiet["same_year"]).sum()) if len(quiet) else 0,
                "which_without_any": "; ".join(f"{r.bloc} {r.year}" for r in quiet.itertuples() if not r.any),
                "which_clean": "; ".join(f"{r.bloc} {r.year}" for r in quiet.itertuples() if not r.any and not r.same_year),
            }
        )
    return pd.DataFrame(rows)


def _phrases(numbers: Mapping[str, Any], pairs: pd.DataFrame, steps: pd.DataFrame) -> dict[str, str]:
    """Every phrase a verdict may use, made from the numbers."""
    out = {name: str(value) for name, value in numbers.items() if isinstance(value, (int, str))}
    for row in steps.itertuples():
        out[f"{row.resistance}_{row.horizon}"] = f"{row.with_it} of {row.steps}"
        out[f"{row.resistance}_{row.horizon}_before"] = f"{round(row.before * row.steps)} of {row.steps}"
    for row in pairs.itertuples():
        name = "dispute" if row.measure.startswith(("onset", "force", "begun")) else row.measure
        out[f"pair_{name}_{row.horizon}"] = natural(row.treated, row.treated_low, row.treated_high, row.hits)
        out[f"matched_{name}_{row.horizon}"] = natural(row.control, row.control_low, row.control_high)
        out[f"ratio_{name}_{row.horizon}"] = ratio(row.ratio, row.ratio_low, row.ratio_high)
        out[f"e_value_{name}_{row.horizon}"] = f"{row.e_value_limit:.1f}"
    out["hazard"] = ratio(numbers["hazard_ratio"], numbers["hazard_ratio_low"], numbers["hazard_ratio_high"])
    out["other"] = f"about {round(100 * numbers['other_windows'])} in 100"
    out["mechanical"] = f"about {round(100 * numbers['mechanical_any_dispute'])} in 100"
    out["neighbour"] = f"about {round(100 * numbers['mechanical_dispute_with_neighbour'])} in 100"
    out["nobody"] = counted(numbers["n_nobody_left_out"], "enlargement")
    out["quiet"] = counted(numbers["n_without_dispute"], "enlargement")
    out["silent"] = counted(numbers["n_without_any"], "enlargement")
    return out


def _names(table: pd.DataFrame) -> str:
    return "; ".join(f"{r.bloc}, {r.year}: {r.joined_names} joined, {r.left_out_names} stayed out" for r in table.itertuples()) or "none"


def _row_of(curve: pd.DataFrame, measure: str, spec: Spec) -> pd.Series:
    """The row of the curve for one measure under one definition."""
    same = curve["measure"] == measure
    for name in spec.__dataclass_fields__:
        same &= curve[name] == getattr(spec, name)
    return curve[same].iloc[0]


def _numbers(spec: Spec, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    steps, quiet, curve, alternatives = tables["enlargements"], tables["counter_examples"], tables["curve"], tables["definitions"]
    clean = sorted({name for names in alternatives["which_clean"] for name in names.split("; ") if name})
    hazard = tables["cox"].set_index("term").loc["treated"]
    silent = quiet[~quiet["any"]]
    numbers: dict[str, Any] = {
        "n_steps": len(steps),
        "n_nobody_left_out": int((steps["n_left_out"] == 0).sum()),
        "n_asked": int((steps["seen"] & (steps["n_left_out"] > 0)).sum()),
        "last_dispute_year": load_world(spec.coding).last_dispute,
        "n_without_dispute": len(quiet),
        "n_without_any": len(silent),
        "which_without_dispute": _names(quiet),
        "which_without_any": _names(silent),
        "n_silent_that_year_too": int((~silent["same_year"]).sum()),
        "n_asked_either": int(alternatives["with_outsiders_and_full_window"].iloc[0]),
        "max_clean": int(alternatives["without_any_and_none_that_year"].max()),
        "min_clean": int(alternatives["without_any_and_none_that_year"].min()),
        "which_clean": "; ".join(clean) or "none",
        "n_clean": len(clean),
        "n_definitions": len(alternatives),
        "any_10_low": float(tables["steps"].set_index(["resistance", "horizon"]).loc[("any", 10), "low"]),
        "other_windows": other_windows(spec),
        **{f"mechanical_{k}": v for k, v in mechanical_rates(spec).items()},
        "hazard_ratio": hazard["hazard_ratio"],
        "hazard_ratio_low": hazard["low"],
        "hazard_ratio_high": hazard["high"],
        "p_proportional": hazard["p_proportional"],
    }
    numbers["arms_without_wars"] = _row_of(curve, "arms_growth", spec.with_(world_wars=False))["lies"]
    for measure, part in curve.groupby("measure"):
        for side in ("above", "below", "unclear"):
            numbers[f"curve_{measure}_{side}"] = int((part["lies"] == side).sum())
        numbers[f"curve_{measure}_n"] = len(part)
        numbers[f"curve_{measure}_median"] = float(part["difference"].median())
        even = part[part["worst_balance"] < 0.25]  # no covariate a quarter of a standard deviation apart
        numbers |= {
            f"curve_{measure}_even": len(even),
            f"curve_{measure}_even_above": int((even["lies"] == "above").sum()),
            f"curve_{measure}_even_below": int((even["lies"] == "below").sum()),
            f"curve_{measure}_below_no_wars": int(((part["lies"] == "below") & ~part["world_wars"]).sum()),
        }
    return numbers


def _flags(numbers: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    pairs = tables["pairs"].set_index(["measure", "horizon"])
    steps = tables["steps"].set_index(["resistance", "horizon"])
    flags: dict[str, Any] = {
        "silent": numbers["n_without_any"] > 0,
        "silent_that_year_too": numbers["n_silent_that_year_too"] > 0,
        "quiet": numbers["n_without_dispute"] > 0,
        "clean_under_some_definition": numbers["max_clean"] > 0,
        "rule": bool(numbers["any_10_low"] > 0.5),
        "beats_own_past": bool(steps.loc[("dispute", 10), "p_after_before"] < 0.05),
        "hazard": above_below(numbers["hazard_ratio_low"], numbers["hazard_ratio_high"], 1.0),
        "arms_without_wars": numbers["arms_without_wars"],
        "curve_mixed": numbers["curve_dispute_above"] > 0 and numbers["curve_dispute_below"] > 0,
    }
    for (measure, horizon), row in pairs.iterrows():
        name = "dispute" if measure.startswith(("onset", "force", "begun")) else measure
        flags[f"{name}_{horizon}"] = above_below(row["difference_low"], row["difference_high"])
    return flags


def run(claim: Claim, seed: int, options: Mapping[str, Any]) -> ClaimResult:
    """Answer the claim under the definition in ``options`` (fields of ``Spec``; plus ``curve`` False to leave the
    specification curve to the variants marked quick)."""
    options = dict(options)
    full = options.pop("curve", True)
    if not isinstance(full, bool):
        raise ClaimError(f"option 'curve': found '{full}', expected True or False")
    spec, sensitivity = Spec().with_(**options), claim.spec["sensitivity"]
    pairs, samples = pair_rates(spec, seed)
    sample = samples[10]
    times = survival.first_dispute(load_world(spec.coding, spec.obligation), sample.rows, spec.outcome, spec.target)
    tables = {
        "enlargements": step_table(spec),
        "counter_examples": counter_examples(spec),
        "definitions": definitions(spec, sensitivity["definitions"]),
        "steps": step_rates(spec),
        "pairs": pairs,
        "balance": sample.balance,
        "survival": survival.curves(sample.rows, times),
        "cox": survival.cox(sample, times, covariates_of(spec)),
        "curve": specification_curve(spec, sensitivity, full),
    }
    numbers = {
        **_numbers(spec, tables),
        "n_pairs": sample.n_treated,
        "n_pairs_dropped": sample.n_dropped,
        "n_controls": sample.n_controls,
        "worst_balance": float(sample.balance["smd_after"].abs().max()),
    }
    sentences = verdict(claim, _flags(numbers, tables), _phrases(numbers, pairs, tables["steps"]))
    return result(claim, {f: getattr(spec, f) for f in spec.__dataclass_fields__}, seed, numbers, tables, sentences)
