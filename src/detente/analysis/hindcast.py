"""Hindcast: learn from the record to a date, forecast what is known now, score it against what any model must beat.

The scenario is cut at the date before it is composed (`cut`): later rows exist neither as data nor as levels that constants are made of, and the
forecast is an ordinary projection. What the cut cannot take out is hindsight in the readings themselves (`LEAKS`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis import observables, project, references
from detente.analysis.job import no_change
from detente.analysis.observables import KINDS, Sight
from detente.analysis.scores import crps_ensemble
from detente.engine.assimilate import Settings
from detente.engine.compose import Model, compose
from detente.engine.record import MeasureRecord, Record, build_record
from detente.engine.simulate import Runner
from detente.scenario import Scenario, ScenarioError

Progress = Callable[[str, int, int], None]
EVIDENCE, EVEN = "mixture", "even"
"""The theories weighted by their evidence at the date, and all alike."""
LEAKS = (
    "the readings were written in 2021 or later, of remarks made with the whole record in mind",
    "the scenario's own baseline ranges were moved until untaught futures held the whole record",
    "the structure is that of the end: which applicants, channels, treaties and dates of expiry there are",
    "rungs of the ladder, revised budgets and averaged polls were coded afterwards",
)
"""What a forecast from an earlier date still knows of later ones."""
MEMBERS = 400
"""Members of an ensemble that is scored."""


@dataclass(frozen=True)
class Question:
    """What all theories are asked at one date: `told` [sight, year] of the whole record, and the points measured after it."""

    origin: int
    runner: Runner
    record: Record
    sights: tuple[Sight, ...]
    told: np.ndarray
    points: tuple[tuple[str, MeasureRecord, int, int], ...]
    """(draw, measure of the whole record, step, element)."""
    start_year: int


def cut(scenario: Scenario, year: int) -> Scenario:
    """The scenario as the record stood on 31 December of a year; its horizon is the record's end. Raises ScenarioError on a year outside."""
    first, last = scenario.history.start.year + 2, scenario.history.end.year - 1
    if not first <= year <= last:
        raise ScenarioError(f"expected a year from {first} to {last}, inside the record with a year on either side, found {year}")
    end = date(year, 12, 31)
    return scenario.model_copy(
        update={
            "history": scenario.history.model_copy(update={"end": end}),
            "horizon": scenario.horizon.model_copy(update={"end": scenario.history.end}),
            "events": tuple(e for e in scenario.events if e.date <= end),
            "rungs": tuple(replace(r, end=min(r.end, end)) for r in scenario.rungs if r.start <= end),
            "measures": tuple(m for m in scenario.measures if m.date <= end),
            "coverage": tuple(replace(c, end=min(c.end, end)) for c in scenario.coverage if c.start <= end),
        }
    )


def ask(scenario: Scenario, year: int, whole: Runner | None = None, ahead: int | None = None) -> Question:
    """What is asked at the end of a year of the `ahead` next ones (None: all). `whole`: the runner of the whole scenario, where it is there already."""
    whole = whole or Runner(compose(scenario))
    everything = build_record(whole.model)
    model = compose(cut(scenario, year))
    record = build_record(model)
    found = tuple(
        s for s in observables.sights(whole.model, everything) if observables.covered(model, record, KINDS[s.kind], s.place).any()
    )
    first = model.history_steps
    last = whole.model.history_steps if ahead is None else first + 4 * ahead
    points = tuple(
        (draw, m, int(t), int(k))
        for draw, group in everything.measures.items()
        for m in group
        for t, k in np.argwhere(m.has)
        if first <= t < last and m.has[:first, k].sum() >= references.FEWEST
    )
    return Question(
        year, Runner(model), record, found, observables.told(whole, everything, found)[:, : last // 4], points, model.start_year
    )


@dataclass(frozen=True)
class Forecast:
    """One theory's forecast: p [sight, year] shares of futures after the date, members [point, member] of the measured points."""

    p: np.ndarray
    members: np.ndarray
    log_evidence: float
    log_evidence_error: float
    families: int


def forecast(question: Question, learned: project.Learned, futures: int, seed: int) -> Forecast:
    """Project from what was learnt to the date, nothing held to the record any more, no package in force."""
    runner = question.runner
    model = runner.model
    projector = project.projector(runner, learned, project.common(model, futures, seed))
    policy = model.scenario.policies[no_change(model.scenario)]
    traces = projector.run(policy, observables.traced(model, question.record)).traces
    yes = observables.answers(question.sights, traces)
    rng = np.random.default_rng([seed, question.origin, 0x5C0])
    return Forecast(
        yes.mean(axis=-1),
        _members(question, model, traces, projector.theta, rng),
        float(learned.log_evidence),
        float(getattr(learned, "log_evidence_error", np.nan)),
        len(np.unique(projector.family)),
    )


def _members(question: Question, model: Model, traces: Mapping[str, np.ndarray], theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows = {(r.parameter, r.element): k for k, r in enumerate(model.rows)}
    used = np.linspace(0, theta.shape[1] - 1, min(MEMBERS, theta.shape[1])).astype(int)
    out = np.empty((len(question.points), len(used)))
    for n, (draw, m, t, k) in enumerate(question.points):
        axis = model.world.axes[model.draws[draw][0]]
        row = rows.get((f"offset_{m.series}", axis[k]))
        offset = theta[row, used] if row is not None else 0.0
        out[n] = observables.measured(m, draw, traces[draw][t - model.history_steps, k, used], offset, float(m.error[t, k]), rng)
    return out


def hindcast(
    scenario: Scenario,
    year: int,
    theories: Sequence[str] | None = None,
    particles: int = 256,
    futures: int = 1000,
    seed: int = 1,
    ahead: int | None = None,
    effort: float = 1.0,
    whole: Runner | None = None,
    learn: Callable[[Runner, Any, Record], project.Learned] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Forecasts of every theory at the end of a year, and what happened. `effort`: share of the sampler's usual moves. `learn` gives a
    theory's starting points (default: assimilate, cached).

    Dimensions: forecaster (theories, `mixture`, `even`, and the references), case (a question about a year), point (a measured point), theory.
    Variables: p [forecaster, case] probability of yes, outcome [case]; crps [forecaster, point] on the record's scale; log_evidence [theory] of the record
    to the date with its error, weight [theory] in the mixture, families [theory] of particles behind the futures.
    """
    tell = progress or (lambda stage, done, total: None)
    question = ask(scenario, year, whole, ahead)
    if not question.sights and not question.points:
        raise ScenarioError(
            "nothing to score: the record after the date covers no yes-or-no question whole and measures no series", "record"
        )
    learn = learn or _learn(rougher(particles, effort), seed, tell)
    names = [t.id for t in scenario.ordered_theories() if theories is None or t.id in theories]
    found = []
    for n, name in enumerate(names):
        tell(f"{year}: {scenario.theories[name].argument}", n, len(names))
        found.append(forecast(question, learn(question.runner, scenario.theories[name], question.record), futures, seed))
    tell(f"{year}: scored", len(names), len(names))
    yardstick = next((t.id for t in scenario.ordered_theories() if t.table == "baseline" and t.id in names), "")
    return _scored(question, names, found, futures, seed).assign_attrs(yardstick=yardstick, particles=particles, effort=effort)


def rougher(particles: int, effort: float) -> Settings:
    """The sampler's settings with a share of its usual moves."""
    usual = Settings()
    moves = {name: max(round(effort * getattr(usual, name)), 2) for name in ("moves", "bridge_moves", "final_moves")}
    return replace(usual, particles=particles, **moves)


def _learn(settings: Settings, seed: int, tell: Progress) -> Callable[[Runner, Any, Record], project.Learned]:
    from detente.engine.cache import load_or_assimilate

    return lambda runner, theory, record: load_or_assimilate(
        runner, theory, record, settings, seed, progress=lambda text, part, full: tell(f"learning, {text}", round(part), round(full))
    )


def weights(log_evidence: np.ndarray) -> np.ndarray:
    """Weights in proportion to the evidence; even where it is unknown."""
    if not np.isfinite(log_evidence).all():
        return np.full(len(log_evidence), 1.0 / len(log_evidence))
    w = np.exp(log_evidence - log_evidence.max())
    return w / w.sum()


def _scored(question: Question, names: list[str], found: list[Forecast], futures: int, seed: int) -> xr.Dataset:
    share = weights(np.array([f.log_evidence for f in found]))
    even = np.full(len(found), 1.0 / len(found))
    who = [*names, EVIDENCE, EVEN, *references.REFERENCES]
    p, outcome, cases = _cases(question, found, (share, even))
    crps = _crps(question, found, (share, even), np.random.default_rng([seed, question.origin, 0x5C1]))
    point = [(m.series, question.runner.model.world.axes[question.runner.model.draws[d][0]][k], t) for d, m, t, k in question.points]
    time = np.array([question.start_year + (t + 0.5) / 4 for _, _, t in point])
    words = {"forecaster": np.array(who, object), "theory": np.array(names, object)}
    return xr.Dataset(
        {
            "p": (("forecaster", "case"), p),
            "outcome": ("case", outcome),
            "crps": (("forecaster", "point"), crps),
            "log_evidence": ("theory", [f.log_evidence for f in found]),
            "log_evidence_error": ("theory", [f.log_evidence_error for f in found]),
            "families": ("theory", [f.families for f in found]),
            "weight": ("theory", share),
        },
        {
            **words,
            "origin": ("case", np.full(len(outcome), question.origin)),
            "kind": ("case", np.array([s.kind for s, _ in cases], object)),
            "element": ("case", np.array([s.element for s, _ in cases], object)),
            "year": ("case", np.array([y for _, y in cases], int)),
            "point_origin": ("point", np.full(len(point), question.origin)),
            "series": ("point", np.array([s for s, _, _ in point], object)),
            "item": ("point", np.array([e for _, e, _ in point], object)),
            "time": ("point", time),
        },
        {"until": question.origin, "seed": seed, "futures": futures},
    )


def _cases(
    question: Question, found: list[Forecast], mixes: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray, list[tuple[Sight, int]]]:
    """(p [forecaster, case], outcome [case], cases): every question of every later year that was open at the date and that the record answers."""
    done = question.origin - question.start_year + 1
    columns, outcome, cases = [], [], []
    shares = np.stack([f.p for f in found])
    for s, sight in enumerate(question.sights):
        past = question.told[s, :done]
        if not np.isfinite(past).any() or (KINDS[sight.kind].absorbing and past[np.isfinite(past)][-1] == 1.0):
            continue
        for y in np.flatnonzero(np.isfinite(question.told[s, done:])):
            p = shares[:, s, y]
            reference = references.question(past, int(y) + 1)
            columns.append([*p, *(mix @ p for mix in mixes), *(reference[name] for name in references.REFERENCES)])
            outcome.append(question.told[s, done + y])
            cases.append((sight, question.origin + 1 + int(y)))
    return np.array(columns).reshape(len(cases), -1).T, np.array(outcome), cases


def _crps(question: Question, found: list[Forecast], mixes: tuple[np.ndarray, ...], rng: np.random.Generator) -> np.ndarray:
    """[forecaster, point]; fair for ensembles of any size. A mixture's members are drawn from its theories in proportion."""
    first, rows = question.runner.model.history_steps, []
    size = len(found[0].members[0]) if question.points else 0
    picks = [rng.choice(len(found), size, p=mix) for mix in mixes]
    for n, (_, m, t, k) in enumerate(question.points):
        truth = m.y[t, k]
        sets = [f.members[n] for f in found] + [np.array([found[i].members[n, j] for j, i in enumerate(pick)]) for pick in picks]
        past = np.flatnonzero(m.has[:first, k])
        time = question.start_year + (past + 0.5) / 4
        reference = references.series(time, m.y[past, k].astype(float), question.start_year + (t + 0.5) / 4)
        sets += [reference[name] for name in references.REFERENCES]
        rows.append([float(crps_ensemble(np.array([truth]), np.asarray(x)[None], fair=True)[0]) for x in sets])
    return np.array(rows).reshape(len(rows), -1).T
