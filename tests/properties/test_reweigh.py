"""Particles again with other weights: what is known exactly comes out, and what cannot be carried is refused. No simulation: a likelihood of one line."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from detente.analysis.posterior import moments, pooled
from detente.analysis.reweigh import keep, move, pareto, reweigh
from detente.engine.assimilate import Posterior
from detente.engine.simulate import to_theta

N = 4000


class Line:
    """A runner whose log-likelihood is −slope·theta of the first unknown."""

    def __init__(self, slope: float) -> None:
        self.slope = slope
        self.model = None

    def history(self, theta, luck, record):
        return SimpleNamespace(weights=-self.slope * theta[:1].astype(float))


def taught(slope: float, ranges: np.ndarray, families: int = N) -> Posterior:
    """Draws of exp(−slope·theta) on the first range, exactly; the other unknowns as before the record."""
    u = np.random.default_rng(3).random((len(ranges), N))
    low, high, _ = ranges[0]
    first = -np.log(np.exp(-slope * low) - u[0] * (np.exp(-slope * low) - np.exp(-slope * high))) / slope
    u[0] = (first - low) / (high - low)
    z = ndtri(u.clip(1e-9, 1 - 1e-9))
    theta = to_theta(z, ranges)
    return Posterior(
        z, theta, np.zeros((1, 2, N), np.uint32), {}, -slope * theta[0].astype(float), np.arange(N) % families, 0.0, 0.0, ranges
    )


def evidence(slope: float, low: float, high: float) -> float:
    return float(np.log((np.exp(-slope * low) - np.exp(-slope * high)) / slope / (high - low)))


def two(low: float, high: float) -> np.ndarray:
    return np.array([[low, high, 0.0], [0.5, 2.0, 1.0]])


@given(st.floats(0.5, 4.0), st.floats(0.0, 0.3), st.floats(0.6, 1.0))
def test_a_narrower_range_has_the_exact_evidence_either_way(slope, low, high):
    before, after = taught(slope, two(0.0, 1.0)), two(low, high)
    wanted = evidence(slope, low, high) - evidence(slope, 0.0, 1.0)
    for found in (keep(before, after), move(Line(slope), before, after, None)):
        assert found.ok
        assert found.gain == pytest.approx(wanted, abs=5 * found.error + 1e-3)
        mean = float(found.weights @ found.theta[0])
        a, b = np.exp(-slope * low), np.exp(-slope * high)
        exact = (low * a - high * b + (a - b) / slope) / (a - b)
        assert mean == pytest.approx(exact, abs=0.03)


def test_a_log_uniform_range_is_weighed_by_its_own_density():
    ranges = np.array([[0.0, 1.0, 0.0], [0.5, 2.0, 1.0]])
    after = ranges.copy()
    after[1] = (0.5, 2.0, 0.0)  # uniform where it was log-uniform: no evidence about it, so none gained
    found = keep(taught(1.0, ranges), after)
    assert found.gain == pytest.approx(0.0, abs=5 * found.error)
    assert float(found.weights @ found.theta[1]) == pytest.approx(1.25, abs=0.03)


def test_what_the_old_prior_never_drew_is_not_kept_but_moved():
    before, after = taught(2.0, two(0.0, 1.0)), two(0.1, 1.1)
    assert "beyond" in keep(before, after).reason
    found = reweigh(Line(2.0), before, after, record=object())
    assert (found.way, found.ok) == ("moved", True)
    assert found.gain == pytest.approx(-0.2, abs=1e-3)


def test_a_range_far_away_is_refused_with_its_reason():
    found = move(Line(40.0), taught(40.0, two(0.0, 1.0)), np.array([[0.0, 300.0, 0.0], [0.5, 2.0, 1.0]]), None)
    assert not found.ok
    assert found.reason


def test_kin_count_once():
    after = two(0.0, 0.5)
    many, few = keep(taught(2.0, two(0.0, 1.0)), after), keep(taught(2.0, two(0.0, 1.0), families=6), after)
    assert many.ok
    assert "families" in few.reason


def test_a_single_value_is_drawn_by_nothing_else():
    found = keep(taught(1.0, two(0.0, 1.0)), two(0.4, 0.4))
    assert not found.ok
    assert np.isnan(found.gain)


def test_the_tail_tells_bounded_from_heavy():
    rng = np.random.default_rng(1)
    assert pareto(np.zeros(500)) == -np.inf
    assert pareto(np.where(rng.random(500) < 0.5, 0.0, -np.inf)) == -np.inf
    light, heavy = (pareto(np.log(rng.pareto(a, 4000) + 1.0)) for a in (5.0, 1.0))
    assert light < 0.5 < 0.8 < heavy


# ---------------------------------------------------------------------------------------------------------- what is learnt


def test_an_unknown_that_the_record_does_not_touch_has_no_contraction():
    z = np.random.default_rng(5).standard_normal((300, 1000))
    shift, wrong, contraction, unsure = moments(ndtr(z), np.arange(1000))
    for found, error in ((shift, wrong), (contraction, unsure)):
        assert abs(found.mean()) < 4 * error.mean() / 300**0.5
        assert np.mean(np.abs(found) > 2 * error) == pytest.approx(0.05, abs=0.04)


def test_what_runs_share_by_descent_is_not_taken_for_learnt():
    """Each run's particles crowd around a few draws of the prior; only runs together show that nothing was learnt."""
    rng = np.random.default_rng(6)
    runs = []
    for _ in range(8):
        root = rng.standard_normal((400, 1))
        runs.append(moments(ndtr(0.9 * root + 0.19**0.5 * rng.standard_normal((400, 500))), np.arange(500)))
    assert np.mean([r[2] for r in runs]) > 0.6
    shift, error, contraction, _, freedom = pooled(runs)
    assert contraction.mean() == pytest.approx(0.0, abs=0.05)
    assert np.mean(np.abs(shift) > 2.36 * error) < 0.1  # Student's t with seven degrees of freedom
    assert freedom == 7
