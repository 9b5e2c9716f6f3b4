"""`detente prior`: does a reading that has learnt nothing hold the record?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from detente.analysis.prior import prior_predictive
from detente.engine.simulate import Runner
from detente.report.blocks import Grid, Page

NOTE = (
    "Futures of the years of the record under the reading's own ranges, not held to the record. Band: 2.5 to 97.5 in 100 futures, with the series' own "
    "error. A share near one with a narrow band is good; a share of one with a band far wider than the record's own spread says little."
)


def prior_page(model: Any, theory: Any | None, futures: int, seed: int) -> Page:
    """Measured series and counts of events against the band of untaught futures. `theory` None: the baseline."""
    series, counts = prior_predictive(Runner(model), theory, futures, seed)
    name = theory.argument if theory is not None else "the yardstick"
    blocks = (_series(series), _counts(counts))
    rows = {"series": series.round(6).to_dict("records"), "counts": counts.round(6).to_dict("records")}
    return Page(f"Untaught futures against the record: {name}", blocks, {"reading": name, "futures": futures, "seed": seed} | rows)


def _series(table: pd.DataFrame) -> Grid:
    rows = tuple((r.series, str(r.points), f"{r.inside:.2f}", f"{r.band:.2f}", f"{r.spread:.2f}") for r in table.itertuples())
    finite = table.finite.iloc[0] if len(table) else 1.0
    note = f"{NOTE} States that stay finite in every future: {finite:.0%}."
    return Grid("Measured series", ("series", "points", "share inside", "median band", "record's range"), rows, note=note, numeric=True)


def _counts(table: pd.DataFrame) -> Grid:
    rows = tuple((r[1], *(f"{x:g}" for x in r[2:6]), "yes" if r.inside else "no") for r in table.itertuples())
    return Grid("Counts of events", ("count", "record", "2.5 %", "median", "97.5 %", "inside"), rows, numeric=True)
