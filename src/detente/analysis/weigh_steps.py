"""The steps of a study of weights, each made once for all that it depends on and kept in the user's cache folder.

Of a theory under one seed: its gain by the way there and the way back with the latter's parts, importance weights of every variation, health; on request
crossings where the weights are refused, runs with more particles, and the record taken in year by year.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from detente.analysis import bridge, fragility, sequential
from detente.analysis.bridge import Target
from detente.analysis.judge import reuse
from detente.engine.assimilate import Posterior, Settings
from detente.engine.cache import load_or_assimilate, meaning, posterior_key
from detente.engine.compose import Model
from detente.engine.record import Record
from detente.engine.setup import cache_dir
from detente.engine.simulate import Runner, draw_luck, draw_z

Progress = Callable[[str, int, int], None]
Kept = dict[str, np.ndarray]
KINDS = ("fitted", "prior", "luck")
"""Kinds of move of the sampler (`engine/moves.py`)."""
COURSE = "course"
BACK = Settings(bridge_moves=16, final_moves=48)
"""Effort of a crossing."""
MORE = (2, 4)
"""Particles of the full study, times those of the usual one."""


@dataclass(frozen=True)
class Study:
    """What is weighed and how: `full` also takes the ways that reuse refuses, and more particles; `years` scores year by year."""

    theories: tuple[Any, ...]
    seeds: tuple[int, ...] = (1,)
    full: bool = False
    years: bool = False
    settings: Settings = field(default_factory=Settings)
    folder: Path | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Bench:
    """What every part of a study works with."""

    study: Study
    runner: Runner
    record: Record
    names: tuple[str, ...]
    groups: dict[str, str]
    variations: tuple[fragility.Variation, ...]
    tell: Progress

    @property
    def model(self) -> Model:
        return self.runner.model

    @property
    def base(self) -> np.ndarray:
        return self.model.ranges(None)

    @property
    def folder(self) -> Path:
        return self.study.folder or cache_dir() / "weighed"

    def posterior(self, theory: Any | None, seed: int, settings: Settings | None = None) -> Posterior:
        """A theory's posterior, from the cache where it stands there."""
        where = None if self.study.folder is None else self.study.folder / "posteriors"
        chosen = settings or self.study.settings
        return load_or_assimilate(self.runner, theory, self.record, chosen, seed, where, self.tell)

    def kept(self, what: str, theory: Any | None, seed: int, make: Callable[[], Kept], settings: Settings | None = None) -> Kept:
        """Arrays made once for all that they depend on."""
        limits = self.model.ranges(theory)
        chosen = settings or self.study.settings
        key = hashlib.sha256(_sources(what) + what.encode() + json.dumps([v.id for v in self.variations]).encode())
        key.update(posterior_key(self.runner, limits, self.record, chosen, seed, "weighed").encode())
        file = self.folder / f"{key.hexdigest()}.npz"
        if file.is_file() and not self.study.fresh:
            try:
                with np.load(file, allow_pickle=False) as data:
                    return {name: data[name] for name in data.files}
            except (OSError, ValueError):
                pass  # not whole: made again
        made = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".part.npz")
        np.savez_compressed(half, allow_pickle=False, **made)
        half.replace(file)
        return made


@cache
def _sources(what: str) -> bytes:
    """Digest of the texts that a step depends on."""
    files = (bridge.__file__, sequential.__file__) if what == COURSE else (bridge.__file__, fragility.__file__, __file__)
    return hashlib.sha256("".join(meaning(Path(f).read_text(encoding="utf-8")) for f in files if f).encode()).digest()


def one(bench: Bench, theory: Any | None, seed: int) -> Kept:
    """All that is known of one theory (None: the baseline) under one seed."""
    found = dict(bench.kept("main", theory, seed, lambda: _main(bench, theory, seed)))
    if bench.study.full:
        found |= _fully(bench, theory, seed, found)
    if bench.study.years:
        effort = sequential.EFFORT

        def course() -> Kept:
            whole = Target(bench.model.ranges(theory), bench.record)
            return vars(sequential.by_year(bench.runner, bench.names, whole, effort, seed, bench.tell))

        found |= {f"course_{k}": v for k, v in bench.kept(COURSE, theory, seed, course, effort).items()}
    return found


def _main(bench: Bench, theory: Any | None, seed: int) -> Kept:
    learnt = bench.posterior(theory, seed)
    target = Target(learnt.ranges, bench.record)
    parts = bridge.parts_of(bench.runner, target, bench.names, learnt.z, learnt.luck)
    out = _moved(bench, theory, seed, learnt) | _health(learnt)
    out["log_weights"] = np.array([_reweighted(bench, v, learnt, parts) for v in bench.variations])
    out["family"] = learnt.ancestor
    return out


def _moved(bench: Bench, theory: Any | None, seed: int, learnt: Posterior) -> Kept:
    """The theory's gain by the way there and the way back, the parts of the latter, and what made it hard."""
    islands, steps = BACK.islands, bench.model.history_steps
    nothing = np.zeros((islands, len(bench.names), steps))
    if np.array_equal(learnt.ranges, bench.base):
        strain, pull = _from_prior(bench, learnt, seed)
        level = {"there": learnt.log_evidence, "there_error": learnt.log_evidence_error, "back": 0.0, "back_error": 0.0}
        return {k: np.array(v) for k, v in level.items()} | {"parts": nothing, "strain": strain, "pull": pull, "returned": np.array(1.0)}
    targets = Target(learnt.ranges, bench.record), Target(bench.base, bench.record)
    way = _crossing(bench, learnt, targets, seed)
    return {
        "there": np.array(learnt.log_evidence),
        "there_error": np.array(learnt.log_evidence_error),
        "back": np.array(-way.gain),
        "back_error": np.array(way.error),
        "parts": -way.parts,
        "strain": way.strain,
        "pull": way.pull,
        "returned": np.array(len(np.unique(way.ancestor)) / way.z.shape[-1]),
    }


def _crossing(bench: Bench, learnt: Posterior, targets: tuple[Target, Target], seed: int) -> bridge.Crossing:
    """From a posterior to another target."""
    learnt = learnt.newest()
    return bridge.cross(bench.runner, bench.names, learnt.z, learnt.luck, targets, BACK, seed, bench.tell)


def _from_prior(bench: Bench, learnt: Posterior, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What spreads the log-likelihood of particles of the prior at the first power: (shares [name, step], correlations [row])."""
    model, ids = bench.model, np.arange(learnt.size)
    z = draw_z(model, seed, ids)
    luck = draw_luck(seed, ids, range(model.start_year, model.start_year + model.history_steps // 4))
    parts = bridge.parts_of(bench.runner, Target(learnt.ranges, bench.record), bench.names, z, luck)
    total = parts.sum(axis=(0, 1), dtype=np.float64)
    hard, pull = bridge.strains(parts, total, 2.0 * float(learnt.health["levels"][0]["power"]) * total, z)
    return hard / max(float(hard.sum()), 1e-12), pull


def _health(learnt: Posterior) -> Kept:
    levels = learnt.health["levels"]
    rates = [np.mean([level[f"accepted_{k}"] for level in levels if f"accepted_{k}" in level] or [np.nan]) for k in KINDS]
    return {
        "levels": np.array(len(levels)),
        "effective": np.array(min(level["effective"] for level in levels)),
        "accepted": np.array(rates),
        "ancestors": np.array(learnt.health["ancestors"]),
        "families": np.array(len(np.unique(learnt.ancestor))),
        "particles": np.array(learnt.size),
    }


def _reweighted(bench: Bench, variation: fragility.Variation, learnt: Posterior, parts: np.ndarray) -> np.ndarray:
    """log L′ − log L of each particle under a variation."""
    target = fragility.varied(variation, learnt.ranges, bench.base, bench.record)
    if variation.kind in ("series", "weight"):
        factor = np.array([target.weights.get(name, 1.0) - 1.0 for name in bench.names])
        return np.einsum("n,nsp->p", factor, parts, dtype=np.float64)
    if np.array_equal(target.ranges, learnt.ranges) and target.record is bench.record:
        return np.zeros(learnt.size)
    other = bridge.parts_of(bench.runner, target, bench.names, learnt.z, learnt.luck)
    return other.sum(axis=(0, 1), dtype=np.float64) - parts.sum(axis=(0, 1), dtype=np.float64)


def _fully(bench: Bench, theory: Any | None, seed: int, found: Kept) -> Kept:
    """Crossings for what reuse refuses [variation, (gain, error)], and evidences with more particles [(log evidence, error)]."""
    ways = np.full((len(bench.variations), 2), np.nan)
    for k, variation in enumerate(bench.variations):
        if not reuse(found["log_weights"][k], found["family"]).sound:

            def make(variation: fragility.Variation = variation) -> Kept:
                learnt = bench.posterior(theory, seed)
                targets = Target(learnt.ranges, bench.record), fragility.varied(variation, learnt.ranges, bench.base, bench.record)
                way = _crossing(bench, learnt, targets, seed)
                return {"gain": np.array([way.gain, way.error])}

            ways[k] = bench.kept(f"crossing {variation.id}", theory, seed, make)["gain"]
    more = []
    for factor in MORE:
        settings = replace(bench.study.settings, particles=factor * bench.study.settings.particles)

        def learn(settings: Settings = settings) -> Kept:
            learnt = bench.posterior(theory, seed, settings)
            return {"evidence": np.array([learnt.log_evidence, learnt.log_evidence_error])}

        more.append(bench.kept("more", theory, seed, learn, settings)["evidence"])
    return {"ways": ways, "more": np.array(more)}
