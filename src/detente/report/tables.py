"""Tables of the result, for terminal, Markdown and HTML alike. The argument leads; every figure has its range; every table its foot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.report import words
from detente.report.blocks import Grid
from detente.report.data import (
    CONFIDENT,
    COUNTED,
    Reading,
    actor_items,
    at,
    better,
    cell,
    expected,
    gain,
    outcome,
    packages,
    phrase,
    question_items,
    readings,
    yardstick,
)
from detente.report.show import TABLES, bound, label
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

SHARES = "Shares in 100 futures with a range of 90 in 100 over the reading's own ranges"
MEANS = "other figures: mean with the range of 90 in 100 futures"
ENOUGH = 100
"""Effective particles below which a fit is no statement."""


def foot(ds: xr.Dataset) -> str:
    """The line under every table and picture of this result."""
    return str(ds.attrs.get("foot") or words.foot(ds.attrs["as_of"]))


def answers(ds: xr.Dataset, scenario: Scenario, policy: str | None = None, key_of: str = "") -> list[Grid]:
    """One table per question: a row per reading, in the speakers' order, those apart below; without any new policy unless one is named."""
    policy = policy or yardstick(ds)
    out = []
    for key, items in question_items(ds, scenario).items():
        if not items:
            continue
        rows = [(_who(r), *(cell(ds, r.id, policy, i).short() for i in items)) for r in readings(ds)]
        links = tuple(f"{key_of}{key}-{r.id}" if key_of else "" for r in readings(ds))
        about = sorted({label(scenario, outcome(i)[1]) for i in items if outcome(i)[1]})
        note = f"{SHARES}; {MEANS}. {'Of ' + '; '.join(about) + '. ' if about else ''}{words.sentence(packages(ds)[policy])}."
        columns = ("argument", *(_head(ds, scenario, i, _bare(items, i)) for i in items))
        title = f"{key}. {scenario.questions[key].text}"
        out.append(Grid(title, columns, tuple(rows), note=note, foot=foot(ds), key=key, numeric=True, links=links))
    return out


def _who(reading: Reading) -> str:
    return reading.argument if reading.table != "off" else f"{reading.argument} ({TABLES[reading.table]})"


def at_table(ds: xr.Dataset) -> list[str]:
    """Ids of the readings at the table; of all where none of them is in the result."""
    return [r.id for r in readings(ds) if r.table == "at"] or [r.id for r in readings(ds)]


def _head(ds: xr.Dataset, scenario: Scenario, item: str, bare: bool) -> str:
    unit = "in 100 futures" if bool(at(ds, "share", item=item)) else str(at(ds, "unit", item=item))
    return f"{phrase(scenario, item, bare=bare)} ({unit})"


def _bare(items: list[str], item: str) -> bool:
    """Whose it is need not be said where no other item of the question is of the same outcome."""
    return sum(outcome(i)[0] == outcome(item)[0] for i in items) == 1


def answer_lines(ds: xr.Dataset, scenario: Scenario, theory: str) -> list[str]:
    """A reading's answers as sentences, for the moment when it is done."""
    out = []
    for key, items in question_items(ds, scenario).items():
        parts = [f"{phrase(scenario, i, bare=_bare(items, i))}: {cell(ds, theory, yardstick(ds), i).long()}" for i in items]
        if parts:
            out.append(f"{key}  {'; '.join(parts)}")
    return out


def outside(scenario: Scenario, key: str) -> Grid | None:
    """What others say of a question, shown beside it: the record's own rate, experts."""
    views = [v for v in scenario.views if v.question == key]
    if not views:
        return None
    rows = []
    for v in views:
        ends = v.range or (None, None)
        rows.append(
            (
                v.label,
                words.short(v.value, *ends) if v.value is not None else "",
                f"{v.years:g} years" if v.years else "",
                ", ".join(v.source),
            )
        )
    note = "No reading of ours: rates of the record carried on, and what experts were asked. A range is the source's, where it has one."
    return Grid(
        f"{key}: the outside view", ("what", "in 100", "over", "source"), tuple(rows), note=note, key=f"outside-{key}", numeric=True
    )


def survival(ds: xr.Dataset, scenario: Scenario, profile: str) -> Grid:
    """One value profile: in how many of 100 futures each package keeps every outcome acceptable, under each reading; no average."""
    rows = []
    for policy, name in packages(ds).items():
        shares = [float(at(ds, "survival", theory=r.id, policy=policy, profile=profile)) for r in readings(ds)]
        rows.append((name, *(words.short(s) for s in shares)))
    columns = ("package", *(r.argument for r in readings(ds)))
    held = scenario.values[profile]
    note = f"Acceptable: {'; '.join(a.argument for a in held.accept)} Could be held by {held.holder}."
    return Grid(f"Survival: {held.label}", columns, tuple(rows), note=note, foot=foot(ds), key=f"survival-{profile}", numeric=True)


def survival_ranges(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """All profiles at once: the lowest and the highest share over the readings at the table."""
    table = at_table(ds)
    rows = []
    for policy, name in packages(ds).items():
        spans = [_range([at(ds, "survival", theory=t, policy=policy, profile=profile) for t in table]) for profile in scenario.values]
        rows.append((name, *spans))
    columns = ("package", *(p.label for p in scenario.values.values()))
    note = (
        f"Futures in 100 in which a profile finds every outcome acceptable: lowest and highest of {len(table)} readings; never an average."
    )
    return Grid("What survives", columns, tuple(rows), note=note, foot=foot(ds), key="survival-all", numeric=True)


def three_columns(ds: xr.Dataset, scenario: Scenario, theory: str, item: str) -> Grid:
    """One reading, one outcome: if adopted and kept, chance of being agreed, expected."""
    base = yardstick(ds)
    rows = []
    for policy, name in packages(ds).items():
        adopted = cell(ds, theory, policy, item)
        difference = gain(ds, theory, policy, item)
        here = {"theory": theory, "policy": policy}
        likely = expected(ds, theory, policy, item)
        agreed = [float(at(ds, k, **here)) for k in ("agreed", "agreed_low", "agreed_high")]
        rows.append(
            (
                name,
                adopted.short(),
                "" if policy == base else words.signed(*difference, share=adopted.share),
                "" if policy == base else words.short(agreed[0], agreed[1], agreed[2]),
                words.short(likely) if adopted.share else words.figure(likely),
            )
        )
    argument = next(r.argument for r in readings(ds) if r.id == theory)
    columns = ("package", "if adopted and kept", "paired difference", f"chance of being agreed under “{argument}”, in 100", "expected")
    note = "A difference stands only where its interval excludes zero, else ·. Expected: agreed as often as said, otherwise no change."
    return Grid(
        f"{argument}: {phrase(scenario, item)}", columns, tuple(rows), note=note, foot=foot(ds), key=f"three-{theory}-{item}", numeric=True
    )


def package_ranges(ds: xr.Dataset, scenario: Scenario, item: str) -> Grid:
    """The three columns for all readings at the table at once: lowest and highest, never an average."""
    table = at_table(ds)
    rows = []
    for policy, name in packages(ds).items():
        differences = [gain(ds, t, policy, item) for t in table]
        fewer, more = (sum(words.told_apart(low, high) and sign * m > 0 for m, low, high in differences) for sign in (-1, 1))
        adopted = [cell(ds, t, policy, item).mean for t in table]
        agreed = [at(ds, "agreed", theory=t, policy=policy) for t in table]
        likely = [expected(ds, t, policy, item) for t in table]
        change = "" if policy == yardstick(ds) else f"{fewer} fewer, {more} more, {len(table) - fewer - more} {words.NO_DIFFERENCE}"
        rows.append((name, _range(adopted), change, "" if policy == yardstick(ds) else _range(agreed), _range(likely)))
    columns = (
        "package",
        "if adopted and kept",
        f"against no change: under how many of {len(table)} readings",
        "chance of being agreed (by readings)",
        "expected",
    )
    note = f"Futures in 100, lowest and highest of {len(table)} readings; a difference counts only when its paired interval excludes zero."
    return Grid(f"Packages: {phrase(scenario, item)}", columns, tuple(rows), note=note, foot=foot(ds), key=f"packages-{item}", numeric=True)


def _range(found: list[Any]) -> str:
    low, high = (words.short(float(x)) for x in (min(found), max(found)))
    return low if low == high else f"{low} – {high}"


def fit(ds: xr.Dataset) -> Grid | None:
    """How well each reading tells the record, against the yardstick, with its error; never ranked."""
    if "log_evidence" not in ds:
        return None
    rows_of = readings(ds)
    base = next((r.id for r in rows_of if r.table == "baseline"), None)
    if base is None:
        return None
    rows = []
    for r in rows_of:
        difference, error, verdict = fit_of(ds, r.id, base)
        shown = "yardstick" if r.id == base else f"{words.figure(difference)} ± {words.figure(error) if np.isfinite(error) else 'unknown'}"
        rows.append((r.argument, shown, "" if r.id == base else verdict))
    note = (
        "Log evidence of the record less that of the yardstick, with two standard errors. It weighs our reading's ranges, not a person's "
        "judgement, and turns with the priors and the error model. Order: as the speakers spoke."
    )
    return Grid(
        "Fit of our reading",
        ("argument", "against the yardstick, in natural logs", "says"),
        tuple(rows),
        note=note,
        foot=foot(ds),
        key="fit-table",
        numeric=True,
    )


def fit_of(ds: xr.Dataset, theory: str, base: str) -> tuple[float, float, str]:
    """(difference of log evidence to `base`, two standard errors, what it says)."""
    difference = float(at(ds, "log_evidence", theory=theory) - at(ds, "log_evidence", theory=base))
    errors = [float(at(ds, "log_evidence_error", theory=t)) for t in (theory, base)]
    error = 2.0 * float(np.hypot(errors[0], errors[1]))
    particles = float(at(ds, "families", theory=theory))
    decides = np.isfinite(error) and abs(difference) > max(error, 1.0) and particles >= ENOUGH
    if not decides:
        return difference, error, "the record does not decide"
    return difference, error, "the record favours its ranges" if difference > 0 else "the record favours the yardstick's"


def gains_and_losses(ds: xr.Dataset, scenario: Scenario, policy: str) -> Grid:
    """Who gains and loses by a package, actor by actor: under how many readings at the table better, under how many worse."""
    table = at_table(ds)
    p = scenario.policies[policy]
    rows = []
    for actor, items in actor_items(ds, scenario).items():
        by = {outcome(i)[0]: i for i in items}
        verdicts = [_verdict(ds, table, policy, by[n], better(ds, by[n])) if n in by else "" for n in COUNTED]
        role = "signs" if actor in p.required else "bound without signing" if actor in p.bound else ""
        rows.append((label(scenario, actor), role, *verdicts))
    columns = ("", "", *(phrase(scenario, n) for n in COUNTED))
    note = (
        f"Better / worse: under how many of {len(table)} readings the paired interval excludes zero. {words.sentence(bound(scenario, p))}."
    )
    return Grid(f"{p.label}: who gains and loses", columns, tuple(rows), note=note, foot=foot(ds), key=f"gains-{policy}", numeric=True)


def _verdict(ds: xr.Dataset, theories: list[str], policy: str, item: str, sign: int) -> str:
    found = [gain(ds, t, policy, item) for t in theories]
    good, bad = (sum(words.told_apart(low, high) and s * m > 0 for m, low, high in found) for s in (sign, -sign))
    return f"{good} / {bad}" if good or bad else "·"


def origins(ds: xr.Dataset, scenario: Scenario, rung: int = 2) -> Grid | None:
    """Three readings of *could incidents bring it about*: begun by mistake, gone without incidents, the record."""
    rivalry = next((r for r in scenario.rivalries if r in ds["rivalry"].values), None)
    if rivalry is None:
        return None
    rows, base = [], yardstick(ds)
    for r in readings(ds):
        here: dict[str, Any] = {"theory": r.id, "rung": rung, "rivalry": rivalry}
        causes = at(ds, "began", policy=base, **here)
        reached = float(causes.sum())
        mistake = float(at(ds, "began", policy=base, cause="mistake", **here)) / reached if reached > 0 else np.nan
        gone, error = float(at(ds, "attributable", **here)), CONFIDENT * float(at(ds, "attributable_error", **here))
        known = np.isfinite(gone) and np.isfinite(error)
        few = reached * float(ds.attrs["futures"]) < words.FEWEST_HITS
        rows.append(
            (
                r.argument,
                words.TOO_FEW if few else words.short(mistake),
                words.short(gone, gone - error, gone + error) if known else "unknown",
            )
        )
    onsets = [x.onset for x in scenario.rungs if x.rivalry == rivalry and x.rung >= rung]
    said = f"In the record {onsets.count('incident')} of {len(onsets)} began with an incident by our coding." if onsets else ""
    columns = ("argument", "began with a mistake, of 100 that happen", "gone without dangerous incidents, of 100 that happen")
    note = f"Crises or worse, {label(scenario, rivalry)}, no change; range of the second: 95 % Monte Carlo interval. {said}"
    return Grid("Q2 in two readings and the record", columns, tuple(rows), note=note, foot=foot(ds), key="origins", numeric=True)


def worst_case(ds: xr.Dataset, scenario: Scenario) -> Grid | None:
    """Packages by regret: how far the best package outlives each one, in its worst reading at the table and worst value profile."""
    if not scenario.values or ds.sizes["policy"] < 2:
        return None
    from detente.analysis.compare import robust

    found = robust(ds, ("at",) if any(r.table == "at" for r in readings(ds)) else ("off", "baseline"))
    said = {r.id: r.argument for r in readings(ds)}
    rows = []
    for policy in found["policy"].values[np.argsort(found["rank"].values)]:
        one = found.sel(policy=policy)
        worst, error = float(one["shortfall"]), CONFIDENT * float(one["shortfall_error"])
        where = f"{said[str(one['worst_theory'].item())]}: {scenario.values[str(one['worst_profile'].item())].label}"
        sure = words.short(float(one["neighbour"])) if int(one["rank"]) < ds.sizes["policy"] else ""
        rows.append((packages(ds)[str(policy)], f"{100 * worst:.0f} ± {100 * error:.0f}", where, sure))
    note = (
        "Regret: futures in 100 by which the best package for that reading and that profile survives more often. No average: the worst "
        "case decides the order, which is an order of packages and of no reading. Last column: times in 100 that resampled futures keep "
        f"the package ahead of the next; the whole order stands in {words.short(float(found['as_ranked']))}."
    )
    columns = ("package", "largest regret", "where", "ahead of the next")
    return Grid("What each package could cost: regret in the worst case", columns, tuple(rows), note=note, foot=foot(ds), key="regret")
