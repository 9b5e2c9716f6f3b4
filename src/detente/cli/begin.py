"""The verbs to begin with: make a scenario, check it, look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import BEGIN, DEFAULT, Json, Place, app, known, model_of, put, scenario_of, show, tell


@app.command(rich_help_panel=BEGIN)
def new(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty; its name becomes the scenario's.")],
    json: Json = False,
) -> None:
    """Begin a scenario: a small, commented one that runs.

    \b
    Example:
      detente new my_crisis && detente check my_crisis && detente run my_crisis
    """
    from detente.scenario import load, new

    scenario = load(new(folder))
    tell({"scenario": scenario.id}, f"{folder} holds a small scenario; `detente check {folder}` and `detente run {folder}` take it.", json)


@app.command(rich_help_panel=BEGIN)
def check(folder: Place = DEFAULT, json: Json = False) -> None:
    """Find everything wrong with a scenario: files, links, names, and whether its mechanisms fit together.

    A reading that claims a runaway is named. Exit code 0: in order; 1: not, every problem with file, line and field on stdout.

    \b
    Example:
      detente check my_crisis
    """
    from detente.engine.setup import prepare
    from detente.scenario import find

    find(folder)
    prepare()
    from detente.report.load import notices, problems

    found = problems(folder)
    known = [] if found else notices(folder)
    ending = "in order" if not found else f"{len(found)} problem{'s' if len(found) > 1 else ''}"
    lines = [*(p["sentence"] for p in found), *known]
    tell({"ok": not found, "problems": found, "notices": known}, "\n".join([*lines, f"{folder}: {ending}"]), json)
    raise typer.Exit(1 if found else 0)


@show.callback(invoke_without_command=True)
def overview(ctx: typer.Context, json: Json = False) -> None:
    """See a scenario, its theories, packages and mechanisms, the clock, the wiring, the claims.

    Alone it shows the shipped scenario.

    \b
    Examples:
      detente show theories
      detente show mechanism conduct
      detente show clock my_crisis
    """
    if ctx.invoked_subcommand is None:
        from detente.report.show import overview

        put(overview(scenario_of(DEFAULT)), json)


@show.command("scenario")
def show_scenario(scenario: Place = DEFAULT, json: Json = False) -> None:
    """What the scenario holds: actors, rivalries, treaties, channels, record, questions."""
    from detente.report.show import overview

    put(overview(scenario_of(scenario)), json)


@show.command("theories")
def show_theories(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The readings, argument first: what each holds, how much it moves, how sure we are that it was said."""
    from detente.report.show import theories

    put(theories(scenario_of(scenario)), json)


@show.command("theory")
def show_theory(name: Annotated[str, typer.Argument(help="Id of a theory.")], scenario: Place = DEFAULT, json: Json = False) -> None:
    """One reading: every range with its claim, its argument and its confidence."""
    from detente.report.show import theory

    found = scenario_of(scenario)
    known("theory", name, found.theories)
    put(theory(found, name), json)


@show.command("policies")
def show_policies(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The packages of measures: proposer, who must sign, whom they bind without a signature, levers, what unravels them."""
    from detente.report.show import policies

    put(policies(scenario_of(scenario)), json)


@show.command("values")
def show_values(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The value profiles: what each counts as acceptable, and who could hold it."""
    from detente.report.show import values

    put(values(scenario_of(scenario)), json)


@show.command("levers")
def show_levers(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The measures a government could announce, each with its counterpart on the other side."""
    from detente.report.show_model import levers

    put(levers(model_of(scenario)), json)


@show.command("parameters")
def show_parameters(scenario: Place = DEFAULT, json: Json = False) -> None:
    """Every unknown number by mechanism: unit, neutral value, baseline range, source, what it raises."""
    from detente.report.show_model import parameters

    put(parameters(model_of(scenario)), json)


@show.command("mechanism")
def show_mechanism(
    name: Annotated[str, typer.Argument(help="Name of a mechanism.")], scenario: Place = DEFAULT, json: Json = False
) -> None:
    """One mechanism: claim, paper, equation, parameters, levers, states, and the readings that move it."""
    from detente.report.show_model import mechanism

    model = model_of(scenario)
    known("mechanism", name, [m.name for m in model.mechanisms])
    put(mechanism(model, name), json)


@show.command("clock")
def show_clock(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The order of a step as a table: what each mechanism reads and writes."""
    from detente.report.show_model import clock

    put(clock(model_of(scenario)), json)


@show.command("wiring")
def show_wiring(
    scenario: Place = DEFAULT,
    json: Json = False,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the wiring as a picture to this file.")] = None,
) -> None:
    """Who feeds whom, and by which states."""
    from detente.report.files import write_text
    from detente.report.show_model import wiring, wiring_svg

    model = model_of(scenario)
    if svg is not None:
        write_text(svg, wiring_svg(model))
    put(wiring(model), json)


@show.command("claims")
def show_claims(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The claims of the discussion and the questions: what in the model serves each."""
    from detente.report.show_claims import claims

    put(claims(scenario_of(scenario)), json)
