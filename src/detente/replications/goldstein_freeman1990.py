"""Goldstein & Freeman 1990: reciprocity as a linear system.

Citation    J. S. Goldstein, J. R. Freeman, Three-Way Street, Chicago 1990; the same in APSR 85(1), 1991, 17–35; the comparative
            model after M. Patchen, D. Bogumil, CMPS 14(2), 1995, 163–195.
Claim       The conduct of rivals is a stable mix of routine (own past) and reciprocity (the other's), both positive.
Reproduced  signs, over the whole baseline range of the mechanism; the algebra of a bilateral system (mean, eigenvalues, responses,
            long-run multipliers, half-life); unilateral restraint held and ended; comparative reciprocity; that the composed
            mechanism is this system.
Equation    y_t = c + A·y_{t−1};   A_ii = exp(−speed·Δ), A_ij = (1 − A_ii)·reciprocity, c_i = (1 − A_ii)·base
            here y_t = relax(y_{t−1}, base + answer(other's y_{t−1}, reciprocity), speed)
Runs        mechanisms.conduct.answer and contract.relax, differentiated and iterated; mechanisms.conduct alone through the engine
            on the scenario richardson_1914.
Known       Signs seen in abstracts; sizes of coefficients not seen and none claimed: those here are ours, chosen to carry the
            signs. Algebra derived.
Caveat      Patchen & Bogumil found only limited support for reciprocity between the two superpowers: a theory may hold it at zero.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.contract import DT, relax
from detente.mechanisms.conduct import PARAMETERS, answer
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "own": [0.5, 0.6],
    "cross": [0.3, 0.2],
    "constant": [-0.1, 0.05],
    "periods": 6,
    "comparative": {"cross": [0.3, 0.1], "start": [4.0, -2.0]},
    "engine": {"speed": 1.2, "reciprocity": 0.4, "start": [0.5, 0.0], "quarters": 8},
}
CHECKS = (
    *checks(
        {
            "mean": [-0.178571428571, 0.0357142857143],
            "eigenvalues": [0.8, 0.3],
            "response": {"h1": [0.5, 0.2], "h2": [0.31, 0.22], "h5": [0.13253, 0.1301]},
            "multiplier": [[2.85714285714, 2.14285714286], [1.42857142857, 3.57142857143]],
            "half_life": 3.10628371951,
        },
        "A05-1",
        rtol=1e-6,
    ),
    *checks(
        {"restraint": {"answer_held": 0.5, "after_six": [2.33223, 0.9047], "six_later": [0.38747344815, 0.38643277878], "margin": 0.14}},
        "A05-2",
        rtol=1e-6,
    ),
    *checks({"comparative": {"limit": -0.5, "gap3": 1.296, "state3": [0.472, -0.824]}}, "A05-5", rtol=1e-6),
    *statements(names=("routine_is_positive", "reciprocity_is_positive", "stable_over_the_range"), origin="published"),
    *statements(names=("engine.is_this_system",), kind="numerical"),
)
LEFT_OUT = {
    "Ward & Rajmaira 1992": "memory and reactivity that change over time: the weights of conduct are constant within a future",
    "A05-3": "two lags and orthogonal shocks: conduct has one lag",
    "A05-4": "triangular response (Goldstein & Pevehouse 1997): conduct answers the other side only, no third party",
    "A05-6": "least-squares estimate and Granger test: no analysis of the product estimates a vector autoregression",
}


def follow(y: Any, own: Any, cross: Any, constant: Any = 0.0) -> jax.Array:
    """One period of two sides by the mechanism: y [2]; own weight, weight of the other's last conduct, constant."""
    own, cross = jnp.asarray(own), jnp.asarray(cross)
    speed, reciprocity, base = -jnp.log(own) / DT, cross / (1.0 - own), jnp.asarray(constant) / (1.0 - own)
    return relax(jnp.asarray(y), base + answer(jnp.asarray(y)[::-1], reciprocity), speed)


def matrix(own: Any, cross: Any) -> np.ndarray:
    """A, as the derivative of the mechanism's step."""
    return np.asarray(jax.jacfwd(lambda y: follow(y, own, cross))(jnp.zeros(2)))


def responses(own: Any, cross: Any, start: Any, periods: int, push: Any = (0.0, 0.0)) -> list[np.ndarray]:
    """Conduct over periods from `start`, with a push added each period."""
    y = [np.asarray(start, float)]
    for _ in range(periods):
        y.append(np.asarray(follow(y[-1], own, cross)) + np.asarray(push))
    return y


def held(own: Any, cross: Any) -> float:
    """The second side's conduct in the long run while the first's is held at one."""
    y = np.array([1.0, 0.0])
    for _ in range(200):
        y = np.array([1.0, float(follow(y, own, cross)[1])])
    return float(y[1])


def engine() -> bool:
    """Does the composed mechanism alone follow the same system (float32, no noise)?"""
    given = INPUTS["engine"]
    model = model_of("richardson_1914", ["conduct"], {"hawks": 0.0}, years=2)
    values = {"reciprocity": given["reciprocity"], "conduct_speed": given["speed"], "conduct_noise": 0.0}
    found = history(model, values, 1, ["conduct"], start={"conduct": given["start"]})["conduct"][..., 0]
    own = float(np.exp(-given["speed"] * DT))
    wanted = responses([own] * 2, [(1.0 - own) * given["reciprocity"]] * 2, given["start"], given["quarters"])[1:]
    return bool(np.allclose(found, wanted, atol=1e-6))


def run() -> dict[str, float]:
    """Every value by the mechanism's functions (double precision; the engine's in float32)."""
    composed = engine()
    own, cross = INPUTS["own"], INPUTS["cross"]
    with double():
        a = matrix(own, cross)
        values = np.sort(np.linalg.eigvals(a).real)[::-1]
        course = responses(own, cross, [1.0, 0.0], 5)
        pushed = responses(own, cross, [1.0, 0.0], INPUTS["periods"] - 1, (1.0, 0.0))[-1]
        constant = np.asarray(follow(np.zeros(2), own, cross, INPUTS["constant"]))
        both = INPUTS["comparative"]
        stay = [1.0 - w for w in both["cross"]]
        state3 = responses(stay, both["cross"], both["start"], 3)[-1]
        low, high = PARAMETERS["conduct_speed"].range
        weights = [(np.exp(-s * DT), (1.0 - np.exp(-s * DT)) * r) for s in (low, high) for r in PARAMETERS["reciprocity"].range]
        return flat(
            "",
            {
                "mean": np.linalg.solve(np.eye(2) - a, constant),
                "eigenvalues": values,
                "response": {f"h{h}": course[h] for h in (1, 2, 5)},
                "multiplier": np.linalg.inv(np.eye(2) - a),
                "half_life": np.log(2.0) / -np.log(values[0]),
                "restraint": {
                    "answer_held": held(own, cross),
                    "after_six": pushed,
                    "six_later": responses(own, cross, pushed, 6)[-1],
                    "margin": (1.0 - a[0, 0]) * (1.0 - a[1, 1]) - a[0, 1] * a[1, 0],
                },
                "comparative": {
                    "limit": responses(stay, both["cross"], both["start"], 200)[-1][0],
                    "gap3": state3[0] - state3[1],
                    "state3": state3,
                },
                "routine_is_positive": all(matrix([o] * 2, [c] * 2)[0, 0] > 0 for o, c in weights),
                "reciprocity_is_positive": all(matrix([o] * 2, [c] * 2)[0, 1] > 0 for o, c in weights),
                "stable_over_the_range": all(np.abs(np.linalg.eigvals(matrix([o] * 2, [c] * 2))).max() < 1 for o, c in weights),
                "engine": {"is_this_system": composed},
            },
        )


def picture() -> Any:
    """Both sides' conduct while the first is restrained for six periods, and after."""
    import altair as alt
    import pandas as pd

    own, cross, n = INPUTS["own"], INPUTS["cross"], INPUTS["periods"]
    path = responses(own, cross, [1.0, 0.0], n - 1, (1.0, 0.0))
    path += responses(own, cross, path[-1], 12)[1:]
    rows = [{"period": t + 1, "conduct": float(y[k]), "side": ("who begins", "who answers")[k]} for t, y in enumerate(path) for k in (0, 1)]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("period:Q", title="period; initiatives end after the sixth"),
            y=alt.Y("conduct:Q", title="cooperation, in units of one initiative"),
            color=alt.Color("side:N", title=None, scale=alt.Scale(range=["#b3782d", "#51618f"])),
            strokeDash=alt.StrokeDash("side:N", title=None),
        )
        .properties(title="Six initiatives and their answer", width=440, height=280)
    )
