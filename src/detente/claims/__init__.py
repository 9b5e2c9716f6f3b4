"""Claims about history as data: one folder a claim, and the tables they are answered from.

A claim folder holds ``claim.yaml``: question, data, definition with its alternatives, estimator, sensitivity and the
sentences of the verdict as templates. This module is the only place that reads those files; it estimates nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

HERE = Path(__file__).parent
KEYS = ("id", "order", "title", "question", "said_by", "data", "definition", "estimator", "sensitivity", "limits", "verdict")


class ClaimError(ValueError):
    """Bad input to a claim, in one sentence: what, where, what was expected, nearest right name."""


@dataclass(frozen=True)
class Claim:
    """One claim as read from its folder; ``spec`` is the whole file, read-only."""

    id: str
    title: str
    question: str
    said_by: str
    folder: Path
    spec: Mapping[str, Any]


def nearest(word: str, names: list[str]) -> str:
    """Closing half of an error sentence: the nearest right name, else all of them."""
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"expected one of: {', '.join(names)}"


def read_yaml(path: Path) -> dict[str, Any]:
    """Read one YAML file as a mapping; ClaimError names file and line when it cannot be read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise ClaimError(f"{path.name}: cannot be read ({err.strerror})") from None
    except MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else "?"
        raise ClaimError(f"{path.parent.name}/{path.name}, line {line}: not valid YAML ({err.problem})") from None
    if not isinstance(found, dict):
        raise ClaimError(f"{path.parent.name}/{path.name}: expected fields (question, data, …), found {type(found).__name__}")
    return found


def read_claim(folder: Path) -> Claim:
    """Read and check one claim folder. Raises ClaimError for a missing or unknown field."""
    spec = read_yaml(folder / "claim.yaml")
    where = f"{folder.name}/claim.yaml"
    for key in KEYS:
        if key not in spec:
            raise ClaimError(f"{where}: the field '{key}' is missing")
    for key in spec:
        if key not in KEYS:
            raise ClaimError(f"{where}: unknown field '{key}'; {nearest(str(key), list(KEYS))}")
    if spec["id"] != folder.name:
        raise ClaimError(f"{where}: field 'id' is '{spec['id']}', expected the folder's name '{folder.name}'")
    return Claim(spec["id"], spec["title"], spec["question"], spec["said_by"], folder, MappingProxyType(spec))


@lru_cache(maxsize=1)
def all_claims() -> tuple[Claim, ...]:
    """Every shipped claim, in the order the files state."""
    found = [read_claim(path.parent) for path in sorted(HERE.glob("*/claim.yaml"))]
    return tuple(sorted(found, key=lambda claim: (claim.spec["order"], claim.id)))


def get_claim(claim_id: str) -> Claim:
    """The claim of that id; ClaimError with the nearest right name otherwise."""
    claims = {claim.id: claim for claim in all_claims()}
    if claim_id not in claims:
        raise ClaimError(f"no claim is called '{claim_id}'; {nearest(claim_id, list(claims))}")
    return claims[claim_id]


@lru_cache(maxsize=32)
def _table(name: str) -> pd.DataFrame:
    path = HERE / "data" / name
    if not path.exists():
        names = sorted(p.name for p in (HERE / "data").glob("*.csv*"))
        raise ClaimError(f"no data table is called '{name}'; {nearest(name, names)}")
    return pd.read_csv(path)


def table(name: str) -> pd.DataFrame:
    """A fresh copy of one shipped table; sources and licences stand in ``data/README.md``."""
    return _table(name).copy()
