"""Song, Nelson & Staum 2016, Owen & Prieur 2017: Shapley effects share out variance when inputs depend on one another.

Citation    E. Song, B. Nelson, J. Staum, Shapley Effects for Global Sensitivity Analysis, SIAM/ASA JUQ 4, 2016, 1060–1083; A. Owen, C.
            Prieur, On Shapley Value for Measuring Importance of Dependent Inputs, SIAM/ASA JUQ 5, 2017, 986–1002; B. Iooss, C. Prieur,
            IJUQ 9, 2019, 493–514.
Claim       Shares of variance that add to one exist for dependent inputs too; dependence evens them out.
Reproduced  effects of linear Gaussian models with two, three and four inputs; of the Ishigami function (independent, with an
            interaction shared evenly); that they add to one; Song's two costs give the same effects; from runs at hand.
Equation    Sh_i = Σ_u |u|!(d − 1 − |u|)!/d!·(v(u ∪ i) − v(u)), v(u) = Var(E[Y | X_u])/Var(Y)
Runs        analysis.sensitivity.shapley with gaussian_value, variance_value and explained_value.
Known       From memory; two inputs after Owen & Prieur's formula, the rest derived, enumerated and checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis.sensitivity import Group, explained_value, gaussian_value, shapley, variance_value
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "two": [{"weights": [1, 1], "sd": [1, 2], "rho": 0.5}, {"weights": [1, 3], "sd": [1, 1], "rho": -0.3}],
    "three": {"sd": [1, 1, 2], "rho": [0.0, 0.9]},
    "four": {
        "weights": [1, -0.5, 2, 0.7],
        "covariance": [[1.0, 0.3, 0.1, 0.0], [0.3, 2.0, 0.5, -0.2], [0.1, 0.5, 1.5, 0.4], [0.0, -0.2, 0.4, 1.0]],
    },
    "ishigami": {"a": 7.0, "b": 0.1},
    "at_hand": 20_000,
}
FOUR = [0.118004550946, 0.0274256145087, 0.670134342957, 0.184435491589]
CHECKS: tuple[Check, ...] = (
    *checks(
        {"two": [[0.339285714286, 0.660714285714], [0.0560975609756, 0.943902439024]]}, "B10-shapley_two_*", origin="published", rtol=1e-9
    ),
    *checks({"three": [[1 / 6, 1 / 6, 2 / 3], [0.104166666667, 0.418229166667, 0.477604166667]]}, "B10-shapley_three_*", rtol=1e-9),
    *checks({"four": FOUR}, "B10-shapley_four", rtol=1e-9),
    *checks({"ishigami": [0.435747023179, 0.44241114479, 0.121841832031]}, "B10-ishigami", origin="published+computed", rtol=1e-9),
    *checks({"adds_to": 1.0}, origin="published", rtol=1e-12, atol=1e-12),
    *checks({"at_hand": FOUR}, "B10-shapley_four", kind="numerical", rtol=0.0, atol=0.02),
    *statements(names=("both_costs_agree",), origin="published"),
)


def two(weights: list[float], sd: list[float], rho: float) -> np.ndarray:
    """Effects of two correlated inputs."""
    s = np.array(sd, float)
    return shapley(gaussian_value(np.array(weights), np.outer(s, s) * np.array([[1.0, rho], [rho, 1.0]])), 2)


def three(rho: float) -> np.ndarray:
    """Effects of a sum of three, the last two correlated."""
    s = np.array(INPUTS["three"]["sd"], float)
    correlation = np.eye(3)
    correlation[1, 2] = correlation[2, 1] = rho
    return shapley(gaussian_value(np.ones(3), np.outer(s, s) * correlation), 3)


def ishigami() -> np.ndarray:
    """Effects from the parts of variance of the Ishigami function."""
    a, b = INPUTS["ishigami"]["a"], INPUTS["ishigami"]["b"]
    parts: dict[Group, float] = {
        frozenset({0}): (1.0 + b * np.pi**4 / 5.0) ** 2 / 2.0,
        frozenset({1}): a**2 / 8.0,
        frozenset({0, 2}): b**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0),
    }
    return shapley(variance_value(parts), 3)


def run() -> dict[str, float]:
    """Effects of all examples."""
    weights, covariance = np.array(INPUTS["four"]["weights"]), np.array(INPUTS["four"]["covariance"])
    by_conditioning = gaussian_value(weights, covariance)
    four = shapley(by_conditioning, 4)
    everything = frozenset(range(4))
    other_cost = shapley(lambda u: 1.0 - by_conditioning(everything - u), 4)
    x = np.random.default_rng(2016).multivariate_normal(np.zeros(4), covariance, INPUTS["at_hand"])
    return flat(
        "",
        {
            "two": [two(**given) for given in INPUTS["two"]],
            "three": [three(rho) for rho in INPUTS["three"]["rho"]],
            "four": four,
            "ishigami": ishigami(),
            "adds_to": four.sum(),
            "at_hand": shapley(explained_value(x, x @ weights, [[0], [1], [2], [3]], degree=1), 4),
            "both_costs_agree": bool(np.allclose(four, other_cost, atol=1e-12)),
        },
    )


def picture() -> Any:
    """Effects of the sum of three as two of them become alike."""
    from detente.replications._plots import curves

    rho = np.linspace(-0.95, 0.95, 77)
    found = np.array([three(float(r)) for r in rho])
    lines = {"x1, alone": found[:, 0], "x2, spread 1": found[:, 1], "x3, spread 2": found[:, 2]}
    return curves(rho, lines, "Dependence evens the shares out", "correlation of x2 and x3", "Shapley effect, share of variance", "input")
