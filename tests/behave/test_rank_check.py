"""The check of levers and orders on a small case: what moves is said to move, what does not is not, a contradiction is called one."""

import numpy as np
import small_job as small
import xarray as xr

from detente.analysis import levers
from detente.analysis.job import from_prior
from detente.analysis.outcomes import items


def made(gain: list, wrong: float = 0.01, base: float = 0.5) -> xr.Dataset:
    """Two theories, levers by row, one item."""
    values = np.array(gain, float)[..., None]  # theory, policy, item
    return xr.Dataset(
        {
            "base": (("theory", "item"), np.full((values.shape[0], 1), base)),
            "gain": (("theory", "policy", "item"), values),
            "gain_error": (("theory", "policy", "item"), np.full(values.shape, wrong)),
        },
        coords={"theory": ["a", "b"], "policy": [f"l{k}" for k in range(values.shape[1])], "item": ["x"]},
    )


def test_a_lever_that_moves_nothing_is_found_out():
    rows = levers.largest(made([[0.1, 0.004, 0.021], [-0.2, 0.0, 0.0]]))
    assert [r.moves for r in rows] == [True, False, False]
    assert (rows[0].theory, rows[0].change) == ("b", -0.4)
    assert rows[1].change == 0.0, "a difference that is not told apart is none"
    assert 0 < rows[2].change < 0.05


def test_a_claim_is_met_open_or_contradicted():
    found = made([[0.1, 0.1, 0.1], [-0.1, 0.001, 0.1]])
    assert [levers.Claim(f"l{k}", "x", {"a": 1, "b": -1}, "").check(found) for k in range(3)] == [
        "met",
        "not told apart under b",
        "the other way under b",
    ]


def test_every_lever_of_the_small_case_is_pulled_alone():
    s, runner = small.scenario(), small.runner()
    packages = levers.alone(s, runner.model)
    assert set(packages) == set(runner.model.levers)
    assert all(len(p.levers) == 1 and p.levers[0].lever == name for name, p in packages.items())
    uses = [u for p in s.policies.values() for u in p.levers]
    for name in {u.lever for u in uses}:
        assert packages[name].levers[0].effect[1] == max(u.effect[1] for u in uses if u.lever == name)


def test_levers_are_paired_with_no_change_on_common_luck():
    s, runner = small.scenario(), small.runner()
    learn = from_prior(small.PARTICLES)
    learnt = {t: learn(runner, s.theories[t], None, 1, None) for t in ("spiral", "deterrence")}
    packages = {n: p for n, p in levers.alone(s, runner.model).items() if n in ("restraint", "separation")}
    base = s.policies["no_change"]
    found = levers.moved(runner, learnt, {**packages, "nothing": base}, base, items(runner.model), 64)
    assert not found["gain"].sel(policy="nothing").values.any()
    assert found["gain"].sel(policy="restraint").values.any()
    assert set(found["theory"].values) == set(learnt)
