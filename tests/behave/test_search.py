"""What `detente search` promises: every package, on common luck; nothing good set aside; who must sign is who must sign."""

import json
import subprocess
import sys

import numpy as np
import pytest
import small_job as small

from detente.analysis import measures, race
from detente.analysis.outcomes import evaluate
from detente.analysis.project import common, prior, projector
from detente.analysis.search import objectives, search
from detente.analysis.search_result import build  # noqa: F401 it must be importable by itself
from detente.analysis.signing import Ask
from detente.report import search as shown
from detente.report.words import complaints
from detente.scenario import ScenarioError

OUTCOME = "crisis[great]"


@pytest.fixture(scope="module")
def learned():
    runner = small.runner()
    return {t: prior(runner, small.scenario().theories[t], 64, 1) for t in list(small.scenario().theories)[:2]}


@pytest.fixture(scope="module")
def found(learned):
    return search(small.runner(), learned, outcomes=(OUTCOME, "alarm[north]"), futures=64)


def test_a_package_of_the_search_is_the_package_run_by_itself(found, learned):
    """Packing many packages into one call, in rounds, in another order of futures, changes no future."""
    runner = small.runner()
    known = measures.measures(runner.model)
    wanted = [o.item for o in objectives(runner.model, found["objective"].values)]
    by_hazard = found["by_hazard"].values
    for k in (0, found.sizes["package"] - 1):
        pulled = [str(n) for n, has in zip(found["lever"].values, found["has"].values[k], strict=True) if has]
        for j, (_, posterior) in enumerate(learned.items()):
            batch = projector(runner, posterior, common(runner.model, 64, 1)).run(measures.package([known[n] for n in pulled]))
            value = evaluate(runner.model, batch.state, wanted).mean(axis=1)
            value[0] = batch.state["hazard"][2, 0].mean() if by_hazard[0] else value[0]
            assert found["mean"].values[:, j, k] == pytest.approx(value, rel=1e-5)


def test_every_package_is_left_or_has_one_that_matches_it(found):
    """Each subset set aside names another, no larger, that was not set aside in the same round."""
    by, seen, reason = (found[n].values for n in ("beaten_by", "seen", "reason"))
    size = np.array([bin(k).count("1") for k in range(len(by))])
    gone = np.flatnonzero(reason == 1)
    assert (reason[found["number"].values] == 0).all()
    assert len(gone) + found.sizes["package"] == found.sizes["subset"]
    assert (size[by[gone]] <= size[gone]).all()
    assert ((seen[by[gone]] > seen[gone]) | (reason[by[gone]] == 0)).all()
    assert int(found["set_aside"].sum()) == len(gone) == found.attrs["matched_directly"] + found.attrs["matched_through_others"]


def test_no_change_is_always_left_and_regret_is_against_the_best_that_is(found):
    assert "none" in found["package"].values
    assert (found["regret"].values >= 0).all()
    assert (found["regret"].min("package") == 0).all()
    near = found["worst"].values[found["near"].values]
    assert near.min() == found["worst"].values.min()
    assert bool(found["smallest"].any())


def test_the_front_is_the_front():
    score = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.4, 0.4], [1.0, -1.0]])
    assert race.front(score).tolist() == [True, True, True, False, False]


def test_a_package_asks_those_who_must_sign_its_levers(learned):
    """Of the shipped packages that pull a lever on an element, the one with the fewest signatories says who must sign."""
    known = measures.measures(small.runner().model)
    both = measures.package([known["restraint"], known["separation"]])
    assert set(both.required) == {"north", "east"}
    assert {u.lever for u in both.levers} == {"restraint", "separation"}
    found = search(small.runner(), learned, outcomes=(OUTCOME,), futures=32, ask=Ask({}))
    signed = found["signed"].values
    assert not signed[found["size"].values == 0].any()
    gains = np.nan_to_num(found["gain_least"].values, nan=np.inf).min(axis=1)
    assert (gains[signed] > 0).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"levers": ["restrain"]}, "restraint"),
        ({"outcomes": ("criss[great]",)}, "crisis"),
        ({"outcomes": ("arms[north]",)}, "no better direction"),
        ({"ask": Ask({"nord": "calm"})}, "north"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_one(learned, options, said):
    with pytest.raises(ScenarioError, match=said):
        search(small.runner(), learned, futures=32, **options)


def test_the_page_keeps_to_the_house_words_and_its_figures_can_be_read(found):
    page = shown.page(found, small.scenario())
    texts = [b if isinstance(b, str) else " ".join([b.title, b.note, *sum(getattr(b, "rows", ()), ())]) for b in page.blocks]
    assert [c for text in texts for c in complaints(text)] == []
    assert json.dumps(shown.data(found), default=str)


def test_the_verb_explains_itself():
    said = subprocess.run([sys.executable, "-m", "detente.cli", "search", "--help"], capture_output=True, text=True, check=True)
    assert "Examples:" in said.stdout
    assert "--sign-all" in said.stdout
