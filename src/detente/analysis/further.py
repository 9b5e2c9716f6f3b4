"""A further year of the record: what each theory expected of it, which it moved and by how much, what was learnt.

The posterior at the old end of the record is carried on: the model of the longer record keeps the constants and start values of the shorter one, so that
its first quarters are the old model bit for bit; new quarters get new luck, unknowns of series never measured before are drawn from their ranges. Each
particle is then weighed by what the new rows say under it (importance weights). log p(new rows | old record) = log of the mean weight; its error is by
families of particles. With fewer than `FEWEST` effective particles, or of fewer than
`FEWEST_FAMILIES` effective families, the rows are more than reweighing can carry. The particles are then taken on through powers of the new rows' likelihood,
resampled and moved on the way (`learn_on`), in groups of whole families that know nothing of each other: the spread between groups is the error, of the
gain as of every unknown's mean. What is too thin even then is called unsettled.

The sum is shared out to names and quarters along the path on which all new rows gain weight together, ∫ E_β[log weight of the part] dβ, whose parts add to
the whole exactly (thermodynamic integration, Gelman & Meng 1998).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import t

from detente.analysis import project
from detente.analysis.bridge import Crossing, Target, Tempered, parts_of, walk
from detente.analysis.spread import clusters, residual_error
from detente.engine import chance
from detente.engine.assimilate import Settings, normal
from detente.engine.compose import Model, compose
from detente.engine.record import Record, build_record
from detente.engine.simulate import Runner, draw_luck, to_theta
from detente.scenario import Scenario

Progress = Callable[[str, int, int], None]
Learn = Callable[[Runner, Any, Record], project.Learned]
FEWEST = 100
"""Effective particles below which nothing is said to be decided."""
FEWEST_FAMILIES = 10
"""The same for effective families: an error by a handful of them is no error."""
NODES, SHARES = np.polynomial.legendre.leggauss(48)
ONWARD = Settings(bridge_moves=16, final_moves=60, islands=8)
"""Effort of taking particles on: moves at each power, half of `final_moves` at the last, groups of families taken on apart."""
DECIBAN = 10.0 / np.log(10.0)
Z95 = 1.959963984540054


def longer(old: Model, joined: Scenario) -> Model:
    """The model of a joined scenario (`scenario.further`) that keeps the old one's constants and start values."""
    return replace(compose(joined), world=old.world, start=old.start)


def longer_record(old: Record, model: Model) -> Record:
    """The record of the longer model; the rate that a slip of coding is read against stays that of the old record."""
    record = build_record(model)
    events = {k: replace(e, reference=old.events[k].reference) if k in old.events else e for k, e in record.events.items()}
    return replace(record, events=events)


@dataclass(frozen=True)
class Carried:
    """Particles of the longer model: z [row, particle], their ranges [row, 3], luck [step, 2, particle], ancestor [particle]."""

    z: np.ndarray
    ranges: np.ndarray
    luck: np.ndarray
    ancestor: np.ndarray


def carry(old: Model, new: Model, learned: project.Learned, theory: Any | None, seed: int) -> Carried:
    """A posterior of the old model as particles of the longer one, before its new rows say anything."""
    n = learned.z.shape[1]
    ids = np.arange(n)
    places = {r.name: k for k, r in enumerate(old.rows)}
    key = chance.luck_keys(seed, jnp.asarray(ids, jnp.uint32), 0)
    fresh = np.asarray(chance.normal(key, np.array([chance.site(f"prior/{r.name}") for r in new.rows], np.uint32)), np.float64)
    z = np.stack([learned.z[places[r.name]] if r.name in places else fresh[k] for k, r in enumerate(new.rows)])
    given = new.ranges(theory)
    ranges = np.stack([learned.ranges[places[r.name]] if r.name in places else given[k] for k, r in enumerate(new.rows)])
    years = range(new.start_year + old.history_steps // 4, new.start_year + new.history_steps // 4)
    luck = np.concatenate([learned.luck, draw_luck(seed, ids, years)])
    return Carried(z, ranges, luck, np.asarray(getattr(learned, "ancestor", ids)))


def scored(record: Record) -> tuple[str, ...]:
    """Names of the record that weigh: draws, the rungs, series."""
    events = [name for name, e in record.events.items() if e.score.any()]
    return (*events, *record.choices, *(m.series for group in record.measures.values() for m in group if m.weight > 0.0))


@dataclass(frozen=True)
class Told:
    """What the new rows say under one theory: parts [name, step, particle] of the log weight, and the particles they weigh."""

    names: tuple[str, ...]
    parts: np.ndarray
    old: np.ndarray
    """[particle] log-likelihood of the old rows in the longer model, which must be the old model's."""
    carried: Carried

    @property
    def log_weight(self) -> np.ndarray:
        """[particle]; a history that is not finite weighs nothing."""
        whole = self.parts.sum(axis=(0, 1))
        return np.where(np.isfinite(whole), whole, -np.inf)


def tell(runner: Runner, record: Record, carried: Carried, old_steps: int) -> Told:
    """Weigh carried particles by the rows from `old_steps` on."""
    names = scored(record)
    found = runner.history(to_theta(carried.z, carried.ranges), carried.luck, record, scored=names).weights.astype(np.float64)
    parts = np.moveaxis(found[old_steps:], 1, 0)
    return Told(names, parts, found[:old_steps].sum(axis=(0, 1)), carried)


def groups_of(family: np.ndarray, count: int) -> list[np.ndarray]:
    """Particles in groups of whole families, of the same size: each the smallest group's, the rest left out [group][particle]."""
    names, at = np.unique(family, return_inverse=True)
    size, load = np.bincount(at), np.zeros(min(count, len(names)), int)
    home = np.empty(len(names), int)
    for f in np.argsort(-size, kind="stable"):
        home[f] = load.argmin()
        load[home[f]] += size[f]
    return [np.flatnonzero(home[at] == k)[: load.min()] for k in range(len(load))]


def learn_on(
    runner: Runner,
    record: Record,
    carried: Carried,
    old_steps: int,
    settings: Settings = ONWARD,
    seed: int = 1,
    say: Progress | None = None,
) -> tuple[Carried, Crossing]:
    """Take carried particles on to the posterior of the longer record: (the particles that went, in the order of groups, and their way).

    Particle k belongs to group k % islands, and each family to one group."""
    names, target = scored(record), Target(carried.ranges, record)
    groups = groups_of(carried.ancestor, settings.islands)
    order = np.stack(groups).T.ravel()
    some = Carried(carried.z[:, order], carried.ranges, carried.luck[..., order], carried.ancestor[order])

    def evaluate(z: np.ndarray, luck: np.ndarray, both: bool) -> tuple[np.ndarray, np.ndarray]:
        second = parts_of(runner, target, names, z, luck)
        first = second.copy()
        first[:, old_steps:] = 0.0
        return first, second

    rng = np.random.default_rng([seed, 0xF04])
    return some, walk(Tempered(evaluate), some.z, some.luck, replace(settings, islands=len(groups)), rng, say)


def log_mean(log_weight: np.ndarray, family: np.ndarray) -> tuple[float, float, float]:
    """(log of the mean weight, its standard error by families, effective particles)."""
    top = float(log_weight.max())
    w = np.exp(log_weight - top)
    mean = w.mean()
    c = clusters(family)
    error = float(residual_error((c.sums(w) - c.size * mean)[None], c)[0] / mean)
    return top + float(np.log(mean)), error, float(w.sum() ** 2 / (w**2).sum())


def share_out(parts: np.ndarray, log_weight: np.ndarray) -> np.ndarray:
    """log of the mean weight of particles with a finite history, shared out to the parts [name, step]: they add to it."""
    good = np.isfinite(log_weight)
    parts, whole = parts[..., good], log_weight[good] - log_weight[good].max()
    out = np.zeros(parts.shape[:2])
    for node, share in zip(NODES, SHARES, strict=True):
        w = np.exp(0.5 * (node + 1.0) * whole)
        out += 0.5 * share * (parts @ (w / w.sum()))
    return out


def update(
    scenario: Scenario,
    joined: Scenario,
    theories: Sequence[str] | None = None,
    seed: int = 1,
    learn: Learn | None = None,
    progress: Progress | None = None,
    runners: tuple[Runner, Runner] | None = None,
    onward: Settings | None = ONWARD,
) -> xr.Dataset:
    """Hold every theory to the new rows of a joined scenario.

    Dimensions: theory, name (draw or series of the record), year, row (an unknown). Variables: log_predictive [theory] of all new rows given the old record,
    with log_predictive_error, effective and families; part [theory, name, year], which add to it; gain [theory] decibans against the yardstick with gain_error
    (not a number where the yardstick is not among them); moved [theory, row] shift of each unknown's mean in standard deviations of before, with
    moved_error; low, high [theory, row] middle nine tenths afterwards; way [theory] `reweighed` or `learnt on`. `runners`: of the scenario and of the longer
    model, where they are there already. `onward`: effort where reweighing is too poor (None: reweigh only).
    """
    say = progress or (lambda stage, done, total: None)
    old = runners[0] if runners else Runner(compose(scenario))
    new = runners[1] if runners else Runner(longer(old.model, joined))
    record = build_record(old.model)
    longest = longer_record(record, new.model)
    learn = learn or _learn(seed, say)
    names = [t.id for t in scenario.ordered_theories() if theories is None or t.id in theories]
    found: list[Mapping[str, np.ndarray]] = []
    for n, name in enumerate(names):
        say(scenario.theories[name].argument, n, len(names))
        learned = learn(old, scenario.theories[name], record)
        carried, steps = carry(old.model, new.model, learned, scenario.theories[name], seed), old.model.history_steps
        one = _one(tell(new, longest, carried, steps))
        if onward is not None and not _enough(one):
            part = partial(_part, say, scenario.theories[name].argument, n, len(names))
            one = _onward(*learn_on(new, longest, carried, steps, onward, seed, part), steps)
        found.append(one)
    say("done", len(names), len(names))
    base = next((k for k, name in enumerate(names) if scenario.theories[name].table == "baseline"), None)
    years = range(scenario.history.end.year + 1, joined.history.end.year + 1)
    return _labelled(names, found, base, scored(longest), years, [r.name for r in new.model.rows])


def _part(say: Progress, argument: str, done: int, total: int, stage: str, part: int, whole: int) -> None:
    say(f"{argument}: learning on, {stage}", done, total)


def _learn(seed: int, say: Progress) -> Learn:
    from detente.engine.cache import load_or_assimilate

    def learn(runner: Runner, theory: Any, record: Record) -> project.Learned:
        return load_or_assimilate(
            runner, theory, record, seed=seed, progress=lambda text, part, whole: say(f"learning, {text}", round(part), round(whole))
        )

    return learn


def _one(told: Told) -> dict[str, np.ndarray]:
    log_weight, family = told.log_weight, told.carried.ancestor
    value, error, effective = log_mean(log_weight, family)
    w = np.exp(log_weight - log_weight.max())
    w /= w.sum()
    z = told.carried.z
    shift = z @ w - z.mean(axis=1)
    c = clusters(family)
    influence = w[None] * (z - (z @ w)[:, None]) - (z - z.mean(axis=1, keepdims=True)) / z.shape[1]
    wrong = residual_error(c.sums(influence), c) * z.shape[1]
    spread = z.std(axis=1)
    low, high = _ends(to_theta(z, told.carried.ranges), w)
    part = share_out(told.parts, log_weight)
    return {
        "log_predictive": np.array(value),
        "log_predictive_error": np.array(error),
        "effective": np.array(effective),
        "families": _families(family, w),
        "part": part.reshape(len(part), -1, 4).sum(axis=-1),
        "moved": shift / np.maximum(spread, 1e-12),
        "moved_error": wrong / np.maximum(spread, 1e-12),
        "low": low,
        "high": high,
        "way": np.array("reweighed", object),
    }


def _enough(one: Mapping[str, np.ndarray]) -> bool:
    return bool(one["effective"] >= FEWEST and one["families"] >= FEWEST_FAMILIES)


def _onward(carried: Carried, way: Crossing, old_steps: int) -> dict[str, np.ndarray]:
    """As `_one`, from particles that were taken on. Errors are by the spread between groups, made wider for their being few (Student's t)."""
    gains, few = way.islands, len(way.islands)
    share = normal(gains)
    wider = t.ppf(0.975, few - 1) / Z95 / few**0.5 if few > 1 else np.nan
    each = [slice(k, None, few) for k in range(few)]
    moved = np.stack([way.z[:, part].mean(axis=1) - carried.z[:, part].mean(axis=1) for part in each], axis=-1)
    shift, spread = moved @ share, np.maximum(carried.z.std(axis=1), 1e-12)
    wrong = wider * (few * share * (moved - shift[:, None])).std(axis=-1, ddof=1) if few > 1 else np.full(len(shift), np.nan)
    mass = np.tile(share, way.z.shape[1] // few) / (way.z.shape[1] // few)
    low, high = _ends(to_theta(way.z, carried.ranges), mass)
    parts = np.moveaxis(way.parts[:, :, old_steps:], 0, -1)
    return {
        "log_predictive": np.array(way.gain),
        "log_predictive_error": np.array(wider * (few * share).std(ddof=1) if few > 1 else np.nan),
        "effective": np.array(1.0 / (mass**2).sum()),
        "families": _families(carried.ancestor[way.ancestor], mass),
        "part": share_out(parts, gains).reshape(len(parts), -1, 4).sum(axis=-1),
        "moved": shift / spread,
        "moved_error": wrong / spread,
        "low": low,
        "high": high,
        "way": np.array("learnt on", object),
    }


def _families(family: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Effective number of families."""
    return np.array(1.0 / (np.bincount(np.unique(family, return_inverse=True)[1], mass) ** 2).sum())


def _ends(theta: np.ndarray, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted quantiles 0.05 and 0.95 [row] of theta [row, particle]."""
    order = np.argsort(theta, axis=1)
    below = np.cumsum(mass[order], axis=1)
    low, high = (
        np.take_along_axis(theta, np.take_along_axis(order, (below < q).sum(axis=1, keepdims=True).clip(0, len(mass) - 1), 1), 1)[:, 0]
        for q in (0.05, 0.95)
    )
    return low, high


def _labelled(
    names: list[str], found: list[Mapping[str, np.ndarray]], base: int | None, rows: Sequence[str], years: range, unknowns: list[str]
) -> xr.Dataset:
    dims: dict[str, tuple[str, ...]] = {"part": ("theory", "name", "year")} | dict.fromkeys(
        ("moved", "moved_error", "low", "high"), ("theory", "row")
    )
    data = {k: (dims.get(k, ("theory",)), np.stack([f[k] for f in found])) for k in found[0]}
    value, wrong = data["log_predictive"][1], data["log_predictive_error"][1]
    gain = np.full(len(names), np.nan) if base is None else DECIBAN * (value - value[base])
    gain_error = (
        np.full(len(names), np.nan)
        if base is None
        else DECIBAN * np.hypot(wrong, np.where(np.arange(len(names)) == base, 0.0, wrong[base]))
    )
    if base is not None:
        gain_error[base] = 0.0
    data |= {"gain": (("theory",), gain), "gain_error": (("theory",), gain_error)}
    coords = {"theory": np.array(names, object), "name": np.array(rows, object), "year": list(years), "row": np.array(unknowns, object)}
    return xr.Dataset(data, coords, {"yardstick": "" if base is None else names[base]})


def settled(found: xr.Dataset, theory: str) -> bool:
    """Do enough particles of enough families stand behind a theory's figures?"""
    one = found.sel(theory=theory)
    return float(one["effective"]) >= FEWEST and float(one["families"]) >= FEWEST_FAMILIES


def decided(found: xr.Dataset, theory: str) -> bool:
    """Is a theory's gain told apart from nought, by enough particles of its own and of the yardstick's?"""
    one = found.sel(theory=theory)
    enough = settled(found, theory) and settled(found, found.attrs["yardstick"])
    return enough and abs(float(one["gain"])) > Z95 * float(one["gain_error"])
