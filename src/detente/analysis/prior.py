"""History first: does a reading, before it has learnt anything, hold the record?

The unconditioned futures of 1991 to the record's end must hold each measured point inside their 95 % band nearly everywhere, without being idly
wide, and the counts of the record's events inside theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from detente.engine.record import Record, build_record
from detente.engine.simulate import Runner, draw_luck, draw_z, to_theta

BAND = (2.5, 50.0, 97.5)
TRACE = (
    "gdp",
    "arms",
    "warheads",
    "fear",
    "conduct",
    "rung",
    "exit_now",
    "open",
    "reopened_now",
    "promised_now",
    "joined_now",
    "wish",
    "intervention",
    "opened",
)
LOGS = {"gdp", "arms", "warheads"}


def prior_predictive(runner: Runner, theory: Any | None = None, futures: int = 1024, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(measured series, counts of events) of the years of the record under a theory's ranges (None: the baseline).

    Series: points, share inside the 95 % band, median width of the band and of the record's own spread, on the series' scale. Counts: record
    against the band's 2.5 %, 50 % and 97.5 %. `finite`: share of futures that stay finite in every state.
    """
    model = runner.model
    record = build_record(model)
    ids = np.arange(futures)
    theta = to_theta(draw_z(model, seed, ids), model.ranges(theory))
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    batch = runner.history(theta, draw_luck(seed, ids, years), None, tuple(k for k in TRACE if k in model.states))
    rng = np.random.default_rng([seed, 0x9107])
    series = _series(record, batch.traces, theta, rng)
    finite = float(np.mean([np.isfinite(v).all() for v in batch.state.values()]))
    return series.assign(finite=finite), _counts(model, record, batch.traces)


def _series(record: Record, traces: dict[str, np.ndarray], theta: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for draw, group in record.measures.items():
        for m in group:
            inside, width, seen = [], [], []
            for t, k in np.argwhere(m.has):
                state = traces[draw][t, k].astype(float)
                state = np.log(np.maximum(state, 1e-6)) if draw in LOGS else state
                offset = theta[m.offset[k]] if m.offset[k] >= 0 else 0.0
                noise = rng.standard_t(4, len(state)) if m.student else rng.standard_normal(len(state))
                low, _, high = np.percentile(state + offset + m.error[t, k] * noise, BAND)
                inside.append(low <= m.y[t, k] <= high)
                width.append(high - low)
                seen.append(m.y[t, k])
            rows.append(
                {"series": m.series, "points": len(inside), "inside": np.mean(inside), "band": np.median(width), "spread": np.ptp(seen)}
            )
    return pd.DataFrame(rows)


def _counts(model: Any, record: Record, traces: dict[str, np.ndarray]) -> pd.DataFrame:
    axes = model.world.axes
    rows = []

    def add(name: str, told: float, counts: np.ndarray) -> None:
        low, middle, high = np.percentile(counts, BAND)
        rows.append({"count": name, "record": told, "low": low, "median": middle, "high": high, "inside": low <= told <= high})

    entries = _entries(record)
    for k, name in enumerate(axes["rivalry"]):
        rung = traces["rung"][:, k]
        for level in (2, 3, 4):
            if "rung" in record.choices:
                rose = (rung[1:] >= level) & (rung[:-1] < level)
                add(f"entries into rung {level} or above [{name}]", entries[level][k], rose.sum(axis=0) + (rung[0] >= level))
    events = record.events
    for draw, state, axis in (
        ("exit", "exit_now", "party"),
        ("promise", "promised_now", "applicant"),
        ("join", "joined_now", "applicant"),
        ("reopen", "reopened_now", "channel"),
        ("intervention", "intervention", "bloc"),
    ):
        if draw in events and state in traces:
            counts = traces[state].sum(axis=(0, 1))
            add(f"{draw} (all of {axis})", float((events[draw].value * events[draw].has).sum()), counts)
    if "suspend" in events:
        opened = traces["open"]
        add(
            "suspend (all of channel)",
            float((events["suspend"].value * events["suspend"].has).sum()),
            ((opened[:-1] > 0.5) & (opened[1:] < 0.5)).sum(axis=(0, 1)),
        )
    if "open_domain" in events:
        add("open_domain", float(events["open_domain"].value.sum()), traces["opened"][-1].sum(axis=0))
    return pd.DataFrame(rows)


def _entries(record: Record) -> dict[int, np.ndarray]:
    """Entries of the record at or above each rung, by rivalry."""
    allowed = record.choices["rung"].allowed
    level = np.where(allowed.sum(axis=1) > 1, 0, allowed.argmax(axis=1))
    return {k: ((level[1:] >= k) & (level[:-1] < k)).sum(axis=0) + (level[0] >= k) for k in (2, 3, 4)}
