"""`detente posterior`: what a reading learns from the record, parameter by parameter, and what becomes of its claims."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.report import words
from detente.report.blocks import Block, Figure, Grid, Page, put
from detente.report.picture import FAINT, INK, PAIR, Picture, dress, to_svg
from detente.scenario import Scenario, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.posterior import Claim
    from detente.engine.compose import Model

DECIBAN = 10.0 / math.log(10.0)
LEAST = 5.0
"""Decibans under which a weight of evidence says nothing (Jeffreys 1961)."""
MOST = 24
"""Rows of the picture and of its table."""
APART = 2.0
"""Nats by which the log evidence of runs may differ before they are said not to have settled."""


@dataclass(frozen=True)
class Request:
    """What was asked on the command line; `theory` None: the yardstick."""

    theory: str | None
    scenario: str
    seeds: int
    bridge: bool
    figure: Path | None
    json: bool


def posterior_command(request: Request) -> int:
    """Learn, or take what was learnt, under each seed; print the page. Raises ScenarioError when the request cannot be met."""
    from detente.report.learnt import begin, working, write_picture

    scenario, runner = begin(request.scenario)
    if request.theory is not None and request.theory not in scenario.theories:
        from detente.scenario.errors import unknown

        raise ScenarioError(unknown("theory", request.theory, scenario.theories))
    found = working("posterior", lambda bar: page(runner, request.theory, request.seeds, bar.tell, request.bridge))
    if request.figure is not None:
        write_picture(request.figure, found, words.foot(scenario.as_of))
    put(found, request.json)
    return 0


def page(runner: Any, theory: str | None, seeds: int, tell: Any, bridge: bool = False) -> Page:
    """The page of one reading (None: the yardstick, and every claim of the readings at the table alone)."""
    from detente.analysis.posterior import claims, learnt
    from detente.engine.cache import load_or_assimilate
    from detente.engine.record import build_record

    model, scenario = runner.model, runner.model.scenario
    record, held = build_record(model), scenario.theories[theory] if theory is not None else None

    def runs(which: Any) -> list[Any]:
        name = which.argument if which is not None else "the yardstick"
        out = []
        for seed in range(1, seeds + 1):

            def inside(text: str, part: int, whole: int, seed: int = seed) -> None:
                tell(f"{name}, seed {seed}: learning from the record, {text}", part, whole)

            out.append(load_or_assimilate(runner, which, record, seed=seed, progress=inside))
        return out

    baselines = runs(None)
    posteriors = baselines if held is None else runs(held)
    ds = learnt(model, posteriors)
    if held is not None:
        weighed = {held.id: claims(runner, held, posteriors, baselines, record, tell, bridge)}
    else:
        weighed = {
            t.id: claims(runner, t, (), baselines, record, tell, bridge)
            for t in scenario.ordered_theories()
            if t.table == "at" and t.ranges
        }
    return build(model, theory, ds, weighed)


def build(model: Model, theory: str | None, ds: xr.Dataset, weighed: Mapping[str, Sequence[Claim]]) -> Page:
    """The page from its figures."""
    scenario = model.scenario
    held = scenario.theories[theory] if theory is not None else None
    name = held.argument if held is not None else "the yardstick"
    own = _own(model, held)
    picked = _ranked(ds)
    told = Grid(
        "What the record tells",
        COLUMNS,
        tuple(_row(model, ds, k) for k in picked),
        note=NOTE,
    )
    mine = Grid("The reading's own ranges", (*COLUMNS, "told"), tuple((*_row(model, ds, k), _said(ds, k)) for k in own))
    drawn = forest(model, ds, name, picked, own)
    blocks: tuple[Block, ...] = (
        *([f"{held.holder}."] if held is not None else ["What everything keeps that no reading speaks of."]),
        _summary(ds),
        *([told] if picked else []),
        *([mine] if own else []),
        *([_figure(drawn)] if drawn is not None else []),
        *[_claims(scenario, scenario.theories[t], found, theory is not None) for t, found in weighed.items() if found],
        words.foot(scenario.as_of),
    )
    return Page(f"What the record tells: {name}", blocks, _data(model, theory, ds, weighed))


COLUMNS = ("unknown", "what it is", "before", "after", "moved", "contraction")
NOTE = (
    "Before: the reading's range. After: median and nine tenths, runs pooled. Moved: where two standard errors bear it. "
    "Contraction: share of the variance that is gone, with its standard error; "
    "where it is not larger than two of them, nothing can be said. Offsets are constants between a measured series and the state."
)


def _summary(ds: xr.Dataset) -> str:
    free, told = int((~ds["fixed"]).sum()), int(ds["told"].sum())
    seeds = ds.attrs["seeds"]
    evidence = ds.attrs["log_evidence"]
    runs = "one run" if seeds == 1 else f"{seeds} runs under different seeds"
    text = f"Of {free} unknowns the record tells on which side of the middle {told} lie, by {runs}; one in ten of these may be so by luck. "
    if seeds == 1:
        return text + (
            "One run cannot know its own error: its particles descend from few draws, and what they share by descent looks learnt. Take nothing from it "
            "that other seeds do not repeat."
        )
    apart = max(evidence) - min(evidence)
    if apart > APART:
        text += (
            f"The runs have not settled: their log evidences differ by {apart:.0f} nats, so the figures below mix places that the sampler did not "
            "compare. Only what all runs agree on is said to be told."
        )
    return text


def _ranked(ds: xr.Dataset) -> list[int]:
    """Rows that the record tells something of, the farthest moved first; at most `MOST`."""
    order = sorted((k for k in range(ds.sizes["row"]) if bool(ds["told"][k])), key=lambda k: -abs(float(ds["shift"][k])))
    return order[:MOST]


def _own(model: Model, theory: Any) -> list[int]:
    """Rows that a reading moves."""
    return sorted({k for r in theory.ranges for k in model.find(r.parameter, r.elements)}) if theory is not None else []


def _row(model: Model, ds: xr.Dataset, k: int) -> tuple[str, ...]:
    low, high = float(ds["low"][k]), float(ds["high"][k])
    first, _, middle, _, last = (float(x) for x in ds["q"][k])
    before = words.figure(low) if low == high else f"{words.figure(low)} to {words.figure(high)}"
    contraction = float(ds["contraction"][k])
    unsure = float(ds["contraction_error"][k])
    digits = 2 if unsure < 0.05 else 1
    narrowed = "–" if math.isnan(contraction) else f"{contraction:.{digits}f} ± {unsure:.{digits}f}".replace("-", "−")
    shift, wrong = float(ds["shift"][k]), float(ds["shift_error"][k])
    side = "–" if not abs(shift) > 2.0 * wrong else ("up" if shift > 0 else "down")
    return (str(ds["row"].values[k]), _meaning(model, k), before, words.amount(middle, first, last), side, narrowed)


def _said(ds: xr.Dataset, k: int) -> str:
    return "fixed" if bool(ds["fixed"][k]) else "yes" if bool(ds["told"][k]) else "no"


def _meaning(model: Model, k: int) -> str:
    row = model.rows[k]
    if row.parameter in model.parameters:
        return model.parameters[row.parameter][0].meaning
    series = {f"offset_{s.id}": s.label or s.id for s in model.scenario.record}
    return f"offset of a series: {series.get(row.parameter, row.parameter)}"


# ------------------------------------------------------------------------------------------------------------------------- claims


def weight(gain: float, error: float) -> str:
    """A weight of evidence in whole decibans with its error: `−16 ± 3`."""
    return f"{DECIBAN * gain:.0f} ± {max(round(DECIBAN * error), 1)}".replace("-", "−")


def judged(gain: float, error: float) -> str:
    """What it says: two errors and five decibans must bear it."""
    if not (math.isfinite(gain) and math.isfinite(error)):
        return "not known"
    if abs(gain) <= 2.0 * error or DECIBAN * abs(gain) < LEAST:
        return "says nothing"
    return "strengthens" if gain > 0 else "weakens"


def _cell(found: Sequence[Any], gain: tuple[float, float]) -> str:
    if not found:
        return "not asked"
    if not math.isfinite(gain[0]):
        refused = [x for x in found if not x.ok]
        return f"not known: {refused[0].reason}" + (f" (seed 1 to {len(found)}: {len(refused)} refused)" if len(found) > 1 else "")
    return f"{judged(*gain)} ({weight(*gain)})"


def _claims(scenario: Scenario, theory: Any, found: Sequence[Claim], within: bool) -> Grid:
    said = _texts(scenario)
    rows = tuple(
        (
            c.id,
            said.get(c.id, ""),
            ", ".join(c.parameters),
            *((_cell(c.within, c.gain_within),) if within else ()),
            _cell(c.alone, c.gain_alone),
        )
        for c in found
    )
    columns = ("claim", "in our words", "ranges that stand for it", *(("within the reading",) if within else ()), "alone")
    note = (
        "Does the record fit better with these ranges than with the yardstick's for the same unknowns? In decibans, with the standard error; under five, or "
        "under two errors, it says nothing. Alone: everything else as the yardstick has it. It weighs our ranges, in sample, not the sentence; not known "
        "where too few particles would carry the answer; `--bridge` then moves a part of them, which takes longer."
    )
    return Grid(f"Fit of our reading, claim by claim: {theory.argument}", columns, rows, note=note)


def _texts(scenario: Scenario) -> dict[str, str]:
    from detente.report.show_claims import read_claims, saying

    try:
        return {str(row["id"]): saying(row) for row in read_claims(scenario)}
    except ScenarioError:
        return {}


# ------------------------------------------------------------------------------------------------------------------------ picture


def forest(model: Model, ds: xr.Dataset, name: str, picked: Sequence[int], own: Sequence[int]) -> Picture | None:
    """Prior against posterior as places in the range: what the record tells, and the reading's own ranges."""
    import altair as alt

    rows: list[dict[str, Any]] = []
    kept = list(dict.fromkeys([k for k in own if not bool(ds["fixed"][k])] + list(picked)))[:MOST]
    for k in kept:
        q05, q25, q50, q75, q95 = (float(x) for x in ds["place"][k])
        row = {
            "unknown": str(ds["row"].values[k]),
            "q05": q05,
            "q25": q25,
            "q50": q50,
            "q75": q75,
            "q95": q95,
            "first": 0.05,
            "last": 0.95,
            "told": "told by the record" if bool(ds["told"][k]) else "not told",
            "text": _row(model, ds, k)[3],
            "column": "after",
        }
        rows.append(row | {"before": _row(model, ds, k)[2]})
    if not rows:
        return None
    order = [r["unknown"] for r in rows]
    y = alt.Y("unknown:N", sort=order, title=None, axis=alt.Axis(labelLimit=230, ticks=False, domain=False))
    scale = alt.Scale(domain=[0, 1])
    x: dict[str, Any] = {
        "title": "place in the range before the record (0 its lower end, 1 its upper)",
        "scale": scale,
        "axis": alt.Axis(values=[0, 0.5, 1]),
    }
    data = alt.Data(values=rows)
    colour = alt.Color(
        "told:N",
        scale=alt.Scale(domain=["told by the record", "not told"], range=[PAIR[0], PAIR[1]]),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3),
    )
    base = alt.Chart(data).encode(y=y)
    chart = alt.layer(
        base.mark_bar(height=11, color=FAINT, opacity=0.22).encode(x=alt.X("first:Q", **x), x2="last:Q"),
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X("q05:Q", **x), x2="q95:Q", color=colour),
        base.mark_rule(strokeWidth=5, opacity=0.75).encode(x=alt.X("q25:Q", **x), x2="q75:Q", color=colour),
        base.mark_point(filled=True, size=26, color=INK, opacity=1).encode(x=alt.X("q50:Q", **x)),
    ).properties(width=420, height=17 * len(rows))
    return Picture(
        "posterior",
        f"Before and after the record: {name}",
        f"Nine tenths and half of each unknown after the record, as places in its range before, {len(rows)} unknowns; grey: before.",
        dress(chart),
        "Grey: nine tenths before the record. Thin line: nine tenths after; thick: half; dot: median; runs under all seeds pooled.",
        ("unknown", "before", "after"),
        tuple((r["unknown"], r["before"], r["text"]) for r in rows),
    )


def _figure(picture: Picture) -> Figure:
    return Figure(
        picture.title, to_svg(picture), picture.alt, Grid(picture.title, picture.columns, picture.rows), picture.note, key=picture.key
    )


# --------------------------------------------------------------------------------------------------------------------------- data


def _data(model: Model, theory: str | None, ds: xr.Dataset, weighed: Mapping[str, Sequence[Claim]]) -> dict[str, Any]:
    names = ("low", "high", "contraction", "contraction_error", "shift", "shift_error", "p", "told", "fixed")
    rows = {
        str(row): {n: ds[n].values[k].item() for n in names} | {"after": ds["q"].values[k].tolist()}
        for k, row in enumerate(ds["row"].values)
    }
    return {
        "scenario": model.scenario.id,
        "reading": theory,
        "as_of": model.scenario.as_of,
        "seeds": ds.attrs["seeds"],
        "log_evidence": ds.attrs["log_evidence"],
        "quantiles": ds["quantile"].values.tolist(),
        "unknowns": rows,
        "claims": {t: {c.id: _claim_data(c) for c in found} for t, found in weighed.items()},
    }


def _claim_data(c: Claim) -> dict[str, Any]:
    def one(found: Sequence[Any], gain: tuple[float, float]) -> dict[str, Any]:
        seeds = [
            {"gain": x.gain, "error": x.error, "way": x.way, "refused": x.reason}
            | {k: getattr(x, k) for k in ("ess", "families", "k") if hasattr(x, k)}
            for x in found
        ]
        return {"gain": gain[0], "error": gain[1], "verdict": judged(*gain), "seeds": seeds}

    out = {"parameters": c.parameters, "unit": "nats", "alone": one(c.alone, c.gain_alone)}
    return out | ({"within": one(c.within, c.gain_within)} if c.within else {})
