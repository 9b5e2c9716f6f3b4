"""What all verbs share: the program, its options, how a page is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

if TYPE_CHECKING:
    from detente.report.blocks import Page

DEFAULT = "euro_atlantic"
ORDER = BEGIN, ANSWER, RECORD, SCIENCE, ROOM, PAGES = "Begin", "Answer", "Record", "Science", "Room", "Pages"
EPILOG = "Exit codes: 0 done; 1 the answer is no (a check); 2 bad input; 130 stopped by Ctrl-C."


class Verbs(typer.core.TyperGroup):
    """Help in plain text, verbs under their headings: rich's boxes would take longer to import than to read."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the verbs, a section per group."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            panel = getattr(command, "rich_help_panel", None)
            sections.setdefault(panel if isinstance(panel, str) else PAGES, []).append((name, command.get_short_help_str(200)))
        for title, rows in sorted(sections.items(), key=lambda s: ORDER.index(s[0])):
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


def scenario_of(place: str) -> Any:
    """A scenario by name or folder."""
    from detente.scenario import load

    return load(place)


def model_of(place: str) -> Any:
    """A scenario composed, JAX made ready."""
    from detente.engine.setup import prepare

    prepare()
    from detente.report.load import model

    return model(place)


def known(kind: str, name: str, names: Any) -> None:
    """Raise ScenarioError with the nearest name where there is none of this name."""
    if name not in names:
        from detente.scenario.errors import ScenarioError, unknown

        raise ScenarioError(unknown(kind, name, names))


def put(page: Page, json: bool) -> None:
    """Print a page: tables, or its figures as JSON."""
    from detente.report import blocks

    blocks.put(page, json)


def tell(data: dict[str, Any], text: str, json: bool) -> None:
    """Print a sentence, or its figures as JSON."""
    from detente.report.blocks import to_json

    typer.echo(to_json(data) if json else text)
