"""`detente posterior`: what is learnt is told with its error, claims are judged by errors and by size, a single run says that it cannot know itself."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import small_job
from scipy.special import ndtr
from typer.testing import CliRunner

from detente.analysis.placebo import Found as Placebo
from detente.analysis.placebo import moves_of, placebo, same_effort, some, standing
from detente.analysis.posterior import claims, inference_data, learnt
from detente.engine.assimilate import Posterior
from detente.engine.simulate import to_theta
from detente.report import placebo as report
from detente.report.blocks import Figure, to_json, to_markdown
from detente.report.placebo import build as placebo_page
from detente.report.posterior import build, judged
from detente.report.words import complaints
from detente.scenario import Theory

SPIRAL = "spiral"
CITED = "S1"


def theory() -> Theory:
    """A reading of the small scenario, its first range citing a claim."""
    held = small_job.scenario().theories[SPIRAL]
    first, *rest = held.ranges
    return held.model_copy(update={"ranges": (first.model_copy(update={"claims": (CITED,)}), *rest)})


def taught(seed: int, ranges: np.ndarray, moved: dict[int, float]) -> Posterior:
    """As before the record, but for the unknowns in `moved`, shifted and half as wide."""
    z = np.random.default_rng(seed).standard_normal((len(ranges), 400))
    for row, shift in moved.items():
        z[row] = shift + 0.5 * z[row]
    theta = to_theta(z, ranges)
    return Posterior(z, theta, np.zeros((1, 2, 400), np.uint32), {}, theta[0].astype(float) * 0, np.arange(400), -9.0, 0.1, ranges)


class Flat:
    """A runner whose record says `slope` times the first unknown that a claim moves."""

    def __init__(self, row: int, slope: float) -> None:
        self.model, self.row, self.slope = small_job.runner().model, row, slope

    def history(self, theta, luck, record):
        return SimpleNamespace(weights=self.slope * theta[self.row : self.row + 1].astype(float))


def page(seeds: int = 4):
    model = small_job.runner().model
    held = theory()
    row = model.find(held.ranges[0].parameter, held.ranges[0].elements)[0]
    runner = Flat(row, 30.0)
    posteriors = [taught(k, model.ranges(held), {5: 1.0}) for k in range(seeds)]
    bases = [taught(10 + k, model.ranges(None), {}) for k in range(seeds)]
    posteriors, bases = (
        [Posterior(**vars(p) | {"log_likelihood": runner.slope * p.theta[row].astype(float)}) for p in group]
        for group in (posteriors, bases)
    )
    found = claims(runner, held, posteriors, bases, record=None)
    return build(model, SPIRAL, learnt(model, posteriors), {SPIRAL: found}), found


def test_what_all_runs_agree_on_is_told_and_nothing_else():
    model = small_job.runner().model
    ds = learnt(model, [taught(k, model.ranges(None), {5: 1.0, 7: -0.8}) for k in range(4)])
    free = np.flatnonzero(~ds["fixed"].values)
    told = np.flatnonzero(ds["told"].values)
    assert {5, 7} <= set(told)
    assert len(told) <= 2 + 0.1 * len(free)
    exact = 1 - 12 * float(np.var(ndtr(1.0 + 0.5 * np.random.default_rng(0).standard_normal(200_000))))
    assert float(ds["contraction"][5]) == pytest.approx(exact, abs=0.04)


def test_a_claim_is_weighed_within_its_reading_and_alone():
    """The record rewards the unknown without end: a range that lies high is worth more than the yardstick's wide one, or less if it lies low."""
    whole, (claim,) = page()
    held, model = theory(), small_job.runner().model
    row = model.find(held.ranges[0].parameter, held.ranges[0].elements)[0]
    low, high, _ = model.ranges(held)[row]
    first, last, _ = model.ranges(None)[row]
    exact = (
        np.log(np.expm1(30 * (high - low)) / (high - low)) + 30 * low - np.log(np.expm1(30 * (last - first)) / (last - first)) - 30 * first
    )
    known = [g for g in (claim.gain_within, claim.gain_alone) if np.isfinite(g[0])]
    assert known or all(x.reason for x in (*claim.within, *claim.alone))
    for gain, error in known:
        assert gain == pytest.approx(exact, abs=5 * error + 0.05)
    assert json.loads(to_json(whole.data))["claims"][SPIRAL][CITED]["alone"]["verdict"] == judged(*claim.gain_alone)


def test_the_page_keeps_the_rules_of_words_and_shows_a_picture():
    whole, _ = page()
    assert complaints(to_markdown(whole)) == []
    assert any(isinstance(b, Figure) and "<svg" in b.svg for b in whole.blocks)
    assert "not reviewed" in to_markdown(whole)


def test_one_run_says_that_it_cannot_know_its_error():
    assert "cannot know its own error" in to_markdown(page(1)[0])
    assert "cannot know its own error" not in to_markdown(page(4)[0])


@pytest.mark.parametrize(
    ("gain", "error", "said"),
    [
        (2.0, 0.3, "strengthens"),
        (-2.0, 0.3, "weakens"),
        (2.0, 1.1, "says nothing"),
        (0.9, 0.01, "says nothing"),
        (float("nan"), 0.1, "not known"),
    ],
)
def test_a_claim_needs_two_errors_and_five_decibans(gain, error, said):
    assert judged(gain, error) == said


def test_arviz_finds_its_groups():
    model = small_job.runner().model
    tree = inference_data(model, taught(1, model.ranges(None), {}))
    assert set(tree.children) == {"posterior", "prior", "sample_stats", "log_likelihood"}
    assert dict(tree["posterior"]["burden"].sizes) == {"chain": 1, "draw": 400, "actor": len(model.world.axes["actor"])}


def test_an_unknown_reading_is_refused_with_the_nearest_name():
    from detente.cli.base import app
    from detente.scenario import ScenarioError

    with pytest.raises(ScenarioError, match="thomson"):
        CliRunner().invoke(app, ["posterior", "thomsen"], catch_exceptions=False)


# ----------------------------------------------------------------------------------------------------------------------- placebo


def test_a_placebo_moves_as_many_unknowns_by_as_much():
    model = small_job.runner().model
    base, held = model.ranges(None), theory()
    moves = moves_of(model, held)
    real = sum(m.count for m in moves)
    for seed in range(20):
        ranges = placebo(model, moves, np.random.default_rng(seed))
        changed = (ranges != base).any(axis=1)
        assert changed.sum() <= real
        assert (ranges[:, 0] <= ranges[:, 1]).all()
        assert (ranges[base[:, 0] >= 0, 0] >= 0).all()
        assert (ranges[:, 2] == base[:, 2]).all()
    assert changed.sum() > 0


def test_placebos_differ_in_what_they_move_and_where_to():
    model = small_job.runner().model
    moves = moves_of(model, theory())
    drawn = {placebo(model, moves, np.random.default_rng(seed)).tobytes() for seed in range(20)}
    assert len(drawn) == 20


def test_a_place_among_placebos_counts_what_is_too_near_on_both_sides():
    far = [Placebo(g, 0.1, "reused") for g in (-3.0, -2.0, 1.0, 2.0)]
    assert standing(0.0, 0.1, far).share == 0.5
    wide = standing(0.0, 2.0, far)
    assert (wide.low, wide.high) == (0.0, 1.0)
    many = standing(0.0, 0.0, [Placebo(-1.0, 0.0, "reused")] * 200)
    assert many.low > 0.97
    with pytest.raises(ValueError, match="at least one"):
        standing(0.0, 0.1, [])


def test_a_part_of_the_particles_is_spread_over_all():
    whole = taught(1, small_job.runner().model.ranges(None), {})
    part = some(whole, 100)
    assert part.size == 100
    assert list(part.ancestor[:3]) == [0, 4, 8]


def test_a_reading_is_weighed_as_its_placebos_are_and_a_stopped_job_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    seen = []

    def weigh(runner, base, ranges, record, seed):
        seen.append(ranges.tobytes())
        return Placebo(float(len(seen)), 0.1, "bridged")

    monkeypatch.setattr(report, "weigh", weigh)
    runner, scenario = small_job.runner(), small_job.scenario()
    known = {}
    for _, (done, total, name) in zip(range(6), report.extend(runner, None, known, [SPIRAL], 5, scenario, "k"), strict=False):
        assert (done, total, name) == (len(seen), 9, SPIRAL)
    own = runner.model.ranges(scenario.theories[SPIRAL]).tobytes()
    assert [s == own for s in seen] == [True] * 4 + [False]
    kept = report.read(scenario, "k")
    assert [f.gain for f in kept[SPIRAL]] == [5.0]
    list(report.extend(runner, None, kept, [SPIRAL], 5, scenario, "k"))
    assert len(seen) == len(set(seen)) + 3 == 9, "nothing is weighed twice but the reading itself"
    report.keep({"other": kept[SPIRAL]}, "k")
    assert len(report.read(scenario, "k")[SPIRAL]) == 5, "what another process wrote stays"
    gain, error = same_effort(kept[f"{SPIRAL}/own"])
    assert (gain, error) == (pytest.approx(2.5), pytest.approx(np.std([1, 2, 3, 4], ddof=1) / 2))


def test_the_place_among_random_readings_is_told_of_what_was_weighed_and_of_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    runner = small_job.runner()
    assert report.among(runner, [SPIRAL]) is None
    rows = [Placebo(float(g), 0.1, "reused") for g in np.linspace(-5, 1, 24)]
    report.keep({SPIRAL: rows, f"{SPIRAL}/own": [Placebo(0.0, 0.1, "bridged")] * 4, "calm": rows}, report._key(runner))
    grid, data = report.among(runner, [SPIRAL, "calm"])
    assert [row[2] for row in grid.rows] == ["24"]
    assert set(data) == {SPIRAL}
    assert data[SPIRAL]["share"] == pytest.approx(20 / 24)


@pytest.mark.parametrize(
    "text", ["", '{"key": "k", "placebos": {"a": [[1', "[]", '{"key": "k"}', '{"key": "k", "placebos": {"a": [[1, 2]]}}']
)
def test_a_broken_file_of_random_readings_counts_as_none_and_is_written_anew(tmp_path, monkeypatch, text):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    report._own("k").parent.mkdir(parents=True)
    report._own("k").write_text(text)
    assert report.read(small_job.scenario(), "k") == {}
    report.keep({SPIRAL: [Placebo(1.0, 0.1, "reused")]}, "k")
    assert len(report.read(small_job.scenario(), "k")[SPIRAL]) == 1


def test_the_page_of_placebos_keeps_the_rules_of_words():
    scenario = small_job.scenario()
    known = {SPIRAL: [Placebo(float(g), 0.1, "reused") for g in np.linspace(-5, 1, 40)]}
    whole = placebo_page(scenario, [SPIRAL], known, {SPIRAL: (0.5, 0.1)})
    assert complaints(to_markdown(whole)) == []
    assert "in 100 (" in to_markdown(whole)
    assert "too few to say" in to_markdown(placebo_page(scenario, [SPIRAL], {SPIRAL: known[SPIRAL][:5]}, {SPIRAL: (0.5, 0.1)}))
    assert "--count" in to_markdown(placebo_page(scenario, [SPIRAL], {}, {SPIRAL: (0.5, 0.1)}))
