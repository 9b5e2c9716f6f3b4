"""The command line: verbs, no logic. What a verb needs is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
import typer.core

if TYPE_CHECKING:
    from detente.report.blocks import Page

DEFAULT = "euro_atlantic"
BEGIN, ANSWER, SCIENCE = "Begin", "Answer", "Science"
EPILOG = "Exit codes: 0 done; 1 the answer is no (a check); 2 bad input; 130 stopped by Ctrl-C."


class Verbs(typer.core.TyperGroup):
    """Help in plain text, verbs under their headings: rich's boxes would take longer to import than to read."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the verbs, a section per group."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            panel = getattr(command, "rich_help_panel", None)
            sections.setdefault(panel if isinstance(panel, str) else "Pages", []).append((name, command.get_short_help_str(200)))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)


app = typer.Typer(
    name="detente",
    cls=Verbs,
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EPILOG,
)
show = typer.Typer(cls=Verbs, no_args_is_help=False, rich_markup_mode=None, epilog="Each page takes the name or folder of a scenario last.")
app.add_typer(show, name="show", rich_help_panel=BEGIN)

Json = Annotated[bool, typer.Option("--json", help="Full figures as JSON on stdout; no times and no paths.")]
Place = Annotated[str, typer.Argument(help="A shipped scenario's name, or a folder.", show_default=True)]


@app.callback(invoke_without_command=True)
def detente(ctx: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Rival theories of a security system, executable over one shared model and held against one record."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("detente"))
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
    if version:
        raise typer.Exit


# -------------------------------------------------------------------------------------------------------------------------- begin


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
    _tell({"scenario": scenario.id}, f"{folder} holds a small scenario; `detente check {folder}` and `detente run {folder}` take it.", json)


@app.command(rich_help_panel=BEGIN)
def check(folder: Place = DEFAULT, json: Json = False) -> None:
    """Find everything wrong with a scenario: files, links, names, and whether its mechanisms fit together.

    Exit code 0: in order; 1: not, every problem with file, line and field on stdout.

    \b
    Example:
      detente check my_crisis
    """
    from detente.report.load import problems
    from detente.scenario import find

    find(folder)
    found = problems(folder)
    ending = "in order" if not found else f"{len(found)} problem{'s' if len(found) > 1 else ''}"
    lines = [p["sentence"] for p in found]
    _tell({"ok": not found, "problems": found}, "\n".join([*lines, f"{folder}: {ending}"]), json)
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

        _print(overview(_scenario(DEFAULT)), json)


@show.command("scenario")
def show_scenario(scenario: Place = DEFAULT, json: Json = False) -> None:
    """What the scenario holds: actors, rivalries, treaties, channels, record, questions."""
    from detente.report.show import overview

    _print(overview(_scenario(scenario)), json)


@show.command("theories")
def show_theories(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The readings, argument first: what each holds, how much it moves, how sure we are that it was said."""
    from detente.report.show import theories

    _print(theories(_scenario(scenario)), json)


@show.command("theory")
def show_theory(name: Annotated[str, typer.Argument(help="Id of a theory.")], scenario: Place = DEFAULT, json: Json = False) -> None:
    """One reading: every range with its claim, its argument and its confidence."""
    from detente.report.show import theory

    found = _scenario(scenario)
    _known("theory", name, found.theories)
    _print(theory(found, name), json)


@show.command("policies")
def show_policies(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The packages of measures: proposer, who must sign, whom they bind without a signature, levers, what unravels them."""
    from detente.report.show import policies

    _print(policies(_scenario(scenario)), json)


@show.command("values")
def show_values(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The value profiles: what each counts as acceptable, and who could hold it."""
    from detente.report.show import values

    _print(values(_scenario(scenario)), json)


@show.command("levers")
def show_levers(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The measures a government could announce, each with its counterpart on the other side."""
    from detente.report.show_model import levers

    _print(levers(_model(scenario)), json)


@show.command("parameters")
def show_parameters(scenario: Place = DEFAULT, json: Json = False) -> None:
    """Every unknown number by mechanism: unit, neutral value, baseline range, source, what it raises."""
    from detente.report.show_model import parameters

    _print(parameters(_model(scenario)), json)


@show.command("mechanism")
def show_mechanism(
    name: Annotated[str, typer.Argument(help="Name of a mechanism.")], scenario: Place = DEFAULT, json: Json = False
) -> None:
    """One mechanism: claim, paper, equation, parameters, levers, states, and the readings that move it."""
    from detente.report.show_model import mechanism

    model = _model(scenario)
    _known("mechanism", name, [m.name for m in model.mechanisms])
    _print(mechanism(model, name), json)


@show.command("clock")
def show_clock(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The order of a step as a table: what each mechanism reads and writes."""
    from detente.report.show_model import clock

    _print(clock(_model(scenario)), json)


@show.command("wiring")
def show_wiring(
    scenario: Place = DEFAULT,
    json: Json = False,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the wiring as a picture to this file.")] = None,
) -> None:
    """Who feeds whom, and by which states."""
    from detente.report.files import write_text
    from detente.report.show_model import wiring, wiring_svg

    model = _model(scenario)
    if svg is not None:
        write_text(svg, wiring_svg(model))
    _print(wiring(model), json)


@show.command("claims")
def show_claims(scenario: Place = DEFAULT, json: Json = False) -> None:
    """The claims of the discussion and the questions: what in the model serves each."""
    from detente.report.show_claims import claims

    _print(claims(_scenario(scenario)), json)


# ------------------------------------------------------------------------------------------------------------------------- answer


@app.command(rich_help_panel=ANSWER)
def run(
    scenario: Place = DEFAULT,
    futures: Annotated[int, typer.Option(min=2, max=1_000_000, help="Futures per theory and package.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same bits.")] = 1,
    block: Annotated[int, typer.Option(min=1, help="Futures computed at a time; changes the speed, never the answer.")] = 256,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for result.zarr and report.html; made if need be.")] = Path(
        "detente-result"
    ),
    theory: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this theory; may be given again.")] = None,
    policy: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this package, beside no change; may be given again.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Cores to use; all by default.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Learn from the record again instead of taking what was kept.")] = False,
    format: Annotated[
        list[str] | None, typer.Option("--format", metavar="html|md", help="html (default) or md; may be given again.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each picture as SVG, with a text for those who cannot see it.")
    ] = None,
    json: Json = False,
) -> None:
    """The main job: learn from the record under each theory, project each package, answer the questions side by side.

    Each theory's answers are printed as soon as they are there.

    \b
    Examples:
      detente run
      detente run --theory thomson --policy reopen_and_talk --futures 256 --out small
    """
    from detente.report.run import Request, run_and_report

    request = Request(
        scenario,
        futures,
        seed,
        block,
        out,
        tuple(theory or ()),
        tuple(policy or ()),
        workers,
        fresh,
        tuple(format or ("html",)),
        figures,
        json,
    )
    raise typer.Exit(run_and_report(request))


# ------------------------------------------------------------------------------------------------------------------------ science


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
    model = _model(scenario)
    if theory is not None:
        _known("theory", theory, model.scenario.theories)
    from detente.report.history import prior_page

    _print(prior_page(model, model.scenario.theories[theory] if theory else None, futures, seed), json)


# ------------------------------------------------------------------------------------------------------------------------- helpers


def _scenario(place: str) -> Any:
    from detente.scenario import load

    return load(place)


def _model(place: str) -> Any:
    from detente.engine.setup import prepare

    prepare()
    from detente.report.load import model

    return model(place)


def _known(kind: str, name: str, names: Any) -> None:
    if name not in names:
        from detente.scenario.errors import ScenarioError, unknown

        raise ScenarioError(unknown(kind, name, names))


def _print(page: Page, json: bool) -> None:
    from detente.report.blocks import to_json, to_terminal

    if json:
        typer.echo(to_json(page.data))
        return
    from rich.console import Console

    to_terminal(page, Console())


def _tell(data: dict[str, Any], text: str, json: bool) -> None:
    from detente.report.blocks import to_json

    typer.echo(to_json(data) if json else text)


def main() -> NoReturn:
    """The program `detente`: runs a verb, turns what goes wrong into one sentence on stderr and an exit code."""
    from detente.report.ending import exit_code

    sys.exit(exit_code(app))


if __name__ == "__main__":
    main()
