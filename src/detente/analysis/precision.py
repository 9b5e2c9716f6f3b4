"""Double precision for the mechanisms' pure functions: estimates and published numbers of ten digits cannot be met in float32."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

import jax


def double() -> AbstractContextManager[Any]:
    """A block in which JAX computes in float64 (the engine itself stays in float32)."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    return import_module("jax.experimental").enable_x64()  # JAX before 0.8
