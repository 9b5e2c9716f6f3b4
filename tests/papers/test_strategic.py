"""The strategic estimator: reference estimates, standard errors, the posterior; the ladder as a chain; shipped small scenarios."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from detente.analysis import ladder, strategic
from detente.analysis.precision import double
from detente.engine.compose import compose
from detente.replications._crises import estimate, game, leblang2003, sampled, war1800
from detente.scenario import load


def test_the_estimator_recovers_what_made_the_data():
    rng = np.random.default_rng(7)
    n, truth = 4000, np.array([0.4, -0.6, 0.5, -0.8])
    x, z = rng.standard_normal((2, n))
    data = strategic.crises(np.zeros(n, int), {"x": x, "z": z}, {"u11": ["x"], "u14": ["1"], "u24": ["1", "z"]})
    with double():
        share = np.exp(np.asarray(strategic.log_probabilities(data, truth, "logit", "agent")))
    outcome = (rng.random(n) > np.cumsum(share, axis=0)[:2]).sum(axis=0)
    found = strategic.fit(strategic.crises(outcome, {"x": x, "z": z}, {"u11": ["x"], "u14": ["1"], "u24": ["1", "z"]}), "logit")
    assert found.names == ("u11:x", "u14:1", "u24:1", "u24:z")
    assert (np.abs(found.beta[[0, 2, 3]] - truth[[0, 2, 3]]) < 4 * found.error[[0, 2, 3]]).all()
    assert abs(found.beta[1] - truth[1]) < 4 * found.error[1]


def test_probabilities_add_to_one():
    data, best = estimate("war1800", "probit", "agent")
    with double():
        total = np.exp(np.asarray(strategic.log_probabilities(data, best.beta, "probit", "agent"))).sum(axis=0)
    assert np.abs(total - 1.0).max() < 1e-12


def test_the_standard_errors_agree_with_those_of_the_scores():
    """Inverse Hessian and the outer product of scores estimate the same spread; the data are few, so within a half."""
    data, best = estimate("war1800", "probit", "agent")
    with double():
        scores = np.asarray(jax.jacobian(lambda b: strategic.log_terms(data, b, "probit", "agent"))(jnp.asarray(best.beta)))
    other = np.sqrt(np.diag(np.linalg.inv(scores.T @ scores)))
    assert best.gradient < 1e-6
    assert (np.abs(other / best.error - 1.0) < 0.5).all()


def test_the_start_by_backward_induction_avoids_the_false_optimum():
    data = game(leblang2003(), {"u11": "lreserves overval", "u13": "1", "u14": "1", "u24": "1 preelec realinterest", "scale": "prioratt"})
    assert strategic.log_likelihood(data, np.zeros(8), "probit", "private") < -5000
    assert estimate("leblang_scale", "probit", "private")[1].log_likelihood > -495.367


def test_the_posterior_lies_where_the_likelihood_does():
    pytest.importorskip("numpyro")
    _, best = estimate("war1800", "probit", "agent")
    found = sampled("war1800", "probit", "agent")
    beta = found["beta"]
    assert beta.shape == (250, 10)
    assert found["divergences"] == 0
    assert found["r_hat"].max() < 1.1
    # A prior of spread 5 hardly moves it: within half a standard error, and as wide.
    assert (np.abs(beta.mean(axis=0) - best.beta) < 0.5 * best.error).all()
    assert (np.abs(beta.std(axis=0) / best.error - 1.0) < 0.4).all()


def test_an_unknown_column_or_utility_is_named():
    outcome, columns = war1800()
    with pytest.raises(ValueError, match="no column 'wealth'"):
        strategic.crises(outcome, columns, {"u11": ["wealth"]})
    with pytest.raises(ValueError, match="unknown utility 'u15'"):
        strategic.crises(outcome, columns, {"u15": ["1"]})


def test_the_best_choice_is_found_inside_at_an_end_and_at_a_kink():
    assert strategic.best(lambda x: -((x - 0.3) ** 2), 0.0, 1.0)[0] == pytest.approx(0.3, abs=1e-9)
    assert strategic.best(lambda x: x, 0.0, 1.0) == (1.0, 1.0)
    assert strategic.best(lambda x: -np.abs(x - 0.7), 0.0, 1.0)[0] == pytest.approx(0.7, abs=1e-9)


def test_hazards_of_the_ladder_are_those_the_engine_draws_from():
    model = compose(load("ladder"))
    found = ladder.hazards(model, {"brake": np.array([0.0, 0.25])}, {"dangerous": 0.5})
    assert found.shape == (6, 6, 2)
    assert (found >= 0.0).all()
    assert (found[0, 2:5] > 0.0).any()
    up = np.triu(np.ones((6, 6)), 2)[:5] > 0
    climbs = found[:5][up]
    # Two lines, open, of capacity 1 and 0.8, at a brake of a quarter.
    slipped = climbs[climbs[:, 0] > 0]
    assert slipped[:, 1] / slipped[:, 0] == pytest.approx(np.full(len(slipped), 0.75 * 0.8), rel=1e-6)
    chain = ladder.quarter(found[:, :, 0])
    assert chain.sum(axis=1) == pytest.approx(np.ones(6))
    with pytest.raises(ValueError, match="no 'brakes'"):
        ladder.hazards(model, {"brakes": 0.1})


def test_a_chain_that_never_ends_is_refused():
    with pytest.raises(ValueError, match="no state"):
        ladder.absorb(np.array([[0.5, 0.5], [0.5, 0.5]]))
    with pytest.raises(ValueError, match="never reaches"):
        ladder.absorb(np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))


@pytest.mark.parametrize("name", ["ladder", "crisis_bargaining"])
def test_the_small_scenarios_compose(name):
    scenario = load(name)
    model = compose(scenario)
    assert model.rows
    assert model.lever_rows
    assert len(scenario.theories) == 2
