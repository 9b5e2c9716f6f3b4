"""Where in the unknowns the cases of interest lie: the patient rule induction method (PRIM), by ema_workbench.

Source: Friedman & Fisher 1999; scenario discovery after Bryant & Lempert 2010, with their quasi-p-value for each limit.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom


@dataclass(frozen=True)
class Box:
    """A step of peeling: limits by input (low, high; ±inf where there is none), runs and cases inside, coverage and density."""

    limits: dict[str, tuple[float, float]]
    runs: int
    cases: int
    coverage: float
    density: float
    among: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Categories kept of an input that has categories."""


def peel(inputs: pd.DataFrame, interest: np.ndarray, share: float = 0.1, least_mass: float = 0.05) -> list[Box]:
    """Trajectory of one box, from everything to the smallest that still holds `least_mass` of the runs.

    Each peel takes about `share` of the runs off one side, the one that raises the density of cases most per run removed. `interest`
    [run] is 0/1. Needs the extra `explore`.
    """
    interest = np.asarray(interest).astype(bool)
    if not interest.any() or interest.all():
        raise ValueError("expected both cases of interest and others, found only one kind")
    prim = _library()
    with contextlib.redirect_stdout(io.StringIO()):
        found = prim.Prim(inputs, interest, threshold=0.0, peel_alpha=share, mass_min=least_mass).find_box()
    return [_box(inputs, interest, limits) for limits in found.box_lims]


def _library() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ema_workbench.analysis import prim
    except ImportError:
        raise ModuleNotFoundError("scenario discovery needs ema_workbench: install detente[explore]", name="ema_workbench") from None
    return prim


def _box(inputs: pd.DataFrame, interest: np.ndarray, frame: pd.DataFrame) -> Box:
    low, high = inputs.min(numeric_only=True), inputs.max(numeric_only=True)
    limits, among = {}, {}
    for name in inputs.columns:
        if isinstance(inputs[name].dtype, pd.CategoricalDtype):
            kept = frozenset(str(c) for c in frame[name].iloc[0])
            if len(kept) < inputs[name].nunique():
                among[name] = kept
            continue
        below, above = float(frame[name].iloc[0]), float(frame[name].iloc[1])
        if below > low[name] or above < high[name]:
            limits[name] = (below if below > low[name] else -np.inf, above if above < high[name] else np.inf)
    return measure(inputs, interest, limits, among)


def inside(
    inputs: pd.DataFrame, limits: Mapping[str, tuple[float, float]], among: Mapping[str, frozenset[str]] | None = None
) -> np.ndarray:
    """Which runs lie within the limits [run]."""
    kept = np.ones(len(inputs), bool)
    for name, (low, high) in limits.items():
        kept &= ((inputs[name] >= low) & (inputs[name] <= high)).to_numpy()
    for name, categories in (among or {}).items():
        kept &= inputs[name].astype(str).isin(categories).to_numpy()
    return kept


def measure(
    inputs: pd.DataFrame,
    interest: np.ndarray,
    limits: Mapping[str, tuple[float, float]],
    among: Mapping[str, frozenset[str]] | None = None,
) -> Box:
    """A box by its limits: coverage is the share of all cases inside, density the share of cases among those inside."""
    interest = np.asarray(interest).astype(bool)
    kept = inside(inputs, limits, among)
    cases = int(interest[kept].sum())
    return Box(dict(limits), int(kept.sum()), cases, cases / interest.sum(), cases / max(kept.sum(), 1), dict(among or {}))


def quasi_p(inputs: pd.DataFrame, interest: np.ndarray, limits: dict[str, tuple[float, float]]) -> dict[str, float]:
    """For each limit, the chance of at least so many cases inside if it made no difference (one-sided binomial).

    The base rate is the density without that limit. Not a p-value: the box was chosen on the same data.
    """
    box = measure(inputs, interest, limits)
    out = {}
    for name in limits:
        without = measure(inputs, interest, {k: v for k, v in limits.items() if k != name})
        out[name] = float(binom.sf(box.cases - 1, box.runs, without.density))
    return out
