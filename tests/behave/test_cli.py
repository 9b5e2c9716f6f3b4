"""The command line: verbs in groups, one sentence on bad input, exit codes, JSON without time or place, nothing half written."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import synthetic_result as synthetic
from program import inside

from detente import cli
from detente.analysis.outcomes import vocabulary as outcomes
from detente.engine.compose import compose, vocabulary
from detente.report import files, run, show, show_claims, show_model
from detente.scenario import ScenarioError, load

DETENTE = [sys.executable, "-m", "detente.cli"]
TINY = ["run", "--futures", "8", "--theory", "spiral", "--policy", "talks"]


def call(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess:
    """The program in a process of its own."""
    return subprocess.run([*DETENTE, *words], cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def model():
    return compose(synthetic.scenario())


def test_help_groups_the_verbs_and_imports_no_heavy_library():
    code = (
        "import sys; sys.argv = ['detente', '--help']\nfrom detente import cli\ntry:\n    cli.main()\nexcept SystemExit as e:\n"
        "    heavy = {'jax', 'xarray', 'pandas', 'numpy', 'pydantic', 'rich', 'altair'} & set(sys.modules)\n"
        "    print('CODE', e.code, sorted(heavy))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert (
        out.index("Begin:")
        < out.index("  new ")
        < out.index("Answer:")
        < out.index("  run ")
        < out.index("Science:")
        < out.index("  claim ")
    )
    assert "CODE 0 []" in out


@pytest.mark.parametrize("words", [("new",), ("check",), ("show",), ("run",), ("claim",)])
def test_every_verb_has_help_with_an_example_and_json(capsys, words):
    code, out, _ = inside(capsys, *words, "--help")
    assert code == 0
    assert "Example" in out
    assert f"detente {words[0]}" in out.split("Example")[1]
    assert "--json" in out


def test_without_a_verb_it_prints_the_help(capsys):
    code, out, _ = inside(capsys)
    assert code == 0
    assert out.startswith("Usage: detente")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("shwo",), "no such command 'shwo'"),
        (("run", "--futures", "x"), "'--futures'"),
        (("run", "--futures", "1"), "'--futures'"),
        (("run", "--futrues", "9"), "no such option"),
        (("run", "--format", "pdf"), 'unknown format "pdf"'),
        (("run", "--theory", "grushok"), 'did you mean "grushko"?'),
        (("run", "--policy", "no_chnage"), 'did you mean "no_change"?'),
        (("run", "nowhere"), 'no scenario "nowhere"'),
        (("check", "nowhere"), 'no scenario "nowhere"'),
        (("show", "mechanism", "condcut"), 'did you mean "conduct"?'),
        (("show", "theory", "thomsen"), 'did you mean "thomson"?'),
        (("new", "9lives"), "expected a folder's name"),
        (("new",), "missing argument"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(capsys, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = inside(capsys, *words)
    assert code == 2
    assert out == ""
    assert err.startswith("detente: ")
    assert err.count("\n") == 1
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_the_program_says_so_and_is_no_bad_input(capsys, monkeypatch):
    def broken(scenario):
        raise ZeroDivisionError("no")

    monkeypatch.setattr(show, "overview", broken)
    code, _, err = inside(capsys, "show", "scenario")
    assert code == 70
    assert "a fault of this program: ZeroDivisionError" in err
    assert "Traceback" not in err


def test_new_then_check_is_in_order_and_a_broken_one_is_told_with_file_and_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert inside(capsys, "new", "my-crisis")[0] == 0
    assert inside(capsys, "check", "my-crisis")[:2] == (0, "my-crisis: in order\n")
    first = tmp_path / "my-crisis" / "scenario.yaml"
    first.write_text(first.read_text().replace("mechanisms: [shocks, intent,", "mechanisms: [shocks, intnet,"))
    code, out, _ = inside(capsys, "check", "my-crisis")
    assert code == 1
    assert re.search(r'scenario\.yaml, line \d+, mechanisms\[1\]: unknown mechanism "intnet"; did you mean "intent"\?', out)
    code, out, _ = inside(capsys, "check", "my-crisis", "--json")
    assert code == 1
    assert json.loads(out)["problems"][0]["field"] == "mechanisms[1]"
    assert inside(capsys, "new", "my-crisis")[0] == 2


def test_check_tells_what_composition_finds(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inside(capsys, "new", "x")
    first = tmp_path / "x" / "scenario.yaml"
    first.write_text(first.read_text().replace(" incidents, challenge,", " challenge,"))
    code, out, _ = inside(capsys, "check", "x")
    assert code == 1
    assert "which no listed mechanism writes" in out


PAGES = [
    *((name,) for name in ("scenario", "theories", "policies", "values", "levers", "parameters", "clock", "wiring", "claims")),
    ("theory", "thomson"),
    ("mechanism", "conduct"),
]


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_every_page_is_shown_and_its_json_is_the_same_twice(capsys, words):
    code, out, err = inside(capsys, "show", *words)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 5
    first, second = (inside(capsys, "show", *words, "--json")[1] for _ in range(2))
    assert first == second
    assert json.loads(first)
    assert str(Path(cli.__file__).parents[2]) not in first


def test_the_clock_is_what_runs(model):
    data = show_model.clock(model).data["clock"]
    assert [row["mechanism"] for row in data] == [m.name for m in model.mechanisms]
    written = set()
    for row, m in zip(data, model.mechanisms, strict=True):
        assert set(row["reads_now"]) | set(row["reads_before"]) == set(m.reads)
        assert set(row["reads_now"]) <= written
        assert not set(row["reads_before"]) & written
        written |= set(row["writes"])


def test_the_wiring_holds_every_declared_read_and_its_picture_names_all(model):
    flows = show_model.edges(model)
    owner = {s: m.name for m in model.mechanisms for s in m.writes}
    declared = {(owner[s], m.name) for m in model.mechanisms for s in m.reads if owner[s] != m.name}
    assert set(flows) == declared
    svg = show_model.wiring_svg(model)
    assert all(f">{m.name}</text>" in svg for m in model.mechanisms)
    assert svg.count("<circle") == len(flows)


def test_a_mechanism_is_shown_with_its_text_and_every_parameter(model):
    page = show_model.mechanism(model, "conduct")
    m = next(m for m in model.mechanisms if m.name == "conduct")
    assert "level_ij = base + reciprocity" in page.blocks[0]
    assert [row[0] for row in page.blocks[2].rows] == list(m.parameters)
    assert all(row[2] and row[4] and row[7] for row in page.blocks[2].rows)  # unit, range, source


def test_levers_have_a_counterpart_or_a_reason(model):
    for row in show_model.levers(model).blocks[1].rows:
        assert row[5], row[0]


def test_every_claim_and_question_is_served_by_what_exists(root):
    s = synthetic.scenario()
    ids = [row["id"] for row in show_claims.read_claims(s)]
    assert ids == [f"S{k}" for k in range(1, 30)] + [f"Q{k}" for k in range(1, 6)]
    names = vocabulary(outcomes=outcomes())
    assert show_claims.unserved(s, names) == []
    assert show_claims.unserved(s, {**names, "mechanism": []}) != []
    missing = [line for line in show_claims.unserved(s, names, root) if "there is no test" in line]
    assert missing == []


def test_files_are_whole_or_not_there(tmp_path):
    path = tmp_path / "a" / "report.html"
    files.write_text(path, "one")
    with pytest.raises(UnicodeEncodeError):
        files.write_text(path, "two \ud800")
    assert path.read_text() == "one"
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_an_error_in_the_job_comes_out_as_it_is():
    def work():
        raise ScenarioError("no")

    with pytest.raises(ScenarioError):
        run.interruptible(work)
    assert run.interruptible(lambda: 7) == 7


# Tests that run in the background may have been started with Ctrl-C ignored, which children inherit.
HEED = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
INTERRUPTED = """
import sys, time
from detente import cli
from detente.report import run
run._job = lambda request, scenario: run.interruptible(lambda: (print("running", flush=True), time.sleep(60)))
sys.argv = ["detente", "run", "{scenario}", "--out", "out", "--format", "none"]
cli.main()
"""


def test_ctrl_c_ends_it_with_130_and_no_report(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inside(capsys, "new", "small")
    program = subprocess.Popen(
        [sys.executable, "-c", HEED + INTERRUPTED.format(scenario="small")],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout.readline() == "running\n"
    begun = time.monotonic()
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=20)
    assert program.returncode == 130
    assert time.monotonic() - begun < 5
    assert err.startswith("detente: stopped")
    assert "Traceback" not in err
    assert list((tmp_path / "out").iterdir()) == []


def test_output_into_a_closed_pipe_is_no_error():
    line = f"{sys.executable} -m detente.cli show parameters --json | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["{", "0"]
    assert "Traceback" not in done.stderr


def test_the_public_api_is_lazy_and_complete():
    code = (
        "import sys, detente\nassert 'jax' not in sys.modules and 'pydantic' not in sys.modules\n"
        "missing = [n for n in detente.__all__ if not hasattr(detente, n)]\nassert not missing, missing\n"
        "assert detente.load('euro_atlantic').id == 'euro_atlantic'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_environment_is_set_before_jax_and_what_the_user_set_stays(tmp_path):
    code = (
        "import os\nfrom detente.engine.setup import prepare\nprepare(3)\nprint(os.environ['XLA_FLAGS'], os.environ['DETENTE_WORKERS'],"
        " os.environ['JAX_COMPILATION_CACHE_DIR'], os.environ['JAX_PLATFORMS'])"
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XLA", "JAX", "DETENTE"))} | {"XDG_CACHE_HOME": str(tmp_path)}
    out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert "--xla_force_host_platform_device_count=" in out
    assert f" 3 {tmp_path}/detente/jax/" in out
    mine = {"XLA_FLAGS": "--xla_force_host_platform_device_count=5", "JAX_COMPILATION_CACHE_DIR": "mine"}
    out = subprocess.run([sys.executable, "-c", code], env=env | mine, capture_output=True, text=True, check=True).stdout
    assert out.split()[0] == mine["XLA_FLAGS"]
    assert " mine " in out


def test_a_scenario_of_ones_own_has_pages_too(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inside(capsys, "new", "mine")
    assert "northern power" in inside(capsys, "show", "scenario", "mine")[1]
    assert inside(capsys, "show", "claims", "mine")[0] == 2
    assert load(tmp_path / "mine").id == "mine"
