"""The interstate system 1816-2021 as dense arrays, read once from the shipped tables.

Axes: year (index 0 = 1816), state, state. A state is a Correlates of War number after succession has been applied
(``states.csv`` keeps two numbers for one continuing state in places; ``succession.csv`` says which are joined).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from detente.claims import ClaimError, nearest, table

FIRST, LAST = 1816, 2021
YEARS = LAST - FIRST + 1
CODINGS = {"gml": 2010, "cow": 2014}  # last year each coding of disputes covers
LAST_CONTIGUITY = 2016
LAST_ALLIANCE = 2018
OBLIGATIONS = ("defence", "defence_or_offence")


@dataclass(frozen=True)
class World:
    """Arrays by year y and state i, j. ``codes``, ``abbs``, ``titles`` (state,) numbers, short and full names; booleans
    ``exists`` (y, i), ``major`` (y, i), ``ally`` (y, i, j), ``rival`` (y, i, j); ``contig`` (y, i, j): 0 none, 1 land … 5 up
    to 400 miles of water; shares of the system's total ``cinc``, ``milex``, ``milper`` (y, i), NaN unknown; ``onset``,
    ``force`` (y, i, j): a dispute began, one with use of force began; ``begun`` (y, i, j): one began with state i on the side
    of the first action; ``last_dispute``: last year the coding covers."""

    coding: str
    obligation: str
    codes: np.ndarray
    abbs: tuple[str, ...]
    titles: tuple[str, ...]
    exists: np.ndarray
    ally: np.ndarray
    rival: np.ndarray
    major: np.ndarray
    contig: np.ndarray
    cinc: np.ndarray
    milex: np.ndarray
    milper: np.ndarray
    onset: np.ndarray
    force: np.ndarray
    begun: np.ndarray
    last_dispute: int

    def index(self, code: int) -> int:
        """Place of a state number on the state axis."""
        return int(np.searchsorted(self.codes, code))

    def names(self, states: tuple[int, ...] | list[int]) -> str:
        """Abbreviations of the states at these places, in order of their numbers."""
        return " ".join(self.abbs[i] for i in sorted(states))

    def full(self, abbs: str) -> str:
        """Full names for abbreviations as ``names`` gives them."""
        title = dict(zip(self.abbs, self.titles))
        return ", ".join(title[abb] for abb in abbs.split())


def _successor() -> dict[int, int]:
    pairs = table("succession.csv")
    return dict(zip(pairs["ccode"], pairs["continues_as"]))


def _spells(frame: pd.DataFrame, place: dict[int, int], shape: tuple[int, ...], value: str | None = None) -> np.ndarray:
    """Fill (year, i, j), both ways, from spells with ``start`` and ``end`` years."""
    out = np.zeros(shape, np.int8)
    values = frame[value] if value else np.ones(len(frame), int)
    for a, b, start, end, v in zip(frame["ccode1"], frame["ccode2"], frame["start"], frame["end"], values):
        if a in place and b in place and end >= FIRST:
            i, j, span = place[a], place[b], slice(max(start, FIRST) - FIRST, end - FIRST + 1)
            out[span, i, j] = out[span, j, i] = v
    return out


def _joined(name: str, heirs: dict[int, int]) -> pd.DataFrame:
    frame = table(name)
    for column in ("ccode", "ccode1", "ccode2"):
        if column in frame:
            frame[column] = frame[column].replace(heirs)
    return frame


def _members(place: dict[int, int], heirs: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    exists, major = np.zeros((YEARS, len(place)), bool), np.zeros((YEARS, len(place)), bool)
    for code, kind, start, end in _joined("states.csv", heirs)[["ccode", "kind", "start", "end"]].itertuples(index=False):
        first, last = int(start[:4]), int(end[:4])
        # the list ends in 2016; states alive then are taken to last through the other tables
        span = slice(first - FIRST, (LAST if last == 2016 else last) - FIRST + 1)
        (exists if kind == "state" else major)[span, place[code]] = True
    return exists, major


def _alliances(obligation: str, heirs: dict[int, int]) -> pd.DataFrame:
    if obligation not in OBLIGATIONS:
        raise ClaimError(f"option 'obligation': no obligation is called '{obligation}'; {nearest(obligation, list(OBLIGATIONS))}")
    frame = _joined("alliances_atop.csv.gz", heirs)
    mutual = (frame["defense12"] == 1) & (frame["defense21"] == 1)
    return frame[mutual if obligation == "defence" else mutual | (frame["offense"] == 1)]


def _shares(place: dict[int, int], heirs: dict[int, int]) -> dict[str, np.ndarray]:
    frame, out = _joined("cow_nmc.csv.gz", heirs), {}
    for column in ("cinc", "milex_k", "milper_k"):
        grid = np.full((YEARS, len(place)), np.nan)
        known = frame[frame["ccode"].isin(place) & frame[column].notna()]
        grid[known["year"] - FIRST, known["ccode"].map(place)] = known[column]
        out[column] = grid if column == "cinc" else grid / np.nansum(grid, axis=1, keepdims=True)
    return out


def _disputes(coding: str, place: dict[int, int], heirs: dict[int, int]) -> dict[str, np.ndarray]:
    if coding not in CODINGS:
        raise ClaimError(f"option 'coding': no coding of disputes is called '{coding}'; {nearest(coding, list(CODINGS))}")
    frame = _joined("mid_dyads.csv.gz", heirs)
    frame = frame[(frame["source"] == coding) & (frame["onset"] == 1)]
    grids = {name: np.zeros((YEARS, len(place), len(place)), bool) for name in ("onset", "force", "begun")}
    y, i, j = (frame["year"] - FIRST).to_numpy(), frame["ccode1"].map(place).to_numpy(), frame["ccode2"].map(place).to_numpy()
    for a, b, side in ((i, j, "sidea1"), (j, i, "sidea2")):
        grids["onset"][y, a, b] = True
        force, first = (frame["hostlev"] >= 4).to_numpy(), (frame[side] == 1).to_numpy()
        grids["force"][y[force], a[force], b[force]] = True
        grids["begun"][y[first], a[first], b[first]] = True
    return grids


@lru_cache(maxsize=4)
def load_world(coding: str = "gml", obligation: str = "defence") -> World:
    """Read the tables into arrays. ``coding``: gml (to 2010) or cow (to 2014), never added; ``obligation``: mutual
    defence, or mutual defence or an offence pledge. Raises ClaimError for another name."""
    heirs = _successor()
    states = _joined("states.csv", heirs)
    abbs, titles = (dict(zip(states["ccode"], states[column])) for column in ("abb", "name"))
    codes = np.array(sorted(set(states["ccode"])))
    place = {int(code): k for k, code in enumerate(codes)}
    shape = (YEARS, len(codes), len(codes))
    exists, major = _members(place, heirs)
    both = exists[:, :, None] & exists[:, None, :]
    ally = _spells(_alliances(obligation, heirs), place, shape) > 0
    contiguity = _joined("cow_contiguity.csv.gz", heirs)
    for column in ("start", "end"):
        contiguity[column] = contiguity[column].str[:4].astype(int)
    contiguity = contiguity[contiguity["conttype"] > 0].sort_values(["start", "conttype"], ascending=[True, False])
    rivalries = _joined("rivalries.csv", heirs)
    shares = _shares(place, heirs)
    return World(
        coding,
        obligation,
        codes,
        tuple(abbs[c] for c in codes),
        tuple(titles[c] for c in codes),
        exists,
        ally & both,
        (_spells(rivalries[rivalries["list"] == "tss2021"], place, shape) > 0) & both,
        major,
        np.where(both, _spells(contiguity, place, shape, "conttype"), 0).astype(np.int8),
        shares["cinc"],
        shares["milex_k"],
        shares["milper_k"],
        **_disputes(coding, place, heirs),
        last_dispute=CODINGS[coding],
    )
