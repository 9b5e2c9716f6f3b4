"""The verbs that answer: run the job, compare, look into what the answers hang on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import ANSWER, DEFAULT, Json, Place, app


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
    whole: Annotated[
        bool, typer.Option("--whole", help="The report with fit over time, cruxes and signposts too; takes minutes the first time.")
    ] = False,
    json: Json = False,
) -> None:
    """The main job: learn from the record under each theory, project each package, answer the questions side by side.

    Each theory's answers are printed as soon as they are there.

    \b
    Examples:
      detente run
      detente run --whole --out for_the_room
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
        whole,
    )
    raise typer.Exit(run_and_report(request))
