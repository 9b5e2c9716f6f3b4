"""The result's Dataset as the report reads it: one cell, one paired difference, the readings in their order, the items of a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.report import words
from detente.report.show import label
from detente.report.show_claims import read_claims
from detente.scenario import Scenario, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

CONFIDENT = 1.96
PHRASES = {
    "crisis": "crisis or worse",
    "clash": "armed clash or worse",
    "war": "war",
    "nuclear": "nuclear use",
    "war_third": "war with or over a state that asked to join",
    "crises": "crises",
    "channel_open": "open at the end",
    "reopened": "reopened within the horizon",
    "channels": "channels open at the end",
    "treaty_in_force": "in force at the end",
    "treaties": "agreements in force at the end",
    "missiles": "new missiles at the end",
    "cohesion": "cohesion at the end",
    "alarm": "fear of its rivals at the end",
    "over": "false alarm at the end",
    "under": "false calm at the end",
    "arms": "military spending at the end",
    "burden": "spending over output at the end",
    "spent": "spending over the horizon",
    "influence": "influence at the end",
    "containment": "alliance adopts containment of both rivals",
    "pivot": "leader's weight on the second theatre",
    "denied": "years of a wish without membership",
    "member": "member at the end",
    "joint": "joint work on common challenges",
    "damage": "damage by common challenges",
}
"""Outcome → words for a table's head."""
RUNGS = {"crisis": 2, "clash": 3, "war": 4}
"""Outcomes whose share is better estimated by the sum of entry probabilities than by a count of futures."""
COUNTED = ("alarm", "influence", "spent", "denied", "member")
"""What is counted for an actor, the same for every one."""
HIDDEN = ("nuclear",)
"""Never shown unless asked for by name: the model carries no information on nuclear decision-making."""


@dataclass(frozen=True)
class Cell:
    """One figure with its error and range; `hits` counts futures when the figure is a share of them."""

    mean: float
    error: float
    low: float
    high: float
    share: bool
    unit: str
    hits: int | None = None

    @property
    def settled(self) -> bool:
        """Is the simulation's own error smaller than half of the figure, so that it may be said at all?"""
        return not self.share or self.hits is not None or self.error < 0.5 * self.mean

    def short(self) -> str:
        """For a table: in 100 futures for a share, else the mean with its range."""
        if not self.settled:
            return words.UNSETTLED
        if self.share:
            return words.short(self.mean, self.low, self.high, self.hits)
        return words.spread(self.mean, self.low, self.high)

    def long(self) -> str:
        """For a sentence."""
        if not self.settled:
            return words.UNSETTLED
        if self.share:
            return words.frequency(self.mean, self.low, self.high, self.hits)
        return words.amount(self.mean, self.low, self.high, self.unit)

    def data(self) -> dict[str, Any]:
        """Full figures."""
        return {"mean": self.mean, "error": self.error, "low": self.low, "high": self.high, "unit": self.unit, "hits": self.hits}


@dataclass(frozen=True)
class Reading:
    """A theory as it is shown: the argument leads."""

    id: str
    argument: str
    table: str


def at(ds: xr.Dataset, name: str, **labels: Any) -> Any:
    """Values of a variable at labels of some of its dimensions (a hundred times quicker than `sel`, for one cell at a time)."""
    variable = ds.variables[name]
    return variable.values[tuple(ds.get_index(dim).get_loc(labels[dim]) if dim in labels else slice(None) for dim in variable.dims)]


def readings(ds: xr.Dataset) -> list[Reading]:
    """Theories in the result's order."""
    return [Reading(*row) for row in zip(_texts(ds, "theory"), _texts(ds, "argument"), _texts(ds, "table"), strict=True)]


def packages(ds: xr.Dataset) -> dict[str, str]:
    """Policy id → label, the yardstick first."""
    found = dict(zip(_texts(ds, "policy"), _texts(ds, "label"), strict=True))
    first = yardstick(ds)
    return {first: found[first]} | found


def yardstick(ds: xr.Dataset) -> str:
    """The policy that changes nothing."""
    return str(ds.attrs["no_change"])


def items(ds: xr.Dataset) -> list[str]:
    """Outcomes with their elements, those hidden by default left out."""
    return [i for i, o in zip(_texts(ds, "item"), _texts(ds, "outcome"), strict=True) if o not in HIDDEN]


def cell(ds: xr.Dataset, theory: str, policy: str, item: str) -> Cell:
    """One figure of the result."""
    here = {"theory": theory, "policy": policy, "item": item}
    share = bool(at(ds, "share", item=item))
    mean, error, low, high = (float(at(ds, name, **here)) for name in ("mean", "error", "low", "high"))
    hits = int(at(ds, "hits", **here)) if share else None
    name, element = outcome(item)
    if name in RUNGS and element:
        place: dict[str, Any] = {"theory": theory, "policy": policy, "rung": RUNGS[name], "rivalry": element}
        mean, error = float(at(ds, "hazard_mean", **place)), float(at(ds, "hazard_error", **place))
        hits = None
    if share:  # a range is never narrower than the simulation's own error
        low, high = min(low, max(mean - CONFIDENT * error, 0.0)), max(high, min(mean + CONFIDENT * error, 1.0))
    return Cell(mean, error, low, high, share, str(at(ds, "unit", item=item)), hits)


def gain(ds: xr.Dataset, theory: str, policy: str, item: str) -> tuple[float, float, float]:
    """Paired difference to the yardstick and its 95 % interval (Monte Carlo): (mean, low, high)."""
    here = {"theory": theory, "policy": policy, "item": item}
    mean, error = float(at(ds, "gain", **here)), float(at(ds, "gain_error", **here))
    return mean, mean - CONFIDENT * error, mean + CONFIDENT * error


def expected(ds: xr.Dataset, theory: str, policy: str, item: str) -> float:
    """Agreed as often as said, otherwise no change."""
    agreed = float(at(ds, "agreed", theory=theory, policy=policy))
    return agreed * cell(ds, theory, policy, item).mean + (1.0 - agreed) * cell(ds, theory, yardstick(ds), item).mean


def outcome(item: str) -> tuple[str, str]:
    """`war[north_east]` → (`war`, `north_east`)."""
    name, _, rest = item.partition("[")
    return name, rest.rstrip("]")


def phrase(scenario: Scenario, item: str, bare: bool = False) -> str:
    """An item in words, with its element: `war, north and east`; `bare` leaves the element out."""
    name, element = outcome(item)
    said = PHRASES.get(name, name.replace("_", " "))
    return f"{said}, {label(scenario, element)}" if element and not bare else said


def question_items(ds: xr.Dataset, scenario: Scenario) -> dict[str, list[str]]:
    """Question → the items that answer it, for the main rivalry or the element the question is about."""
    known = set(items(ds))
    rows = {r["id"]: r for r in _claims(scenario)}
    out = {}
    for key, question in scenario.questions.items():
        names: Iterable[str] = question.outcome or rows.get(key, {}).get("outcomes", ())
        found = [f"{n}[{e}]" if e else n for n in names for e in main_elements(ds, scenario, n)]
        out[key] = [item for item in found if item in known]
    return out


def main_elements(ds: xr.Dataset, scenario: Scenario, name: str) -> list[str]:
    """Which elements of an outcome stand in the first view: the first rivalry, the mission, the first bloc; every other axis as a whole."""
    elements = [e for o, e in zip(_texts(ds, "outcome"), _texts(ds, "element"), strict=True) if o == name]
    mission = [c for c, channel in scenario.channels.items() if channel.mission]
    for first in (mission, list(scenario.rivalries)[:1], list(scenario.blocs)[:1]):
        if set(first) & set(elements):
            return first
    return elements


def question_parameters(scenario: Scenario, key: str) -> list[str]:
    """Parameters that the list of claims names for a question."""
    return next((list(r.get("parameters", ())) for r in _claims(scenario) if r["id"] == key), [])


def actor_items(ds: xr.Dataset, scenario: Scenario) -> Mapping[str, list[str]]:
    """Actor → what is counted for it, in every theory and for every actor alike."""
    known = set(items(ds))
    return {a: [i for i in (f"{name}[{a}]" for name in COUNTED) if i in known] for a in scenario.actors}


def better(ds: xr.Dataset, item: str) -> int:
    """Which direction is better for whom the outcome is counted: 1 more, −1 less, 0 a matter of opinion."""
    return {"above": 1, "below": -1}.get(str(at(ds, "direction", item=item)), 0)


def _claims(scenario: Scenario) -> tuple[dict[str, Any], ...]:
    try:
        return read_claims(scenario)
    except ScenarioError:
        return ()


def _texts(ds: xr.Dataset, name: str) -> list[str]:
    return [str(v) for v in ds[name].values]
