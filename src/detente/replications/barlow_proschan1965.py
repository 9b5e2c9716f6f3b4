"""Barlow & Proschan 1965: how often a line that breaks and is mended is open.

Citation    R. E. Barlow, F. Proschan, Mathematical Theory of Reliability, Wiley 1965, ch. 3.
Claim       What alternates between working and being mended works, in the long run, for the share mean time up over mean time up plus
            mean time down, whatever the distributions of the two times; with constant rates it forgets how it began geometrically.
Reproduced  the long-run share of open lines and the share after one and after five years, in a neutral climate and in a friendly one,
            and with an offer to restore the line on the table.
Equation    A = E[up]/(E[up] + E[down]),   A_n = A + (1 − A)·(1 − p − q)^n
            here p = 1 − exp(−Δ·suspend0·exp(−suspend_conduct·conduct)), q = 1 − exp(−Δ·reopen0·(1 + talk)·exp(reopen_conduct·conduct))
            a quarter; E[up] = 1/p, E[down] = 1/q
Runs        mechanisms.channels alone through the engine on the scenario collective_risk, its capacity without effect on reopening.
Known       From memory (standard renewal theory); the rates are ours.
Caveat      A theorem about any line that breaks and is mended, not about diplomacy: for the rates of suspension and reopening of
            official channels there is no published estimate that could be computed here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.contract import DT
from detente.replications._small import history, model_of
from detente.replications._step import quarter
from detente.replications.registry import Check, checks, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "rates": {"suspend0": 0.2, "reopen0": 0.5, "suspend_conduct": 1.5, "reopen_conduct": 1.0, "reopen_fear": 0.0, "upkeep": 0.0},
    "conduct": {"neutral": 0.0, "friendly": 0.6},
    "years": {"one": 1, "five": 5, "long": 40},
    "futures": 20_000,
    "talk": 2.0,
}


def chances(conduct: float) -> tuple[float, float]:
    """Chance of breaking and of being mended in a quarter."""
    r = INPUTS["rates"]
    broken = r["suspend0"] * np.exp(-r["suspend_conduct"] * conduct)
    mended = r["reopen0"] * np.exp(r["reopen_conduct"] * conduct)
    return -np.expm1(-broken * DT), -np.expm1(-mended * DT)


def theorem(conduct: float, years: float) -> float:
    """Share of lines open after so many years, of those open at the start."""
    p, q = chances(conduct)
    share = (1.0 / p) / (1.0 / p + 1.0 / q)
    return float(share + (1.0 - share) * (1.0 - p - q) ** (years / DT))


PUBLISHED = {climate: {when: theorem(c, t) for when, t in INPUTS["years"].items()} for climate, c in INPUTS["conduct"].items()}
CHECKS: tuple[Check, ...] = (
    *checks({"open": PUBLISHED}, kind="statistical"),
    *statements(names=("talk_helps_only_what_is_closed",), origin="model", kind="numerical"),
)


def shares(conduct: float) -> np.ndarray:
    """Share of futures in which the line is open, by quarter."""
    model = model_of("collective_risk", ["channels"], {"conduct": conduct}, years=max(INPUTS["years"].values()))
    return history(model, INPUTS["rates"], INPUTS["futures"], ["open"])["open"][:, 0].mean(axis=-1)


def talk_helps_only_what_is_closed() -> bool:
    """The lever raises the share that reopens in a quarter and leaves open lines as they are."""
    model, cases = model_of("collective_risk", ["channels"]), 4000
    ends = {
        (was, talk): quarter(model, INPUTS["rates"], {"open": was}, cases, {"talk": talk})["open"].mean()
        for was in (0.0, 1.0)
        for talk in (0.0, INPUTS["talk"])
    }
    more, same = (ends[was, INPUTS["talk"]] - ends[was, 0.0] for was in (0.0, 1.0))
    return bool(more > 0.1 and same == 0.0)


def run() -> dict[str, float]:
    """Shares of open lines by the mechanism, with their standard errors."""
    n = INPUTS["futures"]
    out: dict[str, float] = {}
    for climate, conduct in INPUTS["conduct"].items():
        path = shares(conduct)
        for when, years in INPUTS["years"].items():
            name, share = f"open.{climate}.{when}", float(path[int(years / DT) - 1])
            out |= {name: share, f"{name}.se": np.sqrt(share * (1.0 - share) / n), f"{name}.draws": n}
    return out | {"talk_helps_only_what_is_closed": talk_helps_only_what_is_closed()}


def picture() -> Any:
    """Share of open lines over time against the theorem's long-run share."""
    from detente.replications._plots import curves

    paths = {f"{climate} climate": shares(c) for climate, c in INPUTS["conduct"].items()}
    years = DT * np.arange(1, len(next(iter(paths.values()))) + 1)
    shown = years <= 20.0
    lines = {name: path[shown] for name, path in paths.items()}
    lines |= {f"long run, {climate}": np.full(int(shown.sum()), theorem(c, 1e3)) for climate, c in INPUTS["conduct"].items()}
    return curves(years[shown], lines, "Lines that break and are mended", "years", "share of lines open", "line")
