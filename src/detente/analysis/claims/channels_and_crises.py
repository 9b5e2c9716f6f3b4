"""Do channels and treaties end before or after crises? Lead and lag in the record, with a permutation test.

Everything is a dated event on one line of days. The statistic is the number of endings that fall within a window after the
start of a crisis less those that fall within the window before one. Chance is what the same endings show when the whole line of
crises is turned around the calendar by a random number of days: their bunching is kept, their place is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims.result import ClaimResult, result
from detente.analysis.claims.words import verdict
from detente.claims import Claim, ClaimError, nearest, table

FIRST_YEAR, LAST_YEAR = 1991, 2021
DAYS = (pd.Timestamp(LAST_YEAR + 1, 1, 1) - pd.Timestamp(FIRST_YEAR, 1, 1)).days
LADDERS = ("direct", "wide", "third")
OPTIONS: dict[str, tuple[Any, ...]] = {"window": (12, 6, 24), "rung": (2, 1, 3), "ladder": LADDERS, "draws": (5000, 1000)}
WORKING = ("open",)


def day_of(dates: pd.Series) -> pd.Series:
    """Days since the first of January 1991; missing stays missing."""
    return (pd.to_datetime(dates, errors="coerce") - pd.Timestamp(FIRST_YEAR, 1, 1)).dt.days


def endings() -> pd.DataFrame:
    """Days on which a working channel or a binding or political agreement in force stopped: ``kind`` channel or treaty,
    ``date``, ``day`` counted from 1991. Left out: replaced, completed or expired agreements, and channels replaced by a
    working one the same day."""
    channels, treaties = table("channels.csv"), table("treaties.csv")
    working = channels[channels["state"].isin(WORKING) & channels["end"].notna()]
    renewed = {(c, d) for c, d, s in zip(channels["channel"], channels["date"], channels["state"]) if s in WORKING}
    working = working[[(c, e) not in renewed for c, e in zip(working["channel"], working["end"])]]
    ended = treaties[treaties["end"].notna() & treaties["exit_by"].notna() & treaties["phase"].isin(["in force", "political"])]
    parts = [
        pd.DataFrame({"kind": kind, "id": frame["id"], "date": frame["end"], "day": day_of(frame["end"])})
        for kind, frame in (("channel", working), ("treaty", ended))
    ]
    out = pd.concat(parts, ignore_index=True)
    return out[out["day"].between(0, DAYS - 1)].astype({"day": int}).sort_values(["day", "id"]).reset_index(drop=True)


def crises(ladder: str = "direct", rung: int = 2) -> pd.DataFrame:
    """Days on which a crisis of at least that rung began; parts of a larger episode are left out, the whole counts."""
    frame = table("crises.csv")
    frame = frame[frame["part_of"].isna() & (frame[f"rung_{ladder}"] >= rung)]
    out = pd.DataFrame({"id": frame["id"], "crisis": frame["crisis"], "date": frame["date"], "day": day_of(frame["date"])})
    return out[out["day"].between(0, DAYS - 1)].astype({"day": int}).reset_index(drop=True)


def asymmetry(ends: np.ndarray, starts: np.ndarray, window: int) -> np.ndarray:
    """(…, 3) endings within ``window`` months after the start of a crisis (the day itself counts as after), endings within the
    months before one, and the difference. ``ends`` (e,) days; ``starts`` (…, c) days; an ending can be on both sides."""
    gap = ends[:, None] - starts[..., None, :]
    days = window * 365.25 / 12
    after, before = ((gap >= 0) & (gap <= days)).any(axis=-1).sum(axis=-1), ((gap < 0) & (gap >= -days)).any(axis=-1).sum(axis=-1)
    return np.stack([after, before, after - before], axis=-1)


def turned(starts: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """(draws, c) the starts of crises moved around the calendar by one random number of days each."""
    return (starts[None, :] + np.random.default_rng(seed).integers(1, DAYS, size=draws)[:, None]) % DAYS


def tested(ends: pd.DataFrame, found: pd.DataFrame, window: int, draws: int, seed: int) -> dict[str, Any]:
    """Observed counts, their range under permutation (middle 95 %), and the share of permutations at least as far out."""
    events, starts = ends["day"].to_numpy(), found["day"].to_numpy()
    seen, chance = asymmetry(events, starts, window), asymmetry(events, turned(starts, draws, seed), window)
    row: dict[str, Any] = {"endings": len(events), "crises": len(starts)}
    for k, name in enumerate(("after", "before", "difference")):
        low, high = np.quantile(chance[:, k], [0.025, 0.975])
        row |= {
            name: int(seen[k]),
            f"{name}_chance": float(chance[:, k].mean()),
            f"{name}_low": float(low),
            f"{name}_high": float(high),
            f"p_{name}": float((np.sum(chance[:, k] >= seen[k]) + 1) / (draws + 1)),
        }
    # two-sided for the difference: either order would be a finding
    far = np.abs(chance[:, 2] - chance[:, 2].mean()) >= abs(seen[2] - chance[:, 2].mean())
    row["p_difference"] = float((far.sum() + 1) / (draws + 1))
    side = "above" if seen[2] > chance[:, 2].mean() else "below"
    return {**row, "lies": side if row["p_difference"] < 0.05 else "unclear"}


def lags(ends: pd.DataFrame, found: pd.DataFrame, reach: int, draws: int, seed: int) -> pd.DataFrame:
    """Endings by months since the start of a crisis (negative: before it), in steps of three months, with the middle 95 % under
    permutation. An ending near two crises counts for both."""
    edges = np.arange(-reach, reach + 1, 3)

    def counts(starts: np.ndarray) -> np.ndarray:
        gap = (ends["day"].to_numpy()[:, None] - starts[None, :]) * 12 / 365.25
        return np.histogram(gap, bins=edges)[0]

    starts = found["day"].to_numpy()
    chance = np.array([counts(row) for row in turned(starts, min(draws, 1000), seed)])
    low, high = np.quantile(chance, [0.025, 0.975], axis=0)
    return pd.DataFrame({"lag": edges[:-1] + 1.5, "endings": counts(starts), "chance": chance.mean(axis=0), "low": low, "high": high})


def variants(window: int, rung: int, ladder: str, draws: int, seed: int) -> pd.DataFrame:
    """The test under other windows, rungs, ladders and kinds of ending, with endings of one day counted once, and with each
    of the three years that hold most endings left out."""
    ends, main = endings(), crises(ladder, rung)
    ends, main = (frame.assign(year=frame["date"].str[:4].astype(int)) for frame in (ends, main))
    busy = ends["year"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:3]
    rows = [{"variant": "main", **tested(ends, main, window, draws, seed)}]
    rows += [{"variant": f"window {w} months", **tested(ends, main, w, draws, seed)} for w in OPTIONS["window"] if w != window]
    rows += [
        {"variant": f"ladder {name}, rung {r}", **tested(ends, crises(name, r), window, draws, seed)}
        for name in LADDERS
        for r in (1, 2, 3)
        if (name, r) != (ladder, rung) and len(crises(name, r)) >= 3
    ]
    rows += [
        {"variant": f"{kind} endings only", **tested(ends[ends["kind"] == kind], main, window, draws, seed)}
        for kind in ("channel", "treaty")
    ]
    rows.append({"variant": "one ending a day", **tested(ends.drop_duplicates("day"), main, window, draws, seed)})
    rows += [
        {"variant": f"without {year}", **tested(ends[ends["year"] != year], main[main["year"] != year], window, draws, seed)}
        for year in busy
    ]
    return pd.DataFrame(rows)


def run(claim: Claim, seed: int, options: Mapping[str, Any]) -> ClaimResult:
    """Answer the claim. Options: ``window`` months (12, 6, 24), ``ladder`` direct / wide / third, ``rung`` (2, 1, 3), ``draws``."""
    for name, value in options.items():
        if name not in OPTIONS:
            raise ClaimError(f"no option is called '{name}'; {nearest(name, list(OPTIONS))}")
        if value not in OPTIONS[name]:
            raise ClaimError(f"option '{name}': found '{value}', expected one of {', '.join(str(v) for v in OPTIONS[name])}")
    chosen: dict[str, Any] = {name: options.get(name, values[0]) for name, values in OPTIONS.items()}
    table_ = variants(chosen["window"], chosen["rung"], chosen["ladder"], chosen["draws"], seed)
    ends, found = endings(), crises(chosen["ladder"], chosen["rung"])
    main, busiest = table_.iloc[0], table_[table_["variant"].str.startswith("without")].iloc[0]
    numbers: dict[str, Any] = {key: main[key] for key in main.index if key not in ("variant", "lies")}
    numbers |= {
        "variants": len(table_),
        "busiest_year": busiest["variant"].removeprefix("without "),
        "busiest_p": busiest["p_difference"],
        "busiest_after": busiest["after"],
        "busiest_before": busiest["before"],
    }
    for side in ("above", "below", "unclear"):
        numbers[f"variants_{side}"] = int((table_["lies"] == side).sum())
    phrases = {name: str(value) for name, value in numbers.items() if isinstance(value, (int, np.integer, str))}
    phrases |= {
        "window": str(chosen["window"]),
        "after_chance_range": f"{round(main['after_low'])} to {round(main['after_high'])}",
        "before_chance_range": f"{round(main['before_low'])} to {round(main['before_high'])}",
    }
    flags = {
        "order": main["lies"],
        "rests_on_one_year": bool(main["lies"] != "unclear" and busiest["lies"] == "unclear"),
        "more_after": bool(main["p_after"] < 0.05),
        "more_before": bool(main["p_before"] < 0.05),
    }
    tables = {"variants": table_, "lags": lags(ends, found, 36, chosen["draws"], seed), "endings": ends, "crises": found}
    return result(claim, chosen, seed, numbers, tables, verdict(claim, flags, phrases))
