"""The kinds of value that a scenario's files are made of, and the strict, frozen base of their models."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

SCHEMA = 1
"""Version of the files' format that this package reads."""

ID = r"^[a-z][a-z0-9_]*$"


class Base(BaseModel):
    """Frozen, strict (no silent conversion), no unknown key."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, defer_build=True)


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise PydanticCustomError("range", f"the range runs from {pair[0]:g} down to {pair[1]:g}; expected [low, high] with low ≤ high")
    return pair


def _listed(value: Any) -> Any:
    """One name, or a list of names."""
    return (value,) if isinstance(value, str) else value


Id = Annotated[str, StringConstraints(pattern=ID, max_length=40)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(max_length=3000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=90)]
"""A name that may be made of several: `source>target`, `treaty:party`, `actor:domain`."""
Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]
Sources = Annotated[tuple[Name, ...], BeforeValidator(_listed)]
"""Keys of sources.yaml: one, or a list; `assumed` says that there is none."""
Range = Annotated[tuple[float, float], AfterValidator(_ordered)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Day = date
Version = Annotated[Literal[1], Field(alias="schema")]
