"""`detente weigh`: how each reading's ranges tell the record, when they gained or lost, what that hangs on, and how healthy the sampler was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import verdict
from detente.analysis.judge import ENOUGH
from detente.report import words
from detente.report.blocks import Block, Figure, Grid, Page
from detente.report.weigh_words import (
    DECIBAN,
    MOVES,
    UNDECIDED,
    cause,
    decibans,
    group_words,
    moment_words,
    series_note,
    span,
    variation_words,
)
from detente.report.weigh_words import verdict as said
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

SCALE = "Ten decibans: the record as scored is ten times less likely under one reading's ranges than under the other's; twenty: a hundred times."
FEW = 0.2
"""Share of particles without a common ancestor below which the sampler is said to be unhealthy."""
LEFT = 0.1
"""Share of particles left effective by a step below which a run is said to be unhealthy."""
SAME = "the yardstick's own ranges"


def weigh_page(ds: xr.Dataset, scenario: Scenario, figure: Figure | None = None) -> Page:
    """The whole answer."""
    return Page(_title(scenario), (*weigh_blocks(ds, scenario, figure), *health_blocks(ds, scenario)), weigh_data(ds, scenario))


def weigh_blocks(ds: xr.Dataset, scenario: Scenario, figure: Figure | None = None) -> tuple[Block, ...]:
    """What a report may take in: headline, fit, the course over time, parts, fragility."""
    blocks: list[Block] = [headline(ds), what_it_is(ds, scenario), fit(ds, scenario)]
    if figure is not None:
        blocks.append(figure)
    blocks += [turns(ds, scenario), by_series(ds, scenario), by_period(ds, scenario), fragile(ds, scenario), order(ds, scenario)]
    return tuple(blocks)


def _title(scenario: Scenario) -> str:
    return f"Fit of our reading: {scenario.title}, record {scenario.history.start.year}–{scenario.history.end.year}"


def arguments(ds: xr.Dataset) -> list[str]:
    """Arguments in the result's order."""
    return [str(a) for a in ds["argument"].values]


def headline(ds: xr.Dataset) -> str:
    """Whether the order of readings stands through everything that was tried."""
    stands = verdict.order(ds)[np.triu_indices(ds.sizes["theory"], 1)]
    if not len(stands):
        return "One reading alone has no order."
    held, turned = int((stands > 0).sum()), int((stands < 0).sum())
    if held == len(stands):
        return "The order of the readings stands in everything that was tried. It is fit in sample: no forecast was scored."
    rest = f"Of {len(stands)} pairs of readings {held} keep{'s' if held == 1 else ''} their order in everything that was tried"
    left = len(stands) - held - turned
    others = f"{turned} turn{'s' if turned == 1 else ''}, {left} {'is' if left == 1 else 'are'} not told apart"
    return f"{words.sentence(UNDECIDED)} the order of the readings. {rest}, {others}."


def what_it_is(ds: xr.Dataset, scenario: Scenario) -> str:
    """What the figures are and which error stands beside them."""
    seeds = ds.sizes["seed"]
    error = (
        f"The error is one standard error over {seeds} seeds, with half of the gap between the ways"
        if seeds > 1
        else "The error is one standard error of this run alone, by groups of particles resampled apart and half of the gap between the two ways; "
        "runs under other seeds may differ by more (--seeds 4 tells)"
    )
    return (
        "A weight of evidence compares how probable the whole record is under a reading's ranges with how probable it is under the yardstick's. "
        "It weighs our ranges and our error model, not a person's judgement, and it is in sample: ranges of the yardstick were set by eye on the same record. "
        f"{SCALE} Each reading is reached from the yardstick and left toward it again; the figure is the middle of the two. {error}."
    )


def fit(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """One row per reading in the speakers' order: weight of evidence, both ways, range over what was varied, what it says."""
    found, (gain, _) = verdict.figures(ds), verdict.varied(ds)
    several = ds.sizes["seed"] > 1
    rows = []
    for k, name in enumerate(arguments(ds)):
        if bool(ds["same"].values[k]):
            rows.append((name, "0", *(("",) if several else ()), "", "", SAME))
            continue
        low, high = _ends(gain[:, k], found.gain[k])
        ways = f"{decibans(float(ds['there'].values[k].mean()))} / {decibans(float(ds['back'].values[k].mean()))}"
        spread = (decibans(found.spread[k]),) if several else ()
        varied = span(low, high) if np.isfinite(gain[:, k]).any() else "refused"
        says = said(found.gain[k], found.error[k], low, high, _independent(ds, k + 1))
        rows.append((name, decibans(found.gain[k], found.error[k]), *spread, ways, varied, says))
    columns = (
        "argument",
        "decibans against the yardstick",
        *(("sd over seeds",) if several else ()),
        "way there / back",
        "over what was varied",
        "says",
    )
    level, error, sd = verdict.evidence(ds)
    sure = f" (sd over {ds.sizes['seed']} seeds {words.figure(sd)})" if several else ""
    note = f"Order: as the speakers spoke. The yardstick's log evidence is {level:.1f} ± {words.figure(error)} natural logs{sure}.".replace(
        "-", "−"
    )
    return Grid("Fit of our reading", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="weigh-fit", numeric=True)


def _independent(ds: xr.Dataset, held: int) -> float:
    """How many independent particles stand behind a run at the least: its families, or what its hardest step left effective."""
    left = ds["effective"].values[held] * ds["particles"].values[held]
    return float(min(ds["families"].values[held].min(), left.min()))


def _ends(values: np.ndarray, middle: float) -> tuple[float, float]:
    known = np.append(values[np.isfinite(values)], middle)
    return float(known.min()), float(known.max())


def by_series(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """What each kind of record adds to each reading's weight of evidence; the rest is the gap that the two ways leave."""
    groups, mean, error = verdict.by_group(ds)
    heads = tuple(group_words(scenario, g) for g in groups)
    note = f"In decibans, with hindsight: parts of the path from one posterior to the other, on which all data move together. {series_note(scenario, groups)}"
    return _parts(ds, scenario, "By kind of record", heads, mean, error, note, "weigh-series")


def by_period(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """What each span of five years adds."""
    names, mean, error = verdict.by_period(ds)
    note = (
        "In decibans, with hindsight: which years a reading tells worse once it has learnt from all of them. "
        "Year by year, as it would have been learnt: --by-year."
    )
    return _parts(ds, scenario, "By period", tuple(names), mean, error, note, "weigh-period")


def _parts(
    ds: xr.Dataset, scenario: Scenario, title: str, heads: tuple[str, ...], mean: np.ndarray, error: np.ndarray, note: str, key: str
) -> Grid:
    found = verdict.figures(ds)
    rows = []
    for k, name in enumerate(arguments(ds)):
        if not bool(ds["same"].values[k]):
            rest = found.gain[k] - mean[k].sum()
            cells = tuple(decibans(m, e) for m, e in zip(mean[k], error[k]))
            rows.append((name, *cells, decibans(rest), decibans(found.gain[k], found.error[k])))
    note = f"{note} Rows add up, but for rounding; “not attributed”: the two ways differ by twice that."
    columns = ("argument", *heads, "not attributed", "all")
    return Grid(title, columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key=key, numeric=True)


def turns(ds: xr.Dataset, scenario: Scenario, many: int = 3) -> Grid:
    """The dated quarters that moved each reading most."""
    owners = {str(n): str(g) for n, g in zip(ds["name"].values, ds["group"].values)}
    learnt = "course" in ds
    rows = []
    for k, name in enumerate(arguments(ds)):
        found = verdict.moments(ds, k, many, learnt)
        rows += [(name if i == 0 else "", moment_words(scenario, owners, m)) for i, m in enumerate(found)]
    how = "as it would have been learnt, year by year" if learnt else "with hindsight"
    note = f"Decibans against the yardstick, {how}; in brackets the kinds of record behind them. Notes are the record's own."
    columns = ("argument", "quarter, decibans: what the record holds")
    return Grid(
        "When each reading gained or lost most", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="weigh-turns"
    )


def fragile(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """Each reading's weight of evidence under each variation."""
    (gain, error), rough = verdict.varied(ds), verdict.rough(ds)
    found = verdict.figures(ds)
    told = [k for k in range(ds.sizes["theory"]) if not bool(ds["same"].values[k])]
    rows = [("as it is", *(decibans(found.gain[k], found.error[k]) for k in told))]
    for v, name in enumerate(ds["variation"].values):
        rows.append((variation_words(scenario, str(name)), *(_varied(gain[v, k], error[v, k], rough[v, k]) for k in told)))
    refused = int(np.isnan(gain[:, told]).sum())
    how = (
        f"By importance weights on the particles learnt; refused with fewer than {ENOUGH} effective particles, too few families or an error "
        f"over a natural log: {refused} of {gain[:, told].size} figures, which --fragility full settles by new runs. "
        "≈: only the parts above taken off or added again, to first order; no run stands behind it."
        if not int(ds.attrs["full"])
        else "By importance weights where they are good enough, else by new runs."
    )
    note = f"Decibans against the yardstick, itself varied alike. Without a kind of record: it is held to, but does not weigh. {how}"
    columns = ("", *(arguments(ds)[k] for k in told))
    return Grid("What it hangs on", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="weigh-fragile", numeric=True)


def _varied(gain: float, error: float, rough: float) -> str:
    return decibans(gain, error) if np.isfinite(gain) else f"≈ {decibans(rough)}" if np.isfinite(rough) else "refused"


def order(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """Which pairs keep their order, in the speakers' order and never as a ranking."""
    stands, names, found = verdict.order(ds), arguments(ds), verdict.figures(ds)
    rows = []
    for k, name in enumerate(names):
        ahead = [names[j] for j in range(len(names)) if stands[k, j] > 0 and found.gain[k] > found.gain[j]]
        turned = [names[j] for j in range(len(names)) if stands[k, j] < 0]
        rows.append((name, "; ".join(ahead) or "none", "; ".join(turned) or "none"))
    note = (
        "A pair counts as told apart by two standard errors, in the main figures and in every variation that is known, on the same side. "
        f"Of all the others {UNDECIDED}."
    )
    columns = ("argument", "fits better than, in everything tried", "order turns with")
    return Grid("Whose order stands", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="weigh-order")


# ---------------------------------------------------------------------------------------------------------------- health


def health_blocks(ds: xr.Dataset, scenario: Scenario) -> tuple[Block, ...]:
    """The sampler's own figures, and a warning with its likely cause wherever they are poor."""
    warned = warnings(ds, scenario)
    lead = "The sampler is in order." if not warned else f"Warning: {len(warned)} of {ds.sizes['held']} runs are not in order."
    return (health(ds, scenario), "\n".join([lead, *warned]))


def _held(ds: xr.Dataset) -> list[str]:
    return ["the yardstick", *arguments(ds)]


def health(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """Levels, effective share, acceptance by kind of move, ancestors, families."""
    rows = []
    for k, name in enumerate(_held(ds)):
        accepted = ds["accepted"].values[k].mean(axis=0)
        particles = int(ds["particles"].values[k, 0])
        rows.append(
            (
                name,
                f"{ds['levels'].values[k].mean():.0f}",
                f"{100 * ds['effective'].values[k].min():.0f}",
                *(f"{100 * a:.0f}" if np.isfinite(a) else "" for a in accepted),
                f"{ds['families'].values[k].mean():.0f} of {particles}",
                f"{100 * ds['returned'].values[k].mean():.0f}" if k and not bool(ds["same"].values[k - 1]) else "",
            )
        )
    columns = (
        "",
        "powers",
        "least effective, %",
        *(f"accepted: {MOVES[str(x)]}, %" for x in ds["kind"].values),
        "families",
        "ancestors of the way back, %",
    )
    note = "Families: distinct ancestors since half of the way to the full likelihood; kin are no independent evidence."
    return Grid("The sampler's health", columns, tuple(rows), note=note, key="weigh-health", numeric=True)


def warnings(ds: xr.Dataset, scenario: Scenario) -> list[str]:
    """A sentence for each unhealthy run: what is wrong, and the likely cause."""
    owners = {str(n): str(g) for n, g in zip(ds["name"].values, ds["group"].values)}
    found, out = verdict.figures(ds), []
    for k, name in enumerate(_held(ds)):
        wrong = _wrong(ds, k, found)
        if wrong:
            out.append(f"{words.sentence(name)}: {'; '.join(wrong)}. Likely cause: {cause(scenario, ds, owners, k)}.")
    return out


def _wrong(ds: xr.Dataset, held: int, found: verdict.Figures) -> list[str]:
    if held and bool(ds["same"].values[held - 1]):
        return []
    families, particles = float(ds["families"].values[held].min()), float(ds["particles"].values[held, 0])
    wrong = []
    if families < FEW * particles:
        wrong.append(f"{families:.0f} families stand behind {particles:.0f} particles")
    effective = float(ds["effective"].values[held].min())
    if effective < LEFT:
        wrong.append(f"its hardest step left {100 * effective:.0f} in 100 particles effective")
    if held and abs(found.gap[held - 1]) > 1.0:
        side = "above" if found.gap[held - 1] > 0 else "below"
        wrong.append(f"the way back ends {decibans(abs(found.gap[held - 1]))} decibans {side} the way there")
    accepted = ds["accepted"].values[held].mean(axis=0)
    slow = [MOVES[str(x)] for x, a in zip(ds["kind"].values, accepted) if np.isfinite(a) and not 0.05 <= a <= 0.9]
    if slow:
        wrong.append(f"moves of {words.listing(slow)} are accepted nearly never or nearly always")
    return wrong


# ---------------------------------------------------------------------------------------------------------------- data


def weigh_data(ds: xr.Dataset, scenario: Scenario) -> dict[str, Any]:
    """Full figures in natural logs; decibans are 4.34 times as many."""
    found, (gain, error) = verdict.figures(ds), verdict.varied(ds)
    groups, by_group, group_error = verdict.by_group(ds)
    periods, by_period, period_error = verdict.by_period(ds)
    stands, base = verdict.order(ds), verdict.evidence(ds)
    learnt = verdict.learnt_course(ds) if "course" in ds else None
    course = verdict.course(ds)
    ids = [str(t) for t in ds["theory"].values]
    theories = {}
    for k, name in enumerate(ids):
        theories[name] = {
            "argument": arguments(ds)[k],
            "gain": found.gain[k],
            "error": found.error[k],
            "sd_over_seeds": found.spread[k],
            "there": ds["there"].values[k],
            "back": ds["back"].values[k],
            "by_series": {g: [by_group[k, i], group_error[k, i]] for i, g in enumerate(groups)},
            "by_period": {p: [by_period[k, i], period_error[k, i]] for i, p in enumerate(periods)},
            "not_attributed": found.gain[k] - by_group[k].sum(),
            "course": course[0][k],
            **({"course_by_year": learnt[0][k]} if learnt else {}),
            "varied": {str(v): [gain[i, k], error[i, k]] for i, v in enumerate(ds["variation"].values)},
            "order": {ids[j]: int(stands[k, j]) for j in range(len(ids)) if j != k},
        }
    return {
        "scenario": scenario.id,
        "title": "fit of our reading, in sample",
        "unit": "natural logs",
        "decibans_per_unit": DECIBAN,
        "seeds": ds["seed"].values,
        "headline": headline(ds),
        "yardstick": {"log_evidence": base[0], "error": base[1], "sd_over_seeds": base[2]},
        "time": ds["time"].values,
        "theories": theories,
        "health": {
            name: {x: ds[x].values[k].mean() for x in ("levels", "effective", "ancestors", "families", "particles")}
            | {"accepted": dict(zip(map(str, ds["kind"].values), ds["accepted"].values[k].mean(axis=0)))}
            for k, name in enumerate(["yardstick", *ids])
        },
        "warnings": warnings(ds, scenario),
    }
