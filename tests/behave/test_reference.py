"""The reference pages are what the code declares."""

import importlib.util
from pathlib import Path

import pytest

from detente.engine.compose import BUILT_IN, built_in

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def maker():
    spec = importlib.util.spec_from_file_location("reference_make", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["mechanisms.md", "parameters.md"])
def test_a_page_is_what_the_script_writes_today(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == maker().pages()[name], "run: python docs/reference/make.py"


def test_every_mechanism_and_parameter_is_there_with_its_source():
    pages = maker().pages()
    for name in BUILT_IN:
        assert f"\n## {name}\n" in pages["mechanisms.md"]
        entry = maker().entry(name)
        assert [part for part in ("title", "text", "Source", "Met", "Claims", "Game") if not entry[part]] == [], name
        for parameter in built_in(name).parameters:
            assert f"\n| `{parameter}` |" in pages["parameters.md"]
