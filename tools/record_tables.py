"""Hand-coded choices behind the record of `euro_atlantic`, as plain tables with their reasons.

An event points to a row of the event record (`table:id`, date and confidence taken from it) or stands on memory (no row: source
`from_memory`). Nothing here is dated after 31 December 2021.
"""

from __future__ import annotations

from typing import NamedTuple

START, END = "1991-01-01", "2021-12-31"


class Hand(NamedTuple):
    """One event; `row` of the event record or none; `date`, `confidence`, `source` (key of sources.yaml) where not the row's."""

    draw: str
    item: str
    row: str = ""
    date: str = ""
    confidence: str = ""
    note: str = ""
    value: int = 1
    source: str = ""


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
    Hand(
        "wish",
        "central",
        "",
        "1992-05-06",
        "high",
        "Czechoslovakia, Hungary, Poland: full membership the long-term aim",
        source="cvce_visegrad",
    ),
    Hand("declare", "central", "statements:notwhether", note="Brussels summit and Prague: no longer whether but when and how"),
    Hand(
        "promise", "central", "membership:inv-poland", note="Czechia, Hungary, Poland invited at Madrid; Slovakia, Romania, Bulgaria 2002"
    ),
    Hand("join", "central", "membership:acc-poland", note="Czechia, Hungary, Poland; Slovakia, Romania, Bulgaria 29 March 2004"),
    Hand("wish", "balt", "", "1994-01-04", "high", "Lithuania asks to join, the first of the three", source="deseret1994"),
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
        Hand(draw, "usa_china", "", day, confidence, why, source=source)
        for draw, day, confidence, source, why in (
            ("reopen", "1993-11-01", "low", "from_memory", "military contacts resumed after the suspension of June 1989; from memory"),
            (
                "suspend",
                "1999-05-10",
                "high",
                "chinadaily2006",
                "high-level exchanges put off by China after its embassy in Belgrade was hit",
            ),
            ("reopen", "2000-01-24", "high", "bbc2000", "defence consultative talks, the formal resumption"),
            (
                "suspend",
                "2001-04-30",
                "medium",
                "dod2002",
                "cut off by the United States in April 2001 after the EP-3 collision; day from memory",
            ),
            (
                "reopen",
                "2002-12-09",
                "high",
                "dod2002",
                "defence consultative talks, the first at a high level since; some lower ones before",
            ),
            ("suspend", "2008-10-06", "high", "ap2009", "suspended by China over arms for Taiwan; day from memory"),
            ("reopen", "2009-02-27", "high", "ap2009", "defence policy talks"),
            ("suspend", "2010-01-30", "high", "voa2010", "suspended by China over arms for Taiwan"),
            ("reopen", "2010-12-10", "high", "dod2010", "defence consultative talks"),
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
        (draw, item, "")
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
