"""The program in the process of a test."""

import sys

import pytest

from detente import cli


def inside(capsys, *words: str) -> tuple[int, str, str]:
    """The program in this process: exit code, stdout, stderr."""
    old, sys.argv = sys.argv, ["detente", *words]
    try:
        with pytest.raises(SystemExit) as stop:
            cli.main()
    finally:
        sys.argv = old
    out = capsys.readouterr()
    return int(stop.value.code), out.out, out.err
