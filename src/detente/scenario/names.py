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

from .elements import expand, known
from .entries import Acceptable, Profile, Scenario
from .errors import ScenarioError, listing, quote, unknown
from .read import Document, Location

Vocabulary = Mapping[str, Any]
Axes = tuple[str, ...]
Problems = Iterator[ScenarioError]


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
        self.axes = {**scenario.axes, **{k: tuple(v) for k, v in vocabulary.get("axis", {}).items()}}

    def document(self, file: str) -> Document:
        return self.scenario.origin.documents[file]

    def misnamed(self, kind: str, name: str) -> str | None:
        """What is wrong with a name of this kind, as a sentence; None when nothing is."""
        if not self.vocabulary.get(kind) or name in self.vocabulary[kind]:
            return None
        other = next((k for k in ("parameter", "outcome", "lever", "state") if name in self.vocabulary.get(k, ())), None)
        return self.stranger(kind, name, other) or unknown(kind, name, self.vocabulary[kind])

    def misplaced(self, kind: str, name: str, element: str) -> str | None:
        """What is wrong with an element of a thing; names that the scenario does not have at all are told by `links`."""
        if name not in self.vocabulary.get(kind, ()) or element == "*" or not known(self.scenario, element):
            return None
        axes = axes_of(self.vocabulary[kind][name])
        if not axes:
            return f"{quote(name)} has no elements, so {quote(element)} names nothing"
        if not all(axis in self.axes for axis in axes):
            return None
        valid = [":".join(e) for e in itertools.product(*(self.axes[axis] for axis in axes))]
        return None if set(expand(self.scenario, element)) <= set(valid) else unknown(listing(axes, "and"), element, valid)

    def stranger(self, kind: str, name: str, other: str | None) -> str | None:
        """A name of another kind gets a sentence of its own."""
        if kind == "parameter" and other == "outcome":
            return f"{quote(name)} is an outcome: a theory says how the world works and names no value"
        if kind == "outcome" and other == "parameter":
            return f"{quote(name)} is a parameter: a value profile names outcomes and no belief about the world"
        return f"{quote(name)} is a {other}, not a {kind}" if other else None

    def tell(self, document: Document, kind: str, name: str, where: Location, elements: Iterable[str] = (), at: Location = ()) -> Problems:
        """Problems of a name, which stands at `where`, and of its elements, which stand at `at` (or are keys below it)."""
        if (message := self.misnamed(kind, name)) is not None:
            yield document.error(message, where)
        for element in elements:
            if (message := self.misplaced(kind, name, element)) is not None:
                yield document.error(message, (*at, element) if at == where else at)

    def structure(self) -> Problems:
        scenario, document = self.scenario, self.document("scenario.yaml")
        for position, name in enumerate(scenario.mechanisms):
            if "mechanism" in self.vocabulary and name not in self.vocabulary["mechanism"]:
                yield document.error(unknown("mechanism", name, self.vocabulary["mechanism"]), ("mechanisms", position))
        for parameter, spans in scenario.ranges.items():
            yield from self.tell(document, "parameter", parameter, ("ranges", parameter), spans, ("ranges", parameter))
        for state, starts in scenario.initial.items():
            yield from self.tell(document, "state", state, ("initial", state), starts, ("initial", state))
        for position, series in enumerate(scenario.record):
            if series.draw is not None:
                yield from self.tell(document, "draw", series.draw, ("record", position, "draw"))
        for actor, aims in scenario.aims.items():
            for position, aim in enumerate(aims):
                here: Location = ("aims", actor, position)
                yield from self.tell(document, "outcome", aim.outcome, (*here, "outcome"), aim.elements, (*here, "element"))
        for key, question in scenario.questions.items():
            for outcome in question.outcome:
                yield from self.tell(document, "outcome", outcome, ("questions", key, "outcome"))

    def theories(self) -> Problems:
        for name, theory in self.scenario.theories.items():
            document = self.document(f"theories/{name}.yaml")
            for position, item in enumerate(theory.ranges):
                here: Location = ("ranges", position)
                yield from self.tell(document, "parameter", item.parameter, (*here, "parameter"), item.elements, (*here, "element"))

    def policies(self) -> Problems:
        for name, policy in self.scenario.policies.items():
            document = self.document(f"policies/{name}.yaml")
            for position, use in enumerate(policy.levers):
                here: Location = ("levers", position)
                if here in document.lines:  # an included lever is told in its own file
                    yield from self.tell(document, "lever", use.lever, (*here, "lever"), use.on, (*here, "on"))

    def values(self) -> Problems:
        for name, profile in self.scenario.values.items():
            document = self.document(f"values/{name}.yaml")
            for position, item in enumerate(profile.accept):
                here: Location = ("accept", position)
                yield from self.tell(document, "outcome", item.outcome, (*here, "outcome"), item.elements, (*here, "element"))
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

    def record(self) -> Problems:
        draws = {series.id: series.draw for series in self.scenario.record}
        for file, rows in (("record/events.csv", self.scenario.events), ("record/coverage.csv", self.scenario.coverage)):
            for row in rows:
                if (message := self.misnamed("draw", row.draw)) is not None:
                    yield ScenarioError(message, file, row.line, "draw")
                elif (message := self.misplaced("draw", row.draw, row.item) if row.item else self.missing(row.draw)) is not None:
                    yield ScenarioError(message, file, row.line, "item")
        for measure in self.scenario.measures:
            if (message := self.misplaced("draw", draws.get(measure.series) or "", measure.item)) is not None:
                yield ScenarioError(message, measure.file, measure.line, "item")

    def missing(self, draw: str) -> str | None:
        axes = axes_of(self.vocabulary.get("draw", {}).get(draw))
        return f"expected an item of the axis {listing(axes, 'and')}, found nothing" if axes else None
