"""Records told by known readings are named right where readings differ, and not where they do not."""

from functools import cache

import numpy as np
import small_job

from detente.analysis import recovery
from detente.engine.record import build_record


@cache
def teller():
    """Tells records of the small scenario whose series are measured twice."""
    model = small_job.runner().model
    return recovery.Teller(model, recovery.twice(build_record(model)))


def test_a_series_told_twice_has_errors_of_its_own():
    like, record = build_record(teller().model), teller().record(None, 5, 3)
    for name, group in like.measures.items():
        one, again = record.measures[name][: len(group)], record.measures[name][len(group) :]
        assert len(again) == len(group)
        for a, b in zip(one, again, strict=True):
            assert np.array_equal(a.has, b.has)
            assert (a.y != b.y)[a.has].mean() > 0.9
            assert a.series != b.series, "scores of a series are kept by its name"


def test_the_same_number_is_the_same_record_and_another_is_another():
    one, again, other = (teller().record(None, 5, k) for k in (3, 3, 4))
    name = next(iter(one.measures))
    assert np.array_equal(one.measures[name][0].y, again.measures[name][0].y)
    assert not np.array_equal(one.measures[name][0].y, other.measures[name][0].y)


def told(apart, seed=0):
    """Three readings, 400 records, 30 features, of which two hold the reading `apart` standard deviations from the next."""
    rng = np.random.default_rng(seed)
    records = rng.standard_normal((3, 400, 30))
    records[:, :, :2] += apart * np.arange(3)[:, None, None]
    return records.astype(np.float32)


def test_readings_that_differ_are_named_and_readings_that_do_not_are_not():
    clear, same = recovery.name(told(4.0)), recovery.name(told(0.0))
    assert np.diag(clear.likeliest).min() > 0.9
    assert clear.bits > 1.2
    assert abs(same.bits) < 0.1
    assert np.abs(same.probability - 1 / 3).max() < 0.05
    assert np.allclose(clear.probability.sum(axis=1), 1.0, atol=1e-5)
    assert clear.records == 80
