"""A scenario with its names held against the model, and composed: what every verb that simulates begins with."""

from __future__ import annotations

from typing import Any

from detente.engine.compose import CompositionError, Model, compose, vocabulary
from detente.scenario import Scenario, ScenarioError, check, load


def outcome_names() -> dict[str, Any]:
    """Outcomes, their axes and which direction is better, as the analysis knows them."""
    from detente.analysis.outcomes import vocabulary as outcomes

    return dict(outcomes())


def scenario(place: str) -> Scenario:
    """A scenario whose names of parameters, levers, outcomes and draws exist. Raises ScenarioError."""
    found = load(place, vocabulary(outcomes=outcome_names()))
    _waits(found)
    return found


def _waits(found: Scenario) -> None:
    """Raise ScenarioError where a package waits for what cannot be read or asked."""
    waiting = [(policy, use.when) for policy in found.policies.values() for use in policy.levers if use.when]
    if not waiting:
        return
    from detente.analysis.adaptive import parse

    composed = compose(found)
    for policy, when in waiting:
        try:
            parse(composed, when)
        except ScenarioError as error:
            file = f"policies/{policy.id}.yaml"
            lines = (found.origin.folder / file).read_text(encoding="utf-8").splitlines()
            line = next((k for k, text in enumerate(lines, 1) if when in text), None)
            raise ScenarioError(error.message, file, line, "when") from None


def model(place: str) -> Model:
    """The composed model of a scenario. Raises ScenarioError or CompositionError."""
    return compose(scenario(place))


def problems(place: str) -> list[dict[str, Any]]:
    """Everything wrong with a scenario, composition included, as rows of plain data."""
    found = check(place, vocabulary(outcomes=outcome_names()))
    if found:
        return [_row(e) for e in found]
    try:
        model(place)
    except CompositionError as error:
        return [_row(ScenarioError(str(error), "scenario.yaml", None, "mechanisms"))]
    except ScenarioError as error:
        return [_row(error)]
    return []


def notices(place: str) -> list[str]:
    """What is in order but should be known: readings whose loop of conduct, hawks and fear grows by itself."""
    from detente.analysis.guard import runaways

    return [
        f"theory {name}: claims a runaway: at the centre of its ranges conduct, hawks and fear drive each other on "
        f"(spectral radius {radius:.2f} a quarter; above 1 grows)"
        for name, radius in runaways(model(place)).items()
    ]


def _row(error: ScenarioError) -> dict[str, Any]:
    return {"sentence": str(error), "file": error.file, "line": error.line, "field": error.field, "message": error.message}
