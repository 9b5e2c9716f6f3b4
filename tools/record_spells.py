"""Hand-coded choices about rungs: highest rungs that did not last, the rivalry of an episode, spells from elsewhere; forecasts."""

from __future__ import annotations

from typing import NamedTuple


class Spell(NamedTuple):
    """One spell of a rung: a row of `crises.csv` re-dated or split, or a spell from elsewhere."""

    id: str
    rivalry: str
    start: str
    end: str
    rung: int
    onset: str
    confidence: str
    source: str
    note: str


# Episodes whose highest rung did not last as long as the episode: (part, start, end, rung, confidence, reason).
DIRECT_SPLITS = {
    "donbas": (
        (
            "",
            "2014-04-12",
            "2015-02-12",
            2,
            "medium",
            "direct crisis counted to the Minsk package: sanctions and reinforcement; later quiet between the two",
        ),
    ),
    "su24": (
        ("", "2015-11-24", "2015-11-24", 3, "high", "the shot"),
        ("after", "2015-11-25", "2016-06-27", 2, "medium", "sanctions, to the letter of regret"),
    ),
    "georgia08": (("", "2008-08-07", "2008-10-01", 2, "medium", "reinforcement by sea and suspension of the council last into October"),),
}
THIRD = {
    "southossetia91": "russia_georgia",
    "abkhazia": "russia_georgia",
    "spy06": "russia_georgia",
    "drone08": "russia_georgia",
    "georgia08": "russia_georgia",
    "tuzla": "russia_ukraine",
    "crimea": "russia_ukraine",
    "donbas": "russia_ukraine",
    "ilovaisk": "russia_ukraine",
    "debaltseve": "russia_ukraine",
    "kerch": "russia_ukraine",
    "spring21": "russia_ukraine",
    "autumn21": "russia_ukraine",
}
PART_SOURCES = {"donbas:armed": "un_donbas2021"}
"""Key of sources.yaml of a part whose source is not its row's."""
PREFIX = {"russia_ukraine": "ukr-", "russia_georgia": "geo-"}
"""Before the id of an episode that is told for another rivalry too; ids are unique in the file."""
THIRD_SPLITS = {
    "donbas": (
        ("", "2014-04-12", "2015-08-31", 4, "medium", "over 1,000 battle deaths in twelve months; from memory"),
        (
            "armed",
            "2015-09-01",
            "2021-12-31",
            3,
            "low",
            "fire that kills, under 1,000 a year (UN: about 400 dead from 2019 to June 2021); end of the war phase from memory",
        ),
    ),
}
# Local wars with outside support, not regulars of one state against those of the other: our reading of the pair is low.
LOW_THIRD = {"southossetia91", "abkhazia"}

ELSEWHERE = (
    Spell(
        "pankisi02",
        "russia_georgia",
        "2002-07-27",
        "2002-10-07",
        2,
        "third_party",
        "medium",
        "icb14",
        "Pankisi gorge: threat of strikes by a head of state; rung is our reading of the crisis data",
    ),
    Spell(
        "southossetia04",
        "russia_georgia",
        "2004-06-10",
        "2004-11-05",
        2,
        "decision",
        "medium",
        "icb14",
        "South Ossetia 2004: threat of force by a head of state; rung is our reading of the crisis data",
    ),
    Spell(
        "taiwan96",
        "usa_china",
        "1996-03-08",
        "1996-03-25",
        2,
        "decision",
        "medium",
        "icb14",
        "missile tests, two carrier groups; crisis data date the whole from 22 May 1995",
    ),
    Spell(
        "embassy99",
        "usa_china",
        "1999-05-07",
        "1999-05-08",
        3,
        "incident",
        "low",
        "cnn2000",
        "embassy in Belgrade hit, three dead; called an error, which the other did not accept; rung 3 by the ladder, as al-Bab 2017",
    ),
    Spell(
        "embassy99:after",
        "usa_china",
        "1999-05-09",
        "1999-06-30",
        2,
        "incident",
        "low",
        "from_memory",
        "emergency session of the Security Council, talks broken off",
    ),
    Spell(
        "ep3",
        "usa_china",
        "2001-04-01",
        "2001-04-11",
        2,
        "incident",
        "low",
        "wt2002",
        "collision, one dead, crew held; the ladder gives 1 or 3 as the contact was an accident or meant: 2 is coded",
    ),
    Spell("impeccable09", "usa_china", "2009-03-08", "2009-03-08", 1, "incident", "low", "from_memory", "survey ship blocked; from memory"),
    Spell("cowpens13", "usa_china", "2013-12-05", "2013-12-05", 1, "incident", "low", "from_memory", "near collision at sea; from memory"),
    Spell("p8_14", "usa_china", "2014-08-19", "2014-08-19", 1, "incident", "low", "from_memory", "unsafe intercept; from memory"),
    Spell(
        "eastchina16",
        "usa_china",
        "2016-06-09",
        "2016-06-14",
        1,
        "decision",
        "low",
        "icb14",
        "warships near the Senkaku/Diaoyu islands; rung is our reading of the crisis data",
    ),
    Spell("decatur18", "usa_china", "2018-09-30", "2018-09-30", 1, "incident", "low", "from_memory", "ships within 45 yards; from memory"),
)

# Shorter or more neutral notes than the record's name of the episode.
NAMES = {
    "crimea": "Crimea 2014",
    "donbas": "Donbas",
    "md07": "missile defence and CFE dispute; a slow political crisis, dates a coding choice",
}

# Forecasts that give a probability; what they ask for differs, so none is averaged.
FORECASTS = {
    "ps21-nato": "conflict between Russia and NATO",
    "ps21-nato-nuc": "nuclear war between Russia and NATO",
    "ps21-gp": "nuclear conflict of great powers, over 80 million dead",
    "ps21-gp-mean": "nuclear conflict of great powers, over 80 million dead",
    "ps21-gp-med": "nuclear conflict of great powers, over 80 million dead",
    "ps21-uscn": "conflict between the United States and China",
    "hellman08": "failure of nuclear deterrence",
    "barrett13": "inadvertent nuclear war, United States and Russia",
    "fhi08": "nuclear wars, a million dead in all",
    "lugar-nuc10": "nuclear explosion in an attack anywhere, terror included",
    "lugar-nuc10-med": "nuclear explosion in an attack anywhere, terror included",
}
