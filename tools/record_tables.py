"""Hand-coded choices behind the record of `euro_atlantic`, as plain tables with their reasons.

An event points to a row of the event record (`table:id`, date and confidence taken from it) or stands on memory (no row: source
`from_memory`). Nothing here is dated after 31 December 2021.
"""

from __future__ import annotations

from typing import NamedTuple

START, END = "1991-01-01", "2021-12-31"


class Hand(NamedTuple):
    """One event: draw, item, value; `row` of the event record or none; `date` and `confidence` where they differ from the row's."""

    draw: str
    item: str
    row: str = ""
    date: str = ""
    confidence: str = ""
    note: str = ""
    value: int = 1


# What counts as an intervention: a campaign of the alliance, or of its leader with other members, of more than a week, over the protest of
# the rival. So Afghanistan 2001 (with consent) and the one-night strikes of 2017 and 2018 are none.
INTERVENTIONS = (
    Hand("intervention", "nato", "crises:bosnia95", note="air campaign in Bosnia, 22 days; mandated, Russia protests"),
    Hand("intervention", "nato", "crises:kosovo99", note="air campaign against Yugoslavia, without a mandate of the Security Council"),
    Hand("intervention", "nato", "", "2003-03-20", "low", "Iraq: by the leader and some members, not by the alliance; from memory"),
    Hand("intervention", "nato", "crises:libya11", confidence="medium", note="Libya, resolution 1973; Russia abstains, then objects"),
)

# Head of state or government, whoever leads the executive. An acting head of under six months counts as the start of the successor.
LEADERSHIP = tuple(
    Hand("leadership", item, "", day, "medium", f"{who}; from memory")
    for item, day, who in (
        ("rus", "1991-12-25", "Gorbachev to Yeltsin, with the end of the Soviet Union"),
        ("rus", "1999-12-31", "Yeltsin to Putin (acting; elected March 2000)"),
        ("rus", "2008-05-07", "Putin to Medvedev, Putin prime minister"),
        ("rus", "2012-05-07", "Medvedev to Putin"),
        ("usa", "1993-01-20", "Bush to Clinton"),
        ("usa", "2001-01-20", "Clinton to Bush"),
        ("usa", "2009-01-20", "Bush to Obama"),
        ("usa", "2017-01-20", "Obama to Trump"),
        ("usa", "2021-01-20", "Trump to Biden"),
        ("chn", "1993-03-27", "Jiang president (party secretary since 1989)"),
        ("chn", "2003-03-15", "Jiang to Hu (party secretary since November 2002)"),
        ("chn", "2013-03-14", "Hu to Xi (party secretary since November 2012)"),
        ("tur", "1991-11-20", "Yılmaz to Demirel"),
        ("tur", "1993-06-25", "Demirel to Çiller"),
        ("tur", "1996-03-06", "Çiller to Yılmaz"),
        ("tur", "1996-06-28", "Yılmaz to Erbakan"),
        ("tur", "1997-06-30", "Erbakan to Yılmaz"),
        ("tur", "1999-01-11", "Yılmaz to Ecevit"),
        ("tur", "2002-11-18", "Ecevit to Gül, then Erdoğan (14 March 2003)"),
        ("ukr", "1991-12-05", "Kravchuk, first president"),
        ("ukr", "1994-07-19", "Kravchuk to Kuchma"),
        ("ukr", "2005-01-23", "Kuchma to Yushchenko"),
        ("ukr", "2010-02-25", "Yushchenko to Yanukovych"),
        ("ukr", "2014-02-23", "Yanukovych to Turchynov (acting), then Poroshenko (7 June 2014)"),
        ("ukr", "2019-05-20", "Poroshenko to Zelensky"),
        ("geo", "1992-01-06", "Gamsakhurdia to a council, then Shevardnadze (10 March 1992)"),
        ("geo", "2003-11-23", "Shevardnadze to Burjanadze (acting), then Saakashvili"),
        ("geo", "2012-10-25", "government of Ivanishvili; Saakashvili president until November 2013"),
    )
)

# `declare`: intensified dialogue, Membership Action Plan or the alliance's own word that the applicants will come. `promise`: an invitation
# or a declared future membership. A group counts by its first members. Left out: Ukraine's military doctrine of July 2004 (row
# ua-2004-drop, low), since the aim stayed in law.
OPEN_DOOR = (
    Hand("wish", "central", "", "1992-05-06", "medium", "Visegrád meeting in Prague names membership as the aim; from memory"),
    Hand("declare", "central", "statements:notwhether", note="Brussels summit and Prague: no longer whether but when and how"),
    Hand(
        "promise", "central", "membership:inv-poland", note="Czechia, Hungary, Poland invited at Madrid; Slovakia, Romania, Bulgaria 2002"
    ),
    Hand("join", "central", "membership:acc-poland", note="Czechia, Hungary, Poland; Slovakia, Romania, Bulgaria 29 March 2004"),
    Hand("wish", "balt", "", "1994-01-04", "medium", "Lithuania applies; Estonia and Latvia had named the aim; from memory"),
    Hand("declare", "balt", "membership:map-lithuania", note="Membership Action Plan"),
    Hand("promise", "balt", "membership:inv-lithuania", note="invited at Prague"),
    Hand("join", "balt", "membership:acc-lithuania", note="Estonia, Latvia, Lithuania"),
    Hand("wish", "ukr", "membership:ua-nsdc-2002", note="National Security and Defence Council names membership as the aim"),
    Hand("declare", "ukr", "membership:ua-id", note="Intensified Dialogue"),
    Hand("promise", "ukr", "membership:ua-promise", note="Bucharest: will become a member; no date, no Membership Action Plan"),
    Hand("withdraw", "ukr", "membership:ua-nonbloc", note="law on non-bloc status; signed 15 July 2010; the promise of 2008 stands"),
    Hand("wish", "ukr", "membership:ua-nonbloc-end", note="parliament repeals the non-bloc status"),
    Hand("wish", "geo", "membership:ge-aspire", note="aim declared at Prague"),
    Hand("declare", "geo", "membership:ge-id", note="Intensified Dialogue"),
    Hand("promise", "geo", "membership:ge-promise", note="Bucharest: will become a member; no date, no Membership Action Plan"),
)

# Exits are dated to the day on which they take effect, not to the notice.
TREATIES = (
    Hand("enter", "cfe", "treaties:cfe", note="provisional application from this day; formally in force 9 November 1992"),
    Hand("enter", "start", "treaties:start1", note="START I"),
    Hand("enter", "open_skies", "treaties:openskies"),
    Hand(
        "enter",
        "start",
        "treaties:newstart",
        note="New START; SORT (2003 to 2011) had limits but no verification of its own, so the gap is coded",
    ),
    Hand("renew", "start", "treaty_events:e-start1-end", note="START I expires with nothing verified in its place", value=0),
    Hand("renew", "start", "treaty_events:e-newstart-ext", note="New START extended by five years"),
    Hand("exit", "abm:usa", "treaty_events:e-abm-exit", note="notice 13 December 2001"),
    Hand("exit", "cfe:rus", "treaty_events:e-cfe-suspend", note="suspension, counted as an exit; announced 26 April 2007"),
    Hand("exit", "cfe:usa", "treaty_events:e-cfe-us", note="stops carrying out the treaty toward Russia"),
    Hand("exit", "cfe:west", "treaty_events:e-cfe-us", note="with the United States; toward Russia only"),
    Hand(
        "exit", "inf:usa", "treaty_events:e-inf-exit", note="suspension and notice 2 February 2019 over 9M729, a breach that Russia denies"
    ),
    Hand(
        "exit",
        "inf:rus",
        "treaty_events:e-inf-ru",
        "2019-07-03",
        note="law suspending it; decree 4 March, announced 2 February; coded in the quarter in which the treaty ends",
    ),
    Hand("exit", "open_skies:usa", "treaty_events:e-os-us", note="notice 22 May 2020"),
    Hand("exit", "open_skies:rus", "treaty_events:e-os-ru", note="notice 18 June 2021"),
)

# A channel is open in the states `open` and `limited` of the event record, shut in `dormant`, `suspended`, `closed`. The mission
# counts only as a permanent mission: contacts through the embassy in Belgium (1991 to 1998, and from November 2021) are none.
CHANNELS = (
    Hand("reopen", "council", "channels:nacc", note="North Atlantic Cooperation Council: the first council"),
    Hand("suspend", "council", "channels:pjc-2", note="Permanent Joint Council, frozen by Russia over Yugoslavia"),
    Hand("reopen", "council", "channels:pjc-3", note="meets again, agenda limited until 16 February 2000"),
    Hand("suspend", "council", "channels:nrc-2", note="NATO–Russia Council, formal meetings suspended over Georgia"),
    Hand("reopen", "council", "channels:nrc-3", note="formal meetings resumed"),
    Hand(
        "suspend",
        "council",
        "channels:nrc-4",
        note="practical cooperation suspended over Crimea; ambassadors met once more, on 2 June 2014",
    ),
    Hand("reopen", "council", "channels:nrc-6", note="first meeting in nearly two years, ambassadors"),
    Hand(
        "suspend",
        "council",
        "channels:nrc-7",
        confidence="low",
        note="dormant: no meeting after this day, nobody declared a suspension; the day is that of the last meeting",
    ),
    Hand("reopen", "mission", "channels:rumission-1", confidence="medium", note="permanent mission set up; day from memory"),
    Hand(
        "suspend",
        "mission",
        "channels:rumission-2",
        note="announced 18 October 2021, after NATO withdrew eight accreditations on 6 October",
    ),
    Hand("suspend", "military", "channels:pjc-2", note="military contacts broken off with the council"),
    Hand(
        "reopen", "military", "channels:pjc-4", confidence="medium", note="full agenda, military contacts with it; day that of the council"
    ),
    Hand("suspend", "military", "channels:nrc-mil-susp", note="frozen on both sides"),
    Hand("reopen", "military", "channels:nrc-mil-susp", "end", note="ministers at Corfu"),
    Hand(
        "suspend",
        "military",
        "channels:nrc-4",
        note="all military cooperation; meetings of the chiefs of staff from 2017 on count as de-confliction, not as regular contacts",
    ),
    Hand(
        "suspend",
        "leaders",
        "channels:g8",
        "end",
        "low",
        note="no full meeting of the presidents, June 2013 to September 2015; day: end of the G8 with Russia; they telephoned",
    ),
    Hand("reopen", "leaders", "meetings:us_ru_summit-2015-09-28-newyork", confidence="low", note="first full meeting in over two years"),
    *(
        Hand(draw, "usa_china", "", day, "low", f"{why}; from memory")
        for draw, day, why in (
            ("reopen", "1993-11-01", "military contacts resumed after the suspension of June 1989"),
            ("suspend", "1999-05-09", "suspended by China after the bombing of its embassy in Belgrade"),
            ("reopen", "2000-01-24", "defence consultative talks"),
            ("suspend", "2001-04-30", "limited case by case by the United States after the EP-3 collision"),
            ("reopen", "2002-12-09", "defence consultative talks"),
            ("suspend", "2008-10-06", "suspended by China over arms for Taiwan"),
            ("reopen", "2009-02-27", "defence policy talks"),
            ("suspend", "2010-01-30", "suspended by China over arms for Taiwan"),
            ("reopen", "2010-12-10", "defence consultative talks"),
        )
    ),
)

DOMAINS = (
    Hand("open_domain", "cyber", "statements:war16", note="Warsaw summit: a domain of operations"),
    Hand("open_domain", "space", "statements:lon19", note="London: an operational domain"),
)

EVENTS = INTERVENTIONS + LEADERSHIP + OPEN_DOOR + TREATIES + CHANNELS + DOMAINS

# State of every channel on the first day, against which the alternation of the rows above is checked.
OPEN_AT_START = {"leaders": 1, "deconfliction": 1, "council": 0, "mission": 0, "military": 1, "usa_china": 0}

COVERAGE = (
    ("intervention", "nato", "campaigns of more than a week over the rival's protest"),
    *(("leadership", item, "groups of states have no leader and are not covered") for item in ("rus", "usa", "chn", "tur", "ukr", "geo")),
    *((draw, "*", "groups of states by their first members") for draw in ("wish", "withdraw", "declare", "promise", "join")),
    ("exit", "*", "by the day on which it takes effect"),
    ("renew", "*", "at the expiry of a treaty in force"),
    ("enter", "*", "a treaty or its successor"),
    *(
        (draw, item, "from memory" if item == "usa_china" else "")
        for draw in ("suspend", "reopen")
        for item in ("leaders", "deconfliction", "council", "mission", "military", "usa_china")
    ),
    ("open_domain", "*", "domains of operations named by the alliance"),
    ("containment", "", "no policy of the alliance as such by the end of 2021; the policy of one member is none"),
    ("rung", "nato_russia", "rung 1 is thin before 2014: a rise there is in part one of reporting"),
    ("rung", "russia_ukraine", ""),
    ("rung", "russia_georgia", ""),
    ("rung", "usa_china", "from memory and from crisis data; rung 1 is far from complete"),
)


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
PREFIX = {"russia_ukraine": "ukr-", "russia_georgia": "geo-"}
"""Before the id of an episode that is told for another rivalry too; ids are unique in the file."""
THIRD_SPLITS = {
    "donbas": (
        ("", "2014-04-12", "2015-08-31", 4, "medium", "over 1,000 battle deaths in twelve months; from memory"),
        ("armed", "2015-09-01", "2021-12-31", 3, "low", "fire that kills, under 1,000 a year; end of the war phase from memory"),
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
        "from_memory",
        "embassy in Belgrade hit, three dead; an error, says the one, denied by the other; rung 3 by the ladder, as al-Bab 2017",
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
        "from_memory",
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
