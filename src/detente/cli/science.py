"""The verbs of the researcher: claims, replications, the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import DEFAULT, SCIENCE, Json, Place, app, known, model_of, put


@app.command(rich_help_panel=SCIENCE)
def claim(
    id: Annotated[str | None, typer.Argument(help="Id of a claim; none for the list.")] = None,
    list: Annotated[bool, typer.Option("--list", help="Print the list of claims.")] = False,
    json: Json = False,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the pictures into this folder.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the answer as one HTML file.")] = None,
    set: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Another definition; may be given again.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resampling.")] = 2021,
) -> None:
    """A statement about history tested on data of two centuries, with every definition that could change the answer.

    \b
    Examples:
      detente claim --list
      detente claim no_free_spread --html spread.html
    """
    from detente.report.claims import claim_command

    raise typer.Exit(claim_command(id, list, json, figures, html, tuple(set or ()), seed))


@app.command(rich_help_panel=SCIENCE)
def replicate(
    paper: Annotated[str | None, typer.Argument(help="Name of a paper, such as richardson1960; none for all.")] = None,
    json: Json = False,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the paper's picture as SVG to this file.")] = None,
) -> None:
    """Published results against ours, number by number, by the functions that the main job runs.

    Exit code 0: every value met; 1: not.

    \b
    Examples:
      detente replicate
      detente replicate richardson1960 --figure fit.svg
    """
    from detente.engine.setup import prepare

    prepare()
    from detente.report.replicate import replicate_command

    raise typer.Exit(replicate_command(paper, json, figure))


@app.command(rich_help_panel=SCIENCE)
def prior(
    scenario: Place = DEFAULT,
    theory: Annotated[str | None, typer.Option(help="A reading's id; the baseline without it.")] = None,
    futures: Annotated[int, typer.Option(min=64, help="How many futures.")] = 1024,
    seed: Annotated[int, typer.Option(help="Seed of all luck.")] = 1,
    json: Json = False,
) -> None:
    """History first: the share of the record inside the 95 % band of futures that have learnt nothing.

    \b
    Examples:
      detente prior
      detente prior --theory thomson --json
    """
    model = model_of(scenario)
    if theory is not None:
        known("theory", theory, model.scenario.theories)
    from detente.report.history import prior_page

    put(prior_page(model, model.scenario.theories[theory] if theory else None, futures, seed), json)
