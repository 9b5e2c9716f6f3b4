"""`detente run`: the main job with a bar, each reading's answers as soon as they are there, then tables and the report's files."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.engine.setup import prepare
from detente.report.blocks import Page, to_json, to_terminal
from detente.report.ending import say
from detente.report.files import write_text
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

if TYPE_CHECKING:
    import xarray as xr

FORMATS = ("html", "md", "none")
NEEDED = ("altair", "vl_convert", "jinja2")


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    scenario: str
    futures: int
    seed: int
    block: int
    out: Path
    theories: tuple[str, ...]
    policies: tuple[str, ...]
    workers: int | None
    fresh: bool
    formats: tuple[str, ...]
    figures: Path | None
    json: bool
    whole: bool = False


def run_and_report(request: Request) -> int:
    """Do it. Raises ScenarioError before anything is written when the request cannot be met."""
    _check_formats(request)
    prepare(request.workers)
    from detente.report.load import scenario

    found = scenario(request.scenario)
    for kind, asked, known in (("theory", request.theories, found.theories), ("package", request.policies, found.policies)):
        for name in asked:
            if name not in known:
                raise ScenarioError(unknown(kind, name, known))
    request.out.mkdir(parents=True, exist_ok=True)
    ds = _job(request, found)
    _tell(request, ds, found)
    for path in _files(request, ds, found):
        say(f"wrote {path}")
    return 0


def _check_formats(request: Request) -> None:
    for name in request.formats:
        if name not in FORMATS:
            raise ScenarioError(unknown("format", name, FORMATS))
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing and (request.figures or set(request.formats) - {"none"}):
        raise ScenarioError(
            f"the report needs {', '.join(missing)}; install them with: pip install 'detente[report]', or ask for --format none"
        )


# ----------------------------------------------------------------------------------------------------------------------- the job


def _job(request: Request, found: Any) -> xr.Dataset:
    from detente.analysis.job import run_job

    bar = _Bar(found.title)

    def on_theory(name: str, part: xr.Dataset) -> None:
        if not request.json:
            with bar.aside():
                _tell_theory(name, part, found)

    def work() -> xr.Dataset:
        return run_job(
            found,
            request.theories or None,
            request.policies or None,
            futures=request.futures,
            seed=request.seed,
            block=request.block,
            out=request.out / "result.zarr",
            progress=bar.tell,
            on_theory=on_theory,
            learn=learning(request.fresh),
            resume=not request.fresh,
        )

    with bar:
        return interruptible(work, bar.stop)


def learning(fresh: bool) -> Any:
    """How a theory learns from the record: from the cache where it is the same (None: the job's own way), or again, the baseline it starts from once too."""
    if not fresh:
        return None
    from detente.engine.cache import load_or_assimilate

    based = False

    def again(runner: Any, theory: Any, record: Any, seed: int, progress: Any) -> Any:
        nonlocal based
        if not based:
            load_or_assimilate(runner, None, record, seed=seed, progress=progress, fresh=True)
            based = True
        same = (runner.model.ranges(theory) == runner.model.ranges(None)).all()
        return load_or_assimilate(runner, theory, record, seed=seed, progress=progress, fresh=not same)

    return again


def interruptible(work: Callable[[], Any], clean: Callable[[], None] = lambda: None) -> Any:
    """Run `work` in a thread, so that Ctrl-C ends the program at once even while a program is compiled or running.

    Results are written theory by theory and marked when whole: what was done by then is kept, nothing half done counts.
    """
    worker = ThreadPoolExecutor(1)
    running = worker.submit(work)
    try:
        while not wait([running], 0.1).done:
            pass
    except KeyboardInterrupt:
        clean()
        say("stopped; theories that were done are kept, and the same command goes on from there")
        sys.stdout.flush()
        os._exit(130)
    finally:
        worker.shutdown(wait=False)
    return running.result()


class _Bar:
    """A bar on stderr, when that is a terminal; silent otherwise."""

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
        )
        self.progress = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self.task = self.progress.add_task(title, total=None)

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say what is being done."""
        self.progress.update(self.task, description=stage, completed=done, total=total)

    def aside(self) -> _Aside:
        """While something is printed on stdout, the bar steps aside."""
        return _Aside(self.progress)

    def stop(self) -> None:
        """Take the bar away."""
        self.progress.stop()

    def __enter__(self) -> _Bar:
        self.progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.progress.stop()


class _Aside:
    def __init__(self, progress: Any) -> None:
        self.progress = progress

    def __enter__(self) -> None:
        self.progress.stop()

    def __exit__(self, *error: object) -> None:
        self.progress.start()


# --------------------------------------------------------------------------------------------------------------------- what is told


def _tell_theory(name: str, part: xr.Dataset, scenario: Any) -> None:
    from rich.console import Console

    from detente.report.tables import answer_lines

    theory = scenario.theories[name]
    to_terminal(Page(theory.argument, ("\n".join((theory.holder, *answer_lines(part, scenario, name))),)), Console())


def _tell(request: Request, ds: xr.Dataset, scenario: Any) -> None:
    if request.json:
        from detente.report.export import summary

        sys.stdout.write(to_json(summary(ds, scenario)) + "\n")
        return
    from rich.console import Console

    from detente.report.html import terminal_page

    to_terminal(terminal_page(ds, scenario), Console())


def _files(request: Request, ds: xr.Dataset, scenario: Any) -> list[Path]:
    """Write what was asked for; each file is there whole or not at all."""
    from detente.engine.compose import compose

    formats = set(request.formats) - {"none"}
    written = [request.out / "result.zarr"]
    if not formats and request.figures is None:
        return written
    from detente.report.html import figures, report, report_markdown, to_html

    model = compose(scenario)
    grid, more = _more(ds, model, request) if formats or request.whole else (None, None)
    whole = report(ds, model, more=more, grid=grid)
    if "html" in formats:
        written.append(write_text(request.out / "report.html", to_html(whole)))
    if "md" in formats:
        written.append(write_text(request.out / "report.md", report_markdown(whole)))
    if request.figures is not None:
        written += [write_text(request.figures / f"{name}.svg", svg) for name, svg in figures(whole)]
    return written


def _more(ds: xr.Dataset, model: Any, request: Request) -> tuple[Any, Any]:
    """(responses for the sliders, parts of the whole report where it is asked for), with a bar."""
    from detente.report.whole import desk, doubted, parts, responses, turning

    bar = _Bar(model.scenario.title)

    def work() -> tuple[Any, Any]:
        bar.tell("the report's sliders", 0, 1)
        found = desk(ds, model)
        if not request.whole:
            return responses(found, bar.tell), None
        moves = turning(found, bar.tell)
        return responses(found, bar.tell, doubted(found, moves)), parts(found, bar.tell, moves)

    with bar:
        return interruptible(work, bar.stop)
