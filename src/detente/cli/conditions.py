"""`detente conditions`: what makes a question's answer likely."""

from __future__ import annotations

from typing import Annotated

import typer

from detente.cli.base import ANSWER, DEFAULT, Json, Place, app


@app.command(rich_help_panel=ANSWER)
def conditions(
    question: Annotated[str, typer.Argument(help="Id of a question, such as Q5.")],
    scenario: Place = DEFAULT,
    threshold: Annotated[float, typer.Option(min=0.01, max=0.99, help="From which share of futures on it counts as likely.")] = 0.5,
    by: Annotated[int | None, typer.Option(metavar="YEAR", help="By the end of this year; of a reopening only.")] = None,
    level: Annotated[float | None, typer.Option(metavar="X", help="From which value on it counts, where the outcome is no share.")] = None,
    unlikely: Annotated[bool, typer.Option("--unlikely", help="Seek what makes it likely that it does not happen.")] = False,
    most: Annotated[int, typer.Option(min=1, max=4, help="Conditions in a set, at most.")] = 3,
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this theory; may be given again.")] = None,
    futures: Annotated[int, typer.Option(min=64, max=100_000, help="Futures per theory and set of levers.")] = 512,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    json: Json = False,
) -> None:
    """The smallest sets of conditions, levers and unknowns, under which a question's answer becomes likely.

    A lever that sets the state of the channel asked about is no condition for it.

    \b
    Examples:
      detente conditions Q5 --by 2026
      detente conditions Q1 --unlikely --threshold 0.95
    """
    from detente.report.conditions import Request, conditions_command

    request = Request(question, scenario, threshold, by, level, unlikely, most, tuple(theory or ()), futures, seed, json)
    raise typer.Exit(conditions_command(request))
