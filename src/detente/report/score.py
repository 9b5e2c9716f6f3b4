"""`detente score`: how well each reading forecast what came later, beside what any model must beat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis.further import DECIBAN
from detente.analysis.hindcast import EVEN, EVIDENCE, LEAKS
from detente.analysis.observables import KINDS
from detente.analysis.references import REFERENCES
from detente.report import words
from detente.report.blocks import Block, Grid, Page
from detente.report.files import write_text
from detente.report.picture import FAINT, INK, PAIR, Picture, dress, framed, to_svg
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

FEWEST_FAMILIES = 10
"""Families of particles behind a forecast below which nothing is said of it."""
AFTER = (
    "The rows came after the record that ranges were fitted to. Whoever wrote the readings or chose the rows may still have known both: say so when you "
    "show this."
)
NAMES = {
    EVIDENCE: "readings by evidence at the date",
    EVEN: "readings, all alike",
    "climatology": "reference: climatology",
    "persistence": "reference: persistence",
    "trend": "reference: linear trend",
}
HOW = (
    "Skill: hundredths of the reference's score saved, with a 95 % interval (paired, whole elements or whole years redrawn, the wider of the two). "
    "0 is as good as the reference, below 0 is worse. A reading is better or worse only where the interval excludes 0."
)
PLAIN = {
    "climatology": "as often as before",
    "persistence": "as last year, as far as that has held",
    "trend": "a straight line through the past",
}


def score_page(ds: xr.Dataset, found: xr.Dataset, scenario: Scenario, further: bool = False) -> Page:
    """The page of `analysis.hindcast` scored by `analysis.support`; `further`: of rows that came after the scenario's own record."""
    until = np.atleast_1d(ds.attrs["until"]).tolist()
    dates = words.listing([str(u) for u in until])
    years = ds["year"].values
    title = f"Support: forecasts made at the end of {dates}, out of sample"
    lead = (
        f"Each reading learnt from the record to 31 December of the year and forecast {years.min()}–{years.max()} with no package in force. "
        f"{found.attrs['questions']} yes-or-no questions about single years, {ds.sizes['point']} measured points. "
        + " ".join(verdict(found, who, name(scenario, who)) for who in (EVIDENCE, EVEN) if who in found["forecaster"])
    )
    leaks = AFTER if further else f"What these forecasts still know of later years: {'; '.join(LEAKS)}."
    if float(ds.attrs.get("effort", 1.0)) < 1.0:
        lead += f" A rough look: {ds.attrs['particles']} particles, {round(100 * ds.attrs['effort'])} % of the sampler's usual moves."
    blocks: list[Block] = [lead, leaks, _overall(found, scenario), _support(ds, found, scenario), _parts(found, scenario)]
    blocks += [_kinds(found, scenario), _series(found, scenario), _evidence(ds, scenario), _curve(found, scenario)]
    return Page(title, tuple(b for b in blocks if b), data(ds, found, scenario))


def name(scenario: Scenario, who: str) -> str:
    """A forecaster in words: the argument of a reading, or what the forecast is made of."""
    return scenario.theories[who].argument if who in scenario.theories else NAMES[who]


def skill(found: xr.Dataset, variable: str, **at: Any) -> str:
    """`14 (2 to 29)`, in hundredths."""
    middle, low, high = (float(found[variable + end].sel(**at)) for end in ("", "_low", "_high"))
    if not np.isfinite(middle):
        return "unknown"
    ends = f" ({_hundredths(low)} to {_hundredths(high)})" if np.isfinite(low) else " (interval unknown)"
    return _hundredths(middle) + ends


def alike(*values: float) -> list[str]:
    """`words.alike`, without a nought that is below nought."""
    return ["0" + x[2:] if not x.strip("−0.") and x.startswith("−0") else x for x in words.alike(*values)]


def _hundredths(x: float) -> str:
    return f"{round(100 * x):,}".replace("-", "−")


def verdict(found: xr.Dataset, who: str, said: str) -> str:
    """One sentence: which references a forecaster beats, loses to, or is not told apart from, by log score."""
    groups: dict[str, list[str]] = {"better than": [], "worse than": [], "not told apart from": []}
    for reference in REFERENCES:
        at: dict[str, Any] = {"score": "log", "forecaster": who, "reference": reference}
        low, high = (float(found[f"skill_{end}"].sel(**at)) for end in ("low", "high"))
        groups["better than" if low > 0 else "worse than" if high < 0 else "not told apart from"].append(reference)
    parts = [f"{relation} {words.listing(names)}" for relation, names in groups.items() if names]
    return f"{words.sentence(said)}: by log score {'; '.join(parts)}."


def _overall(found: xr.Dataset, scenario: Scenario) -> Grid:
    columns = ("forecast", "log score", "Brier", *(f"skill against {r}" for r in REFERENCES))
    rows = []
    for who in found["forecaster"].values:
        scores = [words.figure(float(found["mean"].sel(score=s, forecaster=who))) for s in ("log", "brier")]
        skills = ["·" if who == r else skill(found, "skill", score="log", forecaster=who, reference=r) for r in REFERENCES]
        rows.append((name(scenario, who), *scores, *skills))
    note = f"Questions; scores are means, smaller is better (log: natural). Skill is of the log score. {HOW} References: " + "; ".join(
        f"{k}, {v}" for k, v in PLAIN.items()
    )
    return Grid("Yes-or-no questions", columns, tuple(rows), note=note + ".", numeric=True, key="questions")


def _support(ds: xr.Dataset, found: xr.Dataset, scenario: Scenario) -> Grid | str:
    base = found.attrs.get("yardstick", "")
    if not base:
        return ""
    rows = []
    for who in found["forecaster"].values:
        if who in scenario.theories and who != base:
            at: dict[str, Any] = {"forecaster": who, "reference": base}
            low, high = (float(found[f"skill_{end}"].sel(score="log", **at)) for end in ("low", "high"))
            few = min(int(ds["families"].sel(theory=t).min()) for t in (who, base)) < FEWEST_FAMILIES
            said = "unsettled" if few else "better" if low > 0 else "worse" if high < 0 else "the record does not decide"
            rows.append((name(scenario, who), *(skill(found, "skill", score=s, **at) for s in ("log", "brier")), said))
    note = (
        "Against the yardstick, whose ranges are those that every reading keeps where it says nothing: what the reading's own claims add. "
        "Of twenty readings that add nothing one would be called better or worse by luck."
    )
    columns = ("reading", "skill, log score", "skill, Brier", "said of it")
    return Grid("What each reading adds to the yardstick", columns, tuple(rows), note=note, numeric=True, key="support") if rows else ""


def _parts(found: xr.Dataset, scenario: Scenario) -> Grid:
    terms = found["term"].values
    rows = [
        (
            name(scenario, who),
            *alike(
                float(found["mean"].sel(score="brier", forecaster=who)), *(float(x) for x in found["murphy"].sel(forecaster=who).values)
            ),
        )
        for who in found["forecaster"].values
    ]
    note = (
        "Brier = reliability − resolution + uncertainty + within (Murphy 1973; five bins, `within` is what they blur). Reliability: how far forecasts lie "
        "from what happened after them, smaller is better; resolution: how far they part the cases, larger is better."
    )
    return Grid("What the Brier score is made of", ("forecast", "Brier", *terms), tuple(rows), note=note, numeric=True, key="murphy")


def _columns(found: xr.Dataset) -> list[str]:
    base = found.attrs.get("yardstick", "")
    return [who for who in (EVIDENCE, EVEN, base, *REFERENCES) if who]


def _kinds(found: xr.Dataset, scenario: Scenario) -> Grid:
    who = _columns(found)
    rows = [
        (
            KINDS[k].words,
            str(int(found["cases"].sel(kind=k))),
            *alike(*(float(found["kind_brier"].sel(kind=k, forecaster=w)) for w in who)),
        )
        for k in found["kind"].values
    ]
    columns = ("question", "cases", *(name(scenario, w).removeprefix("reference: ") for w in who))
    return Grid("Brier score by question", columns, tuple(rows), note="Smaller is better.", numeric=True, key="kinds")


def _series(found: xr.Dataset, scenario: Scenario) -> Grid | str:
    if not found.sizes["series"]:
        return ""
    labels = {s.id: s.label or s.id for s in scenario.record}
    rows = []
    for who in found["forecaster"].values:
        if who in _columns(found) and who not in REFERENCES:
            rows += [
                (
                    name(scenario, who),
                    labels.get(s, s),
                    *(skill(found, "crps_skill", series=s, forecaster=who, reference=r) for r in REFERENCES),
                )
                for s in found["series"].values
            ]
    counts = ", ".join(f"{labels.get(s, s)}: {int(found['points'].sel(series=s))}" for s in found["series"].values)
    note = f"Continuous ranked probability score of each measured point, on the record's scale; every reading is in --json. Points: {counts}. {HOW}"
    return Grid(
        "Measured series",
        ("forecast", "series", *(f"skill against {r}" for r in REFERENCES)),
        tuple(rows),
        note=note,
        key="series",
        numeric=True,
    )


def _evidence(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """What the mixture is made of, by date."""
    until = np.atleast_1d(ds.attrs["until"])
    base = ds.attrs.get("yardstick", "")
    rows = []
    for theory in ds["theory"].values:
        one = ds.sel(theory=theory)
        share, families, wrong = (np.atleast_1d(one[v].values) for v in ("weight", "families", "log_evidence_error"))
        gap = np.atleast_1d((one["log_evidence"] - ds["log_evidence"].sel(theory=base)).values) if base else np.full(len(until), np.nan)
        for k, year in enumerate(until):
            apart = (
                "·"
                if theory == base or not np.isfinite(gap[k])
                else f"{DECIBAN * gap[k]:+.0f} ± {DECIBAN * wrong[k]:.0f}".replace("-", "−")
            )
            rows.append((name(scenario, theory), str(year), apart, words.hundredths(float(share[k])), str(int(families[k]))))
    note = (
        "Fit of our reading to the record until the date, in sample: decibans against the yardstick with the sampler's own standard error; the share it "
        "has in the mixture by evidence, in hundredths; families of particles behind its forecast (under 10: unsettled)."
    )
    columns = ("reading", "to the end of", "decibans", "share of mixture", "families")
    return Grid("What the mixture is made of", columns, tuple(rows), note=note, numeric=True, key="evidence")


# ------------------------------------------------------------------------------------------------------------------ the picture


def reliability_chart(found: xr.Dataset, scenario: Scenario) -> Picture:
    """Observed shares by forecast, a panel per forecast; the bar is where the share would lie if the forecast were right."""
    import altair as alt

    rows: list[dict[str, Any]] = []
    for who in found["forecaster"].values:
        one = found.sel(forecaster=who)
        for b in found["bin"].values:
            count, forecast, observed, low, high = (
                float(one[f"curve_{v}"].sel(bin=b)) for v in ("count", "forecast", "observed", "low", "high")
            )
            if count > 0:
                said = f"{round(100 * observed)} after {round(100 * forecast)} ({int(count)})"
                rows.append(
                    {"who": name(scenario, who), "forecast": forecast, "observed": observed, "low": low, "high": high, "count": count}
                    | {"text": said, "bin": f"{20 * int(b)} to {20 * int(b) + 20} in 100"}
                )
    order = list(dict.fromkeys(r["who"] for r in rows))
    x = alt.X(
        "forecast:Q",
        title="forecast, in 100",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=[0, 0.5, 1], labelExpr="100 * datum.value"),
    )
    y: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(values=[0, 0.5, 1], labelExpr="100 * datum.value")}
    plot = alt.Chart()
    seen = plot.transform_filter("isValid(datum.observed)")
    layers = [
        plot.transform_filter("isValid(datum.a)").mark_line(color=FAINT, strokeDash=[2, 2]).encode(x="a:Q", y="a:Q"),
        seen.mark_rule(color=FAINT, strokeWidth=5, opacity=0.35).encode(x=x, y=alt.Y("low:Q", title="happened, in 100", **y), y2="high:Q"),
        seen.mark_line(color=PAIR[1], strokeWidth=1.2).encode(x=x, y=alt.Y("observed:Q", **y)),
        seen.mark_point(filled=True, opacity=1, color=INK).encode(x=x, y=alt.Y("observed:Q", **y), size=alt.Size("count:Q", legend=None)),
    ]
    diagonal = [{"who": who, "a": a} for who in order for a in (0.0, 1.0)]
    head = alt.Header(labelFontSize=10, labelLimit=170, labelAnchor="start")
    chart = (
        alt.layer(*layers, data=alt.Data(values=rows + diagonal))
        .properties(width=120, height=110)
        .facet(alt.Facet("who:N", sort=order, title=None, header=head), columns=4)
    )
    note = (
        "Horizontal: the share of futures that a forecast gave to yes; vertical: the share of those questions where yes came. On the dotted line they agree. "
        "Grey bars: 95 % of shares if the forecast were right and questions were independent, which they are not. Larger dots: more questions."
    )
    said = "Observed shares against forecast shares, one panel per reading, mixture and reference."
    cells = {(r["who"], r["bin"]): r["text"] for r in rows}
    heads = [f"{20 * b} to {20 * b + 20} in 100" for b in range(found.sizes["bin"])]
    behind: dict[str, Any] = {"columns": ("forecast", *heads), "rows": tuple((w, *(cells.get((w, h), "") for h in heads)) for w in order)}
    return Picture("reliability", "When a forecast said so much, how often did it happen?", said, dress(chart), note, **behind)


def _curve(found: xr.Dataset, scenario: Scenario) -> Grid:
    picture = reliability_chart(found, scenario)
    note = "Cell: happened in 100 after the mean forecast in 100 (questions)."
    return Grid(picture.title, picture.columns, picture.rows, note=note, key="reliability", numeric=True)


def write_figures(folder: Path, found: xr.Dataset, scenario: Scenario) -> list[Path]:
    """The picture as SVG."""
    picture = reliability_chart(found, scenario)
    return [write_text(folder / "reliability.svg", framed(to_svg(picture), picture.title, picture.note, words.foot(scenario.as_of)))]


# ------------------------------------------------------------------------------------------------------------------------- data


def data(ds: xr.Dataset, found: xr.Dataset, scenario: Scenario) -> dict[str, Any]:
    """Everything as plain data."""

    def skills(variable: str, **at: Any) -> dict[str, Any]:
        ends = {end or "skill": found[variable + ("_" + end if end else "")] for end in ("", "low", "high")}
        return {r: {k: float(v.sel(reference=r, **at)) for k, v in ends.items()} for r in found["reference"].values}

    forecasters: dict[str, Any] = {}
    for who in found["forecaster"].values:
        forecasters[who] = {
            "said": name(scenario, who),
            **{
                s: {"mean": float(found["mean"].sel(score=s, forecaster=who)), "skill": skills("skill", score=s, forecaster=who)}
                for s in ("log", "brier")
            },
            "murphy": {str(t): float(found["murphy"].sel(term=t, forecaster=who)) for t in found["term"].values},
            "brier_by_question": {k: float(found["kind_brier"].sel(kind=k, forecaster=who)) for k in found["kind"].values},
            "series": {
                s: {"crps": float(found["crps"].sel(series=s, forecaster=who)), "skill": skills("crps_skill", series=s, forecaster=who)}
                for s in found["series"].values
            },
            "curve": {v: found[f"curve_{v}"].sel(forecaster=who).values for v in ("forecast", "observed", "count", "low", "high")},
        }
    return {
        "scenario": scenario.id,
        "until": ds.attrs["until"],
        "seed": ds.attrs["seed"],
        "particles": ds.attrs.get("particles"),
        "effort": ds.attrs.get("effort"),
        "questions": found.attrs["questions"],
        "points": ds.sizes["point"],
        "hindsight": list(LEAKS),
        "yardstick": found.attrs.get("yardstick", ""),
        "forecasts": forecasters,
        "mixture": {str(t): ds["weight"].sel(theory=t).values for t in ds["theory"].values},
        "foot": words.foot(scenario.as_of),
    }
