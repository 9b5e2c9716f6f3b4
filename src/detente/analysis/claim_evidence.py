"""What a claim about history adds to the weight of a theory: its estimate against the same quantity in the theory's own simulations.

A theory's learnt parameters are run again with other luck, once with no step of enlargement and once for each applicant with one step in a given
year. What the step changes (growth of the outsider's share of spending; entries into crisis between outsider and joiner) is set beside the shift
of log-odds that history shows; the mean likelihood over particles is the weight. What is assumed stands in the claim's `evidence.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detente.analysis.project import Learned
from detente.claims import all_claims, get_claim, read_yaml
from detente.engine.compose import compose
from detente.engine.record import EventRecord, Record
from detente.engine.simulate import Batch, Runner, draw_luck, to_theta
from detente.scenario import ScenarioError

CLAIM = "no_free_spread"
DECIBAN = 10.0 / np.log(10.0)
PARTICLES, REPEATS = 128, 4
"""Particles used of a posterior, evenly spaced, and futures of each: what luck adds is averaged out before shifts are compared."""
CRISIS = 2


@dataclass(frozen=True)
class Quantity:
    """One estimated shift of log-odds: value, and the standard deviations of estimate, definition and transport."""

    name: str
    words: str
    value: float
    error: float
    definitions: float
    transport: float

    @property
    def spread(self) -> float:
        """All three together."""
        return float(np.sqrt(self.error**2 + self.definitions**2 + self.transport**2))


@dataclass(frozen=True)
class Evidence:
    """What a claim's files offer as evidence. `growth_scale`: logistic scale of yearly growth, log units."""

    claim: str
    quantities: tuple[Quantity, ...]
    growth_scale: float
    step_year: int
    horizon: int
    assumptions: tuple[str, ...]
    source: str


def offered() -> tuple[str, ...]:
    """Ids of the claims that offer evidence."""
    return tuple(claim.id for claim in all_claims() if (claim.folder / "evidence.yaml").is_file())


def evidence(claim: str = CLAIM) -> Evidence:
    """The evidence of a claim, from its folder. Raises ClaimError where the claim offers none."""
    folder = get_claim(claim).folder
    plan, found = read_yaml(folder / "evidence.yaml"), read_yaml(folder / "estimate.yaml")
    numbers = found["evidence"]
    quantities = []
    for name, words in plan["compared"].items():
        row = numbers["log_odds"][name]
        error = (row["high"] - row["low"]) / (2 * 1.96)
        quantities.append(Quantity(name, words, row["estimate"], error, row["sd_over_definitions"], float(plan["transport"])))
    scale = float(numbers["growth_scale"])
    return Evidence(claim, tuple(quantities), scale, plan["step_year"], plan["horizon"], tuple(plan["assumptions"]), found["source"])


# ------------------------------------------------------------------------------------------------- the model's own counterpart


def one_step(model: Any, applicant: str | None, year: int) -> Record:
    """A record that holds nothing but steps of enlargement: `applicant` joins at the start of `year` (None: nobody ever does)."""
    names = model.world.axes["applicant"]
    steps = model.history_steps
    at = (year - model.start_year) * 4
    blank = {}
    for draw in ("wish", "withdraw", "declare", "promise", "join"):
        value = np.zeros((steps, len(names)), np.float32)
        if applicant is not None and draw != "withdraw":
            value[at, names.index(applicant)] = 1.0
        zero = np.zeros((steps, len(names)), np.float32)
        blank[draw] = EventRecord(np.ones(value.shape, bool), value, zero, zero[0] + 1e-3, zero[0])
    return Record(blank, {}, {}, steps)


def _between(scenario: Any, applicant: str) -> str:
    """Rivalry of the joiner with the outsider: its own, else the one of the bloc that it joins."""
    own = next((name for name, r in scenario.rivalries.items() if r.applicant == applicant), None)
    bloc, rival = scenario.applicants[applicant].bloc, scenario.applicants[applicant].rival
    direct = (name for name, r in scenario.rivalries.items() if r.bloc == bloc and r.challenger == rival and r.applicant is None)
    return own or next(direct)


def _can(model: Any, what: Evidence) -> None:
    """Raise ScenarioError where a system has nothing that the estimate could be held against."""
    if "join" not in model.draws or not model.world.axes["applicant"] or not {"arms", "climb"} <= set(model.states):
        raise ScenarioError(
            f"the claim {what.claim} speaks of a step of enlargement; this system has no applicants, no forces or no ladder"
        )
    if not model.start_year <= what.step_year < model.start_year + model.history_steps // 4:
        raise ScenarioError(f"the claim {what.claim} takes its step in {what.step_year}, outside of the years of this record")


@dataclass(frozen=True)
class Shifts:
    """Shift of log-odds by quantity {name: [particle]}, and the family (sampler's ancestor) of each particle."""

    values: Mapping[str, np.ndarray]
    family: np.ndarray


def shifts(runner: Runner, learned: Learned, what: Evidence, seed: int = 1, particles: int = PARTICLES, repeats: int = REPEATS) -> Shifts:
    """What one step does in a theory's simulations, mean over applicants. One run without a step and one for each applicant."""
    model = runner.model
    _can(model, what)
    chosen = np.unique((np.arange(particles) * learned.z.shape[1]) // particles)
    theta = np.repeat(to_theta(learned.z[:, chosen], learned.ranges), repeats, axis=1)
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    luck = draw_luck(seed + 7919, np.arange(theta.shape[1]), years)  # other luck than that of the record

    def run(applicant: str | None) -> Batch:
        return runner.history(theta, luck, one_step(model, applicant, what.step_year), ("arms", "climb"))

    still = run(None)
    by_name: dict[str, list[np.ndarray]] = {q.name: [] for q in what.quantities}
    for applicant in model.world.axes["applicant"]:
        moved = run(applicant)
        if "arms_growth" in by_name:
            by_name["arms_growth"].append(_growth(model, moved, still, applicant, what, repeats) / what.growth_scale)
        if "dispute" in by_name:
            by_name["dispute"].append(_crises(model, moved, applicant, what, repeats) - _crises(model, still, applicant, what, repeats))
    ancestor = np.asarray(getattr(learned, "ancestor", np.arange(learned.z.shape[1])))[chosen]
    return Shifts({name: np.mean(x, axis=0) for name, x in by_name.items()}, ancestor)


def _window(model: Any, what: Evidence) -> tuple[int, int]:
    first = (what.step_year - model.start_year) * 4
    return first, min(first + 4 * what.horizon, model.history_steps - 1)


def _growth(model: Any, moved: Batch, still: Batch, applicant: str, what: Evidence, repeats: int) -> np.ndarray:
    """Yearly growth of the outsider's log share of spending that the step adds [particle]; equal luck on both sides."""
    last = _window(model, what)[1]
    outsider = model.world.axes["actor"].index(model.scenario.applicants[applicant].rival)
    shares = [np.log(b.traces["arms"][last, outsider] / b.traces["arms"][last].sum(axis=0)) for b in (moved, still)]
    return ((shares[0] - shares[1]) / what.horizon).reshape(-1, repeats).mean(axis=1)


def _crises(model: Any, batch: Batch, applicant: str, what: Evidence, repeats: int) -> np.ndarray:
    """Log-odds of an entry into crisis or worse on the rivalry of outsider and joiner after the step [particle], from the hazards."""
    first, last = _window(model, what)
    k = model.world.axes["rivalry"].index(_between(model.scenario, applicant))
    each = np.log1p(-batch.traces["climb"][first + 1 : last + 1, CRISIS, k].astype(float).clip(0.0, 0.999)).sum(axis=0)
    share = (1.0 - np.exp(each)).reshape(-1, repeats).mean(axis=1).clip(1e-4, 1 - 1e-4)
    return np.log(share / (1.0 - share))


# ---------------------------------------------------------------------------------------------------------------- weights


@dataclass(frozen=True)
class ClaimWeight:
    """`decibans`: 10·log₁₀ of the mean likelihood of the estimate over a theory's particles, zero if all of them gave exactly the estimate;
    `error` its standard error (families drawn anew). Only differences between theories mean anything. `parts` by quantity alone.
    `shifts` {quantity: (5 %, 50 %, 95 %)} of the theory; `explanation` in words."""

    decibans: float
    error: float
    parts: Mapping[str, float]
    shifts: Mapping[str, tuple[float, float, float]]
    explanation: str = field(repr=False, default="")

    def __iter__(self) -> Any:
        """(decibans, error, explanation)."""
        return iter((self.decibans, self.error, self.explanation))


def _log_mean(x: np.ndarray) -> float:
    top = x.max()
    return float(top + np.log(np.mean(np.exp(x - top))))


def _three(x: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = (float(v) for v in np.quantile(x, [0.05, 0.5, 0.95]))
    return low, middle, high


def weigh_shifts(found: Shifts, what: Evidence, draws: int = 400, seed: int = 0) -> ClaimWeight:
    """The weight from shifts that were computed already."""
    logs = {q.name: -0.5 * ((q.value - found.values[q.name]) / q.spread) ** 2 for q in what.quantities}
    whole = np.sum(list(logs.values()), axis=0)
    rng = np.random.default_rng(seed)
    families = [np.flatnonzero(found.family == f) for f in np.unique(found.family)]
    again = [_log_mean(whole[np.concatenate([families[k] for k in rng.integers(0, len(families), len(families))])]) for _ in range(draws)]
    middle = {name: _three(x) for name, x in found.values.items()}
    parts = {name: float(DECIBAN * _log_mean(x)) for name, x in logs.items()}
    error = float(DECIBAN * np.std(again)) if len(families) > 1 else float("nan")
    words = _explain(what, middle)
    return ClaimWeight(float(DECIBAN * _log_mean(whole)), error, parts, middle, words)


def _explain(what: Evidence, middle: Mapping[str, tuple[float, ...]]) -> str:
    names = {"arms_growth": "growth of the outsider's arms", "dispute": "a crisis between outsider and joiner"}
    said = []
    for q in what.quantities:
        low, half, high = middle[q.name]
        near = "which lies within" if abs(q.value - half) < 1.96 * np.hypot(q.spread, (high - low) / 3.29) else "which lies outside"
        said.append(
            f"{names.get(q.name, q.name)}: under this reading one step shifts the log-odds by {half:.1g} ({low:.1g} to {high:.1g}), {near} what "
            f"history allows, {q.value:.2g} with a standard deviation of {q.spread:.1g}"
        )
    return "; ".join(said) + "."


def claim_weight(runner_or_scenario: Any, learned: Learned, seed: int = 1, claim: str = CLAIM) -> ClaimWeight:
    """What the claim's estimate adds to a theory: unpacks as (decibans, error, explanation).

    `runner_or_scenario`: a `Runner`, so that its programs serve all theories, or a scenario (composed anew). `learned`: the theory's posterior.
    Decibans are on one scale for all theories of a scenario: subtract those of the baseline, or of another theory.
    """
    runner = runner_or_scenario if isinstance(runner_or_scenario, Runner) else Runner(compose(runner_or_scenario))
    what = evidence(claim)
    return weigh_shifts(shifts(runner, learned, what, seed), what)


def with_estimate(runner: Runner, posteriors: Mapping[str, Learned], seed: int = 1, claim: str = CLAIM) -> dict[str, ClaimWeight]:
    """`claim_weight` of several theories with equal luck."""
    what = evidence(claim)
    return {name: weigh_shifts(shifts(runner, learned, what, seed), what) for name, learned in posteriors.items()}
