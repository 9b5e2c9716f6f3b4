"""`detente search`: every package of some levers, under every reading, as tables, sentences and pictures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.report import words
from detente.report.blocks import Block, Figure, Grid, Page, put
from detente.report.data import CONFIDENT, phrase
from detente.report.ending import say
from detente.report.picture import Picture, framed, to_svg
from detente.report.show import label, names
from detente.scenario import Scenario, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

SHOWN = 12
"""Packages in a table."""


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    scenario: str
    levers: tuple[str, ...]
    most: int
    outcomes: tuple[str, ...]
    theories: tuple[str, ...]
    sign_all: bool
    over_heads: bool
    own: tuple[str, ...]
    futures: int
    confidence: float
    reach: float
    seed: int
    workers: int | None
    figures: Path | None
    json: bool
    tune: bool = False
    evaluations: int = 480


def search_command(request: Request) -> int:
    """Do it. Raises ScenarioError when the request cannot be met."""
    from detente.report.learnt import begin, chosen, learn, working

    scenario, runner = begin(request.scenario, request.workers)
    theories = chosen(scenario, request.theories)
    from detente.analysis.search import objectives, search
    from detente.analysis.signing import Ask

    if request.tune and (request.sign_all or request.over_heads):
        raise ScenarioError("--tune seeks dates and doses whoever signs: leave out --sign-all and --over-heads")
    objectives(runner.model, request.outcomes)
    ask = Ask(_own(request.own), request.over_heads) if request.sign_all or request.over_heads else None
    spent = [0.0]

    def work(bar: Any) -> Any:
        learnt = learn(runner, theories, request.seed, bar)
        began = time.perf_counter()
        if request.tune:
            from detente.report.tune import tuned

            found = tuned(runner, learnt, request, bar.tell)
            spent[0] = time.perf_counter() - began
            return found
        found = search(
            runner,
            learnt,
            request.levers or None,
            request.outcomes,
            request.futures,
            min(32, request.futures),
            request.most,
            request.confidence,
            request.reach / 100,
            ask,
            request.seed,
            bar.tell,
        )
        spent[0] = time.perf_counter() - began
        return found

    ds = working(scenario.title, work)
    whole = page(ds, scenario)
    if request.figures is not None:
        from detente.report.files import write_text

        for f in (b for b in whole.blocks if isinstance(b, Figure)):
            write_text(request.figures / f"{f.key}.svg", framed(f.svg, f.title, f.note, f.foot))
    put(whole, request.json)
    rate = ds.attrs["simulated"] / max(spent[0], 1e-9)
    say(f"{ds.attrs['simulated']:,} futures in {spent[0]:.0f} s, {rate:,.0f} a second")
    return 0


def _own(given: tuple[str, ...]) -> dict[str, str]:
    out = {}
    for text in given:
        party, equals, theory = text.partition("=")
        if not equals or not party or not theory:
            raise ScenarioError(f"expected PARTY=THEORY, found {text!r}")
        out[party] = theory
    return out


# ------------------------------------------------------------------------------------------------------------------- the page


def page(ds: xr.Dataset, scenario: Scenario) -> Page:
    """Everything of a search, for the terminal and as data."""
    if "plan" in ds.dims:
        from detente.report.tune import page as plans

        return plans(ds, scenario)
    return Page(f"{scenario.title}: every package of {ds.sizes['lever']} levers", blocks(ds, scenario), data(ds))


def blocks(ds: xr.Dataset, scenario: Scenario) -> tuple[Block, ...]:
    """The blocks of a search, for terminal and report alike."""
    parts: list[Block] = [*sentences(ds, scenario), *((smallest(ds, scenario),) if bool(ds["smallest"].any()) else ())]
    if "signed" in ds:
        parts += signatures(ds, scenario)
    parts += [best_by_size(ds, scenario), certificate(ds, scenario), levers(ds, scenario)]
    from detente.report.search_charts import pictures

    parts += [figure(ds, scenario, p) for p in pictures(ds, scenario)]
    return tuple(parts)


def figure(ds: xr.Dataset, scenario: Scenario, picture: Picture) -> Figure:
    """A picture with its table."""
    grid = Grid(picture.title, picture.columns, picture.rows, numeric=True)
    return Figure(picture.title, to_svg(picture), picture.alt, grid, picture.note, words.foot(scenario.as_of), picture.key)


def said(ds: xr.Dataset, k: int) -> str:
    """A package by its levers."""
    pulled = [str(name).replace("_", " ") for name, has in zip(ds["lever"].values, ds["has"].values[k], strict=True) if has]
    return words.listing(pulled) or "no change"


def sentences(ds: xr.Dataset, scenario: Scenario) -> list[str]:
    """What came out, made from the numbers."""
    what = words.listing(phrase(scenario, str(o)) for o in ds["objective"].values)
    counted = f"{ds.attrs['packages']:,} packages of {ds.sizes['lever']} levers under {_readings(ds)}, judged by: {what}."
    out = [f"{counted} Regret is what the best package for a reading would do better under it; readings and outcomes are not added up."]
    if not bool(ds["near"].any()):
        return [*out, "No package that changes anything would be signed by all: under some reading that judges, some party does not gain."]
    able = ds["near"].values if "signed" not in ds else ds["near"].values & ds["signed"].values
    best = int(np.where(able, ds["worst"].values, np.inf).argmin())
    small = np.flatnonzero(ds["smallest"].values)
    out.append(
        f"Least regret in the worst case: {said(ds, best)} ({levers_in_words(int(ds['size'][best]))}), {_worst(ds, scenario, best)}."
        + (" Only packages that all would sign are counted." if "signed" in ds else "")
    )
    fewest = int(ds["size"].values[small[0]])
    if fewest < int(ds["size"][best]):
        many = "one package" if len(small) == 1 else f"{len(small)} packages"
        first = said(ds, int(small[np.argmin(ds["worst"].values[small])]))
        within = f"within {100 * ds.attrs['reach']:g} in 100 of that"
        out.append(f"The smallest {within} pull {levers_in_words(fewest)}: {many}, such as {first}.")
    else:
        out.append(f"No package of fewer levers comes within {100 * ds.attrs['reach']:g} in 100 of that.")
    return out


def _readings(ds: xr.Dataset) -> str:
    return "one reading" if ds.sizes["theory"] == 1 else f"{ds.sizes['theory']} readings"


def levers_in_words(count: int) -> str:
    """`no lever`, `one lever`, `3 levers`."""
    return "no lever" if count == 0 else "one lever" if count == 1 else f"{count} levers"


def _place(ds: xr.Dataset, k: int) -> tuple[int, int]:
    """(objective, theory) of a package's largest regret."""
    return divmod(int(ds["worst_at"][k]), ds.sizes["theory"])


def _worst(ds: xr.Dataset, scenario: Scenario, k: int) -> str:
    o, t = _place(ds, k)
    return f"{_regret(ds, o, t, k)} worse than the best under “{ds['argument'].values[t]}”"


def _regret(ds: xr.Dataset, o: int, t: int, k: int) -> str:
    value, wrong = float(ds["regret"][o, t, k]), CONFIDENT * float(ds["regret_error"][o, t, k])
    if bool(ds["share"][o]):
        return f"{words.hundredths(value)} (± {_point(100 * wrong)}) in 100 futures" if value > 0 else "nothing"
    return f"{words.figure(value)} (± {words.figure(wrong)}) {ds['unit'].values[o]}"


def _point(value: float) -> str:
    return "less than 1" if value < 1 else f"{value:.0f}"


def smallest(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """The smallest packages within reach, with their regret under each reading."""
    found = np.flatnonzero(ds["smallest"].values)
    found = found[np.argsort(ds["worst"].values[found], kind="stable")]
    note = f"{len(found)} packages; the {SHOWN} of the least largest regret." if len(found) > SHOWN else ""
    title = "The smallest packages within reach of the least regret"
    return _regrets(ds, scenario, found[:SHOWN], title, f"{note} {_note(ds)}".strip(), "search-smallest")


def best_by_size(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """For each number of levers, the package of the least largest regret."""
    size, worst = ds["size"].values, ds["worst"].values
    if "signed" in ds:
        worst = np.where(ds["signed"].values | (size == 0), worst, np.inf)
    found = [int(np.flatnonzero(size == s)[worst[size == s].argmin()]) for s in np.unique(size) if np.isfinite(worst[size == s]).any()]
    return _regrets(ds, scenario, np.array(found), "By number of levers: the package of the least regret", _note(ds), "search-by-size")


def _note(ds: xr.Dataset) -> str:
    return (
        f"Regret under each reading, in 100 futures where the outcome is a share, else in its unit; {_futures(ds)} futures each, on the same luck. "
        "A star: no other package matches it everywhere and does better somewhere."
    )


def _futures(ds: xr.Dataset) -> int:
    return int(ds["futures"].values[-1])


def _regrets(ds: xr.Dataset, scenario: Scenario, rows: np.ndarray, title: str, note: str, key: str) -> Grid:
    several = ds.sizes["objective"] > 1
    heads = [f"{phrase(scenario, str(o))}: {a}" if several else str(a) for o in ds["objective"].values for a in ds["argument"].values]
    body = []
    for k in rows.tolist():
        cells = [_cell(ds, o, t, k) for o in range(ds.sizes["objective"]) for t in range(ds.sizes["theory"])]
        star = " *" if bool(ds["front"][k]) else ""
        body.append((said(ds, k) + star, str(int(ds["size"][k])), *cells))
    columns = ("package", "levers", *heads)
    return Grid(title, columns, tuple(body), note=note, foot=words.foot(scenario.as_of), key=key, numeric=True)


def _cell(ds: xr.Dataset, o: int, t: int, k: int) -> str:
    value, wrong = float(ds["regret"][o, t, k]), CONFIDENT * float(ds["regret_error"][o, t, k])
    if value <= 0:
        return "best"
    if value <= wrong:
        return "·"
    return words.short(value) if bool(ds["share"][o]) else words.figure(value)


def certificate(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """Round by round: how many packages, how many set aside, and in what sense surely."""
    rows = []
    for k in range(ds.sizes["round"]):
        cells = [str(k + 1), str(int(ds["futures"][k])), f"{int(ds['before'][k]):,}", f"{int(ds['set_aside'][k]):,}"]
        rows.append((*cells, *((f"{int(ds['refused'][k]):,}",) if "signed" in ds else ())))
    matched, chained = ds.attrs["matched_directly"], ds.attrs["matched_through_others"]
    sure = f"{100 * ds.attrs['confidence']:g} in 100 times"
    note = (
        f"{ds.sizes['package']:,} packages are left, {int(ds['front'].sum()):,} of them on the front. A package is set aside when another of no more "
        f"levers matches it under every reading within {_tolerance(ds)} and is surely better under one, or has fewer levers: {matched:,} are matched so "
        f"by a package that is left, {chained:,} only through others. By paired t bounds over all comparisons of all rounds together this would "
        f"hold {sure} if the luck were drawn again, given what was learnt; the sampler's own error comes on top."
    )
    columns = ("round", "futures so far", "packages", "set aside", *(("refused by somebody",) if "signed" in ds else ()))
    return Grid("What was set aside, and how surely", columns, tuple(rows), note=note, key="search-certificate", numeric=True)


def _tolerance(ds: xr.Dataset) -> str:
    shares = [o for o in range(ds.sizes["objective"]) if bool(ds["share"][o])]
    parts = ["half a future in a hundred"] if shares else []
    parts += [f"{words.figure(float(ds['tolerance'][o]))} {ds['unit'].values[o]}" for o in range(ds.sizes["objective"]) if o not in shares]
    return words.listing(parts, "or")


def signatures(ds: xr.Dataset, scenario: Scenario) -> tuple[Grid, ...]:
    """Who refuses how often; and of the smallest packages that all would sign, who signs and who gains least."""
    rows = []
    for k, party in enumerate(ds["party"].values.astype(str)):
        judge = ds["judges_by"].values[k]
        by = "every reading searched" if judge.all() else _by(ds, judge)
        rows.append((label(scenario, party), by, f"{int(ds['asked'][k]):,}", f"{int(ds['refuses'][k]):,}"))
    unsaid = ds.attrs["nobody_knows"]
    note = (
        "A party refuses what surely makes it lose, by its own aims, under a reading that it judges by; a package refused once is not run again."
        + (f" Of {names(scenario, unsaid)} no aims are known: they are not asked." if unsaid else "")
    )
    columns = ("party", "judges by", "packages it must sign", "of these it refuses")
    first = Grid("Who refuses", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="search-refusals", numeric=True)
    found = np.flatnonzero(ds["smallest"].values)[:SHOWN]
    if not len(found):
        return (first,)
    return first, _signers(ds, scenario, found)


def _signers(ds: xr.Dataset, scenario: Scenario, found: np.ndarray) -> Grid:
    rows = []
    for k in found.tolist():
        gains = ds["gain_least"].values[k]
        must = [str(p) for p, m in zip(ds["party"].values, ds["must_sign"].values[k], strict=True) if m]
        least = label(scenario, str(ds["party"].values[int(np.nanargmin(gains))])) if must else "nobody"
        rows.append((said(ds, k), names(scenario, must), least))
    columns = ("package", "signs", "gains least")
    return Grid("What all would sign", columns, tuple(rows), foot=words.foot(scenario.as_of), key="search-signatures")


def _by(ds: xr.Dataset, row: np.ndarray) -> str:
    return words.listing(f"“{a}”" for a, judges in zip(ds["argument"].values, row, strict=True) if judges)


def levers(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """The levers searched: what each is, and who signs it as the shipped packages have it."""
    from detente.analysis.measures import measures, waiting
    from detente.engine.compose import compose

    model = compose(scenario)
    known, waits = measures(model), waiting(model)
    rows = []
    for name in ds["lever"].values.astype(str):
        m = known[name]
        where = names(scenario, (e for u in m.uses for e in u.on)) or "all"
        bound = names(scenario, m.bound) or "nobody"
        rows.append((name.replace("_", " "), m.meaning, where, names(scenario, m.required) or "nobody", bound))
    out = ds.attrs["left_out"]
    note = "Effect and start as in the first package that pulls the lever there."
    if waits:
        note += f" Not searched, since its packages wait for a condition: {words.listing(n.replace('_', ' ') for n in waits)}."
    if out:
        most = max(out, key=lambda n: out[n])
        note += (
            f" Not searched, since alone they move the outcome least: {words.listing(str(n).replace('_', ' ') for n in out)}. Of these {most.replace('_', ' ')}"
            f" alone moves it by {words.figure(out[most])} of the tolerance at most; together with others it might do more."
        )
    columns = ("lever", "what it is", "on", "needs the signature of", "binds without a signature")
    return Grid("The levers", columns, tuple(rows), note=note, key="search-levers")


# ------------------------------------------------------------------------------------------------------------------------ data


def data(ds: xr.Dataset) -> Mapping[str, Any]:
    """Full figures: every package that is left, the certificate, the levers' effects."""
    theories, objectives = ds["theory"].values.astype(str), ds["objective"].values.astype(str)

    def table(name: str, k: int) -> dict[str, dict[str, float]]:
        return {o: {t: float(ds[name][i, j, k]) for j, t in enumerate(theories)} for i, o in enumerate(objectives)}

    packages = []
    for k, name in enumerate(ds["package"].values.astype(str)):
        row: dict[str, Any] = {"levers": [] if name == "none" else name.split(","), "largest_regret_in_tolerances": float(ds["worst"][k])}
        row |= {key: table(key, k) for key in ("mean", "error", "regret", "regret_error")}
        row |= {key: bool(ds[key][k]) for key in ("front", "near", "smallest", "signed") if key in ds}
        if "gain_least" in ds:
            gains = zip(ds["party"].values.astype(str), ds["gain_least"].values[k], strict=True)
            row["least_gain"] = {p: float(g) for p, g in gains if np.isfinite(g)}
        packages.append(row)
    rounds = [{n: int(ds[n][k]) for n in ("futures", "before", "set_aside", "refused")} for k in range(ds.sizes["round"])]
    keys = (
        "scenario",
        "as_of",
        "seed",
        "confidence",
        "level",
        "reach",
        "simulated",
        "matched_directly",
        "matched_through_others",
        "left_out",
    )
    effects = {
        o: {
            t: {m: [float(ds["effect"][i, j, n]), float(ds["effect_error"][i, j, n])] for n, m in enumerate(ds["lever"].values.astype(str))}
            for j, t in enumerate(theories)
        }
        for i, o in enumerate(objectives)
    }
    refusals = (
        {str(p): [int(a), int(r)] for p, a, r in zip(ds["party"].values, ds["asked"].values, ds["refuses"].values, strict=True)}
        if "party" in ds.coords
        else {}
    )
    return {
        **{k: ds.attrs[k] for k in keys},
        "packages_searched": ds.attrs["packages"],
        "levers": {str(n): str(m) for n, m in zip(ds["lever"].values, ds["meaning"].values, strict=True)},
        "theories": {str(t): str(a) for t, a in zip(ds["theory"].values, ds["argument"].values, strict=True)},
        "rounds": rounds,
        "asked_and_refused": refusals,
        "effects_with_errors": effects,
        "packages": packages,
    }
