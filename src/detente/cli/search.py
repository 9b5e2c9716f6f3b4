"""`detente search`: all packages of some levers, under every reading."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import ANSWER, DEFAULT, Json, Place, app


@app.command(rich_help_panel=ANSWER)
def search(
    scenario: Place = DEFAULT,
    levers: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Levers of the shipped packages; by default those that alone move the outcome most.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=14, help="How many levers, where none are named.")] = 12,
    outcome: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An outcome, such as clash or joint; may be given again.")
    ] = None,
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this theory; may be given again.")] = None,
    sign_all: Annotated[
        bool, typer.Option("--sign-all", help="Only packages by which every party gains, those bound without a signature too.")
    ] = False,
    over_heads: Annotated[
        bool, typer.Option("--over-heads", help="The same without asking those who are bound without a signature.")
    ] = False,
    own: Annotated[
        list[str] | None, typer.Option(metavar="PARTY=THEORY", help="By which reading a party judges; by every one where it is not said.")
    ] = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="Seek dates and doses by evolution instead: six levers at most where none are named.")
    ] = False,
    evaluations: Annotated[int, typer.Option(min=24, max=100_000, help="Plans tried, with --tune.")] = 480,
    futures: Annotated[
        int | None,
        typer.Option(min=8, max=100_000, help="Futures per theory and package at most (256; the first round has 32); with --tune 64."),
    ] = None,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of all that is set aside, together.")] = 0.95,
    reach: Annotated[float, typer.Option(min=0.0, help="How much more regret is accepted for fewer levers, in 100 futures.")] = 2.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Cores to use; all by default.")] = None,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the pictures into this folder as SVG.")] = None,
    json: Json = False,
) -> None:
    """Every package of the levers: which regret least under all readings, how few levers it takes, what all would sign.

    \b
    Examples:
      detente search
      detente search --levers talk,restraint,separation,accommodation --outcome reopened --outcome clash
      detente search --sign-all --own geo=lukyanov
      detente search --tune --levers restraint,separation,build_up
    """
    from detente.report.search import Request, search_command

    named = tuple(name.strip() for name in levers.split(",") if name.strip()) if levers else ()
    request = Request(
        scenario,
        named,
        most,
        tuple(outcome or ()),
        tuple(theory or ()),
        sign_all,
        over_heads,
        tuple(own or ()),
        futures or (64 if tune else 256),
        confidence,
        reach,
        seed,
        workers,
        figures,
        json,
        tune,
        evaluations,
    )
    raise typer.Exit(search_command(request))
