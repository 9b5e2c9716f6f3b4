"""Answers that are shipped: a report shows what a claim found without answering it again, and says so when the data have changed since."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from detente.analysis.claims.result import ClaimResult
from detente.analysis.claims.words import Sentence
from detente.claims import HERE, get_claim
from detente.engine.cache import meaning

FILE = "answer.json.gz"


def answer_digest(claim_id: str) -> str:
    """Digest of what an answer comes from: the claim's file, its tables, and the program's text without comments."""
    claim = get_claim(claim_id)
    whole = hashlib.sha256((claim.folder / "claim.yaml").read_bytes())
    for row in claim.spec["data"]:
        whole.update((HERE / "data" / row["table"]).read_bytes())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.name not in ("kept.py", "estimate.py"):
            whole.update(meaning(file.read_text(encoding="utf-8")).encode())
    return whole.hexdigest()[:16]


def keep_answer(result: ClaimResult) -> Path:
    """Write an answer into its claim's folder; the same answer gives the same bytes."""
    path = get_claim(result.id).folder / FILE
    text = json.dumps(result.to_dict() | {"digest": answer_digest(result.id)}, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def kept_answer(claim_id: str) -> tuple[ClaimResult, bool] | None:
    """(answer as shipped, is it of these data and this program); None where none is shipped. Raises ClaimError for an unknown claim."""
    path = get_claim(claim_id).folder / FILE
    if not path.is_file():
        return None
    data = json.loads(gzip.decompress(path.read_bytes()))
    return _result(data), data["digest"] == answer_digest(claim_id)


def _result(data: dict[str, Any]) -> ClaimResult:
    kept = ("title", "question", "said_by", "options", "seed", "numbers")
    return ClaimResult(
        id=data["claim"],
        **{name: data[name] for name in kept},
        tables={name: pd.DataFrame(rows) for name, rows in data["tables"].items()},
        verdict=tuple(Sentence(s["kind"], s["text"]) for s in data["verdict"]),
        limits=tuple(data["limits"]),
        sources=tuple(data["sources"]),
    )
