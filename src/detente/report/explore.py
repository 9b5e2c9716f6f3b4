"""`detente explore`: where a package fails, in words, and what its outcome turns on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.report import words
from detente.report.blocks import Block, Figure, Grid, Page, put
from detente.report.data import phrase
from detente.report.picture import framed, to_svg
from detente.report.show import label
from detente.scenario import Scenario, ScenarioError
from detente.scenario.errors import unknown

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SAMPLE = {"prior": "the readings' ranges before the record", "learnt": "what was learnt from the record"}
STANDS = {
    "both": "before the record and after it",
    "prior": "only on the ranges before the record",
    "learnt": "only on what was learnt from it",
    "neither": "on neither: a find of the first half alone",
}


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    scenario: str
    policy: str | None
    outcome: str | None
    beyond: float | None
    theories: tuple[str, ...]
    futures: int
    sobol: str | None
    seed: int
    figures: Path | None
    json: bool


WEAK = 0.05
"""A limit is borne out where a resampled half is no denser with it in fewer than so many of the resamples."""


@dataclass(frozen=True)
class Explored:
    """Everything that was found for one outcome of one package."""

    ds: xr.Dataset
    item: str
    case: str
    shares: Mapping[str, np.ndarray]
    """Sample → share of cases [theory]."""
    boxes: tuple[Any, ...]
    curve: pd.DataFrame
    within: xr.Dataset
    across: xr.Dataset
    sobol: xr.Dataset | None = None
    sobol_theory: str = ""


def explore_command(request: Request) -> int:
    """Do it. Raises ScenarioError when the request cannot be met."""
    _needs()
    from detente.report.learnt import begin, chosen, learn, working

    scenario, runner = begin(request.scenario)
    theories = chosen(scenario, request.theories)
    from detente.analysis.job import no_change

    name = request.policy or no_change(scenario)
    if name not in scenario.policies:
        raise ScenarioError(unknown("package", name, scenario.policies))
    if request.sobol is not None and request.sobol not in scenario.theories:
        raise ScenarioError(unknown("theory", request.sobol, scenario.theories))
    item = _item(runner.model, request.outcome)

    def work(bar: Any) -> Explored:
        learnt = learn(runner, theories, request.seed, bar)
        return explored(
            runner, learnt, scenario.policies[name], item, request.beyond, request.futures, request.sobol, request.seed, bar.tell
        )

    found = working(scenario.title, work)
    whole = page(found, runner.model)
    if request.figures is not None:
        from detente.report.files import write_text

        for f in (b for b in whole.blocks if isinstance(b, Figure)):
            write_text(request.figures / f"{f.key}.svg", framed(f.svg, f.title, f.note, f.foot))
    put(whole, request.json)
    return 0


def _needs() -> None:
    import importlib.util

    missing = [
        n
        for n, m in (("ema_workbench", "ema_workbench"), ("scikit-learn", "sklearn"), ("SALib", "SALib"))
        if importlib.util.find_spec(m) is None
    ]
    if missing:
        raise ScenarioError(f"scenario discovery needs {words.listing(missing)}; install them with: pip install 'detente[explore]'")


def _item(model: Any, name: str | None) -> str:
    """The item asked for: a bare outcome means its first element; by default what `detente search` judges by."""
    from detente.analysis.outcomes import OUTCOMES, elements
    from detente.analysis.outcomes import items as all_items
    from detente.analysis.search import default_outcomes

    known = {i.name for i in all_items(model)}
    if name is None:
        return default_outcomes(model)[0]
    if name not in known and name in OUTCOMES and OUTCOMES[name].axis and elements(model, name):
        name = f"{name}[{next(iter(elements(model, name)))}]"
    if name not in known:
        raise ScenarioError(unknown("outcome", name, dict.fromkeys(k for n in known for k in (n.partition("[")[0], n))))
    return name


def explored(
    runner: Any,
    learnt: Mapping[str, Any],
    policy: Any,
    item: str,
    beyond: float | None,
    futures: int,
    sobol: str | None,
    seed: int,
    tick: Any = lambda text, done, total: None,
) -> Explored:
    """Run the design and find everything. Raises ScenarioError."""
    from detente.analysis import explore
    from detente.analysis import global_sensitivity as g
    from detente.analysis.outcomes import Item, evaluate
    from detente.engine.record import build_record

    record = build_record(runner.model)
    ds = explore.design(runner, record, learnt, policy, (item,), futures, seed, tick)
    cases, case = explore.fails(ds, item, beyond)
    tick("looking for boxes", 0, 2)
    boxes, curve = explore.discover(ds, cases, seed)
    tick("what it turns on", 1, 2)
    indices = None
    if sobol is not None:
        one = Item(*item.rstrip("]").partition("[")[::2])
        theory = runner.model.scenario.theories[sobol]
        indices = g.sobol_mechanisms(runner, record, theory, policy, lambda s, m: evaluate(m, s, [one])[0], 128, seed)
    shares = {s: cases[k].mean(axis=-1) for k, s in enumerate(explore.SAMPLES)}
    return Explored(
        ds, item, case, shares, tuple(boxes), curve, g.within(ds, item, "learnt", seed), g.across(ds, item, "learnt"), indices, sobol or ""
    )


# ------------------------------------------------------------------------------------------------------------------- the page


def page(found: Explored, model: Any) -> Page:
    """Everything of an exploration, for the terminal and as data."""
    scenario = model.scenario
    policy = scenario.policies[str(found.ds.attrs["policy"])]
    return Page(f"{policy.label}: where “{phrase(scenario, found.item)}” {found.case}", blocks(found, model), data(found))


def blocks(found: Explored, model: Any) -> tuple[Block, ...]:
    """The blocks of an exploration, for terminal and report alike."""
    scenario = model.scenario
    from detente.report.explore_charts import tradeoff

    picture = tradeoff(found, scenario)
    parts: list[Block] = [*sentences(found, model), cases(found, scenario)]
    if found.boxes:
        parts.append(boxes(found, model))
    if picture is not None:
        grid = Grid(picture.title, picture.columns, picture.rows, numeric=True)
        parts.append(Figure(picture.title, to_svg(picture), picture.alt, grid, picture.note, words.foot(scenario.as_of), picture.key))
    parts += [turns_on(found, model), spreads(found)]
    if found.sobol is not None:
        parts.append(sobol(found, scenario))
    return tuple(parts)


def limit(model: Any, name: str, ends: tuple[float, float], low: float, high: float) -> str:
    """One limit in words: `“crises per dangerous incident” lies above 0.4 (of 0.1 to 0.8)`."""
    row = next(r for r in model.rows if r.name == name)
    said = model.parameters[row.parameter][0].meaning if row.parameter in model.parameters else name
    of = f", {label(model.scenario, row.element)}" if row.element else ""
    first, last, below, above = (_two(x) for x in (*ends, low, high))
    bound = f"between {below} and {above}" if np.isfinite(low) and np.isfinite(high) else f"above {below}"
    bound = bound if np.isfinite(low) else f"below {above}"
    return f"“{said}”{of} lies {bound} (of {first} to {last})"


def _two(value: float) -> str:
    """Two significant digits, of what is left when a third is rounded away (0.0999 is 0.10, not 0.100)."""
    return words.figure(float(f"{value:.2g}"))


def where(found: Explored, model: Any, box: Any) -> str:
    """A box in words: its limits and, where not all, its readings."""
    parts = [limit(model, n, box.ends[n], *ends) for n, ends in box.limits.items()]
    text = " and ".join(parts)
    if len(box.readings) < found.ds.sizes["theory"]:
        under = words.listing((f"“{model.scenario.theories[t].argument}”" for t in box.readings), "or")
        text = f"{text}, under {under}" if text else f"anywhere under {under}"
    return text


def sentences(found: Explored, model: Any) -> list[str]:
    """What was found, made from the numbers."""
    what = f"“{phrase(model.scenario, found.item)}” {found.case}"
    standing = [b for b in found.boxes if b.own.stands]
    if not found.boxes:
        return [f"No box was sought: that {what} is too rare or too common in these futures to tell where it lies."]
    if not standing:
        return [
            f"No set of conditions found on one half of the futures makes it likelier on the other half that {what}: luck, or all of them together, decide."
        ]
    return [_sentence(found, model, b) for b in sorted(standing, key=lambda b: (b.where != "both", -b.own.density))[:3]]


def _sentence(found: Explored, model: Any, b: Any) -> str:
    inside, base, covered = (words.hundredths(x) for x in (b.own.density, b.own.base, b.own.coverage))
    return (
        f"{b.method}: it {found.case} where {where(found, model, b)}: {inside} in 100 of such futures under the readings searched, against {base} of all; "
        f"{covered} in 100 of the cases lie there. It stands {STANDS[b.where]}.{_unsure(model, b)}"
    )


def _unsure(model: Any, b: Any) -> str:
    """The limits of a box without which it holds as many cases on the other half."""
    weak = [n for n, p in b.p.items() if p > WEAK]
    if not weak:
        return ""
    parts = ["which readings are left" if n not in b.limits else f"that on {_meaning(model, n)}" for n in weak]
    return f" Not borne out by the half it was not found on: {words.listing(parts)}."


def cases(found: Explored, scenario: Scenario) -> Grid:
    """How often it is so, by reading and sample; what the record's likelihood would leave of the prior draws."""
    rows = []
    for t, name in enumerate(found.ds["theory"].values.astype(str)):
        prior, learnt = (float(found.shares[s][t]) for s in ("prior", "learnt"))
        left = float(found.ds["effective"][t])
        rows.append((scenario.theories[name].argument, words.short(prior), words.short(learnt), words.figure(left)))
    n = int(found.ds.attrs["futures"])
    note = (
        f"{n:,} futures each. Before the record: independent draws from a reading's ranges, their history held to the record's events but not weighed by "
        "them. Last column: of these, how many the record's likelihood would leave; what was learnt is sampled otherwise for that reason."
    )
    columns = ("argument", "before the record, in 100", "learnt, in 100", "draws left by weight")
    return Grid("How often it is so", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="explore-cases", numeric=True)


def boxes(found: Explored, model: Any) -> Grid:
    """Every box: where, how dense, how much it covers, on which sample it stands, and the p of each limit by resampling."""
    rows = []
    for b in found.boxes:
        own, other = b.own, b.other
        apart = "found before the record" if b.sample == "prior" else "found on what was learnt"
        p = ", ".join(_p(v) for v in b.p.values())
        there = f"{words.hundredths(other.density)} of {words.hundredths(other.base)}" if other.runs else "none there"
        rows.append(
            (
                f"{b.method}, {apart}",
                where(found, model, b),
                f"{words.hundredths(own.density)} against {words.hundredths(own.base)}",
                words.hundredths(own.coverage),
                there,
                STANDS[b.where],
                p,
            )
        )
    note = (
        "Found on one half of the futures, measured on the other half, families of particles kept whole. Density: share of cases inside against all, in 100. "
        "Last column, limit by limit as they stand (the readings last): times in 100 that a resampled half finds no more cases with it than without it."
    )
    columns = ("how", "where", "density", "coverage", "on the other sample", "stands", "resampling")
    foot = words.foot(model.scenario.as_of)
    return Grid("Where it lies", columns, tuple(rows), note=note, foot=foot, key="explore-boxes")


def _p(value: float) -> str:
    return "<1" if value < 0.01 else f"{100 * value:.0f}"


def turns_on(found: Explored, model: Any) -> Grid:
    """What the outcome turns on within each reading: parameters whose index is told apart from nought."""
    rows = []
    w = found.within
    for t, name in enumerate(w["theory"].values.astype(str)):
        argument = model.scenario.theories[name].argument
        for k in range(w.sizes["rank"]):
            first, width, noise = (float(w[v][t, k]) for v in ("first", "width", "pawn_noise"))
            if not str(w["input"].values[t, k]) or not first > width or not bool(w["sure"][t, k]):
                continue
            pawn = float(w["pawn"][t, k])
            parameter = str(w["input"].values[t, k])
            shown = f"{words.figure(pawn)}" if pawn > noise else "·"
            rows.append(
                (argument, _meaning(model, parameter), f"{words.figure(first)} ± {words.figure(width)}", shown, _share(w["shapley"][t, k]))
            )
            argument = ""
    if not rows:
        rows.append(("", "none told apart from luck", "", "", ""))
    note = (
        "Given data, on what was learnt (parameters depend on one another there): first-order index with 95 % interval; PAWN, a point where a shuffled "
        "outcome gives as much; Shapley share of the variance. Not shown: an index whose interval holds nought, and a parameter that bears on the outcome "
        f"no more than the strongest of all {found.ds.sizes['input']} does in one of twenty outcomes that luck and kin alone make."
    )
    columns = ("argument", "parameter", "first order", "PAWN", "Shapley")
    return Grid("What it turns on, within a reading", columns, tuple(rows), note=note, key="explore-turns-on", numeric=True)


def _share(value: Any) -> str:
    return words.figure(float(value)) if float(value) > 0.005 else "<0.01"


def _meaning(model: Any, name: str) -> str:
    row = next(r for r in model.rows if r.name == name)
    said = model.parameters[row.parameter][0].meaning if row.parameter in model.parameters else name
    return f"{said} ({row.parameter}{', ' + label(model.scenario, row.element) if row.element else ''})"


def spreads(found: Explored) -> Grid:
    """Between readings, between parameters of one reading, luck."""
    names = {"between": "between readings", "parameters": "between parameters of one reading", "luck": "luck"}
    rows = tuple(
        (said, words.hundredths(float(found.across[k])) if np.isfinite(found.across[k]) else "unknown") for k, said in names.items()
    )
    note = "Of the variance of the outcome over all readings' futures; a single future is mostly luck."
    return Grid("What it turns on, across readings", ("source", "of 100"), rows, note=note, key="explore-across", numeric=True)


def sobol(found: Explored, scenario: Scenario) -> Grid:
    """Whole mechanisms and luck on independent prior draws."""
    assert found.sobol is not None
    s = found.sobol
    rows = []
    for k in np.argsort(-s["total"].values):
        first, fw, total, tw = (float(s[n][k]) for n in ("first", "first_width", "total", "total_width"))
        if total > tw:
            one = f"{words.figure(first)} ± {words.figure(fw)}" if first > fw else "·"
            rows.append((str(s["group"].values[k]).replace("_", " "), one, f"{words.figure(total)} ± {words.figure(tw)}"))
    note = f"{s.attrs['runs']:,} runs under “{scenario.theories[found.sobol_theory].argument}”, before the record only: never on what was learnt."
    columns = ("mechanism", "alone", "with all that goes through it")
    return Grid("Sobol indices of mechanisms and of luck", columns, tuple(rows), note=note, key="explore-sobol", numeric=True)


def data(found: Explored) -> dict[str, Any]:
    """Full figures."""
    theories = found.ds["theory"].values.astype(str)
    w = found.within
    turns = {
        str(t): [
            {"parameter": str(n), **{v: float(w[v][j, k]) for v in ("first", "width", "pawn", "pawn_noise", "shapley")}}
            for k, n in enumerate(w["input"].values[j])
            if n
        ]
        for j, t in enumerate(theories)
    }
    return {
        "scenario": found.ds.attrs["scenario"],
        "policy": found.ds.attrs["policy"],
        "item": found.item,
        "case": found.case,
        "futures": found.ds.attrs["futures"],
        "shares": {s: dict(zip(theories.tolist(), v.tolist(), strict=True)) for s, v in found.shares.items()},
        "effective_prior_draws": dict(zip(theories.tolist(), found.ds["effective"].values.tolist(), strict=True)),
        "boxes": [{**vars(b), "own": vars(b.own), "other": vars(b.other), "where": b.where} for b in found.boxes],
        "curve": found.curve.to_dict("records"),
        "turns_on": turns,
        "across": {k: float(found.across[k]) for k in ("between", "parameters", "luck")},
        "sobol": None
        if found.sobol is None
        else {
            str(g): [float(found.sobol[n][k]) for n in ("first", "first_width", "total", "total_width")]
            for k, g in enumerate(found.sobol["group"].values)
        },
    }
