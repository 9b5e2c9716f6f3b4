"""The common small model of benchmarks/common gives its exact table without chance, and its reference distribution with it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "common"))
import jax_model
import numpy_model
import reference


@pytest.mark.parametrize("steps", reference.EXACT)
def test_without_chance_numpy_gives_the_exact_table(steps: int) -> None:
    x, f, _, _, hazard = numpy_model.run(*numpy_model.fixed(), None, (steps,))[steps]
    a = np.exp(x)
    found = [a[0, 0], a[4, 0], a[7, 0], f[0, 1, 0], f[0, 4, 0], f[4, 0, 0], numpy_model.tension(f)[0], hazard[0]]
    np.testing.assert_allclose(found, reference.EXACT[steps], atol=1e-5, rtol=0)


@pytest.mark.parametrize("steps", reference.EXACT)
def test_without_chance_jax_gives_the_exact_table(steps: int) -> None:
    s = jax_model.unchanced(*numpy_model.fixed(), steps)
    a = np.exp(np.asarray(s.x))[:, 0]
    T = jax_model.tension([jax_model.sigmoid(f) for f in s.f])[0, 0]
    found = [a[0], a[4], a[7], s.f[0][0, 0], s.f[3][0, 0], s.f[3][4, 0], T, s.hazard[0, 0]]
    np.testing.assert_allclose(found, reference.EXACT[steps], rtol=1e-4)


def test_with_chance_jax_gives_the_reference_distribution() -> None:
    rows = jax_model.sample(102_400, seed=3)
    assert np.isfinite(rows).all()
    far = {k: round(d, 1) for k, d in reference.departures(rows).items() if abs(d) > 4}
    assert not far


def test_with_chance_numpy_gives_the_reference_distribution() -> None:
    far = {k: round(d, 1) for k, d in reference.departures(numpy_model.outcomes(10_000, seed=4)).items() if abs(d) > 4}
    assert not far


def test_a_reference_that_is_off_by_a_hundredth_is_noticed() -> None:
    """The check itself can fail: scale one outcome by one per cent."""
    rows = jax_model.sample(102_400, seed=3) * np.array([[1.01], [1], [1], [1], [1]], np.float32)
    assert max(abs(d) for d in reference.departures(rows).values()) > 4


def test_two_devices_give_the_bits_of_one() -> None:
    assert np.array_equal(jax_model.sample(8192, seed=5), jax_model.sample(8192, seed=5, workers=2))
