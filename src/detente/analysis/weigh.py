"""Theories held against one record: log marginal likelihoods with their errors, parts by series and quarter, what they hang on, the sampler's health.

A theory is reached from the baseline's posterior by a bridge (`engine/assimilate.py`), and the baseline from the theory's posterior by another, the way
back (`bridge.py`). The way there tends to come out low and the way back high: their gap is an error that neither sees of itself. In sample throughout:
this is the fit of a reading's ranges, and no forecast was scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis import bridge, fragility
from detente.analysis.judge import reuse
from detente.analysis.weigh_steps import KINDS, MORE, Bench, Kept, Progress, Study, one
from detente.engine.record import build_record
from detente.engine.simulate import Runner
from detente.scenario import ScenarioError

__all__ = ["Study", "weigh"]


def weigh(runner: Runner, study: Study, progress: Progress | None = None) -> xr.Dataset:
    """Weigh theories against the baseline. Raises ScenarioError where the record holds nothing that weighs.

    Gains are log marginal likelihoods less the baseline's, in nats: `there`, `back` and their errors [theory, seed]; `parts` [theory, seed, island,
    name, time] adds to `back`, island by island; `vary` [theory, seed, variation] is what a variation adds to a theory's log evidence, `vary_base` to the
    baseline's (NaN: refused); `course` (with `years`) [baseline and theories, seed, name, time] the scores year by year; health per theory.
    """
    record = build_record(runner.model)
    names = bridge.scored_names(record)
    if not names:
        raise ScenarioError(
            "this scenario's record holds nothing that weighs; expected at least one series of `use: score`, or coded events", "record"
        )
    groups = fragility.group_of(runner.model, record, names)
    bench = Bench(study, runner, record, names, groups, fragility.variations(groups, record), lambda *_: None)
    ticker = _Ticker(progress or (lambda *_: None), len(study.seeds) * (len(study.theories) + 1))
    bench = replace(bench, tell=ticker.inside)
    rows: dict[tuple[int, int], Kept] = {}
    for s, seed in enumerate(study.seeds):
        for k, theory in enumerate((None, *study.theories)):
            ticker.stage(theory.argument if theory is not None else "the yardstick", seed)
            rows[s, k] = one(bench, theory, seed)
            ticker.step()
    return _dataset(bench, rows)


class _Ticker:
    """Counts theories done and tells where the work stands."""

    def __init__(self, tell: Progress, total: int) -> None:
        self.tell, self.total, self.done, self.text = tell, total, 0, ""

    def stage(self, text: str, seed: int) -> None:
        self.text = f"{text}, seed {seed}"
        self.tell(self.text, self.done, self.total)

    def inside(self, text: str, part: int, whole: int) -> None:
        self.tell(f"{self.text}: {text} ({100 * part // max(whole, 1)} %)", self.done, self.total)

    def step(self) -> None:
        self.done += 1
        self.tell(self.text, self.done, self.total)


# ------------------------------------------------------------------------------------------------------------ one labelled result


def _dataset(bench: Bench, rows: dict[tuple[int, int], Kept]) -> xr.Dataset:
    theories, seeds = bench.study.theories, bench.study.seeds

    def stack(name: str, first: int = 1) -> np.ndarray:
        return np.array([[rows[s, k][name] for s in range(len(seeds))] for k in range(first, len(theories) + 1)])

    varied = _varied(bench, rows)
    ids = [v.id for v in bench.variations] + ([f"particles_{f}" for f in MORE] if bench.study.full else [])
    two = ("theory", "seed")
    base = np.array([rows[s, 0]["there"] for s in range(len(seeds))])
    out: dict[str, Any] = {
        "there": (two, stack("there") - base),
        "there_error": (two, stack("there_error")),
        "back": (two, stack("back")),
        "back_error": (two, stack("back_error")),
        "yardstick": (("seed",), base),
        "yardstick_error": (("seed",), np.array([rows[s, 0]["there_error"] for s in range(len(seeds))])),
        "parts": ((*two, "island", "name", "time"), stack("parts")),
        "vary": ((*two, "variation"), varied[0][1:]),
        "vary_error": ((*two, "variation"), varied[1][1:]),
        "vary_base": (("seed", "variation"), varied[0][0]),
        "vary_base_error": (("seed", "variation"), varied[1][0]),
        "effective_share": (("held", "seed", "variation"), varied[2]),
        "crossed": (("held", "seed", "variation"), varied[3]),
        "accepted": (("held", "seed", "kind"), stack("accepted", 0)),
        "strain": (("held", "seed", "name", "time"), stack("strain", 0)),
        "pull": (("held", "seed", "row"), stack("pull", 0)),
    }
    for name in ("levels", "effective", "ancestors", "families", "particles", "returned"):
        out[name] = (("held", "seed"), stack(name, 0))
    if bench.study.years:
        out["course"] = (("held", "seed", "name", "time"), stack("course_parts", 0))
        out["course_left"] = (("held", "seed", "year"), stack("course_left", 0))
    return xr.Dataset(out, _coords(bench, ids), {"unit": "nats", "full": int(bench.study.full)})


def _coords(bench: Bench, variations: Sequence[str]) -> dict[str, Any]:
    theories, model = bench.study.theories, bench.model

    def words(values: Any) -> np.ndarray:
        return np.array(list(values), dtype=object)

    same = [np.array_equal(model.ranges(t), bench.base) for t in theories]
    return {
        "theory": words(t.id for t in theories),
        "argument": ("theory", words(t.argument for t in theories)),
        "table": ("theory", words(t.table for t in theories)),
        "same": ("theory", np.array(same, bool)),
        "held": words(["", *(t.id for t in theories)]),
        "moved": (("held", "row"), np.array([(model.ranges(t) != bench.base).any(axis=1) for t in (None, *theories)])),
        "seed": np.array(bench.study.seeds),
        "name": words(bench.names),
        "group": ("name", words(bench.groups[n] for n in bench.names)),
        "time": model.start_year + 0.25 * np.arange(model.history_steps),
        "variation": words(variations),
        "factor": ("variation", np.array([v.factor for v in bench.variations] + [np.nan] * (len(variations) - len(bench.variations)))),
        "concerns": (("variation", "name"), np.array([[n in _names(bench, v) for n in bench.names] for v in variations])),
        "kind": words(KINDS),
        "row": words(r.name for r in model.rows),
        "year": np.arange(model.start_year, model.start_year + model.history_steps // 4),
    }


def _names(bench: Bench, variation: str) -> tuple[str, ...]:
    """Names of the record whose weight a variation changes."""
    return next((v.names for v in bench.variations if v.id == variation and v.kind in ("series", "weight")), ())


def _varied(bench: Bench, rows: dict[tuple[int, int], Kept]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(gain, error, effective share, crossed?) of each variation [baseline and theories, seed, variation]; NaN where refused and not crossed."""
    count = len(bench.study.theories) + 1
    more = len(MORE) if bench.study.full else 0
    gain, error, share = (np.full((count, len(bench.study.seeds), len(bench.variations) + more), np.nan) for _ in range(3))
    crossed = np.zeros(gain.shape, bool)
    for (s, k), row in rows.items():
        for v in range(len(bench.variations)):
            found = reuse(row["log_weights"][v], row["family"])
            share[k, s, v] = found.particles / len(row["family"])
            if found.sound:
                gain[k, s, v], error[k, s, v] = found.gain, found.error
            elif "ways" in row:
                (gain[k, s, v], error[k, s, v]), crossed[k, s, v] = row["ways"][v], True
        for m in range(more):
            at = len(bench.variations) + m
            gain[k, s, at], error[k, s, at] = row["more"][m][0] - row["there"], row["more"][m][1]
            crossed[k, s, at] = True
    return gain, error, share, crossed
