"""Bryant & Lempert 2010: scenario discovery by patient rule induction.

Citation    B. Bryant, R. Lempert, Thinking Inside the Box: A Participatory, Computer-Assisted Approach to Scenario Discovery, TFSC 77,
            2010, 34–49; J. Friedman, N. Fisher, Bump Hunting in High-Dimensional Data, 1999.
Claim       A few limits on uncertainties hold most of the runs in which a policy fails: here three that matter, and a fourth that a
            test shows may be chance.
Reproduced  882 runs with 89 of interest: runs and cases after each of 27 peels; coverage, density and the four limits after 21; the
            quasi-p-value of each limit.
Equation    peel a tenth of the runs off the side that raises the density of cases most per run removed
Runs        analysis.discovery.peel, measure and quasi_p (ema_workbench's PRIM).
Known       Data, box and trajectory from the public repository quaquel/EMAworkbench and its software, version 2.5.3; the paper's own
            table was not available.
Caveat      The peeling is the same software that the reference comes from; a peeler written from the rules alone gave the same
            sequence when the numbers were made. Limits are of those runs; they say nothing of relations between states.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.discovery import Box, peel, quasi_p
from detente.replications._data import FOLDER
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
COLUMNS = (
    "Cellulosic cost;Total biomass;Feedstock distribution;Cellulosic yield;Oil elasticity;Demand elasticity;"
    "Electricity coproduction;oil supply shift;Biomass backstop price"
)
INPUTS: dict[str, Any] = {
    "data": "bryant_lempert_2010.csv.gz",
    "columns": COLUMNS.split(";"),
    "share": 0.1,
    "least_mass": 0.05,
    "shown": 21,
}
RUNS = "882 792 710 638 573 513 458 412 368 329 296 264 237 213 191 170 152 136 121 108 97 87 78 70 63 56 50 45"
CASES = "89 89 89 89 89 89 89 89 89 89 89 88 87 86 85 82 81 78 75 74 71 67 65 61 57 52 48 45"
SOFTWARE = "software: ema_workbench 2.5.3"
QUASI = [4.71696855318e-06, 1.18492991158e-16, 3.51511253026e-11, 0.157413335289]
LIMITS = [755.799988, -0.422, 150.049995, 72.650002]
ORDER = ("Total biomass", "Demand elasticity", "Biomass backstop price", "Cellulosic cost")
CHECKS: tuple[Check, ...] = (
    *checks({"data": [882, 89.0, 0.100907029478]}, "B10-prim_data", rtol=1e-11),
    *checks({"runs": [int(x) for x in RUNS.split()]}, "B10-prim_trajectory_n", kind="numerical", origin=SOFTWARE, rtol=0.0),
    *checks({"cases": [int(x) for x in CASES.split()]}, "B10-prim_trajectory_k", kind="numerical", origin=SOFTWARE, rtol=0.0),
    *checks({"box": [0.752808988764, 0.770114942529, 87, 67.0]}, "B10-prim_box21", kind="numerical", origin=SOFTWARE, rtol=1e-9),
    *checks({"limit": LIMITS}, "B10-prim_box21", kind="numerical", origin=SOFTWARE, rtol=1e-6),
    *checks({"quasi_p": QUASI}, "B10-prim_quasi_p", kind="numerical", origin=SOFTWARE, rtol=1e-5, atol=1e-20),
    *statements("B10-prim_box21", ("four_limits_and_no_more",), origin="published", kind="numerical"),
)


@cache
def data() -> tuple[pd.DataFrame, np.ndarray]:
    """Inputs [run] and whether the run is of interest."""
    rows = pd.read_csv(FOLDER / INPUTS["data"])
    return rows[INPUTS["columns"]], rows["Greater than 90%"].to_numpy(float)


@cache
def trajectory() -> tuple[Box, ...]:
    """All boxes of the peeling."""
    return tuple(peel(*data(), INPUTS["share"], INPUTS["least_mass"]))


def run() -> dict[str, float]:
    """Trajectory, box and quasi-p-values."""
    inputs, interest = data()
    boxes = trajectory()
    shown = boxes[INPUTS["shown"]]
    p = quasi_p(inputs, interest, shown.limits)
    one_end = {name: next(x for x in ends if np.isfinite(x)) for name, ends in shown.limits.items()}
    return flat(
        "",
        {
            "data": [len(inputs), interest.sum(), interest.mean()],
            "runs": [b.runs for b in boxes],
            "cases": [b.cases for b in boxes],
            "box": [shown.coverage, shown.density, shown.runs, shown.cases],
            "limit": [one_end[name] for name in ORDER],
            "quasi_p": [p[name] for name in ORDER],
            "four_limits_and_no_more": set(shown.limits) == set(ORDER),
        },
    )


def picture() -> Any:
    """Coverage against density along the peeling, the chosen box marked."""
    import altair as alt

    boxes = trajectory()
    rows = pd.DataFrame({"coverage": [100 * b.coverage for b in boxes], "density": [100 * b.density for b in boxes]})
    x = alt.X("coverage:Q", title="coverage: share of all cases inside, %")
    y = alt.Y("density:Q", title="density: share of cases among runs inside, %")
    line = alt.Chart(rows).mark_line(point=True, color="#51618f").encode(x=x, y=y, order=alt.Order("density:Q"))
    chosen = alt.Chart(rows.iloc[[INPUTS["shown"]]])
    mark = chosen.mark_point(size=160, color="#b3782d", strokeWidth=2).encode(x=x, y=y)
    words = chosen.mark_text(align="left", dx=12, dy=-2).encode(x=x, y=y, text=alt.value("after 21 peels"))
    return (line + mark + words).properties(title="Fewer cases, but purer, with every peel", width=440, height=280)
