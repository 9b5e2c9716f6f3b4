"""What a claim about history adds to each reading's weight of evidence: with it and without it, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import verdict
from detente.analysis.claim_evidence import ClaimWeight, Evidence
from detente.report import words
from detente.report.blocks import Grid
from detente.report.weigh_words import decibans
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

NATS = np.log(10.0) / 10.0
"""Of one deciban: the rest of `weigh` reckons in natural logs."""


def gains(weights: Mapping[str, ClaimWeight], theory: str) -> tuple[float, float]:
    """What the claim adds to a reading against the yardstick (key ""), in natural logs, and its standard error."""
    mine, base = weights[theory], weights[""]
    return NATS * (mine.decibans - base.decibans), NATS * float(np.hypot(mine.error, base.error))


def claim_grid(ds: xr.Dataset, scenario: Scenario, weights: Mapping[str, ClaimWeight], what: Evidence) -> Grid:
    """One row a reading, in the speakers' order. `weights`: by id of the reading, and "" for the yardstick."""
    found = verdict.figures(ds)
    rows = []
    for k, (name, argument) in enumerate(zip(ds["theory"].values, ds["argument"].values)):
        added, error = gains(weights, str(name))
        total = found.gain[k] + added
        shift = " · ".join(_three(weights[str(name)].shifts[q.name]) for q in what.quantities)
        both = decibans(total, float(np.hypot(found.error[k], error)))
        rows.append((str(argument), decibans(found.gain[k], found.error[k]), decibans(added, error), both, shift))
    shown = " · ".join(f"{q.value:.1f} ± {q.spread:.1f}" for q in what.quantities)
    names = " · ".join(q.name.replace("_", " ") for q in what.quantities)
    columns = ("argument", "without", "the claim adds", "with", f"shift of log-odds by one step: {names}")
    note = (
        f"Decibans against the yardstick. The claim `{what.claim}` of two centuries gives {shown} (± holds its error, its definitions and what may "
        "differ here); each reading's own is the middle of its particles (5 % to 95 %). `detente claim "
        + what.claim
        + "` has the estimate. "
        "Assumed: " + " ".join(what.assumptions)
    )
    return Grid("With and without what history says", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="weigh-claim")


def _three(q: tuple[float, float, float]) -> str:
    return f"{q[1]:.1f} ({q[0]:.1f} to {q[2]:.1f})".replace("-", "−")


def claim_data(weights: Mapping[str, ClaimWeight], what: Evidence) -> dict[str, Any]:
    """The same as plain data, in decibans."""
    return {
        "claim": what.claim,
        "estimate": {q.name: {"log_odds": q.value, "spread": q.spread} for q in what.quantities},
        "theories": {
            name or "yardstick": {
                "decibans": w.decibans,
                "error": w.error,
                "parts": dict(w.parts),
                "shifts": {k: list(v) for k, v in w.shifts.items()},
                "explanation": w.explanation,
            }
            for name, w in weights.items()
        },
    }
