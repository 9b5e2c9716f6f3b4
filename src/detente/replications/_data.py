"""Published tables that lie beside the papers as CSV, with their source in each row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "data"


def table(name: str) -> dict[str, list[Any]]:
    """Columns of `data/NAME.csv`; numbers as float, the source left out."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [_value(row[column]) for row in rows] for column in rows[0] if column != "source"}


def _value(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
