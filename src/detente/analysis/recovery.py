"""Can the record tell the readings apart at all? Records told by a known reading, and how often that reading is named.

Two ways, since weighing costs minutes a record and naming needs many records:

- `weigh`: the sampler's own evidence. The baseline is learnt from a told record, every reading is reached from there over a bridge; the reading with the most
  evidence is named, and with even odds beforehand evidence gives the probability of each. Effort is small by design; errors stand beside.
- `name`: a classifier trained on records told by every reading, without any likelihood. What it names right on fresh records is a floor: no method can be
  worse and best at once, and a better one may exist. Its errors are those of counting fresh records.

A told record has the coverage and errors of the real one (`method.record_like`); `twice` adds to each measured series another of the same error, independent
of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detente.analysis import method
from detente.engine.assimilate import Settings, assimilate
from detente.engine.compose import Model
from detente.engine.record import Record
from detente.engine.simulate import Runner

Progress = Callable[[str, int, int], None]
EFFORT = Settings(particles=256, moves=40, bridge_moves=15, final_moves=30, kept=1)
"""Effort of weighing one told record."""
CHUNK = 256
"""Histories told at once."""
YEARS = 4
"""Quarters put together in what a classifier sees."""


def twice(like: Record) -> Record:
    """The record with each measured series a second time, under a name of its own; to be filled by `method.record_like`."""
    again = {name: (*group, *(replace(m, series=f"{m.series}/again") for m in group)) for name, group in like.measures.items()}
    return replace(like, measures=again)


# ------------------------------------------------------------------------------------------------------------- by the sampler's evidence


@dataclass(frozen=True)
class Weighed:
    """Log evidence of each reading less the baseline's, with the bridge's error [reading]; share of families of the baseline's posterior."""

    gain: np.ndarray
    error: np.ndarray
    families: float


def weigh(
    runner: Runner, theories: Sequence[Any], record: Record, settings: Settings = EFFORT, seed: int = 1, progress: Progress | None = None
) -> Weighed:
    """Weigh every reading by one told record."""
    say = progress or (lambda stage, done, total: None)
    say("the yardstick", 0, len(theories) + 1)
    base = assimilate(runner, None, record, settings, seed)
    found = []
    for k, theory in enumerate(theories):
        say(theory.argument, k + 1, len(theories) + 1)
        found.append(assimilate(runner, theory, record, settings, seed, start=base))
    gain = np.array([x.log_evidence - base.log_evidence for x in found])
    return Weighed(gain, np.array([x.log_evidence_error for x in found]), float(base.health["ancestors"]))


class Teller:
    """Tells records of one coverage by any reading of a model; compiled once."""

    def __init__(self, model: Model, like: Record) -> None:
        self.model, self.like, self.names = model, like, (*like.events, *like.choices, *like.measures)
        self.program = method.teller(model, self.names)

    def record(self, theory: Any, seed: int, number: int) -> Record:
        """The `number`-th record that a reading told: unknowns and luck from its own ranges."""
        theta, luck = method.truths(self.model, self.model.ranges(theory), seed + number // CHUNK, CHUNK)
        k, rng = number % CHUNK, np.random.default_rng([seed, number, 0x7E11])
        return method.record_like(self.like, self.program(theta, luck), k, theta[:, k], rng)

    def features(self, theory: Any, count: int, seed: int) -> np.ndarray:
        """Records told by a reading, as a classifier sees them [record, feature]."""
        rng, out = np.random.default_rng([seed, 0x5EE]), []
        theta, luck = method.truths(self.model, self.model.ranges(theory), seed, -(-count // CHUNK) * CHUNK)
        for first in range(0, count, CHUNK):
            part = slice(first, first + CHUNK)
            out.append(seen(self.like, self.program(theta[:, part], luck[..., part]), theta[:, part], rng))
        return np.concatenate(out)[:count]


# ------------------------------------------------------------------------------------------------------------------- by a classifier


def seen(like: Record, told: dict[str, np.ndarray], theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a classifier sees of told records [future, feature]: events and rungs per `YEARS` years and element, measured points with error and offset."""
    parts = []
    for name, e in like.events.items():
        if e.score.any():
            parts.append(_periods(np.where(e.has[..., None], told[name] > 0.5, 0.0)))
    for name, c in like.choices.items():
        rung = np.where(c.has[..., None], np.round(told[name]), 0.0)
        parts += [_periods(rung >= least) for least in (2, 3, 4)]
    for name, group in like.measures.items():
        for m in group:
            if m.weight <= 0.0:
                continue
            noise = rng.standard_t(method.TAIL, told[name].shape) if m.student else rng.standard_normal(told[name].shape)
            offset = np.where((m.offset >= 0)[:, None], theta[m.offset], 0.0)
            parts.append((told[name] + offset + m.error[..., None] * noise)[m.has])
    return np.concatenate([p.reshape(-1, p.shape[-1]) for p in parts]).T.astype(np.float32)


def _periods(happened: np.ndarray) -> np.ndarray:
    """[step, element, future] → sums over periods of `YEARS` years."""
    edges = np.arange(0, len(happened), 4 * YEARS)
    return np.add.reduceat(happened.astype(np.float32), edges, axis=0)


@dataclass(frozen=True)
class Named:
    """Mean probability that fresh records of a reading give to each [reading, reading], its standard error, and the share whose likeliest it was, the
    number of fresh records of each, and the mean log₂ of how much likelier than by chance the truth was called: a floor of the information."""

    probability: np.ndarray
    error: np.ndarray
    likeliest: np.ndarray
    records: int
    bits: float


def name(
    records: np.ndarray, strength: Sequence[float] = (0.001, 0.01, 0.1), share: tuple[float, float] = (0.6, 0.2), seed: int = 1
) -> Named:
    """Name readings by told records [reading, record, feature]: a linear classifier, its strength chosen on held-out records, judged on fresh ones."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    readings, count, _ = records.shape
    first, second = round(share[0] * count), round(sum(share) * count)
    labels = [np.repeat(np.arange(readings), n) for n in (first, second - first, count - second)]
    flat = [x.reshape(-1, records.shape[-1]) for x in (records[:, :first], records[:, first:second], records[:, second:])]
    scaler = StandardScaler().fit(flat[0])
    learn, choose, fresh = (np.clip(np.nan_to_num(scaler.transform(x)), -8.0, 8.0) for x in flat)
    best, least = None, np.inf
    for c in strength:
        model = LogisticRegression(C=c, max_iter=300, random_state=seed).fit(learn, labels[0])
        loss = -float(np.mean(model.predict_log_proba(choose)[np.arange(len(choose)), labels[1]]))
        if loss < least:
            best, least = model, loss
    assert best is not None
    p = best.predict_proba(fresh).reshape(readings, -1, readings)
    n = p.shape[1]
    top = np.stack([np.bincount(row.argmax(axis=1), minlength=readings) / n for row in p])
    own = p[np.arange(readings), :, np.arange(readings)]
    return Named(p.mean(axis=1), p.std(axis=1, ddof=1) / n**0.5, top, n, float(np.mean(np.log2(np.maximum(own, 1e-12) * readings))))
