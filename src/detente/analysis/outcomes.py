"""Outcomes: what is counted at the end of every future, for every actor.

Each is a pure function of the last state of a projection and of the model; futures come last. A share is 0 or 1 in each future, so its mean
is a share of futures. `better` says which direction is better for whom it is counted, None where that is a matter of opinion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

State = Mapping[str, np.ndarray]
Function = Callable[[State, Any], np.ndarray]

SHARE = "share of futures"
MONEY = "bn USD of 2019"
SENSITIVE = frozenset(["nuclear"])
"""Off unless asked for: the model carries no information on them."""


@dataclass(frozen=True)
class Outcome:
    """One outcome. `function(state, model)` gives [element, future], or [future] where there is no axis."""

    meaning: str
    unit: str
    axis: str | None
    share: bool
    better: Literal["above", "below"] | None
    function: Function
    needs: tuple[str, ...]
    """States that it is made of: without them in the model there is no such outcome."""


@dataclass(frozen=True)
class Item:
    """An outcome of one element: `war[a]`, or `war_third` where there is none."""

    outcome: str
    element: str

    @property
    def name(self) -> str:
        return f"{self.outcome}[{self.element}]" if self.element else self.outcome


def _of(name: str) -> Function:
    return lambda s, m: s[name]


def _count(name: str) -> Function:
    return lambda s, m: s[name].sum(axis=0)


def _war_third(s: State, m: Any) -> np.ndarray:
    third = np.asarray(m.world.direct) < 0.5
    return s["reached"][4][third].max(axis=0, initial=0.0)


def _burden(s: State, m: Any) -> np.ndarray:
    return s["arms"] / s["gdp"]


def _joint(s: State, m: Any) -> np.ndarray:
    return s["joint_years"] / (m.world.size("challenge") * m.future_steps / 4)


BELOW: Literal["below"] = "below"
ABOVE: Literal["above"] = "above"


def _table() -> dict[str, Outcome]:
    out: dict[str, Outcome] = {}

    def add(name: str, axis: str | None, better: Any, unit: str, meaning: str, needs: str, function: Function | None = None) -> None:
        state = tuple(needs.split())
        out[name] = Outcome(meaning, unit, axis, unit == SHARE, better, function or _of(state[0]), state)

    add("crisis", "rivalry", BELOW, SHARE, "a crisis or worse entered", "reached", lambda s, m: s["reached"][2])
    add("clash", "rivalry", BELOW, SHARE, "an armed clash or worse entered", "reached", lambda s, m: s["reached"][3])
    add("war", "rivalry", BELOW, SHARE, "war entered", "reached", lambda s, m: s["reached"][4])
    add("nuclear", "rivalry", BELOW, SHARE, "nuclear use", "reached", lambda s, m: s["reached"][5])
    add("war_third", None, BELOW, SHARE, "war entered over an applicant", "reached", _war_third)
    add("crises", "rivalry", BELOW, "entries", "entries into a crisis or worse", "crises")
    add("channel_open", "channel", ABOVE, SHARE, "the channel is open at the end", "open")
    add("reopened", "channel", ABOVE, SHARE, "the channel reopens within the horizon", "reopened", lambda s, m: s["reopened"] > 1.0)
    add("channels", None, ABOVE, "channels", "channels open at the end", "open", _count("open"))
    add("treaty_in_force", "treaty", ABOVE, SHARE, "the treaty or its successor is in force at the end", "in_force")
    add("treaties", None, ABOVE, "treaties", "treaties in force at the end", "in_force", _count("in_force"))
    add("missiles", "theatre", BELOW, "0–1", "unconstrained intermediate-range missiles at the end", "missiles")
    add("cohesion", "bloc", ABOVE, "0–1", "cohesion of the alliance at the end", "cohesion")
    add("alarm", "actor", BELOW, "0–1", "the actor's mean fear of its rivals at the end", "alarm")
    add("over", "rivalry", BELOW, "0–1", "false alarm at the end", "over")
    add("under", "rivalry", BELOW, "0–1", "false calm at the end", "under")
    add("arms", "actor", None, MONEY, "military spending a year at the end", "arms")
    add("burden", "actor", BELOW, "share of output", "military spending over output at the end", "arms gdp", _burden)
    add("spent", "actor", BELOW, MONEY, "military spending over the horizon", "spent")
    add("influence", "actor", ABOVE, "−1…1", "how others behave toward it at the end, weighted by their forces", "influence")
    add("containment", None, None, SHARE, "the alliance adopts a policy of containing both rivals", "containment")
    add("pivot", None, None, "0–1", "share of the leader's presence in the second theatre at the end", "pivot")
    add("denied", "applicant", BELOW, "years", "years of a wish to join without membership", "denied")
    add("member", "applicant", ABOVE, SHARE, "the applicant is a member at the end", "offer", lambda s, m: s["offer"] > 2.5)
    add("joint", None, ABOVE, "0–1", "mean joint work on the common challenges over the horizon", "joint_years joint", _joint)
    add("damage", None, BELOW, "strikes", "damage by the common challenges over the horizon", "damaged damage", _count("damaged"))
    return out


OUTCOMES: dict[str, Outcome] = _table()


def vocabulary() -> dict[str, dict[str, Any]]:
    """Names of outcomes with axis and better direction, as `scenario.validate_names` wants them."""
    return {name: {"axis": o.axis, "better": o.better} for name, o in OUTCOMES.items()}


def items(model: Any, nuclear: bool = False) -> tuple[Item, ...]:
    """Every outcome and element of a model, in the order of the table; nuclear use only when asked for.

    An outcome of a state that no mechanism of the model writes, and the scenario holds fixed, says nothing and is left out; so is one of
    things that the scenario does not have.
    """
    written = {state for m in model.mechanisms for state in m.states if np.prod(model.states[state][1])}
    names = [n for n, o in OUTCOMES.items() if (nuclear or n not in SENSITIVE) and written.issuperset(o.needs)]
    return tuple(Item(name, element) for name in names for element in elements(model, name))


def elements(model: Any, outcome: str) -> Sequence[str]:
    """Elements of an outcome's axis; one empty name where it has none."""
    axis = OUTCOMES[outcome].axis
    return model.world.axes[axis] if axis else ("",)


def evaluate(model: Any, state: State, wanted: Sequence[Item]) -> np.ndarray:
    """Values float32 [item, future] from the last state of each future."""
    out = []
    for name in dict.fromkeys(item.outcome for item in wanted):
        values = np.atleast_2d(np.asarray(OUTCOMES[name].function(state, model), np.float32))
        places = {element: k for k, element in enumerate(elements(model, name))}
        out.append(values[[places[item.element] for item in wanted if item.outcome == name]])
    return np.concatenate(out)


def places(wanted: Sequence[Item], outcome: str, among: Sequence[str] = ()) -> list[int]:
    """Where the items of an outcome stand; all elements, or those named."""
    return [k for k, item in enumerate(wanted) if item.outcome == outcome and (not among or item.element in among)]
