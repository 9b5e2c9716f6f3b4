"""Words of `detente weigh`: decibans and what they say, names of series, what happened in a quarter, likely causes of an unhealthy sampler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from detente.analysis.judge import ENOUGH
from detente.analysis.verdict import Moment
from detente.report import words
from detente.report.show import label
from detente.scenario import Scenario

DECIBAN = 10.0 / math.log(10.0)
"""Decibans in a natural log (Good 1985)."""
UNDECIDED = "the record does not decide"
LOUD = 0.2
"""Correlation from which an unknown is named as a likely cause."""
LEAST = 5.0
"""Decibans under which a weight of evidence says nothing (Jeffreys 1961, appendix B: not worth more than a bare mention)."""
GROUPS = {
    "escalation": "crises and clashes",
    "open_door": "the open door",
    "treaties": "arms control",
    "channels": "channels of dialogue",
    "shocks": "interventions elsewhere",
    "purpose": "new domains",
    "theatres": "double containment",
}
"""Mechanism whose events the record holds → what they are."""
EVENTS = {
    "exit": "left",
    "enter": "in force",
    "renew": "renewed",
    "suspend": "closed",
    "reopen": "opened",
    "wish": "asked to join",
    "withdraw": "wish withdrawn",
    "declare": "declared open",
    "promise": "promised",
    "join": "joined",
    "intervention": "intervention",
    "open_domain": "new domain",
    "containment": "containment adopted",
}
"""Draw of the record → what its event is called before its element."""
MOVES = {"fitted": "unknowns as fitted", "prior": "unknowns from the prior", "luck": "luck"}


def group_words(scenario: Scenario, group: str) -> str:
    """A group of the record in a few words: a measured series keeps its id, which the note explains."""
    return GROUPS.get(group, group)


def series_note(scenario: Scenario, groups: Sequence[str]) -> str:
    """What the ids of the measured series stand for."""
    said = [f"{s.id}: {s.label}" for s in scenario.record if s.id in groups and s.label]
    return f"{words.sentence('; '.join(said))}." if said else ""


def decibans(nats: float, error: float = math.nan) -> str:
    """`−29 ± 3`: whole decibans, tens where the error reaches twenty; an error under half a deciban is not shown."""
    if not math.isfinite(nats):
        return "unknown"
    unsure = DECIBAN * error if math.isfinite(error) else 0.0
    step = 10 if unsure >= 20.0 else 1
    text = str(step * round(DECIBAN * nats / step)).replace("-", "−")
    return f"{text} ± {step * round(unsure / step)}" if unsure >= 0.5 else text


def verdict(nats: float, error: float, low: float, high: float, independent: float = math.inf) -> str:
    """What a weight of evidence against the yardstick says: two standard errors, the range over what was varied and enough particles must bear it."""
    amount = DECIBAN * abs(nats)
    if independent < ENOUGH:
        return f"{UNDECIDED}: too few independent particles"
    if not math.isfinite(nats) or abs(nats) <= 2.0 * error or amount < LEAST or min(low, nats) * max(high, nats) < 0.0:
        return UNDECIDED
    size = "a little" if amount < 10.0 else "clearly" if amount < 20.0 else "far"
    return f"told {size} {'better' if nats > 0 else 'less well'} by its ranges than by the yardstick's"


def span(low: float, high: float) -> str:
    """`−40 to −11` decibans."""
    first, last = decibans(low), decibans(high)
    return first if first == last else f"{first} to {last}"


def quarter(time: float) -> str:
    """`Q1 2014`."""
    return f"Q{1 + round(4 * (time - math.floor(time)))} {math.floor(time)}"


def variation_words(scenario: Scenario, variation: str) -> str:
    """What was done differently."""
    fixed = {
        "weight_half": "measured series weigh half",
        "weight_double": "measured series weigh twice",
        "error_double": "measured series twice as uncertain",
        "width_half": "its own ranges half as wide",
        "width_double": "its own ranges twice as wide",
    }
    if variation.startswith("particles_"):
        return f"{variation.removeprefix('particles_')} × the particles (the way there alone)"
    if variation.startswith("without_"):
        return f"without {group_words(scenario, variation.removeprefix('without_'))}"
    return fixed.get(variation, variation)


# ------------------------------------------------------------------------------------------------------------ what happened


def happened(scenario: Scenario, owners: dict[str, str], group: str, time: float, most: int = 2) -> str:
    """What the record holds of a group in the quarter that begins at `time`: its events or spells, or what was measured, and what else happened then.

    `owners`: draw → group. Nothing recorded is an observation, too: `no event`.
    """
    if any(s.id == group for s in scenario.record):
        items = list(dict.fromkeys(_item(scenario, m.item) for m in scenario.measures if m.series == group and _in(m.date, time)))
        what = f"{group}: {words.listing(items)}" if len(items) <= most else f"{group} of {len(items)}"
        beside = _events(scenario, set(owners), time)[:1]
        return f"{what} (then: {beside[0]})" if beside else what
    found = _events(scenario, {draw for draw, owner in owners.items() if owner == group}, time)
    return "; ".join(found[:most]) if found else f"{group_words(scenario, group)}: no event"


def _events(scenario: Scenario, draws: set[str], time: float) -> list[str]:
    """Spells of crisis or worse that begin in a quarter, the highest rung first, then dated events."""
    begun = [r for r in scenario.rungs if r.rung >= 2 and "rung" in draws and _in(r.start, time)]
    found = [_short(r.note) for r in sorted(begun, key=lambda r: -r.rung)]
    found += [_told(scenario, e) for e in scenario.events if e.draw in draws and _in(e.date, time)]
    return list(dict.fromkeys(f for f in found if f))


def _told(scenario: Scenario, event: Any) -> str:
    """`closed: council`: an event by its kind and its element."""
    kind = "lapsed" if event.draw == "renew" and not event.value else EVENTS.get(event.draw, event.draw)
    return f"{kind}: {label(scenario, event.item)}" if event.item else kind


def _item(scenario: Scenario, item: str) -> str:
    return _pair(scenario, item) if ">" in item else label(scenario, item)


def _in(day: date, time: float) -> bool:
    return day.year == math.floor(time) and (day.month - 1) // 3 == round(4 * (time - math.floor(time)))


def _short(note: str) -> str:
    """The first clause of a note."""
    for sign in (";", ": ", " ("):
        note = note.split(sign)[0]
    return note.strip().rstrip(".")


def _pair(scenario: Scenario, pair: str) -> str:
    source, target = pair.split(">")
    return f"{label(scenario, source)} on {label(scenario, target)}"


def moment_words(scenario: Scenario, owners: dict[str, str], moment: Moment) -> str:
    """`Q1 2014, −8 (polls −6): Crimea 2014`: a quarter, what it moved, by which series, and what happened."""
    behind = ", ".join(f"{group_words(scenario, g)} {decibans(v)}" for g, v in moment.groups[:2])
    what = "; ".join(dict.fromkeys(happened(scenario, owners, g, moment.time) for g, _ in moment.groups[:2]))
    return f"{quarter(moment.time)}, {decibans(moment.amount)} ({behind}): {what}"


# ---------------------------------------------------------------------------------------------------------------- health


def cause(scenario: Scenario, ds: Any, owners: dict[str, str], held: int) -> str:
    """The observation and the parameter that spread the particles most, as a sentence. `held`: 0 the yardstick, then the theories."""
    strain = ds["strain"].values[held].mean(axis=0)
    total = strain.sum(axis=1)
    name, step = np.unravel_index(int(np.argmax(strain)), strain.shape)
    worst = int(np.argmax(total))
    names, rows = ds["name"].values, ds["row"].values
    pull = ds["pull"].values[held].mean(axis=0) * (1.0 if held == 0 else ds["moved"].values[held])
    row = int(np.argmax(np.abs(pull)))
    groups = ds["group"].values
    where = happened(scenario, owners, str(groups[name]), float(ds["time"].values[step]))
    said = f"most of the strain is from {_series(str(names[worst]), str(groups[worst]), scenario)} ({100 * total[worst]:.0f} % of it)"
    one = f"the single hardest observation is {quarter(float(ds['time'].values[step]))}, {where}"
    unknown = (
        f"the unknown that goes with it most is {rows[row]} (correlation {pull[row]:+.1f})"
        if abs(pull[row]) >= LOUD
        else "no unknown stands out"
    )
    return f"{said}; {one}; {unknown}".replace("-", "−")


def _series(name: str, group: str, scenario: Scenario) -> str:
    return group if name == group else f"{group_words(scenario, group)} ({name})"
