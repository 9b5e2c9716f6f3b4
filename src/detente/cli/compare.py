"""`detente compare`: which package survives which reading, for whom, and what is to be expected of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import ANSWER, DEFAULT, Json, app


@app.command(rich_help_panel=ANSWER)
def compare(
    place: Annotated[
        str, typer.Argument(help="Folder of a finished result, or a scenario (its job is run, and kept).", show_default=True)
    ] = DEFAULT,
    package: Annotated[
        str | None, typer.Option(metavar="ID", help="One page on this package: holds, fails, who signs, who is bound, signs.")
    ] = None,
    outcome: Annotated[list[str] | None, typer.Option(metavar="NAME", help="An outcome, or one of its items; may be given again.")] = None,
    actor: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="What is counted for this actor, by reading; may be given again.")
    ] = None,
    theory: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="The three columns under this reading; may be given again.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="OUTCOME=W,…", help="Sum outcomes with these weights, and say on which weights the order holds.")
    ] = None,
    scenario: Annotated[str | None, typer.Option(metavar="PLACE", help="The scenario of a result, where it is not a shipped one.")] = None,
    futures: Annotated[int, typer.Option(min=2, max=1_000_000, help="Futures per theory and package, where the job is run.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out on which parameters the answers turn.")] = False,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the pictures into this folder as SVG.")] = None,
    json: Json = False,
) -> None:
    """Packages × readings × outcomes × actors: regret on the same luck, survival, who gains, what is agreed and what expected.

    \b
    Examples:
      detente compare
      detente compare detente-result --outcome clash --actor ukr
      detente compare --package open_door_kept_deterrence_built
      detente compare --weights "war_third=2,joint=1"
    """
    from detente.report.compare_run import Request, compare_command

    request = Request(
        place,
        scenario,
        tuple(outcome or ()),
        tuple(actor or ()),
        tuple(theory or ()),
        weights,
        package,
        futures,
        seed,
        quick,
        figures,
        json,
    )
    raise typer.Exit(compare_command(request))
