"""The verb of the room: the live page."""

from __future__ import annotations

from typing import Annotated

import typer

from detente.cli.base import DEFAULT, ROOM, Place
from detente.cli.base import app as program


@program.command(rich_help_panel=ROOM)
def app(
    scenario: Place = DEFAULT,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 8731,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address and open nothing.")] = False,
    futures: Annotated[int, typer.Option(min=32, help="Futures per theory at full sharpness.")] = 1000,
) -> None:
    """The live page: change an assumption in front of a room and see the consequence before the sentence ends.

    It answers on this machine's loopback address only, and needs no network. Ctrl-C ends it.

    \b
    Examples:
      detente app
      detente app --no-browser --port 9000
    """
    from detente.app.serve import serve

    raise typer.Exit(serve(scenario, port, not no_browser, futures))
