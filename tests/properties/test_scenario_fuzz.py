"""Whatever is done to a scenario's files, reading them raises nothing but ScenarioError, and each problem is one line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from detente.scenario import ScenarioError, check, digest, load, new
from detente.scenario.read import read_yaml, resolve

FUZZ = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])

# Fragments that have broken readers of YAML and CSV before, and values of every type in the wrong place.
FRAGMENTS = [
    *(
        "",
        " ",
        "\t",
        "\n",
        ":",
        ": ",
        "- ",
        "? ",
        "|",
        ">",
        "&a ",
        "*a",
        "!!int ",
        "!x ",
        "#",
        "{",
        "}",
        "[",
        "]",
        "{}",
        "[]",
        "<<: *a",
        "=",
    ),
    *("%YAML 1.1\n", "---\n", "...\n", "null", "~", "true", "yes", "1", "-1", "1e999", ".inf", ".nan", "0x1f", "1_000", "9" * 50),
    *("2021-02-30", "0000-00-00", "9999-12-31", "2001-01-01", '"', "'", '"\\U99999999"', '"\\x00"', "\x00", "\x85", "\u2028", "\ufeff"),
    *("\ud7ff", "é", "𝔘", "a" * 5000, "[" * 200, "schema", "includes: [talks]", "element: '*'", "on: '*>*'", "a>b>c", "x:y:z", ",", ",,"),
    *("east>north", "forces:east", "*", "north", "alliance"),
]
Edit = tuple[int, int, float, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = new(tmp_path_factory.mktemp("fuzz") / "mine")
    yield place
    shutil.rmtree(place)


def edits() -> st.SearchStrategy[list[Edit]]:
    text = st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8))
    return st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99), st.floats(0, 1), text), min_size=1, max_size=4)


def mutate(content: str, edit: Edit) -> str:
    """Insert, delete, replace a word, or repeat a line at a place of the text."""
    kind, size, place, text = edit
    at = int(place * len(content))
    if kind == 0:
        return content[:at] + text + content[at:]
    if kind == 1:
        return content[:at] + content[at + size :]
    if kind == 2:
        words = list(re.finditer(r"[\w.>*-]+", content))
        if not words:
            return text
        word = words[min(int(place * len(words)), len(words) - 1)]
        return content[: word.start()] + text + content[word.end() :]
    lines = content.split("\n")
    line = min(int(place * len(lines)), len(lines) - 1)
    return "\n".join([*lines[:line], lines[line], *lines[line:]])


def reads(folder: Path) -> None:
    problems = check(folder)
    for problem in problems:
        assert isinstance(problem, ScenarioError)
        assert len(str(problem).splitlines()) == 1, str(problem)
        assert len(str(problem)) < 1000
    if problems:
        with pytest.raises(ScenarioError):
            load(folder)
    else:
        digest.pieces(load(folder))


FILES = [
    *("scenario.yaml", "sources.yaml", "theories/spiral.yaml", "values/peace.yaml", "policies/talks.yaml"),
    *("record/events.csv", "record/coverage.csv", "record/rungs.csv", "record/measures.csv"),
]


@pytest.mark.parametrize("file", FILES)
def test_mutated_files_raise_nothing_but_scenario_errors(folder: Path, file: str) -> None:
    content = (folder / file).read_text(encoding="utf-8")

    @FUZZ
    @given(edits())
    def run(changes: list[Edit]) -> None:
        text = content
        for change in changes:
            text = mutate(text, change)
        (folder / file).write_bytes(text.encode("utf-8", "surrogatepass"))
        reads(folder)

    try:
        run()
    finally:
        (folder / file).write_text(content, encoding="utf-8")
    assert check(folder) == []


@FUZZ
@given(st.sampled_from(FILES), st.binary(max_size=300))
def test_any_bytes_raise_nothing_but_scenario_errors(folder: Path, file: str, raw: bytes) -> None:
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(raw)
    try:
        reads(folder)
    finally:
        (folder / file).write_bytes(content)


# ruamel does not read back what it writes of a word that begins with a question mark (its scanner takes it for a key), nor of the rare line breaks.
words = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=12).filter(
    lambda word: not word.startswith("?")
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False), st.dates(), words)
keys = st.text("abc_", min_size=1, max_size=5)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))


@settings(max_examples=60)
@given(values)
@example({"on": "yes", "no": "off", "date": "2021-13-01"})
def test_a_value_written_by_another_library_is_read_back(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    from ruamel.yaml import YAML

    path = tmp_path_factory.mktemp("round") / "value.yaml"
    with path.open("w", encoding="utf-8") as handle:
        YAML(typ="safe", pure=True).dump({"value": value}, handle)
    assert read_yaml(path, "value.yaml").value == {"value": tuples(value)}


def tuples(value: object) -> object:
    if isinstance(value, list):
        return tuple(tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: tuples(item) for key, item in value.items()}
    return value


@given(st.text(max_size=60))
def test_a_scalar_is_resolved_or_refused(text: str) -> None:
    try:
        value = resolve(text)
    except ValueError:
        return
    assert not isinstance(value, str) or value == text
