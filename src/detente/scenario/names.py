"""Names of mechanisms in a scenario, held against the vocabulary that the model hands in. This layer knows no mechanism.

A vocabulary is a mapping of kinds to names:

    {"parameter": {name: axis}, "state": {name: axes}, "lever": {name: axis}, "outcome": {name: axes}, "draw": {name: axis},
     "mechanism": [name]}

An axis is a string (`actor`, `pair`, `party` …), None or "" for none; axes are a tuple of them, or `rung/rivalry`. An outcome may also be
`{"axis": axes, "better": "below" | "above"}`: which direction is good for whom it is counted. `"axis": {name: elements}` adds axes that the
scenario does not fix itself. A kind that is absent or empty is not checked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .elements import expand
from .entries import Acceptable, Profile, Scenario
from .errors import ScenarioError, listing, quote, unknown
from .read import Document, Location

Vocabulary = Mapping[str, Any]
Axes = tuple[str, ...]


def validate_names(scenario: Scenario, vocabulary: Vocabulary) -> list[ScenarioError]:
    """Every name of a mechanism, parameter, state, lever, outcome or draw that the model does not have, by file and line."""
    naming = _Naming(scenario, vocabulary)
    checks = (naming.structure, naming.theories, naming.values, naming.policies, naming.record)
    return sorted(itertools.chain.from_iterable(check() for check in checks), key=ScenarioError.order)


def axes_of(entry: Any) -> Axes:
    """Axes of a vocabulary's entry."""
    if isinstance(entry, Mapping):
        entry = entry.get("axis")
    if entry is None or entry == "":
        return ()
    return tuple(entry.split("/")) if isinstance(entry, str) else tuple(entry)


class _Naming:
    def __init__(self, scenario: Scenario, vocabulary: Vocabulary) -> None:
        self.scenario, self.vocabulary = scenario, vocabulary
        self.known = {**scenario.axes, **{k: tuple(v) for k, v in vocabulary.get("axis", {}).items()}}

    def document(self, file: str) -> Document:
        return self.scenario.origin.documents[file]

    def fault(self, kind: str, name: str, names: Iterable[str]) -> str | None:
        """What is wrong with a name of this kind and its elements, as a sentence; None when nothing is."""
        if not self.vocabulary.get(kind):
            return None
        if name not in self.vocabulary[kind]:
            other = next((k for k in ("parameter", "outcome", "lever", "state") if name in self.vocabulary.get(k, ())), None)
            return self.stranger(kind, name, other) or unknown(kind, name, self.vocabulary[kind])
        axes = axes_of(self.vocabulary[kind][name])
        for element in names:
            if not axes and element != "*":
                return f"{quote(name)} has no elements, so {quote(element)} names nothing"
            if element == "*" or not all(axis in self.known for axis in axes):
                continue
            known = [":".join(e) for e in itertools.product(*(self.known[axis] for axis in axes))]
            exact = expand(self.scenario, element)
            if not exact or not set(exact) <= set(known):
                return unknown(listing(axes, "and"), element, known)
        return None

    def stranger(self, kind: str, name: str, other: str | None) -> str | None:
        """A name of another kind gets a sentence of its own."""
        if kind == "parameter" and other == "outcome":
            return f"{quote(name)} is an outcome: a theory says how the world works and names no value"
        if kind == "outcome" and other == "parameter":
            return f"{quote(name)} is a parameter: a value profile names outcomes and no belief about the world"
        return f"{quote(name)} is a {other}, not a {kind}" if other else None

    def tell(self, document: Document, kind: str, name: str, names: Iterable[str], where: Location) -> Iterator[ScenarioError]:
        if (message := self.fault(kind, name, names)) is not None:
            yield document.error(message, where)

    def structure(self) -> Iterator[ScenarioError]:
        scenario, document = self.scenario, self.document("scenario.yaml")
        for position, name in enumerate(scenario.mechanisms):
            if "mechanism" in self.vocabulary and name not in self.vocabulary["mechanism"]:
                yield document.error(unknown("mechanism", name, self.vocabulary["mechanism"]), ("mechanisms", position))
        for parameter, spans in scenario.ranges.items():
            yield from self.tell(document, "parameter", parameter, spans, ("ranges", parameter))
        for state, starts in scenario.initial.items():
            yield from self.tell(document, "state", state, starts, ("initial", state))
        for position, series in enumerate(scenario.record):
            if series.draw is not None:
                yield from self.tell(document, "draw", series.draw, (), ("record", position, "draw"))
        for key, question in scenario.questions.items():
            for outcome in question.outcome:
                yield from self.tell(document, "outcome", outcome, (), ("questions", key, "outcome"))

    def theories(self) -> Iterator[ScenarioError]:
        for name, theory in self.scenario.theories.items():
            document = self.document(f"theories/{name}.yaml")
            for position, item in enumerate(theory.ranges):
                yield from self.tell(document, "parameter", item.parameter, item.elements, ("ranges", position, "parameter"))

    def policies(self) -> Iterator[ScenarioError]:
        for name, policy in self.scenario.policies.items():
            document = self.document(f"policies/{name}.yaml")
            for position, use in enumerate(policy.levers):
                if ("levers", position, "lever") in document.lines:  # an included lever is told in its own file
                    yield from self.tell(document, "lever", use.lever, use.on, ("levers", position, "lever"))

    def values(self) -> Iterator[ScenarioError]:
        for name, profile in self.scenario.values.items():
            document = self.document(f"values/{name}.yaml")
            for position, item in enumerate(profile.accept):
                here: Location = ("accept", position)
                yield from self.tell(document, "outcome", item.outcome, item.elements, (*here, "outcome"))
                if self.gains_from_loss(profile, item):
                    whom = f" of {listing(item.elements, 'and')}" if item.elements else ""
                    message = f"wants {quote(item.outcome)}{whom} {item.direction} a threshold, which is worse for whom it is counted"
                    yield document.error(f"{message}; a profile may not count another party's loss as gain", (*here, "direction"))

    def gains_from_loss(self, profile: Profile, item: Acceptable) -> bool:
        """Does the profile ask for an outcome to be worse, other than for its own parties?"""
        entry = self.vocabulary.get("outcome", {}).get(item.outcome)
        better = entry.get("better") if isinstance(entry, Mapping) else None
        if better is None or item.direction == better:
            return False
        own = {a for party in profile.parties for a in (party, *self.members(party))}
        return not item.elements or not set(item.elements) <= own

    def members(self, party: str) -> Iterable[str]:
        return self.scenario.blocs[party].weights if party in self.scenario.blocs else ()

    def record(self) -> Iterator[ScenarioError]:
        draws = {series.id: series.draw for series in self.scenario.record}
        rows: list[tuple[str, int, str, str, str]] = []
        rows += [("record/events.csv", e.line, "draw", e.draw, e.item) for e in self.scenario.events]
        rows += [("record/coverage.csv", c.line, "draw", c.draw, c.item) for c in self.scenario.coverage]
        rows += [(m.file, m.line, "item", draws.get(m.series) or "", m.item) for m in self.scenario.measures]
        for file, line, field, draw, item in rows:
            if not draw or (field == "item" and draw not in self.vocabulary.get("draw", ())):
                continue  # shown only, or told at the series' own line
            message = self.fault("draw", draw, (item,) if item else ())
            if message is None and not item and "draw" in self.vocabulary and axes_of(self.vocabulary["draw"][draw]):
                message = f"expected an item of the axis {listing(axes_of(self.vocabulary['draw'][draw]), 'and')}, found nothing"
            if message is not None:
                yield ScenarioError(message, file, line, field)
