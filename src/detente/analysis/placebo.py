"""Placebo theories: random readings that move as many ranges by as much as a real one, in random directions. What is a good fit worth?

A theory is a list of moves: a range of so many unknowns is shifted by so much of its width and made so many times as wide. A placebo makes the same moves on
unknowns drawn at random, each up or down by the toss of a coin. If most of them fit the record as well as the theory does, its fit says little for it.

Evidence against the baseline comes from the baseline's own particles at the same places of the new ranges where enough of them stand for it (`reweigh`),
else from a short bridge of a part of them. A short bridge errs downward (one random reading: −7.3 with five moves a level, −5.0 with twenty, −3.8 with
sixty), so a reading is held against placebos by bridges just as short (`same_effort`), never by its own long one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import beta

from detente.analysis.reweigh import move
from detente.engine.assimilate import Posterior, Settings, assimilate
from detente.engine.compose import Model
from detente.engine.record import Record
from detente.engine.simulate import Runner

BRIDGE = Settings(particles=256, bridge_moves=5, keep=0.4, final_moves=2, kept=1)
"""Effort of a short bridge; its evidence is known before the last level is moved."""
WHOLE = ("share", "probability", "0–1", "share of GDP")
"""Units of what cannot exceed one."""


@dataclass(frozen=True)
class Move:
    """One entry of a theory: how many unknowns, the shift of the middle in widths of the baseline's range, and the factor of the width."""

    count: int
    shift: float
    factor: float


def moves_of(model: Model, theory: Any) -> tuple[Move, ...]:
    """The moves of a theory, entry by entry; unknowns that the baseline fixes are left out."""
    base, ranges = model.ranges(None), model.ranges(theory)
    out = []
    for entry in theory.ranges:
        rows = [k for k in model.find(entry.parameter, entry.elements) if base[k, 0] < base[k, 1]]
        if rows:
            parts = np.array([_moved(base[k], ranges[k]) for k in rows])
            out.append(Move(len(rows), float(np.abs(parts[:, 0]).mean()), float(parts[:, 1].mean())))
    return tuple(out)


def _bent(x: np.ndarray, log: float) -> np.ndarray:
    return np.log(np.maximum(x, 1e-12)) if log > 0.5 else x


def _moved(old: np.ndarray, new: np.ndarray) -> tuple[float, float]:
    """(shift of the middle, width) of a range in widths of another, on the scale on which the other is drawn."""
    a, b = _bent(old[:2], old[2]), _bent(new[:2], old[2])
    width = a[1] - a[0]
    return float((b.sum() - a.sum()) / 2.0 / width), float((b[1] - b[0]) / width)


def placebo(model: Model, moves: Sequence[Move], rng: np.random.Generator) -> np.ndarray:
    """Ranges [row, 3] of one random reading. Rates stay non-negative and shares below one: a move that would leave that is made the other way."""
    out, base = model.ranges(None), model.ranges(None)
    rows: dict[str, list[int]] = {}
    for k, r in enumerate(model.rows):
        if r.parameter in model.parameters and model.parameters[r.parameter][0].kind == "belief" and base[k, 0] < base[k, 1]:
            rows.setdefault(r.parameter, []).append(k)
    for m in sorted(moves, key=lambda m: -m.count):
        fit = [name for name, places in rows.items() if len(places) >= m.count] or list(rows)
        if not fit:
            break
        name = fit[int(rng.integers(len(fit)))]
        places = rows.pop(name)
        side = 1.0 if rng.random() < 0.5 else -1.0
        for k in rng.permutation(places)[: m.count]:
            most = 1.0 if model.parameters[name][0].unit in WHOLE else np.inf
            out[k] = _shifted(base[k], side * m.shift, m.factor, most)
    return out


def _shifted(limits: np.ndarray, shift: float, factor: float, most: float) -> np.ndarray:
    """A range moved by `shift` of its width and `factor` times as wide; the other way round where all of it would leave the allowed values."""
    low, high, log = limits
    a, b = _bent(limits[:2], log)
    for way in (shift, -shift):
        middle, half = 0.5 * (a + b) + way * (b - a), 0.5 * factor * (b - a)
        first, last = middle - half, middle + half
        if log > 0.5:
            first, last = float(np.exp(first)), float(np.exp(last))
        least = 0.0 if low >= 0.0 else -np.inf
        kept = max(first, least), min(last, most)
        if kept[0] <= kept[1] and (0.5 * (first + last) >= least) and (0.5 * (first + last) <= most):
            return np.array([*kept, log])
    return np.array([low, high, log])


# -------------------------------------------------------------------------------------------------------------------------- weighing


@dataclass(frozen=True)
class Found:
    """Log evidence of a placebo less the baseline's, its standard error, and how it was found: `reused`, or `bridged` after reuse was refused."""

    gain: float
    error: float
    way: str
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Known at all."""
        return bool(np.isfinite(self.gain) and np.isfinite(self.error))


def weigh(runner: Runner, baseline: Posterior, ranges: np.ndarray, record: Record, seed: int = 1) -> Found:
    """One placebo."""
    again = move(runner, baseline, ranges, record)
    if again.ok:
        return Found(again.gain, again.error, "reused")
    part = some(baseline, BRIDGE.particles)
    reached = assimilate(runner, None, record, BRIDGE, seed, ranges=ranges, start=part)
    return Found(reached.log_evidence - part.log_evidence, reached.log_evidence_error, "bridged")


def same_effort(found: Sequence[Found]) -> tuple[float, float]:
    """(gain, standard error) of a reading from several short bridges of its own: their mean, with the larger of their spread and their own errors."""
    gains, wrong = np.array([f.gain for f in found]), np.array([f.error for f in found])
    spread = gains.std(ddof=1) if len(gains) > 1 else 0.0
    return float(gains.mean()), float(max(spread, np.sqrt(np.mean(np.nan_to_num(wrong) ** 2))) / len(gains) ** 0.5)


def some(posterior: Posterior, count: int) -> Posterior:
    """Every so many-th of the particles."""
    chosen = (np.arange(min(count, posterior.size)) * posterior.size) // min(count, posterior.size)
    return replace(
        posterior,
        z=posterior.z[:, chosen],
        theta=posterior.theta[:, chosen],
        luck=posterior.luck[..., chosen],
        state={k: v[..., chosen] for k, v in posterior.state.items()},
        log_likelihood=posterior.log_likelihood[chosen],
        ancestor=posterior.ancestor[chosen],
    )


@dataclass(frozen=True)
class Standing:
    """Where a theory stands among placebos: the share that fit no better than it, with a 95 % interval for how few were drawn (Jeffreys).

    `low`, `high` take in the errors of the evidence too: they count a placebo within two standard errors of the theory on either side.
    """

    share: float
    low: float
    high: float
    count: int


def standing(gain: float, error: float, placebos: Sequence[Found]) -> Standing:
    """A theory's gain and its standard error among placebos. Raises ValueError without any."""
    if not placebos:
        raise ValueError("expected at least one placebo")
    gains, wrong = np.array([f.gain for f in placebos]), np.array([f.error for f in placebos])
    unsure = 2.0 * np.hypot(np.nan_to_num(wrong), error)
    below, sure, may = (int(np.sum(x)) for x in (gains <= gain, gains <= gain - unsure, gains <= gain + unsure))
    n = len(gains)
    low = float(beta.ppf(0.025, sure + 0.5, n - sure + 0.5)) if sure else 0.0
    high = float(beta.ppf(0.975, may + 0.5, n - may + 0.5)) if may < n else 1.0
    return Standing(below / n, low, high, n)
