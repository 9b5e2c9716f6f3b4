"""The command line: verbs, no logic. What a verb needs is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from typing import NoReturn

from detente.cli import (  # noqa: F401 — a verb joins the program where it is defined
    answer,
    begin,
    calibrate,
    compare,
    conditions,
    crux,
    explain,
    explore,
    placebo,
    posterior,
    room,
    science,
    score,
    search,
    watch,
    weigh,
)
from detente.cli.base import app


def main() -> NoReturn:
    """The program `detente`: runs a verb, turns what goes wrong into one sentence on stderr and an exit code."""
    from detente.report.ending import exit_code

    sys.exit(exit_code(app))
