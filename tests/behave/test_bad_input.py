"""Bad input gets one sentence: what, where (file, line, field), what was expected, the nearest right name; nothing else is raised."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from detente.scenario import ScenarioError, check, load, new

VOCABULARY = {
    "parameter": {
        "revisionist": "actor",
        "reciprocity": None,
        "mistake": None,
        "revisionism": None,
        "provocation": None,
        "encounters0": None,
    },
    "lever": {"talk": "channel", "restraint": "actor"},
    "outcome": {"crises": {"axis": "rivalry", "better": "below"}, "denied": "applicant", "influence": {"axis": "actor", "better": "above"}},
    "draw": {"gdp": "actor", "arms": "actor", "leadership": "actor", "wish": "applicant", "renew": "treaty", "suspend": "channel"},
    "mechanism": "shocks intent conduct hawks arms theatres purpose open_door treaties channels incidents challenge escalation learning "
    "self_deception joint_work outcomes".split(),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new(tmp_path / "mine")


def edit(folder: Path, file: str, old: str, put: str) -> int:
    """Replace the first `old` in a file; returns the line at which it stood."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the template of the test no longer holds {old!r}"
    path.write_text(text.replace(old, put, 1), encoding="utf-8")
    return text.count("\n", 0, text.index(old)) + 1


def problem(folder: Path) -> ScenarioError:
    """The one problem that `check` finds; `load` raises the same."""
    problems = check(folder, VOCABULARY)
    assert [str(p) for p in problems] == [str(problems[0])], "one mistake, one sentence"
    with pytest.raises(ScenarioError) as raised:
        load(folder, VOCABULARY)
    assert str(raised.value) == str(problems[0])
    assert "\n" not in str(problems[0])
    assert len(str(problems[0])) < 400
    return problems[0]


TABLE = Path(__file__).with_name("bad_input.csv")
"""One mistake a row: what stands in the file that `new` writes, what is put instead, where it is told (lines below it), what is said."""
with TABLE.open(encoding="utf-8", newline="") as handle:
    CASES = {row["mistake"]: row for row in csv.DictReader(handle)}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_gets_one_sentence_with_its_place(folder: Path, name: str) -> None:
    case = CASES[name]
    old, put = (case[key].replace("\\n", "\n").replace("\\t", "\t").replace("LONG", "x" * 500) for key in ("stands", "instead"))
    line = edit(folder, case["file"], old, put)
    error = problem(folder)
    assert error.file == case["file"]
    if case["lines_below"] != "any":
        line += int(case["lines_below"])
        assert error.line == line
        assert str(error).startswith(f"{case['file']}, line {line}{', ' if case['field'] else ':'}")
    if case["field"] != "any":
        assert error.field == case["field"]
    for part in case["says"].split(" & "):
        assert part in str(error)


def test_a_key_misspelt_is_both_missing_and_unknown(folder: Path) -> None:
    edit(folder, "theories/spiral.yaml", "order: 1", "ordr: 1")
    assert [str(p).split("; expected")[0] for p in check(folder)] == [
        'theories/spiral.yaml, order: "order" is missing',
        'theories/spiral.yaml, line 4, ordr: unknown key "ordr"; did you mean "order"?',
    ]


def test_the_sentence_reads_as_agreed(folder: Path) -> None:
    edit(folder, "theories/spiral.yaml", "parameter: mistake", "parameter: mistke")
    assert str(problem(folder)) == 'theories/spiral.yaml, line 16, ranges[2].parameter: unknown parameter "mistke"; did you mean "mistake"?'


def _remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def _write(file: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / file).write_bytes(content)


def _sparse(file: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        with (folder / file).open("r+b") as handle:
            handle.truncate(1 << 30)

    return make


def _folder_for_file(folder: Path) -> None:
    (folder / "sources.yaml").unlink()
    (folder / "sources.yaml").mkdir()


LAUGHS = b"schema: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [{', '.join(['*' + chr(97 + k)] * 10)}]\n".encode() for k in range(9)
)
FILES = {
    "missing scenario.yaml": (_remove("scenario.yaml"), "scenario.yaml", "missing file"),
    "missing file of measures": (_remove("record/measures.csv"), "scenario.yaml", 'missing file "record/measures.csv"'),
    "a file of 1 GB": (_sparse("theories/spiral.yaml"), "theories/spiral.yaml", "1,074 MB; expected at most 5 MB"),
    "a record of 1 GB": (_sparse("record/measures.csv"), "record/measures.csv", "1,074 MB; expected at most 5 MB"),
    "a billion laughs": (_write("scenario.yaml", LAUGHS), "scenario.yaml", "more than 100,000 values"),
    "an alias within itself": (_write("scenario.yaml", b"schema: 1\na: &a [*a]\n"), "scenario.yaml", "contains itself"),
    "ten thousand aliases": (_write("scenario.yaml", b"a: &a x\nb: [" + b"*a ," * 9999 + b"]\n"), "scenario.yaml", "more than 200 aliases"),
    "nested without end": (_write("scenario.yaml", b"[" * 100_000), "scenario.yaml", "nested more than 30 deep"),
    "an empty file": (_write("values/peace.yaml", b"# nothing\n"), "values/peace.yaml", "the file is empty"),
    "an empty table": (_write("record/rungs.csv", b""), "record/rungs.csv", "expected the header id,rivalry"),
    "a list at the top": (_write("values/peace.yaml", b"- a\n"), "values/peace.yaml", "expected a mapping"),
    "not UTF-8": (_write("values/peace.yaml", "schema: 1\nlabel: Zürich\n".encode("latin-1")), "values/peace.yaml", "not UTF-8"),
    "binary": (_write("values/peace.yaml", bytes(range(32))), "values/peace.yaml", "not YAML"),
    "a table that is binary": (_write("record/rungs.csv", b"id,rivalry\x00\n"), "record/rungs.csv", ""),
    "a quote never closed": (_write("record/rungs.csv", b'id,rivalry\n"a,b\n'), "record/rungs.csv", ""),
    "two documents": (_write("values/peace.yaml", b"a: 1\n---\nb: 1\n"), "values/peace.yaml", "a second YAML document"),
    "a folder for a file": (_folder_for_file, "sources.yaml", "found a folder"),
    "a file that nobody reads": (_write("record/event.csv", b"x\n"), "record/event.csv", 'did you mean "events.csv"?'),
    "a wrong ending": (_write("theories/other.yml", b"x\n"), "theories/other.yml", "end in .yaml"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none_gets_one_sentence(folder: Path, name: str) -> None:
    spoil, file, part = FILES[name]
    spoil(folder)
    error = problem(folder)
    assert error.file == file
    assert part in str(error)


def test_many_files_and_much_text_are_refused_before_they_are_read(folder: Path) -> None:
    for k in range(5):
        with (folder / f"theories/t{k}.yaml").open("wb") as handle:
            handle.truncate(4_900_000)
    assert str(problem(folder)) == "theories: the files have 25 MB together; expected at most 20 MB"
    for k in range(5):
        (folder / f"theories/t{k}.yaml").unlink()
    for k in range(301):
        (folder / f"policies/p{k}.yaml").touch()
    assert "policies: the folder holds 303 files; expected at most 300" in str(problem(folder))


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "values/peace.yaml").unlink()
    os.mkfifo(folder / "values/peace.yaml")
    assert str(problem(folder)) == "values/peace.yaml: expected a regular file"


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("euro_atlntic", 'did you mean "euro_atlantic"?'),
        ("/nowhere/at/all", "neither a folder nor a shipped scenario"),
        ("a\nb\0", "neither a folder nor a shipped scenario"),
        ("x" * 5000, "neither a folder nor a shipped scenario"),
    ],
)
def test_a_scenario_that_does_not_exist(place: str, part: str) -> None:
    (error,) = check(place)
    assert part in str(error)
    assert "\n" not in str(error)


def test_a_file_in_the_place_of_the_folder(folder: Path) -> None:
    (error,) = check(folder / "sources.yaml")
    assert "expected the folder of a scenario, found a file" in str(error)
    assert check(folder / "scenario.yaml") == []


def test_check_tells_all_problems_in_order_of_file_and_line(folder: Path) -> None:
    edit(folder, "scenario.yaml", "leader: north", "leader: nort")
    edit(folder, "scenario.yaml", "founders: [north]", "founders: [nort]")
    edit(folder, "policies/talks.yaml", "bound: [border]", "bound: [boarder]")
    edit(folder, "record/events.csv", "2003-05-14,", "1999-05-14,")
    problems = check(folder, VOCABULARY)
    assert [p.file for p in problems] == ["policies/talks.yaml", "record/events.csv", "scenario.yaml", "scenario.yaml"]
    assert [p.order() for p in problems] == sorted(p.order() for p in problems)
    with pytest.raises(ScenarioError) as raised:
        load(folder, VOCABULARY)
    assert [str(p) for p in (raised.value, *raised.value.more)] == [str(p) for p in problems]


def test_circles_of_packages_and_patrons_name_the_way_round(folder: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        text = f"schema: 1\nid: {name}\nlabel: {name}\nproposer: x\nunravels: x\nincludes: {other}\n"
        (folder / f"policies/{name}.yaml").write_text(text, encoding="utf-8")
    assert str(problem(folder)) == "policies/a.yaml, line 6, includes: packages include one another in a circle: a → b → c → a"


def test_own_parties_may_sacrifice_what_others_may_not_wish_for_them(folder: Path) -> None:
    edit(folder, "values/peace.yaml", "outcome: crises, direction: below", "outcome: influence, element: east, direction: below")
    edit(folder, "values/peace.yaml", "accept:", "parties: [east]\naccept:")
    assert check(folder, VOCABULARY) == []


def test_new_writes_nothing_over_what_is_there(folder: Path) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(ScenarioError, match="exists already"):
        new(folder)
    assert before == {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(ScenarioError, match="begins with a letter"):
        new(folder.parent / "2nd")
    assert not (folder.parent / "2nd").exists()
    shutil.rmtree(folder)
    assert new(folder) == folder
