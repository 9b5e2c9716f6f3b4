"""The speakers' names, so that a page can be read without them: the arguments stay, and whose remarks they read is covered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from detente.report.show_claims import read_claims
from detente.scenario import Scenario, ScenarioError

COVER = "one of the speakers"
"""What stands in a name's place."""


def surnames(scenario: Scenario) -> tuple[str, ...]:
    """Surnames of those whom the list of claims quotes; none where the scenario has no such list."""
    try:
        said = dict.fromkeys(str(row.get("said_by", "")) for row in read_claims(scenario))
    except ScenarioError:
        return ()
    return tuple(name for name in said if re.fullmatch(r"[^\W\d_a-z][\w'’-]+", name))


def covered(markup: str, names: Sequence[str]) -> str:
    """Escaped text or markup in which each name, with its initials, is in a place of its own that a style can cover."""
    if not names:
        return markup
    pattern = rf"(?<![\w#/-])(?:[A-Z]\. ?)*(?:{'|'.join(map(re.escape, names))})\b(?![^<]*>)"
    return re.sub(pattern, lambda m: f'<span class="name" data-cover="{escape(COVER)}">{m.group()}</span>', markup)
