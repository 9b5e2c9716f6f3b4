"""`detente watch`: which observables of the next years would tell most about which reading is right, and which package they would change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis.observables import KINDS
from detente.analysis.watch import Z95, posterior, told_apart
from detente.report import words
from detente.report.blocks import Block, Grid, Page, put
from detente.report.files import write_text
from detente.report.picture import FAINT, INK, PAIR, Picture, dress, framed, lines, to_svg
from detente.report.show import label
from detente.scenario import Scenario, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

SHOWN = 12
"""Observables shown per year."""
WORTH = 0.005
"""Share of futures below which a signpost is not shown."""
HOW = (
    "Bits: by how much, on average, seeing it would narrow down which of these readings is right, if one of them is and all were equally likely before. "
    "± is one standard error, by families of particles (lines of a picture: 95 % intervals); an observable is shown only where its 95 % interval excludes "
    "nought. The order among neighbours whose intervals overlap is not settled. An observable of which no reading speaks may stand here by the sampler's "
    "own error: its particles are kin."
)


@dataclass(frozen=True)
class Watch:
    """What was asked on the command line."""

    scenario: str
    theories: tuple[str, ...]
    years: int
    futures: int
    seed: int
    result: Path
    figures: Path | None
    json: bool


def watch_command(request: Watch) -> int:
    """Find what to watch and print it."""
    from detente.report.load import scenario as load
    from detente.report.scoring import barred, known_theories

    found = load(request.scenario)
    known_theories(found, request.theories)
    if len(set(request.theories)) == 1:
        raise ScenarioError("one theory was given: expected two or more to tell apart")
    from detente.analysis.watch import watch

    ds = barred(
        found.title, lambda tell: watch(found, request.theories or None, request.years, request.futures, request.seed, progress=tell)
    )
    page = watch_page(ds, _signposts(ds, request.result, found), found)
    if request.figures is not None:
        write_figures(request.figures, ds, found)
    put(page, request.json)
    return 0


def _signposts(ds: xr.Dataset, folder: Path, scenario: Scenario) -> xr.Dataset | None:
    """From the result of `detente run` in a folder; None where it is not of these readings."""
    place = folder / "result.zarr"
    if not place.is_dir():
        return None
    from detente.analysis import store
    from detente.analysis.watch import signposts

    result = store.read(place)
    known = {str(t): k for k, t in enumerate(result["theory"].values)}
    asked = [str(t) for t in ds["theory"].values]
    if result.attrs.get("scenario") != scenario.id or not set(asked) <= known.keys():
        return None
    survival = result["survival"].isel(theory=[known[t] for t in asked]).assign_coords(theory=asked)
    return signposts(ds, survival)


def watch_page(ds: xr.Dataset, posts: xr.Dataset | None, scenario: Scenario) -> Page:
    """The page of `analysis.watch`; `posts` of its signposts."""
    who = [scenario.theories[str(t)].argument for t in ds["theory"].values]
    first, last = int(ds["year"].values[0]), int(ds["year"].values[-1])
    span = f"{first}–{last}" if last > first else str(first)
    count, told = ds["bits"].size, int(told_apart(ds).sum())
    lead = (
        f"{count} observables of {span}, with no package in force; {told} of them tell something about which of {len(who)} readings is right. "
        f"Knowing for certain would be worth {words.figure(ds.attrs['entropy'])} bits. {HOW}"
    )
    grids = tuple(_year(ds, scenario, int(y)) for y in ds["year"].values)
    blocks: list[Block] = [lead, *grids, _posts(ds, posts, scenario)]
    return Page(f"What to watch in {span}", tuple(blocks), data(ds, posts, scenario))


LEAST = 0.0005
"""Bits that are shown as more than nought."""


def ranked(ds: xr.Dataset, year: int) -> list[int]:
    """Places of the observables of a year that tell something, most first."""
    one = ds.sel(year=year)
    order = np.argsort(-one["bits"].values, kind="stable")
    return [int(k) for k in order if bool(told_apart(one).values[k]) and one["bits"].values[k] >= LEAST]


def said(ds: xr.Dataset, scenario: Scenario, k: int) -> str:
    """An observable in words, with its unit."""
    what, element = str(ds["what"].values[k]), str(ds["element"].values[k])
    of = f", {label(scenario, element)}" if element else ""
    if what in KINDS:
        return f"{KINDS[what].words}{of}"
    series = next(s for s in scenario.record if s.id == what)
    return f"{series.label or what}{of}" + (f" ({series.unit})" if series.unit else "")


def toward(ds: xr.Dataset, scenario: Scenario, k: int, year: int) -> tuple[str, str]:
    """What a yes (or a high value) speaks for, and what a no (or a low one): the reading whose weight grows most."""
    one = ds.isel(observable=k).sel(year=year)
    chance, prior = one["chance"].values, one["prior"].values
    if str(one["kind"].values) == "question":
        shares = chance[:, 1], chance[:, 0]
    else:
        mass = (prior[:, None] * chance).sum(axis=0).cumsum()
        shares = chance[:, mass > 2 / 3].sum(axis=1), chance[:, mass < 1 / 3].sum(axis=1)
    yes, no = (_for(share, prior, ds, scenario) for share in shares)
    return yes, no


def _for(share: np.ndarray, prior: np.ndarray, ds: xr.Dataset, scenario: Scenario) -> str:
    whole = float((prior * share).sum())
    if whole <= 0.0:
        return "none expects it"
    k = int((prior * share / whole - prior).argmax())
    return scenario.theories[str(ds["theory"].values[k])].argument


def expected(ds: xr.Dataset, scenario: Scenario, k: int, year: int) -> str:
    """The range of what the readings expect: futures in 100 for a question, means for a series."""
    one = ds.isel(observable=k).sel(year=year)
    chance = one["chance"].values
    if str(one["kind"].values) == "question":
        low, high = words.hundredths(float(chance[:, 1].min())), words.hundredths(float(chance[:, 1].max()))
        return f"{low} in 100 under each" if low == high else f"{low} to {high} in 100"
    mean = natural(scenario, str(one["what"].values), np.nan_to_num(one["outcome_value"].values) @ chance.T)
    low, high = words.alike(float(mean.min()), float(mean.max()))
    return f"{low} to {high}"


def natural(scenario: Scenario, what: str, value: np.ndarray) -> np.ndarray:
    """Values of a series from the record's scale to its unit."""
    series = next(s for s in scenario.record if s.id == what)
    return np.exp(value) if series.transform == "log" else 1.0 / (1.0 + np.exp(-value)) if series.transform == "logit" else value


def _year(ds: xr.Dataset, scenario: Scenario, year: int) -> Grid:
    places = ranked(ds, year)
    rows = []
    for k in places[:SHOWN]:
        one = ds.isel(observable=k).sel(year=year)
        yes, no = toward(ds, scenario, k, year)
        bits = f"{float(one['bits']):.3f} ± {max(float(one['error']), 0.001):.3f}"
        rows.append((said(ds, scenario, k), bits, expected(ds, scenario, k, year), yes, no))
    left = len(places) - len(rows)
    note = "Expected: range over the readings. Yes: or a value in the upper third; no: or in the lower third; the reading that would gain most."
    note += f" {left} more tell something." if left else ""
    columns = ("observable", "bits", "expected", "yes speaks for", "no speaks for")
    return Grid(str(year), columns, tuple(rows), note=note, key=f"year{year}")


def _posts(ds: xr.Dataset, posts: xr.Dataset | None, scenario: Scenario) -> Block:
    if posts is None:
        return "Signposts need a result of these readings: run `detente run` first, or name its folder with --result."
    rows = [
        (
            said(ds, scenario, p["place"]),
            str(p["year"]),
            scenario.values[p["profile"]].label,
            *p["packages"],
            f"{words.hundredths(p['gain'])} in 100 futures",
        )
        for p in worth(ds, posts, scenario)[:SHOWN]
    ]
    note = (
        "A package is recommended to a value profile when, over the readings as they then stand, the largest share of futures is acceptable to it. Waiting is "
        "worth: the futures more that are, if the choice waits for the outcome; by what is learnt of the readings alone. Under 1 in 200: left out."
    )
    if not rows:
        return f"Signposts: no observable would change the package recommended to any profile by 1 in 200 futures or more. {note}"
    columns = ("observable", "year", "value profile", "recommended now", "recommended after another outcome", "waiting is worth")
    return Grid("Signposts", columns, tuple(rows), note=note, key="signposts")


def worth(ds: xr.Dataset, posts: xr.Dataset, scenario: Scenario) -> list[dict[str, Any]]:
    """Signposts whose observable tells something and which are worth showing, the most valuable first."""
    out = []
    for k in range(ds.sizes["observable"]):
        for year in ds["year"].values:
            if not bool(told_apart(ds).isel(observable=k).sel(year=year)):
                continue
            one = posts.isel(observable=k).sel(year=year)
            for profile in posts["profile"].values:
                gain, now = float(one["gain"].sel(profile=profile)), str(posts["now"].sel(profile=profile).values)
                others = [str(p) for p in dict.fromkeys(one["choice"].sel(profile=profile).values.tolist()) if p != now]
                if gain >= WORTH and others:
                    packages = scenario.policies[now].label, words.listing((scenario.policies[p].label for p in others), "or")
                    out.append(
                        {
                            "place": k,
                            "year": int(year),
                            "profile": str(profile),
                            "packages": packages,
                            "gain": gain,
                            "now": now,
                            "after": others,
                        }
                    )
    return sorted(out, key=lambda p: -p["gain"])


def bars(ds: xr.Dataset, scenario: Scenario) -> Picture:
    """The most telling observables of all years, a bar each with its interval."""
    import altair as alt

    found = sorted(
        ((float(ds["bits"].sel(year=y).values[k]), k, int(y)) for y in ds["year"].values for k in ranked(ds, int(y))[:SHOWN]), reverse=True
    )
    rows: list[dict[str, Any]] = []
    for bits, k, year in found[: 2 * SHOWN]:
        wrong = Z95 * float(ds["error"].sel(year=year).values[k])
        text = f"{words.figure(bits)} ({words.figure(bits - wrong)} to {words.figure(bits + wrong)})"
        rows.append(
            {"what": lines(f"{year}: {said(ds, scenario, k)}", 58), "bits": bits, "low": bits - wrong, "high": bits + wrong, "text": text}
        )
    axis = alt.Axis(labelLimit=360, labelExpr="split(datum.label, '|')", labelLineHeight=12, domain=False, ticks=False)
    y = alt.Y("what:N", sort=[r["what"] for r in rows], title=None, axis=axis)
    x = alt.X("bits:Q", title="bits", scale=alt.Scale(domainMin=0))
    plot = alt.Chart(alt.Data(values=rows))
    bar = plot.mark_bar(height=10, color=PAIR[1], opacity=0.75).encode(y=y, x=x)
    span = plot.mark_rule(color=INK, strokeWidth=1.4).encode(y=y, x="low:Q", x2="high:Q")
    chart = dress((bar + span).properties(width=330, height=30 * max(len(rows), 1)).configure_axisY(labelColor=FAINT))
    alt_text = "What would tell most about which reading is right: a bar per observable and year, with its 95 % interval."
    return Picture(
        "watch",
        "What to watch",
        alt_text,
        chart,
        HOW,
        ("observable", "bits"),
        tuple((r["what"].replace("|", " "), r["text"]) for r in rows),
    )


def write_figures(folder: Path, ds: xr.Dataset, scenario: Scenario) -> list[Path]:
    """The bars as SVG."""
    picture = bars(ds, scenario)
    return [write_text(folder / "watch.svg", framed(to_svg(picture), picture.title, picture.note, words.foot(scenario.as_of)))]


def data(ds: xr.Dataset, posts: xr.Dataset | None, scenario: Scenario) -> dict[str, Any]:
    """Everything as plain data, the most telling first."""
    after, rows = posterior(ds), []
    for year in map(int, ds["year"].values):
        for k, name in enumerate(map(str, ds["observable"].values)):
            one = ds.isel(observable=k).sel(year=year)
            row: dict[str, Any] = {"observable": name, "said": said(ds, scenario, k), "year": year, "kind": str(one["kind"].values)}
            row |= {v: float(one[v]) for v in ("bits", "error", "plug_in")} | {"told_apart": bool(told_apart(one))}
            row["expected"] = {str(t): _mean(one.sel(theory=t)) for t in ds["theory"].values}
            if row["kind"] == "question":
                row["weights_after_yes"] = {
                    str(t): float(after.isel(observable=k, outcome=1).sel(year=year, theory=t)) for t in ds["theory"].values
                }
            rows.append(row)
    rows.sort(key=lambda r: (-r["bits"], r["year"], r["observable"]))
    signs = (
        []
        if posts is None
        else [
            {k: v for k, v in p.items() if k not in ("place", "packages")} | {"observable": str(ds["observable"].values[p["place"]])}
            for p in worth(ds, posts, scenario)
        ]
    )
    return {
        "scenario": scenario.id,
        "entropy": ds.attrs["entropy"],
        "observables": rows,
        "signposts": signs,
        "foot": words.foot(scenario.as_of),
    }


def _mean(one: xr.Dataset) -> float:
    return float((one["chance"] * one["outcome_value"].fillna(0.0)).sum())
