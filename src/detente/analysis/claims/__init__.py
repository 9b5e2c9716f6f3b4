"""Claims about history, tested on shipped data: ``list_claims`` says which, ``run_claim`` answers one."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from detente.analysis.claims.result import ClaimResult
from detente.claims import Claim, ClaimError, all_claims, get_claim

__all__ = ["ClaimError", "ClaimResult", "list_claims", "run_claim"]


def list_claims() -> tuple[Claim, ...]:
    """Every claim this data can answer, in the order of their files."""
    return all_claims()


def _one_thread() -> AbstractContextManager[Any]:
    """Small matrices are slower on several threads than on one, and much slower on a busy machine."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(1)


def run_claim(claim_id: str, seed: int = 2021, **options: Any) -> ClaimResult:
    """Answer one claim. ``options`` change its definition (see its ``claim.yaml``); ``seed`` drives resampling only.

    Raises ClaimError for an unknown claim, option or value, MissingExtra when a statistics library is not installed.
    """
    claim = get_claim(claim_id)
    room = import_module(f"detente.analysis.claims.{claim.id}")
    with _one_thread():
        return room.run(claim, seed, options)
