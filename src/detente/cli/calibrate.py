"""The verb that holds baseline ranges against data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detente.cli.base import DEFAULT, SCIENCE, Json, Place, app, model_of, put


@app.command(rich_help_panel=SCIENCE)
def calibrate(
    scenario: Place = DEFAULT,
    fresh: Annotated[bool, typer.Option("--fresh", help="Sample everything anew (minutes) instead of showing what was kept.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the samplers, with --fresh.")] = 1,
    write: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the estimates as YAML to this file.")] = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the picture as SVG to this file.")] = None,
    json: Json = False,
) -> None:
    """What two centuries of rivalries, disputes and pacts say of the baseline ranges: estimates, their health, and the ranges in use.

    Exit code 0: in order; 1: a sampler is unhealthy, or the kept estimates are of other data.

    \b
    Examples:
      detente calibrate
      detente calibrate --fresh --write estimates.yaml
    """
    model = model_of(scenario)
    from detente.report.calibrate import Request, calibrate_command

    page, code = calibrate_command(Request(fresh, seed, write, figure), model)
    put(page, json)
    raise typer.Exit(code)
