"""What must be set before JAX is imported: one host device per core, and a cache of compiled programs in the user's cache folder."""

from __future__ import annotations

import os
import platform
import sys
import zlib
from pathlib import Path

FLAG = "--xla_force_host_platform_device_count"


def cache_dir() -> Path:
    """Folder for what may be deleted at any time: $XDG_CACHE_HOME/detente, or the system's usual place."""
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "detente"
    if os.name == "nt" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "detente" / "cache"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "detente"


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare(workers: int | None = None) -> None:
    """Set JAX's environment: host devices (one per core, eight at most), compilation cache, CPU. What the user has set already stays.

    `workers` limits the devices that are used. Without effect on a JAX that is imported already, except for `workers`.
    """
    if workers is not None:
        os.environ["DETENTE_WORKERS"] = str(workers)
    flags = os.environ.get("XLA_FLAGS", "")
    if FLAG not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {FLAG}={max(workers or 1, min(cores(), 8))}".strip()
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache_dir() / "jax" / _processor()))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")


def _processor() -> str:
    """Names the kind of processor: a program compiled for one may not run on another that shares the home folder."""
    kind = platform.machine() or "cpu"
    try:
        features = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith(("flags", "Features")))
    except (OSError, StopIteration):
        return kind
    return f"{kind}-{zlib.crc32(features.encode()):08x}"
