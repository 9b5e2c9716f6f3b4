"""`detente explore`: where a package fails."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import ANSWER, DEFAULT, Json, Place, app


@app.command(rich_help_panel=ANSWER)
def explore(
    scenario: Place = DEFAULT,
    policy: Annotated[str | None, typer.Option(metavar="ID", help="The package; no change by default.")] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="NAME", help="An outcome, such as clash; a clash of the first direct rivalry by default.")
    ] = None,
    beyond: Annotated[
        float | None, typer.Option(metavar="X", help="From which value on it is of interest, where the outcome is no share.")
    ] = None,
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this theory; may be given again.")] = None,
    futures: Annotated[int, typer.Option(min=64, max=100_000, help="Futures per theory, before the record and after it.")] = 1000,
    sobol: Annotated[
        str | None, typer.Option(metavar="THEORY", help="Sobol indices of mechanisms and luck on this theory's prior too.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the picture into this folder as SVG.")] = None,
    json: Json = False,
) -> None:
    """Under which conditions a package fails: boxes in parameters and readings, and what the outcome turns on.

    \b
    Examples:
      detente explore --outcome crisis
      detente explore --policy reopen_and_talk --outcome reopened --sobol thomson
    """
    from detente.report.explore import Request, explore_command

    request = Request(scenario, policy, outcome, beyond, tuple(theory or ()), futures, sobol, seed, figures, json)
    raise typer.Exit(explore_command(request))
