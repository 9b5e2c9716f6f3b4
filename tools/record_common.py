"""What the measured series share: states by group, a row of measures.csv, shares and log-odds, quarters."""

from __future__ import annotations

import math
from typing import Any

Row = dict[str, Any]
YEARS = range(1991, 2022)
GROUPS = {
    "rus": ("RUS",),
    "usa": ("USA",),
    "west": ("FRA", "DEU", "ITA", "ESP", "NLD", "BEL", "PRT", "GRC", "DNK", "NOR", "GBR", "CAN"),
    "central": ("POL", "CZE", "SVK", "HUN", "ROU", "BGR"),
    "balt": ("EST", "LVA", "LTU"),
    "nord": ("FIN", "SWE"),
    "tur": ("TUR",),
    "chn": ("CHN",),
    "pac": ("JPN", "KOR", "AUS"),
    "ukr": ("UKR",),
    "geo": ("GEO",),
}


def row(
    series: str, date: str, item: str, value: float, error: float | None = None, confidence: str = "high", source: str = "", note: str = ""
) -> Row:
    """One row of measures.csv; values carry five significant digits."""
    shown = "" if error is None else f"{error:.3g}"
    return {
        "series": series,
        "date": date,
        "item": item,
        "value": f"{value:.5g}",
        "error": shown,
        "confidence": confidence,
        "source": source,
        "note": note,
    }


def number(cell: str) -> float | None:
    """A cell as a number; None when empty."""
    return float(cell) if cell else None


def logit(share: float) -> float:
    """Log-odds of a share, kept off 0 and 1."""
    share = min(max(share, 0.02), 0.98)
    return math.log(share / (1 - share))


def expit(x: float) -> float:
    """Share of log-odds."""
    return 1 / (1 + math.exp(-x))


def quarter(date: str) -> str:
    """First day of a date's quarter."""
    return f"{date[:4]}-{3 * ((int(date[5:7]) - 1) // 3) + 1:02d}-01"
