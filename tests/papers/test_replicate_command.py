"""`detente replicate`: what it prints, its exit codes, and that a wrong mechanism is found out."""

import ast
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.cli import app
from detente.replications import _trust, baliga_sjostrom2004, molander1985, registry, santos_pacheco2011
from detente.replications.registry import Check, names, paper
from detente.report import replicate
from detente.scenario import ScenarioError

HELPERS = ("detente.replications._small", "detente.replications._trust", "detente.replications._cascade", "detente.replications._linear")
PRODUCT = ("detente.mechanisms.", "detente.analysis", "detente.engine.", "detente.contract")


@pytest.mark.parametrize("name", names())
def test_a_paper_runs_functions_of_the_product(name):
    tree = ast.parse(Path(paper(name).module.__file__).read_text(encoding="utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [m for m in imported if m.startswith(PRODUCT) or m in HELPERS], f"{name} runs nothing of the product"


@pytest.mark.parametrize(
    ("name", "module", "function"),
    [
        ("baliga_sjostrom2004", baliga_sjostrom2004, "target"),
        ("molander1985", molander1985, "answer"),
        ("santos_pacheco2011", santos_pacheco2011, "gain"),
        ("santos_pacheco2011", santos_pacheco2011, "contribute"),
        ("schultz2005", _trust, "update"),
    ],
)
def test_a_mechanism_that_is_a_little_wrong_is_found_out(monkeypatch, name, module, function):
    right = getattr(module, function)
    monkeypatch.setattr(module, function, lambda *given: 1.001 * right(*given) + 0.001)
    assert [o for o in paper(name).outcomes() if not o.met]


def test_one_paper_with_its_picture(capsys, tmp_path):
    figure = tmp_path / "out" / "fear.svg"
    assert replicate.replicate_command("baliga_sjostrom2004", figure=figure) == 0
    said = capsys.readouterr().out
    for part in ("Citation", "Equation", "Inputs", "Left out", "analytic,", "21 of 21 met"):
        assert part in said
    assert figure.read_text(encoding="utf-8").startswith("<svg")


def test_json_has_every_value_and_its_origin(capsys):
    assert replicate.replicate_command("molander1985", json_=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "replication"
    assert len(found["values"]) == len(molander1985.CHECKS)
    assert all(v["met"] and v["origin"] and abs(v["difference"]) <= v["allowed"] for v in found["values"])


def test_exit_code_tells_what_falls_short(monkeypatch, capsys):
    monkeypatch.setattr(molander1985, "CHECKS", (Check("generosity[0]", 0.3), Check("generosity[1]", 0.75)))
    assert replicate.replicate_command("molander1985") == 1
    assert "SHORT" in capsys.readouterr().out


@pytest.mark.parametrize(("published", "code"), [(1 / 3, 0), (0.3, 1)])
def test_the_program_itself_ends_with_that_code(monkeypatch, published, code):
    monkeypatch.setattr(molander1985, "CHECKS", (Check("generosity[0]", published),))
    assert CliRunner().invoke(app, ["replicate", "molander1985"]).exit_code == code


def test_one_value_short_among_all_papers_is_exit_code_one_and_what_is_left_out_is_said(monkeypatch, capsys):
    monkeypatch.setattr(replicate, "names", lambda: ["molander1985", "milnor1954"])
    assert replicate.replicate_command() == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Left out, and why" in said
    assert "molander1985, A06-4" in said
    assert "Intriligator & Brito 1984" in said
    monkeypatch.setattr(molander1985, "CHECKS", (Check("generosity[0]", 0.3),))
    assert replicate.replicate_command() == 1


def test_a_missing_library_is_said_and_is_no_success(monkeypatch, capsys):
    def run():
        raise ModuleNotFoundError("No module named 'numpyro'", name="numpyro")

    monkeypatch.setattr(molander1985, "run", run)
    assert replicate.replicate_command("molander1985") == 1
    assert "needs numpyro" in capsys.readouterr().out


def test_unknown_paper_names_the_nearest():
    with pytest.raises(ScenarioError, match='unknown paper "richardson"; did you mean "richardson1960"'):
        replicate.replicate_command("richardson")
    with pytest.raises(ScenarioError, match="a figure belongs to one paper"):
        replicate.replicate_command(figure=Path("x.svg"))


def test_a_file_that_lacks_a_part_is_named(monkeypatch):
    monkeypatch.delattr(molander1985, "INPUTS")
    with pytest.raises(ValueError, match=r"replications/molander1985\.py lacks INPUTS"):
        registry.paper("molander1985")


def test_the_documentation_page_holds_every_paper():
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "replications.md"
    said = page.read_text(encoding="utf-8")
    assert [n for n in names() if f"({n})=" not in said] == []
    assert "SHORT" not in said
