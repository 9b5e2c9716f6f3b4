"""Kemeny & Snell 1960: absorbing chains, and the ladder with channels that cut the odds of each rung.

Citation    J. G. Kemeny, J. L. Snell, Finite Markov Chains, 1960, ch. III and IV; W. Feller, An Introduction to Probability Theory I, ch. XIV;
            the ladder after H. Kahn, On Escalation, 1965.
Claim       Expected visits, length and end of a walk that must end follow from (I − Q)⁻¹; what cuts the odds of every step up cuts
            the chance of the top the more, in ratio, the lower one stands.
Reproduced  the drunkard's walk of the textbook; the ladder of seven rungs with no channel and with channels that halve or quarter the
            odds, with equal and with different rungs; mean years to war and the long-run rate in continuous time; the composed
            mechanism: its futures end where its chain says, and its channels work as the claim says; of regular chains, that the two
            types of an actor keep their shares and forget geometrically.
Equation    N = (I − Q)⁻¹, t = N·1, var = (2N − I)t − t∘t, B = N·R;   u → m·u for every step up, m = Π(1 − brake·open·capacity)
Runs        analysis.ladder (absorb, jumps, mean_years, long_run_rate) with mechanisms.escalation.brakes; mechanisms.escalation itself,
            rung by rung and through the engine, on the scenario ladder; mechanisms.intent alone through the engine on the scenario
            crisis_bargaining.
Known       The drunkard's walk from memory, rechecked; the rest derived. Kahn gives no probabilities: every one here is ours.
Caveat      The mechanism's ladder has six rungs and settles by more than one rung at a time, so the seven-rung values are those of
            the analysis with the mechanism's brakes, not of the mechanism's own rates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis import ladder
from detente.mechanisms.escalation import brakes
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
LEFT_OUT = {"B02-ladder7_simulation": "paths of the same chain: here the composed mechanism is simulated instead, against its own chain"}
INPUTS: dict[str, Any] = {
    "up": 0.45,
    "rungs": 7,
    "start": 2,
    "multiplier": [1.0, 0.5, 0.25],
    "different": [0.3, 0.35, 0.4, 0.45, 0.55, 0.6],
    "years": {"up": [0.5, 0.4, 0.3, 0.25, 0.2], "down": [1.2, 1.5, 1.5, 1.8]},
    "types": {"revisionist": 0.3, "leader_change": 1.0, "turnover": 0.6, "futures": 20_000, "years": 4},
    "engine": {"futures": 20_000, "dangerous": 0.5, "up1": 0.8, "fast": 0.2, "up2": 1.0, "down2": 2.0, "down3": 2.0},
}
SPECIFIC = {
    "m1": [0.0303541315346, 0.101180438449, 0.232715008432, 0.430016863406, 0.671163575042, 0.868465430017],
    "m0.5": [0.00145466300307, 0.00824309035074, 0.0334572490706, 0.10909972523, 0.294003555843, 0.596573460482],
}
CONSTANT = {
    "m1": [0.45, 0.160631634413, 8.75578559108],
    "m0.5": [0.290322580645, 0.0095585582978, 4.60967637303],
    "m0.25": [0.169811320755, 0.000343079076031, 3.02493479037],
}
DRUNKARD = {"visits": [1.5, 1.0, 0.5], "time": [3.0, 4.0, 3.0], "variance": [8.0, 8.0, 8.0], "top": [0.25, 0.5, 0.75]}


def regular() -> dict[str, float]:
    """The theorem on regular chains for two types: shares stay at the fixed vector, and what began as one type returns to it as (1 − a − b)^n."""
    given = INPUTS["types"]
    again = -np.expm1(-given["leader_change"] / 4.0) * given["turnover"]
    share, kept = given["revisionist"], (1.0 - again) ** (4 * given["years"] - 1)
    return {"share": share, "still": share + (1.0 - share) * kept}


CHECKS: tuple[Check, ...] = (
    *checks({"drunkard": DRUNKARD}, "B02-textbook_drunkard", origin="published", rtol=1e-6),
    *checks({"constant": CONSTANT}, "B02-ladder7_channel_*", rtol=1e-6),
    *checks({"different": SPECIFIC}, "B02-ladder7_rung_specific_*", rtol=1e-6),
    *checks({"years": [2851.33333333, 0.00257196230426, 0.00035104125596]}, "B02-ctmc_reflecting_1.0", rtol=1e-6),
    *checks({"odds": 2.44444444444}, "B02-odds_identity", rtol=1e-11),
    *checks({"types": regular()}, kind="statistical"),
    *checks({"engine": {"crisis_or_worse_less_chain": 0.0, "clash_or_worse_less_chain": 0.0}}, kind="statistical"),
    *statements(names=("channels_lower_every_rung", "channels_matter_more_lower_down")),
)


def held(multiplier: float) -> float:
    """The mechanism's factor on hazards of going up, for one open, practised channel that stops 1 − multiplier of the climbs."""
    with double():
        return float(brakes(np.array([[1.0 - multiplier]]), np.ones((1, 1)), np.ones((1, 1)), np.ones((1, 1)))[0, 0])


def walk(up: Any, factor: float = 1.0) -> np.ndarray:
    """Chain of jumps on a ladder whose inner rungs go up with chance `up`, the hazards of going up cut by `factor`."""
    up = np.asarray(up, float)
    rates = np.zeros((len(up) + 2, len(up) + 2))
    for k, p in enumerate(up, 1):
        rates[k, k + 1], rates[k, k - 1] = factor * p, 1.0 - p
    return ladder.jumps(rates)


def chain(brake: float) -> np.ndarray:
    """Hazards of the composed mechanism with both lines of the scenario at this brake [from, to]."""
    given = {k: v for k, v in INPUTS["engine"].items() if k not in ("futures", "dangerous")}
    return ladder.hazards(model_of("ladder"), given | {"brake": brake}, {"dangerous": INPUTS["engine"]["dangerous"]})[:, :, 0]


def engine() -> dict[str, float]:
    """Share of futures at a crisis or worse, and at a clash or worse, after two years, less what the chain of quarters says."""
    given = INPUTS["engine"]
    n, steps = given["futures"], 8
    model = model_of("ladder", ["escalation"], {"dangerous": given["dangerous"]}, years=2)
    values = {r.name: 0.5 * (r.low + r.high) if not r.log else (r.low * r.high) ** 0.5 for r in model.rows}
    values |= {k: v for k, v in given.items() if k not in ("futures", "dangerous")} | {"brake[hotline]": 0.0, "brake[cell]": 0.0}
    rung = history(model, values, n, ["rung"])["rung"][steps - 1, 0]
    matrix = ladder.quarter(ladder.hazards(model, {k: v for k, v in values.items() if "[" not in k} | {"brake": 0.0})[:, :, 0])
    share = np.linalg.matrix_power(matrix, steps)[0]
    out: dict[str, float] = {}
    for name, least in (("crisis_or_worse_less_chain", 2), ("clash_or_worse_less_chain", 3)):
        h = share[least:].sum()
        out |= {f"engine.{name}": (rung > least - 0.5).mean() - h, f"engine.{name}.se": np.sqrt(h * (1 - h) / n), f"engine.{name}.draws": n}
    return out


def types() -> dict[str, float]:
    """The mechanism intent alone: share of revisionists at the end, and among those that began as one."""
    given = INPUTS["types"]
    n = given["futures"]
    model = model_of("crisis_bargaining", ["intent"], years=given["years"])
    path = history(model, {k: given[k] for k in ("revisionist", "leader_change", "turnover")}, n, ["intent"])["intent"][:, 0]
    found = {"share": path[-1], "still": path[-1][path[0] > 0.5]}
    out: dict[str, float] = {}
    for name, value in found.items():
        share = value.mean()
        out |= {f"types.{name}": share, f"types.{name}.se": np.sqrt(share * (1 - share) / value.size), f"types.{name}.draws": value.size}
    return out


def run() -> dict[str, float]:
    """Visits, times, ends and rates."""
    drunk = ladder.absorb(walk([0.5, 0.5, 0.5]))
    inner, top, start = INPUTS["rungs"] - 1, INPUTS["rungs"], INPUTS["start"]
    constant, different = {}, {}
    for m in INPUTS["multiplier"]:
        jumps = walk([INPUTS["up"]] * inner, held(m))
        end = ladder.absorb(jumps)
        constant[f"m{m:g}"] = [jumps[1, 2], end.end(start, top), end.time[start - 1]]
    for m in INPUTS["multiplier"][:2]:
        different[f"m{m:g}"] = ladder.absorb(walk(INPUTS["different"], held(m))).ends[:, 1]
    rates = np.diag(INPUTS["years"]["up"], 1) + np.diag([*INPUTS["years"]["down"], 0.0], -1)
    matrix = ladder.generator(rates, (5,))
    half = walk([INPUTS["up"]] * inner, held(0.5))
    reach = [ladder.absorb(ladder.jumps(chain(b), (0, 4, 5))).ends[:, 1:].sum(axis=1) for b in (0.0, 0.25)]
    gone = reach[1] / reach[0]
    return (
        engine()
        | types()
        | flat(
            "",
            {
                "drunkard": {"visits": drunk.visits[0], "time": drunk.time, "variance": drunk.variance, "top": drunk.ends[:, 1]},
                "constant": constant,
                "different": different,
                "years": [ladder.mean_years(matrix, 0, 5), ladder.within(matrix, 10.0, 0, 5), ladder.long_run_rate(matrix, (5,))],
                "odds": half[1, 0] / half[1, 2],
                # Rungs 2 and 3 of the mechanism: a crisis and a clash.
                "channels_lower_every_rung": bool((gone[1:] < 1.0).all()),
                "channels_matter_more_lower_down": bool(gone[1] < gone[2]),
            },
        )
    )


def picture() -> Any:
    """Chance of the top before the bottom, by rung and by what channels leave of the odds."""
    from detente.replications._plots import curves

    inner = INPUTS["rungs"] - 1
    lines = {f"odds × {m:g}": 100 * ladder.absorb(walk([INPUTS["up"]] * inner, held(m))).ends[:, 1] for m in INPUTS["multiplier"]}
    return curves(
        np.arange(1, inner + 1),
        lines,
        "Channels cut the risk most on the lower rungs",
        "rung, of seven",
        "chance of war before calm, %",
        "channels leave",
        log=True,
    )
