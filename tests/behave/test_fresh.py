"""What was learnt is kept: `--fresh` learns everything again, and nothing twice; half a file counts as none."""

from types import SimpleNamespace

import numpy as np
import pytest

from detente.engine import cache
from detente.report.run import learning


def test_fresh_learns_the_baseline_once_and_what_equals_it_never_again(monkeypatch):
    asked = []
    monkeypatch.setattr(cache, "load_or_assimilate", lambda runner, theory, record, *, seed, progress, fresh: asked.append((theory, fresh)))
    ranges = {None: np.zeros((2, 3)), "wide": np.ones((2, 3)), "same": np.zeros((2, 3)), "other": np.full((2, 3), 2.0)}
    runner = SimpleNamespace(model=SimpleNamespace(ranges=ranges.__getitem__))
    learn = learning(True)
    for theory in ("wide", "same", "other"):
        learn(runner, theory, None, 1, None)
    assert asked == [(None, True), ("wide", True), ("same", False), ("other", True)]


def test_without_fresh_the_job_learns_in_its_own_way():
    assert learning(False) is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # numpy leaves a broken file open
@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.99])
def test_a_posterior_file_cut_short_counts_as_none(tmp_path, part):
    file = tmp_path / "one.npz"
    np.savez(file, meta=np.array("{}"), z=np.arange(1000.0))
    whole = file.read_bytes()
    file.write_bytes(whole[: int(part * len(whole))])
    assert cache._read(file) is None
