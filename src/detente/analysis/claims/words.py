"""Numbers into sentences: natural frequencies with their range, and verdicts chosen by what the numbers say."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detente.claims import Claim, ClaimError

KINDS = ("refutes", "supports", "leaves open", "cannot see")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a verdict and what it says the data do: refute, support, leave open, cannot see."""

    kind: str
    text: str


def in_hundred(share: float) -> str:
    """A share as a whole number in a hundred, with the two ends in words."""
    if not math.isfinite(share):
        return "unknown"
    if share < 0.01:
        return "fewer than 1"
    if share > 0.99:
        return "more than 99"
    return str(round(100 * share))


def natural(share: float, low: float, high: float, hits: int | None = None) -> str:
    """'about 25 in 100 (16 to 38)'; 'too few to say' below ten hits; an unknown range is said to be unknown."""
    if hits is not None and hits < 10:
        return f"too few to say ({hits} cases)"
    start = in_hundred(share)
    about = start if start.startswith(("fewer", "more", "unknown")) else f"about {start}"
    ends = f"{round(100 * low)} to {round(100 * high)}" if math.isfinite(low) and math.isfinite(high) else "range unknown"
    return f"{about} in 100 ({ends})"


def ratio(value: float, low: float, high: float) -> str:
    """A ratio with its range, two significant digits: '0.92 times (0.59 to 1.4)'."""
    return f"{value:.2g} times ({low:.2g} to {high:.2g})"


def percent(value: float, low: float, high: float) -> str:
    """A change in per cent with its range, whole numbers: '+10 per cent (under +1 to +20)'."""

    def whole(x: float) -> str:
        if abs(x) >= 1 or x == 0:
            return f"{x:+.0f}"
        return "under +1" if x > 0 else "above -1"

    return f"{whole(value)} per cent ({whole(low)} to {whole(high)})"


def above_below(low: float, high: float, null: float = 0.0) -> str:
    """Where an interval lies: 'above', 'below' or 'unclear' when it holds ``null`` or is unknown."""
    if not (math.isfinite(low) and math.isfinite(high)) or low <= null <= high:
        return "unclear"
    return "above" if low > null else "below"


def counted(n: int, word: str, plural: str | None = None) -> str:
    """'one enlargement', '7 enlargements', 'no enlargement'."""
    if n == 0:
        return f"no {word}"
    return f"one {word}" if n == 1 else f"{n} {plural or word + 's'}"


def _holds(when: Any, flags: Mapping[str, Any], where: str) -> bool:
    """``when`` is a mapping flag → value that must all be equal."""
    for name, value in (when or {}).items():
        if name not in flags:
            raise ClaimError(f"{where}: 'when' names '{name}', which this claim does not compute")
        if flags[name] not in (value if isinstance(value, list) else [value]):
            return False
    return True


def verdict(claim: Claim, flags: Mapping[str, Any], phrases: Mapping[str, str]) -> tuple[Sentence, ...]:
    """The sentences of ``claim.yaml`` whose condition holds, filled with phrases made from the numbers. Raises ClaimError
    when a sentence asks for a phrase or a flag that was not computed, or has an unknown kind."""
    out = []
    for number, row in enumerate(claim.spec["verdict"], 1):
        where = f"{claim.id}/claim.yaml, verdict {number}"
        if row.get("kind") not in KINDS:
            raise ClaimError(f"{where}: field 'kind' is '{row.get('kind')}', expected one of {', '.join(KINDS)}")
        for _, name, _, _ in string.Formatter().parse(row["text"]):
            if name is not None and name not in phrases:
                raise ClaimError(f"{where}: the sentence asks for '{{{name}}}', which this claim does not compute")
        if _holds(row.get("when"), flags, where):
            out.append(Sentence(row["kind"], " ".join(row["text"].format(**phrases).split())))
    return tuple(out)
