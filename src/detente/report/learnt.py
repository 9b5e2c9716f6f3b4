"""What the verbs that simulate for themselves begin with: a scenario, a compiled model, and what each reading has learnt from the record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detente.engine.setup import prepare
from detente.report.blocks import Figure, Page
from detente.report.files import write_text
from detente.report.picture import framed
from detente.report.run import _Bar, interruptible
from detente.scenario.errors import ScenarioError, unknown


def begin(place: str, workers: int | None = None) -> tuple[Any, Any]:
    """(scenario, runner) by name or folder. Raises ScenarioError."""
    prepare(workers)
    from detente.engine.compose import compose
    from detente.engine.simulate import Runner
    from detente.report.load import scenario

    found = scenario(place)
    return found, Runner(compose(found))


def chosen(scenario: Any, asked: Sequence[str], tables: Sequence[str] = ("at",)) -> list[str]:
    """Ids of the readings asked for; of those at the table where none is named, of all where none is there. Raises ScenarioError."""
    for name in asked:
        if name not in scenario.theories:
            raise ScenarioError(unknown("theory", name, scenario.theories))
    ordered = list(scenario.ordered_theories())
    if asked:
        return [t.id for t in ordered if t.id in asked]
    return [t.id for t in ordered if t.table in tables] or [t.id for t in ordered]


def learn(runner: Any, theories: Sequence[str], seed: int, bar: Any) -> dict[str, Any]:
    """What each reading has learnt from the record, kept or learnt now, as the main job does."""
    from detente.engine.cache import load_or_assimilate
    from detente.engine.record import build_record

    scenario, record, out = runner.model.scenario, build_record(runner.model), {}
    for k, name in enumerate(theories):
        argument = scenario.theories[name].argument

        def tell(text: str, part: float, whole: float, argument: str = argument, k: int = k) -> None:
            bar.tell(f"{argument}: learning from the record, {text} ({100 * part / max(whole, 1e-9):.0f} %)", k, len(theories))

        out[name] = load_or_assimilate(runner, scenario.theories[name], record, seed=seed, progress=tell)
    return out


def working(title: str, work: Any) -> Any:
    """Run `work(bar)` under a bar; Ctrl-C ends the program at once."""
    bar = _Bar(title)
    with bar:
        return interruptible(lambda: work(bar), bar.stop)


def write_picture(path: Path, page: Page, foot: str) -> None:
    """The first picture of a page as one SVG file, with its title, note and foot; nothing where the page has none."""
    found = next((b for b in page.blocks if isinstance(b, Figure)), None)
    if found is not None:
        write_text(path, framed(found.svg, found.title, found.note, foot))
