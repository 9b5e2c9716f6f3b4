"""Granovetter 1978: thresholds of collective behaviour.

Citation    M. Granovetter, Threshold Models of Collective Behavior, AJS 83(6), 1978, 1420–1443.
Claim       Crowds that differ hardly at all may end very differently: one changed person of a hundred stops a riot, and a slightly
            wider spread of thresholds turns six in a hundred into nearly all.
Reproduced  a hundred persons with thresholds 0 to 99, and with one changed; normal thresholds around 25: the low resting point, the
            critical spread where it vanishes, what it jumps to, its decline toward one half; the same by the composed mechanism, a
            facade that falls.
Equation    S ← F(S);   here F(S) = followers(S, mean, spread), and facade ≤ 1 − F(1 − facade) in the mechanism
Runs        mechanisms.self_deception.followers, iterated and differentiated; self_deception alone through the engine on the
            scenario richardson_1914.
Known       The three results at second hand, quoted with the citation in public replication code, and recomputed.
Caveat      In euro_atlantic the threshold is out of reach by default (follow = 100): a rupture there comes by its hazard.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.replications._cascade import critical_spread, resting, rounds, steepest
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {"persons": 100, "mean": 0.25, "spread": [0.08, 0.1, 0.12], "wide": [0.15, 0.3, 0.5, 1.0], "years": 300}
LOW = [0.000924592394708, 0.007695512702, 0.0402113397131]
WIDE = {"s0.15": 0.999999713346, "s0.3": 0.993393544305, "s0.5": 0.904852007642, "s1": 0.658573751703}
CHECKS = (
    *checks({"crowd": {"uniform": 100.0, "one_changed": 1.0}}, "A07-2", origin="published", rtol=0.0, atol=1e-6),
    *checks({"jump_near": 0.122}, origin="published", kind="numerical", rtol=0.0, atol=0.0005),
    *checks({"about_six_in_a_hundred": 0.06}, origin="published", kind="numerical", rtol=0.0, atol=0.005),
    *checks(
        {"low": LOW, "critical_spread": 0.122220868269, "at_fold": 0.0620032515132, "above": 0.999999999578, "wide": WIDE},
        "A07-3",
        origin="published+computed",
        kind="numerical",
        rtol=1e-6,
    ),
    # The engine is float32, and a low share is 1 − facade: seven digits of the facade.
    *checks({"engine": {"low": LOW, "wide": WIDE}}, "A07-3", kind="numerical", origin="published+computed", rtol=1e-5, atol=1e-6),
    *statements(names=("declines_toward_one_half",), origin="published"),
)


def engine() -> np.ndarray:
    """Share in the open after the composed mechanism's own course, by spread; no other cause of rupture."""
    spreads = np.array(INPUTS["spread"] + INPUTS["wide"])
    model = model_of("richardson_1914", ["self_deception"], years=INPUTS["years"])
    values = {"facade0": 1.0, "rupture0": 0.0, "follow": INPUTS["mean"], "follow_spread": spreads}
    return 1.0 - history(model, values, len(spreads), ["facade"])["facade"][-1, 0]


def run() -> dict[str, float]:
    """Every published value by the mechanism's share of followers (double precision; the engine's in float32)."""
    composed, n, mean = engine(), INPUTS["persons"], INPUTS["mean"]
    crowd = [k / n for k in range(n)]
    changed = [*crowd[:1], 2 / n, *crowd[2:]]
    low = len(INPUTS["spread"])
    with double():
        critical = critical_spread(mean)
        wide = {f"s{s:g}": resting(mean, s) for s in INPUTS["wide"]}
        return flat(
            "",
            {
                "crowd": {"uniform": n * rounds(crowd)[-1], "one_changed": n * rounds(changed)[-1]},
                "jump_near": critical,
                "about_six_in_a_hundred": steepest(mean, critical),
                "low": [resting(mean, s) for s in INPUTS["spread"]],
                "critical_spread": critical,
                "at_fold": steepest(mean, critical),
                "above": resting(mean, critical, start=0.5),
                "wide": wide,
                "declines_toward_one_half": bool(np.all(np.diff(list(wide.values())) < 0) and min(wide.values()) > 0.5),
                "engine": {"low": composed[:low], "wide": dict(zip(wide, composed[low:], strict=True))},
            },
        )


def picture() -> Any:
    """Share that ends in the open, by spread of thresholds around 25 in a hundred."""
    import altair as alt
    import pandas as pd

    spreads = np.unique(np.concatenate([np.linspace(0.02, 0.13, 56), np.linspace(0.13, 1.0, 60)]))
    rows = pd.DataFrame([{"spread": 100 * s, "open": 100 * resting(INPUTS["mean"], float(s))} for s in spreads])
    fold = 100 * critical_spread(INPUTS["mean"])
    mark = pd.DataFrame({"spread": [fold], "words": [f"jump at a spread of {fold:.1f}"]})
    x = alt.X("spread:Q", title="spread of thresholds, persons in a hundred")
    drawn = alt.Chart(rows).mark_line(color="#51618f").encode(x=x, y=alt.Y("open:Q", title="persons in a hundred who act in the end"))
    words = alt.Chart(mark).mark_text(align="left", dx=8, y=250).encode(x=x, text="words")
    return (drawn + words).properties(title="A little more difference, and nearly all act", width=440, height=280)
