"""The script behind the README's commands: what it says when a machine lacks something, and when it does nothing."""

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def go(tmp_path: Path) -> ModuleType:
    """The script as a module, with its environment in a folder of the test's own."""
    spec = importlib.util.spec_from_file_location("go", ROOT / "go.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV, module.STAMP = str(tmp_path / ".venv"), str(tmp_path / ".venv" / "installed.json")
    return module


def test_a_python_that_is_too_old_is_told_so(go: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(go.sys, "version_info", (3, 9, 18))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.9"):
        go.main(["run"])


def test_the_script_still_parses_on_an_old_python():
    """The sentence above can only be said by a Python that reads the file."""
    ast.parse((ROOT / "go.py").read_text(), feature_version=(3, 7))


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(go: ModuleType, monkeypatch: pytest.MonkeyPatch, missing: str):
    monkeypatch.setattr(go.importlib.util, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        go.main(["run"])
    assert not Path(go.VENV).exists()


def test_no_words_print_the_help_and_change_nothing(go: ModuleType, capsys: pytest.CaptureFixture[str]):
    assert go.main([]) == 2
    assert "go.py run" in capsys.readouterr().out
    assert not Path(go.VENV).exists()


@pytest.mark.parametrize(("need", "have", "installs"), [("run", "run", 0), ("run", "test", 0), ("test", "test", 0), ("test", "run", 2)])
def test_an_environment_is_filled_again_only_when_it_must(
    go: ModuleType, monkeypatch: pytest.MonkeyPatch, need: str, have: str, installs: int
):
    done = []
    monkeypatch.setattr(go, "works", lambda *args: True)
    monkeypatch.setattr(go, "pip", lambda *args: done.append(args) or True)
    Path(go.VENV).mkdir()
    Path(go.STAMP).write_text(json.dumps({have: go.digest(have)}))
    go.prepare(need)
    assert len(done) == installs
    if installs:
        assert done[0][0] == "--require-hashes"
        go.prepare(need)
        assert len(done) == installs


def test_a_changed_lock_is_noticed(go: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    before = go.digest("run")
    for name in ("pyproject.toml", "requirements/run.txt"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_text((ROOT / name).read_text())
    monkeypatch.setattr(go, "ROOT", str(tmp_path))
    elsewhere = go.digest("run")
    assert elsewhere != before
    (tmp_path / "requirements" / "run.txt").write_text("")
    assert go.digest("run") not in (before, elsewhere)


def test_a_failed_install_is_one_sentence_and_leaves_no_stamp(go: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(go, "works", lambda *args: True)
    monkeypatch.setattr(go, "pip", lambda *args: False)
    with pytest.raises(SystemExit, match="could not be installed"):
        go.prepare("run")
    assert not Path(go.STAMP).exists()


def test_a_failed_check_fails_the_run_and_is_named(go: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.setattr(go.subprocess, "call", lambda command, **_: int("mypy" in command))
    assert go.test([]) == 1
    assert capfd.readouterr().err.splitlines()[-1] == "go: failed: types (mypy)."


def test_the_help_needs_no_environment():
    said = subprocess.run([sys.executable, str(ROOT / "go.py"), "--help"], capture_output=True, text=True, check=True)
    assert "the main job" in said.stdout
