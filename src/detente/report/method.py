"""What the long studies of the method found, as pages: exact evidence against the sampler's, ranks of known truths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from detente.analysis.method import Verdict, judge
from detente.report.blocks import Grid
from detente.report.picture import FAINT, PAIR, Picture, dress

LEAST = 20
"""Records under which ranks are not judged."""
NAMES = {
    "stockpiles": "stockpiles of two rivals, sixteen years (linear, Gaussian: exact)",
    "budgets": "budgets of 1909 to 1913 (Richardson's race: within a tenth of a nat)",
}


def kalman(data: Mapping[str, Any]) -> Grid:
    """Log evidence, exact and by the sampler, seed by seed."""
    runs: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for key, found in data["done"].items():
        name, effort, _ = key.split("|")
        runs.setdefault((name, effort), []).append((found["log"], found["own_error"]))
    rows = tuple(_kalman_row(data["head"]["exact"][name][0], name, effort, found) for (name, effort), found in sorted(runs.items()))
    columns = ("what", "particles", "seeds", "exact", "sampler, mean", "spread over seeds", "log of the mean", "own error, median")
    note = (
        "Natural logarithms. The estimate is unbiased before its logarithm is taken, so `log of the mean` over seeds goes to the exact value; the mean of "
        "the logarithms stays below it by about half of the squared spread. Own error: what a run says of itself, by its islands."
    )
    return Grid("Evidence against its exact value", columns, rows, note=note)


def _kalman_row(exact: float, name: str, effort: str, found: list[tuple[float, float]]) -> tuple[str, ...]:
    logs, own = (np.array(x) for x in zip(*found, strict=True))
    top = logs.max()
    mean = top + math.log(float(np.exp(logs - top).mean()))
    spread = f"{logs.std(ddof=1):.2f}" if len(logs) > 1 else "–"
    return (
        NAMES.get(name, name),
        effort.removesuffix(" particles"),
        str(len(logs)),
        f"{exact:.2f}",
        f"{logs.mean():.2f}",
        spread,
        f"{mean:.2f}",
        f"{np.median(own):.2f}",
    )


def verdicts(data: Mapping[str, Any]) -> dict[str, Verdict]:
    """Unknown → verdict of its ranks; none where there are fewer than `LEAST` records."""
    ranks = np.array([found["ranks"] for found in data["done"].values()])
    if len(ranks) < LEAST:
        return {}
    return {row: judge(ranks[:, k], data["head"]["draws"]) for k, row in enumerate(data["head"]["rows"]) if (ranks[:, k] >= 0).all()}


def calibration(data: Mapping[str, Any]) -> Grid:
    """Ranks of every unknown: counts by tenth, chi-square, band."""
    found = verdicts(data)
    runs = len(data["done"])
    rows = tuple(
        (name, " ".join(str(c) for c in v.counts), f"{v.statistic:.0f}", f"{v.p:.2g}", "inside" if v.inside else "outside")
        for name, v in found.items()
    )
    low = sum(v.p < 0.05 for v in found.values())
    out = sum(not v.inside for v in found.values())
    least = min((v.p for v in found.values()), default=1.0) * len(found)
    note = (
        f"{runs} simulated records, {len(found)} unknowns. By luck alone one in twenty falls under p 0.05 and one in twenty leaves its band: here "
        f"{low} and {out} of {len(found)}; the smallest p, times their number, is {min(least, 1.0):.2g}."
    )
    return Grid(
        "Ranks of the true values", ("unknown", "records by tenth of the ranks", "chi-square (9)", "p", "band of 95 %"), rows, note=note
    )


def recovery(data: Mapping[str, Any], what: str) -> Grid:
    """Records told by each reading, and how often each reading is the likeliest of them, in 100 with the error of counting fresh records."""
    found = data["classify"]
    names, count = found["readings"], found["fresh"]
    rows = tuple(
        (name, *(f"{100 * x:.0f} ± {100 * math.sqrt(max(x * (1 - x), 1 / count) / count):.0f}" for x in row))
        for name, row in zip(names, found["likeliest"], strict=True)
    )
    note = (
        f"Of {count} fresh records of each reading, after {found['records'] - count} of each to learn from and choose by; a row to a reading that "
        f"told. Told about which reading: at least {found['bits']:.2f} of {math.log2(len(names)):.2f} bits."
    )
    return Grid(what, ("told by", *(f"named {name}" for name in names)), rows, note=note)


def compared(data: Mapping[str, Any]) -> Grid:
    """Samplers of one posterior at about equal cost, seed by seed: evidence, families left, what they spent."""
    rows = []
    for key, run in sorted(data["done"].items()):
        name, seed = key.split("/")
        rows.append(
            (
                name.replace("_", " "),
                seed,
                f"{run['log_evidence']:.1f}".replace("-", "−"),
                f"{run['roots']:,}",
                f"{run['cost']:,.0f}",
                f"{run['processor_seconds']:.0f}",
            )
        )
    columns = ("sampler", "seed", "log evidence", "draws of the prior left", "histories", "processor seconds")
    return Grid("One posterior by several samplers", columns, tuple(rows), note="A slope counts as the histories that take as long.")


def ecdf(data: Mapping[str, Any]) -> Picture | None:
    """Every unknown's distribution of ranks less the diagonal, with the band that luck allows one of them."""
    import altair as alt

    found = verdicts(data)
    if not found:
        return None
    first = next(iter(found.values()))
    rows = [
        {"unknown": name, "x": float(x), "away": float(y), "state": "inside its band" if v.inside else "outside"}
        for name, v in found.items()
        for x, y in zip(v.x, v.away, strict=True)
    ]
    band = [{"x": float(x), "low": float(a), "high": float(b)} for x, a, b in zip(first.x, first.low, first.high, strict=True)]
    title: dict[str, Any] = {"title": "share of ranks below, less what is expected"}
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=["inside its band", "outside"], range=[PAIR[1], PAIR[0]]),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3),
    )
    chart = alt.layer(
        alt.Chart(alt.Data(values=band)).mark_area(color=FAINT, opacity=0.25).encode(x="x:Q", y=alt.Y("low:Q", **title), y2="high:Q"),
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=1, opacity=0.7)
        .encode(x=alt.X("x:Q", title="rank of the true value, as a share"), y=alt.Y("away:Q", **title), detail="unknown:N", color=colour),
    ).properties(width=460, height=240)
    return Picture(
        "sbc",
        "Ranks of true values among draws of their posteriors",
        f"One line per unknown, {len(found)} of them, {len(data['done'])} simulated records: how far the distribution of ranks is from uniform.",
        dress(chart),
        "Grey: where one line in twenty would leave by luck if the sampler were right. A bow up or down: biased; an S: too narrow or too wide.",
        ("unknown", "band"),
        tuple((name, "inside" if v.inside else "outside") for name, v in found.items()),
    )
