"""One page per package: under what it holds and fails, who must agree, who is bound without agreeing, and the signs that it is failing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import compare as comparing
from detente.analysis import packages as closely
from detente.analysis.agree import parties
from detente.report import tables, words
from detente.report.blocks import Block, Grid, Page
from detente.report.compare import parameter
from detente.report.data import CONFIDENT, at, gain, packages, phrase, readings, yardstick
from detente.report.show import day, label, names
from detente.scenario import Policy, Scenario

if TYPE_CHECKING:
    import xarray as xr

SERIES = {
    "conduct": "the tone of {0} toward {1}",
    "arms": "military spending, {0}",
    "missiles": "unconstrained missiles, {0}",
    "open": "share of the year open: {0}",
    "in_force": "share of the year in force: {0}",
    "containment": "containment of both rivals adopted",
    "rung2": "share of quarters so far at a crisis or worse, {0}",
}
"""Kind of series → words, with the labels of its elements."""


def page(ds: xr.Dataset, scenario: Scenario, policy: str, study: xr.Dataset, model: Any) -> Page:
    """The page of one package."""
    p = scenario.policies[policy]
    found = {v: _profile(study, v) for v in scenario.values}
    kept, *where, signs = looked_at(study, scenario, model, found)
    out: list[Block] = [
        f"{p.note}\nProposed by: {p.proposer}. What unravels it: {p.unravels}." if p.note else f"What unravels it: {p.unravels}.",
        holds(ds, scenario, policy),
        kept,
        *where,
        agreement(ds, scenario, policy),
        bound(ds, scenario, p),
        signs,
    ]
    title = f"{p.label}. As of {day(scenario.as_of)}"
    return Page(title, tuple(out), _data(ds, scenario, policy, study, found))


def looked_at(study: xr.Dataset, scenario: Scenario, model: Any, found: dict[str, dict[str, Any]] | None = None) -> tuple[Block, ...]:
    """What only futures run again can tell: survival, where the package fails and holds in words, the signs that it is failing."""
    found = {v: _profile(study, v) for v in scenario.values} if found is None else found
    where = (line for v in scenario.values for line in conditions(scenario, model, v, found[v]))
    return (survival(study, scenario), *where, signposts(study, scenario, found))


def _profile(study: xr.Dataset, profile: str) -> dict[str, Any]:
    fails = ~study["survives"].sel(profile=profile).values
    return {"fails": closely.box(study, fails), "holds": closely.box(study, ~fails), "signs": closely.signs(study, fails)}


def holds(ds: xr.Dataset, scenario: Scenario, policy: str, items: Sequence[str] = ()) -> Grid:
    """Outcomes (of `items`, or all) that a package moves: under how many readings better, and under how many worse."""
    found = comparing.holds(ds).sel(policy=policy)
    rows = []
    for item in items or ds["item"].values.astype(str):
        one = found.sel(item=item)
        counts = [
            (int(one["better"].sel(table=t)), int(one["worse"].sel(table=t)), int(one["of"].sel(table=t))) for t in one["table"].values
        ]
        if any(b or w for b, w, _ in counts):
            rows.append((sum(b - w for b, w, _ in counts), phrase(scenario, item), counts))
    rows.sort(key=lambda r: -r[0])
    columns = (
        "outcome",
        *(f"{words_of} (of {n})" for words_of, n in zip(map(_table, found["table"].values), found["of"].values, strict=True)),
    )
    body = tuple((name, *("·" if not (b or w) else f"{b} / {w}" for b, w, _ in counts)) for _, name, counts in rows)
    note = "Better / worse than no change: under how many readings the paired interval excludes zero. Outcomes that no reading moves are left out."
    return Grid("Holds under, fails under", columns, body, note=note, foot=tables.foot(ds), key="holds", numeric=True)


def _table(name: Any) -> str:
    return {"at": "at the table", "off": "not at the table", "baseline": "yardstick"}[str(name)]


def survival(study: xr.Dataset, scenario: Scenario) -> Grid:
    """Survival per value profile and reading, and against no change."""
    rows = []
    for t in study["theory"].values.astype(str):
        one = study.sel(theory=t)
        cells = []
        for v in scenario.values:
            a, b = one["survives"].sel(profile=v).values, one["unchanged"].sel(profile=v).values
            cells.append(f"{words.hundredths(float(a.mean()))} ({_change(a, b, one['family'].values)})")
        rows.append((scenario.theories[str(t)].argument, *cells))
    note = (
        f"Futures in 100 in which the profile finds every outcome acceptable, of {study.attrs['futures']} a reading; in brackets the difference to no "
        "change on the same futures, · where its interval holds zero."
    )
    columns = ("argument", *(p.label for p in scenario.values.values()))
    return Grid("What it keeps acceptable", columns, tuple(rows), note=note, foot=_foot(scenario), key="package-survival", numeric=True)


def _change(a: np.ndarray, b: np.ndarray, family: np.ndarray) -> str:
    from detente.analysis.spread import clusters, error

    d = a.astype(float) - b.astype(float)
    wrong = CONFIDENT * float(error(d, clusters(family)))
    return words.signed(float(d.mean()), float(d.mean()) - wrong, float(d.mean()) + wrong) if np.ptp(d) > 0 else "·"


def _foot(scenario: Scenario) -> str:
    return words.foot(scenario.as_of)


def conditions(scenario: Scenario, model: Any, profile: str, found: dict[str, Any]) -> list[str]:
    """Where a package fails and holds for a profile, as sentences with the figures of the half on which the box was not found."""
    out = []
    name = scenario.values[profile].label
    for kind, verb in (("fails", "Fails"), ("holds", "Holds")):
        box = found[kind]
        if box is None:
            continue
        where = words.listing(_limit(scenario, model, n, ends, box.ends[n]) for n, ends in box.limits.items())
        own = [(k, v) for k, v in box.by_theory.items() if v[0] >= 0.5]
        inside = words.listing(f"“{scenario.theories[k].argument}”" for k, _ in own)
        tail = f" Most futures lie there under {inside}." if own and len(own) < len(box.by_theory) else ""
        out.append(
            f"{verb} for “{name}” where {where}: of 100 futures there, {words.hundredths(box.density)} {kind[:-1]} "
            f"({words.hundredths(box.base)} of all), which covers {words.hundredths(box.coverage)} in 100 of those that {kind[:-1]}.{tail}"
        )
    return out or [f"For “{name}” no condition on one to four parameters tells futures in which it fails from the others."]


def _limit(scenario: Scenario, model: Any, name: str, limit: tuple[float, float], ends: tuple[float, float]) -> str:
    """`weakness is below 0.48 (here 0.002 to 0.9): meaning`."""
    low, high = limit
    meaning = model.parameters[name.partition("[")[0]][0].meaning.rstrip(".")
    said = f"{parameter(scenario, name)} ({meaning})"
    span = f"of {words.figure(ends[0])} to {words.figure(ends[1])} here"
    if np.isfinite(low) and np.isfinite(high):
        return f"{said} lies between {words.figure(low)} and {words.figure(high)}, {span}"
    return f"{said} is {'above' if np.isfinite(low) else 'below'} {words.figure(low if np.isfinite(low) else high)}, {span}"


def agreement(ds: xr.Dataset, scenario: Scenario, policy: str) -> Grid:
    """Who must agree, what each would gain under each reading by its own aims, and the chance that all sign."""
    p = scenario.policies[policy]
    must = [a for a in parties(scenario, p) if a in ds["actor"].values]
    rows = []
    for r in readings(ds):
        here = {"theory": r.id, "policy": policy}
        gains = [float(at(ds, "party_gain", **here, actor=a)) for a in must]
        agreed = [float(at(ds, k, **here)) for k in ("agreed", "agreed_low", "agreed_high")]
        least = label(scenario, must[int(np.nanargmin(gains))]) if must and np.isfinite(gains).any() else ""
        rows.append((r.argument, *words.alike(*gains), least, words.short(agreed[0], agreed[1], agreed[2])))
    columns = ("argument", *(label(scenario, a) for a in must), "least willing", "agreed, in 100 (range)")
    note = (
        f"Must sign: {names(scenario, p.required) or 'nobody'}. Worth to a party by its stated aims under the reading, in the scenario's unit; "
        "precision, reluctance and how far wills go together are assumed ranges."
    )
    return Grid("Who must agree", columns, tuple(rows), note=note, foot=tables.foot(ds), key="agreement", numeric=True)


def bound(ds: xr.Dataset, scenario: Scenario, p: Policy) -> Grid:
    """Who is bound without agreeing, and whether it gains or loses."""
    table = tables.at_table(ds)
    verdict = comparing.who_gains(ds)["verdict"].sel(policy=p.id)
    rows = []
    for name in (n for b in p.bound for n in (scenario.blocs[b].weights if b in scenario.blocs else (b,))):
        if name in ds["actor"].values:
            one = [int(verdict.sel(actor=name, theory=t)) for t in table]
            counts = (one.count(v) for v in (comparing.GAINS, comparing.LOSES, comparing.MIXED, comparing.SAME))
            rows.append((label(scenario, name), *(str(n) for n in counts)))
    note = f"Under how many of {len(table)} readings at the table, over its own outcomes ({words.listing(comparing.ACTOR_OUTCOMES)})."
    columns = ("bound without signing", "gains", "loses", "better in some, worse in others", "not told apart")
    return Grid("Who is bound without agreeing", columns, tuple(rows), note=note, foot=tables.foot(ds), key="bound", numeric=True)


def signposts(study: xr.Dataset, scenario: Scenario, found: dict[str, dict[str, Any]]) -> Grid:
    """What could be seen early that says the package is failing."""
    rows = []
    for profile, one in found.items():
        for s in one["signs"]:
            limit = f"{'above' if s.above else 'at or below'} {words.figure(s.limit)}"
            rows.append(
                (
                    scenario.values[profile].label,
                    f"{series(scenario, s.name)}: {limit}",
                    words.hundredths(s.share),
                    words.hundredths(s.fails_with),
                    words.hundredths(s.fails_without),
                    f"{s.agree} of {s.of}",
                )
            )
    note = (
        f"By the end of {int(study.attrs['year']) - 1}; only what a record can measure, never fear or intent. Found on half of the families of futures, "
        "figures from the other half, all readings together with as many futures of each. A sign tells, it need not cause."
    )
    columns = ("value profile", "sign", "seen in 100", "of 100 with it fail", "of 100 without it fail", "same way under")
    return Grid("Signs that it is failing", columns, tuple(rows), note=note, foot=_foot(scenario), key="signs", numeric=False)


def series(scenario: Scenario, name: str) -> str:
    """A series in words."""
    kind, _, element = name.partition("[")
    parts = [label(scenario, e) for e in element.rstrip("]").split(">")] if element else []
    return SERIES.get(kind, kind).format(*parts, *[""] * 2)


def _data(ds: xr.Dataset, scenario: Scenario, policy: str, study: xr.Dataset, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    head = {key: ds.attrs[key] for key in ("scenario", "version", "seed", "futures", "as_of", "digest")}
    p = scenario.policies[policy]
    changes = {
        r.id: {i: dict(zip(("gain", "low", "high"), gain(ds, r.id, policy, i), strict=True)) for i in ds["item"].values.astype(str)}
        for r in readings(ds)
    }
    boxes = {v: {k: None if one[k] is None else vars(one[k]) for k in ("fails", "holds")} for v, one in found.items()}
    return {
        "schema": 1,
        **head,
        "foot": tables.foot(ds),
        "policy": policy,
        "label": packages(ds)[policy],
        "against": yardstick(ds),
        "required": list(p.required),
        "bound": list(p.bound),
        "changes": changes,
        "agreed": {
            r.id: [float(at(ds, k, theory=r.id, policy=policy)) for k in ("agreed_low", "agreed", "agreed_high")] for r in readings(ds)
        },
        "survival": {
            t: {v: float(study["survives"].sel(theory=t, profile=v).mean()) for v in scenario.values} for t in study["theory"].values
        },
        "boxes": boxes,
        "signs": {v: [vars(s) for s in one["signs"]] for v, one in found.items()},
        "signs_by": float(study.attrs["year"]),
    }
