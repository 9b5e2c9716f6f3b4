"""Kuran 1989, 1991: pretence, and why it breaks by surprise.

Citation    T. Kuran, Sparks and Prairie Fires, Public Choice 61, 1989, 41–74; Now out of Never: The Element of Surprise in the East
            European Revolution of 1989, World Politics 44(1), 1991, 7–48.
Claim       People support in public what they oppose in private; each turns when enough others have. A tiny, unseen change of one
            person decides between a minor event and a revolution, so revolutions surprise although they can be explained
            afterwards.
Reproduced  ten persons: where six sequences of thresholds come to rest, in how many rounds; slow drift of private grievance: the
            moment of rupture, what was seen just before and after, hysteresis, the facade; in the composed mechanism a gap that
            grows steadily, hardly anybody in the open, then nearly all within a few quarters.
Equation    S ← F(S);   here F(S) = followers(S, follow − gap, follow_spread): a gap lowers the threshold
Runs        mechanisms.self_deception.followers, iterated and differentiated; self_deception alone through the engine on the
            scenario richardson_1914.
Known       Abstract of 1989 seen; sequences A and B from memory, C from memory and uncertain (an illustration); drift, fold and
            hysteresis derived.
Caveat      In euro_atlantic the threshold is out of reach by default (follow = 100): a rupture there comes by its hazard, all at
            once, a reduced form.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.mechanisms.self_deception import followers
from detente.replications._cascade import critical_mean, highest_mean, resting, rounds, steepest
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "thresholds": {  # in a hundred
        "A": [0, 20, 20, 30, 40, 50, 60, 70, 80, 100],
        "A_shock": [0, 10, 20, 30, 40, 50, 60, 70, 80, 100],
        "B": [0, 20, 30, 30, 40, 50, 60, 70, 80, 100],
        "B_shock": [0, 10, 30, 30, 40, 50, 60, 70, 80, 100],
        "C": [0, 20, 20, 20, 20, 20, 20, 20, 60, 100],
        "C_shock": [0, 10, 20, 20, 20, 20, 20, 20, 60, 100],
    },
    "drift": {"mean": 0.45, "per_period": 0.01, "spread": 0.12, "facade_after": 10},
    "engine": {"credulity": 0.08, "expectation": 0.5, "years": 14},
}
PATHS = {
    "A": [0, 10],
    "A_shock": [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
    "B": [0, 10],
    "B_shock": [0, 10, 20],
    "C": [0, 10],
    "C_shock": [0, 10, 20, 80, 90],
}
CHECKS = (
    *checks(
        {name: {"rest": path[-1], "rounds": len(path) - 1, "path": path} for name, path in PATHS.items()},
        "A07-1",
        origin="published+computed",
        rtol=1e-6,
    ),
    *checks(
        {
            "rupture": {
                "mean": 0.246570757784,
                "time": 20.3429242216,
                "before": 0.0605649511914,
                "after": 0.999999999829,
                "first_period": 21.0,
                "mean_to_undo": 0.753429242216,
            }
        },
        "A07-4",
        kind="numerical",
        rtol=1e-6,
    ),
    *checks({"facade": {"public": 0.0018588221891, "private": 0.894350226333, "gap": 0.892491404144}}, "A07-5", rtol=1e-6),
    *statements(names=("one_person_decides",), origin="published"),
    *statements(names=("engine.sudden", "engine.not_before_the_fold"), kind="numerical", origin="published"),
)


def engine() -> dict[str, bool]:
    """The composed mechanism: the gap grows steadily; how many quarters the rupture takes, and whether it waits for the fold."""
    given, drift = INPUTS["engine"], INPUTS["drift"]
    model = model_of("richardson_1914", ["self_deception"], years=given["years"])
    values = {
        "facade0": 1.0,
        "rupture0": 0.0,
        "follow": drift["mean"],
        "follow_spread": drift["spread"],
        "credulity": given["credulity"],
        "expectation": given["expectation"],
        "relief_rate": 0.0,
    }
    traces = history(model, values, 1, ["facade", "gap"])
    shown, gap = 1.0 - traces["facade"][:, 0, 0], traces["gap"][:, 0, 0]
    fold = drift["mean"] - critical_mean(drift["spread"])
    running = int(np.sum((shown > 0.1) & (shown < 0.99)))
    return {
        "sudden": bool(shown[-1] > 0.99 and running <= 6 and shown[gap < 0.5 * fold].max() < 0.01),
        "not_before_the_fold": bool(gap[np.argmax(shown > 0.1)] >= fold),
    }


def run() -> dict[str, float]:
    """Every value by the mechanism's share of followers (double precision; the engine's in float32)."""
    composed = engine()
    drift = INPUTS["drift"]
    with double():
        out: dict[str, Any] = {}
        for name, thresholds in INPUTS["thresholds"].items():
            path = [100.0 * s for s in rounds([t / 100 for t in thresholds])]
            out[name] = {"rest": path[-1], "rounds": len(path) - 1, "path": path}
        critical = critical_mean(drift["spread"])
        time = (drift["mean"] - critical) / drift["per_period"]
        mean = drift["mean"] - drift["per_period"] * drift["facade_after"]
        public, private = resting(mean, drift["spread"]), float(followers(0.5, mean, drift["spread"]))
        out["rupture"] = {
            "mean": critical,
            "time": time,
            "before": steepest(critical, drift["spread"]),
            "after": resting(critical, drift["spread"], start=0.5),
            "first_period": np.ceil(time),
            "mean_to_undo": highest_mean(drift["spread"]),
        }
        out["facade"] = {"public": public, "private": private, "gap": private - public}
        out["one_person_decides"] = out["A_shock"]["rest"] > 4 * out["B_shock"]["rest"] and out["A"]["rest"] == out["B"]["rest"]
        out["engine"] = composed
        return flat("", out)


def picture() -> Any:
    """Share in the open, and share that would oppose if half did, as private grievance grows."""
    import altair as alt
    import pandas as pd

    drift, rows, shown = INPUTS["drift"], [], 0.0
    for t in np.arange(0.0, 30.01, 0.25):
        mean = drift["mean"] - drift["per_period"] * t
        shown = max(shown, resting(mean, drift["spread"], shown))
        private = float(followers(0.5, mean, drift["spread"]))
        rows += [{"period": t, "share": shown, "what": "in the open"}, {"period": t, "share": private, "what": "would oppose if half did"}]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_line()
        .encode(
            x=alt.X("period:Q", title="period of slowly growing grievance"),
            y=alt.Y("share:Q", title="share of persons"),
            color=alt.Color("what:N", title=None, scale=alt.Scale(range=["#b3782d", "#51618f"])),
            strokeDash=alt.StrokeDash("what:N", title=None),
        )
        .properties(title="The facade is widest just before it breaks", width=440, height=280)
    )
