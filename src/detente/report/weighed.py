"""A ranking under the user's own weights, printed with the weights on which it holds; only on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.report import tables, words
from detente.report.blocks import Grid
from detente.report.data import phrase, readings
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


def weighed(found: xr.Dataset, ds: xr.Dataset, scenario: Scenario) -> Grid:
    """Per reading: the package of the highest weighed worth, by how much, and the weights between which it stays first."""
    said = {str(p): str(n) for p, n in zip(ds["policy"].values, ds["label"].values, strict=True)}
    rows = []
    for r in readings(ds):
        one = found.sel(theory=r.id)
        order = one["policy"].values[np.argsort(one["rank"].values)].astype(str)
        top, next_ = (one.sel(policy=p) for p in order[:2])
        gap, wrong = float(top["worth"] - next_["worth"]), 1.96 * float(np.hypot(top["worth_error"], next_["worth_error"]))
        ends = "; ".join(
            f"{phrase(scenario, str(n))} {_ends(float(one['low'][k]), float(one['high'][k]))}"
            for k, n in enumerate(found["weighed"].values)
        )
        rows.append(
            (
                r.argument,
                said[order[0]],
                words.figure(float(top["worth"])),
                f"{said[order[1]]} ({words.figure(gap)} less{'' if gap > wrong else ', not told apart'})",
                ends,
                words.hundredths(float(one["share"])),
            )
        )
    pairs = zip(found["weighed"].values, found["weight"].values, strict=True)
    given = words.listing(f"{words.figure(float(w))} for {phrase(scenario, str(n))}" for n, w in pairs)
    note = (
        f"Weights as given: {given}, per whole unit of the outcome in its better direction. Between: ends of each weight, the others kept, "
        "within which the same package stays first. Last column: of 100 sets of factors on these weights, drawn evenly from all that add to one, "
        "those under which it is first. `--json` has the half-spaces of the whole order. One person's weights, by reading; no average."
    )
    columns = ("argument", "first", "worth over no change", "next", "stays first with a weight of", "first, of 100 sets of weights")
    return Grid("Under the weights given", columns, tuple(rows), note=note, foot=tables.foot(ds), key="weighed")


def _ends(low: float, high: float) -> str:
    if not np.isfinite(high):
        return f"of {words.figure(low)} and more" if low > 0 else "whatever its weight"
    return f"between {words.figure(low)} and {words.figure(high)}"


def weighed_data(found: xr.Dataset) -> dict[str, Any]:
    """The same as plain data, the cone of the order as half-spaces [pair, weight] with non-negative product."""
    out: dict[str, Any] = {
        "weights": dict(zip(found["weighed"].values.astype(str), found["weight"].values.tolist(), strict=True)),
        "theories": {},
    }
    for t in found["theory"].values.astype(str):
        one = found.sel(theory=t)
        order = one["policy"].values[np.argsort(one["rank"].values)].astype(str)
        out["theories"][str(t)] = {
            "order": [
                {"policy": p, "worth": float(one["worth"].sel(policy=p)), "error": float(one["worth_error"].sel(policy=p))} for p in order
            ],
            "first_holds": {n: [float(one["low"][k]), float(one["high"][k])] for k, n in enumerate(found["weighed"].values.astype(str))},
            "order_holds": {
                n: [float(one["order_low"][k]), float(one["order_high"][k])] for k, n in enumerate(found["weighed"].values.astype(str))
            },
            "share_of_weights": float(one["share"]),
            "half_spaces": one["half_spaces"].values.tolist(),
        }
    return out
