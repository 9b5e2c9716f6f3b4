"""What a reading learns: each unknown before and after the record, how much the record says of it, and what it says of the reading's claims.

Contraction is 1 − Var(after)/Var(before), on the scale on which the unknown is drawn (its logarithm where it is log-uniform): 0 where the record says
nothing, 1 where it says all, below 0 where the unknown is less certain than before.

One run of the sampler descends from few draws of the prior, so its particles stand closer together than the posterior does: whatever they share by
descent looks learnt. Runs under several seeds tell the two apart. Variances are pooled (within runs and between them), errors come from the spread of
the runs, and the record is said to tell something of an unknown only where the runs agree on the side to which it moved. From a single run errors come
by the jackknife over families of particles, and are too small.

A claim is what a theory file cites for its ranges. Its weight is the evidence for the reading with those ranges against the reading whose ranges for the
same unknowns are the baseline's; and, alone, for the baseline with these ranges against the baseline. Both by `reweigh`, or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtr
from scipy.stats import false_discovery_control, t

from detente.analysis.placebo import Found, weigh
from detente.analysis.reweigh import Reweighed, reweigh
from detente.engine.assimilate import Posterior
from detente.engine.compose import Model
from detente.engine.record import Record
from detente.engine.simulate import Runner, draw_z, to_theta

FALSE = 0.1
"""Share of the unknowns said to be told that may be so by luck (Benjamini & Hochberg 1995)."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
Progress = Callable[[str, int, int], None]


def learnt(model: Model, posteriors: Sequence[Posterior]) -> xr.Dataset:
    """Each unknown before and after the record, along `row`, from one posterior per seed of the sampler.

    `low`, `high`: its range; `q` [row, quantile]: its values after, runs pooled; `place` [row, quantile]: the same as shares of the range (0 its lower
    end, on the scale on which it is drawn); `contraction` and `shift` (mean place less one half) with `_error`; `p`: how often runs would agree so well
    on the side of the shift by luck; `told`: is it, among so many unknowns? `fixed`: the reading gives a single value. Units are the parameters' own.
    """
    limits = posteriors[0].ranges
    fixed = limits[:, 0] == limits[:, 1]
    shift, shift_error, contraction, contraction_error, freedom = pooled([moments(ndtr(x.z), x.ancestor) for x in posteriors])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(fixed, 1.0, 2.0 * t.sf(np.abs(shift) / shift_error, freedom))
    told = np.zeros(len(p), bool)
    told[~fixed] = false_discovery_control(np.nan_to_num(p[~fixed], nan=1.0)) <= FALSE if (~fixed).any() else False
    place = np.concatenate([ndtr(x.z) for x in posteriors], axis=1)
    values = np.concatenate([x.theta for x in posteriors], axis=1)
    blank = np.where(fixed, np.nan, 1.0)
    parts = {
        "low": limits[:, 0],
        "high": limits[:, 1],
        "contraction": contraction * blank,
        "contraction_error": contraction_error * blank,
        "shift": shift * blank,
        "shift_error": shift_error * blank,
        "p": p,
        "told": told,
        "fixed": fixed,
    }
    spread = {
        "q": (("row", "quantile"), np.quantile(values, LEVELS, axis=1).T),
        "place": (("row", "quantile"), np.quantile(place, LEVELS, axis=1).T),
    }
    return xr.Dataset(
        {name: ("row", x) for name, x in parts.items()} | spread,
        coords={
            "row": np.array([r.name for r in model.rows], dtype=object),
            "parameter": ("row", np.array([r.parameter for r in model.rows], dtype=object)),
            "mechanism": ("row", np.array([r.group for r in model.rows], dtype=object)),
            "quantile": list(LEVELS),
        },
        attrs={"seeds": len(posteriors), "log_evidence": [x.log_evidence for x in posteriors]},
    )


Moments = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def pooled(runs: Sequence[Moments]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """(shift, its error, contraction, its error, degrees of freedom of the errors) of runs under different seeds; variance within and between."""
    if len(runs) == 1:
        return (*runs[0], np.inf)
    shifts, contractions = np.array([r[0] for r in runs]), np.array([r[2] for r in runs])
    count = len(runs)
    between = 12.0 * shifts.var(axis=0, ddof=1)
    spread = contractions.var(axis=0, ddof=1) / count + 2.0 * between**2 / (count - 1)
    return (
        shifts.mean(axis=0),
        shifts.std(axis=0, ddof=1) / count**0.5,
        contractions.mean(axis=0) - between,
        np.sqrt(spread),
        count - 1.0,
    )


def moments(place: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(shift, its error, contraction, its error) [row] of places [row, particle] in (0, 1) whose prior is uniform; particles of one family are kin.

    By the jackknife over families: errors, and for the contraction also what few families take from a variance.
    """
    _, group = np.unique(family, return_inverse=True)
    count = int(group.max()) + 1
    size = np.bincount(group).astype(float)
    first = np.stack([np.bincount(group, row, count) for row in place])
    second = np.stack([np.bincount(group, row**2, count) for row in place])
    n = size.sum()
    mean, shrunk = _moments(n, first.sum(1), second.sum(1))
    if count < 2:
        unknown = np.full(len(place), np.inf)
        return mean, unknown, shrunk, unknown
    means, shrinks = _moments(n - size, first.sum(1, keepdims=True) - first, second.sum(1, keepdims=True) - second)
    factor = (count - 1) / count

    def error(parts: np.ndarray) -> np.ndarray:
        return np.sqrt(factor * ((parts - parts.mean(1, keepdims=True)) ** 2).sum(1))

    corrected = count * shrunk - (count - 1) * shrinks.mean(1)
    return mean, error(means), corrected, error(shrinks)


def _moments(n: Any, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = first / n
    return mean - 0.5, 1.0 - 12.0 * (second / n - mean**2)


# ------------------------------------------------------------------------------------------------------------------------- claims


@dataclass(frozen=True)
class Claim:
    """What the record says of one claim of a reading, per seed: log evidence with its ranges less that without, in nats.

    `within`: the other ranges are the reading's own; `alone`: the other ranges are the baseline's. `parameters`: the ranges that cite the claim.
    """

    id: str
    parameters: tuple[str, ...]
    within: tuple[Reweighed | Found, ...]
    alone: tuple[Reweighed | Found, ...]

    @property
    def gain_within(self) -> tuple[float, float]:
        """(gain, standard error); the reweighing leads from the reading to the reading without the claim, hence the sign."""
        gain, error = together(self.within)
        return -gain, error

    @property
    def gain_alone(self) -> tuple[float, float]:
        """(gain, standard error)."""
        return together(self.alone)


def together(found: Sequence[Reweighed | Found]) -> tuple[float, float]:
    """(mean gain, standard error) over seeds, by their spread or their own errors, whichever is larger; not a number where any was refused."""
    if not found or not all(x.ok for x in found):
        return float("nan"), float("nan")
    gains = np.array([x.gain for x in found])
    own = float(np.sqrt(np.sum([x.error**2 for x in found])) / len(found))
    return float(gains.mean()), max(own, float(gains.std(ddof=1) / len(gains) ** 0.5) if len(gains) > 1 else 0.0)


def claims(
    runner: Runner,
    theory: Any,
    posteriors: Sequence[Posterior],
    baselines: Sequence[Posterior],
    record: Record,
    progress: Progress | None = None,
    bridge: bool = False,
) -> tuple[Claim, ...]:
    """Every claim that a theory cites, in the order of its file; posteriors of the theory (none: only `alone` is asked) and of the baseline by seed.

    `bridge`: where reuse of the particles is refused, take a part of them there by moves.
    """
    model, found = runner.model, []
    base, held = model.ranges(None), model.ranges(theory)
    named = cited(model, theory)
    for k, (name, rows) in enumerate(named.items()):
        if progress is not None:
            progress(f"{theory.argument}: claim {name}", k, len(named))
        without, added = _swapped(held, base, rows), _swapped(base, held, rows)
        within = tuple(_weighed(runner, x, without, record, bridge) for x in posteriors)
        alone = tuple(_weighed(runner, x, added, record, bridge) for x in baselines)
        found.append(Claim(name, tuple(dict.fromkeys(r.parameter for r in theory.ranges if name in r.claims)), within, alone))
    return tuple(found)


def _weighed(runner: Runner, start: Posterior, ranges: np.ndarray, record: Record, bridge: bool) -> Reweighed | Found:
    return weigh(runner, start, ranges, record) if bridge else reweigh(runner, start, ranges, record, "moved")


def cited(model: Model, theory: Any) -> dict[str, np.ndarray]:
    """Claim → rows of the unknowns whose ranges cite it."""
    found: dict[str, list[int]] = {}
    for entry in theory.ranges:
        for name in entry.claims:
            found.setdefault(name, []).extend(model.find(entry.parameter, entry.elements))
    return {name: np.unique(rows) for name, rows in found.items()}


def _swapped(ranges: np.ndarray, other: np.ndarray, rows: Sequence[int] | np.ndarray) -> np.ndarray:
    out = ranges.copy()
    out[rows] = other[rows]
    return out


# --------------------------------------------------------------------------------------------------------------------- ArviZ


def inference_data(model: Model, posterior: Posterior, theory: str = "baseline") -> xr.DataTree:
    """ArviZ's groups: `posterior` and `prior` with every parameter by name (chain 1, draw, and its own axis), `sample_stats`, `log_likelihood`.

    Draws are particles of equal weight; `sample_stats.family` says which are kin. Raises ImportError without arviz-base.
    """
    from arviz_base import from_dict

    prior = to_theta(draw_z(model, 0, np.arange(posterior.size)), posterior.ranges)
    coords: dict[str, Any] = {}
    dims: dict[str, list[str]] = {}
    after: dict[str, np.ndarray] = {}
    before: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(r.parameter for r in model.rows):
        rows = [k for k, r in enumerate(model.rows) if r.parameter == name]
        per = model.parameters[name][0].per if name in model.parameters else f"{name}_item"
        for values, out in ((posterior.theta, after), (prior, before)):
            out[name] = values[rows].T[None] if per else values[rows[0]][None]
        if per:
            dims[name], coords[per] = [per], [model.rows[k].element for k in rows]
    tree = from_dict(
        {
            "posterior": after,
            "prior": before,
            "sample_stats": {"family": posterior.ancestor[None]},
            "log_likelihood": {"record": posterior.log_likelihood[None]},
        },
        coords=coords,
        dims=dims,
        sample_dims=["chain", "draw"],
    )
    tree.attrs = {"theory": theory, "log_evidence": posterior.log_evidence, "inference_library": "detente"}
    return tree
