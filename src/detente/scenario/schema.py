"""What scenario.yaml says: the structure of a system, its baseline, its record's error model, its questions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from .base import Base, Day, Id, Label, Name, Names, NonNegative, Positive, Range, Sentence, Share, Sources, Text, Version


class Thing(Base):
    """Everything of a scenario has a label, and may have a note and a source (keys of sources.yaml)."""

    label: Label
    note: Text = ""
    source: Sources = ()


class Actor(Thing):
    """A state, or a group of states taken as one."""

    nuclear: bool = False


class Bloc(Thing):
    """An alliance: its `weights` are the members', or those of who may become one, and sum to 1."""

    leader: Id
    rival: Id
    theatre: Id | None = None
    weights: dict[Id, Share]
    founders: tuple[Id, ...] = ()


class Theatre(Thing):
    """A region where forces stand, and the rival there."""

    rival: Id


class Pair(Base):
    """Two actors; each is a directed pair toward the other. `rival` marks a pair across a rivalry."""

    between: tuple[Id, Id]
    rival: bool = False
    note: Text = ""
    source: Sources = ()


class Rivalry(Thing):
    """Two sides on one ladder of escalation. An `applicant` rivalry may spill into its `patron`."""

    kind: Literal["direct", "applicant"]
    sides: tuple[tuple[Id, ...], tuple[Id, ...]]
    weights: dict[Id, Share] = Field(default_factory=dict)
    challenger: Id
    bloc: Id | None = None
    front: tuple[Id, ...] = ()
    applicant: Id | None = None
    patron: Id | None = None


class Domain(Thing):
    """A field of military effort; `opens`: not an operational domain from the start."""

    opens: bool = False


class Treaty(Thing):
    """An agreement: parties, how well it is verified (0–1), caps per party, days on which it expires."""

    domain: Id
    parties: Annotated[tuple[Id, ...], Field(min_length=2)]
    verification: Share
    in_force: bool
    political: bool = False
    prevents_incidents: bool = False
    forbids_missiles_in: Id | None = None
    expires: tuple[Day, ...] = ()
    caps: dict[Id, NonNegative] = Field(default_factory=dict)
    cap_unit: Label = "none"


class Channel(Thing):
    """A line of dialogue between two actors: open or not at the start, and the ability to use it (0–1)."""

    rivalry: Id
    sides: tuple[Id, Id]
    level: Literal["top", "political", "military"]
    open: bool
    capacity: Share
    council: bool = False
    mission: bool = False


class Applicant(Thing):
    """An actor that may wish to join a bloc; `near` (0–1) is how near it lies to the rival."""

    bloc: Id
    rival: Id
    near: Share


class Challenge(Thing):
    """A problem common to all."""


class Span(Base):
    """A range with where it comes from."""

    range: Range
    source: Sources = ("assumed",)
    note: Text = ""


class History(Base):
    """First and last day of the record."""

    start: Day
    end: Day


class Horizon(Base):
    """Last day of the futures."""

    end: Day


class Series(Base):
    """One series of the record and its error model.

    `draw` is the name under which a mechanism asks for it, `use` what the record does with the answer: score (weighs), pin (conditions
    without weighing) or show. `error` is the standard deviation on the transformed scale, `offset` the range of an unknown constant
    between the measure and the state, `weight` multiplies its log-likelihood.
    """

    id: Id
    label: Label | None = None
    file: Name
    draw: Id | None = None
    use: Literal["score", "pin", "show"]
    transform: Literal["identity", "log", "logit", "none"] = "none"
    error: Positive | None = None
    tail: Literal["normal", "student"] = "normal"
    offset: Range = (0.0, 0.0)
    weight: NonNegative = 1.0
    unit: Label | None = None
    source: Sources = ()
    note: Text = ""


class Slip(Base):
    """Probability ε that a row of the record is a slip of coding, by the row's confidence."""

    high: Share = 0.005
    medium: Share = 0.02
    low: Share = 0.1
    source: Sources = ("assumed",)
    note: Text = ""


class Question(Base):
    """A question put to the panel and the outcomes that answer it."""

    text: Sentence
    outcome: Names = ()
    label: Label | None = None
    unit: Label | None = None
    note: Text = ""
    source: Sources = ()


class View(Base):
    """What others say of a question: an outside view (a base rate, an expert forecast) as probabilities.

    `rung` says which rung, or a higher one, is meant to be entered, where the view is about the ladder of the first direct rivalry.
    """

    question: Name
    label: Label
    value: Share | None = None
    range: Range | None = None
    years: Positive | None = None
    rung: Annotated[int, Field(ge=1, le=5)] | None = None
    note: Text = ""
    source: Sources = ()


class Aim(Base):
    """What an actor's government would count as gain, for the chance of its signature only.

    `weight` is the worth of a change of the outcome by one whole unit, on one scale for all aims of all actors.
    """

    outcome: Id
    elements: Annotated[Names, Field(alias="element")] = ()
    direction: Literal["below", "above"]
    weight: Positive
    argument: Sentence
    note: Text = ""
    source: Sources = ("assumed",)


class Bargaining(Base):
    """How gains become signatures: a party signs in a round with probability σ(precision·(gain − reluctance)); ranges, never points."""

    precision: Range = (5.0, 15.0)
    reluctance: Range = (0.1, 0.3)
    rounds: Annotated[int, Field(ge=1, le=20)] = 2
    argument: Text = ""
    note: Text = ""
    source: Sources = ("assumed",)


def _spans(value: Any) -> Any:
    """Every way to write a baseline → {element: {range, source, note}}, with `*` for all elements."""
    if isinstance(value, tuple):
        return {"*": {"range": value}}
    if isinstance(value, dict) and "range" in value:
        return {"*": value}
    if isinstance(value, dict):
        return {key: {"range": item} if isinstance(item, tuple) else item for key, item in value.items()}
    return value


def _starts(value: Any) -> Any:
    return value if isinstance(value, dict) else {"*": value}


Spans = Annotated[dict[Name, Span], BeforeValidator(_spans)]
Starts = Annotated[dict[Name, float], BeforeValidator(_starts)]


class Structure(Base):
    """scenario.yaml. Dictionaries keep the file's order: it is the order of the axes."""

    schema_version: Version
    id: Id
    title: Label
    note: Text = ""
    source: Sources = ()
    as_of: Day
    history: History
    horizon: Horizon
    mechanisms: Annotated[tuple[Id, ...], Field(min_length=1)]
    actors: Annotated[dict[Id, Actor], Field(min_length=2)]
    blocs: dict[Id, Bloc] = Field(default_factory=dict)
    theatres: dict[Id, Theatre] = Field(default_factory=dict)
    pairs: Annotated[tuple[Pair, ...], Field(min_length=1)]
    rivalries: dict[Id, Rivalry] = Field(default_factory=dict)
    domains: dict[Id, Domain] = Field(default_factory=dict)
    treaties: dict[Id, Treaty] = Field(default_factory=dict)
    channels: dict[Id, Channel] = Field(default_factory=dict)
    applicants: dict[Id, Applicant] = Field(default_factory=dict)
    challenges: dict[Id, Challenge] = Field(default_factory=dict)
    ranges: dict[Id, Spans] = Field(default_factory=dict)
    initial: dict[Id, Starts] = Field(default_factory=dict)
    record: tuple[Series, ...] = ()
    slip: Slip = Slip()
    questions: dict[Name, Question] = Field(default_factory=dict)
    aims: dict[Id, tuple[Aim, ...]] = Field(default_factory=dict)
    bargaining: Bargaining = Bargaining()
    views: tuple[View, ...] = ()
