"""Begin a scenario: a small one, commented, that loads and runs."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from .base import ID
from .errors import ScenarioError, quote

TEMPLATE = Path(__file__).resolve().parent / "template"


def new(folder: str | os.PathLike[str]) -> Path:
    """Write a small scenario into a folder that does not exist yet, or is empty; its id is the folder's name. Returns the folder.

    Raises ScenarioError when the name cannot be an id or something is there already; then nothing is written.
    """
    place = Path(folder)
    name = re.sub(r"[\s-]+", "_", place.name.strip().lower())
    if not re.fullmatch(ID, name) or len(name) > 40:
        raise ScenarioError(
            f"expected a folder's name of small letters, digits, - and _ that begins with a letter, found {quote(place.name)}"
        )
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise ScenarioError(f"{quote(str(place))} exists already; expected a new or empty folder")
        shutil.copytree(TEMPLATE, place, dirs_exist_ok=True, copy_function=shutil.copyfile)
        first = place / "scenario.yaml"
        first.write_text(first.read_text(encoding="utf-8").replace("\nid: small\n", f"\nid: {name}\n", 1), encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "bad name"
        raise ScenarioError(f"{quote(str(place))} cannot be written ({reason})") from None
    return place
