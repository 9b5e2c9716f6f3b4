"""The verb that holds theories against the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import DEFAULT, RECORD, Json, Place, app


@app.command(rich_help_panel=RECORD)
def weigh(
    scenario: Place = DEFAULT,
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this theory; may be given again.")] = None,
    all: Annotated[bool, typer.Option("--all", help="Also readings that nobody at the table holds.")] = False,
    seeds: Annotated[int, typer.Option(min=1, max=64, help="Repeat the whole under this many seeds and say how they differ.")] = 1,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 65, help="The first seed.")] = 1,
    fragility: Annotated[
        str, typer.Option(metavar="reuse|full", help="reuse: what the particles at hand can tell; full: new runs for the rest (hours).")
    ] = "reuse",
    by_year: Annotated[bool, typer.Option("--by-year", help="Also learn and score the record year by year (a long study, kept).")] = False,
    particles: Annotated[int, typer.Option(min=64, max=65536, help="Particles moved at once.")] = 256,
    claim: Annotated[
        str | None, typer.Option(metavar="ID", help="With and without what this claim about history says, such as no_free_spread.")
    ] = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the picture over time as SVG to this file.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Weigh again instead of taking what was kept.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Cores to use; all by default.")] = None,
    json: Json = False,
) -> None:
    """How well each theory's ranges tell the record, by series and over time, what that hangs on, and how sure the sampler is.

    In sample: the fit of our reading, never a forecast's skill. What was weighed is kept: the same command answers in seconds, and one that
    was stopped goes on where it was.

    \b
    Examples:
      detente weigh
      detente weigh --theory thomson --theory graham --figure course.svg
      detente weigh --claim no_free_spread
      detente weigh --seeds 4 --fragility full --by-year
    """
    from detente.report.weigh_run import Request, weigh_command

    request = Request(scenario, tuple(theory or ()), all, seed, seeds, fragility, by_year, particles, figure, fresh, workers, json, claim)
    raise typer.Exit(weigh_command(request))
