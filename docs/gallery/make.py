"""Write the pages and pictures of the small scenarios beside this file: python docs/gallery/make.py [NAME …]."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from detente.engine.setup import prepare

prepare()

import altair as alt  # noqa: E402  (JAX reads its settings when it is imported)
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import xarray as xr  # noqa: E402
from rich.console import Console  # noqa: E402
from scipy.stats import binomtest  # noqa: E402

from detente.analysis.job import run_job  # noqa: E402
from detente.replications.registry import paper  # noqa: E402
from detente.report.blocks import Page, to_terminal  # noqa: E402
from detente.report.data import cell  # noqa: E402
from detente.report.picture import FAINT, LINES, Picture, dress, to_svg  # noqa: E402
from detente.report.tables import answers  # noqa: E402
from detente.report.words import spread  # noqa: E402
from detente.scenario import load  # noqa: E402

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[1] / "src" / "detente" / "scenarios"
COMMAND = "python docs/gallery/make.py"
WIDTH, HEIGHT = 460, 280
Rows = list[tuple[str, str, str]]
"""What is published, the published value, what the run gives."""


@dataclass(frozen=True)
class Entry:
    """A scenario of the gallery: what it shows, the papers that hold its numbers exactly, how the run is read, and what remains open."""

    shows: str
    papers: tuple[str, ...]
    reads: str
    caveat: str
    alt: str
    found: Callable[[xr.Dataset], tuple[Rows, Any]]
    known: str = "published"


def pick(ds: xr.Dataset, name: str, item: str, theory: str, policy: str = "no_change") -> Any:
    """One number or one row of a result."""
    return ds[name].sel(theory=theory, policy=policy, item=item).values


def key(kinds: list[str]) -> dict[str, Any]:
    """Colour and shape by `what`, with a key above the picture that cuts no word off."""
    head = alt.Legend(orient="top", direction="vertical", labelLimit=440)
    return {
        "color": alt.Color("what:N", sort=kinds, title=None, legend=head, scale=alt.Scale(domain=kinds, range=list(LINES[: len(kinds)]))),
        "shape": alt.Shape("what:N", sort=kinds, title=None, legend=head, scale=alt.Scale(domain=kinds)),
    }


def words(ds: xr.Dataset) -> dict[str, str]:
    """Reading → its argument."""
    return dict(zip(ds["theory"].values.tolist(), ds["argument"].values.tolist(), strict=True))


# ------------------------------------------------------------------------------------------------------------------ one by one


def line(total: np.ndarray) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Richardson's own plot: slope and zero of the yearly change against the mean of the two years; and the points."""
    mean, change = 0.5 * (total[1:] + total[:-1]), np.diff(total)
    slope, start = np.polyfit(mean, change, 1)
    return float(slope), float(-start / slope), mean, change


def richardson(ds: xr.Dataset) -> tuple[Rows, Any]:
    """Yearly changes of the simulated budgets on the plot by which the line of 1909–13 was found."""
    names = [n for n in ds["series"].values.tolist() if n.startswith("arms")]
    table = paper("richardson1960").inputs["printed_totals"]
    points = [{"mean": m, "change": c, "what": "table, 1909–13"} for m, c in zip(*line(np.array(table))[2:], strict=True)]
    rows: Rows = []
    for theory, said in words(ds).items():
        past = ds["history_mean"].sel(theory=theory, series=names).sum("series").values[3::4]
        ahead = ds["future_mean"].sel(theory=theory, policy="no_change", series=names).sum("series").values[3::4]
        slope, zero, _, _ = line(np.concatenate([[table[0]], past]))
        rows += [
            (f"slope of the line, 1909–13, as learnt: {said}", "0.73 a year", f"{slope:.2f} a year"),
            (f"zero of the line, as learnt: {said}", "194 million pounds", f"{zero:.0f} million pounds"),
        ]
        slope, zero, mean, change = line(np.concatenate([past[-1:], ahead]))
        if theory == "mutual_reaction":
            rows += [(f"the same line through the three years ahead: {said}", "0.73 a year, 194", f"{slope:.2f} a year, {zero:.0f}")]
        points += [{"mean": m, "change": c, "what": said} for m, c in zip(mean, change, strict=True)]
    order = ["table, 1909–13", *words(ds).values()]
    ends = np.array([194.0, 680.0])
    published = pd.DataFrame({"mean": ends, "change": 0.73 * (ends - 194.0)})
    x = alt.X("mean:Q", title="mean total of two years, million pounds", scale=alt.Scale(zero=False))
    y = alt.Y("change:Q", title="change in a year, million pounds")
    exact = {o.check.name: o.value for o in paper("richardson1960").outcomes()}
    rows += [
        (
            "least squares on the table",
            "0.73 a year, 194",
            f"{exact['fit.slope']:.4f} a year, {exact['fit.zero']:.2f} by `detente replicate`",
        )
    ]
    families = ds["families"].values.tolist()
    rows += [("families of particles left after learning, by reading", "", ", ".join(map(str, families)))]
    drawn = alt.Chart(published).mark_line(color=FAINT, strokeDash=[5, 3]).encode(x=x, y=y)
    seen = alt.Chart(pd.DataFrame(points)).mark_point(filled=True, size=70).encode(x=x, y=y, **key(order))
    return rows, drawn + seen


def log_odds(p: np.ndarray) -> np.ndarray:
    """Log-odds of a probability."""
    return np.log(p) - np.log1p(-p)


def enlargement(ds: xr.Dataset) -> tuple[Rows, Any]:
    """The outsider's trust in each future with the accession, and in the same future without it."""
    rows: Rows = []
    points = []
    for theory, said in words(ds).items():
        fear = {p: pick(ds, "value", "alarm[rival]", theory, p).astype(float) for p in ("no_change", "closed_door")}
        joined = (pick(ds, "value", "member[candidate]", theory) > 0.5) & (
            pick(ds, "value", "member[candidate]", theory, "closed_door") < 0.5
        )
        moved = (log_odds(fear["no_change"]) - log_odds(fear["closed_door"]))[joined]
        low, high = next(r.range for r in load("enlargement_dilemma").theories[theory].ranges if r.parameter == "promise_weight")
        rows += [
            (f"what an accession adds to fear, log-odds: {said}", f"log(1/λ), here {low:g} to {high:g}", _middle(moved)),
            (f"accessions that raised trust: {said}", "none", f"{int((moved < -1e-4).sum())} of {joined.sum()}"),
        ]
        before, after = 1.0 - fear["closed_door"][joined], 1.0 - fear["no_change"][joined]
        points += [{"before": b, "after": a, "what": said} for b, a in zip(before[::4], after[::4], strict=True)]
    given = paper("kydd2001")
    exact = {o.check.name: o for o in given.outcomes()}
    composed = exact["engine.belief[1]"]
    rows += [
        (
            "trust of 0.6 after an accession, need half the time",
            f"{composed.check.published:.4f}",
            f"{composed.value:.4f} by `detente replicate kydd2001`, the same mechanisms composed without noise",
        )
    ]
    grid = np.linspace(0.45, 0.75, 50)
    bayes = pd.DataFrame({"before": grid, "after": grid * 0.5 / (grid * 0.5 + 1.0 - grid)})
    trust = given.inputs["trust"]
    marks = pd.DataFrame({"before": trust, "after": [exact[f"belief[{k}]"].check.published for k in range(len(trust))]})
    order = list(words(ds).values())
    x = alt.X("before:Q", title="trust without the accession", scale=alt.Scale(domain=[0.45, 0.75]))
    y = alt.Y("after:Q", title="trust with it", scale=alt.Scale(zero=False))
    seen = alt.Chart(pd.DataFrame(points)).mark_point(size=22, opacity=0.7).encode(x=x, y=y, **key(order))
    drawn = alt.Chart(bayes).mark_line(color=FAINT, strokeDash=[5, 3]).encode(x=x, y=y)
    crosses = alt.Chart(marks[marks["before"] <= 0.75]).mark_point(shape="cross", size=90, filled=True, color="#22272e").encode(x=x, y=y)
    return rows, seen + drawn + crosses


def _middle(values: np.ndarray) -> str:
    return spread(float(values.mean()), *np.quantile(values, [0.05, 0.95]))


RUNGS = {1: "an incident", 2: "a crisis", 3: "a clash", 4: "war"}


def ladder(ds: xr.Dataset) -> tuple[Rows, Any]:
    """Risk of each rung with lines that hold and lines that do not."""
    rows, points, before = [], [], ""
    part = {
        name: ds[name].sel(policy="no_change").squeeze("rivalry") for name in ("hazard_mean", "hazard_low", "hazard_high", "hazard_error")
    }
    for rung, name in RUNGS.items():
        one = {t: [100 * float(part[k].sel(theory=t, rung=rung)) for k in part] for t in words(ds)}
        held, loose = one["lines_hold"], one["lines_ornament"]
        left = held[0] / loose[0]
        error = left * float(np.hypot(held[3] / held[0], loose[3] / loose[0]))
        said = f"less than of {before}" if before else "less than all"
        rows += [(f"share of the risk of {name} or worse that lines which hold leave", said, f"{left:.2f} ± {error:.2f}")]
        before = name
        points += [
            {"rung": name, "what": words(ds)[t], "mean": v[0], "low": max(v[1], 0.01), "high": max(v[2], 0.01)} for t, v in one.items()
        ]
    title = ["futures in 100 that reach it or worse in ten years", "(line: 90 in 100 of the reading's own ranges, from 0.01)"]
    return rows, ranges(points, "rung", list(RUNGS.values()), list(words(ds).values()), title, [0.01, 0.1, 1, 10, 100])


def ranges(points: list[dict[str, Any]], row: str, order: list[str], kinds: list[str], title: Any, powers: Any = None) -> Any:
    """Point and range by row, the kinds side by side; on a logarithmic scale with these `powers`, if any."""
    scale = alt.Scale(type="log", domain=[powers[0], powers[-1]]) if powers else alt.Scale(zero=True)
    axis = alt.Axis(values=powers, format="~g") if powers else alt.Axis()
    y = {name: alt.Y(f"{name}:Q", title=title, scale=scale, axis=axis) for name in ("low", "mean")}
    base = alt.Chart(pd.DataFrame(points)).encode(
        x=alt.X(f"{row}:N", sort=order, title=None, axis=alt.Axis(labelAngle=0)), xOffset=alt.XOffset("what:N", sort=kinds)
    )
    drawn = base.mark_rule(strokeWidth=2).encode(y=y["low"], y2="high:Q", color=key(kinds)["color"])
    return drawn + base.mark_point(filled=True, size=70).encode(y=y["mean"], **key(kinds))


def bargaining(ds: xr.Dataset) -> tuple[Rows, Any]:
    """Crisis, clash and war with costs that are known and costs that are hidden."""
    base = next(o for o in paper("fearon1995").outcomes() if o.check.kind == "statistical")
    rows = [
        ("fighting when costs are known, in 100 futures", "none", cell(ds, "known_costs", "no_change", "clash[dispute]").short()),
        ("fighting when costs are hidden, in 100 futures", "some", cell(ds, "hidden_costs", "no_change", "clash[dispute]").short()),
        (
            "chance of war at the best demand, costs uniform, of 1",
            f"{base.check.published:.4f}",
            f"{base.value:.4f} by `detente replicate fearon1995` ({base.draws:,} draws)",
        ),
    ]
    points = [
        {"outcome": name, "what": said, **{k: 100 * float(pick(ds, k, f"{name}[dispute]", t)) for k in ("mean", "low", "high")}}
        for name in ("crisis", "clash", "war")
        for t, said in words(ds).items()
    ]
    return rows, ranges(
        points, "outcome", ["crisis", "clash", "war"], list(words(ds).values()), "futures in 100, this or worse in ten years"
    )


GROUPS = {"risk_90": 5, "risk_50": 1, "risk_10": 0}


def giving(ds: xr.Dataset) -> tuple[Rows, Any]:
    """The will to give by risk beside the groups that reached the target."""
    rows, points = [], []
    for theory, reached in GROUPS.items():
        mean, low, high = (float(pick(ds, k, "joint", theory)) for k in ("mean", "low", "high"))
        sure = binomtest(reached, 10).proportion_ci(method="exact")
        rows += [(words(ds)[theory], f"{reached} of 10 groups (95 %: {sure.low:.2f}–{sure.high:.2f})", spread(mean, low, high))]
        name = words(ds)[theory].removeprefix("all is lost with ")
        points += [
            {
                "risk": name,
                "what": "groups that reached the target, 95 % interval",
                "mean": reached / 10,
                "low": sure.low,
                "high": sure.high,
            },
            {"risk": name, "what": "will to give in the run, 90 in 100 futures", "mean": mean, "low": low, "high": high},
        ]
    exact = next(o for o in paper("milinski2008").outcomes() if o.check.name == "risk_that_fair_share_needs")
    rows += [("risk above which the fair share pays", f"{exact.check.published:g}", f"{exact.value:g} by `detente replicate milinski2008`")]
    names = list(dict.fromkeys(p["risk"] for p in points))
    return rows, ranges(points, "risk", names, list(dict.fromkeys(p["what"] for p in points)), "share")


PAGES = {
    "richardson_1914": Entry(
        shows="Two alliances whose budgets answer each other. Richardson drew the yearly change of the common total against the total itself and "
        "found a straight line; where it crosses zero the race would have stood still.",
        papers=("richardson1960",),
        reads="The plot is made of the run's own totals: those of 1909–13 as each reading has learnt them from the table, then the means of the "
        "three years ahead. The dashed line is the published one.",
        caveat="The past is learnt from the very table, to two per cent, so meeting its line there is a check of the machinery and no evidence: "
        "both readings come near it and part only afterwards. Nor does the line speak for mutual answers: any smooth growth gives one, and the "
        "critique of 1975 found the data told as well by growth of one's own accord at a rate of its own, which would run on. The second "
        "reading here is only a fixed programme. With so few families of particles left after learning the widths are rough.",
        alt="Yearly change of the four powers' budgets against their mean total, with the published line of slope 0.73 from 194 million pounds. "
        "The table's points and the years ahead under mutual answers lie near the line; under own aims the change falls away.",
        found=richardson,
    ),
    "enlargement_dilemma": Entry(
        shows="An alliance that takes in a candidate is watched by a state outside that does not know whether it means well. An alliance that "
        "means harm always enlarges, one that means well only where there is need, a share λ of the time; so every accession is evidence. "
        "After Kydd 2001: the game is a reconstruction, of which the paper's abstract gives the sign.",
        papers=("kydd2001",),
        reads="The package “no promise and no accession” runs the same futures, luck included, with the door closed. The difference between the "
        "two in a future where the candidate joined is what the accession did. By Bayes' rule it is log(1/λ) in the log-odds of fear, less "
        "what is forgotten since.",
        caveat="Trust among those inside, the paper's other half, is not in the model, nor is the price of admission. The numbers are the "
        "reconstruction's, not Kydd's.",
        known="by the reconstruction",
        alt="Trust of the state outside with the accession against trust without it, one mark a future. Where an accession says nothing marks lie "
        "on the diagonal; where it is evidence they lie below it, around the dashed line of Bayes' rule for need half the time.",
        found=enlargement,
    ),
    "ladder": Entry(
        shows="Two nuclear powers, encounters, mistakes that climb, and two lines between the sides. Rungs are the states of a Markov chain; a line "
        "that is open and practised cuts every hazard of going up.",
        papers=("kemeny_snell1960", "barrett2013"),
        reads="The run counts, for each rung, the accumulated chance of reaching it within ten years, with lines that hold (each stops a fifth to "
        "three tenths of the climbs) and with lines that do not. The theorem about such chains says that what is left of the risk falls with "
        "every further rung that must be climbed.",
        caveat="Kahn, whose device the ladder is, gives no probabilities; every number here is assumed. Where the picture has no line, for war, "
        "so few futures come so far that the reading's own width cannot be told from luck. The exact chain, visits, times and "
        "variances of the textbook's walk included, is in the replication.",
        alt="Share of futures that reach an incident, a crisis, a clash and war within ten years, on a logarithmic scale, with lines that hold and "
        "lines that do not; the gap widens from rung to rung.",
        found=ladder,
    ),
    "crisis_bargaining": Entry(
        shows="One side may challenge, the other may resist. Where each knows what the other would bear, a hopeless challenge is not made and a "
        "hopeful one is not resisted; where it is hidden, asking is a gamble and some gambles end in war.",
        papers=("fearon1995", "powell2006", "signorino1999"),
        reads="The two readings differ in one number, how closely choices follow what pays. It stands for how well each can foresee the other.",
        caveat="In the scenario what is asked for is given; that the demand is chosen too, and the numbers of the paper, are in the replication, "
        "which maximises the mechanism's payoff over the demand. Precise choice is near complete information, not the same: a share below one "
        "in a hundred is not none.",
        alt="Share of futures with a crisis, a clash and war within ten years: few where costs are known, several times as many where they are "
        "hidden.",
        found=bargaining,
    ),
    "collective_risk": Entry(
        shows="Six players must give together or lose what they kept, with a chance of nine, five or one in ten. The experiment had ten groups at "
        "each risk.",
        papers=("milinski2008", "santos_pacheco2011"),
        reads="Each treatment is a reading; the answer is the will to give, averaged over five years that begin at nothing. It passes one half "
        "where the fair share just pays, at a risk of 20/40, as the theory says; the order is that of the groups.",
        caveat="The mechanism has one will and not six players, so a will of nine tenths is no forecast that nine groups in ten succeed: taken as "
        "one it lies above the groups' interval at the highest risk. Only the order and the threshold are met; 5, 1 and 0 are data. A fourth "
        "reading adds doubt of the others and gives less.",
        alt="Share of groups that reached the target with 95 % intervals, and the will to give in the run, by risk: both fall from nine chances in "
        "ten to one in ten; the will lies above the groups at the highest risk.",
        found=giving,
    ),
}


def output(ds: xr.Dataset, scenario: Any) -> str:
    """The answers as the terminal shows them."""
    text = StringIO()
    to_terminal(Page("", tuple(answers(ds, scenario))), Console(file=text, width=100, color_system=None))
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())


def shown(path: Path) -> list[str]:
    """A file of the scenario, included as it stands."""
    return [f"```{{literalinclude}} ../../{path.relative_to(HERE.parents[1]).as_posix()}", ":language: yaml", "```", ""]


def make(name: str, futures: int = 1000) -> tuple[str, Picture]:
    """Text of a page, and its picture."""
    page, scenario = PAGES[name], load(name)
    ds = run_job(scenario, futures=futures, seed=1)
    rows, chart = page.found(ds)
    folder = SCENARIOS / name
    text = [f"# {scenario.title}", "", f"Written by `{COMMAND}`.", "", page.shows, "", "## The scenario", "", scenario.note, ""]
    text += shown(folder / "scenario.yaml")
    text += ["Its readings:", ""]
    for theory in sorted(scenario.theories.values(), key=lambda t: t.order):
        text += shown(folder / "theories" / f"{theory.id}.yaml")
    text += ["## The command", "", "```console", f"$ detente run {name}", "```", "", "The answers, of what it prints:", ""]
    text += ["```text", output(ds, scenario), "```", "", "## The published result", "", page.reads, ""]
    text += [f"| what | {page.known} | in this run |", "| --- | --- | --- |"]
    text += [f"| {' | '.join(row)} |" for row in rows]
    text += ["", f"![{page.alt}]({name}.svg)", "", page.caveat, ""]
    linked = ", ".join(f"[`detente replicate {p}`](#{p})" for p in page.papers)
    text += [f"The published values number by number, by the same mechanisms: {linked}.", ""]
    return "\n".join(text), Picture(
        name, scenario.title, page.alt, dress(chart.properties(width=WIDTH, height=HEIGHT)).properties(background="white"), "", (), ()
    )


def index() -> str:
    """index.md."""
    lines = ["# Gallery", "", "Small scenarios after published work, each under 60 lines of YAML, run like any other.", ""]
    lines += ["```{toctree}", ":maxdepth: 1", "", *PAGES, "```", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    (HERE / "index.md").write_text(index(), encoding="utf-8")
    for wanted in sys.argv[1:] or PAGES:
        written, picture = make(wanted)
        (HERE / f"{wanted}.md").write_text(written, encoding="utf-8")
        (HERE / f"{wanted}.svg").write_text(to_svg(picture), encoding="utf-8")
