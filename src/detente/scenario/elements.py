"""Names of elements: `actor>*`, `bloc>actor` and `treaty:*` stand for several, and become exact names when a scenario is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from .entries import Policy, Profile, Scenario, Theory

Item = TypeVar("Item")


def expand(scenario: Scenario, name: str) -> tuple[str, ...]:
    """The exact names that an element's name stands for, in the order of the axis; empty when a pattern matches nothing.

    In a pair (`a>b`) and a party (`treaty:actor`) a part may be `*`, and a bloc stands for the actors of its weights. Any other name
    stands for itself.
    """
    for joint, known in ((">", scenario.pair_names), (":", scenario.axes["party"])):
        if name.count(joint) == 1:
            wanted = name.split(joint)
            found = tuple(e for e in known if all(_part(scenario, a, b) for a, b in zip(e.split(joint), wanted, strict=True)))
            if found or joint == ">":
                return found
    return (name,)


def _part(scenario: Scenario, element: str, wanted: str) -> bool:
    bloc = scenario.blocs.get(wanted) if wanted not in scenario.actors else None
    return wanted in ("*", element) or (bloc is not None and element in bloc.weights)


def known(scenario: Scenario, name: str) -> bool:
    """Can the name stand for elements of this scenario, whatever the axis?"""
    if name == "*":
        return True
    names = {n for axis in scenario.axes.values() for n in axis}
    found = expand(scenario, name)
    return bool(found) and all(e in names or all(part in names or part.isdigit() for part in e.split(":")) for e in found)


def expand_all(scenario: Scenario, names: Iterable[str]) -> tuple[str, ...]:
    """Exact names for a list of names, each once; nothing for `*`, which is how all elements are written."""
    names = tuple(names)
    return () if "*" in names else tuple(dict.fromkeys(e for name in names for e in expand(scenario, name)))


def expand_keys(scenario: Scenario, items: Mapping[str, Item]) -> dict[str, Item]:
    """The same for keys; an exact key goes before a pattern, a pattern before `*`."""
    out = {key: item for key, item in items.items() if expand(scenario, key) == (key,)}
    for key, item in items.items():
        for name in expand(scenario, key):
            out.setdefault(name, item)
    return out


def exact(scenario: Scenario) -> Scenario:
    """The scenario with exact names wherever elements are named."""
    return scenario.model_copy(
        update={
            "ranges": {name: expand_keys(scenario, spans) for name, spans in scenario.ranges.items()},
            "initial": {name: expand_keys(scenario, starts) for name, starts in scenario.initial.items()},
            "theories": {name: _theory(scenario, theory) for name, theory in scenario.theories.items()},
            "values": {name: _profile(scenario, profile) for name, profile in scenario.values.items()},
            "policies": {name: _policy(scenario, policy) for name, policy in scenario.policies.items()},
        }
    )


def _theory(scenario: Scenario, theory: Theory) -> Theory:
    ranges = tuple(item.model_copy(update={"elements": expand_all(scenario, item.elements)}) for item in theory.ranges)
    return theory.model_copy(update={"ranges": ranges})


def _profile(scenario: Scenario, profile: Profile) -> Profile:
    accept = tuple(item.model_copy(update={"elements": expand_all(scenario, item.elements)}) for item in profile.accept)
    return profile.model_copy(update={"accept": accept})


def _policy(scenario: Scenario, policy: Policy) -> Policy:
    levers = tuple(use.model_copy(update={"on": expand_all(scenario, use.on)}) for use in policy.levers)
    return policy.model_copy(update={"levers": levers})
