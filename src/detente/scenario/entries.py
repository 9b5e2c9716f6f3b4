"""What the other files say: theories, value profiles, policies, sources, rows of the record; and the whole, a Scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, RootModel, SkipValidation

from .base import Base, Id, Label, Name, Names, NonNegative, Range, Sentence, Sources, Text, Version, _listed
from .read import Document
from .schema import Structure


class TheoryRange(Base):
    """One range that a theory gives to a parameter; `elements` of its axis, none for all of them."""

    parameter: Id
    elements: Annotated[Names, Field(alias="element")] = ()
    range: Range
    scale: Literal["linear", "log"] | None = None
    claims: Names = ()
    confidence: Literal["stated", "implied", "assumed"]
    place: Text = ""
    argument: Sentence
    note: Text = ""
    source: Sources = ()


class Theory(Base):
    """A reading of how the world works: ranges of parameters, and nothing about what is good."""

    schema_version: Version
    id: Id
    order: int
    argument: Label
    holder: Sentence
    sentence: Sentence
    table: Literal["at", "off", "baseline"]
    reviewed: Sentence = "not yet reviewed"
    ranges: tuple[TheoryRange, ...] = ()
    note: Text = ""
    source: Sources = ()


class Acceptable(Base):
    """An outcome on the right side of a threshold."""

    outcome: Id
    elements: Annotated[Names, Field(alias="element")] = ()
    direction: Literal["below", "above"]
    threshold: float
    argument: Sentence
    note: Text = ""
    source: Sources = ()


class Profile(Base):
    """What someone could hold to be acceptable; `parties` are the actors or blocs whose own outcomes it may sacrifice."""

    schema_version: Version
    id: Id
    label: Label
    holder: Sentence
    parties: Names = ()
    accept: Annotated[tuple[Acceptable, ...], Field(min_length=1)]
    note: Text = ""
    source: Sources = ()


class LeverUse(Base):
    """One lever of a package: where (`on` nothing: everywhere), how strong (a range), from when to when (years such as 2022.5).

    `when` makes it wait: a condition on what a record can measure, and `delay` years after it is met (`analysis/adaptive.py`).
    """

    lever: Id
    on: Names = ()
    effect: Range
    start: float
    end: float | None = None
    when: Text = ""
    delay: NonNegative = 0.0
    note: Text = ""
    source: Sources = ()


class Policy(Base):
    """A package of levers. `required` must sign; `bound` are bound without signing. `includes` names packages it contains."""

    schema_version: Version
    id: Id
    label: Label
    proposer: Sentence
    required: Names = ()
    bound: Names = ()
    unravels: Text
    agreement: Range | None = None
    includes: Names = ()
    levers: tuple[LeverUse, ...] = ()
    note: Text = ""
    source: Sources = ()


class Source(Base):
    """An entry of the bibliography. `from_memory` says that nobody looked it up."""

    title: Sentence
    authors: Annotated[tuple[Label, ...], BeforeValidator(_listed)] = ()
    year: int | None = None
    publisher: Label | None = None
    url: Sentence | None = None
    doi: Label | None = None
    licence: Label | None = None
    retrieved: date | None = None
    note: Text = ""
    from_memory: bool = False


class Bibliography(RootModel[dict[Name, Source]]):
    """sources.yaml."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)


# ------------------------------------------------------------------------------------------------------------ rows of the record


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened (value 1; a renewal that failed is 0) on a day, under the draw's name."""

    date: date
    draw: str
    item: str
    value: int
    confidence: str
    source: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """A span in which the absence of an event means that none happened; `item` may be `*`."""

    draw: str
    item: str
    start: date
    end: date
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Rung:
    """A spell of a rivalry on a rung of the ladder (1–4) and what it began with."""

    id: str
    rivalry: str
    start: date
    end: date
    rung: int
    onset: str
    confidence: str
    source: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured value of a series on a day; `error` overrides the series'."""

    series: str
    date: date
    item: str
    value: float
    error: float | None
    confidence: str
    source: str
    note: str
    line: int
    file: str = "record/measures.csv"


@dataclass(frozen=True)
class Origin:
    """Where a scenario came from: its folder and, per file, the lines of its parts."""

    folder: Path
    documents: Mapping[str, Document] = field(default_factory=dict)


class Scenario(Structure):
    """A scenario as checked, linked objects; `origin` remembers files and lines for error messages."""

    theories: SkipValidation[dict[str, Theory]]
    values: SkipValidation[dict[str, Profile]]
    policies: SkipValidation[dict[str, Policy]]
    sources: SkipValidation[dict[str, Source]]
    events: SkipValidation[tuple[Event, ...]]
    rungs: SkipValidation[tuple[Rung, ...]]
    measures: SkipValidation[tuple[Measure, ...]]
    coverage: SkipValidation[tuple[Coverage, ...]]
    origin: Annotated[SkipValidation[Origin], Field(exclude=True, repr=False)]

    @property
    def pair_names(self) -> tuple[str, ...]:
        """Directed pairs as `source>target`, both directions of each pair of the file in turn."""
        return tuple(name for p in self.pairs for name in (f"{p.between[0]}>{p.between[1]}", f"{p.between[1]}>{p.between[0]}"))

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """Names along every axis that the structure fixes; `party` is treaty:actor, `opening` the domains that open."""
        return {
            "actor": tuple(self.actors),
            "bloc": tuple(self.blocs),
            "theatre": tuple(self.theatres),
            "pair": self.pair_names,
            "rivalry": tuple(self.rivalries),
            "domain": tuple(self.domains),
            "opening": tuple(name for name, domain in self.domains.items() if domain.opens),
            "treaty": tuple(self.treaties),
            "party": tuple(f"{name}:{actor}" for name, treaty in self.treaties.items() for actor in treaty.parties),
            "channel": tuple(self.channels),
            "applicant": tuple(self.applicants),
            "challenge": tuple(self.challenges),
        }

    def quarter(self, day: date) -> int:
        """Quarters since the quarter of the record's first day (0)."""
        first = self.history.start
        return 4 * (day.year - first.year) + (day.month - 1) // 3 - (first.month - 1) // 3

    def ordered_theories(self) -> tuple[Theory, ...]:
        """Theories in the order in which they are shown."""
        return tuple(sorted(self.theories.values(), key=lambda t: (t.order, t.id)))
