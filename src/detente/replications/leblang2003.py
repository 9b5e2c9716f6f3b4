"""Leblang 2003 by Signorino and Kenkel's article: speculative attacks as a game of two movers.

Citation    D. Leblang, To Defend or Devalue: The Political Economy of Exchange Rate Policy, International Studies Quarterly 47, 2003,
            533–559, as estimated in the article of the R package games (C. S. Signorino, B. Kenkel).
Claim       Markets attack where they expect a government to give way; the estimates say what makes it give way.
Reproduced  the article's four printed models on 7240 months of 90 countries: 19 estimates under private information, log-likelihood
            and AIC; a scale that depends on a covariate; utilities fixed; Vuong's statistic against errors of each act.
Equation    p_defend = F(u24/(s√2));   p_attack = F((lottery(p_defend, u13, u14) − u11)/(s√(1 + p_yield² + p_defend²)))
Runs        analysis.strategic.fit and vuong, which call mechanisms.challenge.lottery.
Known       Numbers printed in the article (game output), four digits; further digits by running games 1.1.2 in R 4.2.2.
Caveat      Standard errors in the article are bootstrapped, so they are no target; ours (± behind the estimates) are from the inverse
            Hessian. The software stops up to 0.0012 of a coefficient short of the maximum, so the printed estimates are asked to 0.003
            and those of the maximum, found by a second method, to 1e-6. From a start at
            nought the model with a covariate in the scale ends at a false optimum (−502.6); backward induction's start does not.
"""

from __future__ import annotations

from typing import Any

from detente.analysis.strategic import log_likelihood, vuong
from detente.replications._crises import errors_of, estimate, terms_of
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
AT = [
    -0.452116612952,
    0.229162303886,
    -0.441264012704,
    -0.0648121251367,
    -0.0505392968789,
    -0.0288085677155,
    -0.11588599324,
    -0.121812792527,
    -3.66439719859,
    -3.13820793546,
    0.425727177571,
    -0.356763249239,
    -0.199809136611,
    1.66300848913,
    1.06163767073,
    -0.935900292023,
    1.79639165352,
    0.066743752188,
    0.309870943136,
]
INPUTS: dict[str, Any] = {"data": "leblang2003.csv.gz", "at": AT, "link": "probit"}
ESTIMATE = [
    -0.452455016018,
    0.229181496191,
    -0.441254903547,
    -0.0648191816033,
    -0.0505405573189,
    -0.0287982537435,
    -0.115889977412,
    -0.121822413589,
    -3.66481077798,
    -3.13852952866,
    0.426950870213,
    -0.356753711973,
    -0.199745498818,
    1.66315608035,
    1.06231280492,
    -0.935820980293,
    1.79558815455,
    0.0655711945072,
    0.309923253538,
]
SCALE = [0.226379315967, -0.438109999797, -3.01374657483, -2.84101292636, -0.0190799380881, 1.36922261027, 1.49458228567, 0.042655766896]
PRINTED: dict[str, Any] = {"kind": "numerical", "origin": "published"}
CHECKS = (
    *checks({"at": -482.015487837}, "B05-leblang_loglik_at_ref", origin="published", rtol=1e-9, atol=1e-12),
    *checks({"estimate": ESTIMATE}, "B05-leblang_mle", kind="numerical", rtol=1e-6, atol=1e-6),
    *checks({"article": [round(x, 4) for x in AT]}, "B05-leblang_mle", rtol=0.002, atol=0.003, **PRINTED),
    *checks({"maximum": -482.015484517}, "B05-leblang_maxll", rtol=1e-6, atol=1e-12, **PRINTED),
    *checks({"printed": {"log_likelihood": -482.0155, "n": 7240}}, rtol=0.0, atol=5.1e-5, **PRINTED),
    *checks({"printed": {"aic": 1002.0}}, rtol=0.0, atol=0.5, **PRINTED),
    *checks(
        {"scale": {"estimate": SCALE, "maximum": -495.366865485}},
        "B05-leblang_scale_regressor",
        rtol=1e-6,
        atol=1e-6,
        kind="numerical",
    ),
    *checks({"scale": {"aic": 1006.7}}, "B05-leblang_scale_regressor", rtol=0.0, atol=0.05, **PRINTED),
    *checks({"fixed": [-1.05127067728, -646.53500435]}, "B05-leblang_fixed_utils", rtol=1e-5, atol=1e-12, **PRINTED),
    *checks(
        {"vuong": {"agent_maximum": -481.638928637, "statistic": -0.147893383752}},
        "B05-leblang_vuong",
        rtol=0.005,
        atol=1e-12,
        **PRINTED,
    ),
    *statements(names=("neither_kind_of_error_told_apart",), kind="numerical", origin="published"),
)


def run() -> dict[str, float]:
    """The four models' estimates, standard errors and log-likelihoods."""
    data, best = estimate("leblang", "probit", "private")
    _, agent = estimate("leblang", "probit", "agent")
    _, scaled = estimate("leblang_scale", "probit", "private")
    _, fixed = estimate("leblang_fixed", "probit", "private")
    z, p = vuong(terms_of(data, best.beta, "probit", "private"), terms_of(data, agent.beta, "probit", "agent"))
    return flat(
        "",
        {
            "at": log_likelihood(data, INPUTS["at"], "probit", "private"),
            "estimate": best.beta,
            "article": best.beta,
            **errors_of(best, "estimate", "article"),
            **errors_of(scaled, "scale.estimate"),
            "maximum": best.log_likelihood,
            "printed": {"log_likelihood": best.log_likelihood, "n": data.count, "aic": best.aic},
            "scale": {"estimate": scaled.beta, "maximum": scaled.log_likelihood, "aic": scaled.aic},
            "fixed": [fixed.beta[0], fixed.log_likelihood],
            "vuong": {"agent_maximum": agent.log_likelihood, "statistic": z},
            "neither_kind_of_error_told_apart": p > 0.05,
        },
    )


def picture() -> Any:
    """Estimates with intervals of 95 %, ours and the printed ones."""
    from detente.replications._plots import intervals

    data, best = estimate("leblang", "probit", "private")
    labels = {"u11": "no attack", "u13": "devaluation, market", "u14": "defence, market", "u24": "defence, government"}
    names = [f"{labels[n.split(':')[0]]}: {'constant' if n.endswith(':1') else n.split(':')[1]}" for n in data.names]
    return intervals(
        names, best.beta, best.error, ESTIMATE, "Attack, defend or devalue", "coefficient, in units of the error of a payoff", "the article"
    )
