"""Milnor 1954, Savage 1951: decisions without probabilities, and what knowing would be worth.

Citation    J. Milnor, Games Against Nature, in Decision Processes, 1954; L. Savage, The Theory of Statistical Decision, JASA 46, 1951.
Claim       Four reasonable criteria choose four different acts in one small table; no order of acts goes without choosing a criterion.
Reproduced  Milnor's table by maximin, Laplace, Hurwicz and minimax regret, with the maximal regrets; the expected value of perfect
            information is the least expected regret.
Equation    regret(a, s) = max_b u(b, s) − u(a, s);   EVPI = E max_a u − max_a E u = min_a E regret
Runs        analysis.decisions.
Known       The table from memory (each criterion picks another row, as it should); the second example derived.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis.decisions import hurwicz, laplace, maximin, minimax_regret, perfect_information, regret
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "table": [[2.0, 2.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 4.0, 0.0, 0.0], [1.0, 3.0, 0.0, 0.0]],
    "optimism": [0.5, 0.75],
    "other": [[8.0, 3.0, -2.0, 5.0], [4.0, 4.0, 1.0, 3.0], [6.0, 1.0, 0.0, 6.0], [2.0, 5.0, 2.0, 1.0]],
    "probabilities": [0.4, 0.3, 0.2, 0.1],
}
CHOICE = {"maximin": 1, "laplace": 0, "hurwicz": [2, 2], "minimax_regret": 3}
CHECKS: tuple[Check, ...] = (
    *checks({"row": CHOICE}, "B10-milnor_table", origin="published", rtol=0.0),
    *checks({"regret": [2.0, 3.0, 2.0, 1.0]}, "B10-milnor_table", origin="published", rtol=0.0),
    *checks({"information": [4.2, 1.5]}, "B10-evpi", rtol=1e-9),
    *statements("B10-milnor_table", ("each_criterion_another_row", "information_is_least_expected_regret"), origin="published"),
)


def run() -> dict[str, float]:
    """Rows (from nought), regrets, the value of information."""
    table, other, p = np.array(INPUTS["table"]), np.array(INPUTS["other"]), np.array(INPUTS["probabilities"])
    row, most = minimax_regret(table)
    chosen: dict[str, Any] = {
        "maximin": maximin(table),
        "laplace": laplace(table),
        "hurwicz": [hurwicz(table, x) for x in INPUTS["optimism"]],
    }
    expected, gain = perfect_information(other, p)
    return flat(
        "",
        {
            "row": {**chosen, "minimax_regret": row},
            "regret": most,
            "information": [expected, gain],
            "each_criterion_another_row": len({chosen["maximin"], chosen["laplace"], chosen["hurwicz"][0], row}) == 4,
            "information_is_least_expected_regret": bool(np.isclose(other.max(axis=0) @ p - expected, (regret(other) @ p).min())),
        },
    )


def picture() -> Any:
    """Milnor's table of regrets."""
    import altair as alt
    import pandas as pd

    table = regret(np.array(INPUTS["table"]))
    names = ["Laplace", "maximin", "Hurwicz", "minimax regret"]
    rows = pd.DataFrame([{"act": names[a], "state": str(s + 1), "regret": table[a, s]} for a in range(4) for s in range(4)])
    base = alt.Chart(rows).encode(
        x=alt.X("state:N", title="state of the world", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("act:N", sort=names, title="row, by who picks it"),
    )
    shade = base.mark_rect().encode(color=alt.Color("regret:Q", title="regret, utility", scale=alt.Scale(scheme="blues")))
    dark = alt.condition(alt.datum.regret > 1.9, alt.value("white"), alt.value("black"))
    return (shade + base.mark_text().encode(text=alt.Text("regret:Q", format="g"), color=dark)).properties(
        title="Each criterion picks another row", width=320, height=200
    )
