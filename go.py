#!/usr/bin/env python3
"""Set up this checkout and use it, with a plain Python and nothing else.

python3 go.py run [...]     the main job: every theory, every policy, the panel's questions side by side
python3 go.py test [...]    lint, types, layers, tests; with arguments, only pytest with these
python3 go.py WORDS...      any other `detente` command, for example: python3 go.py show theories

The first call makes .venv here and fills it from the hash-pinned files in requirements/; later calls reuse it until those change.
Nothing is written outside this folder except pip's and JAX's caches.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "installed.json")
LOCKS = {"run": "run.txt", "test": "dev.txt"}


def say(text):
    """One sentence to the person, apart from what a command prints on stdout."""
    print("go: " + text, file=sys.stderr, flush=True)


def in_venv(name):
    """Path of a program of the environment."""
    return os.path.join(VENV, "Scripts", name + ".exe") if os.name == "nt" else os.path.join(VENV, "bin", name)


def digest(need):
    """What an environment depends on: its lock, the package's metadata, where the checkout lies."""
    total = hashlib.sha256(ROOT.encode())
    for path in (os.path.join("requirements", LOCKS[need]), "pyproject.toml"):
        with open(os.path.join(ROOT, path), "rb") as file:
            total.update(file.read())
    return total.hexdigest()


def installed():
    """Digests of what was installed completely, by need; empty when there is no usable environment."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def works(*args):
    """Whether the environment's Python runs these arguments."""
    try:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.call([in_venv("python"), *args], **quiet) == 0
    except OSError:
        return False


def make_venv():
    """Make .venv with pip inside, or stop with one sentence."""
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        raise SystemExit(
            "go: this Python cannot make virtual environments (venv or ensurepip is missing). On Debian or Ubuntu: "
            "apt-get install python3-venv. Or use another one: /path/to/python3 go.py ..."
        )
    say("making .venv with Python {}.{}.{}.".format(*sys.version_info))
    if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
        raise SystemExit("go: the virtual environment could not be made in " + VENV + " (see above).")


def pip(*args):
    """Whether pip did it."""
    words = ["-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check", *args]
    # A "--user" set in somebody's configuration cannot work inside an environment.
    return subprocess.call([in_venv("python"), *words], cwd=ROOT, env=dict(os.environ, PIP_USER="0")) == 0


def prepare(need):
    """Bring .venv to what `need` asks for; do nothing when it is there already."""
    done = installed()
    enough = [need] if need == "test" else ["run", "test"]  # the tests' set contains the main job's
    if any(done.get(name) == digest(name) for name in enough) and works("-c", ""):
        return
    if not works("-c", f"import sys; sys.exit(sys.version_info < {OLDEST!r})"):
        make_venv()
    if not works("-m", "pip", "--version") and not works("-m", "ensurepip"):
        make_venv()
    lock = os.path.join("requirements", LOCKS[need])
    with open(os.path.join(ROOT, lock), encoding="utf-8") as file:
        count = len({line.split("==")[0] for line in file if "==" in line})
    say(f"installing the {count} packages pinned in {lock} (a minute or more the first time).")
    begun = time.time()
    if not pip("--require-hashes", "-r", lock):
        raise SystemExit("go: the pinned packages could not be installed (pip says why above). Is a package index within reach?")
    say("installing détente itself from this folder, editable.")
    if not pip("--no-deps", "--no-build-isolation", "--no-index", "-e", "."):
        raise SystemExit("go: détente itself could not be installed (pip says why above).")
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump({need: digest(need)}, file)
    say(f"ready after {time.time() - begun:.0f} s.")


def test(args):
    """Run every check in order and return the exit code; with arguments only pytest, with these."""
    python = in_venv("python")
    tests = [python, "-m", "pytest", *(args or ["-n", "2", "--dist", "loadfile"])]
    checks = [
        ("lint (ruff check)", [python, "-m", "ruff", "check", "."]),
        ("format (ruff format --check)", [python, "-m", "ruff", "format", "--check", "."]),
        ("types (mypy)", [python, "-m", "mypy"]),
        (
            "layers (import-linter)",
            [python, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo"],
        ),
        ("tests (pytest)", tests),
    ]
    failed = []
    for title, command in checks[-1:] if args else checks:
        say(title + ".")
        if subprocess.call(command, cwd=ROOT) != 0:
            failed.append(title)
    if failed:
        say("failed: " + ", ".join(failed) + ".")
    return 1 if failed else 0


def main(args):
    """Prepare what the words need, then do it."""
    if sys.version_info < OLDEST:
        raise SystemExit("go: détente needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info))
    if not args or args[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if args else 2
    if args[0] == "test":
        prepare("test")
        return test(args[1:])
    prepare("run")
    command = [in_venv("detente"), *args]
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("stopped.")
        sys.exit(130)
