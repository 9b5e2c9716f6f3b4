"""Two equal powers, each the leader of its bloc and the rival of the other's: what the model does to one it must do to the other.

Left out, and held still, are the mechanisms in which the first bloc or the first direct rivalry of a file has a part of its own.
"""

import shutil
from pathlib import Path

import numpy as np

from detente import scenario as files
from detente.scenario import Scenario

EXCHANGED = {"a": "b", "b": "a"}
TEXT = """schema: 1
id: two
title: Two equal powers
note: Invented, for the test of neutrality.
source: assumed
as_of: 2010-12-31
history: {start: 2001-01-01, end: 2010-12-31}
horizon: {end: 2015-12-31}
mechanisms: [intent, conduct, hawks, arms, incidents, challenge, escalation, learning, self_deception, joint_work, outcomes]
actors:
  a: {label: one power, nuclear: true}
  b: {label: other power, nuclear: true}
blocs:
  bloc_a: {label: bloc of one, leader: a, rival: b, theatre: land_a, weights: {a: 1.0}, founders: [a]}
  bloc_b: {label: bloc of the other, leader: b, rival: a, theatre: land_b, weights: {b: 1.0}, founders: [b]}
theatres:
  land_a: {label: where one stands, rival: b}
  land_b: {label: where the other stands, rival: a}
pairs:
  - {between: [a, b], rival: true}
rivalries:
  line_a: {label: the other may challenge one, kind: direct, sides: [[a], [b]], bloc: bloc_a, challenger: b, front: [a]}
  line_b: {label: one may challenge the other, kind: direct, sides: [[b], [a]], bloc: bloc_b, challenger: a, front: [b]}
domains:
  conventional: {label: conventional forces}
challenges:
  flood: {label: floods}
ranges:
  danger: {range: [0.02, 0.05], note: many incidents}
initial:
  gdp: 1000
  arms: 30
  warheads: 100
  strike: 0
  intervention: 0
  cohesion: 0.6
  drive: 0
  mission: 0
  opened: 0
  overstretch: 0
  present: 20
  offer: 0
  wish: 0
  promised_now: 0
  joined_now: 0
  accession_hazard: 0
  adheres: 0
  in_force: 0
  compliance: 0
  exit_now: 0
  open: 0
  capacity: 0
  reopened_now: 0
"""
THEORY = """schema: 1
id: calm
order: 1
argument: the yardstick
holder: nobody
sentence: Everything as the mechanisms have it.
table: baseline
"""


def symmetric(folder: Path) -> Scenario:
    """The scenario, written to a folder and loaded."""
    files.new(folder)
    for part in ("record", "policies", "theories", "values"):
        shutil.rmtree(folder / part, ignore_errors=True)
    (folder / "scenario.yaml").write_text(TEXT, encoding="utf-8")
    (folder / "theories").mkdir()
    (folder / "theories" / "calm.yaml").write_text(THEORY, encoding="utf-8")
    return files.load(folder)


def mirror_name(name: str) -> str:
    """The name with the two powers exchanged: `a>b` → `b>a`, `line_a` → `line_b`."""
    if name[:1] in EXCHANGED and name[1:2] in ("", ">"):
        return "".join(EXCHANGED.get(letter, letter) for letter in name)
    return name[:-1] + EXCHANGED[name[-1]] if name[-2:] in ("_a", "_b") else name


def mirror(names: tuple[str, ...]) -> np.ndarray:
    """Place of each name's exchanged one on its axis."""
    return np.array([names.index(mirror_name(name)) for name in names], np.int32)
