"""Specification curve: the same question under every declared combination of definitions (Simonsohn, Simmons and Nelson 2020)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

from detente.analysis.claims.matching import Matched, difference, log_odds, match
from detente.analysis.claims.sample import covariates_of, outcome_column, units
from detente.analysis.claims.spec import Spec
from detente.analysis.claims.words import above_below

MEASURES = (("dispute", ""), ("rival", "rival"), ("arms_growth", "arms_growth"), ("troops_growth", "troops_growth"))


def named(change: Mapping[str, Any]) -> str:
    """A change of the main definition in words of its options."""
    return ", ".join(f"{name}={value}" for name, value in change.items()) or "main"


def specs(main: Spec, sensitivity: Mapping[str, Any], full: bool) -> Iterator[tuple[Spec, str]]:
    """Each definition once with how it came in: the main one, changed by itself, or in the grid. ``sensitivity`` is that field
    of ``claim.yaml``: ``one_by_one`` changes, ``grid`` values by option. Without ``full`` only the changes marked quick."""
    seen = {main}
    yield main, "main"
    for change in sensitivity["one_by_one"] if full else sensitivity["quick"]:
        spec = main.with_(**change)
        if spec not in seen:
            seen.add(spec)
            yield spec, named(change)
    grid = sensitivity["grid"]
    for values in product(*grid.values()) if full else ():
        spec = main.with_(**dict(zip(grid, values)))
        if spec not in seen:
            seen.add(spec)
            yield spec, "grid"


def _row(spec: Spec, origin: str, sample: Matched, measure: str, column: str, cluster: str = "step") -> dict[str, Any]:
    value, low, high = difference(sample.rows, column, cluster)
    shift = log_odds(sample.rows, column, covariates_of(spec))
    return {
        "origin": origin,
        "measure": measure,
        **{name: getattr(spec, name) for name in spec.__dataclass_fields__},
        "pairs": sample.n_treated - sample.n_dropped,
        "difference": value,
        "low": low,
        "high": high,
        "lies": above_below(low, high),
        "log_odds": shift["log_odds"],
        "log_odds_low": shift["low"],
        "log_odds_high": shift["high"],
        "worst_balance": float(sample.balance["smd_after"].abs().max()),
    }


def specification_curve(main: Spec, sensitivity: Mapping[str, Any], full: bool = True) -> pd.DataFrame:
    """One row a definition and measure: difference of shares (pairs beside a step less matched pairs) with its 95 % interval
    clustered on the step, shift of the log-odds, ``lies`` above / below / unclear, worst covariate balance. Definitions that
    leave no treated pair are skipped."""
    rows = []
    for spec, origin in specs(main, sensitivity, full):
        frame = units(spec)
        if not frame["treated"].any():
            continue
        sample = match(frame, covariates_of(spec))
        for measure, column in MEASURES:
            rows.append(_row(spec, origin, sample, measure, column or outcome_column(spec)))
    return pd.DataFrame(rows)
