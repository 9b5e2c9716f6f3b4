"""Numbers into words that can stand on a wall, and a reader that finds words and numbers which cannot."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date

WHAT_A_FIGURE_IS = (
    "The share of simulated futures in which something happens if a stated reading and its assumed ranges were true. It is not the "
    "probability that it will happen. Most ranges are assumed; the record informs few of them."
)
TOO_FEW = "too few to say"
NEARLY_ALL = "nearly all"
"""Fewer than ten futures in which it does *not* happen: no figure either."""
UNSETTLED = "not settled"
"""The simulation's own error is as large as the figure."""
NO_DIFFERENCE = "not told apart"
FEWEST_HITS = 10


def foot(as_of: date | str) -> str:
    """The line under every page, figure and export."""
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return (
        f"Share of simulated futures under a stated reading, record to {day.day} {day:%B} {day.year}. Not a forecast. "
        "Ranges mostly assumed. Readings ours, not reviewed by the speakers."
    )


def hundredths(share: float) -> str:
    """A share as whole futures in a hundred, without `about`: `6`, `fewer than 1`, `more than 99`, `none`, `all`."""
    if not math.isfinite(share):
        return "unknown"
    if share < 0.01:
        return "fewer than 1"
    if share > 0.99:
        return "more than 99"
    return str(round(100 * share))


def frequency(share: float, low: float | None = None, high: float | None = None, hits: int | None = None, across: str = "") -> str:
    """`about 6 in 100 futures (2 to 15 across readings)`; `too few to say` below ten hits, when the share is a count.

    `low` and `high` are the ends of the range that is shown, `across` what it is taken over.
    """
    if not math.isfinite(share):
        return "unknown"
    if hits is not None and hits < FEWEST_HITS:
        return TOO_FEW if share < 0.5 else f"{NEARLY_ALL} futures"
    middle = hundredths(share)
    text = f"{middle} in 100 futures" if not middle.isdigit() else f"about {middle} in 100 futures"
    return text + _between(low, high, across)


def short(share: float, low: float | None = None, high: float | None = None, hits: int | None = None) -> str:
    """The same for the cell of a table whose head says `in 100 futures`: `6 (2–15)`, `<1 (<1–3)`, `too few to say`."""
    if not math.isfinite(share):
        return "unknown"
    if hits is not None and hits < FEWEST_HITS:
        return TOO_FEW if share < 0.5 else NEARLY_ALL
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return _tight(share)
    ends = [_tight(low), _tight(high)]
    return f"{_tight(share)} (all {ends[0]})" if ends[0] == ends[1] and not ends[0].isdigit() else f"{_tight(share)} ({'–'.join(ends)})"


def _tight(share: float) -> str:
    return hundredths(share).replace("fewer than ", "<").replace("more than ", ">")


def _between(low: float | None, high: float | None, across: str) -> str:
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f" ({hundredths(low)} to {hundredths(high)}{' across ' + across if across else ''})"


def figure(value: float, digits: int = 2) -> str:
    """A number to `digits` significant digits, never in powers of ten: `1.4`, `620`, `0.052`."""
    if not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(places, 0)}f}".replace("-", "−")


def alike(*values: float) -> list[str]:
    """Numbers to the decimals that two significant digits of the largest need: `0.05`, `0.00`, `0.27`."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if largest == 0:
        return ["0" if math.isfinite(v) else "unknown" for v in values]
    places = 1 - math.floor(math.log10(largest))
    return [f"{round(v, places):,.{max(places, 0)}f}".replace("-", "−") if math.isfinite(v) else "unknown" for v in values]


def spread(value: float, low: float, high: float) -> str:
    """A quantity and its range for the cell of a table: `0.38 (0.13–0.75)`."""
    middle, first, last = alike(value, low, high)
    return f"{middle} ({first}–{last})" if value >= 0 <= low else f"{middle} ({first} to {last})"


def amount(value: float, low: float, high: float, unit: str = "") -> str:
    """A quantity with its range and unit: `790 (730 to 860) bn USD of 2019`."""
    middle, first, last = alike(value, low, high)
    return f"{middle} ({first} to {last}){' ' + unit if unit else ''}"


def told_apart(low: float, high: float) -> bool:
    """Does the interval exclude zero?"""
    return math.isfinite(low) and math.isfinite(high) and (low > 0 or high < 0)


def difference(mean: float, low: float, high: float, share: bool = True) -> str:
    """A paired difference: `4 fewer in 100 futures (2 to 6)`; `not told apart` when its interval holds zero."""
    if not told_apart(low, high):
        return NO_DIFFERENCE
    word = "more" if mean > 0 else "fewer"
    near, far = sorted((abs(low), abs(high)))
    if share:
        ends = "" if max(round(100 * near), round(100 * far)) == 0 else f" ({round(100 * near)} to {round(100 * far)})"
        return f"{hundredths(abs(mean))} {word} in 100 futures{ends}"
    return f"{figure(abs(mean))} {'more' if mean > 0 else 'less'} ({figure(near)} to {figure(far)})"


def signed(mean: float, low: float, high: float, share: bool = True) -> str:
    """The same for a cell of a table: `−4`, `+0.3`, or `·` when the interval holds zero."""
    if not told_apart(low, high):
        return "·"
    sign = "+" if mean > 0 else "−"
    if not share:
        return sign + figure(abs(mean))
    return sign + _tight(abs(mean)) if abs(mean) >= 0.01 else f"{sign}<1"


def listing(names: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    items = list(names)
    return "".join(items) if len(items) < 2 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------------------------------------------------------------ reading

SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")
PERIL = re.compile(r"\b(risk|chance)s?\b", re.IGNORECASE)
READING = re.compile(
    r"\b(readings?|theor(y|ies)|arguments?|under|held|holds?|says?|said|asks?|if|asked|survey|experts?|record)\b", re.IGNORECASE
)
SHARES = re.compile(r"(?<![\d.,])0?\.\d*?[1-9]\d{2,}(?![\d])|(?<![\d.,])\d{1,2}\.\d+ ?(?:%|percent\b|per cent\b|in 100\b)")
RATE = re.compile(r"^ (?:bn|mn|USD|km)\b|^\S*\s*(?:a |per |/)(?:year|yr|quarter)|^ ?(?:to|–) ?[\d.]+ (?:a |per |/)(?:year|yr)")


def complaints(text: str) -> list[str]:
    """What may not stand in user-facing text: a probability of more than two significant digits, *risk* or *chance* without a reading.

    Each complaint is a sentence that quotes the place. A word counts as read when its sentence names whose it is.
    """
    found = []
    for sentence in SENTENCE.split(text):
        exact = [m.group().strip() for m in SHARES.finditer(sentence) if not RATE.match(sentence[m.end() :])]
        found += [f"{number!r} has more than two significant digits, in {_quote(sentence)}" for number in exact]
        if (word := PERIL.search(sentence)) and not READING.search(sentence):
            found.append(f"{word.group()!r} without a reading, in {_quote(sentence)}")
    return found


def _quote(sentence: str) -> str:
    text = " ".join(sentence.split())
    return repr(text if len(text) <= 100 else text[:99] + "…")
