"""Libraries that only claims need, imported when used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class MissingExtra(ImportError):
    """A library of the extra ``claims`` is not installed; the message is one sentence with the install command."""


def need(module: str) -> ModuleType:
    """Import ``module``; MissingExtra names the extra that brings it."""
    try:
        return import_module(module)
    except ImportError as err:
        name = module.split(".")[0]
        raise MissingExtra(f"this claim needs the library {name}: install it with  pip install 'detente[claims]'") from err
