"""What pydantic found wrong → sentences with file, line and field."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import ScenarioError, found, hint, listing, quote
from .read import Document, Location

Model = TypeVar("Model", bound=BaseModel)

TARGETS = {"target", "targets", "targeting", "strike", "strikes", "attack", "latitude", "longitude", "lat", "lon", "coordinates", "city"}
VALUES = {"accept", "outcome", "direction", "threshold"}

_EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date such as 1999-03-12",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a finite number",
}


def build(model: type[Model], document: Document, versioned: bool = True) -> tuple[Model | None, list[ScenarioError]]:
    """The document as a `model`, or every problem that keeps it from being one; `versioned`: the file says `schema: 1`."""
    if versioned and (problem := version(document)):
        return None, [problem]
    try:
        return model.model_validate(document.value), []
    except ValidationError as error:
        faults = error.errors(include_url=False)
        return None, [_complaint(model, document, fault) for fault in faults]


def version(document: Document) -> ScenarioError | None:
    """Is the file of the format that this package reads?"""
    if "schema" not in document.value:
        return document.error("`schema: 1` is missing; expected the version of the file's format", ("schema",))
    value = document.value["schema"]
    if value == 1 and value is not True:
        return None
    return document.error(f"expected schema 1, found {found(value)}; `detente migrate` rewrites files of another version", ("schema",))


def _complaint(model: type[BaseModel], document: Document, fault: Any) -> ScenarioError:
    where: Location = tuple(part for part in fault["loc"] if part not in ("[key]", "*"))
    kind, value, context = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return document.error(_extra(model, document, where), where)
    return document.error(_sentence(kind, value, context, where, fault["msg"]), where)


def _sentence(kind: str, value: Any, context: dict[str, Any], where: Location, message: str) -> str:
    if kind == "missing":
        name = where[-1]
        return f"{quote(name)} is missing" if isinstance(name, str) else f"item {name + 1} of a list of fixed length is missing"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, found {found(value)}"
    if kind == "literal_error":
        names = [part.strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(", ")]
        near = hint(value, names, show=0) if isinstance(value, str) else ""
        return f"expected {listing(names)}, found {found(value)}{near}"
    if kind == "string_pattern_mismatch":
        return f"expected a short name of small letters, digits and _ that begins with a letter, found {found(value)}"
    if kind == "string_too_long":
        return f"text of {len(value):,} characters; expected at most {context['max_length']:,}"
    if kind in ("too_short", "too_long"):
        bound = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        return f"expected {bound} items, found {context['actual_length']}"
    for word, sign in (("greater_than_equal", "≥"), ("less_than_equal", "≤"), ("greater_than", ">"), ("less_than", "<")):
        if kind == word:
            bound = context[{"≥": "ge", "≤": "le", ">": "gt", "<": "lt"}[sign]]
            return f"expected a number {sign} {bound:g}, found {found(value)}"
    if kind == "string_too_short":
        return "expected text, found an empty one"
    return message[:1].lower() + message[1:]


def _extra(model: type[BaseModel], document: Document, where: Location) -> str:
    key = str(where[-1])
    names = _keys(model, where[:-1])
    if key.lower() in TARGETS:
        return f"unknown key {quote(key)}: a scenario names no target and no place below a region"
    if model.__name__ == "Theory" and key in VALUES:
        return f"the key {quote(key)} belongs to values/: a theory says how the world works and names no value"
    if model.__name__ == "Profile" and key in ("ranges", "parameter", "range"):
        return f"the key {quote(key)} belongs to theories/: a value profile names outcomes and no parameter"
    return f"unknown key {quote(key)}{hint(key, names, show=16)}"


def _keys(model: type[BaseModel], where: Iterable[str | int]) -> list[str]:
    """Keys that the mapping at `where` may have."""
    here: Any = model
    for part in where:
        here = _step(here, part)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [info.alias or name for name, info in here.model_fields.items()]
    return []


def _step(kind: Any, part: str | int) -> Any:
    """Type of the part of a value of type `kind`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, info in kind.model_fields.items():
            if part in (name, info.alias):
                return info.annotation
        return None
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _step(arguments[0], part)
    if origin is dict:
        return arguments[1] if not _wraps_annotated(arguments[1]) else typing.get_args(arguments[1])[0]
    if origin is tuple:
        return arguments[0]
    inner = [a for a in arguments if isinstance(a, type) and issubclass(a, BaseModel)]
    return _step(inner[0], part) if inner else None


def _wraps_annotated(kind: Any) -> bool:
    return typing.get_origin(kind) is typing.Annotated
