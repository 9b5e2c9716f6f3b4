"""What a search found, as labelled arrays: the packages left, their means and regrets, the front, the smallest, the certificate."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from detente.analysis import race
from detente.analysis.search import SHARE_TOLERANCE, Bench, Trace
from detente.analysis.spread import clusters, error


def build(bench: Bench, values: np.ndarray, alive: np.ndarray, trace: Trace, reach: float) -> xr.Dataset:
    """Of scores `values` [objective, theory, package, future]; packages left come by number of levers, then by their largest regret."""
    left = np.flatnonzero(alive)
    found = _regrets(bench, values[:, :, left])
    size = bench.size[left]
    order = np.lexsort((left, found["worst"], size))
    left, size = left[order], size[order]
    found = {k: v[..., order] if k != "leader" else v for k, v in found.items()}
    signed, signing = _signed(bench, left)
    can = signed if signed is not None else np.ones(len(left), bool)
    least = found["worst"][can].min() if can.any() else np.inf
    near = can & (found["worst"] <= least + reach / SHARE_TOLERANCE)
    fewest = size[near].min() if near.any() else -1
    tpo = ("objective", "theory", "package")
    data: dict[str, Any] = {
        "has": (("package", "lever"), bench.member[left]),
        "size": (("package",), size),
        "mean": (tpo, found["mean"]),
        "error": (tpo, found["error"]),
        "regret": (tpo, found["regret"]),
        "regret_error": (tpo, found["regret_error"]),
        "worst": (("package",), found["worst"]),
        "worst_at": (("package",), found["worst_at"]),
        "front": (("package",), race.front(found["score"].T)),
        "near": (("package",), near),
        "smallest": (("package",), near & (size == fewest)),
        "effect": (("objective", "theory", "lever"), trace.effects[0] * _signs(bench)),
        "effect_error": (("objective", "theory", "lever"), trace.effects[1]),
        "futures": (("round",), np.array([r[0] for r in trace.rows])),
        "before": (("round",), np.array([r[1] for r in trace.rows])),
        "set_aside": (("round",), np.array([r[2] for r in trace.rows])),
        "refused": (("round",), np.array([r[3] for r in trace.rows])),
        "beaten_by": (("subset",), trace.beaten_by),
        "seen": (("subset",), trace.seen),
        "reason": (("subset",), trace.reason),
        **signing,
    }
    return xr.Dataset(data, coords=_coords(bench, left), attrs=_attrs(bench, trace, reach))


def _signs(bench: Bench) -> np.ndarray:
    return np.array([o.sign for o in bench.objectives])[:, None, None]


def _regrets(bench: Bench, values: np.ndarray) -> dict[str, np.ndarray]:
    """Means, errors and regrets [objective, theory, package] in the outcome's own units; `worst` [package] in tolerances; `score` flat."""
    mean = values.mean(axis=-1, dtype=np.float64)
    leader = mean.argmax(axis=-1)
    regret = mean.max(axis=-1, keepdims=True) - mean
    wrong, regret_wrong = np.zeros(mean.shape), np.zeros(mean.shape)
    for j, ready in enumerate(bench.ready.values()):
        kin = clusters(ready.family[bench.order])
        for k in range(len(bench.objectives)):
            own = values[k, j]
            wrong[k, j] = error(own, kin)
            regret_wrong[k, j] = error(own[leader[k, j]] - own, kin)
    tolerance = np.array([o.tolerance for o in bench.objectives])[:, None, None]
    scaled = (regret / tolerance).reshape(-1, mean.shape[-1])
    return {
        "mean": mean * _signs(bench),
        "error": wrong,
        "regret": regret,
        "regret_error": regret_wrong,
        "worst": scaled.max(axis=0),
        "worst_at": scaled.argmax(axis=0),
        "score": mean.reshape(-1, mean.shape[-1]),
    }


def _signed(bench: Bench, left: np.ndarray) -> tuple[np.ndarray | None, dict[str, Any]]:
    asked = bench.signing
    if asked is None:
        return None, {}
    mean, wrong = asked.gains(left)
    refusals = asked.refused.sum(axis=1)
    _, signs = asked.verdicts(left, 1e-12)
    must = asked.asked[left]
    concerned = asked.judge[:, :, None] & must.T[:, None, :]
    least = np.where(concerned, mean, np.inf).min(axis=1).T
    return signs & (bench.size[left] > 0), {
        "signed": (("package",), signs & (bench.size[left] > 0)),
        "must_sign": (("package", "party"), must),
        "gain_least": (("package", "party"), np.where(must, least, np.nan)),
        "party_gain": (("party", "theory", "package"), mean),
        "party_gain_error": (("party", "theory", "package"), wrong),
        "refuses": (("party",), refusals),
        "asked": (("party",), asked.asked.sum(axis=0)),
        "judges_by": (("party", "theory"), asked.judge),
    }


def _coords(bench: Bench, left: np.ndarray) -> dict[str, Any]:
    theories = bench.runner.model.scenario.theories

    def words(values: Any) -> np.ndarray:
        return np.array(list(values), dtype=object)

    levers = [m.lever for m in bench.chosen]
    out: dict[str, Any] = {
        "package": words(",".join(n for n, pulled in zip(levers, row, strict=True) if pulled) or "none" for row in bench.member[left]),
        "number": ("package", left),
        "lever": words(levers),
        "meaning": ("lever", words(m.meaning for m in bench.chosen)),
        "theory": words(bench.ready),
        "argument": ("theory", words(theories[t].argument if t in theories else t for t in bench.ready)),
        "objective": words(o.item.name for o in bench.objectives),
        "unit": ("objective", words(o.unit for o in bench.objectives)),
        "share": ("objective", np.array([o.share for o in bench.objectives])),
        "tolerance": ("objective", np.array([o.tolerance for o in bench.objectives])),
        "by_hazard": ("objective", np.array([o.hazard is not None for o in bench.objectives])),
        "direction": ("objective", words("above" if o.sign > 0 else "below" for o in bench.objectives)),
        "subset": np.arange(len(bench.member)),
    }
    if bench.signing is not None:
        out["party"] = words(bench.signing.names)
    return out


def _attrs(bench: Bench, trace: Trace, reach: float) -> dict[str, Any]:
    scenario = bench.runner.model.scenario
    chained = int((trace.reason == 1).sum()) - trace.direct
    return {
        "scenario": scenario.id,
        "as_of": scenario.as_of.isoformat(),
        "seed": bench.shared.seed,
        "confidence": trace.confidence,
        "level": trace.level,
        "reach": reach,
        "packages": len(bench.member),
        "simulated": bench.simulated,
        "matched_directly": trace.direct,
        "matched_through_others": chained,
        "left_out": dict(trace.left_out),
        "nobody_knows": list(bench.signing.nobody_knows) if bench.signing else [],
    }
