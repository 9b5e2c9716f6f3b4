"""`detente explain`: one future as a dated story."""

from __future__ import annotations

from typing import Annotated

import typer

from detente.cli.base import ANSWER, DEFAULT, Json, Place, app


@app.command(rich_help_panel=ANSWER)
def explain(
    scenario: Place = DEFAULT,
    theory: Annotated[str | None, typer.Option(metavar="ID", help="The reading; the first one by default.")] = None,
    policy: Annotated[str | None, typer.Option(metavar="ID", help="The package; no change by default.")] = None,
    why_not: Annotated[
        str | None, typer.Option(metavar="ID", help="Tell the same future, on the same luck, under this package too.")
    ] = None,
    rung: Annotated[int, typer.Option(min=1, max=4, help="2 a crisis, 3 an armed clash, 4 war.")] = 3,
    rivalry: Annotated[str | None, typer.Option(metavar="ID", help="Whose ladder; the first direct rivalry by default.")] = None,
    future: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="This future; by default a typical one of those that enter the rung.")
    ] = None,
    futures: Annotated[
        int, typer.Option(min=2, max=100_000, help="Futures among which it is found; numbers are those of `detente run`.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    json: Json = False,
) -> None:
    """One future told by date: what was entered, through which mechanisms, and what it vanishes without.

    Each link is checked by running the same future on the same luck with that link left out.

    \b
    Examples:
      detente explain --theory thomson
      detente explain --theory graham --rung 2 --why-not incidents_at_sea_and_in_the_air
    """
    from detente.report.explain import Request, explain_command

    raise typer.Exit(explain_command(Request(scenario, theory, policy, why_not, rung, rivalry, future, futures, seed, json)))
