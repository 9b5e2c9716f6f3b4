"""`detente posterior`: what a reading learns from the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import DEFAULT, RECORD, Json, app


@app.command(rich_help_panel=RECORD)
def posterior(
    theory: Annotated[
        str | None, typer.Argument(help="Id of a theory; none for the yardstick, and each claim of the readings alone.")
    ] = None,
    scenario: Annotated[str, typer.Argument(help="A shipped scenario's name, or a folder.", show_default=True)] = DEFAULT,
    seeds: Annotated[int, typer.Option(min=1, max=16, help="Runs of the sampler to compare; each takes minutes, once. Take four.")] = 1,
    bridge: Annotated[bool, typer.Option("--bridge", help="Weigh by moves the claims that reweighing cannot (longer).")] = False,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the picture as SVG to this file.")] = None,
    json: Json = False,
) -> None:
    """What a reading learns: each unknown before and after the record, what the record tells at all, which claims it strengthens.

    \b
    Examples:
      detente posterior thomson
      detente posterior thomson --seeds 4 --bridge --figure thomson.svg
    """
    from detente.report.posterior import Request, posterior_command

    raise typer.Exit(posterior_command(Request(theory, scenario, seeds, bridge, figure, json)))
