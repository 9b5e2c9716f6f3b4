"""Signorino 1999: strategic choice, estimated on the disputes of the nineteenth century.

Citation    C. S. Signorino, Strategic Interaction and the Statistical Analysis of International Conflict, American Political Science
            Review 93(2), 1999, 279–297; Structure and Uncertainty in Discrete Choice Models, Political Analysis 11(4), 2003, 316–344;
            software: C. S. Signorino, B. Kenkel, games 1.1.2 for R.
Claim       A challenger that looks ahead to the answer is told by a statistical model that looks ahead too.
Reproduced  war1800, status quo / capitulation / war, `esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2`: the
            log-likelihood at the software's estimates, the maximum, the estimates with probit and logit errors of each act and their
            standard errors; private information; utilities fixed and only the scale estimated; the number of disputes; the posterior of the
            probit model where the estimates are, and as wide.
Equation    p_resist = F(u24/√2);   p_challenge = F((lottery(p_resist, u13, u14) − u11)/√2)
Runs        analysis.strategic.fit and posterior (NumPyro), which call mechanisms.challenge.lottery and contract.quantal, as the mechanism does.
Known       Reference output of games 1.1.2 in R 4.2.2. The tables of the 1999 article were not available.
Caveat      The standard errors (± behind the estimates) are ours, from the inverse Hessian; none is printed to compare with. The
            software stops up to 1e-4 of a coefficient short of the maximum, so its own digits are asked to 0.002 and those of the
            maximum, found by a second method, to 1e-6. The posterior, 250 draws under normal priors of spread 5, is held to the
            estimates loosely: its means within half a standard error, its spreads within two fifths.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis.strategic import Errors, Link, log_likelihood
from detente.replications._crises import errors_of, estimate, sampled, war1800
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
PROBIT_AT = [
    -0.495446163911,
    -0.740014661736,
    0.427240477615,
    0.221906603637,
    -1.90223516964,
    -0.584105140949,
    0.499088475897,
    -0.0419715217991,
    -1.543614372,
    -0.616826552157,
]
LOGIT_AT = [
    -0.845823675375,
    -1.18817106621,
    0.679145671074,
    0.25487670133,
    -3.08492926504,
    -0.957587085521,
    0.761179795402,
    -0.00797465845678,
    -2.50518884538,
    -0.978759027537,
]
PRIVATE_AT = [
    -0.444205468235,
    -0.644717476396,
    0.376017994125,
    0.177214204979,
    -1.66589852626,
    -0.511841210081,
    0.489839769267,
    -0.0381473503441,
    -1.53993284266,
    -0.610649699691,
]
INPUTS: dict[str, Any] = {
    "data": "war1800.csv",
    "at": {"probit": PROBIT_AT, "logit": LOGIT_AT, "private": PRIVATE_AT},
    "models": {"probit": ("probit", "agent"), "logit": ("logit", "agent"), "private": ("probit", "private")},
}
PROBIT = [
    -0.495445846439,
    -0.740014716733,
    0.427238506964,
    0.221911245543,
    -1.90224949057,
    -0.584109374515,
    0.499088149772,
    -0.0419736013382,
    -1.54361133511,
    -0.616831429245,
]
LOGIT = [
    -0.845792143912,
    -1.18815193114,
    0.679153384092,
    0.254945192136,
    -3.08484500809,
    -0.957554704212,
    0.761184479511,
    -0.00795801580098,
    -2.50520446482,
    -0.978777265089,
]
SOFTWARE = "software: games 1.1.2"
COUNTS = {"rows": 313, "complete": 282, "status_quo": 124, "capitulation": 83, "war": 75}
AT = {"probit": -286.123754719, "logit": -286.182793903, "private": -286.118174247}
CHECKS = (
    *checks({"n": COUNTS}, "B05-war1800_n", rtol=0.0),
    *checks({"at": AT}, "B05-war1800_*_loglik_at_ref", origin=SOFTWARE, rtol=1e-9, atol=1e-12),
    *checks(
        {"maximum": {"probit": -286.123754719, "logit": -286.182793894}},
        "B05-war1800_*_maxll",
        kind="numerical",
        origin=SOFTWARE,
        rtol=1e-6,
        atol=1e-12,
    ),
    *checks({"estimate": {"probit": PROBIT}}, "B05-war1800_probit_mle", kind="numerical", rtol=1e-6, atol=1e-6),
    *checks({"estimate": {"logit": LOGIT}}, "B05-war1800_logit_mle", kind="numerical", rtol=1e-6, atol=1e-6),
    *checks({"software": {"probit": PROBIT_AT, "logit": LOGIT_AT}}, kind="numerical", origin=SOFTWARE, rtol=0.0, atol=0.002),
    *checks(
        {"fixed": [-0.00651818484385, -338.016862168]}, "B05-war1800_fixed_utils", kind="numerical", origin=SOFTWARE, rtol=1e-5, atol=1e-5
    ),
    *statements(names=("posterior.where_the_estimates_are", "posterior.as_wide", "posterior.mixed"), kind="numerical", origin="model"),
    *statements(names=("private_is_no_lower_than_at_the_software",), kind="numerical", origin="model"),
)


def run() -> dict[str, float]:
    """Counts, log-likelihoods, estimates and their standard errors."""
    outcome, _ = war1800()
    tally = {"rows": len(war1800(False)[0]), "complete": len(outcome)}
    tally |= {k: int((outcome == i).sum()) for i, k in enumerate(("status_quo", "capitulation", "war"))}
    out: dict[str, Any] = {"n": tally, "at": {}, "maximum": {}, "estimate": {}, "software": {}}
    for name, (link, errors) in INPUTS["models"].items():
        data, best = _fit(link, errors)
        out["at"][name] = log_likelihood(data, INPUTS["at"][name], link, errors)
        out["maximum"][name], out["estimate"][name], out["software"][name] = best.log_likelihood, best.beta, best.beta
        out |= errors_of(best, f"estimate.{name}", f"software.{name}")
    _, fixed = estimate("war1800_fixed", "probit", "agent")
    out["fixed"] = [fixed.beta[0], fixed.log_likelihood]
    out["posterior"] = _posterior()
    out["private_is_no_lower_than_at_the_software"] = out["maximum"]["private"] >= out["at"]["private"] - 1e-9
    return flat("", out)


def _posterior() -> dict[str, Any]:
    """Mean and spread of NumPyro's draws of the probit model, against the estimates; no draw diverged, R-hat below 1.1."""
    _, best = _fit("probit", "agent")
    found = sampled("war1800", "probit", "agent")
    mean, wide = found["beta"].mean(axis=0), found["beta"].std(axis=0)
    return {
        "mean": mean,
        "where_the_estimates_are": bool((np.abs(mean - best.beta) < 0.5 * best.error).all()),
        "as_wide": bool((np.abs(wide / best.error - 1.0) < 0.4).all()),
        "mixed": bool(found["divergences"] == 0 and found["r_hat"].max() < 1.1),
    }


def _fit(link: Link, errors: Errors) -> Any:
    return estimate("war1800", link, errors)


def picture() -> Any:
    """Estimates with intervals of 95 %, ours and the software's."""
    from detente.replications._plots import intervals

    data, best = _fit("probit", "agent")
    labels = {"u11": "status quo", "u14": "war, challenger", "u24": "war, target"}
    names = []
    for name in data.names:
        utility, term = name.split(":")
        names.append(f"{labels[utility]}: {'constant' if term == '1' else term}")
    title = "What disputes of the nineteenth century say of utilities"
    return intervals(names, best.beta, best.error, PROBIT, title, "coefficient, in units of the error of an act", "games 1.1.2")
