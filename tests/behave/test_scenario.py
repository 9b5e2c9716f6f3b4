"""A scenario is read as written, linked, and told apart by what matters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from detente.scenario import Scenario, check, digest, load, new, shipped, validate_names
from detente.scenario.elements import expand


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new(tmp_path / "mine")


def edit(folder: Path, file: str, old: str, put: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, put, 1), encoding="utf-8")


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_has_no_problem(name: str) -> None:
    assert [str(problem) for problem in check(name)] == []


def test_the_shipped_scenario_holds_what_it_promises() -> None:
    scenario = load("euro_atlantic")
    assert len(scenario.actors) >= 11
    assert (len(scenario.blocs), len(scenario.rivalries), len(scenario.domains), len(scenario.challenges)) == (2, 4, 4, 6)
    assert scenario.treaties["start"].expires[-1] == date(2031, 2, 5)
    assert scenario.pair_names[:2] == ("rus>usa", "usa>rus")
    assert scenario.quarter(scenario.history.end) == 123


def test_importing_the_scenario_layer_is_light() -> None:
    heavy = "jax numpy pandas xarray scipy zarr ruamel"
    code = f"import sys, detente.scenario; print([m for m in {heavy.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_new_writes_loads_under_the_folders_name(tmp_path: Path) -> None:
    place = new(tmp_path / "My-Crisis")
    assert [str(problem) for problem in check(place)] == []
    scenario = load(place)
    assert scenario.id == "my_crisis"
    assert [t.id for t in scenario.ordered_theories()] == ["spiral", "deterrence"]
    assert load(str(place / "scenario.yaml")).actors == scenario.actors


def test_what_new_writes_uses_names_that_the_mechanisms_have(folder: Path) -> None:
    compose = pytest.importorskip("detente.engine.compose")
    scenario = load(folder, compose.vocabulary())
    assert validate_names(scenario, compose.vocabulary()) == []
    assert compose.compose(scenario).rows


def test_rows_of_the_record_carry_their_lines(folder: Path) -> None:
    scenario = load(folder)
    lines = (folder / "record/events.csv").read_text(encoding="utf-8").splitlines()
    assert len(scenario.events) == len(lines) - 1
    for event in scenario.events:
        assert lines[event.line - 1].startswith(f"{event.date},{event.draw},{event.item},{event.value}")


def test_a_quoted_note_over_two_lines_does_not_shift_the_lines(folder: Path) -> None:
    edit(folder, "record/events.csv", "a new leader", '"a new\nleader"')
    first, second, *_ = load(folder).events
    assert (first.line, second.line) == (2, 4)


def test_optional_folders_may_be_missing(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.name != "scenario.yaml":
            path.rmdir() if path.is_dir() else path.unlink()
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    (folder / "scenario.yaml").write_text(text[: text.index("record:\n")], encoding="utf-8")
    scenario = load(folder)
    assert not any((scenario.theories, scenario.values, scenario.policies, scenario.sources, scenario.events, scenario.measures))


def test_baselines_may_be_written_in_every_agreed_way(folder: Path) -> None:
    text = """ranges:
  reciprocity: [0.1, 0.2]
  revisionist: {east: [0.5, 0.6], '*': {range: [0, 1], source: invented}}
  fear0: {'*>east': [-1, 0]}
"""
    edit(folder, "scenario.yaml", "ranges:\n", text)
    ranges = load(folder).ranges
    assert ranges["encounters0"]["*"].range == (5.0, 30.0)
    assert ranges["reciprocity"]["*"].source == ("assumed",)
    assert ranges["revisionist"]["east"].range == (0.5, 0.6)
    assert ranges["revisionist"]["*"].source == ("invented",)
    assert list(ranges["fear0"]) == ["north>east", "border>east"]


def test_patterns_of_elements_become_exact_names(folder: Path) -> None:
    edit(folder, "theories/spiral.yaml", "{parameter: reciprocity,", "{parameter: fear0, element: [alliance>east, 'east>*'],")
    scenario = load(folder)
    assert scenario.theories["spiral"].ranges[1].elements == ("north>east", "border>east", "east>north", "east>border")
    assert expand(scenario, "forces:*") == ("forces:north", "forces:east")
    assert expand(scenario, "north>border") == ()
    assert expand(scenario, "alliance") == ("alliance",)


def test_a_package_holds_what_it_includes_and_overrides_it(folder: Path) -> None:
    text = """schema: 1
id: more
label: more
proposer: invented
required: [border]
unravels: nothing
includes: [no_change, talks]
levers:
  - {lever: talk, on: talks, effect: [4, 6], start: 2012}
"""
    (folder / "policies/more.yaml").write_text(text, encoding="utf-8")
    more = load(folder).policies["more"]
    assert [(use.lever, use.effect) for use in more.levers] == [("talk", (4.0, 6.0)), ("restraint", (0.1, 0.3))]
    assert more.required == ("border", "north", "east")
    assert more.bound == ()  # border signs this one


PROSE: dict[str, Callable[[Path], None]] = {
    "label of an actor": lambda f: edit(f, "scenario.yaml", "label: northern power", "label: another name"),
    "title": lambda f: edit(f, "scenario.yaml", "title: A rising", "title: The rising"),
    "note": lambda f: edit(f, "scenario.yaml", "note: leads the alliance", "note: leads it"),
    "comment": lambda f: edit(f, "scenario.yaml", "# A small", "# A very small"),
    "question": lambda f: edit(f, "scenario.yaml", "text: Will", "text: When will"),
    "argument of a theory": lambda f: edit(f, "theories/spiral.yaml", "argument: tone answers tone", "argument: as you to me"),
    "order of a theory": lambda f: edit(f, "theories/spiral.yaml", "order: 1", "order: 9"),
    "note of a policy": lambda f: edit(f, "policies/talks.yaml", "note: regular meetings", "note: meetings"),
    "note of a row": lambda f: edit(f, "record/events.csv", "a new leader", "another leader"),
    "holder of a profile": lambda f: edit(f, "values/peace.yaml", "holder: anyone", "holder: everyone"),
    "title of a source": lambda f: edit(f, "sources.yaml", "title: Invented", "title: Made up"),
}

MATTERS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "weight": (lambda f: edit(f, "scenario.yaml", "{north: 0.9, border: 0.1}", "{north: 0.8, border: 0.2}"), {"structure"}),
    "baseline": (lambda f: edit(f, "scenario.yaml", "range: [5, 30]", "range: [5, 31]"), {"structure"}),
    "order of actors": (
        lambda f: (
            edit(f, "scenario.yaml", "  border: {label: state between them}\n\nblocs", "\nblocs")
            or edit(f, "scenario.yaml", "actors:\n", "actors:\n  border: {label: state between them}\n")
        ),
        {"structure"},
    ),
    "error of a series": (lambda f: edit(f, "scenario.yaml", "error: 0.02", "error: 0.03"), {"record"}),
    "range of a theory": (lambda f: edit(f, "theories/spiral.yaml", "[0.4, 0.6]", "[0.4, 0.7]"), {"theory:spiral"}),
    "row of the record": (lambda f: edit(f, "record/events.csv", "2003-05-14", "2003-08-14"), {"record"}),
    "confidence of a row": (lambda f: edit(f, "record/events.csv", "east,1,high", "east,1,low"), {"record"}),
    "measure": (lambda f: edit(f, "record/measures.csv", "border,150.0", "border,151.0"), {"record"}),
    "effect of a lever": (lambda f: edit(f, "policies/talks.yaml", "[1.0, 3.0]", "[1.0, 4.0]"), {"policy:talks"}),
    "who must sign": (lambda f: edit(f, "policies/talks.yaml", "[north, east]          #", "[north] #"), {"policy:talks"}),
    "threshold": (lambda f: edit(f, "values/peace.yaml", "threshold: 2, argument: at", "threshold: 3, argument: at"), {"values:peace"}),
}


def moved(before: Scenario, after: Scenario) -> set[str]:
    one, other = digest.pieces(before), digest.pieces(after)
    assert set(one) == set(other)
    return {name for name in one if one[name] != other[name]}


@pytest.mark.parametrize("name", PROSE)
def test_an_edited_label_or_note_is_a_hit(folder: Path, name: str) -> None:
    before = load(folder)
    PROSE[name](folder)
    assert moved(before, load(folder)) == set()


@pytest.mark.parametrize("name", MATTERS)
def test_an_edited_number_is_a_miss_in_its_own_piece_only(folder: Path, name: str) -> None:
    before = load(folder)
    change, pieces = MATTERS[name]
    change(folder)
    assert moved(before, load(folder)) == pieces


def test_ranges_of_a_theory_in_another_order_are_a_hit(folder: Path) -> None:
    before = load(folder)
    path = folder / "theories/spiral.yaml"
    *head, one, two = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*head, two, one]) + "\n", encoding="utf-8")
    assert moved(before, load(folder)) == set()
