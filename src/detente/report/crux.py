"""`detente crux`: where two readings part, in words, tables and a picture; and all pairs at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis.crux import ALIKE, START
from detente.analysis.tipping import Tip
from detente.report import words
from detente.report.blocks import Block, Grid, Page
from detente.report.data import phrase
from detente.report.show import day
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

Z95 = 1.96
FEW = 30
"""Families of a posterior below which its own error cannot be trusted."""
BASES = {
    "record": (
        "Each reading's own futures after the record, as the main job shows them. A mechanism's share is what changes when it works as the second "
        "reading has it, from where the first stands, over all orders of exchange. Two shares belong to no mechanism: parameters to which both give one "
        "range, learnt apart from the same record; and the state in which the record leaves each."
    ),
    "ranges": "Before any record: both readings' ranges with the same quantiles and luck, history simulated again for every exchange.",
}


def page(scenario: Scenario, model: Any, a: str, b: str, found: xr.Dataset, items: Sequence[str], more: dict[str, Any]) -> Page:
    """What `detente crux A B` prints. `more`: `pairs` (interactions), `needs` (packages), `tips`, `watch` (of `analysis.watch`), where asked for."""
    of = str(found["of"].values[-1])
    main = leading(found, items, of)
    out: list[Block] = [
        f"“{said(scenario, a)}” and “{said(scenario, b)}”. {BASES[found.attrs['basis']]}",
        differences(scenario, a, b, found, items),
        mechanisms(scenario, found, items, of),
        parameters(scenario, model, a, b, found, items, of),
        *few(scenario, found, (a, b)),
        *([interaction(scenario, more["pairs"], main)] if "pairs" in more else []),
        *([packages(scenario, more["needs"], items)] if "needs" in more else []),
        *(tip(scenario, theory, t, main) for theory, t in more.get("tips", ())),
        *((settle(scenario, more["watch"]),) if "watch" in more else ()),
    ]
    title = f"Where “{said(scenario, a)}” and “{said(scenario, b)}” part. As of {day(scenario.as_of)}"
    return Page(title, tuple(out), data(scenario, a, b, found, items, main, more))


def few(scenario: Scenario, found: xr.Dataset, theories: Sequence[str]) -> list[str]:
    """A warning where few families of particles are left of a theory: its share of what is learnt apart may be the sampler's."""
    counts = zip(theories, found.attrs.get("families", ()), strict=False)
    return [
        f"Of “{said(scenario, t)}” only {n} families of particles are left: treat what the two have learnt apart as unsettled."
        for t, n in counts
        if n < FEW
    ]


def said(scenario: Scenario, theory: str) -> str:
    """The argument of a theory."""
    return scenario.theories[theory].argument


def leading(found: xr.Dataset, items: Sequence[str], of: str) -> str:
    """Of the items shown, the one of which the most mechanisms carry a share that is told apart; the surest difference among equals."""
    one = found.sel(of=of, item=list(items), group=[g for g in found["group"].values if g not in (ALIKE, START)])
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(one["group_share"].values) > Z95 * one["group_share_error"].values
        count = apart.sum(axis=one["group_share"].dims.index("group"))
        sure = np.nan_to_num(np.abs(one["difference"].values) / one["difference_error"].values, nan=0.0, posinf=0.0)
    return list(items)[int(np.lexsort((sure, count))[-1])]


def kinds(scenario: Scenario, item: str) -> tuple[bool, str]:
    """Is an item a share of futures, and its unit."""
    from detente.analysis.outcomes import OUTCOMES

    outcome = OUTCOMES[item.partition("[")[0]]
    return outcome.share, outcome.unit


def _head(scenario: Scenario, item: str) -> str:
    share, unit = kinds(scenario, item)
    return f"{phrase(scenario, item)} ({'in 100' if share else unit})"


def change(scenario: Scenario, item: str, value: float, error: float) -> str:
    """A difference for a cell: `·` where its interval holds zero."""
    return words.signed(value, value - Z95 * error, value + Z95 * error, share=kinds(scenario, item)[0])


def part(scenario: Scenario, found: xr.Dataset, of: str, item: str, value: float, error: float) -> str:
    """A share of a difference for a cell; `≈0` where it is told apart but less than a hundredth of the larger of the two figures."""
    text = change(scenario, item, value, error)
    one = found.sel(of=found["of"].values[0], item=item)
    size = max(abs(float(one["first"])), abs(float(one["second"])))
    return text if text == "·" or kinds(scenario, item)[0] or abs(value) >= 0.01 * size else "≈0"


def differences(scenario: Scenario, a: str, b: str, found: xr.Dataset, items: Sequence[str]) -> Grid:
    """The two readings' figures and their difference."""
    rows = []
    for of in found["of"].values.astype(str):
        for item in items:
            one, share = found.sel(of=of, item=item), kinds(scenario, item)[0]
            figures = [float(one[k]) for k in ("first", "second")]
            texts = [_figure(f, share, of == "gain") for f in figures]
            rows.append(
                (
                    of_what(scenario, of),
                    phrase(scenario, item),
                    *texts,
                    change(scenario, item, float(one["difference"]), float(one["difference_error"])),
                )
            )
    columns = ("of", "outcome", said(scenario, a), said(scenario, b), "difference")
    note = f"Shares in 100 futures, other outcomes in their unit; {found.attrs['futures']} futures. ·: the interval of the difference holds zero."
    return Grid("The difference", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="crux-difference", numeric=False)


def _figure(value: float, share: bool, gain: bool) -> str:
    if not share:
        return words.figure(value)
    return f"{round(100 * value):+d}".replace("-", "−") if gain else words.hundredths(value)


def of_what(scenario: Scenario, of: str) -> str:
    """Which figure is meant: under no change, under a package, or what the package changes."""
    return "what the package changes" if of == "gain" else scenario.policies[of].label


def mechanisms(scenario: Scenario, found: xr.Dataset, items: Sequence[str], of: str) -> Grid:
    """Shares of the difference by mechanism, for each outcome shown."""
    rows = []
    for group in found["group"].values.astype(str):
        one = found.sel(of=of, group=group)
        cells = [
            part(scenario, found, of, i, float(one["group_share"].sel(item=i)), float(one["group_share_error"].sel(item=i))) for i in items
        ]
        if any(c != "·" for c in cells):
            rows.append((name(group), *cells))
    total = [
        change(scenario, i, float(found["difference"].sel(of=of, item=i)), float(found["difference_error"].sel(of=of, item=i)))
        for i in items
    ]
    rows.append(("together", *total))
    how = "every exchange was run" if found.attrs["method"] == "exact" else "orders of exchange drawn at random, their error counted"
    note = f"{of_what(scenario, of).capitalize()}: second reading less first; Shapley values, {how}. ·: the interval holds zero. Rows of · alone are left out."
    columns = ("mechanism", *(_head(scenario, i) for i in items))
    return Grid("By mechanism", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="crux-mechanisms", numeric=True)


def name(group: str) -> str:
    """A mechanism's name without underscores."""
    return group.replace("_", " ")


def parameters(scenario: Scenario, model: Any, a: str, b: str, found: xr.Dataset, items: Sequence[str], of: str, most: int = 12) -> Grid:
    """Shares of the differences by parameter, those told apart in one outcome at least; the surest ones where there are many."""
    first, second = (model.ranges(scenario.theories[t]) for t in (a, b))
    one = found.sel(of=of, item=list(items))
    with np.errstate(divide="ignore", invalid="ignore"):
        sure = np.nan_to_num(np.abs(one["share"].values) / one["share_error"].values, posinf=0.0).max(axis=-1)
    apart = ~np.isin(one["group_of"].values.astype(str), (ALIKE, START))
    kept = [int(k) for k in np.argsort(-sure) if apart[k] and sure[k] > Z95][:most]
    rows = []
    for k in sorted(kept):
        u = str(one["unknown"].values[k])
        cells = [part(scenario, found, of, i, float(one["share"].sel(item=i)[k]), float(one["share_error"].sel(item=i)[k])) for i in items]
        cells = ["" if c == "·" else c for c in cells]
        rows.append((f"{u} ({name(str(one['group_of'].values[k]))})", _range(model, first, u), _range(model, second, u), *cells))
    columns = ("parameter (mechanism)", f"range, {said(scenario, a)}", f"range, {said(scenario, b)}", *(_head(scenario, i) for i in items))
    note = (
        "Ranges: lowest to highest over elements. A parameter's shares add up to its mechanism's. "
        f"{'The surest are shown; `--json` has all. ' if len(kept) == most else ''}Empty: the interval holds zero."
    )
    return Grid("By parameter", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="crux-parameters", numeric=True)


def _range(model: Any, ranges: np.ndarray, parameter: str) -> str:
    mine = ranges[model.find(parameter)]
    low, high = words.alike(float(mine[:, 0].min()), float(mine[:, 1].max()))
    return low if low == high else f"{low} to {high}"


def interaction(scenario: Scenario, pairs: xr.Dataset, item: str) -> str:
    """Which mechanisms matter only together, as a sentence."""
    names, found = pairs["group"].values.astype(str), []
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            value, wrong = float(pairs["interaction"][i, j]), float(pairs["interaction_error"][i, j])
            text = change(scenario, item, value, wrong)
            if text != "·":
                found.append((abs(value), f"{name(names[i])} with {name(names[j])} ({text})"))
    if not found:
        return f"No two of the mechanisms that carry most ({words.listing(map(name, names))}) do more or less together than each by itself."
    top = words.listing(text for _, text in sorted(found, reverse=True)[:3])
    return f"Together they do more or less than each by itself: {top}. {_head(scenario, item)}."


def packages(scenario: Scenario, needs: xr.Dataset, items: Sequence[str]) -> Grid:
    """Which packages do not need the crux settled, and which turn on it."""
    from detente.analysis.outcomes import OUTCOMES

    rows = []
    for policy in needs["policy"].values.astype(str):
        cells = []
        for item in items:
            verdict = int(needs["verdict"].sel(policy=policy, item=item))
            better = {"above": 1, "below": -1}.get(OUTCOMES[item.partition("[")[0]].better or "", 0)
            same = ("more" if verdict > 0 else "fewer") if not better else ("better" if verdict == better else "worse")
            cells.append("turns" if verdict == 2 else "·" if verdict == 0 else f"{same} either way")
        rows.append((scenario.policies[policy].label, *cells))
    note = (
        "Either way: told apart from no change in the same direction under both readings, and surely the other way in none of "
        f"{needs.sizes['hybrid']} worlds (both readings, and each with one mechanism as the other has it): it need not be settled who is right. "
        "Turns: better in one, worse in another, by more than three errors each. ·: not told apart under both."
    )
    columns = ("package", *(_head(scenario, i) for i in items))
    return Grid(
        "Packages that do not need it settled", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="crux-packages"
    )


def tip(scenario: Scenario, theory: str, found: Tip | None, item: str) -> str:
    """The tipping value as a sentence."""
    argument, what = said(scenario, theory), phrase(scenario, item)
    if found is None or not np.isfinite(found.value):
        lead = "" if found is None else f" (“{scenario.policies[found.low_best].label}” leads all along)"
        return f"Under “{argument}” no single parameter within its range changes which package does best for {what}{lead}."
    sure = "" if found.sure else " The two are not told apart at both ends: treat the turn as unsettled."
    ends = f"from {words.figure(found.low)} to {words.figure(found.high)}"
    value, wrong = words.alike(found.value, 2 * found.error)
    width = f" ± {wrong}" if np.isfinite(found.error) else ""
    return (
        f"Under “{argument}” the best package for {what} turns on {found.parameter} ({ends}): “{scenario.policies[found.low_best].label}” below "
        f"{value}{width}, “{scenario.policies[found.high_best].label}” above.{sure}"
    )


def settle(scenario: Scenario, found: xr.Dataset, most: int = 5) -> Grid:
    """The observations of the next years that would tell most about which of the two is right."""
    from detente.report import watch

    rows = []
    for year in found["year"].values.tolist():
        for k in watch.ranked(found, year)[:most]:
            bits = float(found["bits"].sel(year=year)[k])
            rows.append((bits, (str(year), watch.said(found, scenario, k), words.figure(bits), *watch.toward(found, scenario, k, year))))
    rows.sort(key=lambda r: -r[0])
    columns = ("in", "observation", "bits, of 1", "yes, or a high value, speaks for", "no, or a low value, for")
    note = (
        f"{watch.HOW} `detente watch` shows more. {'' if rows else 'Nothing of the next years that is measured would tell the two apart.'}"
    )
    body = tuple(row for _, row in rows[:most])
    return Grid("What would settle it", columns, body, note=note.rstrip(), foot=words.foot(scenario.as_of), key="crux-watch")


def data(scenario: Scenario, a: str, b: str, found: xr.Dataset, items: Sequence[str], main: str, more: dict[str, Any]) -> dict[str, Any]:
    """The same as plain data."""
    some = found.sel(item=list(items))
    keys = ("first", "second", "difference", "difference_error")
    out: dict[str, Any] = {
        "schema": 1,
        "scenario": scenario.id,
        "foot": words.foot(scenario.as_of),
        "theories": [a, b],
        **{k: found.attrs[k] for k in ("basis", "method", "futures")},
        "main": main,
        "difference": {
            of: {i: {k: float(some[k].sel(of=of, item=i)) for k in keys} for i in items} for of in found["of"].values.astype(str)
        },
        "mechanisms": _shares(some, items, "group", "group_share"),
        "parameters": _shares(some, items, "unknown", "share"),
    }
    if "pairs" in more:
        out["interactions"] = more["pairs"].to_dict(data="list")
    if "needs" in more:
        needs = more["needs"]
        out["packages"] = {
            p: {
                i: {"verdict": int(needs["verdict"].sel(policy=p, item=i)), "signs": needs["sign"].sel(policy=p, item=i).values}
                for i in items
            }
            for p in needs["policy"].values.astype(str)
        }
        out["hybrids"] = needs["hybrid"].values.astype(str)
    if "watch" in more:
        w = more["watch"]
        out["watch"] = {
            str(o): {str(y): [float(w[v].sel(year=y)[k]) for v in ("bits", "error")] for y in w["year"].values}
            for k, o in enumerate(w["observable"].values)
        }
    if "tips" in more:
        out["tipping"] = {theory: None if t is None else vars(t) for theory, t in more["tips"]}
    return out


def _shares(found: xr.Dataset, items: Sequence[str], axis: str, what: str) -> dict[str, Any]:
    return {
        of: {
            str(n): {i: [float(found[v].sel(of=of, item=i)[k]) for v in (what, f"{what}_error")] for i in items}
            for k, n in enumerate(found[axis].values)
        }
        for of in found["of"].values.astype(str)
    }


def everyone_page(scenario: Scenario, found: xr.Dataset, item: str) -> Page:
    """`detente crux --all`: each pair's difference and the mechanisms that carry it."""
    rows = []
    ids = found["theory"].values.astype(str)
    for i, a in enumerate(ids):
        for b in ids[i + 1 :]:
            one = found.sel(theory=a, other=b, item=item)
            text = change(scenario, item, float(one["difference"]), float(one["difference_error"]))
            rows.append((said(scenario, a), said(scenario, b), text, carriers(scenario, one, item)))
    note = (
        f"{_head(scenario, item)}: second less first, no change; shares by mechanism, the largest told apart. ·: the interval holds zero. "
        f"{found.attrs['futures']} futures a reading, one order of exchange a future. {BASES['record']}"
    )
    grid = Grid(
        "Who disagrees with whom, about what",
        ("first", "second", "difference", "carried by"),
        tuple(rows),
        note=note,
        foot=words.foot(scenario.as_of),
    )
    keep = ("difference", "difference_error", "group_share", "group_share_error")
    out = {"schema": 1, "scenario": scenario.id, "foot": words.foot(scenario.as_of), "futures": found.attrs["futures"], "item": item}
    body = {**out, "theories": ids, "groups": found["group"].values.astype(str), **{k: found[k].sel(item=item).values for k in keep}}
    return Page(f"Who disagrees with whom about what. As of {day(scenario.as_of)}", (grid,), body)


def carriers(scenario: Scenario, one: xr.Dataset, item: str, most: int = 3) -> str:
    """The groups that carry most of a difference, each with its share: `escalation (−2), learning (−1)`."""
    found = [(abs(float(v)), f"{name(str(g))} ({text})") for g, v, text in told(scenario, one, item)]
    return ", ".join(text for _, text in sorted(found, reverse=True)[:most]) or "no mechanism told apart"


def told(scenario: Scenario, one: xr.Dataset, item: str) -> list[tuple[str, float, str]]:
    """Groups whose share is told apart from nought: (group, share, text)."""
    out = []
    for g, v, e in zip(one["group"].values, one["group_share"].values, one["group_share_error"].values, strict=True):
        text = change(scenario, item, float(v), float(e))
        if text != "·":
            out.append((str(g), float(v), text))
    return out
