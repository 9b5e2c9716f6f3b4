"""The end of a session: the page's state as a package and theories of the scenario, in a folder that `detente run` takes and answers with the same shares.

The measures become one package `room`: what a future's levers do there is what the page had them do, to the bit. Your theory and doubted ones become
theory files; where the page had only weighed their particles anew, or held a value from the record's end on, `detente run` learns them from the record, and
its figures are the surer ones. The folder's README says which is the case for each.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detente.app import mine
from detente.app.ask import Ask
from detente.app.room import Room
from detente.scenario import Policy, Theory

ID = "room"
DAY = (1980, 1, 1, 0, 0, 0)
"""Date of every file in the archive: the same session gives the same bytes."""
TEXT = 3000
"""Characters of a text in a scenario file."""


def package(room: Room, ask: Ask) -> Policy:
    """The page's measures as one package: a use for each lever and element that any of them pulls."""
    parts = [room.scenario.policies[name] for name, _ in ask.levers]
    required = tuple(dict.fromkeys(x for p in parts for x in p.required))
    bound = tuple(dict.fromkeys(x for p in parts for x in p.bound if x not in required))
    return Policy.model_validate(
        {
            "schema": 1,
            "id": ID,
            "label": "what the room agreed to try",
            "proposer": "the room, of packages each at a strength of its own (the note)",
            "note": ", ".join(f"{p.label} at {round(100 * x)} %" for p, (_, x) in zip(parts, ask.levers, strict=True))[:TEXT],
            "required": required,
            "bound": bound,
            "unravels": (" / ".join(dict.fromkeys(p.unravels for p in parts)) or "nothing")[:TEXT],
            "levers": tuple(
                {"lever": lever, "on": (element,) if element else (), "effect": effect, "start": start, "end": end}
                for lever, element, effect, (start, end) in room.pulled(ask)
            ),
        }
    )


def folder(room: Room, ask: Ask, own: Theory | None = None) -> dict[str, str]:
    """Path in the folder → text, of all that a session changes or adds; with the scenario's own files it is whole."""
    out = {"README.md": readme(room, ask, own)}
    if ask.levers:
        out[f"policies/{ID}.yaml"] = _policy(package(room, ask))
    if own is not None:
        out[f"theories/{mine.ID}.yaml"] = mine.to_yaml(room, mine.entries(own))
    for name, values in ask.held:
        if name in room.scenario.theories:
            theory = mine.doubted(room, name, values)
            words = {
                "argument": f"{theory.argument}, doubted"[:80],
                "holder": "the room, of a reading of ours",
                "sentence": theory.sentence,
            }
            out[f"theories/{name}_doubted.yaml"] = mine.to_yaml(room, mine.entries(theory), f"{name}_doubted", **words)
    return out


def archive(room: Room, ask: Ask, own: Theory | None = None) -> bytes:
    """The whole folder, named after the scenario, as a ZIP: the scenario's files and the session's."""
    made = folder(room, ask, own)
    root = room.scenario.origin.folder
    where = f"{room.scenario.id}_session"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as whole:
        for path in _files(root):
            name = path.relative_to(root).as_posix()
            if name not in made:
                whole.writestr(zipfile.ZipInfo(f"{where}/{name}", DAY), path.read_bytes(), zipfile.ZIP_DEFLATED)
        for name, text in made.items():
            whole.writestr(zipfile.ZipInfo(f"{where}/{name}", DAY), text, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def readme(room: Room, ask: Ask, own: Theory | None) -> str:
    """What the folder is, how to run it, and which of the page's figures it reproduces."""
    chosen = " ".join(f"--policy {ID}" for _ in range(bool(ask.levers)))
    lines = [
        f"# A session over {room.scenario.title}",
        "",
        f"    detente run . --futures {room.futures} --seed {room.seed} {chosen}".rstrip(),
        "",
        "gives under every reading of the scenario the shares that the page had at full sharpness, for the same futures.",
    ]
    if own is not None:
        lines += ["", f"`theories/{mine.ID}.yaml` is the theory made in the room. `detente run` learns it from the record; the page may have shown it from",
                  "weighed particles until it was learnt behind."]  # fmt: skip
    for name, values in ask.held:
        said = ", ".join(f"{p} about {x:.4g}" for p, x in values)
        lines += [
            "",
            f"`theories/{name}_doubted.yaml`: {name}, doubted in the room ({said}). `detente run` learns it from the record with that narrow range.",
        ]
    return "\n".join(lines) + "\n"


def _policy(p: Policy) -> str:
    def text(x: Any) -> str:
        return json.dumps(x, ensure_ascii=False)

    head = [f"schema: {p.schema_version}", f"id: {p.id}", f"label: {text(p.label)}", f"proposer: {text(p.proposer)}"]
    head += [f"required: {text(list(p.required))}", f"bound: {text(list(p.bound))}", f"unravels: {text(p.unravels)}"]
    head += [f"note: {text(p.note)}", "levers:"]
    for u in p.levers:
        on = f", on: {text(list(u.on))}" if u.on else ""
        end = f", end: {u.end!r}" if u.end is not None else ""
        head.append(f"  - {{lever: {u.lever}{on}, effect: [{u.effect[0]!r}, {u.effect[1]!r}], start: {u.start!r}{end}}}")
    return "\n".join(head) + "\n"


def _files(root: Path) -> Iterator[Path]:
    yield from sorted(
        p for p in root.rglob("*") if p.is_file() and not any(part.startswith((".", "__")) for part in p.relative_to(root).parts)
    )
