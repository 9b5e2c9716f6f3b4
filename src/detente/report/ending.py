"""How the program ends: an exit code, and one sentence on stderr for what went wrong."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

USAGE: tuple[type[Exception], ...] = (typer.BadParameter.__mro__[2],)
"""What typer raises for a bad option or argument."""
BAD_INPUT = ("ScenarioError", "CompositionError", "InputError")
TRACEBACK = "DETENTE_TRACEBACK"


def exit_code(app: typer.Typer) -> int:
    """Run the program; what goes wrong becomes one sentence on stderr and an exit code."""
    try:
        found = app(prog_name="detente", standalone_mode=False)
        sys.stdout.flush()
        return found if isinstance(found, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return say("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except USAGE as error:
        return say(_usage(error), 2)
    except (OSError, MemoryError, ImportError) as error:
        return say(_system(error), 2)
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        if type(error).__name__ in BAD_INPUT:
            return say(_sentences(error), 2)
        return say(f"a fault of this program: {type(error).__name__}: {error} ({TRACEBACK}=1 shows where)", 70)


def _sentences(error: Any) -> str:
    more = len(getattr(error, "more", ()))
    tail = f" (and {more} more; `detente check` lists all)" if more else ""
    return f"{error}{tail}"


def _usage(error: Any) -> str:
    message = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{message[:1].lower()}{message[1:]}" + (f"; `{context.command_path} --help` explains" if context else "")


def _system(error: Exception) -> str:
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{(error.strerror or str(error)).lower()}"
    if isinstance(error, MemoryError):
        return "out of memory; ask for fewer --futures"
    return f"{error}; install what it needs with: pip install 'detente[all]'"


def say(sentence: str, code: int = 0) -> int:
    """One sentence on stderr, never on stdout, which is the same in every run; gives the code back."""
    sys.stderr.write(f"detente: {' '.join(sentence.split())}\n")
    sys.stderr.flush()
    return code
