"""`detente calibrate`: estimates with the sampler's health, beside the ranges in use, as a page and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detente.analysis import calibrate as cal
from detente.report.blocks import Block, Grid, Page
from detente.report.run import _Bar, interruptible

SAYS = {
    "holds": "holds most of what a new case may be",
    "narrow": "holds the middle, but less than half of the cases",
    "off": "the middle of the cases lies outside",
}
MIDDLE, LOW, HIGH = (cal.QUANTILES.index(q) for q in (0.5, 0.05, 0.95))


@dataclass(frozen=True)
class Request:
    """What was asked: whether to sample anew and by which seed, where to write estimates and a picture."""

    fresh: bool
    seed: int
    write: Path | None
    figure: Path | None


def calibrate_command(request: Request, model: Any) -> tuple[Page, int]:
    """The page, and the exit code: 1 where a sampler is unhealthy or the kept estimates are of other data."""
    found = _again(request) if request.fresh else cal.kept()
    old = cal.stale(found)
    rows = cal.compare(found, model)
    if request.write is not None:
        cal.keep(found, request.write)
    if request.figure is not None:
        from detente.report.files import write_text

        write_text(request.figure, picture(rows))
    return page(found, rows, old), 1 if old or cal.complaints(found) else 0


def _again(request: Request) -> dict[str, Any]:
    bar = _Bar("Baseline ranges against data")
    with bar:
        return interruptible(lambda: cal.estimate(request.seed, progress=bar.tell), bar.stop)


# -------------------------------------------------------------------------------------------------------------- the page


def page(found: Mapping[str, Any], rows: Sequence[cal.Comparison], old: bool = False) -> Page:
    """Health first, then each estimate beside the range in use, then what is proposed, Richardson's variants, what to mind."""
    troubles = cal.complaints(found)
    opening = [
        "What data say of the baseline ranges. An interval is where nine new cases in ten lie by the estimate (a rivalry, a crisis, a pact not "
        "yet seen), not how well the average is known. Nothing is changed here: ranges stay as they are until somebody changes them."
    ]
    if old:
        opening.append(
            "These estimates were made from other tables, another plan or another program; `detente calibrate --fresh` makes them anew."
        )
    opening += [f"Unhealthy: {text}." for text in troubles]
    blocks: tuple[Block, ...] = (*opening, health_grid(found), range_grid(rows), proposals(rows), variant_grid(found), minds(rows))
    data = {
        "stale": old,
        "complaints": troubles,
        "seed": found["seed"],
        "estimates": found["estimates"],
        "richardson_variants": found["richardson_variants"],
        "comparison": [_plain(r) for r in rows],
    }
    return Page("Baseline ranges against data", blocks, data)


def _plain(r: cal.Comparison) -> dict[str, Any]:
    return {
        "parameter": r.parameter,
        "estimate": r.job.id,
        "role": r.job.spec["role"],
        "unit": r.unit,
        "used": list(r.used),
        "quantiles": list(cal.QUANTILES),
        "middle": list(r.middle),
        "new_case": list(r.new_case),
        "held": round(r.held, 3),
        "says": r.says,
        "proposes": r.proposes,
        "source": r.job.spec["source"],
    }


def number(x: float) -> str:
    """Two significant digits, never as a power of ten."""
    text = f"{x:.2g}"
    return f"{float(text):.5f}".rstrip("0").rstrip(".") if "e" in text else text


def span(low: float, high: float) -> str:
    """'0.1 to 0.4'."""
    return f"{number(low)} to {number(high)}"


def health_grid(found: Mapping[str, Any]) -> Grid:
    """What each sampler says of itself."""
    columns = ("estimate", "worst R-hat", "fewest effective draws", "of draws", "divergences", "healthy")
    titles = {job.id: job.spec["title"] for job in cal.plan()}
    groups: dict[str, list[str]] = {}
    for row in found["estimates"]:
        groups.setdefault(str(row["health"]), []).append(titles[row["id"]])
    lines = [(names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else ""), key) for key, names in groups.items()]
    of = {str(row["health"]): row["health"] for row in found["estimates"]}
    body = [(title, *_health(of[key])) for title, key in lines]
    body += [(f"Richardson, {row['meaning']}", *_health(row["health"])[:-1], "rough") for row in found["richardson_variants"]]
    note = (
        "NUTS by NumPyro. R-hat is the worst over all unknowns, group effects too; estimates sampled in one program share a line. The variants of "
        "Richardson's equation are two short chains each, good for their means only."
    )
    return Grid("Health of the samplers", columns, tuple(body), note=note, numeric=True)


def _health(h: Mapping[str, Any]) -> tuple[str, ...]:
    return (f"{h['r_hat']:.3f}", f"{h['effective']:.0f}", str(h["draws"]), str(h["divergences"]), "no" if h["complaints"] else "yes")


def range_grid(rows: Sequence[cal.Comparison]) -> Grid:
    """Each parameter: in use, estimated, what the range does."""
    columns = ("parameter", "unit", "range in use", "estimate: middle", "nine new cases in ten", "the range in use", "data")
    body = tuple(
        (
            r.parameter,
            r.unit,
            span(*r.used),
            number(r.middle[MIDDLE]),
            span(r.new_case[LOW], r.new_case[HIGH]),
            _said(r),
            f"{r.job.spec['title']} ({r.job.spec['role']})",
        )
        for r in rows
    )
    note = (
        "`same record`: the very events that theories are held against afterwards; such an estimate is a check and must not narrow a range, "
        "or the events would count twice. Parameters not listed have no data behind them here: their ranges are assumed."
    )
    return Grid("Ranges in use beside what data say", columns, body, note=note)


def _said(r: cal.Comparison) -> str:
    bound = "; the estimate is an upper limit" if "bound" in r.job.parameters[r.parameter] else ""
    return SAYS[r.says] + bound


def proposals(rows: Sequence[cal.Comparison]) -> str:
    """What would change if the data had their way, in a sentence."""
    asked = [r for r in rows if r.proposes]
    if not asked:
        return "No change of a range is proposed."
    said = [f"{r.parameter} from {span(*r.used)} to {span(r.new_case[LOW], r.new_case[HIGH])} {r.unit}" for r in asked]
    return "Proposed, and not made: " + "; ".join(said) + "."


def variant_grid(found: Mapping[str, Any]) -> Grid:
    """Richardson's coefficients under other choices."""
    main = next(row for row in found["estimates"] if row["id"] == "richardson")["parameters"]
    columns = (
        "variant",
        "state-years",
        "rivalries",
        "answer, mean over rivalries",
        "answer of a new rivalry",
        "fatigue, middle state, 1/yr",
    )
    body = [("main", "", "", "", _three(main["reaction"]["before_division"]), _three(main["fatigue"]["middle"]))]
    for row in found["richardson_variants"]:
        cells = (str(row["state_years"]), str(row["rivalries"]))
        body.append((row["meaning"], *cells, _three(row["answer"]), _three(row["answer_new"]), _three(row["fatigue"])))
    note = "Middle (5 % to 95 %). An answer is the share of a rival's forces that is added a year's fatigue at a time; it may be negative."
    return Grid("Richardson's coefficients under other choices", columns, tuple(body), note=note)


def _three(q: Sequence[float]) -> str:
    return f"{number(q[MIDDLE])} ({span(q[LOW], q[HIGH])})"


def minds(rows: Sequence[cal.Comparison]) -> str:
    """What stands between estimate and parameter, and the limits, by estimate."""
    lines = []
    for job in dict.fromkeys(r.job.id for r in rows):
        spec = next(r.job.spec for r in rows if r.job.id == job)
        because = [f"divided by {span(*p['divide'])}: {p['because']}" for p in spec["parameters"].values() if "divide" in p]
        lines.append(f"{spec['title']}. {spec['source']}. {' '.join([*(b + '.' for b in because), *spec['limits']])}")
    return "What to mind\n" + "\n".join(lines)


# ----------------------------------------------------------------------------------------------------------- the picture


def placed(r: cal.Comparison, x: float, log: bool) -> float:
    """Where a value lies against the range in use: 0 its lower end, 1 its upper end; cut off at −1 and 2."""
    low, high = r.used
    if not log:
        return float(np.clip((x - low) / (high - low), -1.0, 2.0))
    return -1.0 if x <= 0 else float(np.clip(np.log(x / low) / np.log(high / low), -1.0, 2.0))


def picture(rows: Sequence[cal.Comparison]) -> str:
    """Each estimate against the range in use, drawn as a band from its lower to its upper end; SVG."""
    import altair as alt

    from detente.report.picture import FAINT, INK, PAIR, Picture, dress, to_svg

    table = []
    for r in rows:
        log = r.used[0] > 0 and r.used[1] / r.used[0] > 3
        places = {
            n: placed(r, r.new_case[cal.QUANTILES.index(q)], log) for n, q in (("low", 0.05), ("q25", 0.25), ("q75", 0.75), ("high", 0.95))
        }
        name = f"{r.parameter}: {r.job.spec['title'].lower()}"
        middle = placed(r, r.middle[MIDDLE], log)
        table.append({"name": name, "kind": r.job.spec["role"], "middle": middle, **places, "from": 0.0, "to": 1.0})
    kinds = ["outside", "same record"]
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=420))
    x = alt.X(
        "from:Q",
        title="range in use",
        scale=alt.Scale(domain=[-1, 2]),
        axis=alt.Axis(values=[0, 1], labelExpr="datum.value == 0 ? 'lower end' : 'upper end'", grid=False),
    )
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=list(PAIR[:2])), legend=alt.Legend(title="events", orient="bottom"))
    base = alt.Chart(alt.Data(values=table)).encode(y=y)
    chart = alt.layer(
        base.mark_bar(color=FAINT, opacity=0.3, height=14).encode(x=x, x2="to:Q"),
        base.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q", color=colour),
        base.mark_rule(strokeWidth=4).encode(x="q25:Q", x2="q75:Q", color=colour),
        base.mark_point(filled=True, size=45, color=INK).encode(x="middle:Q"),
    ).properties(width=420, height=22 * len(table))
    alt_text = "Ranges in use as bands, estimates as lines with their middles: " + "; ".join(f"{r.parameter} {SAYS[r.says]}" for r in rows)
    return to_svg(Picture("calibrate", "Baseline ranges against data", alt_text, dress(chart), "", (), ()), False)
