"""The command line: verbs, no logic. What a verb needs is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

from detente.cli.base import app

ROOMS = (
    "answer",
    "begin",
    "calibrate",
    "compare",
    "conditions",
    "crux",
    "explain",
    "explore",
    "placebo",
    "posterior",
    "room",
    "science",
    "score",
    "search",
    "watch",
    "weigh",
)
for room in ROOMS:  # a verb joins the program where it is defined
    import_module(f"detente.cli.{room}")


def main() -> NoReturn:
    """The program `detente`: runs a verb, turns what goes wrong into one sentence on stderr and an exit code."""
    from detente.report.ending import exit_code

    sys.exit(exit_code(app))
