"""What the house promises about its own files: reproducible set-up, no machine in it, no actor in the code."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUN, DEV = ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt"
TEST_COMMAND = "python3 go.py test"

# Written in halves, so that this file does not name them itself.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "deb.deb" + "ian.org", "crates" + ".io", "conda" + ".anaconda"]
MACHINE_PATH = re.compile(r"(?<![A-Za-z0-9_.])/(?:work|farm|root|home|Users|tmp/bash_jobs)/")
ACTORS = re.compile(
    r"\b(russian?s?|kremlin|moscow|nato|usa|united states|american?s?|washington"
    r"|ukrain\w+|georgian?s?|chin(?:a|ese)|beijing|turk(?:ey|ish)"
    r"|belarus\w*|soviet\w*|poland|polish|germany?|france|britain|british|united kingdom|japan\w*|estonia\w*|latvia\w*|lithuania\w*)\b",
    re.IGNORECASE,
)


def tracked(*patterns: str) -> list[Path]:
    """Committed files that still exist, by git's own patterns."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: the committed files cannot be listed")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text(path: Path) -> str:
    """A file's text; empty for a binary one."""
    data = path.read_bytes()
    return "" if b"\0" in data[:8192] else data.decode("utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Where a pattern occurs, as file:line: text."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def pins(path: Path) -> dict[str, set[str]]:
    """Pinned versions by package, as the file has them for one platform and Python or another."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", path.read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def declared(*extras: str, groups: tuple[str, ...] = ()) -> list[Requirement]:
    """What pyproject.toml asks for: the core, these extras, these groups with the groups they include."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    words = list(project["project"]["dependencies"])
    for extra in extras:
        words += project["project"]["optional-dependencies"][extra]
    waiting = list(groups)
    while waiting:
        for item in project["dependency-groups"][waiting.pop()]:
            if isinstance(item, str):
                words.append(item)
            else:
                waiting.append(item["include-group"])
    return [Requirement(word) for word in words]


def test_no_committed_file_names_a_package_registry():
    assert lines_with(re.compile("|".join(map(re.escape, HOSTS))), tracked()) == []


def test_no_lock_or_build_file_holds_an_address():
    address = re.compile(r"https?://|--(?:extra-)?index-url|--find-links")
    assert lines_with(address, tracked("requirements/*", "*.lock", ".ci/*", "go.py", "pyproject.toml")) == []


def test_no_committed_file_names_a_path_of_somebodys_machine():
    this = Path(__file__)
    assert lines_with(MACHINE_PATH, [path for path in tracked() if path != this]) == []


def test_no_source_file_passes_400_lines():
    assert {str(p.relative_to(ROOT)): n for p in tracked("src/*.py", "src/*.js") if (n := len(text(p).splitlines())) > 400} == {}


def test_every_folder_of_code_is_a_package():
    """A folder without __init__.py is overlooked by the check of layers and by the type checker."""
    folders = {path.parent for path in tracked("src/detente/*.py")}
    assert sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_no_actor_is_named_in_code():
    """Actors are data: a scenario for other states must not need another program."""
    own = [p for p in tracked("src/*.py") if not {"scenarios", "claims"} & set(p.relative_to(ROOT).parts)]
    assert own
    assert [hit for hit in lines_with(ACTORS, own) if not in_citation(hit)] == []


def in_citation(hit: str) -> bool:
    """Is a hit `path:line: text` in the opening docstring of a replication, whose citation names what its paper's title names?"""
    path, line = hit.split(":")[:2]
    if "/replications/" not in path:
        return False
    opening = ast.parse((ROOT / path).read_text()).body[0]
    return isinstance(opening, ast.Expr) and int(line) <= (opening.end_lineno or 0)


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda path: path.name)
def test_everything_pinned_carries_hashes(lock: Path):
    whole = re.compile(r"\S+==\S+.*\\\n(\s+--hash=sha256:[0-9a-f]{64}( \\)?\n?)+\Z")
    blocks = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert [block.splitlines()[0] for block in blocks if not whole.match(block)] == []


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        (RUN, declared("report", groups=("build",))),
        (DEV, declared("report", "app", "stats", "explore", "claims", "cluster", groups=("dev",))),
    ],
    ids=["run.txt", "dev.txt"],
)
def test_every_declared_dependency_is_pinned_within_its_range(lock: Path, wanted: list[Requirement]):
    have = pins(lock)
    missing = [str(need) for need in wanted if canonicalize_name(need.name) not in have]
    outside = [str(need) for need in wanted for version in have.get(canonicalize_name(need.name), ()) if version not in need.specifier]
    assert (missing, outside) == ([], [])


def test_the_main_job_is_pinned_to_what_the_tests_use():
    run, dev = pins(RUN), pins(DEV)
    assert {name: (found, dev.get(name)) for name, found in run.items() if found != dev.get(name)} == {}


def test_the_readme_has_the_two_commands_and_ci_runs_the_second():
    readme = (ROOT / "README.md").read_text()
    assert re.findall(r"^ {4}(python3 go\.py (?:run|test))$", readme, re.MULTILINE) == ["python3 go.py run", TEST_COMMAND]
    ci = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in ci if "python" in line] == [f"exec {TEST_COMMAND}"]


def test_the_readme_says_sources_the_war_and_what_a_figure_is_before_any_figure():
    readme = re.sub(r"\s+", " ", (ROOT / "README.md").read_text())
    for said in (
        "The arguments come from one public report, written by the host in English",
        "In February 2022, three months after this discussion, Russia launched a full-scale invasion of Ukraine.",
        "It is not the probability that it will happen.",
    ):
        assert said in readme


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)} → {link}"
        for page in tracked("*.md")
        for link in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)", text(page))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_the_changelog_tells_of_what_is_not_yet_released():
    assert re.search(r"^## Unreleased\n\n- ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_wheel_carries_types_and_every_data_file(tmp_path: Path):
    words = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        inside = set(packed.namelist())
        (metadata,) = (packed.read(name).decode() for name in inside if name.endswith(".dist-info/METADATA"))
    assert "detente/py.typed" in inside
    assert "License-Expression: MIT" in metadata
    shipped = {path.relative_to(ROOT / "src").as_posix() for path in tracked("src/detente")}
    assert shipped - inside == set()


def test_docs_build_without_a_warning(tmp_path: Path):
    words = ["-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", str(tmp_path / "trees"), "docs", str(tmp_path / "html")]
    built = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr


def test_help_imports_nothing_heavy():
    heavy = {"jax", "xarray", "pandas", "scipy", "altair", "zarr"}
    code = f"import sys, detente.cli; print(sorted({heavy!r} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
