"""Richardson 1960: the arms race as two linear equations.

Citation    L. F. Richardson, Arms and Insecurity, Boxwood 1960 (first as a psychology monograph, 1939); the table of 1909–13 after
            M. Braun, Differential Equations and Their Applications, section 4.5.
Claim       Two sides that answer one another's forces are stable if and only if fatigue outweighs reaction (kl < ab); the budgets
            of 1909–13 lie on a line that runs away from 194 million pounds at 0.73 a year.
Reproduced  the criterion over random coefficients; balance points, eigenvalues, the barrier of the unstable case; the fit of
            1909–13; the line's course; three nations unstable though every pair is stable; adding a nation never calms; the
            composed mechanism's own resting point and its run-away.
Equation    dx/dt = k·y − a·x + g,   dy/dt = l·x − b·y + h
            here d log x/dt = drift(x, target(g/a, k/a, y), a)
Runs        mechanisms.arms.target and drift (its step is these two, once a year), differentiated and integrated; mechanisms.arms
            alone through the engine on the scenario richardson_1914.
Known       Equations and the three-nation claim seen in abstracts (Wagner, Perkins & Taagepera 1975; Journal of Conflict Resolution
            1980). Table, 0.73, 194 and the five millions from memory; the table adds up to the printed totals. Barrier and
            eigenvalues derived.
Caveat      Four differences of a smooth series: r = 0.9995 is no evidence for reaction against self-stimulation; any exponential
            fits, and the "complete solution" of 1975 found the data told as well by self-stimulation. The mechanism steps once a
            year on last year's budgets, so its own fit of the same table is another slope (reported, not published): 1.03 a year,
            zero at 194.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.mechanisms.arms import drift, target
from detente.replications._data import table
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "stable": {"k": 0.2, "l": 0.3, "a": 0.5, "b": 0.4, "g": 1.0, "h": 2.0, "time": 10.0},
    "unstable": {"k": 0.9, "l": 1.0, "a": 0.4, "b": 0.5, "g": -10.0, "h": -12.0, "x": 5.0},
    "budgets": table("budgets_1909"),  # million pounds, 1909 to 1913
    "printed_totals": [199.2, 204.8, 214.9, 238.7, 289.0],
    "line": {"slope": 0.73, "balance": 194.0, "start": 202.0},
    "equal_nations": {"k": 1.0, "a": 1.5},
    "random_systems": 500,
}
CHECKS = (
    *checks({"stable": {"balance": [5.71428571429, 9.28571428571], "eigenvalues": [-0.2, -0.7]}}, "A01-1", rtol=1e-6),
    *checks({"stable": {"state": [4.90253455257, 8.06743619888]}}, "A01-1", kind="numerical", rtol=1e-6),
    *checks(
        {"unstable": {"balance": [22.5714285714, 21.1428571429], "eigenvalues": [0.5, -1.4], "barrier": 40.6666666667}}, "A01-2", rtol=1e-6
    ),
    *checks({"fit": {"slope": 0.73}}, origin="published", kind="numerical", rtol=0.0, atol=0.005),
    *checks({"fit": {"zero": 194.0}}, origin="published", kind="numerical", rtol=0.0, atol=1.0),
    *statements("A01-3", names=("table_adds_up_to_printed_totals",), origin="published"),
    *checks(
        {
            "table": {
                "total": [199.2, 204.8, 214.9, 238.7, 289.0],
                "mean": [202.0, 209.85, 226.8, 263.85],
                "change": [5.6, 10.1, 23.8, 50.3],
            }
        },
        "A01-3",
        origin="published+computed",
        rtol=1e-6,
    ),
    *checks(
        {"computed": {"slope": 0.731015004258, "zero": 194.914276049, "correlation": 0.999548497158}},
        "A01-3",
        origin="published+computed",
        rtol=1e-6,
    ),
    *checks(
        {"line": {"total": {"year1": 210.600644861, "year2": 228.447676227, "year3": 265.481704918}}}, "A01-4", kind="numerical", rtol=1e-6
    ),
    *checks({"line": {"doubling_years": 0.949516685699, "excess_1909": 5.2}}, "A01-4", rtol=1e-6),
    *checks({"equal": {"n2": -0.5, "n3": 0.5, "n4": 1.5}}, "A01-5", rtol=1e-6),
    *statements(names=("criterion_holds", "another_nation_never_calms"), origin="published"),
    *checks({"engine": {"balance": [250.0, 250.0]}}, kind="numerical", rtol=1e-5),
    *statements(names=("engine.runs_away",), origin="published", kind="numerical"),
)


def field(x: Any, reaction: Any, fatigue: Any, grievance: Any) -> jax.Array:
    """dx/dt of n nations by the mechanism: x [n], reaction [n, n] (row answers column), fatigue and grievance [n]."""
    x, fatigue = jnp.asarray(x), jnp.asarray(fatigue)
    wanted = target(jnp.asarray(grievance) / fatigue, 1.0 / fatigue, jnp.asarray(reaction) @ x)
    return x * drift(x, wanted, fatigue)


def jacobian(*system: Any) -> np.ndarray:
    """Derivative of the field at one: the system is linear, so it is the same everywhere."""
    return np.asarray(jax.jacfwd(lambda x: field(x, *system))(jnp.ones(len(system[1]))))


def balance(*system: Any) -> np.ndarray:
    """Where the field vanishes (a Newton step is exact for a linear system)."""
    one = np.ones(len(system[1]))
    return one - np.linalg.solve(jacobian(*system), np.asarray(field(one, *system)))


def course(x: Any, time: float, *system: Any, steps: int = 2000) -> np.ndarray:
    """State after `time` years by Runge-Kutta steps of the mechanism's field."""
    h = time / steps

    def step(_: Any, x: jax.Array) -> jax.Array:
        k1 = field(x, *system)
        k2 = field(x + 0.5 * h * k1, *system)
        k3 = field(x + 0.5 * h * k2, *system)
        return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + field(x + h * k3, *system))

    return np.asarray(jax.lax.fori_loop(0, steps, step, jnp.asarray(x, float)))


def pair(system: Mapping[str, float]) -> tuple[Any, Any, Any]:
    """Two nations as (reaction, fatigue, grievance), from Richardson's letters: x′ = ky − ax + g, y′ = lx − by + h."""
    k, back, a, b, g, h = (system[name] for name in "klabgh")
    return np.array([[0.0, k], [back, 0.0]]), np.array([a, b]), np.array([g, h])


def equal(n: int, k: float, a: float) -> tuple[Any, Any, Any]:
    """n equal nations."""
    return k * (1.0 - np.eye(n)), np.full(n, a), np.zeros(n)


def top(*system: Any) -> float:
    """Largest real part of the eigenvalues."""
    return float(np.linalg.eigvals(jacobian(*system)).real.max())


def fit() -> dict[str, Any]:
    """Least squares of the mechanism's yearly change at the middle of each year on the table's changes."""
    data = INPUTS["budgets"]
    total = np.array([sum(m for m, y in zip(data["million_pounds"], data["year"], strict=True) if y == year) for year in range(1909, 1914)])
    change, mean = np.diff(total), 0.5 * (total[1:] + total[:-1])

    def model(p: Any) -> jax.Array:
        return mean * drift(mean, target(p[0], p[1], mean), 1.0)

    start = jnp.zeros(2)
    found = np.linalg.lstsq(np.asarray(jax.jacfwd(model)(start)), change - np.asarray(model(start)), rcond=None)[0]
    line = (np.array([[found[1]]]), np.ones(1), np.array([found[0]]))
    r = np.corrcoef(change, np.asarray(model(found)))[0, 1]
    return {"total": total, "change": change, "mean": mean, "slope": jacobian(*line)[0, 0], "zero": balance(*line)[0], "correlation": r}


def own_fit() -> tuple[float, float]:
    """(slope, zero) of the mechanism's own yearly step, d log T = slope·(1 − zero/T), fitted to the same table."""
    total = fit()["total"]
    last, growth = total[:-1], np.diff(np.log(total))

    def model(p: Any) -> jax.Array:
        return drift(last, target(p[0], p[1], last), 1.0)

    start = jnp.zeros(2)
    own, slope = np.linalg.lstsq(np.asarray(jax.jacfwd(model)(start)), growth - np.asarray(model(start)), rcond=None)[0]
    return float(slope - 1.0), float(-own / (slope - 1.0))


def criterion() -> bool:
    """Stable if and only if kl < ab, over random coefficients."""
    rng = np.random.default_rng(1960)
    systems = rng.uniform(0.05, 2.0, (INPUTS["random_systems"], 4))
    drawn = [dict(zip("klab", row, strict=True), g=1.0, h=1.0) for row in systems]
    return all((top(*pair(s)) < 0.0) == (s["k"] * s["l"] < s["a"] * s["b"]) for s in drawn)


def never_calms() -> bool:
    """With reactions that are nowhere negative, the largest eigenvalue of four nations is never below that of three of them."""
    rng = np.random.default_rng(1961)
    for _ in range(100):
        reaction, fatigue = rng.uniform(0.0, 1.0, (4, 4)) * (1.0 - np.eye(4)), rng.uniform(0.2, 2.0, 4)
        if top(reaction, fatigue, np.zeros(4)) < top(reaction[:3, :3], fatigue[:3], np.zeros(3)) - 1e-9:
            return False
    return True


def engine() -> dict[str, Any]:
    """The composed mechanism alone: where two sides that answer six tenths come to rest, and what two that answer double do."""
    model = model_of("richardson_1914", years=120)
    values = {"fatigue": 0.4, "reaction": np.array([0.6, 2.0]), "burden": 0.01, "arms_noise": 0.0}
    forces = history(model, values, 2, ["arms"])["arms"][3::4]
    return {"balance": forces[-1, :, 0], "runs_away": bool(np.all(np.diff(forces[:3, :, 1], axis=0) > 0.3 * forces[:2, :, 1]))}


def run() -> dict[str, float]:
    """Every published value by the mechanism's functions (double precision; the engine's in float32)."""
    calm, wild, line = INPUTS["stable"], INPUTS["unstable"], INPUTS["line"]
    moved = engine()
    with double():
        steady, saddle = pair(calm), pair(wild)
        values, left = np.linalg.eig(jacobian(*saddle).T)
        normal, centre = left[:, np.argmax(values)], balance(*saddle)
        race = (np.array([[line["slope"] + 1.0]]), np.ones(1), np.array([-line["slope"] * line["balance"]]))
        found = fit()
        slope, zero = own_fit()
        return flat(
            "",
            {
                "stable": {
                    "balance": balance(*steady),
                    "eigenvalues": np.sort(np.linalg.eigvals(jacobian(*steady)))[::-1],
                    "state": course([1e-9, 1e-9], calm["time"], *steady),
                },
                "unstable": {
                    "balance": centre,
                    "eigenvalues": np.sort(values)[::-1],
                    "barrier": centre[1] - normal[0] / normal[1] * (wild["x"] - centre[0]),
                },
                "fit": {"slope": found["slope"], "zero": found["zero"]},
                "table": {k: found[k] for k in ("total", "mean", "change")},
                "computed": {"slope": found["slope"], "zero": found["zero"], "correlation": found["correlation"]},
                "line": {
                    "total": {f"year{t}": course([line["start"]], t, *race)[0] for t in (1, 2, 3)},
                    "doubling_years": np.log(2.0) / top(*race),
                    "excess_1909": found["total"][0] - balance(*race)[0],
                },
                "equal": {f"n{n}": top(*equal(n, **INPUTS["equal_nations"])) for n in (2, 3, 4)},
                "table_adds_up_to_printed_totals": bool(np.allclose(found["total"], INPUTS["printed_totals"], atol=1e-9)),
                "criterion_holds": criterion(),
                "another_nation_never_calms": never_calms(),
                "own_step": {"slope": slope, "zero": zero},
                "engine": moved,
            },
        )


def picture() -> Any:
    """Yearly change against the mean total of two years: the table, and the line fitted through the mechanism."""
    import altair as alt
    import pandas as pd

    with double():
        found = fit()
    points = pd.DataFrame({"total": found["mean"], "change": found["change"], "year": ["1909–10", "1910–11", "1911–12", "1912–13"]})
    ends = np.array([190.0, 270.0])
    line = pd.DataFrame({"total": ends, "change": found["slope"] * (ends - found["zero"])})
    x = alt.X("total:Q", title="mean total of two years, million pounds", scale=alt.Scale(zero=False))
    y = alt.Y("change:Q", title="change in a year, million pounds")
    drawn = alt.Chart(line).mark_line(color="#51618f").encode(x=x, y=y)
    seen = alt.Chart(points).mark_point(filled=True, size=70, color="#b3782d").encode(x=x, y=y)
    words = alt.Chart(points).mark_text(align="right", dx=-8, dy=-6).encode(x=x, y=y, text="year")
    title = f"Budgets of 1909–13: slope {found['slope']:.2f} a year, zero at {found['zero']:.0f} million pounds"
    return (drawn + seen + words).properties(title=title, width=440, height=280)
