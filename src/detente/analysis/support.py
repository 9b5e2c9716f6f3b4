"""How well forecasts from earlier dates did: scores, skill against references with paired bootstrap errors, what the scores are made of.

Questions about one element, and questions about one year, share their fate. Resampling draws whole elements, and apart from that whole years, and the
wider of the two intervals is given. Skill is 1 − score/score of the reference: nought is as good as it, below zero is worse.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from detente.analysis.references import REFERENCES
from detente.analysis.scores import murphy, reliability

RESAMPLES = 2000
BINS = 5
TERMS = ("reliability", "resolution", "uncertainty", "within")


def smoothed(ds: xr.Dataset) -> xr.DataArray:
    """Probabilities [forecaster, case] that are never 0 or 1: a share of n futures is (yes + ½)/(n + 1)."""
    n = float(ds.attrs["futures"])
    own = ~np.isin(ds["forecaster"].values.astype(str), REFERENCES)
    return ds["p"].where(~xr.DataArray(own, dims="forecaster"), (ds["p"] * n + 0.5) / (n + 1.0))


def together(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Several dates in one: cases and points joined; log evidence and weights [theory, until]."""
    until = [int(p.attrs["until"]) for p in parts]
    cases = xr.concat([p.drop_dims(["point", "theory"]) for p in parts], dim="case")
    points = xr.concat([p.drop_dims(["case", "theory"]) for p in parts], dim="point")
    learnt = xr.concat([p.drop_dims(["case", "point"]).drop_vars("forecaster") for p in parts], dim="until").assign_coords(until=until)
    return xr.merge([cases, points, learnt], combine_attrs="drop").assign_attrs(parts[0].attrs | {"until": until})


def support(ds: xr.Dataset, resamples: int = RESAMPLES, seed: int = 1) -> xr.Dataset:
    """Scores of every forecaster and their skill against every reference, the yardstick among the theories (`attrs["yardstick"]`) being one of them.

    Dimensions: forecaster, reference, score (`log`, `brier`), kind, series, term, bin. Variables: mean [score, forecaster];
    skill, skill_low, skill_high [score, forecaster, reference] (95 %); murphy [term, forecaster] parts of the Brier score; curve_* [bin, forecaster];
    kind_brier [kind, forecaster]; crps [series, forecaster] on the record's scale; crps_skill* [series, forecaster, reference]; cases [kind] and
    points [series] counted.
    """
    rng = np.random.default_rng([seed, 0x5C2])
    p, o = smoothed(ds).values, ds["outcome"].values
    losses = {"log": -np.log(np.where(o > 0.5, p, 1.0 - p)), "brier": (p - o) ** 2}
    who = ds["forecaster"].values
    groups = (ds["element"].values.astype(str), ds["year"].values)
    of_kind, of_series = ds["kind"].values.astype(str), ds["series"].values.astype(str)
    kinds, series = list(dict.fromkeys(of_kind)), list(dict.fromkeys(of_series))
    against = [*REFERENCES, *(name for name in [ds.attrs.get("yardstick", "")] if name)]
    rows = np.array([list(who).index(r) for r in against])
    whole = [_skill(loss, groups, rows, resamples, rng) for loss in losses.values()]
    place = (ds["item"].values.astype(str), np.floor(ds["time"].values).astype(int))
    crps = ds["crps"].values
    by_series = [_skill(crps[:, m], tuple(g[m] for g in place), rows, resamples, rng) for s in series for m in [of_series == s]]
    parts = [murphy(x, o, BINS) for x in p]
    out = {
        "mean": (("score", "forecaster"), [loss.mean(axis=1) for loss in losses.values()]),
        "murphy": (("term", "forecaster"), [[getattr(m, name) for m in parts] for name in TERMS]),
        "kind_brier": (
            ("kind", "forecaster"),
            np.array([losses["brier"][:, of_kind == k].mean(axis=1) for k in kinds]).reshape(len(kinds), -1),
        ),
        "cases": ("kind", [int((of_kind == k).sum()) for k in kinds]),
        "points": ("series", [int((of_series == s).sum()) for s in series]),
        "crps": (("series", "forecaster"), np.array([crps[:, of_series == s].mean(axis=1) for s in series]).reshape(len(series), -1)),
    }
    for name, found, dim in (("skill", whole, "score"), ("crps_skill", by_series, "series")):
        values = np.array(found).reshape(len(found), 3, len(who), len(rows))
        for k, end in enumerate(("", "_low", "_high")):
            out[name + end] = ((dim, "forecaster", "reference"), values[:, k])
    coords = {"score": list(losses), "forecaster": who, "reference": against, "kind": kinds, "series": series, "term": list(TERMS)}
    return xr.Dataset(out | _curves(p, o), coords | {"bin": np.arange(BINS)}, ds.attrs | {"questions": len(o)})


def _curves(p: np.ndarray, o: np.ndarray) -> dict[str, tuple[tuple[str, str], np.ndarray]]:
    """Reliability by bin of the forecast, not a number in empty bins."""
    out = {
        f"curve_{name}": (("bin", "forecaster"), np.full((BINS, len(p)), np.nan))
        for name in ("forecast", "observed", "count", "low", "high")
    }
    for f, x in enumerate(p):
        found = reliability(x, o, BINS)
        where = np.minimum((found.forecast * BINS).astype(int), BINS - 1)
        for name in ("forecast", "observed", "count", "low", "high"):
            out[f"curve_{name}"][1][where, f] = getattr(found, name)
    return out


def _skill(
    loss: np.ndarray, groups: Sequence[np.ndarray], rows: np.ndarray, resamples: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(skill, low, high) [forecaster, reference] of losses [forecaster, case]; `rows`: places of the references among the forecasters."""
    skill = _ratio(loss.sum(axis=1)[None], rows)[0]
    low, high = skill.copy(), skill.copy()
    for group in groups:
        names, which = np.unique(group, return_inverse=True)
        if len(names) < 2:
            low[:], high[:] = np.nan, np.nan
            continue
        sums = np.stack([np.bincount(which, x, len(names)) for x in loss], axis=1)
        drawn = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names)), resamples)
        found = _ratio(drawn @ sums, rows)
        low, high = np.minimum(low, np.nanpercentile(found, 2.5, axis=0)), np.maximum(high, np.nanpercentile(found, 97.5, axis=0))
    return skill, low, high


def _ratio(sums: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """1 − sum/sum of the reference: [resample, forecaster] → [resample, forecaster, reference]."""
    below = sums[:, None, rows]
    return 1.0 - sums[:, :, None] / np.where(below > 0.0, below, np.nan)
