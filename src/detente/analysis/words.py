"""Shares into natural frequencies for the answers: whole futures in a hundred, a range, and *too few to say*."""

from __future__ import annotations

import math
from collections.abc import Iterable

from detente.analysis.claims.words import in_hundred

FEWEST = 10
TOO_FEW = "too few to say"


def hundred(share: float) -> str:
    """`6`, `fewer than 1`, `more than 99`, `unknown`."""
    return in_hundred(share)


def about(share: float) -> str:
    """`about 6`, `fewer than 1`."""
    word = hundred(share)
    return f"about {word}" if word.isdigit() else word


def frequency(
    share: float, low: float = math.nan, high: float = math.nan, over: str = "", hits: int | None = None, error: float = 0.0
) -> str:
    """`about 6 in 100 futures (2 to 15 across readings)`; `fewer than 1` where two errors say so; `too few to say` below ten hits.

    `over` names what the range runs across. A low-noise estimate may be known to be small though nobody was hit: that is said first.
    """
    if not math.isfinite(share):
        return "unknown"
    if share + 2 * error < 0.01:
        text = "fewer than 1 in 100 futures"
    elif hits is not None and hits < FEWEST:
        return TOO_FEW
    else:
        text = f"{about(share)} in 100 futures"
    if math.isfinite(low) and math.isfinite(high) and hundred(low) != hundred(high):
        text += f" ({hundred(low)} to {hundred(high)}{' ' + over if over else ''})"
    return text


def span(low: float, high: float, of: str = "in 100 futures") -> str:
    """`2 to 15 in 100 futures`, or one number where the ends agree."""
    a, b = hundred(low), hundred(high)
    return f"{a} {of}" if a == b else f"{a} to {b} {of}"


def scale(low: float, high: float) -> str:
    """Two ends on a scale of 0 to 1, to hundredths: `0.03 to 0.10`, `under 0.01 to 0.02`; one number where they agree."""
    a, b = ("unknown" if not math.isfinite(x) else "under 0.01" if 0.0 < x < 0.005 else f"{x:.2f}".replace("-", "−") for x in (low, high))
    return a if a == b else f"{a} to {b}"


def listing(names: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    items = list(names)
    return "".join(items) if len(items) < 2 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def year_quarter(year: float) -> str:
    """`early 2024`, `mid-2024`, `late 2024`: no finer than that."""
    part = year - math.floor(year)
    return f"{'early ' if part < 0.25 else 'mid-' if part < 0.75 else 'late '}{math.floor(year)}"
