"""Do the files of a scenario fit together? References, dates, sums, cycles; every problem with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from .elements import expand_all, known
from .entries import Policy, Scenario
from .errors import ScenarioError, listing, unknown
from .read import Document, Location

Problems = Iterator[ScenarioError]


def problems(scenario: Scenario) -> Problems:
    """Everything in scenario.yaml, theories, values and policies that does not fit."""
    document = scenario.origin.documents["scenario.yaml"]
    yield from _dates(scenario, document)
    for check in (_blocs, _pairs, _rivalries, _treaties, _channels, _applicants, _record, _baseline, _aims, _questions):
        yield from check(scenario, document)
    yield from _patrons(scenario, document)
    yield from _theories(scenario)
    yield from _policies(scenario)
    yield from _profiles(scenario)
    yield from _cited(scenario)


def refer(document: Document, kind: str, names: Iterable[str], valid: Iterable[str], where: Location, many: bool = True) -> Problems:
    """A problem for each name that is not known; `where` is the list's place, or the name's own."""
    valid = tuple(valid)
    for position, name in enumerate(names):
        if name not in valid:
            place: Location = (*where, position) if many and (*where, position) in document.lines else where
            yield document.error(unknown(kind, name, valid), place)


def _one(document: Document, kind: str, name: str | None, valid: Iterable[str], where: Location) -> Problems:
    if name is not None:
        yield from refer(document, kind, (name,), valid, where, many=False)


def _twice(document: Document, names: Iterable[str], where: Location) -> Problems:
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            yield document.error(f'"{name}" stands twice in one list', (*where, position))
        seen.add(name)


def _sums(document: Document, weights: Mapping[str, float], where: Location) -> Problems:
    total = sum(weights.values())
    if abs(total - 1) > 1e-6:
        yield document.error(f"the weights of {listing(weights, 'and')} sum to {total:g}; expected 1", where)


def _dates(scenario: Scenario, document: Document) -> Problems:
    start, end, horizon = scenario.history.start, scenario.history.end, scenario.horizon.end
    if not start < end:
        yield document.error(f"the history ends on {end}, before it starts on {start}", ("history", "end"))
    if horizon <= end:
        yield document.error(f"the horizon ends on {horizon}; expected a day after the history's end, {end}", ("horizon", "end"))
    if scenario.as_of < end:
        yield document.error(f"as_of is {scenario.as_of}; expected the history's last day, {end}, or later", ("as_of",))
    if scenario.quarter(horizon) >= 4 * 200:
        yield document.error("the history and the horizon span more than 200 years", ("horizon", "end"))
    yield from _twice(document, scenario.mechanisms, ("mechanisms",))


def _paired(scenario: Scenario, a: str, b: str) -> bool:
    """Is there a pair of the two? Not asked while the list of pairs, or one of the two, is itself at fault."""
    named = {actor for pair in scenario.pairs for actor in pair.between}
    return f"{a}>{b}" in scenario.pair_names or not ({a, b} | named) <= set(scenario.actors)


def _blocs(scenario: Scenario, document: Document) -> Problems:
    for name, bloc in scenario.blocs.items():
        here: Location = ("blocs", name)
        yield from _one(document, "actor", bloc.leader, scenario.actors, (*here, "leader"))
        yield from _one(document, "actor", bloc.rival, scenario.actors, (*here, "rival"))
        yield from _one(document, "theatre", bloc.theatre, scenario.theatres, (*here, "theatre"))
        for member in bloc.weights:
            yield from _one(document, "actor", member, scenario.actors, (*here, "weights", member))
        yield from _sums(document, bloc.weights, (*here, "weights"))
        yield from refer(document, "member of the bloc's weights:", bloc.founders, bloc.weights, (*here, "founders"))
        if bloc.leader in scenario.actors:
            yield from _one(document, "member of the bloc's weights:", bloc.leader, bloc.weights, (*here, "leader"))
        if bloc.rival in bloc.weights:
            yield document.error(f'the rival "{bloc.rival}" is among the members', (*here, "rival"))
        yield from _unpaired(scenario, document, [m for m in bloc.weights if m != bloc.rival], bloc.rival, (*here, "weights"))
    for name, theatre in scenario.theatres.items():
        yield from _one(document, "actor", theatre.rival, scenario.actors, ("theatres", name, "rival"))


def _unpaired(scenario: Scenario, document: Document, actors: Iterable[str], other: str, where: Location) -> Problems:
    for actor in actors:
        if {actor, other} <= set(scenario.actors) and not _paired(scenario, actor, other):
            yield document.error(f"no pair between {actor} and {other}; expected one under `pairs`", (*where, actor))


def _pairs(scenario: Scenario, document: Document) -> Problems:
    seen: set[frozenset[str]] = set()
    for position, pair in enumerate(scenario.pairs):
        here: Location = ("pairs", position, "between")
        yield from refer(document, "actor", pair.between, scenario.actors, here)
        both = frozenset(pair.between)
        if len(both) == 1:
            yield document.error("a pair needs two different actors", here)
        if both in seen:
            yield document.error(f"the pair {listing(pair.between, 'and')} stands twice", here)
        seen.add(both)


def _rivalries(scenario: Scenario, document: Document) -> Problems:
    for name, rivalry in scenario.rivalries.items():
        here: Location = ("rivalries", name)
        members = [actor for side in rivalry.sides for actor in side]
        for position, side in enumerate(rivalry.sides):
            yield from refer(document, "actor", side, scenario.actors, (*here, "sides", position))
            other = rivalry.sides[1 - position]
            for actor in side:
                if actor in scenario.actors and not any(_paired(scenario, actor, o) for o in other):
                    yield document.error(
                        f"no pair between {actor} and the other side; expected one under `pairs`", (*here, "sides", position)
                    )
            weights = {actor: rivalry.weights[actor] for actor in side if actor in rivalry.weights}
            if weights:
                yield from _sums(document, weights, (*here, "weights"))
            elif len(side) > 1:
                yield document.error(f"no weights for the side {listing(side, 'and')}; expected shares that sum to 1", here)
            if not side:
                yield document.error("a side without actors", (*here, "sides", position))
        yield from _twice(document, members, (*here, "sides"))
        kind = "actor on a side of this rivalry:"
        for actor in rivalry.weights:
            yield from _one(document, kind, actor, members, (*here, "weights", actor))
        yield from _one(document, kind, rivalry.challenger, members, (*here, "challenger"))
        yield from refer(document, kind, rivalry.front, members, (*here, "front"))
        yield from _one(document, "bloc", rivalry.bloc, scenario.blocs, (*here, "bloc"))
        yield from _one(document, "applicant", rivalry.applicant, scenario.applicants, (*here, "applicant"))
        yield from _one(document, "rivalry", rivalry.patron, scenario.rivalries, (*here, "patron"))
        for key in ("applicant", "patron"):
            given = getattr(rivalry, key) is not None
            if given != (rivalry.kind == "applicant"):
                verb = "belongs only to" if given else "is missing from"
                yield document.error(f"`{key}` {verb} a rivalry of kind applicant; this one is {rivalry.kind}", (*here, key))


def _patrons(scenario: Scenario, document: Document) -> Problems:
    graph = {name: (r.patron,) if r.patron in scenario.rivalries else () for name, r in scenario.rivalries.items()}
    for ring in cycles(graph):
        yield document.error(f"the patrons run in a circle: {' → '.join(ring)}", ("rivalries", ring[0], "patron"))


def cycles(graph: Mapping[str, Iterable[Any]]) -> list[list[str]]:
    """Circles of a directed graph, each once, as [a, b, a]; found without recursion."""
    rings: list[list[str]] = []
    done: set[str] = set()
    for root in graph:
        trail: list[str] = []
        stack: list[tuple[str, Iterator[Any]]] = []
        if root not in done:
            stack, trail = [(root, iter(graph[root]))], [root]
        while stack:
            node, following = stack[-1]
            step = next((n for n in following if n in graph and n not in done), None)
            if step is None:
                stack.pop()
                trail.pop()
                done.add(node)
            elif step in trail:
                rings.append([*trail[trail.index(step) :], step])
            else:
                stack.append((step, iter(graph[step])))
                trail.append(step)
    return rings


def _treaties(scenario: Scenario, document: Document) -> Problems:
    for name, treaty in scenario.treaties.items():
        here: Location = ("treaties", name)
        yield from _one(document, "domain", treaty.domain, scenario.domains, (*here, "domain"))
        yield from refer(document, "actor", treaty.parties, scenario.actors, (*here, "parties"))
        yield from _twice(document, treaty.parties, (*here, "parties"))
        yield from _one(document, "theatre", treaty.forbids_missiles_in, scenario.theatres, (*here, "forbids_missiles_in"))
        for party in treaty.caps:
            yield from _one(document, "party of this treaty:", party, treaty.parties, (*here, "caps", party))
        for position, day in enumerate(treaty.expires):
            where: Location = (*here, "expires", position)
            yield from inside(document, day, scenario.history.start, scenario.horizon.end, where)
            if position and day <= treaty.expires[position - 1]:
                yield document.error(f"{day} is not after {treaty.expires[position - 1]}; expected days in order", where)


def inside(document: Document, day: date, first: date, last: date, where: Location) -> Problems:
    """A problem when the day is not within first … last."""
    if not first <= day <= last:
        yield document.error(f"the date {day} is outside {first} … {last}", where)


def _channels(scenario: Scenario, document: Document) -> Problems:
    for name, channel in scenario.channels.items():
        here: Location = ("channels", name)
        yield from _one(document, "rivalry", channel.rivalry, scenario.rivalries, (*here, "rivalry"))
        yield from refer(document, "actor", channel.sides, scenario.actors, (*here, "sides"))
        if set(channel.sides) <= set(scenario.actors) and not _paired(scenario, *channel.sides):
            yield document.error(f"no pair between {listing(channel.sides, 'and')}; expected one under `pairs`", (*here, "sides"))


def _applicants(scenario: Scenario, document: Document) -> Problems:
    for name, applicant in scenario.applicants.items():
        here: Location = ("applicants", name)
        yield from _one(document, "actor", name, scenario.actors, here)
        yield from _one(document, "bloc", applicant.bloc, scenario.blocs, (*here, "bloc"))
        yield from _one(document, "actor", applicant.rival, scenario.actors, (*here, "rival"))
        yield from _unpaired(scenario, document, (name,), applicant.rival, here)


def _record(scenario: Scenario, document: Document) -> Problems:
    seen: set[str] = set()
    for position, series in enumerate(scenario.record):
        here: Location = ("record", position)
        if series.id in seen:
            yield document.error(f'the series "{series.id}" stands twice', (*here, "id"))
        seen.add(series.id)
        if series.use != "show" and series.draw is None:
            yield document.error(f"`draw` is missing: a series of use {series.use} needs the draw that it answers", here)


def _baseline(scenario: Scenario, document: Document) -> Problems:
    for key, given in (("ranges", scenario.ranges), ("initial", scenario.initial)):
        for name, items in given.items():
            for element in items:
                yield from _elements(scenario, document, (element,), (key, name, element))


def _aims(scenario: Scenario, document: Document) -> Problems:
    for actor, aims in scenario.aims.items():
        yield from _one(document, "actor", actor, (*scenario.actors, *scenario.blocs), ("aims", actor))
        for position, aim in enumerate(aims):
            yield from _elements(scenario, document, aim.elements, ("aims", actor, position, "element"))


def _questions(scenario: Scenario, document: Document) -> Problems:
    for position, view in enumerate(scenario.views):
        yield from _one(document, "question", view.question, scenario.questions, ("views", position, "question"))


# ------------------------------------------------------------------------------------------------------------------ other files


def _document(scenario: Scenario, folder: str, name: str) -> Document:
    return scenario.origin.documents[f"{folder}/{name}.yaml"]


def any_name(scenario: Scenario) -> set[str]:
    """Every name that an axis of the scenario holds."""
    return {name for names in scenario.axes.values() for name in names}


def _theories(scenario: Scenario) -> Problems:
    for name, theory in scenario.theories.items():
        document = _document(scenario, "theories", name)
        seen: dict[tuple[str, str], int] = {}
        for position, item in enumerate(theory.ranges):
            here: Location = ("ranges", position)
            if item.confidence == "stated" and not item.place.strip():
                yield document.error("`place` is missing: a stated range says where it was stated", here)
            if item.scale == "log" and item.range[0] <= 0:
                yield document.error(f"a range on a log scale starts above 0, this one at {item.range[0]:g}", (*here, "range"))
            yield from _elements(scenario, document, item.elements, (*here, "element"))
            for element in expand_all(scenario, item.elements) or ("*",):
                key = (item.parameter, element)
                if key in seen:
                    place = f"ranges[{seen[key]}]"
                    yield document.error(f'"{item.parameter}" has a range for the same element already in {place}', (*here, "parameter"))
                seen.setdefault(key, position)


def _elements(scenario: Scenario, document: Document, names: Iterable[str], where: Location) -> Problems:
    for name in names:
        if not known(scenario, name):
            yield document.error(unknown("element", name, any_name(scenario)), where)


def _policies(scenario: Scenario) -> Problems:
    parties = (*scenario.actors, *scenario.blocs)
    for name, policy in scenario.policies.items():
        document = _document(scenario, "policies", name)
        yield from refer(document, "actor", policy.required, parties, ("required",))
        yield from refer(document, "actor", policy.bound, parties, ("bound",))
        for actor in policy.bound:
            if actor in policy.required:
                yield document.error(f'"{actor}" is both required to sign and bound without signing', ("bound",))
        yield from refer(document, "policy", policy.includes, scenario.policies, ("includes",))
        if policy.agreement is not None and not (policy.agreement[0] >= 0 and policy.agreement[1] <= 1):
            yield document.error("a chance of agreement lies between 0 and 1", ("agreement",))
        yield from _levers(scenario, document, policy)
    graph = {name: policy.includes for name, policy in scenario.policies.items()}
    for ring in cycles(graph):
        yield _document(scenario, "policies", ring[0]).error(f"packages include one another in a circle: {' → '.join(ring)}", ("includes",))


def _levers(scenario: Scenario, document: Document, policy: Policy) -> Problems:
    first, last = _year(scenario.history.end), _year(scenario.horizon.end)
    for position, use in enumerate(policy.levers):
        here: Location = ("levers", position)
        yield from _elements(scenario, document, use.on, (*here, "on"))
        if use.effect[0] == use.effect[1]:
            yield document.error(
                f"the effect is the point {use.effect[0]:g}; expected a range [low, high] with low < high", (*here, "effect")
            )
        for key, year in (("start", use.start), ("end", use.end)):
            if year is not None and not first <= year <= last:
                yield document.error(f"the year {year:g} is outside the horizon {first:g} … {last:g}", (*here, key))
        if use.end is not None and use.end <= use.start:
            yield document.error(f"the lever ends in {use.end:g}, before its start in {use.start:g}", (*here, "end"))


def _year(day: date) -> float:
    """A day as a year with its quarter's fraction; the last day of a quarter counts as the start of the next."""
    return day.year + ((day.month - 1) // 3) / 4 + (0.25 if day.month % 3 == 0 and day.day >= 30 else 0.0)


def _profiles(scenario: Scenario) -> Problems:
    for name, profile in scenario.values.items():
        document = _document(scenario, "values", name)
        yield from refer(document, "actor", profile.parties, (*scenario.actors, *scenario.blocs), ("parties",))
        seen: set[tuple[str, tuple[str, ...], str]] = set()
        for position, item in enumerate(profile.accept):
            yield from _elements(scenario, document, item.elements, ("accept", position, "element"))
            key = (item.outcome, item.elements, item.direction)
            if key in seen:
                yield document.error(f'the outcome "{item.outcome}" stands twice with one direction', ("accept", position, "outcome"))
            seen.add(key)


def _cited(scenario: Scenario) -> Problems:
    """Every `source:` is a key of sources.yaml (not asked of a scenario that has none)."""
    if not scenario.sources:
        return
    keys_known = {*scenario.sources, "assumed"}
    for document in scenario.origin.documents.values():
        if document.file == "sources.yaml":
            continue
        for where in document.lines:
            if where[-1] == "source":
                value: Any = document.value
                for part in where:
                    value = value[part]
                keys = (value,) if isinstance(value, str) else value
                yield from refer(document, "source", keys, keys_known, where)
