"""Finds the papers in this folder, runs one, holds its values against the published ones.

A paper's file has a docstring (title line, then labelled paragraphs: `Citation`, `Claim`, `Reproduced`, `Runs` – the functions of the
product that it runs – and `Known` – how the source is known; `Equation`, `Caveat` if need be), and

    INPUTS    the published inputs, as data
    STATUS    "replication" where a published number or theorem is met, otherwise "after"
    CHECKS    one `Check` a published value, by the name that `run` gives it
    LEFT_OUT  checkpoint → why it is not here (optional)
    run()     name → value; for a statistical value also `NAME.se` (standard error) and `NAME.draws`; for an estimate `NAME.error`, its
              standard error, which is shown and judges nothing
    picture() an Altair chart (Altair is imported inside)
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import detente.replications as package

Kind = Literal["analytic", "numerical", "statistical"]
Status = Literal["replication", "after"]
STANDARD_ERRORS = 3.0
"""A statistical value may lie this many standard errors away."""
TOOLS = ("registry",)
LABELS = ("Citation", "Claim", "Reproduced", "Runs", "Known")


@dataclass(frozen=True)
class Check:
    """One published value. `name` is the key of `run()`.

    analytic and numerical: met if |ours − published| ≤ atol + rtol·|published|; statistical: within three standard errors, ours
    (`NAME.se`) and the published one (`error`) combined. `holds` marks a statement (1: it holds) rather than a number.
    `origin` says how the number is known: published, published+computed, model, sim. `checkpoint` is its id in the design.
    """

    name: str
    published: float
    checkpoint: str = ""
    kind: Kind = "analytic"
    origin: str = "model"
    rtol: float = 1e-5
    atol: float = 1e-9
    error: float = 0.0
    holds: bool = False


@dataclass(frozen=True)
class Outcome:
    """A check with our value. `allowed` is the largest difference that passes; `se` and `draws` for statistical ones; `error` for an estimate."""

    check: Check
    value: float
    allowed: float
    se: float | None = None
    draws: int | None = None
    error: float | None = None

    @property
    def difference(self) -> float:
        """Ours less the published one."""
        return self.value - self.check.published

    @property
    def met(self) -> bool:
        """True if the difference is within what is allowed; a value that is not finite never is."""
        return math.isfinite(self.value) and abs(self.difference) <= self.allowed


@dataclass(frozen=True)
class Paper:
    """One replication file. `parts` are the labelled paragraphs of its docstring."""

    name: str
    title: str
    parts: Mapping[str, str]
    inputs: Mapping[str, Any]
    status: Status
    checks: tuple[Check, ...]
    left_out: Mapping[str, str]
    module: ModuleType = field(repr=False)

    def run(self) -> dict[str, float]:
        """Name → value, by the functions of the product."""
        return {k: float(v) for k, v in self.module.run().items()}

    def picture(self) -> Any:
        """The paper's Altair chart."""
        return self.module.picture()

    def outcomes(self) -> list[Outcome]:
        """Every check with our value; KeyError names a value that `run` does not give."""
        values = self.run()
        return [judge(check, values) for check in self.checks]


def judge(check: Check, values: Mapping[str, float]) -> Outcome:
    """Our value of a check and the difference it is allowed."""
    if check.name not in values:
        raise KeyError(f"run() gives no value {check.name!r}; it gives {', '.join(sorted(values))}")
    value = float(values[check.name])
    if check.kind != "statistical":
        own = values.get(f"{check.name}.error")
        return Outcome(check, value, check.atol + check.rtol * abs(check.published), error=None if own is None else float(own))
    se, draws = float(values[f"{check.name}.se"]), int(values[f"{check.name}.draws"])
    return Outcome(check, value, STANDARD_ERRORS * math.hypot(se, check.error), se, draws)


def names() -> list[str]:
    """Papers in this folder, in alphabetical order."""
    found = (m.name for m in pkgutil.iter_modules(package.__path__) if not m.ispkg)
    return sorted(n for n in found if not n.startswith("_") and n not in TOOLS)


def paper(name: str) -> Paper:
    """One paper by the name of its file. Raises ModuleNotFoundError for an unknown one, ValueError for a file that lacks a part."""
    module = importlib.import_module(f"{package.__name__}.{name}")
    title, parts = read_docstring(module.__doc__ or "")
    missing = [label for label in LABELS if label not in parts]
    missing += [a for a in ("INPUTS", "STATUS", "CHECKS", "run", "picture") if not hasattr(module, a)]
    if missing:
        raise ValueError(f"replications/{name}.py lacks {', '.join(missing)}")
    return Paper(name, title, parts, module.INPUTS, module.STATUS, tuple(module.CHECKS), dict(getattr(module, "LEFT_OUT", {})), module)


def papers() -> list[Paper]:
    """All papers."""
    return [paper(name) for name in names()]


def left_out() -> list[dict[str, str]]:
    """Published results of the design without a file here: `what`, and `why` nothing of the product reproduces it."""
    from ruamel.yaml import YAML

    return [dict(row) for row in YAML(typ="safe").load(Path(__file__).with_name("left_out.yaml").read_text(encoding="utf-8"))]


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Title line, and the paragraphs that begin with a label and two or more blanks (`Claim    …`), their indented lines joined."""
    title, *rest = text.strip().splitlines()
    parts: dict[str, str] = {}
    label = ""
    for line in rest:
        if found := re.match(r"([A-Z][a-z]+) {2,}(\S.*)", line):
            label = found[1]
            parts[label] = found[2].strip()
        elif label and line.startswith(" "):
            parts[label] += ("\n" if label == "Equation" else " ") + line.strip()
        elif line.strip() == "":
            label = ""
    return title.strip().rstrip("."), parts


# --------------------------------------------------------------------------------------------- nested results as named numbers


def flat(name: str, value: Any) -> dict[str, float]:
    """Nested lists and mappings as named numbers: {"m": [1, 2]} under "x" → x.m[0], x.m[1]; true and false as 1 and 0."""
    if isinstance(value, Mapping):
        return {k: v for key, part in value.items() for k, v in flat(f"{name}.{key}" if name else str(key), part).items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return {k: v for i, part in enumerate(value) for k, v in flat(f"{name}[{i}]", part).items()}
    return {name: float(value)}


def checks(published: Mapping[str, Any], checkpoint: str = "", **how: Any) -> tuple[Check, ...]:
    """Checks of nested published values, named as `flat` names them; `how` are further fields of `Check`."""
    return tuple(Check(name, value, checkpoint, **how) for key, part in published.items() for name, value in flat(key, part).items())


def statements(checkpoint: str = "", names: Iterable[str] = (), origin: str = "published", kind: Kind = "analytic") -> tuple[Check, ...]:
    """Checks of statements that must hold (value 1)."""
    return tuple(Check(name, 1.0, checkpoint, kind, origin, rtol=0.0, atol=0.0, holds=True) for name in names)
