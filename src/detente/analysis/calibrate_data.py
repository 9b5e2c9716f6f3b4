"""What calibration counts in the shipped tables: events and years at risk, hits and cases, values, each by group.

World wars are left out throughout: nearly every pair of states had a dispute in them, few of which say anything of a rivalry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.analysis.claims.sample import WARS
from detente.analysis.claims.world import FIRST, LAST_ALLIANCE, YEARS, World
from detente.claims import table

CRISIS = 3
"""Least hostility of a dispute that counts as a crisis: forces shown, raised or used."""
RECORD_STARTS = 1991
RECORD_ENDS = 2022.0


@dataclass(frozen=True)
class Counts:
    """`hits` (group,) events, or cases with the property; `out_of` (group,) years at risk, or cases."""

    hits: np.ndarray
    out_of: np.ndarray

    def __post_init__(self) -> None:
        if not len(self.hits) or self.hits.shape != self.out_of.shape or (self.out_of <= 0).any():
            raise ValueError("groups need as many hits as exposures, each above zero, and at least one group")


@dataclass(frozen=True)
class Values:
    """`values` (row,) of `group` (row,), numbered from zero."""

    values: np.ndarray
    group: np.ndarray


def _quiet_years() -> np.ndarray:
    years = FIRST + np.arange(YEARS)
    return ~np.any([(years >= first) & (years <= last) for first, last in WARS], axis=0)


def _rival_disputes(world: World) -> pd.DataFrame:
    """One row a dispute and pair of rivals: places i < j, year, hostility, deaths (0 none … 6; NaN unknown), war on both sides."""
    frame = table("mid_dyads.csv.gz")
    frame = frame[frame["source"] == world.coding]
    heirs = dict(zip(table("succession.csv")["ccode"], table("succession.csv")["continues_as"]))
    frame = frame.assign(
        i=np.searchsorted(world.codes, frame["ccode1"].replace(heirs)),
        j=np.searchsorted(world.codes, frame["ccode2"].replace(heirs)),
        war=(frame["hostlev1"] == 5) & (frame["hostlev2"] == 5),
    )
    pairs = frame.groupby(["dispnum", "i", "j"], as_index=False).agg(
        year=("year", "min"), hostility=("hostlev", "max"), deaths=("fatality", "max"), war=("war", "max")
    )
    t = pairs["year"] - FIRST
    return pairs[world.rival[t, pairs["i"], pairs["j"]] & _quiet_years()[t] & (pairs["hostility"] >= CRISIS)]


def crises_of_rivals(world: World) -> Counts:
    """Disputes with forces shown or used, and years, by pair of rivals."""
    years = _quiet_years() & (FIRST + np.arange(YEARS) <= world.last_dispute)
    exposure = np.triu(world.rival[years].sum(axis=0), 1)
    hits = np.zeros_like(exposure)
    rows = _rival_disputes(world)
    np.add.at(hits, (rows["i"].to_numpy(), rows["j"].to_numpy()), 1)
    met = exposure > 0
    return Counts(hits[met], exposure[met].astype(float))


def _by_pair(rows: pd.DataFrame, hit: pd.Series) -> Counts:
    by = hit.groupby([rows["i"], rows["j"]])
    return Counts(by.sum().to_numpy(int), by.size().to_numpy(int))


def fire_in_crises(world: World) -> Counts:
    """Of those disputes, the ones with a death."""
    rows = _rival_disputes(world).dropna(subset=["deaths"])
    return _by_pair(rows, rows["deaths"] >= 1)


def wars_in_fire(world: World) -> Counts:
    """Of those with a death, the ones that both sides fought as war."""
    rows = _rival_disputes(world)
    rows = rows[(rows["deaths"] >= 1) | rows["war"]]
    return _by_pair(rows, rows["war"])


def _day(word: str, last: bool) -> pd.Timestamp:
    """A date, of which the month or the day may be missing: the middle of what is known."""
    if len(word) == 10:
        return pd.Timestamp(word)
    return pd.Timestamp(f"{word}-16") if len(word) == 7 else pd.Timestamp(f"{word}-07-01")


def _years(frame: pd.DataFrame) -> np.ndarray:
    start, end = ([_day(str(w), last) for w in frame[column]] for column, last in (("start", False), ("end", True)))
    days = np.array([(b - a).days for a, b in zip(start, end)], float)
    return np.maximum(days, 1.0) / 365.25


def crisis_lengths(world: World) -> Counts:
    """International crises without serious clashes that began before the record: one ending each, years it took."""
    frame = table("crisis_spans.csv").dropna()
    frame = frame[(frame["violence_severity"] <= 2) & (frame["start"].str[:4].astype(int) < RECORD_STARTS)]
    return Counts(np.ones(len(frame), int), _years(frame))


def war_lengths(world: World) -> Counts:
    """Wars between states that began before the record: one ending each, years it took."""
    frame = table("war_spans.csv").dropna()
    frame = frame[frame["start"].str[:4].astype(int) < RECORD_STARTS]
    return Counts(np.ones(len(frame), int), _years(frame))


def pacts_of_rivals(world: World) -> Counts:
    """Obligations of any kind between rivals, by unbroken spell: 1 if it ended while both states lived and were rivals before the record, else
    0; years at risk."""
    heirs = dict(zip(table("succession.csv")["ccode"], table("succession.csv")["continues_as"]))
    bound = np.zeros((YEARS, len(world.codes), len(world.codes)), bool)
    for row in table("alliances_atop.csv.gz").itertuples():
        codes = [heirs.get(c, c) for c in (row.ccode1, row.ccode2)]
        if all(c in world.codes for c in codes) and row.end >= FIRST:
            i, j = sorted(world.index(c) for c in codes)
            bound[max(row.start, FIRST) - FIRST : row.end - FIRST + 1, i, j] = True
    last = min(RECORD_STARTS, LAST_ALLIANCE) - FIRST
    hits, years = [], []
    for i, j in np.argwhere((bound[:last] & world.rival[:last]).any(axis=0)):
        line = (bound[:, i, j] & world.rival[:, i, j])[:last]
        edges = np.flatnonzero(np.diff(np.r_[0, line.astype(int), 0]))
        for start, end in edges.reshape(-1, 2):  # in force in start … end−1
            alive = end < last and bool(world.exists[end, i] and world.exists[end, j])
            hits.append(int(alive and not bound[end, i, j] and world.rival[end, i, j]))
            years.append(float(end - start))
    return Counts(np.array(hits), np.array(years))


# ----------------------------------------------------------------------------------------------------------- the record's own


def _decimal(word: str) -> float:
    day = _day(word, False)
    return day.year + (day.dayofyear - 1) / 365.25


def _shocks() -> list[float]:
    """When a crisis between the two sides, or a worse thing, began."""
    rows = table("crises.csv")
    return [_decimal(str(d)) for d in rows.loc[(rows["rung_direct"] >= 2) & rows["part_of"].isna(), "date"]]


def _channels() -> pd.DataFrame:
    """Spells of channels of talk, not of joint work, inside the record: `begin`, `finish` (years), `open`, `next` state of the channel, `replaced`."""
    rows = table("channels.csv")
    rows = rows[rows["family"].isin(table("talk.csv")["family"])].sort_values(["channel", "date"], kind="stable").reset_index(drop=True)
    begin = np.maximum(rows["date"].map(lambda d: _decimal(str(d))), float(RECORD_STARTS))
    finish = rows["end"].map(lambda d: RECORD_ENDS if pd.isna(d) else _decimal(str(d)))
    rows = rows.assign(
        begin=begin,
        finish=finish,
        open=rows["state"] == "open",
        next=rows.groupby("channel")["state"].shift(-1),
        replaced=rows["reason"].fillna("").str.contains("supersed"),
    )
    return rows[rows["finish"] > rows["begin"] + 1e-6]


def _suspensions(shocked: bool, memory: float = 0.5) -> Counts:
    """Closures and years open of each channel, in the half-year after a shock or outside of it."""
    shocks = _shocks()
    hits: dict[str, int] = {}
    years: dict[str, float] = {}
    for row in _channels().itertuples():
        if not row.open:
            continue
        grid = np.arange(row.begin, row.finish, 1 / 365.25)
        after = np.zeros(len(grid), bool)
        for s in shocks:
            after |= (grid >= s) & (grid < s + memory)
        closed = row.finish < RECORD_ENDS and not row.replaced and row.next != "open"
        at_end = any(s <= row.finish <= s + memory for s in shocks)
        years[row.channel] = years.get(row.channel, 0.0) + float((after == shocked).sum()) / 365.25
        hits[row.channel] = hits.get(row.channel, 0) + int(closed and at_end == shocked)
    names = [name for name in years if years[name] > 0]
    return Counts(np.array([hits[n] for n in names]), np.array([years[n] for n in names]))


def closures_in_calm(world: World) -> Counts:
    """Channels closed, and years open, outside the half-year after a crisis of the two sides, by channel."""
    return _suspensions(False)


def closures_after_shock(world: World) -> Counts:
    """The same inside that half-year."""
    return _suspensions(True)


def reopenings(world: World) -> Counts:
    """Spells of a channel that was not open: 1 if it opened again, years it took or has lasted."""
    rows = _channels()
    rows = rows[~rows["open"] & rows["state"].isin(["suspended", "closed", "dormant", "limited"])]
    return Counts((rows["next"] == "open").to_numpy(int), (rows["finish"] - rows["begin"]).to_numpy(float))


LEFT = re.compile("withdraw|suspen|denounc|no longer bound", re.IGNORECASE)


def treaty_exits(world: World) -> Counts:
    """Legally binding treaties of the record: 1 if a party left it by its own act, years in force inside the record."""
    rows = table("treaties.csv")
    rows = rows[(rows["phase"] == "in force") & (rows["binding"] == "legal") & (rows["domain"] != "joint_work")]
    begin = np.maximum([_decimal(str(d)) for d in rows["date"]], float(RECORD_STARTS))
    finish = np.array([RECORD_ENDS if pd.isna(d) else _decimal(str(d)) for d in rows["end"]])
    left = np.array([int(not pd.isna(by) and bool(LEFT.search(str(kind)))) for by, kind in zip(rows["exit_by"], rows["exit_kind"])])
    kept = finish > begin
    return Counts(left[kept], (finish - begin)[kept])


def burdens(world: World) -> Values:
    """Logarithm of military spending over GDP of allies, 1995-2013, by ally."""
    rows = table("burdens.csv").dropna(subset=["share_gdp"])
    rows = rows[rows["year"].between(1995, 2013) & (rows["share_gdp"] > 0)]
    return Values(np.log(rows["share_gdp"].to_numpy()), pd.factorize(rows["code"])[0])


def output_growth(world: World) -> Values:
    """Yearly change of the logarithm of allies' GDP, by ally."""
    rows = table("gdp_allies.csv").dropna(subset=["gdp_ppp2011_m"]).sort_values(["code", "year"])
    change = np.log(rows["gdp_ppp2011_m"]).groupby(rows["code"]).diff()
    near = rows["year"].groupby(rows["code"]).diff() == 1
    kept = change.notna() & near
    return Values(change[kept].to_numpy(), pd.factorize(rows["code"][kept])[0])
