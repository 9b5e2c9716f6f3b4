"""The shipped levers as single measures, out of which any package can be put together.

A measure is one lever as the shipped packages pull it: on every element that any of them names, with the effect and the start of the first
package (in file order) that names the element. Its signatories are, element by element, those of the shipped package that pulls it there with
the fewest: who must agree to a lever is taken from the packages as they are, and never made up.

A use that waits for a condition (`when`) is no measure: pulled by date alone it would be another proposal. A lever that packages pull only so is left
out (`waiting`), and refused where it is asked for by name (`named`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analysis.project import lever_doses
from detente.scenario import Policy, ScenarioError
from detente.scenario.errors import unknown


@dataclass(frozen=True)
class Measure:
    """One lever: its uses, who must sign it, whom it binds without a signature, and the packages it comes from."""

    lever: str
    meaning: str
    uses: tuple[Any, ...]
    required: tuple[str, ...]
    bound: tuple[str, ...]
    packages: tuple[str, ...]


def measures(model: Any) -> dict[str, Measure]:
    """Every lever that a package of the scenario pulls by date alone, in the order of the packages' files."""
    pulled: dict[str, list[tuple[Any, Any]]] = {}
    for policy in model.scenario.policies.values():
        for use in policy.levers:
            if use.lever in model.levers and not use.when:
                pulled.setdefault(use.lever, []).append((policy, use))
    return {name: _measure(model, name, found) for name, found in pulled.items()}


def waiting(model: Any) -> dict[str, tuple[str, ...]]:
    """Levers that packages pull only once a condition is met, with those packages: no measures."""
    known = measures(model)
    out: dict[str, list[str]] = {}
    for policy in model.scenario.policies.values():
        for use in policy.levers:
            if use.when and use.lever not in known:
                out.setdefault(use.lever, []).append(policy.id)
    return {name: tuple(dict.fromkeys(found)) for name, found in out.items()}


def named(model: Any, asked: Sequence[str]) -> tuple[Measure, ...]:
    """The measures of these names, each once. Raises ScenarioError on a name that is none, or that only waiting packages pull."""
    known, waits = measures(model), waiting(model)
    for name in asked:
        if name in waits:
            raise ScenarioError(
                f"lever {name} waits for a condition in every package that pulls it; expected one that is pulled by date alone"
            )
        if name not in known:
            raise ScenarioError(unknown("lever", name, known))
    return tuple(known[name] for name in dict.fromkeys(asked))


def _measure(model: Any, name: str, found: Sequence[tuple[Any, Any]]) -> Measure:
    elements = [e for lever, e in model.lever_rows if lever == name]
    uses, required, bound = [], list[str](), list[str]()
    for element in elements:
        here = [(p, u) for p, u in found if not u.on or element in u.on]
        if not here:
            continue
        uses.append(here[0][1].model_copy(update={"on": (element,) if element else ()}))
        fewest = min((p for p, _ in here), key=lambda p: (len(p.required), len(p.bound)))
        required += fewest.required
        bound += fewest.bound
    signs = tuple(dict.fromkeys(required))
    packages = tuple(dict.fromkeys(p.id for p, _ in found))
    return Measure(
        name, model.levers[name][0].meaning, tuple(uses), signs, tuple(b for b in dict.fromkeys(bound) if b not in signs), packages
    )


def package(chosen: Sequence[Measure]) -> Policy:
    """Several measures as one package; none of them is no change."""
    required = tuple(dict.fromkeys(r for m in chosen for r in m.required))
    return Policy.model_construct(  # not validated: a label may be longer than a file's
        id="_".join(m.lever for m in chosen) or "none",
        label=", ".join(m.lever.replace("_", " ") for m in chosen) or "no change",
        proposer="nobody; put together from the levers of the shipped packages",
        required=required,
        bound=tuple(b for b in dict.fromkeys(b for m in chosen for b in m.bound) if b not in required),
        unravels="as the packages its levers come from",
        levers=tuple(u for m in chosen for u in m.uses),
        agreement=None,
        includes=(),
    )


def doses(model: Any, chosen: Sequence[Measure], uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Doses float32 [measure, lever row, future] of each measure alone, and the spans float32 [lever row, 2] of all: no two share a row."""
    each = np.stack([lever_doses(model, package([m]), uniform)[0] for m in chosen]) if chosen else np.zeros((0, *uniform.shape), np.float32)
    return each, lever_doses(model, package(chosen), uniform)[1]
