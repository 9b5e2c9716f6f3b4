"""What `detente score` does: reads the request, forecasts with a bar, prints the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.report.blocks import put
from detente.report.load import scenario as load
from detente.report.run import _Bar, interruptible
from detente.scenario import Scenario, ScenarioError
from detente.scenario.errors import listing, quote, unknown

Progress = Callable[[str, int, int], None]
AHEAD = 5
"""Years forecast from each of several dates."""
BEFORE = 8
"""Years between the date and the record's end, where no date is given."""


@dataclass(frozen=True)
class Hindcast:
    """What was asked on the command line."""

    scenario: str
    until: int | None
    origins: str | None
    theories: tuple[str, ...]
    particles: int
    futures: int
    seed: int
    effort: float
    keep: Path | None
    figures: Path | None
    record: Path | None
    json: bool


def score_command(request: Hindcast) -> int:
    """Forecast from the date or dates and print how it went."""
    found = load(request.scenario)
    known_theories(found, request.theories)
    joined = found if request.record is None else further_of(found, request.record)
    years = _years(request, found)
    if not joined.events and not joined.measures:
        raise ScenarioError("the scenario has no record to score forecasts against", "record")
    from detente.analysis.hindcast import cut
    from detente.analysis.origins import rolling
    from detente.analysis.support import support
    from detente.report.score import score_page, write_figures

    for year in years:
        cut(joined, year)
    ahead = None if request.origins is None else AHEAD
    asked = (joined, years, request.theories or None, request.particles, request.futures, request.seed, ahead, request.effort, request.keep)
    ds = barred(found.title, lambda tell: rolling(*asked, progress=tell))
    scored = support(ds, seed=request.seed)
    if request.figures is not None:
        write_figures(request.figures, scored, joined)
    put(score_page(ds, scored, joined, further=request.record is not None), request.json)
    return 0


def known_theories(found: Scenario, names: Sequence[str]) -> None:
    """Raise ScenarioError on a theory that does not exist."""
    for name in names:
        if name not in found.theories:
            raise ScenarioError(unknown("theory", name, found.theories))


def further_of(found: Scenario, folder: Path) -> Scenario:
    """The scenario with a folder's further rows joined on. Raises ScenarioError."""
    from detente.engine.compose import vocabulary
    from detente.report.load import outcome_names
    from detente.scenario import further

    return further(found, folder, vocabulary(outcomes=outcome_names()))


def barred(title: str, work: Callable[[Progress], Any]) -> Any:
    """Long work with a bar on stderr; Ctrl-C ends it at once, and what was kept stays."""
    bar = _Bar(title)
    with bar:
        return interruptible(lambda: work(bar.tell), bar.stop)


def _years(request: Hindcast, found: Scenario) -> list[int]:
    given = [f"--{name}" for name in ("until", "origins", "record") if getattr(request, name) is not None]
    if len(given) > 1:
        raise ScenarioError(f"{listing(given, 'and')} were given; expected one of them")
    if request.record is not None:
        return [found.history.end.year]
    if request.origins is None:
        first, last = found.history.start.year, found.history.end.year
        return [request.until if request.until is not None else max(last - BEFORE, (first + last) // 2)]
    try:
        return sorted({int(part) for part in request.origins.split(",")})
    except ValueError:
        raise ScenarioError(f"--origins: expected years such as 1999,2004,2009, found {quote(request.origins)}") from None
