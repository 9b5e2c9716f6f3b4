"""What `detente explain` promises: the same future again, each link checked by leaving it out, told by date in the house words."""

import numpy as np
import pytest
import small_job as small

from detente.analysis import explain, replay
from detente.analysis.project import common, prior, projector
from detente.analysis.series import traced
from detente.report import explain as shown
from detente.report.words import complaints
from detente.scenario import ScenarioError


@pytest.fixture(scope="module")
def ready():
    runner = small.runner()
    theory = next(iter(small.scenario().theories.values()))
    return projector(runner, prior(runner, theory, 64, 1), common(runner.model, 128, 1), 256)


@pytest.fixture(scope="module")
def program():
    return replay.compiled(small.runner().model)


@pytest.fixture(scope="module")
def story(ready, program):
    policy = small.scenario().policies["restraint"]
    number = explain.typical(ready, policy, 2, "great")
    assert number is not None
    found = explain.explain(ready, policy, number, 2, "great", program)
    assert found is not None
    return found


def test_the_future_replayed_is_the_future_that_was_run(ready, story):
    policy = small.scenario().policies["restraint"]
    whole = ready.run(policy, traced(small.runner().model))
    again = story.replay
    assert again.cases[0].kind == "actual"
    for name in ("rung", "open"):
        if name in whole.traces:
            assert np.array_equal(again.traces[name][..., 0], whole.traces[name][..., story.future])
    assert again.traces["conduct"][-1, :, 0] == pytest.approx(whole.state["conduct"][:, story.future], abs=1e-4)


def test_the_entry_is_in_the_course_and_a_link_takes_away_what_it_says(story):
    e = story.entry
    course = explain.happenings(story.replay)
    assert any(h.kind == "rung" and h.element == e.rivalry and h.year == e.year and h.value >= 2 for h in course)
    assert 0 < e.probability <= 1
    assert all(k.share >= explain.LEAST and k.level <= explain.DEPTH for k in story.chain)
    assert len({k.source for k in story.chain}) == len(story.chain)


def test_without_the_ladder_there_is_no_entry_and_other_luck_is_other_luck(story):
    by = {(w.kind, w.name): w for w in story.without}
    assert by["mechanism", "escalation"].never
    assert 0.0 <= story.other_luck <= 1.0
    names = [c.kind for c in story.replay.cases]
    luck = [k for k, kind in enumerate(names) if kind == "luck"]
    assert np.ptp(story.replay.traces["conduct"][-1, 0, luck]) > 0


def test_a_state_held_stays_where_it_was(story):
    held = {name: k for k, name in story.replay.of("hold")}
    course = story.replay.traces["conduct"][:, :, held["conduct"]]
    assert course == pytest.approx(np.broadcast_to(story.replay.start["conduct"], course.shape), abs=1e-6)


def test_the_same_luck_under_another_package_begins_in_the_same_world(ready, story, program):
    other = small.scenario().policies["separation"]
    beside = replay.replay(ready, story.future, other, replay.cases(small.runner().model, other), program)
    assert all(np.array_equal(beside.start[k], story.replay.start[k]) for k in beside.start)
    policy = small.scenario().policies["restraint"]
    page = shown.page(story, small.scenario(), next(iter(small.scenario().theories)), policy, other, beside, 2)
    texts = [b if isinstance(b, str) else " ".join([b.title, b.note, *sum(b.rows, ())]) for b in page.blocks]
    assert [c for text in texts for c in complaints(text)] == []
    assert page.data["why_not"]["policy"] == "separation"


def test_a_future_that_does_not_exist_is_answered_in_a_sentence():
    with pytest.raises(ScenarioError, match="rivalry"):
        shown._rivalry(small.scenario(), "greet")
