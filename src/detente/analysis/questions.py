"""The host's questions, each answered in data and in sentences made from the numbers.

Every figure is a share of simulated futures under a reading, with its range. A range *across readings* runs over the theories at the table;
the figure before it is the yardstick's (the baseline), where that was run. No average over theories is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis import outside
from detente.analysis.compare import at_table, gains
from detente.analysis.spread import Z90, jeffreys
from detente.analysis.words import TOO_FEW, frequency, hundred, listing, scale, span, year_quarter

ENDS = {1: "a serious incident", 2: "a crisis", 3: "an armed clash", 4: "war"}
NAMES = {2: "crisis", 3: "clash", 4: "war"}
CHANNEL_LEVERS = ("talk", "contacts")


@dataclass(frozen=True)
class Answer:
    """One question: text, sentences for people, and the same as plain data (by theory, with errors)."""

    question: str
    text: str
    sentences: tuple[str, ...]
    data: Mapping[str, Any]


def answers(result: xr.Dataset, scenario: Any) -> tuple[Answer, ...]:
    """Answers to the questions of the scenario that this module knows, Q1 to Q5; one that the model cannot answer is left out."""
    known: dict[str, Callable[[xr.Dataset, Any], tuple[list[str], dict[str, Any]] | None]] = {
        "Q1": direct_war,
        "Q2": by_accident,
        "Q3": double_containment,
        "Q4": joint_work,
        "Q5": mission,
    }
    out = []
    for name, question in scenario.questions.items():
        found = known[name](result, scenario) if name in known else None
        if found is not None:
            out.append(Answer(name, question.text, tuple(found[0]), found[1]))
    return tuple(out)


# ---------------------------------------------------------------------------------------------------------------- what they share


def _end(scenario: Any) -> int:
    return int(scenario.horizon.end.year)


def _base(result: xr.Dataset) -> xr.Dataset:
    return result.sel(policy=result.attrs["no_change"])


def _readings(result: xr.Dataset) -> xr.Dataset:
    some = at_table(result)
    return some if some.sizes["theory"] else result


def _across(result: xr.Dataset, values: xr.DataArray, hits: xr.DataArray | None = None, error: xr.DataArray | None = None) -> str:
    """A share over theories as one phrase: the yardstick's with the range across readings, or the range alone."""
    heard = values.sel(theory=_readings(result)["theory"])
    low, high = float(heard.min()), float(heard.max())
    over = f"across {heard.sizes['theory']} readings" if heard.sizes["theory"] > 1 else ""
    middle = np.flatnonzero(result["table"].values.astype(str) == "baseline")
    if not middle.size and heard.sizes["theory"] > 1:
        return f"{span(low, high)} {over}"
    place = int(middle[0]) if middle.size else 0
    phrase = frequency(
        float(values[place]), low, high, over, None if hits is None else int(hits[place]), 0.0 if error is None else float(error[place])
    )
    if phrase == TOO_FEW:
        phrase += f" under the yardstick, {span(low, high)} {over}" if over else ""
    return phrase


def _item(result: xr.Dataset, name: str) -> xr.Dataset | None:
    found = np.flatnonzero(result["item"].values.astype(str) == name)
    return _base(result).isel(item=int(found[0])) if found.size else None


def _rows(result: xr.Dataset, **columns: xr.DataArray) -> dict[str, dict[str, float]]:
    """Numbers by theory."""
    names = result["theory"].values.astype(str)
    return {str(t): {key: float(column[k]) for key, column in columns.items()} for k, t in enumerate(names)}


def _share_rows(result: xr.Dataset, one: xr.Dataset) -> dict[str, dict[str, float]]:
    return _rows(result, mean=one["mean"], error=one["error"], low=one["low"], high=one["high"], hits=one["hits"])


def _packages(result: xr.Dataset, item: str, without: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Packages that move an item, by the number of readings at the table under which the paired interval excludes zero, then by size."""
    found = np.flatnonzero(result["item"].values.astype(str) == item)
    if not found.size:
        return []
    some = _readings(result)
    table = gains(some).isel(item=int(found[0]))
    rows = []
    for k, policy in enumerate(some["policy"].values.astype(str)):
        one = table.isel(policy=k)
        up, down = int(((one["gain"] > 0) & one["shown"]).sum()), int(((one["gain"] < 0) & one["shown"]).sum())
        if policy != result.attrs["no_change"] and policy not in without and (up or down):
            values = one["gain"].values
            rows.append(
                {
                    "policy": policy,
                    "label": str(some["label"].values[k]),
                    "more": up,
                    "less": down,
                    "of": some.sizes["theory"],
                    "low": float(values.min()),
                    "high": float(values.max()),
                    "largest_error": float(one["gain_error"].max()),
                }
            )
    return sorted(rows, key=lambda row: (row["less"] - row["more"], -row["low"]))


def _raised(rows: Sequence[Mapping[str, Any]], text: Callable[[Mapping[str, Any]], str], most: int = 3) -> str:
    helpful = [row for row in rows if row["more"] > row["less"]][:most]
    return listing(f"“{row['label']}” (under {row['more']} of {row['of']} readings, {text(row)})" for row in helpful)


def _lowered(rows: Sequence[Mapping[str, Any]], most: int = 3) -> str:
    helpful = sorted((row for row in rows if row["less"] > row["more"]), key=lambda row: (row["more"] - row["less"], row["high"]))[:most]
    texts = (f"“{r['label']}” (under {r['less']} of {r['of']} readings, {_fewer(r['low'], r['high'])})" for r in helpful)
    return listing(texts)


def _fewer(low: float, high: float) -> str:
    return f"{round(-100 * high)} to {round(-100 * low)} fewer in 100 futures".replace("-", "−")


def _in_futures(row: Mapping[str, Any]) -> str:
    low, high = round(100 * row["low"]), round(100 * row["high"])
    return f"{low} to {high} more in 100 futures".replace("-", "−")


# -------------------------------------------------------------------------------------------------------------------- the five


def direct_war(result: xr.Dataset, scenario: Any) -> tuple[list[str], dict[str, Any]] | None:
    """Q1: first entry into rung 4 of the first direct rivalry within the horizon, the rungs below and the war over a third beside it."""
    rivalry = outside.main_rivalry(scenario)
    if rivalry is None or rivalry not in result["rivalry"].values:
        return None
    one = _base(result).sel(rivalry=rivalry)
    label, end = scenario.rivalries[rivalry].label, _end(scenario)
    data: dict[str, Any] = {"rivalry": rivalry, "by": end, "rungs": {}}
    phrases = {}
    for rung in (4, 3, 2):
        mean, error = one["hazard_mean"].sel(rung=rung), one["hazard_error"].sel(rung=rung)
        counted = _item(result, f"{NAMES[rung]}[{rivalry}]")
        hits = counted["hits"] if counted is not None else None
        low, high = one["hazard_low"].sel(rung=rung), one["hazard_high"].sel(rung=rung)
        data["rungs"][ENDS[rung]] = _rows(result, mean=mean, error=error, low=low, high=high)
        phrases[rung] = _across(result, mean, hits, error)
    sentences = [
        f"{label}: war is entered by {end} in {phrases[4]}.",
        f"An armed clash or worse is entered in {phrases[3]}, a crisis or worse in {phrases[2]}.",
    ]
    data["packages"] = _packages(result, f"clash[{rivalry}]")
    lowered = _lowered(data["packages"])
    none = "No package lowers the share with a clash in a way that can be told apart from luck."
    sentences.append(f"The share with a clash is lowered most by {lowered}." if lowered else none)
    third = _item(result, "war_third")
    if third is not None:
        data["war_third"] = _share_rows(result, third)
        sentences.append(f"War over an applicant is entered in {_across(result, third['mean'], third['hits'])}.")
    data["outside"] = [vars(view) for view in outside.outside_views(scenario)]
    data["gap"] = outside.gap(result, scenario)
    return sentences + data["gap"], data


def by_accident(result: xr.Dataset, scenario: Any) -> tuple[list[str], dict[str, Any]] | None:
    """Q2, three readings: how first entries began; what would not happen without dangerous incidents; what the record says of onsets."""
    rivalry = outside.main_rivalry(scenario)
    if rivalry is None or not np.isfinite(result["attributable"].values).any():
        return None
    one = _base(result).sel(rivalry=rivalry)
    whole = one["began"].sum("cause")
    share = (one["began"].sel(cause="mistake") / whole.where(whole > 0)).transpose("theory", "rung")
    entries = (whole * result.sizes["future"]).round()
    part, wrong = (result[name].sel(rivalry=rivalry) for name in ("attributable", "attributable_error"))
    rung = 4 if bool((entries.sel(rung=4, theory=_readings(result)["theory"]) >= 10).all()) else 3
    onsets = onset_share(scenario, rivalry)
    data: dict[str, Any] = {"rivalry": rivalry, "rung": rung, "onset": onsets}
    for k in (2, 3, 4):
        data[ENDS[k]] = _rows(
            result,
            began_by_mistake=share.sel(rung=k),
            entries=entries.sel(rung=k),
            attributable=part.sel(rung=k),
            attributable_low=part.sel(rung=k) - Z90 * wrong.sel(rung=k),
            attributable_high=part.sel(rung=k) + Z90 * wrong.sel(rung=k),
        )
    heard = _readings(result)["theory"]
    began, would = share.sel(rung=rung, theory=heard), part.sel(rung=rung, theory=heard)
    many = f"across {heard.size} readings" if heard.size > 1 else "under the reading shown"
    sentences = [
        f"Of the futures that enter {ENDS[rung]}, {_ends(began)} in 100 began with an accident {many}.",
        f"Were no encounter ever dangerous, {_ends(would)} in 100 entries into {ENDS[rung]} would not happen {many}.",
    ]
    if onsets["crises"]:
        sentences.append(
            f"In the record {onsets['incident']} of {onsets['crises']} crises began with an incident "
            f"({hundred(onsets['low'])} to {hundred(onsets['high'])} in 100)."
        )
    middles = [float(np.nanmedian(began)), float(np.nanmedian(would)), onsets["share"]]
    within = [float(np.nanmax(x) - np.nanmin(x)) for x in (began.values, would.values)]
    data["readings_differ_more_than_theories"] = bool(np.nanmax(middles) - np.nanmin(middles) > max(within))
    if data["readings_differ_more_than_theories"]:
        sentences.append("The three ways of counting differ more than the theories do: the record does not decide.")
    return sentences, data


def _ends(values: xr.DataArray) -> str:
    low, high = (float(np.clip(f(values), 0.0, 1.0)) if np.isfinite(values).any() else float("nan") for f in (np.nanmin, np.nanmax))
    return hundred(low) if hundred(low) == hundred(high) else f"{hundred(low)} to {hundred(high)}"


def onset_share(scenario: Any, rivalry: str) -> dict[str, float]:
    """Share of the record's crises (rung 2 and above) that began with an incident, with Jeffreys' 95 % interval."""
    rows = [row for row in scenario.rungs if row.rivalry == rivalry and row.rung >= 2]
    hits, n = sum(row.onset == "incident" for row in rows), len(rows)
    low, high = jeffreys(hits, n) if n else (float("nan"), float("nan"))
    return {"incident": hits, "crises": n, "share": hits / n if n else float("nan"), "low": low, "high": high}


def double_containment(result: xr.Dataset, scenario: Any) -> tuple[list[str], dict[str, Any]] | None:
    """Q3: does the alliance adopt a policy of containing both, when, and at what price in cohesion."""
    one = _item(result, "containment")
    if one is None or not result.sizes["bloc"]:
        return None
    price, wrong = (result[name].isel(bloc=0) for name in ("containment_price", "containment_price_error"))
    when = _half_year(result, "containment")
    label, end = next(iter(scenario.blocs.values())).label, _end(scenario)
    heard = _readings(result)["theory"]
    sentences = [f"{label} adopts a policy of containing both rivals by {end} in {_across(result, one['mean'], one['hits'])}."]
    dates = [when[str(t)] for t in heard.values.astype(str)]
    sentences.append(_when(dates, "Half of the futures have it", end))
    found = price.sel(theory=heard).values
    if np.isfinite(found).any():
        low, high = -np.nanmax(found), -np.nanmin(found)
        verb = "costs" if low >= 0 else "changes"
        ends = scale(low, high) if verb == "costs" else f"by {scale(-high, -low)}"
        sentences.append(
            f"Where it is adopted it {verb} cohesion {ends}, on its scale of 0 to 1, at the end, against the same futures without it."
        )
    data = {"adopted": _share_rows(result, one), "half_by": when, "price_in_cohesion": _rows(result, mean=price, error=wrong)}
    data["packages"] = _packages(result, "containment")
    return sentences, data


def joint_work(result: xr.Dataset, scenario: Any) -> tuple[list[str], dict[str, Any]] | None:
    """Q4: joint work on the common challenges, and what raises it."""
    one = _item(result, "joint")
    if one is None:
        return None
    heard = one["mean"].sel(theory=_readings(result)["theory"])
    many = f"across {heard.sizes['theory']} readings" if heard.sizes["theory"] > 1 else "under the reading shown"
    packages = _packages(result, "joint")
    level = scale(float(heard.min()), float(heard.max()))
    sentences = [f"Joint work on the common challenges stands at {level}, on a scale of 0 to 1, on average over the horizon, {many}."]
    raised = _raised(packages, lambda row: f"{scale(row['low'], row['high'])} more")
    sentences.append(f"It is raised most by {raised}." if raised else "No package raises it in a way that can be told apart from luck.")
    data: dict[str, Any] = {"joint": _share_rows(result, one), "packages": packages}
    damage = _item(result, "damage")
    if damage is not None:
        data["damage"] = _share_rows(result, damage)
    return sentences, data


def mission(result: xr.Dataset, scenario: Any) -> tuple[list[str], dict[str, Any]] | None:
    """Q5: is the mission reopened within the horizon, when, and which packages make it likelier.

    A package that sets the mission's own channel is left out of the conditions: it would answer the question by decree.
    """
    channel = next((name for name, c in scenario.channels.items() if c.mission), None)
    one = _item(result, f"reopened[{channel}]") if channel else None
    if one is None or channel is None:
        return None
    own = own_levers(scenario, channel)
    packages = _packages(result, f"reopened[{channel}]", own)
    when = _half_year(result, f"reopened[{channel}]")
    heard = [when[str(t)] for t in _readings(result)["theory"].values.astype(str)]
    label, end = scenario.channels[channel].label, _end(scenario)
    sentences = [f"{label}: reopened by {end} in {_across(result, one['mean'], one['hits'])}."]
    sentences.append(_when(heard, "Half of the futures have it", end))
    raised = _raised(packages, _in_futures)
    none = "No package that leaves the channel itself alone makes it likelier beyond luck."
    sentences.append(f"It is raised most by {raised}." if raised else none)
    if own:
        labels = [scenario.policies[name].label for name in own if name in result["policy"].values]
        sentences += [f"Not counted among the conditions, since the channel itself is their lever: {listing(labels)}."] if labels else []
    data = {"channel": channel, "reopened": _share_rows(result, one), "half_by": when, "packages": packages, "left_out": list(own)}
    return sentences, data


def own_levers(scenario: Any, channel: str) -> tuple[str, ...]:
    """Packages that pull a lever of this channel itself."""

    def sets(policy: Any) -> bool:
        return any(use.lever in CHANNEL_LEVERS and (not use.on or channel in use.on) for use in policy.levers)

    return tuple(name for name, policy in scenario.policies.items() if sets(policy))


def _half_year(result: xr.Dataset, series: str) -> dict[str, float | None]:
    """By theory: start of the quarter from which at least half of the futures have it; None where that is never so."""
    found = _base(result)["future_mean"].sel(series=series)
    years = result["time_future"].values
    out: dict[str, float | None] = {}
    for k, name in enumerate(result["theory"].values.astype(str)):
        reached = np.flatnonzero(found[k].values >= 0.5)
        out[str(name)] = float(years[reached[0]]) if reached.size else None
    return out


def _when(dates: Sequence[float | None], start: str, end: int) -> str:
    known = sorted(d for d in dates if d is not None)
    if not known:
        return f"{start} by {end} under none of {len(dates)} readings."
    first, last = year_quarter(known[0]), year_quarter(known[-1])
    span_ = first if first == last else f"between {first} and {last}"
    return f"{start} by {end} under {len(known)} of {len(dates)} readings, {'in ' if first == last else ''}{span_}."
