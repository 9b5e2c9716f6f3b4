"""The outside view beside Q1: how often the record itself saw it, and what experts said, turned to the futures' horizon.

    base rate   n entries in T years, Jeffreys' prior: rate ~ Gamma(n + ½, T); within H years P = 1 − (T/(T + H))^(n + ½), interval 95 %
    forecasts   p over Y years at a constant hazard: 1 − (1 − p)^(H/Y)

An entry is counted as the model counts it: a quarter takes the highest rung that touches it, and one at or above follows one below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import gamma

from detente.analysis.words import about, span
from detente.engine.record import step_of

TENFOLD = 10.0
LADDER = {2: "a crisis or worse", 3: "an armed clash or worse", 4: "war"}


@dataclass(frozen=True)
class Outside:
    """One outside view as a probability within the horizon; `rung` of the first direct rivalry, None where it is about something else."""

    label: str
    value: float
    low: float
    high: float
    rung: int | None
    source: tuple[str, ...]
    note: str


def main_rivalry(scenario: Any) -> str | None:
    """The first direct rivalry of the scenario: the one that the first question is about."""
    return next((name for name, r in scenario.rivalries.items() if r.kind == "direct"), None)


def entries(scenario: Any, rivalry: str, rung: int) -> tuple[int, float]:
    """(entries into the rung or a higher one in the record, years of record)."""
    first = scenario.history.start.year
    steps = 4 * (scenario.history.end.year - first + 1)
    level = np.zeros(steps + 1, int)
    for row in scenario.rungs:
        if row.rivalry == rivalry:
            start, end = max(step_of(row.start, first), 0), min(step_of(row.end, first), steps - 1)
            level[start + 1 : end + 2] = np.maximum(level[start + 1 : end + 2], row.rung)
    return int(((level[1:] >= rung) & (level[:-1] < rung)).sum()), steps / 4


def base_rate(scenario: Any, rivalry: str, rung: int, years: float) -> Outside:
    """The record's own rate as the probability of at least one entry within `years`."""
    n, whole = entries(scenario, rivalry, rung)
    low, high = (1.0 - float(np.exp(-years * gamma.ppf(q, n + 0.5, scale=1 / whole))) for q in (0.025, 0.975))
    value = 1.0 - (whole / (whole + years)) ** (n + 0.5)
    prior = "; none in the record, so this is mostly the prior: read the interval" if n == 0 else ""
    note = f"{n} in {whole:g} years, Jeffreys' prior{prior}"
    return Outside(f"the record's own rate: {LADDER[rung]}", value, low, high, rung, ("record",), note)


def horizon_years(scenario: Any) -> float:
    """Years from the end of the record to the end of the futures."""
    return float(scenario.horizon.end.year - scenario.history.end.year)


def outside_views(scenario: Any, question: str = "Q1") -> tuple[Outside, ...]:
    """Base rates of the record, then the scenario's own views of a question that say something else."""
    years, rivalry = horizon_years(scenario), main_rivalry(scenario)
    told = [base_rate(scenario, rivalry, rung, years) for rung in LADDER] if rivalry and scenario.rungs else []
    out = list(told)
    for view in scenario.views:
        if view.question == question and view.value is not None:
            low, high = view.range or (np.nan, np.nan)
            value, low, high = (1.0 - (1.0 - p) ** (years / (view.years or years)) for p in (view.value, low, high))
            if not any(o.rung == view.rung and abs(o.value - value) < 0.005 for o in told):
                out.append(Outside(view.label, value, low, high, view.rung, tuple(view.source), view.note))
    return tuple(out)


def gap(result: xr.Dataset, scenario: Any) -> list[str]:
    """A sentence for each outside view of the ladder that is tenfold or more away from every theory at the table."""
    rivalry = main_rivalry(scenario)
    views = [v for v in outside_views(scenario) if v.rung in LADDER]
    if rivalry is None or not views:
        return []
    at = result.isel(theory=result["table"].values.astype(str) == "at") if (result["table"] == "at").any() else result
    shares = at["hazard_mean"].sel(policy=result.attrs["no_change"], rivalry=rivalry)
    out = []
    for view in views:
        found = shares.sel(rung=view.rung).values
        low, high = float(found.min()), float(found.max())
        far = low >= TENFOLD * view.value or high <= view.value / TENFOLD
        inside = np.isfinite(view.low) and (low <= view.high) and (high >= view.low)
        if far:
            which = "below" if high < view.value else "above"
            text = f"Under every reading at the table {LADDER[int(view.rung or 4)]} ({span(low, high)}) is tenfold or more {which} "
            text += f"this outside view: {view.label} ({about(view.value)} in 100). {_where(shares, scenario, rivalry)}"
            text += " The interval of that view holds the model's figures all the same." if inside else ""
            out.append(" ".join(text.split()))
    return out


def _where(shares: xr.DataArray, scenario: Any, rivalry: str) -> str:
    """Which step of the ladder makes the gap: conditional shares of the model, median over readings, against the record's counts."""
    model = {rung: max(float(np.median(shares.sel(rung=rung).values)), 1e-6) for rung in LADDER}
    count = {rung: entries(scenario, rivalry, rung)[0] for rung in LADDER}
    ours = {2: model[2], 3: model[3] / model[2], 4: model[4] / model[3]}
    theirs = {2: base_rate(scenario, rivalry, 2, horizon_years(scenario)).value}
    theirs |= {rung: (count[rung] + 0.5) / (count[rung - 1] + 1.0) for rung in (3, 4)}
    rung = max(LADDER, key=lambda k: abs(np.log(ours[k] / theirs[k])))
    start = f"from {LADDER[rung - 1]} on to {LADDER[rung]}" if rung > 2 else f"into {LADDER[rung]}"
    numbers = f"{about(ours[rung])} in 100 here, {about(theirs[rung])} in 100 by the record, which has {count[rung]} of the kind"
    return f"Most of the gap lies in the step {start}: {numbers}."
