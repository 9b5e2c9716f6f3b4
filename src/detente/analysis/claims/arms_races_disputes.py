"""Are arms races followed by disputes and wars? The answer of 1979, what it hung on, and a prospective test.

Wallace (1979) asked of disputes: did those that came after an arms race escalate to war more often? His critics (Weede 1980;
Diehl 1983) showed that the answer depends on what a race is, on counting every pair of a general war as a case, and on
starting from disputes. All three are choices here. The prospective test starts from years of rivalry instead.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims.extras import need
from detente.analysis.claims.panel import peace_years
from detente.analysis.claims.result import ClaimResult, result
from detente.analysis.claims.words import above_below, natural, ratio, verdict
from detente.analysis.claims.world import FIRST, YEARS, World, load_world
from detente.claims import Claim, ClaimError, nearest, table

RACES = ("index90", "both8", "both5", "list")
SAMPLES = ("majors", "rivals")
UNITS = ("pair", "dispute")
LAST_LISTED = 1984  # last year of a race on the published list
ALL = tuple(product(RACES, UNITS, SAMPLES, (True, False)))


def spending(world: World) -> np.ndarray:
    """(year, state) military expenditure as recorded; pounds to 1913, current dollars from 1914, so that no growth is taken
    across that border."""
    grid = np.full((YEARS, len(world.codes)), np.nan)
    heirs = dict(zip(table("succession.csv")["ccode"], table("succession.csv")["continues_as"]))
    frame = table("cow_nmc.csv.gz").dropna(subset=["milex_k"])
    frame = frame[frame["milex_k"] > 0]
    grid[frame["year"] - FIRST, np.searchsorted(world.codes, frame["ccode"].replace(heirs))] = frame["milex_k"]
    return grid


def growth(money: np.ndarray, years: int) -> np.ndarray:
    """(year, state) mean yearly growth of spending, in per cent, over the ``years`` that end the year before."""
    log, out = np.log(money), np.full_like(money, np.nan)
    border = 1914 - FIRST
    for t in range(years + 1, YEARS):
        if not t - 1 - years < border <= t - 1:
            out[t] = 100 * (np.exp((log[t - 1] - log[t - 1 - years]) / years) - 1)
    return out


def races(world: World, kind: str) -> np.ndarray:
    """(year, i, j) 1 race, 0 none, NaN unknown, in the year before. ``index90``: product of both yearly growth rates (per
    cent, over five years, both positive) above 90, after Wallace; ``both8``: both grow by 8 per cent or more over three
    years, after Diehl; ``both5``: by 5 over five; ``list``: on the list of Gibler, Rider and Hutchison (2005)."""
    if kind == "list":
        out = np.zeros((YEARS, len(world.codes), len(world.codes)))
        for row in table("arms_races.csv").itertuples():
            i, j = world.index(row.ccode1), world.index(row.ccode2)
            span = slice(row.start - FIRST + 1, row.end - FIRST + 2)  # a race of year t stands before year t+1
            out[span, i, j] = out[span, j, i] = 1
        out[LAST_LISTED + 2 - FIRST :] = np.nan
        return out
    money = spending(world)
    rate = growth(money, 3 if kind == "both8" else 5)
    with np.errstate(invalid="ignore"):
        if kind == "index90":
            up = np.where(rate > 0, rate, 0.0)
            up[np.isnan(rate)] = np.nan
            grid = up[:, :, None] * up[:, None, :]
            return np.where(np.isnan(grid), np.nan, grid > 90)
        fast = np.where(np.isnan(rate), np.nan, rate >= (8 if kind == "both8" else 5))
    return fast[:, :, None] * fast[:, None, :]


def dispute_pairs(world: World, coding: str) -> pd.DataFrame:
    """Pairs on opposite sides of a dispute in its first year for them: dispute, year, places i < j, whether the pair was at
    war (both at the highest level in any year of it), whether it is in a dispute that began in 1914 or 1939."""
    frame = table("mid_dyads.csv.gz")
    frame = frame[frame["source"] == coding]
    heirs = dict(zip(table("succession.csv")["ccode"], table("succession.csv")["continues_as"]))
    war = (frame["hostlev1"] == 5) & (frame["hostlev2"] == 5)
    frame = frame.assign(
        war=war,
        i=np.searchsorted(world.codes, frame["ccode1"].replace(heirs)),
        j=np.searchsorted(world.codes, frame["ccode2"].replace(heirs)),
    )
    first = frame.groupby("dispnum")["year"].min()
    pairs = frame.groupby(["dispnum", "i", "j"], as_index=False).agg(year=("year", "min"), war=("war", "max"))
    return pairs.assign(began=pairs["dispnum"].map(first), world_war=pairs["dispnum"].map(first).isin([1914, 1939]) & pairs["war"])


def _sample(world: World, pairs: pd.DataFrame, sample: str) -> pd.DataFrame:
    t, i, j = pairs["year"] - FIRST, pairs["i"], pairs["j"]
    if sample == "majors":
        return pairs[world.major[t, i] & world.major[t, j] & (pairs["year"] <= 1965)]
    return pairs[world.rival[t, i, j] & (pairs["year"] <= LAST_LISTED)]


def _table(rows: pd.DataFrame, unit: str) -> np.ndarray:
    """Counts [[race war, race peace], [no race war, no race peace]]; a dispute counts once, by whether any pair raced."""
    if unit == "dispute":
        rows = rows.groupby("dispnum").agg(race=("race", "max"), war=("war", "max"))
    return np.array([[((rows["race"] == r) & (rows["war"] == w)).sum() for w in (True, False)] for r in (1, 0)])


def escalation(coding: str) -> pd.DataFrame:
    """One row a definition: of disputes after a race and of the others, how many became war; odds ratio (half a case added to
    each cell) with its 95 % interval and Fisher's exact p."""
    stats, proportion = need("scipy.stats"), need("statsmodels.stats.proportion").proportion_confint
    world = load_world(coding)
    pairs, rows = dispute_pairs(world, coding), []
    grids = {kind: races(world, kind) for kind in RACES}
    for kind, unit, sample, wars in ALL:
        mine = _sample(world, pairs, sample)
        mine = mine.assign(race=grids[kind][mine["year"] - FIRST, mine["i"], mine["j"]]).dropna(subset=["race"])
        cells = _table(mine if wars else mine[~mine["world_war"]], unit)
        (a, b), (c, d) = cells
        log, se = np.log(((a + 0.5) * (d + 0.5)) / ((b + 0.5) * (c + 0.5))), np.sqrt((1 / (cells + 0.5)).sum())
        row: dict[str, Any] = {
            "race": kind,
            "unit": unit,
            "sample": sample,
            "world_wars": wars,
            "after_race": a + b,
            "war_after_race": a,
            "without_race": c + d,
            "war_without_race": c,
            "odds_ratio": np.exp(log),
            "low": np.exp(log - 1.96 * se),
            "high": np.exp(log + 1.96 * se),
            "p": stats.fisher_exact(cells).pvalue,
        }
        for name, hits, n in (("share_after_race", a, a + b), ("share_without_race", c, c + d)):
            low, high = proportion(hits, n, method="wilson") if n else (np.nan, np.nan)
            row |= {name: hits / n if n else np.nan, f"{name}_low": float(low), f"{name}_high": float(high)}
        rows.append({**row, "lies": above_below(row["low"], row["high"], 1.0)})
    return pd.DataFrame(rows)


def rivalry_years(world: World) -> pd.DataFrame:
    """Years of rivalry between two living states to 1984: does a dispute begin that year, what was so the year before."""
    t, i, j = np.nonzero(np.triu(np.ones(world.rival.shape[1:], bool), 1)[None] & world.rival)
    keep = (t >= 12) & (t + FIRST <= LAST_LISTED + 1)
    t, i, j = t[keep], i[keep], j[keep]
    cinc = np.log(pd.DataFrame(np.where(world.cinc > 0, world.cinc, np.nan)).ffill().bfill().to_numpy())
    quiet = peace_years(world.onset)[t, i, j].astype(float)
    return pd.DataFrame(
        {
            "t": t,
            "i": i,
            "j": j,
            "pair": i * 1000 + j,
            "onset": world.onset[t, i, j].astype(int),
            "quiet": quiet,
            "quiet2": quiet**2 / 100,
            "quiet3": quiet**3 / 10_000,
            "land": (world.contig[t, i, j] == 1).astype(int),
            "gap": np.abs(cinc[t - 1, i] - cinc[t - 1, j]),
            "majors": world.major[t, i].astype(int) + world.major[t, j],
            "world_war": np.isin(t + FIRST, [*range(1914, 1919), *range(1939, 1946)]).astype(int),
        }
    )


def prospective(coding: str) -> pd.DataFrame:
    """By definition of a race: yearly share of rivalries in which a dispute begins, after a race and after none, and the odds
    ratio by logistic regression with years since the last dispute, border, gap in capabilities, great powers and world
    wars; errors clustered on the rivalry."""
    sm, world, rows = need("statsmodels.api"), load_world(coding), []
    years = rivalry_years(world)
    for kind in RACES:
        data = years.assign(race=races(world, kind)[years["t"], years["i"], years["j"]]).dropna(subset=["race", "gap"])
        design = sm.add_constant(data[["race", "quiet", "quiet2", "quiet3", "land", "gap", "majors", "world_war"]].astype(float))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = sm.GLM(data["onset"], design, family=sm.families.Binomial()).fit(
                cov_type="cluster", cov_kwds={"groups": pd.factorize(data["pair"])[0]}
            )
        low, high = fit.conf_int().loc["race"]
        racing = data["race"] == 1
        rows.append(
            {
                "race": kind,
                "years": len(data),
                "rivalries": data["pair"].nunique(),
                "race_years": int(racing.sum()),
                "onsets_after_race": int(data.loc[racing, "onset"].sum()),
                "share_after_race": data.loc[racing, "onset"].mean(),
                "share_without_race": data.loc[~racing, "onset"].mean(),
                "odds_ratio": np.exp(fit.params["race"]),
                "low": np.exp(low),
                "high": np.exp(high),
                "lies": above_below(np.exp(low), np.exp(high), 1.0),
            }
        )
    return pd.DataFrame(rows)


def run(claim: Claim, seed: int, options: Mapping[str, Any]) -> ClaimResult:
    """Answer the claim; option ``coding`` gml (main) or cow. The seed plays no part: nothing is drawn."""
    for name in options:
        if name != "coding":
            raise ClaimError(f"no option is called '{name}'; {nearest(name, ['coding'])}")
    coding = str(options.get("coding", "gml"))
    war, onset = escalation(coding), prospective(coding)
    first = war[(war["race"] == "index90") & (war["unit"] == "pair") & (war["sample"] == "majors") & war["world_wars"]].iloc[0]
    without = war[(war["race"] == "index90") & (war["unit"] == "dispute") & (war["sample"] == "majors") & ~war["world_wars"]].iloc[0]
    listed = onset[onset["race"] == "list"].iloc[0]
    usable = war[np.minimum(war["after_race"], war["without_race"]) >= 5]
    numbers: dict[str, Any] = {
        "n_definitions": len(war),
        "n_usable": len(usable),
        "smallest_odds": usable["odds_ratio"].min(),
        "largest_odds": usable["odds_ratio"].max(),
        "listed_years": int(listed["race_years"]),
    }
    for name, row in (("wallace", first), ("strict", without)):
        kept = ("war_after_race", "after_race", "war_without_race", "without_race", "odds_ratio", "low", "high")
        numbers |= {f"{name}_{key}": row[key] for key in kept}
    for side in ("above", "below", "unclear"):
        numbers[f"war_{side}"] = int((usable["lies"] == side).sum())
        numbers[f"onset_{side}"] = int((onset["lies"] == side).sum())
    phrases = {name: str(value) for name, value in numbers.items() if isinstance(value, (int, np.integer, str))}
    phrases |= {
        f"{name}_odds": ratio(row["odds_ratio"], row["low"], row["high"])
        for name, row in (("wallace", first), ("strict", without), ("listed", listed))
    }
    phrases |= {
        "smallest": f"{numbers['smallest_odds']:.2g}",
        "largest": f"{numbers['largest_odds']:.2g}",
        "n_onset": str(len(onset)),
        "wallace_share": natural(first["share_after_race"], first["share_after_race_low"], first["share_after_race_high"]),
        "wallace_other": natural(first["share_without_race"], first["share_without_race_low"], first["share_without_race_high"]),
    }
    flags = {
        "wallace": first["lies"],
        "strict": without["lies"],
        "strict_few": bool(without["after_race"] < 10),
        "listed": listed["lies"],
        "agree": bool(numbers["war_above"] == len(usable)),
    }
    return result(claim, {"coding": coding}, seed, numbers, {"escalation": war, "onset": onset}, verdict(claim, flags, phrases))
