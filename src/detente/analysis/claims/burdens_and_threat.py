"""Do allies' burdens diverge as their threats diverge? A panel of allies and years, two readings of threat.

Threat is not measured; two stand-ins are. Nearness: minus the log of the distance from capital to capital, which is fixed, so
that only its meaning can change with time (it is multiplied by the years since a change point). Opinion: the share of the
public with an unfavourable view of the other side, which moves but is missing for most allies in most years.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims.extras import need
from detente.analysis.claims.result import ClaimResult, result
from detente.analysis.claims.words import above_below, percent, ratio, verdict
from detente.claims import Claim, ClaimError, nearest, table

OPTIONS = {"turn": (2014, 2008), "draws": (2000, 500)}


def panel() -> pd.DataFrame:
    """Ally-years since accession: ``burden`` log of military spending over GDP, ``near`` minus log distance, standardised over
    allies, ``opinion`` share unfavourable of the wave (mean of a year), ``slump`` growth of GDP, ``income`` log GDP a head."""
    allies, spent, gdp, polls = table("allies.csv"), table("burdens.csv"), table("gdp_allies.csv"), table("opinion_allies.csv")
    gdp = gdp.sort_values(["code", "year"])
    gdp["growth"] = gdp.groupby("code")["gdp_ppp2011_m"].transform(lambda s: np.log(s).diff())
    gdp["income"] = np.log(gdp["gdppc_ppp2011"])
    polls = polls.assign(year=polls["date"].astype(str).str[:4].astype(int))
    views = polls.groupby(["respondent", "year"], as_index=False)["unfavourable_pct"].mean()
    out = spent.merge(allies, on="code").merge(gdp, on=["code", "year"], how="left")
    out = out.merge(views.rename(columns={"respondent": "code", "unfavourable_pct": "opinion"}), on=["code", "year"], how="left")
    out = out[(out["year"] >= out["member_from"]) & out["share_gdp"].notna()].copy()
    distance = -np.log(allies.set_index("code")["distance_km"])
    out["near"] = out["code"].map((distance - distance.mean()) / distance.std())
    out["burden"] = np.log(out["share_gdp"])
    return out[["code", "name", "year", "burden", "share_gdp", "near", "opinion", "growth", "income", "member_from"]].reset_index(drop=True)


def fixed_effects(data: pd.DataFrame, term: str, controls: tuple[str, ...] = ()) -> dict[str, float]:
    """Coefficient of ``term`` on the log burden with effects of ally and year, 95 % interval clustered on the ally (t, one degree
    less than allies)."""
    sm = need("statsmodels.api")
    data = data.dropna(subset=["burden", term, *controls])
    data = data[data.groupby("code")["year"].transform("size") > 1]
    dummies = pd.get_dummies(data[["code", "year"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([data[[term, *controls]].astype(float), dummies], axis=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # more dummies than clusters: the joint test is not used
        fit = sm.OLS(data["burden"], design).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(data["code"])[0]}, use_t=True)
    low, high = fit.conf_int().loc[term]
    return {
        "coefficient": float(fit.params[term]),
        "low": float(low),
        "high": float(high),
        "allies": int(data["code"].nunique()),
        "rows": len(data),
    }


def _variants(data: pd.DataFrame, turn: int) -> list[tuple[str, pd.DataFrame, str, tuple[str, ...]]]:
    data = data.assign(near_after=data["near"] * (data["year"] > turn), opinion_sd=data["opinion"] / 10)
    data["opinion_before"] = data.sort_values("year").groupby("code")["opinion_sd"].shift(1)
    old, european = data[data["member_from"] <= 1990], data[data["near"] > data["near"].min() + 1.0]
    return [
        ("nearness after the turn", data[data["year"] >= 2004], "near_after", ()),
        ("nearness after the turn, with growth and income", data[data["year"] >= 2004], "near_after", ("growth", "income")),
        ("nearness after the turn, allies of before 1991", old[old["year"] >= 2004], "near_after", ()),
        ("nearness after the turn, without the two farthest", european[european["year"] >= 2004], "near_after", ()),
        ("nearness after the turn, from 1999", data[data["year"] >= 1999], "near_after", ()),
        ("unfavourable opinion, by ten points", data, "opinion_sd", ()),
        ("unfavourable opinion, with growth and income", data, "opinion_sd", ("growth", "income")),
        ("unfavourable opinion of the year before", data, "opinion_before", ()),
    ]


def regressions(data: pd.DataFrame, turn: int) -> pd.DataFrame:
    """One row a variant: percentage change of the burden for one standard deviation of nearness after the turn, or for ten points
    of opinion, with its 95 % interval."""
    rows = []
    for name, part, term, controls in _variants(data, turn):
        fit = fixed_effects(part, term, controls)
        value, low, high = (100 * (np.exp(fit[key]) - 1) for key in ("coefficient", "low", "high"))
        rows.append(
            {
                "variant": name,
                "percent": value,
                "low": low,
                "high": high,
                "allies": fit["allies"],
                "rows": fit["rows"],
                "lies": above_below(low, high),
            }
        )
    return pd.DataFrame(rows)


def slopes(data: pd.DataFrame) -> pd.DataFrame:
    """By year: slope of the log burden on nearness across allies and its 95 % interval (robust to unequal variance), spread of log
    burdens (standard deviation) over all allies and over those of before 1991, and the spread of opinion where polled."""
    sm, rows = need("statsmodels.api"), []
    for year, part in data[data["year"] >= 1999].groupby("year"):
        fit = sm.OLS(part["burden"], sm.add_constant(part["near"])).fit(cov_type="HC3", use_t=True)
        low, high = fit.conf_int().loc["near"]
        old, polled = part[part["member_from"] <= 1990], part["opinion"].dropna()
        rows.append(
            {
                "year": int(year),
                "slope": fit.params["near"],
                "low": low,
                "high": high,
                "allies": len(part),
                "spread": part["burden"].std(),
                "spread_old_members": old["burden"].std(),
                "polled": len(polled),
                "spread_opinion": polled.std() if len(polled) >= 5 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def shuffled(data: pd.DataFrame, turn: int, draws: int, seed: int) -> dict[str, float]:
    """Randomisation: nearness is dealt out anew among allies; share of deals in which the change of the slope after the turn is at
    least as large in size as the one seen. Allies with data on both sides of the turn since 2004."""
    part = data[data["year"] >= 2004]
    wide = part.assign(after=part["year"] > turn).pivot_table(index="code", columns="after", values="burden", aggfunc="mean").dropna()
    change = (wide[True] - wide[False]).to_numpy()
    near = part.drop_duplicates("code").set_index("code")["near"].loc[wide.index].to_numpy()
    near = near - near.mean()
    seen = near @ change / (near @ near)
    rng = np.random.default_rng(seed)
    deals = np.array([rng.permutation(near) @ change for _ in range(draws)]) / (near @ near)
    return {"change": float(seen), "p": float((np.sum(np.abs(deals) >= abs(seen)) + 1) / (draws + 1)), "allies": len(wide)}


def spread_ratio(data: pd.DataFrame, turn: int, draws: int, seed: int) -> dict[str, float]:
    """Spread of log burdens over allies in the last year over that in the year of the turn, same allies, 95 % interval from
    drawing allies anew."""
    last = int(data["year"].max())
    wide = data[data["year"].isin([turn, last])].pivot(index="code", columns="year", values="burden").dropna().to_numpy()
    pick = np.random.default_rng(seed + 1).integers(0, len(wide), size=(draws, len(wide)))
    drawn = wide[pick].std(axis=1, ddof=1)
    low, high = np.quantile(drawn[:, 1] / drawn[:, 0], [0.025, 0.975])
    then, now = wide.std(axis=0, ddof=1)
    return {"ratio": float(now / then), "low": float(low), "high": float(high), "allies": len(wide), "last": last}


def spread_test(by_year: pd.DataFrame) -> dict[str, float]:
    """Rank correlation over years of the spread of opinion and the spread of burdens, with the p of the exact or t test."""
    both = by_year.dropna(subset=["spread_opinion"])
    found = need("scipy.stats").spearmanr(both["spread_opinion"], both["spread"])
    return {"years": len(both), "rank_correlation": float(found.statistic), "p": float(found.pvalue)}


def run(claim: Claim, seed: int, options: Mapping[str, Any]) -> ClaimResult:
    """Answer the claim. Options: ``turn`` the year after which nearness may mean more (2014, 2008), ``draws`` of the shuffle."""
    for name, value in options.items():
        if name not in OPTIONS:
            raise ClaimError(f"no option is called '{name}'; {nearest(name, list(OPTIONS))}")
        if value not in OPTIONS[name]:
            raise ClaimError(f"option '{name}': found '{value}', expected one of {', '.join(str(v) for v in OPTIONS[name])}")
    turn, draws = int(options.get("turn", OPTIONS["turn"][0])), int(options.get("draws", OPTIONS["draws"][0]))
    data = panel()
    found, by_year, deal = regressions(data, turn), slopes(data), shuffled(data, turn, draws, seed)
    spread, first = spread_test(by_year), by_year[by_year["year"] == turn].iloc[0]
    last, wider = by_year.iloc[-1], spread_ratio(data, turn, draws, seed)
    polls = found[found["variant"] == "unfavourable opinion, by ten points"].iloc[0]
    numbers: dict[str, Any] = {
        "percent_near": found["percent"].iloc[0],
        "percent_near_low": found["low"].iloc[0],
        "percent_near_high": found["high"].iloc[0],
        "percent_opinion": polls["percent"],
        "percent_opinion_low": polls["low"],
        "percent_opinion_high": polls["high"],
        "shuffle_p": deal["p"],
        "shuffle_change": deal["change"],
        "shuffle_allies": deal["allies"],
        "turn": turn,
        **{f"spread_{key}": value for key, value in wider.items()},
        "last_year": int(last["year"]),
        "allies": int(last["allies"]),
        "spread_old_turn": first["spread_old_members"],
        "spread_old_last": last["spread_old_members"],
        "spread_years": spread["years"],
        "spread_correlation": spread["rank_correlation"],
        "spread_p": spread["p"],
        "polled_allies": int(polls["allies"]),
    }
    for side in ("above", "below", "unclear"):
        numbers[f"variants_{side}"] = int((found["lies"] == side).sum())
    numbers["variants"] = len(found)
    near = found.iloc[0]
    phrases = {name: str(value) for name, value in numbers.items() if isinstance(value, (int, np.integer, str))}
    phrases |= {
        "near": percent(*(near[key] for key in ("percent", "low", "high"))),
        "opinion": percent(*(polls[key] for key in ("percent", "low", "high"))),
        "spread_change": ratio(wider["ratio"], wider["low"], wider["high"]),
        "correlation": f"{spread['rank_correlation']:.1g}",
    }
    flags = {
        "near": near["lies"],
        "opinion": polls["lies"],
        "shuffle": bool(deal["p"] < 0.05),
        "spread": above_below(wider["low"], wider["high"], 1.0),
        "spreads_move_together": bool(spread["p"] < 0.05 and spread["rank_correlation"] > 0),
    }
    tables = {"regressions": found, "by_year": by_year, "panel": data}
    return result(claim, {"turn": turn, "draws": draws}, seed, numbers, tables, verdict(claim, flags, phrases))
