"""A claim on the page: for a terminal, as Markdown, and as one HTML file with its pictures inside."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from detente.analysis.claims import ClaimError, ClaimResult, list_claims, run_claim
from detente.analysis.claims.extras import MissingExtra
from detente.analysis.claims.words import in_hundred, natural
from detente.report.blocks import Grid, Page, grid_markdown, to_terminal
from detente.report.claim_charts import MEASURE_NAMES, pictures

FOOT = "Historical data, by the definitions stated; not a forecast. Enlargements, disputes and burdens of all sides count alike."
CAPTIONS = {
    "timeline": "Every enlargement found, by bloc, and what was measured of the neighbours left out in the ten years after.",
    "rates": "What followed between outsider and joiner, beside matched pairs without an enlargement.",
    "survival": "Time to the first dispute between outsider and joiner.",
    "curve": "Differences under every declared definition; ticks below say which choices a definition makes.",
    "balance": "What was matched on, before and after.",
    "escalation": "Odds of war after a race, under every definition of race, case and sample.",
    "onset": "Odds of a new dispute in a year of rivalry after a year of race.",
    "lags": "Endings of channels and agreements around the start of crises.",
    "variants": "The same question under every variant.",
    "by_year": "Slope of burdens on nearness across allies, year by year.",
}


def _span(low: float, high: float, digits: int = 2) -> str:
    return f"{low:.{digits}g} to {high:.{digits}g}"


def _grid(title: str, rows: Sequence[tuple[str, ...]], columns: tuple[str, ...], note: str = "", numeric: bool = False) -> Grid:
    return Grid(title, columns, tuple(rows), note=note, numeric=numeric)


def _no_free_spread(result: ClaimResult) -> list[Grid]:
    steps, pairs, table = result.tables["steps"], result.tables["pairs"], result.tables["enlargements"]
    names = {"dispute": "dispute with a member", "rival_alliance": "rival alliance", "arms_growth": "arms growth above trend", "any": "any"}
    n = result.numbers
    after = [(f"{names[r.resistance]}, {r.horizon} years", f"{r.with_it} of {r.steps}", natural(r.share, r.low, r.high),
              natural(r.before, r.before_low, r.before_high)) for r in steps.itertuples()]  # fmt: skip
    beside = [(f"{MEASURE_NAMES.get(r.measure, r.measure)}, {r.horizon} years", str(r.pairs),
               natural(r.treated, r.treated_low, r.treated_high, r.hits), natural(r.control, r.control_low, r.control_high),
               f"{r.ratio:.2g} ({_span(r.ratio_low, r.ratio_high)})", f"{r.e_value_limit:.2g}") for r in pairs.itertuples()]  # fmt: skip
    listed = [(str(r.year), r.bloc, r.joined, r.left_out or "nobody", r.dispute or "–", r.rival_alliance or "–", r.arms_growth or "–",
               "" if r.seen else f"to {n['last_dispute_year']}") for r in table.itertuples()]  # fmt: skip
    quiet = [(str(r.year), r.bloc, r.joined_names, r.left_out_names, "yes" if r.any else "no", "yes" if r.same_year else "no", r.codings)
             for r in result.tables["counter_examples"].itertuples()]  # fmt: skip
    other = [(r.definition, str(r.steps), str(r.with_outsiders_and_full_window), str(r.without_dispute), str(r.without_any),
              str(r.without_any_and_none_that_year)) for r in result.tables["definitions"].itertuples()]  # fmt: skip
    hazard = [(r.term, f"{r.hazard_ratio:.2g} ({_span(r.low, r.high)})") for r in result.tables["cox"].itertuples()]
    balance = [(r.covariate, f"{r.smd_before:+.2f}", f"{r.smd_after:+.2f}") for r in result.tables["balance"].itertuples()]
    return [
        _grid("Enlargements followed by resistance of a neighbour left out", after,
              ("resistance", "enlargements", "after", "same states, equal span before"),
              f"Any dispute with anyone follows {in_hundred(n['mechanical_any_dispute'])} in 100 state-years within ten years; these "
              f"outsiders with these members, in other decades: {in_hundred(n['other_windows'])} in 100 windows."),
        _grid("Outsider and joiner, beside matched pairs without an enlargement", beside,
              ("what followed", "pairs", "beside an enlargement", "matched", "ratio", "E-value of the limit"),
              f"{n['n_pairs']} pairs, {n['n_controls']} matched dyad-years; worst difference of a covariate left: "
              f"{n['worst_balance']:.2f} standard deviations."),
        _grid("Counter-examples: nobody left out had a dispute", quiet,
              ("year", "bloc", "joined", "stayed out", "alliance or arms", "dispute that very year", "codings")),
        _grid("Counter-examples by definition", other,
              ("definition", "steps", "asked", "no dispute", "nothing measured", "nothing, nor that year"), numeric=True),
        _grid("Every enlargement and what its neighbours left out did in the ten years after", listed,
              ("year", "bloc", "joined", "left out", "dispute", "rival alliance", "arms growth", "seen")),
        _grid("Hazard of a first dispute between outsider and joiner (Cox)", hazard, ("covariate, per standard deviation", "hazard, times"),
              "First row: beside an enlargement. Errors clustered on the enlargement, stratified by era; p of proportional hazards "
              f"{n['p_proportional']:.2g}."),
        _grid("Balance: standardised differences", balance, ("covariate", "all controls", "matched controls"), numeric=True),
    ]  # fmt: skip


def _arms_races(result: ClaimResult) -> list[Grid]:
    war = [(r.sample, r.unit, r.race, "kept" if r.world_wars else "dropped", f"{r.war_after_race} of {r.after_race}",
            f"{r.war_without_race} of {r.without_race}", f"{r.odds_ratio:.2g} ({_span(r.low, r.high)})")
           for r in result.tables["escalation"].itertuples()]  # fmt: skip
    onset = [(r.race, str(r.rivalries), str(r.race_years), in_hundred(r.share_after_race), in_hundred(r.share_without_race),
              f"{r.odds_ratio:.2g} ({_span(r.low, r.high)})") for r in result.tables["onset"].itertuples()]  # fmt: skip
    return [
        _grid("Disputes that became war", war, ("sample", "case", "race", "world wars", "after a race", "without", "odds, times")),
        _grid("Years of rivalry in which a dispute began", onset,
              ("race", "rivalries", "race years", "in 100 after a race", "in 100 without", "odds, times"),
              "Odds by logistic regression with covariates, errors clustered on the rivalry."),
    ]  # fmt: skip


def _channels(result: ClaimResult) -> list[Grid]:
    rows = [(r.variant, str(r.endings), str(r.crises), f"{r.after} ({r.after_low:.0f} to {r.after_high:.0f})",
             f"{r.before} ({r.before_low:.0f} to {r.before_high:.0f})", "not told apart" if r.lies == "unclear" else
             ("after" if r.lies == "above" else "before")) for r in result.tables["variants"].itertuples()]  # fmt: skip
    return [_grid("Endings of channels and agreements around crises", rows,
                  ("variant", "endings", "crises", "after a crisis (at random)", "before one (at random)", "order"))]  # fmt: skip


def _burdens(result: ClaimResult) -> list[Grid]:
    rows = [(r.variant, str(r.allies), str(r.rows), f"{r.percent:+.2g} ({_span(r.low, r.high)})", r.lies)
            for r in result.tables["regressions"].itertuples()]  # fmt: skip
    years = [(str(r.year), str(r.allies), f"{r.slope:+.2f} ({r.low:+.2f} to {r.high:+.2f})", f"{r.spread:.2f}",
              f"{r.spread_old_members:.2f}", "–" if pd.isna(r.spread_opinion) else f"{r.spread_opinion:.0f} ({r.polled})")
             for r in result.tables["by_year"].itertuples()]  # fmt: skip
    return [
        _grid("Change of the burden with threat, per cent (95 %)", rows, ("variant", "allies", "rows", "change", "lies"), numeric=True),
        _grid("Across allies, year by year", years,
              ("year", "allies", "slope on nearness, log (95 %)", "spread of log burdens", "of old members", "spread of opinion (polled)"),
              numeric=True),
    ]  # fmt: skip


GRIDS: Mapping[str, Callable[[ClaimResult], list[Grid]]] = {
    "no_free_spread": _no_free_spread,
    "arms_races_disputes": _arms_races,
    "channels_and_crises": _channels,
    "burdens_and_threat": _burdens,
}


def _verdict(result: ClaimResult) -> str:
    """The verdict as lines, each headed by what the data do."""
    return "\n".join(f"{s.kind.upper()}  {s.text}" for s in result.verdict)


def claim_page(result: ClaimResult) -> Page:
    """Question, verdict, tables, limits and sources of one answer."""
    options = ", ".join(f"{k}={v}" for k, v in result.options.items() if v != "")
    blocks = [result.question, f"({result.said_by})", "What the data say\n" + _verdict(result), *GRIDS.get(result.id, lambda _: [])(result)]
    blocks += ["What to mind\n" + "\n".join(f"– {line}" for line in result.limits)]
    blocks += ["Sources\n" + "\n".join(result.sources), f"Definition: {options}; seed {result.seed}. {FOOT}"]
    return Page(result.title, tuple(blocks), result.to_dict())


def list_page() -> Page:
    """Every claim that can be answered, in one table."""
    rows = [(claim.id, claim.question) for claim in list_claims()]
    data = [{"claim": c.id, "title": c.title, "question": c.question, "said_by": c.said_by} for c in list_claims()]
    return Page("Claims about history that the shipped data can answer", (_grid("", rows, ("claim", "question")),
                "detente claim ID answers one; --json, --html FILE and --figures DIR keep the answer."), {"claims": data})  # fmt: skip


def _sensitivity(found: Any) -> list[str]:
    """The sensitivity field as lines of a list."""
    if isinstance(found, Mapping):
        return [f"- **{key.replace('_', ' ')}**: {_sensitivity_value(value)}" for key, value in found.items()]
    return [f"- {item}" for item in found]


def _sensitivity_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {', '.join(str(v) if v != '' else 'none' for v in values)}" for name, values in value.items())
    return "; ".join(", ".join(f"{k}={v}" for k, v in change.items()) or "main" for change in value)


def claim_markdown(result: ClaimResult, images: Mapping[str, str], command: str, date: str) -> str:
    """The documentation page of a claim: ``images`` are paths by picture name, ``command`` and ``date`` how and when it ran."""
    spec = next(claim.spec for claim in list_claims() if claim.id == result.id)
    lines = [f"# {result.title}", "", result.question, "", f"*{result.said_by}*", ""]
    lines += [f"Printed by `{command}` on {date}, seed {result.seed}. {FOOT}", "", "## What the data say", ""]
    lines += [f"- **{s.kind}**: {s.text}" for s in result.verdict]
    lines += ["", "## Pictures", ""]
    for name, path in images.items():
        lines += [f"![{CAPTIONS[name]}]({path})", "", f"*{CAPTIONS[name]}*", ""]
    lines += ["## Definitions, with their alternatives", ""]
    lines += [f"- **{key}**: {' '.join(str(value).split())}" for key, value in spec["definition"].items()]
    lines += ["", "## How it is estimated", ""] + [
        f"- **{key}**: {' '.join(str(value).split())}" for key, value in spec["estimator"].items()
    ]
    lines += ["", "## What is varied", "", *_sensitivity(spec["sensitivity"])]
    lines += ["", "## Figures", ""]
    for grid in GRIDS[result.id](result):
        lines += [grid_markdown(grid, 3), ""]
    lines += [
        "## What to mind",
        "",
        *(f"- {line}" for line in result.limits),
        "",
        "## Sources",
        "",
        *(f"- {line}" for line in result.sources),
        "",
    ]
    return "\n".join(lines)


STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;font-size:.86rem;display:block;overflow-x:auto}
th,td{text-align:left;padding:.2rem .7rem .2rem 0;border-bottom:1px solid #ddd;vertical-align:top}figure{margin:1.5rem 0;overflow-x:auto}
figcaption,.note{color:#555;font-size:.86rem}li b{font-weight:600}"""


def _html_grid(grid: Grid) -> str:
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in grid.columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in grid.rows)
    note = f"<p class='note'>{escape(grid.note)}</p>" if grid.note else ""
    return f"<h2>{escape(grid.title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def claim_html(result: ClaimResult) -> str:
    """One self-contained HTML page: verdict, pictures as SVG, tables, limits, sources. Nothing is loaded from elsewhere."""
    said = "".join(f"<li><b>{escape(s.kind)}</b>: {escape(s.text)}</li>" for s in result.verdict)
    shown = "".join(
        f"<figure role='img' aria-label='{escape(CAPTIONS[name], quote=True)}'>{svg}"
        f"<figcaption>{escape(CAPTIONS[name])}</figcaption></figure>"
        for name, svg in pictures(result).items()
    )
    tables = "".join(_html_grid(grid) for grid in GRIDS.get(result.id, lambda _: [])(result))
    minds, sources = ("".join(f"<li>{escape(line)}</li>" for line in lines) for lines in (result.limits, result.sources))
    options = escape(", ".join(f"{k}={v}" for k, v in result.options.items() if v != ""))
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{escape(result.title)}</title><style>{STYLE}</style><main><h1>{escape(result.title)}</h1>"
        f"<p>{escape(result.question)}</p><p class='note'>"
        f"{escape(result.said_by)}</p><h2>What the data say</h2><ul>{said}</ul>{shown}{tables}<h2>What to mind</h2><ul>{minds}</ul>"
        f"<h2>Sources</h2><ul>{sources}</ul><p class='note'>Definition: {options}; seed {result.seed}. {escape(FOOT)}</p></main></html>\n"
    )


def _value(text: str) -> Any:
    if text in ("True", "true", "False", "false"):
        return text.lower() == "true"
    try:
        return int(text)
    except ValueError:
        return text


def _options(pairs: Sequence[str]) -> dict[str, Any]:
    out = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise ClaimError(f"option '--set {pair}': expected NAME=VALUE, for example --set coding=cow")
        out[name] = _value(value)
    return out


def _keep(result: ClaimResult, figures: Path | None, html: Path | None) -> None:
    if figures is not None:
        figures.mkdir(parents=True, exist_ok=True)
        for name, svg in pictures(result).items():
            (figures / f"{result.id}-{name}.svg").write_text(svg, encoding="utf-8")
    if html is not None:
        html.write_text(claim_html(result), encoding="utf-8")


def claim_command(
    id: str | None = None,
    list_: bool = False,
    json_: bool = False,
    figures: Path | None = None,
    html: Path | None = None,
    set_: Sequence[str] = (),
    seed: int = 2021,
) -> int:
    """``detente claim [ID] [--list] [--json] [--figures DIR] [--html FILE] [--set NAME=VALUE]… [--seed N]``.

    Prints the answer (tables, or JSON) on stdout and returns the exit code: 0 done, 2 bad input or a missing library, said in one
    sentence on stderr. Without an id, or with ``list_``, it prints the list.
    """
    from rich.console import Console

    out, err = Console(), Console(stderr=True)
    try:
        if list_ or id is None:
            page = list_page()
        else:
            with err.status(f"answering {id}") if sys.stderr.isatty() else err.capture():
                result = run_claim(id, seed, **_options(set_))
                _keep(result, figures, html)
            page = claim_page(result)
    except (ClaimError, MissingExtra, OSError) as error:
        err.print(f"detente claim: {error}", markup=False, highlight=False, soft_wrap=True)
        return 2
    if json_:
        sys.stdout.write(json.dumps(page.data, indent=1, ensure_ascii=False) + "\n")
    else:
        to_terminal(page, out)
    return 0
