"""What was learnt, kept: a posterior is read from the cache when nothing that matters has changed.

The key covers the sources of mechanisms and engine, the table of unknowns with its ranges, the record's arrays, the sampler's settings and seed,
JAX's version and the number type. Labels, notes and arguments are not in it.
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import jax
import numpy as np

from detente.engine.assimilate import Posterior, Progress, Settings, assimilate
from detente.engine.record import Record
from detente.engine.setup import cache_dir
from detente.engine.simulate import Runner
from detente.engine.step import record_inputs


@cache
def _sources() -> bytes:
    """Digest of the texts that turn ranges and record into a posterior."""
    root = Path(__file__).resolve().parent.parent
    whole = hashlib.sha256()
    for part in ("contract.py", "mechanisms/*.py", "engine/*.py"):
        for file in sorted(root.glob(part)):
            whole.update(meaning(file.read_text(encoding="utf-8")).encode())
    return whole.digest()


ABOUT = frozenset(["source", "disputed", "claims"])
"""What a declaration says about a parameter beside its range."""


def meaning(source: str) -> str:
    """A program's text without comments, docstrings, layout and the sources of its parameters: what of it can change a result."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords = [k for k in node.keywords if k.arg not in ABOUT]
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    return ast.dump(tree)


def posterior_key(runner: Runner, ranges: np.ndarray, record: Record, settings: Settings, seed: int, start: str = "") -> str:
    """Digest of all that a posterior depends on."""
    model = runner.model
    whole = hashlib.sha256(_sources())
    whole.update(json.dumps([[r.name, r.low, r.high, r.log] for r in model.rows]).encode())
    whole.update(json.dumps([m.name for m in model.mechanisms]).encode())
    whole.update(np.ascontiguousarray(ranges, np.float64).tobytes())
    for name, value in sorted(model.world.constants.items()):
        whole.update(name.encode())
        parts: list[Any] = value if isinstance(value, list) else [value]
        for part in parts:
            whole.update(np.ascontiguousarray(part).tobytes())
    for name, start_value in sorted(model.start.items()):
        whole.update(
            name.encode() + (start_value.encode() if isinstance(start_value, str) else np.ascontiguousarray(start_value).tobytes())
        )
    for leaf in jax.tree.leaves(record_inputs(record)):
        whole.update(np.ascontiguousarray(leaf).tobytes())
    whole.update(json.dumps([vars(settings), seed, start, jax.__version__, "float32"], sort_keys=True).encode())
    return whole.hexdigest()


def load_or_assimilate(
    runner: Runner,
    theory: Any | None,
    record: Record,
    settings: Settings | None = None,
    seed: int = 1,
    folder: Path | None = None,
    progress: Progress | None = None,
    ranges: np.ndarray | None = None,
    fresh: bool = False,
) -> Posterior:
    """Posterior of a theory, from the cache where it stands there. The baseline is learnt first, and every theory from there.

    `ranges` [row, 3] overrides the theory's; `fresh` learns again and overwrites. `folder` defaults to the user's cache folder.
    """
    settings = settings or Settings()
    folder = folder or cache_dir() / "posteriors"
    base = runner.model.ranges(None)
    limits = runner.model.ranges(theory) if ranges is None else ranges
    start_key = posterior_key(runner, base, record, settings, seed)
    same = bool(np.array_equal(limits, base))
    key = start_key if same else posterior_key(runner, limits, record, settings, seed, start_key)
    file = folder / f"{key}.npz"
    if not fresh and (kept := _read(file)) is not None:
        return kept
    start = None if same else load_or_assimilate(runner, None, record, settings, seed, folder, progress)
    learnt = assimilate(runner, theory, record, settings, seed, progress, limits, start)
    _write(file, learnt)
    return learnt


ARRAYS = ("z", "theta", "luck", "log_likelihood", "ancestor", "ranges")


def _write(file: Path, posterior: Posterior) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".part.npz")
    meta = json.dumps({k: getattr(posterior, k) for k in ("log_evidence", "log_evidence_error", "health")})
    arrays = {name: getattr(posterior, name) for name in ARRAYS} | {f"state/{k}": v for k, v in posterior.state.items()}
    np.savez(half, meta=np.array(meta), **arrays)
    half.replace(file)


def _read(file: Path) -> Posterior | None:
    """A kept posterior; None where there is none, or where the file is not whole."""
    if not file.is_file():
        return None
    try:
        with np.load(file, allow_pickle=False) as data:
            meta = json.loads(str(data["meta"]))
            state = {k.removeprefix("state/"): data[k] for k in data.files if k.startswith("state/")}
            return Posterior(**{name: data[name] for name in ARRAYS}, state=state, **meta)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
