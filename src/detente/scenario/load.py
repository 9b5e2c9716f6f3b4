"""Folder → Scenario. The one place where a scenario's files are read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .complaints import build
from .entries import Origin, Policy, Profile, Scenario, Source, Theory
from .errors import ScenarioError, hint, quote
from .read import Document, read_yaml
from .schema import Structure

SHIPPED = Path(__file__).resolve().parent.parent / "scenarios"
FILE_LIMIT = 300
"""Files in one folder of a scenario."""


def shipped() -> list[str]:
    """Names of the scenarios that come with the package."""
    return sorted(entry.name for entry in SHIPPED.iterdir() if (entry / "scenario.yaml").is_file()) if SHIPPED.is_dir() else []


def find(place: str | os.PathLike[str]) -> Path:
    """Folder of a scenario: a shipped name, a folder, or its scenario.yaml. Raises ScenarioError."""
    if isinstance(place, str) and place in shipped():
        return SHIPPED / place
    folder = Path(place)
    try:
        if folder.is_dir():
            return folder
        if folder.name == "scenario.yaml" and folder.is_file():
            return folder.parent
        exists = folder.exists()
    except (OSError, ValueError):
        exists = False
    if exists:
        raise ScenarioError("expected the folder of a scenario, found a file", str(place))
    raise ScenarioError(f"no scenario {quote(str(place))}: neither a folder nor a shipped scenario{hint(str(place), shipped())}")


def load(place: str | os.PathLike[str], vocabulary: Mapping[str, Any] | None = None) -> Scenario:
    """A scenario by shipped name or folder, checked and linked.

    With a `vocabulary` (see `names.validate_names`) the names of mechanisms are checked too. Raises the first ScenarioError by file and
    line; its `more` holds the others.
    """
    scenario, problems = examine(find(place), vocabulary)
    if problems or scenario is None:
        first, *rest = problems
        first.more = tuple(rest)
        raise first
    return scenario


def check(place: str | os.PathLike[str], vocabulary: Mapping[str, Any] | None = None) -> list[ScenarioError]:
    """All problems of a scenario, by file and line; none when it is in order."""
    try:
        return examine(find(place), vocabulary)[1]
    except ScenarioError as error:
        return [error]


def examine(folder: Path, vocabulary: Mapping[str, Any] | None = None) -> tuple[Scenario | None, list[ScenarioError]]:
    """The scenario in a folder, and everything wrong with it."""
    reading = _Reading(folder)
    scenario = reading.scenario()
    return scenario, sorted(reading.problems, key=ScenarioError.order)


class _Reading:
    """Reads the files of one folder and collects what is wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[ScenarioError] = []
        self.documents: dict[str, Document] = {}

    def scenario(self) -> Scenario | None:
        structure = self.model(Structure, "scenario.yaml")
        theories, values, policies = (
            self.entries(kind, name) for kind, name in ((Theory, "theories"), (Profile, "values"), (Policy, "policies"))
        )
        if structure is None or self.problems:
            return None
        whole = dict(structure) | {"theories": theories, "values": values, "policies": policies, "sources": {}}
        whole |= {"events": (), "rungs": (), "measures": (), "coverage": (), "origin": Origin(self.folder, self.documents)}
        return Scenario.model_construct(**whole)

    def model(self, kind: type[Any], file: str) -> Any:
        try:
            document = read_yaml(self.folder / file, file)
        except ScenarioError as error:
            self.problems.append(error)
            return None
        self.documents[file] = document
        model, problems = build(kind, document)
        self.problems += problems
        return model

    def entries(self, kind: type[BaseModel], name: str) -> dict[str, Any]:
        """One entry per file of a subfolder, by id; the id is the file's name."""
        found = {}
        for file in self.files(name, ".yaml"):
            model = self.model(kind, file)
            if model is None:
                continue
            if model.id != Path(file).stem:
                message = f"the id {quote(model.id)} differs from the file's name; expected {quote(Path(file).stem)}"
                self.problems.append(self.documents[file].error(message, ("id",)))
            found[model.id] = model
        return found

    def files(self, name: str, ending: str) -> Iterator[str]:
        folder = self.folder / name
        if not folder.exists():
            return
        if not folder.is_dir():
            self.problems.append(ScenarioError("expected a folder, found a file", name))
            return
        names = sorted(entry for entry in os.listdir(folder) if not entry.startswith("."))
        if len(names) > FILE_LIMIT:
            self.problems.append(ScenarioError(f"the folder holds {len(names)} files; expected at most {FILE_LIMIT}", name))
            return
        for entry in names:
            if entry.endswith(ending):
                yield f"{name}/{entry}"
            elif not entry.lower().startswith("readme"):
                self.problems.append(ScenarioError(f"unexpected file; expected names that end in {ending}", f"{name}/{entry}"))


__all__ = ["SHIPPED", "Source", "check", "examine", "find", "load", "shipped"]
