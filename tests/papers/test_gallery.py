"""The small scenarios: their pages are what the script writes today, short, and show what the papers published."""

import importlib.util
import re
from pathlib import Path

import pytest

from detente.replications.registry import names
from detente.scenario import load

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "gallery"
SMALL = ("richardson_1914", "enlargement_dilemma", "ladder", "crisis_bargaining", "collective_risk")


def maker():
    spec = importlib.util.spec_from_file_location("gallery_make", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text(name):
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def test_a_page_is_what_the_script_writes_today():
    assert text("collective_risk") == maker().make("collective_risk")[0], "run: python docs/gallery/make.py"


def test_the_gallery_lists_the_small_scenarios():
    made = maker()
    assert tuple(made.PAGES) == SMALL
    assert text("index") == made.index()


@pytest.mark.parametrize("name", SMALL)
def test_a_scenario_is_short_and_its_page_whole(name):
    said, entry = text(name), maker().PAGES[name]
    folder = ROOT / "src" / "detente" / "scenarios" / name
    assert len((folder / "scenario.yaml").read_text(encoding="utf-8").splitlines()) < 60
    included = [(FOLDER / p).resolve() for p in re.findall(r"\{literalinclude\} (\S+)", said)]
    assert included == [
        folder / "scenario.yaml",
        *(folder / "theories" / f"{t}.yaml" for t in sorted(load(name).theories, key=order(name))),
    ]
    assert f"$ detente run {name}\n" in said
    for part in (entry.shows, entry.reads, entry.caveat, f"]({name}.svg)"):
        assert part in said
    assert set(entry.papers) <= set(names())
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8").startswith("<svg")


def order(name):
    return lambda theory: load(name).theories[theory].order


def rows(name):
    cells = [line.strip("| ").split(" | ") for line in text(name).splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in cells[2:]}


def number(cell):
    return float(re.match(r"<?[−-]?[\d.]+", cell)[0].lstrip("<").replace("−", "-"))


def test_the_runs_show_what_was_published():
    """On the pages as they stand; that they are the script's own is tested above for one, in full, and by its tables for the others."""
    line = [row for what, row in rows("richardson_1914").items() if "each answers" in what]
    assert abs(number(line[0][1]) - 0.73) < 0.1
    assert abs(number(line[1][1]) - 194.0) < 5.0
    accession = list(rows("enlargement_dilemma").values())
    assert 0.3 <= number(accession[0][1]) <= 0.9
    assert accession[1][1].startswith("0 of")
    left = [number(row[1]) for row in rows("ladder").values()]
    assert left == sorted(left, reverse=True)
    assert left[0] < 1.0
    known, hidden, _ = (number(row[1]) for row in rows("crisis_bargaining").values())
    assert known < hidden
    will = [number(row[1]) for row in list(rows("collective_risk").values())[:3]]
    assert will[0] > 0.5 > will[1] > will[2]
