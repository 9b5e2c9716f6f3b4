"""What a study of weights says: figures with errors, parts, the course over time, who stays ahead of whom. All in nats, theories in the result's order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from detente.analysis.judge import standing
from detente.engine.assimilate import log_mean_exp, normal


@dataclass(frozen=True)
class Figures:
    """Per theory [theory]: gain against the baseline, its standard error, the gap between the way back and the way there, sd over seeds (NaN: one)."""

    gain: np.ndarray
    error: np.ndarray
    gap: np.ndarray
    spread: np.ndarray


def figures(ds: xr.Dataset) -> Figures:
    """The middle of the way there and the way back; its error holds half of their gap, which neither of them sees of itself.

    One seed: the errors told by islands, and half the gap. Several: the sd over seeds over the root of their number, and half the mean gap.
    """
    there, back = ds["there"].values, ds["back"].values
    middle, gap = 0.5 * (there + back), back - there
    seeds = there.shape[1]
    if seeds == 1:
        sampled, spread = 0.5 * np.hypot(ds["there_error"].values, ds["back_error"].values)[:, 0], np.full(len(there), np.nan)
    else:
        spread = middle.std(axis=1, ddof=1)
        sampled = spread / seeds**0.5
    return Figures(middle.mean(axis=1), np.hypot(sampled, 0.5 * gap.mean(axis=1)), gap.mean(axis=1), spread)


def parts(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """(mean, standard error) of what each name and quarter adds [theory, name, time], over seeds and islands, islands by their evidence.

    The error is that of islands and seeds; it does not see what all of them share.
    """
    found, back = ds["parts"].values, ds["parts"].sum(("name", "time")).values
    share = np.array([[normal(-island) for island in row] for row in back])[..., None, None]
    mean = (share * found).sum(axis=2)
    count = found.shape[1] * found.shape[2]
    spread = found.reshape(len(found), count, *found.shape[3:]).std(axis=1, ddof=1) if count > 1 else np.full(found[:, 0, 0].shape, np.nan)
    return mean.mean(axis=1), spread / count**0.5


def summed(ds: xr.Dataset, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mean, standard error) [theory, part] of sums of parts; `places` [part, name, time] is 1 where a cell belongs to a part."""
    found = np.einsum("asint,pnt->asip", ds["parts"].values, places)
    back = ds["parts"].sum(("name", "time")).values
    share = np.array([[normal(-island) for island in row] for row in back])[..., None]
    count = found.shape[1] * found.shape[2]
    spread = found.reshape(len(found), count, -1).std(axis=1, ddof=1) if count > 1 else np.full(found[:, 0, 0].shape, np.nan)
    return (share * found).sum(axis=2).mean(axis=1), spread / count**0.5


def by_group(ds: xr.Dataset) -> tuple[list[str], np.ndarray, np.ndarray]:
    """(groups, what each adds, its error [theory, group])."""
    groups = list(dict.fromkeys(str(g) for g in ds["group"].values))
    places = np.array([np.repeat((ds["group"].values == g)[:, None], ds.sizes["time"], axis=1) for g in groups], float)
    return groups, *summed(ds, places)


def by_period(ds: xr.Dataset, years: int = 5) -> tuple[list[str], np.ndarray, np.ndarray]:
    """(periods such as 1991–1995, what each adds, its error [theory, period])."""
    time = ds["time"].values
    first, last = int(time[0]), int(time[-1])
    starts = list(range(first, last + 1, years))
    ends = [min(s + years - 1, last) for s in starts]
    inside = np.array([(time >= s) & (time < e + 1) for s, e in zip(starts, ends)], float)
    names = [f"{s}–{e}" if e > s else str(s) for s, e in zip(starts, ends)]
    return names, *summed(ds, np.repeat(inside[:, None, :], ds.sizes["name"], axis=1))


def course(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """(cumulative, standard error) [theory, time] in hindsight: parts of the path, added up over the quarters."""
    steps = ds.sizes["time"]
    before = np.tril(np.ones((steps, steps)))
    return summed(ds, np.repeat(before[:, None, :], ds.sizes["name"], axis=1))


def learnt_course(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """(cumulative, standard error) [theory, time] without hindsight, the baseline's scores taken off; the error by seeds, NaN from one."""
    scores = ds["course"].sum("name").values.cumsum(axis=-1)
    gain = scores[1:] - scores[:1]
    seeds = gain.shape[1]
    error = gain.std(axis=1, ddof=1) / seeds**0.5 if seeds > 1 else np.full(gain[:, 0].shape, np.nan)
    return gain.mean(axis=1), error


@dataclass(frozen=True)
class Moment:
    """A quarter that moved a theory: its start as a year, what it added, and the groups behind it, the largest first."""

    time: float
    amount: float
    groups: tuple[tuple[str, float], ...]


def moments(ds: xr.Dataset, theory: int, many: int = 3, learnt: bool = False) -> list[Moment]:
    """The quarters in which a theory gained or lost most, by size; without hindsight (`learnt`) or with."""
    if learnt:
        found = (ds["course"].values[theory + 1] - ds["course"].values[0]).mean(axis=0)
    else:
        found = parts(ds)[0][theory]
    amount = found.sum(axis=0)
    names = ds["group"].values
    out = []
    for t in np.argsort(-np.abs(amount), kind="stable")[:many]:
        by = {str(g): float(found[names == g, t].sum()) for g in dict.fromkeys(names)}
        behind = sorted(by.items(), key=lambda x: -x[1] * np.sign(amount[t]))
        kept = tuple((g, v) for g, v in behind if v * amount[t] > 0.2 * amount[t] ** 2)
        out.append(Moment(float(ds["time"].values[t]), float(amount[t]), kept))
    return [m for m in out if m.amount != 0.0]


def varied(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """(gain against the baseline, standard error) [variation, theory] under each variation, over the seeds in which it is known; NaN where in none.

    More particles are compared by the way there alone.
    """
    found = figures(ds)
    more = np.array([str(v).startswith("particles") for v in ds["variation"].values])
    shift = ds["vary"].values - ds["vary_base"].values[None]
    error = np.hypot(ds["vary_error"].values, ds["vary_base_error"].values[None])
    start = np.where(more, ds["there"].values.mean(axis=1)[:, None], found.gain[:, None])
    known = np.isfinite(shift)
    count = np.maximum(known.sum(axis=1), 1)
    middle = np.where(known, shift, 0.0).sum(axis=1) / count
    unsure = np.sqrt(np.where(known, error**2, 0.0).sum(axis=1)) / count
    spread = np.sqrt(np.where(known, (shift - middle[:, None]) ** 2, 0.0).sum(axis=1) / np.maximum(count - 1, 1) / count)
    whole = np.where(known.any(axis=1), start + middle, np.nan)
    return whole.T, np.hypot(np.where(count > 1, np.maximum(unsure, spread), unsure), found.error[:, None]).T


def rough(ds: xr.Dataset) -> np.ndarray:
    """[variation, theory]: gain with the parts of what a variation reweighs taken off or added again, to first order; NaN where that says nothing.

    No run stands behind it: parts are those of the path on which everything weighs.
    """
    found, parted = figures(ds), parts(ds)[0].sum(axis=-1)
    change = ds["concerns"].values * (ds["factor"].values - 1.0)[:, None]
    says = np.asarray(ds["concerns"].any("name"))
    return np.where(says[:, None], found.gain + np.nan_to_num(change) @ parted.T, np.nan)


def order(ds: xr.Dataset) -> np.ndarray:
    """[theory, theory]: 1 where a pair's order holds in the figures, in every variation that is known and in every seed; 0 open; −1 it turns.

    Where a variation is not known its first-order figure may open a pair, never turn it.
    """
    found, (gain, error) = figures(ds), varied(ds)
    each = 0.5 * (ds["there"].values + ds["back"].values).T
    if len(each) > 1:
        gain, error = np.concatenate([gain, each]), np.concatenate([error, np.broadcast_to(found.error, each.shape)])
    known = np.isfinite(varied(ds)[0])
    return standing(found.gain, found.error, gain, error, np.where(known, np.nan, rough(ds)))


def evidence(ds: xr.Dataset) -> tuple[float, float, float]:
    """(log evidence of the baseline, its standard error by islands or over the seeds, its sd over seeds; NaN from one)."""
    found = ds["yardstick"].values
    if len(found) == 1:
        return float(found[0]), float(ds["yardstick_error"].values[0]), float("nan")
    spread = float(found.std(ddof=1))
    return log_mean_exp(found), spread / len(found) ** 0.5, spread
