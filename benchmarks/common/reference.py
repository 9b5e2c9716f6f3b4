"""What every version of the common small model must give: the exact table without chance and the distribution with it."""

from __future__ import annotations

import numpy as np

# After so many steps: a_0, a_4, a_7, f_01, f_04, f_40, T, hazard.
EXACT = {
    1: (0.516980, 1.262131, 1.832097, -1.995386, 0.297719, 0.329198, 0.575855, 0.024848),
    20: (0.627281, 0.911913, 1.194055, -1.998105, 0.884973, 1.022848, 0.714516, 0.652162),
    80: (0.609219, 0.804994, 1.002728, -2.003354, 1.237549, 1.243045, 0.775268, 3.317821),
}
# Value and Monte Carlo standard error of a million futures; values themselves rest on sixteen million.
EXPECTED = {
    "mean of A": (0.56236, 0.00026), "sd of A": (0.25290, 0.00049), "A, 5 %": (0.30039, 0.00015), "A, 25 %": (0.39105, 0.00017),
    "A, 50 %": (0.50164, 0.00024), "A, 75 %": (0.66087, 0.00036), "A, 95 %": (1.02666, 0.00111), "mean of T": (0.62922, 0.00014),
    "sd of T": (0.14676, 0.00009), "P(rung ≥ 3 ever)": (0.26355, 0.00045), "mean of Λ": (0.26359, 0.00049), "Λ, 50 %": (0.05902, 0.00029),
    "Λ, 75 %": (0.33081, 0.00080), "Λ, 95 %": (1.19751, 0.00267), "P(rung = 0)": (0.53571, 0.00048), "P(rung = 1)": (0.24518, 0.00041),
    "P(rung = 2)": (0.11080, 0.00030), "P(rung = 3)": (0.06136, 0.00024), "P(rung = 4)": (0.04694, 0.00019),
}  # fmt: skip


def summary(rows: np.ndarray) -> dict[str, float]:
    """The same figures from rows A, T, rung, ever, hazard [5, n]."""
    A, T, r, ever, hazard = np.asarray(rows, np.float64)
    out = {"mean of A": A.mean(), "sd of A": A.std()}
    out |= {f"A, {q} %": np.percentile(A, q) for q in (5, 25, 50, 75, 95)}
    out |= {"mean of T": T.mean(), "sd of T": T.std(), "P(rung ≥ 3 ever)": ever.mean(), "mean of Λ": hazard.mean()}
    out |= {f"Λ, {q} %": np.percentile(hazard, q) for q in (50, 75, 95)}
    return {k: float(v) for k, v in (out | {f"P(rung = {k})": (r == k).mean() for k in range(5)}).items()}


def departures(rows: np.ndarray) -> dict[str, float]:
    """Each figure's departure in standard errors of the difference; up to four is allowed."""
    found, n = summary(rows), rows.shape[1]
    return {k: (found[k] - value) / (error * np.sqrt(1e6 / n + 1 / 16)) for k, (value, error) in EXPECTED.items()}
