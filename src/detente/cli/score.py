"""The verbs that hold the readings to what came later: score, update."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import DEFAULT, RECORD, Json, Place, app


@app.command(rich_help_panel=RECORD)
def score(
    scenario: Place = DEFAULT,
    until: Annotated[
        int | None,
        typer.Option(metavar="YEAR", help="Learn to the end of this year; eight years before the record's end."),
    ] = None,
    origins: Annotated[
        str | None, typer.Option(metavar="Y,Y,…", help="Several years instead, five years forecast from each; a long job.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Forecast from the record's end, score against the further rows in this folder.")
    ] = None,
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this reading; may be given again.")] = None,
    particles: Annotated[int, typer.Option(min=64, max=65536, help="Particles moved at once.")] = 256,
    futures: Annotated[int, typer.Option(min=50, max=100_000, help="Futures per reading.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    effort: Annotated[
        float, typer.Option(min=0.1, max=4, help="Share of the sampler's usual moves; below 1 a rough look, and said to be.")
    ] = 1.0,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the forecasts of each year here; a stopped job goes on from there.")
    ] = None,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the picture of reliability here as SVG.")] = None,
    json: Json = False,
) -> None:
    """Support: learn from the record to a date, forecast what is known now, score it beside climatology, persistence and a trend.

    \b
    Examples:
      detente score --until 2013
      detente score --origins 1999,2004,2009,2014 --keep origins
      detente score --record my_2022
    """
    from detente.engine.setup import prepare

    prepare()
    from detente.report.scoring import Hindcast, score_command

    raise typer.Exit(
        score_command(
            Hindcast(scenario, until, origins, tuple(theory or ()), particles, futures, seed, effort, keep, figures, record, json)
        )
    )


@app.command(rich_help_panel=RECORD)
def update(
    record: Annotated[Path, typer.Option(metavar="DIR", help="Folder with further rows of the record; see the how-to.")],
    scenario: Place = DEFAULT,
    theory: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this reading, and the yardstick; may be given again.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    json: Json = False,
) -> None:
    """A further year of the record: which reading it moved, and by how many decibans.

    \b
    Example:
      detente update --record my_2022
    """
    from detente.engine.setup import prepare

    prepare()
    from detente.report.update import Update, update_command

    raise typer.Exit(update_command(Update(scenario, record, tuple(theory or ()), seed, json)))
