"""`detente conditions`: under what conditions a question's answer becomes likely, reading by reading, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.report import words
from detente.report.blocks import Block, Grid, Page, put
from detente.report.data import phrase
from detente.report.show import label
from detente.scenario import Scenario, ScenarioError

SHOWN = 8


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    question: str
    scenario: str
    threshold: float
    by: float | None
    level: float | None
    unlikely: bool
    most: int
    theories: tuple[str, ...]
    futures: int
    seed: int
    json: bool


def conditions_command(request: Request) -> int:
    """Do it. Raises ScenarioError when the request cannot be met."""
    from detente.report.learnt import begin, chosen, learn, working

    scenario, runner = begin(request.scenario)
    theories = chosen(scenario, request.theories)
    from detente.analysis.conditions import conditions, event

    last = scenario.horizon.end.year
    if request.by is not None and not scenario.history.end.year < request.by <= last:
        raise ScenarioError(f"expected a year from {scenario.history.end.year + 1} to {last} for --by, found {request.by:g}")
    asked = event(runner.model, request.question, request.by, request.level, request.unlikely)

    def work(bar: Any) -> Any:
        learnt = learn(runner, theories, request.seed, bar)
        return conditions(runner, learnt, asked, request.threshold, request.futures, request.most, request.seed, bar.tell)

    found = working(scenario.title, work)
    whole = page(found, runner.model)
    put(whole, request.json)
    return 0


# ------------------------------------------------------------------------------------------------------------------- the page


def page(found: Any, model: Any) -> Page:
    """Everything of a search for conditions, for the terminal and as data."""
    return Page(f"{found.event.question}. {model.scenario.questions[found.event.question].text}", blocks(found, model), data(found))


def blocks(found: Any, model: Any) -> tuple[Block, ...]:
    """The blocks of a search for conditions, for terminal and report alike."""
    return (*sentences(found, model), by_reading(found, model), levers_only(found, model))


def asked(found: Any, scenario: Scenario) -> str:
    """The event in words: `reopened within the horizon, the mission, by the end of 2026`."""
    text = str(found.event.words)
    negated = text.startswith("does not hold:")
    text = text.removeprefix("does not hold:").strip().replace(found.event.item.name, phrase(scenario, found.event.item.name), 1)
    if " by the end of" in text:
        text = text.replace(" within the horizon", "")
    return f"not: {text}" if negated else text


def sentences(found: Any, model: Any) -> list[str]:
    """The answer, made from the numbers."""
    scenario = model.scenario
    reached = [a for a in found.answers if a.sets]
    already = [a for a in reached if a.sets[0].size == 0]
    what, bar = asked(found, scenario), words.hundredths(found.threshold)
    n = len(found.answers)
    out = [f"Asked: “{what}” in at least {bar} in 100 futures, the lower end of the interval included."]
    if already:
        out.append(f"With no condition at all it is so under {len(already)} of {n} readings.")
    for a in reached:
        if a not in already:
            f = a.sets[0]
            out.append(
                f"Under “{_argument(scenario, a.theory)}” it is so if {said(f, model)}: {_interval(f)}; without these {words.hundredths(a.base)} in 100."
            )
    missed = [a for a in found.answers if not a.sets]
    if missed:
        best = max((a for a in missed if a.best is not None), key=lambda a: np.nan_to_num(a.best.share), default=None)
        tail = (
            f" The nearest, under “{_argument(scenario, best.theory)}”: {said(best.best, model)}, {_interval(best.best)}."
            if best is not None
            else ""
        )
        out.append(f"Under {len(missed)} of {n} readings no set of conditions that was tried is enough.{tail}")
    if found.left_out:
        channel = label(scenario, found.event.channel)
        out.append(
            f"Not counted among the conditions, since they set the state of {channel} itself: {words.listing(_plain(x) for x in found.left_out)} there."
        )
    if found.waiting:
        names_ = words.listing(_plain(x) for x in found.waiting)
        out.append(f"Not counted either, since the packages that pull them wait for a condition of their own: {names_}.")
    return out


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _argument(scenario: Scenario, theory: str) -> str:
    return scenario.theories[theory].argument if theory in scenario.theories else theory


def _interval(f: Any) -> str:
    if not np.isfinite(f.share):
        return "too few to say"
    low, high = max(f.share - f.z * f.error, 0.0), min(f.share + f.z * f.error, 1.0)
    return words.frequency(f.share, low, high, across="luck and particles")


def said(f: Any, model: Any) -> str:
    """A set of conditions in words."""
    parts = [f"{_plain(n)} is pulled ({model.levers[n][0].meaning})" for n in f.levers]
    parts += [side(s, model) for s in f.sides]
    return words.listing(parts) or "nothing is asked"


def side(s: Any, model: Any) -> str:
    """An unknown on one side of its middle: `share of the other's conduct returned in kind, one actor's, above 0.4`."""
    row = next(r for r in model.rows if r.name == s.parameter)
    meant = model.parameters[row.parameter][0].meaning if row.parameter in model.parameters else row.parameter
    who = f", {label(model.scenario, row.element)}," if row.element else ""
    return f"“{meant}”{who} lies {'above' if s.above else 'below'} {words.figure(float(f'{s.median:.2g}'))}"


def by_reading(found: Any, model: Any) -> Grid:
    """The smallest sets under each reading, and the nearest where none is enough."""
    scenario, rows = model.scenario, []
    for a in found.answers:
        sets = a.sets or ((a.best,) if a.best is not None else ())
        for k, f in enumerate(sets):
            held = f"{words.hundredths(f.met)}" if f.sides else "all"
            lead = (_argument(scenario, a.theory), words.hundredths(a.base)) if k == 0 else ("", "")
            enough = "yes" if f.sure else "no"
            rows.append((*lead, said(f, model), _cell(f), enough, held))
        if not sets:
            rows.append((_argument(scenario, a.theory), words.hundredths(a.base), "none tried", "", "no", ""))
    note = (
        f"{found.futures} futures of each set of levers and reading; sought on one half of the families of particles, measured on the other half, "
        "with intervals that hold for all sets measured there together. Levers not named are not pulled. Held by: particles of the reading, of 100, "
        "that meet the conditions on unknowns."
    )
    columns = ("argument", "without", "if", "in 100 futures", "enough", "held by")
    return Grid(
        "The smallest sets of conditions", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="conditions", numeric=False
    )


def _cell(f: Any) -> str:
    if not np.isfinite(f.share):
        return "too few to say"
    return words.short(f.share, max(f.share - f.z * f.error, 0.0), min(f.share + f.z * f.error, 1.0))


def levers_only(found: Any, model: Any) -> Grid:
    """Sets of levers alone, by the number of readings under which they are enough, then by the lowest share."""
    scenario = model.scenario

    def enough(cells: Any) -> int:
        return sum(share - found.z * wrong >= found.threshold for share, wrong in cells)

    ranked = sorted(found.levers_only.items(), key=lambda kv: (-enough(kv[1]), len(kv[0]), -min(s for s, _ in kv[1])))
    least = [next(kv for kv in found.levers_only.items() if not kv[0])]
    chosen = least + [kv for kv in ranked if kv[0]][:SHOWN]
    rows = []
    for levers, cells in chosen:
        shown = [words.short(s) for s, _ in cells]
        rows.append((words.listing(_plain(n) for n in levers) or "no lever", f"{enough(cells)} of {len(cells)}", *shown))
    columns = ("levers pulled", "enough under", *(_argument(scenario, t) for t in found.theories))
    note = "Futures in 100, whatever the unknowns; all futures. Enough: the lower end of an interval that holds for all sets together reaches it."
    return Grid("By levers alone", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="conditions-levers", numeric=True)


def data(found: Any) -> dict[str, Any]:
    """Full figures."""

    def one(f: Any) -> dict[str, Any]:
        return {**vars(f), "sides": [vars(s) for s in f.sides]}

    return {
        "question": found.event.question,
        "item": found.event.item.name,
        "event": found.event.words,
        "threshold": found.threshold,
        "futures": found.futures,
        "simulated": found.simulated,
        "left_out": list(found.left_out),
        "waiting": list(found.waiting),
        "answers": [
            {
                "theory": a.theory,
                "without": a.base,
                "error": a.base_error,
                "sets": [one(f) for f in a.sets],
                "nearest": one(a.best) if a.best is not None else None,
            }
            for a in found.answers
        ],
        "levers_only": [
            {"levers": list(p), "shares_with_errors": dict(zip(found.theories, cells, strict=True))}
            for p, cells in found.levers_only.items()
        ],
    }
