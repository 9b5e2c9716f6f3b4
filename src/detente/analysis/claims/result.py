"""What a claim returns: tables, numbers with their errors, and a verdict in sentences."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims.words import Sentence
from detente.claims import Claim

SCHEMA = 1


def plain(value: Any) -> Any:
    """Numpy and pandas values as what JSON knows; what is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


@dataclass(frozen=True)
class ClaimResult:
    """``options`` the definition used, ``numbers`` every figure behind the sentences, ``tables`` by name (pandas),
    ``verdict`` sentences with their kind, ``limits`` what the data cannot see, ``sources`` of the data used."""

    id: str
    title: str
    question: str
    said_by: str
    options: Mapping[str, Any]
    seed: int
    numbers: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    verdict: tuple[Sentence, ...]
    limits: tuple[str, ...]
    sources: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain values; tables as lists of rows."""
        return {
            "schema": SCHEMA,
            "claim": self.id,
            "title": self.title,
            "question": self.question,
            "said_by": self.said_by,
            "options": plain(self.options),
            "seed": self.seed,
            "numbers": plain(self.numbers),
            "verdict": [{"kind": s.kind, "text": s.text} for s in self.verdict],
            "limits": list(self.limits),
            "sources": list(self.sources),
            "tables": {name: [plain(row) for row in table.to_dict("records")] for name, table in self.tables.items()},
        }

    def to_json(self) -> str:
        """``to_dict`` as JSON text; the same inputs and seed give the same text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False)


def result(
    claim: Claim,
    options: Mapping[str, Any],
    seed: int,
    numbers: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    sentences: tuple[Sentence, ...],
) -> ClaimResult:
    """Bind what was computed to the claim it answers."""
    sources = tuple(f"{row['table']}: {row['source']}" for row in claim.spec["data"])
    return ClaimResult(
        claim.id,
        claim.title,
        claim.question,
        claim.said_by,
        dict(options),
        seed,
        dict(numbers),
        dict(tables),
        sentences,
        tuple(claim.spec["limits"]),
        sources,
    )
