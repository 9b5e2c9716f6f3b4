"""The verb that looks ahead: watch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import DEFAULT, RECORD, Json, Place, app


@app.command(rich_help_panel=RECORD)
def watch(
    scenario: Place = DEFAULT,
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Tell only these readings apart; give two or more.")] = None,
    years: Annotated[int, typer.Option(min=1, max=5, help="Years ahead.")] = 3,
    futures: Annotated[int, typer.Option(min=100, max=100_000, help="Futures per reading.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    result: Annotated[Path, typer.Option(metavar="DIR", help="Folder of a finished `detente run`, for the signposts.")] = Path(
        "detente-result"
    ),
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the bars here as SVG.")] = None,
    json: Json = False,
) -> None:
    """What to watch: observables of the next years by the bits they would tell about which reading is right, and the packages they would change.

    \b
    Examples:
      detente watch
      detente watch --theory thomson --theory grushko --years 1
    """
    from detente.engine.setup import prepare

    prepare()
    from detente.report.watch import Watch, watch_command

    raise typer.Exit(watch_command(Watch(scenario, tuple(theory or ()), years, futures, seed, result, figures, json)))
