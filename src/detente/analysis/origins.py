"""Hindcasts from many dates, kept one file a date: a long study that goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis.hindcast import Progress, hindcast
from detente.analysis.support import together
from detente.engine.cache import meaning
from detente.engine.compose import compose
from detente.engine.simulate import Runner
from detente.scenario import Scenario, ScenarioError, digest

DIGITS = 5
SOURCES = ("contract.py", "mechanisms/*.py", "engine/*.py", "analysis/hindcast.py", "analysis/observables.py", "analysis/references.py")


def rolling(
    scenario: Scenario,
    years: Sequence[int],
    theories: Sequence[str] | None = None,
    particles: int = 512,
    futures: int = 1000,
    seed: int = 1,
    ahead: int | None = 5,
    effort: float = 1.0,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Hindcasts from the end of each year, joined (`support.together`). `folder`: each is kept there, and read again where nothing it depends on changed."""
    whole: Runner | None = None
    parts = []
    for year in years:
        stamp = stamped(scenario, year, theories, particles, futures, seed, ahead, effort)
        file = None if folder is None else folder / f"until_{year}.json"
        kept = None if file is None else read(file, stamp)
        if kept is None:
            whole = whole or Runner(compose(scenario))
            kept = hindcast(scenario, year, theories, particles, futures, seed, ahead, effort, whole, progress=progress)
            if file is not None:
                write(file, kept, stamp)
        parts.append(kept)
    return together(parts)


def stamped(scenario: Scenario, *asked: Any) -> str:
    """Digest of all that a hindcast depends on: ranges, record, the meaning of the programs, and what was asked."""
    pieces = digest.pieces(scenario)
    wanted = [pieces["structure"], pieces["record"], *(pieces[f"theory:{name}"] for name in scenario.theories)]
    whole = hashlib.sha256(json.dumps([wanted, asked]).encode())
    root = Path(__file__).resolve().parent.parent
    for part in SOURCES:
        for file in sorted(root.glob(part)):
            whole.update(meaning(file.read_text(encoding="utf-8")).encode())
    return whole.hexdigest()


def write(file: Path, ds: xr.Dataset, stamp: str) -> None:
    """A hindcast as JSON, a value per line of its kind, to five significant digits; whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    parts = {name: {"dims": list(v.dims), "values": _plain(v.values)} for name, v in ds.variables.items()}
    half = file.with_suffix(".part")
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(part, separators=(',', ':'))}" for name, part in parts.items())
    half.write_text(f'{{"stamp": "{stamp}",\n"attrs": {json.dumps(ds.attrs)},\n"variables": {{\n{lines}\n}}}}\n', encoding="utf-8")
    half.replace(file)


def read(file: Path, stamp: str | None = None) -> xr.Dataset | None:
    """A kept hindcast; None where there is none, or where it is of another stamp. Raises ScenarioError on a file of something else."""
    if not file.is_file():
        return None
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if stamp is not None and kept["stamp"] != stamp:
            return None
        found = {}
        for name, part in kept["variables"].items():
            found[name] = (part["dims"], np.array(part["values"], object if name in WORDS else int if name in COUNTS else float))
        coords = [n for n in found if n in COORDS]
        return xr.Dataset({n: v for n, v in found.items() if n not in coords}, {n: found[n] for n in coords}, kept["attrs"])
    except (ValueError, KeyError, TypeError) as error:
        raise ScenarioError(f"expected a hindcast that was kept here, found something else ({type(error).__name__})", file.name) from None


WORDS = frozenset("forecaster theory kind element series item".split())
COUNTS = frozenset("origin year point_origin families".split())
COORDS = (WORDS | COUNTS | {"time"}) - {"families"}


def _plain(values: np.ndarray) -> Any:
    if values.dtype == object:
        return [str(v) for v in values]
    if values.dtype.kind in "iu":
        return values.tolist()
    return json.loads(json.dumps(_rounded(values.tolist())))


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
