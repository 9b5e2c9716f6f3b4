"""The result as plain data: `--json`. Every figure with its reading, error, range and date; no times, no paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.report import tables
from detente.report.data import at, cell, expected, gain, items, packages, question_items, readings, yardstick
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

VIEW = {"question", "label", "value", "range", "years", "source"}


def summary(ds: xr.Dataset, scenario: Scenario) -> dict[str, Any]:
    """Answers, packages, survival and fit, by theory; the whole Dataset is in the Zarr store."""
    head = {key: ds.attrs[key] for key in ("scenario", "version", "seed", "futures", "as_of", "digest")}
    return {
        "schema": 1,
        **head,
        "foot": tables.foot(ds),
        "questions": {key: {"text": scenario.questions[key].text, "items": found} for key, found in question_items(ds, scenario).items()},
        "outside_view": [
            v.model_dump(mode="json", include={"question", "label", "value", "range", "years", "source"}) for v in scenario.views
        ],
        "theories": {r.id: _theory(ds, scenario, r.id, r.argument, r.table) for r in readings(ds)},
    }


def _theory(ds: xr.Dataset, scenario: Scenario, theory: str, argument: str, table: str) -> dict[str, Any]:
    base = yardstick(ds)
    return {
        "argument": argument,
        "holder": scenario.theories[theory].holder,
        "table": table,
        "no_change": {item: cell(ds, theory, base, item).data() for item in items(ds)},
        "fit": {
            "log_evidence": float(at(ds, "log_evidence", theory=theory)),
            "error": float(at(ds, "log_evidence_error", theory=theory)),
            "families": int(at(ds, "families", theory=theory)),
        },
        "policies": {p: _policy(ds, scenario, theory, p) for p in packages(ds)},
    }


def _policy(ds: xr.Dataset, scenario: Scenario, theory: str, policy: str) -> dict[str, Any]:
    here = {"theory": theory, "policy": policy}
    answers = dict.fromkeys(item for found in question_items(ds, scenario).values() for item in found)
    differences = {item: gain(ds, theory, policy, item) for item in answers}
    return {
        "label": scenario.policies[policy].label,
        "bound_without_signing": list(scenario.policies[policy].bound),
        "agreed": [float(at(ds, name, **here)) for name in ("agreed_low", "agreed", "agreed_high")],
        "adopted": {item: cell(ds, theory, policy, item).data() for item in answers},
        "difference": {item: {"mean": m, "low": low, "high": high} for item, (m, low, high) in differences.items()},
        "expected": {item: expected(ds, theory, policy, item) for item in answers},
        "survival": {profile: float(at(ds, "survival", profile=profile, **here)) for profile in scenario.values},
    }
