"""`detente show claims`: each claim of the discussion and each question, with what in the model serves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from detente.report.blocks import Grid, Page
from detente.scenario import Scenario, ScenarioError
from detente.scenario.read import read_yaml

FILE = "claims.yaml"
SERVES = ("mechanisms", "parameters", "levers", "theories", "outcomes", "policies")
NEEDED = {"claim": ("mechanisms", "outcomes", "theories", "tests"), "question": ("mechanisms", "outcomes", "tests")}


def read_claims(scenario: Scenario) -> tuple[dict[str, Any], ...]:
    """Rows of the scenario's claims.yaml. Raises ScenarioError when there is none."""
    path = scenario.origin.folder / FILE
    if not path.exists():
        raise ScenarioError(f"the scenario {scenario.id} has no list of claims", FILE)
    return _rows(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _rows(path: Path, stamp: int) -> tuple[dict[str, Any], ...]:
    """The file's rows, read once for each time it was changed."""
    rows = read_yaml(path, FILE).value.get("rows", ())
    return tuple({k: list(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in rows)


def claims(scenario: Scenario) -> Page:
    """One row per claim: its words (ours), who said it, what runs for it."""
    rows = read_claims(scenario)
    body = tuple(
        (
            row["id"],
            saying(row),
            ", ".join(row.get("mechanisms", ())),
            ", ".join((*row.get("parameters", ()), *row.get("levers", ()))),
            ", ".join(row.get("theories", ())),
            ", ".join(row.get("outcomes", ())),
            str(len(row.get("tests", ()))),
        )
        for row in rows
    )
    columns = ("id", "claim, in our words", "mechanisms", "parameters and levers", "theories", "outcomes", "tests")
    note = "A reading of a report, not a portrait of a person; no speaker has reviewed it. `--json` names the tests."
    data = {"scenario": scenario.id, "claims": rows}
    return Page(f"Claims and questions of {scenario.title}", (Grid("", columns, body, note=note),), data)


def saying(row: Mapping[str, Any]) -> str:
    """A claim with who said it, in one sentence."""
    text, by = row["text"], row.get("said_by")
    return f"{text.rstrip('.')} (said by {by})" if by else text


def unserved(scenario: Scenario, vocabulary: Mapping[str, Any], root: Path | None = None) -> list[str]:
    """What is wrong with the list, as sentences: a claim that nothing serves, a name that does not exist.

    `root` is a checkout: with it, a test that does not exist is told too.
    """
    known = {
        "mechanisms": set(vocabulary["mechanism"]),
        "parameters": set(vocabulary["parameter"]),
        "levers": set(vocabulary["lever"]),
        "outcomes": set(vocabulary["outcome"]),
        "theories": set(scenario.theories),
        "policies": set(scenario.policies),
    }
    found = []
    for row in read_claims(scenario):
        found += [f"{row['id']} has no {kind}" for kind in NEEDED.get(row.get("kind", "claim"), ()) if not row.get(kind)]
        for kind in SERVES:
            strangers = [name for name in row.get(kind, ()) if name not in known[kind]]
            found += [f"{row['id']}: {kind} has no {name!r}" for name in strangers]
        if root is not None:
            found += [f"{row['id']}: there is no test {test}" for test in row.get("tests", ()) if not _is_test(root, test)]
    return found


def _is_test(root: Path, name: str) -> bool:
    file, _, function = name.partition("::")
    path = root / file
    return path.is_file() and (not function or re.search(rf"^def {re.escape(function)}\(", path.read_text(), re.MULTILINE) is not None)
