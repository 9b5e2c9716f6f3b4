"""Policies × theories × outcomes × actors, side by side. Functions of a job's result; every one returns labelled arrays.

No sum over outcomes and no average over theories: an order of packages is by the worst case over theories and profiles, and comes with the
probability that it is the true one (resampling families of futures).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from detente.analysis.spread import clusters

Z95 = 1.959963984540054
"""Half width, in standard errors, of the interval that must exclude zero before a difference is shown."""
GAINS, LOSES, MIXED, SAME = 1, -1, 2, 0
ACTOR_OUTCOMES = ("alarm", "influence", "burden", "denied")
"""Outcomes counted actor by actor (an applicant is an actor too)."""


def at_table(result: xr.Dataset, tables: Sequence[str] = ("at",)) -> xr.Dataset:
    """The theories of these tables only."""
    return result.isel(theory=np.isin(result["table"].values.astype(str), list(tables)))


def told_apart(mean: xr.DataArray, error: xr.DataArray) -> xr.DataArray:
    """Does the paired 95 % interval exclude zero? Never where the error is unknown or nothing varies at all."""
    return (abs(mean) > Z95 * error) & np.isfinite(error)


def gains(result: xr.Dataset) -> xr.Dataset:
    """Paired differences to no change: `gain`, `gain_error`, `low`, `high` (95 %), `shown`, and `better` (+1, −1 where shown, else 0).

    Dimensions theory, policy, item. An outcome without a better direction has `better` 0.
    """
    gain, wrong = result["gain"], result["gain_error"]
    shown = told_apart(gain, wrong)
    better = xr.where(shown, np.sign(gain) * direction(result), 0.0)
    return xr.Dataset(
        {
            "gain": gain,
            "gain_error": wrong,
            "low": gain - Z95 * wrong,
            "high": gain + Z95 * wrong,
            "shown": shown,
            "better": better.astype(np.int8),
        }
    )


def direction(result: xr.Dataset) -> xr.DataArray:
    """+1 where more of an item is better for whom it is counted, −1 where less is, 0 where that is a matter of opinion."""
    words = result["direction"].values.astype(str)
    return xr.DataArray(np.where(words == "above", 1.0, np.where(words == "below", -1.0, 0.0)), dims="item")


def spreads(result: xr.Dataset, policy: str | None = None) -> xr.Dataset:
    """The four spreads, kept apart, as standard deviations.

    `parameters` and `luck` [theory, item]: within a theory, between and within futures of equal parameters (law of total variance; luck
    includes that of the years of the record). `error` [theory, item]: Monte Carlo error of the mean. `between` [item]: of the means of
    the theories at the table. More particles shrink the error, a better record the parameters, nothing the luck.
    """
    one = result.sel(policy=policy or result.attrs["no_change"])
    heard = at_table(one)
    return xr.Dataset(
        {
            "mean": one["mean"],
            "parameters": np.sqrt(one["variance_parameters"]),
            "luck": np.sqrt(one["variance_luck"]),
            "error": one["error"],
            "between": heard["mean"].std("theory", ddof=1) if heard.sizes["theory"] > 1 else xr.full_like(one["mean"][0], np.nan),
        }
    )


def holds(result: xr.Dataset) -> xr.Dataset:
    """Under how many theories a package makes an item better, and worse: `better`, `worse`, `of` [table, policy, item]."""
    sign = gains(result)["better"]
    names = [name for name in ("at", "off", "baseline") if (result["table"].values.astype(str) == name).any()]
    parts = [sign.isel(theory=result["table"].values.astype(str) == name) for name in names]
    table = xr.DataArray(np.array(names, dtype=object), dims="table")
    return xr.Dataset(
        {
            "better": xr.concat([(part > 0).sum("theory") for part in parts], dim="table"),
            "worse": xr.concat([(part < 0).sum("theory") for part in parts], dim="table"),
            "of": xr.DataArray([part.sizes["theory"] for part in parts], dims="table"),
        }
    ).assign_coords(table=table)


def dominance(result: xr.Dataset, outcomes: Sequence[str] | None = None) -> xr.DataArray:
    """dominates [theory, policy, other]: no item told apart against the package, at least one in its favour, on common luck.

    Over the outcomes that have a better direction, or those named. Compare the packages' differences futures by futures.
    """
    sign = direction(result).values
    if outcomes is not None:
        sign = np.where(np.isin(result["outcome"].values.astype(str), list(outcomes)), sign, 0.0)
    items = np.flatnonzero(sign)
    out = np.zeros((result.sizes["theory"], result.sizes["policy"], result.sizes["policy"]), bool)
    for t in range(result.sizes["theory"]):
        sums, size = _family_sums(result["value"].values[t][:, items], result["family"].values[t])
        futures = size.sum()
        mean = sums.sum(-1) / futures
        residual = sums - size * mean[..., None]
        count = len(size)
        for a in range(len(mean)):
            gap = (mean[a] - mean) * sign[items]
            wrong = np.sqrt(count / max(count - 1, 1) * ((residual[a] - residual) ** 2).sum(-1)) / futures
            out[t, a] = ((gap > Z95 * wrong).any(-1)) & ~((gap < -Z95 * wrong).any(-1))
    other = result["policy"].values
    coords = {"theory": result["theory"].values, "policy": other, "other": other}
    return xr.DataArray(out, dims=("theory", "policy", "other"), coords=coords, name="dominates")


def _family_sums(value: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    groups = clusters(family)
    return groups.sums(value), groups.size


def who_gains(result: xr.Dataset) -> xr.Dataset:
    """For whom a package is better: `better`, `worse` (numbers of the actor's own outcomes told apart), `verdict` [theory, policy, actor].

    verdict: 1 gains, −1 loses, 2 better in some and worse in others, 0 not told apart.
    """
    sign = gains(result)["better"]
    outcome, element = result["outcome"].values.astype(str), result["element"].values.astype(str)
    actors = result["actor"].values
    better, worse = [], []
    for actor in actors.astype(str):
        mine = sign.isel(item=np.isin(outcome, ACTOR_OUTCOMES) & (element == actor))
        better.append((mine > 0).sum("item"))
        worse.append((mine < 0).sum("item"))
    more = xr.concat(better, dim="actor").transpose("theory", "policy", "actor").assign_coords(actor=actors)
    less = xr.concat(worse, dim="actor").transpose("theory", "policy", "actor").assign_coords(actor=actors)
    verdict = xr.where((more > 0) & (less > 0), MIXED, xr.where(more > 0, GAINS, xr.where(less > 0, LOSES, SAME)))
    return xr.Dataset({"better": more, "worse": less, "verdict": verdict.astype(np.int8)})


def robust(result: xr.Dataset, tables: Sequence[str] = ("at",), draws: int = 500, seed: int = 1) -> xr.Dataset:
    """Packages by their worst case over theories *and* value profiles.

    `shortfall` [policy] is the largest over (theory, profile) of best survival − own survival (minimax regret of survival); `worst_theory`,
    `worst_profile` say where. `rank` 1 is the smallest. From `draws` resamplings of families: `first` P(smallest), `neighbour` P(at most
    the next one's), `as_ranked` P(the whole order is the true one), `shortfall_error`. NaN-free; ties share a rank's place in file order.
    """
    some = at_table(result, tables)
    if not some.sizes["theory"] or not some.sizes["profile"]:
        raise ValueError(f"no theory of the tables {', '.join(tables)}, or no value profile: nothing to rank by")
    rng = np.random.default_rng([seed, 0xB007])
    worst = np.full((draws, some.sizes["policy"]), -np.inf)
    point = np.empty((some.sizes["theory"], some.sizes["policy"], some.sizes["profile"]))
    for t in range(some.sizes["theory"]):
        survives = some["survives"].values[t]
        sums, size = _family_sums(survives.astype(np.float32), some["family"].values[t])
        weight = rng.multinomial(len(size), np.full(len(size), 1 / len(size)), size=draws).astype(float)
        drawn = np.einsum("bc,pvc->bpv", weight, sums) / (weight @ size)[:, None, None]
        worst = np.maximum(worst, (drawn.max(axis=1, keepdims=True) - drawn).max(axis=-1))
        point[t] = survives.mean(axis=-1)
    gap = point.max(axis=1, keepdims=True) - point
    flat = np.moveaxis(gap, 1, 0).reshape(gap.shape[1], -1)
    shortfall, where = flat.max(axis=-1), flat.argmax(axis=-1)
    order = np.argsort(shortfall, kind="stable")
    ranked = worst[:, order]
    steps = ranked[:, :-1] <= ranked[:, 1:]
    rank = np.empty(len(order), int)
    rank[order] = np.arange(1, len(order) + 1)
    neighbour = np.ones(len(order))
    neighbour[order[:-1]] = steps.mean(axis=0)
    first = (worst <= worst.min(axis=1, keepdims=True)).astype(float)
    coords = {"policy": some["policy"].values, "label": ("policy", some["label"].values)}
    theory, profile = np.unravel_index(where, (some.sizes["theory"], some.sizes["profile"]))
    return xr.Dataset(
        {
            "shortfall": ("policy", shortfall),
            "shortfall_error": ("policy", worst.std(axis=0, ddof=1)),
            "rank": ("policy", rank),
            "first": ("policy", (first / first.sum(axis=1, keepdims=True)).mean(axis=0)),
            "neighbour": ("policy", neighbour),
            "as_ranked": ((), steps.all(axis=1).mean()),
            "worst_theory": ("policy", some["theory"].values[theory]),
            "worst_profile": ("policy", some["profile"].values[profile]),
        },
        coords=coords,
    )


def orders(result: xr.Dataset) -> xr.DataArray:
    """Spearman's rank correlation of the packages between theories, per item [item, theory, other]; not a number where nothing differs."""
    mean = result["mean"].transpose("item", "theory", "policy").values
    mean = np.round(mean, 9)
    ranks = np.apply_along_axis(rankdata, -1, mean)
    ranks = ranks - ranks.mean(axis=-1, keepdims=True)
    size = np.sqrt((ranks**2).sum(axis=-1, keepdims=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = ranks / size
    names = result["theory"].values
    return xr.DataArray(
        unit @ np.swapaxes(unit, -1, -2),
        dims=("item", "theory", "other"),
        coords={"item": result["item"].values, "theory": names, "other": names},
        name="rank_correlation",
    )


def worst_regret(result: xr.Dataset, tables: Sequence[str] = ("at",)) -> xr.Dataset:
    """Per outcome: the largest regret of a package over the theories of these tables, on common luck.

    `regret`, `regret_error` [policy, item] and `theory` [policy, item], where it is largest. NaN for an item without a better direction.
    """
    some = at_table(result, tables)
    if not some.sizes["theory"]:
        raise ValueError(f"no theory of the tables {', '.join(tables)}")
    regret = some["regret"].transpose("theory", "policy", "item").values
    place = np.nan_to_num(regret, nan=-np.inf).argmax(axis=0)
    dims = ("policy", "item")
    take = place[None]
    return xr.Dataset(
        {
            "regret": (dims, np.take_along_axis(regret, take, 0)[0]),
            "regret_error": (dims, np.take_along_axis(some["regret_error"].transpose("theory", "policy", "item").values, take, 0)[0]),
            "theory": (dims, some["theory"].values[place]),
        },
        coords={"policy": some["policy"].values, "item": some["item"].values},
    )


def beats(result: xr.Dataset, outcomes: Sequence[str] | None = None, tables: Sequence[str] = ("at",)) -> xr.DataArray:
    """Under how many theories of these tables a package dominates another [policy, other], over the outcomes named."""
    return dominance(at_table(result, tables), outcomes).sum("theory")
