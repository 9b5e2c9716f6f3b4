"""`detente placebo`: each reading's fit among random readings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import DEFAULT, RECORD, Json, Place, app


@app.command(rich_help_panel=RECORD)
def placebo(
    scenario: Place = DEFAULT,
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this reading; may be given again.")] = None,
    count: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="Random readings per reading: weighs those missing (long; goes on where it was stopped)."),
    ] = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the picture as SVG to this file.")] = None,
    json: Json = False,
) -> None:
    """What a good fit is worth: random readings that move as many ranges by as much, and where each reading stands among them.

    \b
    Examples:
      detente placebo
      detente placebo --theory thomson --count 50 --figure placebo.svg
    """
    from detente.report.placebo import Request, placebo_command

    raise typer.Exit(placebo_command(Request(scenario, tuple(theory or ()), count, figure, json)))
