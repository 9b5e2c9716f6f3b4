"""`detente crux`: where two readings part, and what would settle it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import ANSWER, Json, app


@app.command(rich_help_panel=ANSWER)
def crux(
    names: Annotated[
        list[str] | None, typer.Argument(help="Two theories, then perhaps a scenario; with --all a scenario or nothing.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Every pair of readings: who disagrees with whom about what.")] = False,
    outcome: Annotated[list[str] | None, typer.Option(metavar="NAME", help="An outcome, or one of its items; may be given again.")] = None,
    policy: Annotated[str | None, typer.Option(metavar="ID", help="Share out what this package changes, too.")] = None,
    basis: Annotated[
        str, typer.Option(metavar="record|ranges", help="After the record (as the main job shows it), or before it.")
    ] = "record",
    futures: Annotated[int, typer.Option(min=64, max=100_000, help="Futures of each reading.")] = 512,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    packages: Annotated[bool, typer.Option("--packages", help="Which packages do not need it settled (some minutes).")] = False,
    tip: Annotated[bool, typer.Option("--tip", help="The value of one parameter at which the best package changes.")] = False,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="What observation would settle it.")] = True,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the picture into this folder as SVG.")] = None,
    json: Json = False,
) -> None:
    """Where two readings part: their difference shared out over mechanisms and parameters, with what they do together.

    \b
    Examples:
      detente crux grushko robertson
      detente crux babst revisionist --policy legitimate_interests_alone --packages
      detente crux --all --outcome clash --figures pictures
    """
    from detente.report.crux_run import Request, crux_command

    request = Request(tuple(names or ()), all, tuple(outcome or ()), policy, basis, futures, seed, packages, tip, watch, figures, json)
    raise typer.Exit(crux_command(request))
