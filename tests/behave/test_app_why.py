"""Why a move changes what it changes: mechanisms switched off on the same luck; nothing is said where the intervals allow it not to be so."""

import live
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.analysis.spread import clusters
from detente.app import why

RNG = np.random.default_rng(3)
OLD = 0.3 + 0.05 * RNG.standard_normal(400)
KIN = clusters(np.arange(400) // 4)


def changed(by: float, noise: float = 0.001) -> why.Change:
    found = why.relative(OLD * (1 + by) + noise * RNG.standard_normal(400), OLD)
    assert found is not None
    return found


def test_the_mechanism_without_which_the_change_is_gone_carries_it():
    found = why.cause({"a": changed(-0.2), "b": changed(-0.01), "c": changed(-0.19)}, changed(-0.2), KIN, -1.0, True)
    assert found is not None
    assert found[0] == "b"


def test_a_mechanism_that_takes_level_and_change_together_explains_nothing():
    half = why.relative(0.5 * OLD * 0.8, 0.5 * OLD)
    assert half is not None
    assert why.cause({"all": half}, changed(-0.2), KIN, -1.0, True) is None


def test_what_stands_in_the_way_is_named_only_where_the_change_comes_without_it():
    off = {"a": changed(-0.15), "b": changed(0.0), "c": changed(+0.15)}
    found = why.cause(off, changed(0.0), KIN, -1.0, False)
    assert found is not None
    assert found[0] == "a"
    assert why.cause({"b": changed(0.0), "c": changed(+0.15)}, changed(0.0), KIN, -1.0, False) is None


@given(st.floats(-0.3, 0.3), st.floats(0.05, 0.4), st.integers(0, 10_000))
def test_noise_is_no_cause(by, noise, seed):
    """Switching off what does nothing gives the same change but for noise: at three errors, one try in some hundreds may still be named."""
    rng = np.random.default_rng(seed)
    one = why.relative(OLD * (1 + by), OLD)
    other = why.relative(OLD * (1 + by) + noise * rng.standard_normal(400), OLD)
    assert one is not None
    assert other is not None
    z = abs(other.value - one.value) / np.std(other.part - one.part) * np.sqrt(400)
    found = why.cause({"a": other}, one, clusters(np.arange(400)), 1.0, True)
    assert found is None or z > why.SURE - 0.1


def test_an_outcome_that_hardly_ever_happens_has_no_relative_change():
    assert why.relative(np.zeros(10), np.zeros(10)) is None


@pytest.fixture(scope="module")
def told(server):
    """What the page is told of forces kept apart, once all of it is there."""
    page = live.Page(server[0])
    move = page.send(levers={"separation": 1.0})
    found = page.next("why", done=True)
    page.close()
    return move, found


def test_a_page_is_told_a_cause_of_its_own_move(told):
    move, found = told
    assert found["move"] == move
    mechanisms = why.links(live.room().model)
    assert set(found["causes"]) == set(live.room().order)
    for cause in filter(None, found["causes"].values()):
        assert cause["mechanism"] in mechanisms
        assert not cause["parameter"] or cause["parameter"] in dict(mechanisms[cause["mechanism"]])
        gap = abs(cause["without"] - cause["now"])
        assert gap >= why.LEAST * abs(cause["now"])


def test_forces_kept_apart_work_through_incidents(told):
    causes = [c for c in told[1]["causes"].values() if c and c["carries"]]
    assert {c["mechanism"] for c in causes} <= {"incidents", "escalation"}
    assert causes


def test_a_new_move_ends_the_search_and_nothing_moved_has_no_cause(server):
    page = live.Page(server[0])
    page.send(levers={"separation": 0.4})
    page.next("why", done=False)
    move = page.send(levers={})
    page.next("answer", move=move, done=True)
    with pytest.raises(TimeoutError):
        page.next("why", timeout=1.5)
    page.close()


def test_the_crux_strip_tips_where_the_command_says():
    from types import SimpleNamespace

    from detente.analysis import project
    from detente.analysis.crux import BLOCK
    from detente.app import turn
    from detente.app.apart import FUTURES
    from detente.report.crux_run import _Work

    room = live.room()
    work = SimpleNamespace(scenario=room.scenario, model=room.model, _tick=lambda text: lambda done, whole: None)
    shared, tips = project.common(room.model, FUTURES, room.seed), 0
    for name in room.order:
        learned = live.learn(room.runner, room.scenario.theories[name], None, room.seed, None)
        for item in ("channels", "war[great]", "clash[great]"):
            strip = turn.strip(room, learned, item, lambda text: None)
            tip = _Work._tip(work, project.projector(room.runner, learned, shared, BLOCK), item)
            tipped = tip is not None and np.isfinite(tip.value)
            assert bool(strip["parameter"]) == tipped
            if tipped:
                tips += 1
                assert (strip["parameter"], strip["value"], strip["packages"]) == (tip.parameter, tip.value, [tip.low_best, tip.high_best])
    assert tips >= 1
