"""What every test shares. Read before JAX is imported anywhere."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

assert "jax" not in sys.modules, "a pytest plugin imported JAX before the number of host devices was set"
if "--xla_force_host_platform_device_count" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = (os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=2").strip()
os.environ["JAX_PLATFORMS"] = "cpu"

# Reproducible in CI, searching afresh elsewhere; compiling makes single examples slow, so no deadline.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=50)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a cache folder of its own: a result kept by an earlier run must never hide a fault."""
    if not hasattr(config, "workerinput"):  # workers inherit the controller's folder
        config.stash[CACHE] = folder = tempfile.mkdtemp(prefix="detente-tests-")
        os.environ["XDG_CACHE_HOME"] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the cache folder away again."""
    if folder := config.stash.get(CACHE, None):
        shutil.rmtree(folder, ignore_errors=True)


CACHE = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the distribution's Chromium; without one the browser tests are skipped, by name."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return path


@pytest.fixture(scope="module")
def server():
    """(port, desk) of a live page whose theories are all there."""
    import live_page

    with live_page.ready() as found:
        yield found


@pytest.fixture(scope="module")
def browser(chromium):
    """The distribution's Chromium, started."""
    import live_page

    with live_page.chrome(chromium) as found:
        yield found
