"""Specification curve: the same question under every declared combination of definitions (Simonsohn, Simmons and Nelson 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pandas as pd

from detente.analysis.claims.matching import Matched, difference, log_odds, match
from detente.analysis.claims.sample import covariates_of, outcome_column, units
from detente.analysis.claims.spec import Spec
from detente.analysis.claims.words import above_below

GRID: dict[str, tuple[Any, ...]] = {
    "coding": ("gml", "cow"),
    "min_bloc": (3, 2),
    "reach": (4, 1),
    "later_joiners": (True, False),
    "world_wars": (True, False),
    "leave_out": ("", "North Atlantic Treaty"),
}
ONE_BY_ONE: tuple[dict[str, Any], ...] = (
    {},
    {"coding": "cow"},
    {"later_joiners": False},
    {"world_wars": False},
    {"leave_out": "North Atlantic Treaty"},
    {"horizon": 5},
    {"target": "bloc"},
    {"outcome": "force"},
    {"outcome": "begun"},
    {"min_bloc": 4},
    {"reach": 5},
    {"growth": "any"},
    {"returns": True},
    {"new_states": False},
    {"obligation": "defence_or_offence"},
)
MEASURES = (("dispute", ""), ("rival", "rival"), ("arms_growth", "arms_growth"), ("troops_growth", "troops_growth"))


def specs(main: Spec, full: bool) -> Iterator[tuple[Spec, str]]:
    """Each definition once with how it came in: changed by itself, or in the grid."""
    seen = set()
    for change in ONE_BY_ONE if full else ONE_BY_ONE[:12]:
        seen.add(main.with_(**change))
        yield main.with_(**change), ", ".join(f"{k}={v}" for k, v in change.items()) or "main"
    for values in product(*GRID.values()) if full else ():
        spec = main.with_(**dict(zip(GRID, values)))
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


def specification_curve(main: Spec, full: bool = True) -> pd.DataFrame:
    """One row a definition and measure: difference of shares (pairs beside a step less matched pairs) with its 95 % interval
    clustered on the step, shift of the log-odds, ``lies`` above / below / unclear, worst covariate balance. Definitions that
    leave no treated pair are skipped."""
    rows = []
    for spec, origin in specs(main, full):
        frame = units(spec)
        if not frame["treated"].any():
            continue
        sample = match(frame, covariates_of(spec))
        for measure, column in MEASURES:
            rows.append(_row(spec, origin, sample, measure, column or outcome_column(spec)))
    return pd.DataFrame(rows)
