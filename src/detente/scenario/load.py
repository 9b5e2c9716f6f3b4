"""Folder → Scenario. The one place where a scenario's files are read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from . import links, tables
from .complaints import build
from .elements import exact
from .entries import Bibliography, Origin, Policy, Profile, Scenario, Theory
from .errors import ScenarioError, hint, quote
from .names import validate_names
from .read import SIZE_LIMIT, Document, read_yaml
from .schema import Structure

SHIPPED = Path(__file__).resolve().parent.parent / "scenarios"
FILE_LIMIT = 300
"""Files in one folder of a scenario."""
FOLDER_LIMIT = 4 * SIZE_LIMIT
"""Bytes of them together."""


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
    if scenario is None:
        return None, reading.sorted()
    reading.problems += links.problems(scenario)
    if vocabulary is not None:
        reading.problems += validate_names(scenario, vocabulary)
    if not reading.problems:
        scenario = exact(scenario)
        scenario = scenario.model_copy(update={"policies": packages(scenario.policies)})
    return scenario, reading.sorted()


def packages(policies: Mapping[str, Policy]) -> dict[str, Policy]:
    """Each policy with what it includes: parties united, levers added.

    A package's own levers come first; an included lever that is set already for the same elements is left out, so that the package
    overrides what it includes, and an earlier inclusion a later one. The inclusions must be free of circles (`links.problems`).
    """
    whole: dict[str, Policy] = {}

    def resolve(name: str) -> Policy:
        if name not in whole:
            policy = policies[name]
            for part in map(resolve, policy.includes):
                held = {(use.lever, use.on) for use in policy.levers}
                policy = policy.model_copy(
                    update={
                        "levers": policy.levers + tuple(use for use in part.levers if (use.lever, use.on) not in held),
                        "required": tuple(dict.fromkeys(policy.required + part.required)),
                        "bound": tuple(dict.fromkeys(policy.bound + part.bound)),
                    }
                )
            signs = set(policy.required)
            whole[name] = (
                policy.model_copy(update={"bound": tuple(b for b in policy.bound if b not in signs)}) if policy.includes else policy
            )
        return whole[name]

    return {name: resolve(name) for name in policies}


class _Reading:
    """Reads the files of one folder and collects what is wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[ScenarioError] = []
        self.documents: dict[str, Document] = {}

    def sorted(self) -> list[ScenarioError]:
        return sorted(self.problems, key=ScenarioError.order)

    def scenario(self) -> Scenario | None:
        """Everything linked; None when a YAML file is not what it should be (the record is read against the structure)."""
        structure = self.model(Structure, "scenario.yaml")
        whole: dict[str, Any] = {
            "theories": self.entries(Theory, "theories"),
            "values": self.entries(Profile, "values"),
            "policies": self.entries(Policy, "policies"),
            "sources": self.sources(),
            "events": (),
            "rungs": (),
            "measures": (),
            "coverage": (),
            "origin": Origin(self.folder, self.documents),
        }
        if structure is None:
            return None
        scenario = Scenario.model_construct(**(dict(structure) | whole))
        record = self.record(scenario)
        return None if self.yaml_broken else scenario.model_copy(update=record)

    @property
    def yaml_broken(self) -> bool:
        return any(problem.file.endswith(".yaml") for problem in self.problems)

    def sources(self) -> dict[str, Any]:
        file = "sources.yaml"
        if not (self.folder / file).exists():
            return {}
        bibliography = self.model(Bibliography, file, versioned=False)
        return {} if bibliography is None else bibliography.root

    def record(self, scenario: Scenario) -> dict[str, Any]:
        """Rows of the record's files. A folder without one is a scenario without a record."""
        names, fixed = links.any_name(scenario), {"events.csv", "coverage.csv", "rungs.csv"}
        series = {item.id: item for item in scenario.record}
        measured = {"measures.csv": -1}
        for position, item in reversed(list(enumerate(scenario.record))):
            if item.file not in fixed:
                measured[item.file] = position
        present = {Path(file).name for file in self.files("record", ".csv")}
        out: dict[str, Any] = {"measures": ()}
        for name in sorted(present):
            file = f"record/{name}"
            columns = {"events.csv": tables.EVENTS, "coverage.csv": tables.COVERAGE, "rungs.csv": tables.RUNGS}.get(name, tables.MEASURES)
            if name not in fixed and name not in measured:
                self.problems.append(ScenarioError(f"no series names this file{hint(name, {*fixed, *measured})}", file))
                continue
            rows, problems = tables.read(self.folder, file, columns)
            table = tables.Table(file, scenario.history.start, scenario.history.end, names, scenario.sources)
            if name == "events.csv":
                out["events"] = tables.events(table, rows)
            elif name == "coverage.csv":
                out["coverage"] = tables.coverage(table, rows)
            elif name == "rungs.csv":
                out["rungs"] = tables.rungs(table, rows, scenario.rivalries)
            else:
                out["measures"] += tables.measures(table, rows, series)
            self.problems += problems + table.problems
        for name, position in measured.items():
            if position >= 0 and name not in present:
                message = f"missing file {quote('record/' + name)}{hint(name, present, show=0, cutoff=0.8)}"
                self.problems.append(self.documents["scenario.yaml"].error(message, ("record", position, "file")))
        return out

    def model(self, kind: type[Any], file: str, versioned: bool = True) -> Any:
        try:
            document = read_yaml(self.folder / file, file)
        except ScenarioError as error:
            self.problems.append(error)
            return None
        self.documents[file] = document
        model, problems = build(kind, document, versioned)
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
        sizes = [(folder / entry).stat().st_size for entry in names if (folder / entry).exists()]
        if (total := sum(size for size in sizes if size <= SIZE_LIMIT)) > FOLDER_LIMIT:  # a larger file is told by name
            message = f"the files have {total / 1e6:.0f} MB together; expected at most {FOLDER_LIMIT / 1e6:.0f} MB"
            self.problems.append(ScenarioError(message, name))
            return
        for entry in names:
            if entry.endswith(ending):
                yield f"{name}/{entry}"
            elif not entry.lower().startswith("readme"):
                self.problems.append(ScenarioError(f"unexpected file; expected names that end in {ending}", f"{name}/{entry}"))
