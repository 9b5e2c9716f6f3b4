"""`detente placebo`: where each reading's fit stands among random readings that move as much."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detente.analysis.placebo import BRIDGE, Found, Standing, moves_of, placebo, same_effort, standing, weigh
from detente.report import words
from detente.report.blocks import Figure, Grid, Page, put
from detente.report.files import write_text
from detente.report.picture import FAINT, INK, PAIR, Picture, dress, to_svg

FILE = "placebo.json"
FEWEST = 20
"""Placebos below which no place among them is told."""
OWN = 4
"""Times that a reading itself is weighed, with no more effort than a placebo."""
NOTE = (
    "A random reading moves as many unknowns as the reading does, by as much of their ranges and as far narrowed, on unknowns and to sides drawn at random. "
    "Place: how many of a hundred such readings fit the record no better than this one, with a 95 % interval for how few were drawn and for the errors of "
    "the evidence. The reading's fit is from bridges as short as theirs, which err alike, and may differ from `detente weigh`. "
    "Above 95 a fit is more than luck; near 50 any reading would do as well. In sample: it is the fit of our ranges, no support."
)


@dataclass(frozen=True)
class Request:
    """What was asked: `count` placebos per reading, None for those that are known."""

    scenario: str
    theories: tuple[str, ...]
    count: int | None
    figure: Path | None
    json: bool


Known = dict[str, list[Found]]


def placebo_command(request: Request) -> int:
    """Weigh what is missing, print the page. Raises ScenarioError when the request cannot be met."""
    from detente.report.learnt import begin, chosen, learn, working, write_picture

    scenario, runner = begin(request.scenario)
    names = [n for n in chosen(scenario, request.theories, ("at", "off")) if scenario.theories[n].ranges]

    def work(bar: Any) -> tuple[Known, dict[str, Any], str]:
        base = _baseline(runner)
        key = _key(runner)
        known = read(scenario, key)
        if request.count is not None:
            for done, total, name in extend(runner, base, known, names, request.count, scenario, key):
                bar.tell(f"{scenario.theories[name].argument}: random readings", done, total)
        gains = {n: same_effort(known[f"{n}/own"]) for n in names if known.get(f"{n}/own")}
        rest = [n for n in names if n not in gains]
        learnt = learn(runner, rest, 1, bar) if rest else {}
        return known, gains | {n: (p.log_evidence - base.log_evidence, p.log_evidence_error) for n, p in learnt.items()}, key

    known, gains, _ = working("placebo", work)
    page = build(scenario, names, known, gains)
    if request.figure is not None:
        write_picture(request.figure, page, words.foot(scenario.as_of))
    put(page, request.json)
    return 0


def _baseline(runner: Any) -> Any:
    from detente.engine.cache import load_or_assimilate
    from detente.engine.record import build_record

    return load_or_assimilate(runner, None, build_record(runner.model))


def _key(runner: Any) -> str:
    """Names what placebos were weighed by: the baseline's posterior, the theories' moves, the effort of a bridge."""
    import hashlib

    from detente.engine.assimilate import Settings
    from detente.engine.cache import posterior_key
    from detente.engine.record import build_record

    model = runner.model
    moves = {t.id: [asdict(m) for m in moves_of(model, t)] for t in model.scenario.ordered_theories()}
    whole = posterior_key(runner, model.ranges(None), build_record(model), Settings(), 1, json.dumps([asdict(BRIDGE), moves]))
    return hashlib.sha256(whole.encode()).hexdigest()[:24]


def read(scenario: Any, key: str) -> Known:
    """Placebos known of this model: those shipped with the scenario and the user's own, whichever are more."""
    out: Known = {}
    for path in (scenario.origin.folder / FILE, _own(key)):
        for name, rows in _kept(path, key).items():
            if len(rows) > len(out.get(name, ())):
                out[name] = rows
    return out


def _kept(path: Path, key: str) -> Known:
    """What a file holds of this model; nothing where it is of another one, or no whole file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["key"] != key:
            return {}
        return {name: [Found(float(g), float(e), str(w)) for g, e, w in rows] for name, rows in data["placebos"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _own(key: str) -> Path:
    from detente.engine.setup import cache_dir

    return cache_dir() / "placebo" / f"{key}.json"


def extend(runner: Any, base: Any, known: Known, names: Sequence[str], count: int, scenario: Any, key: str) -> Any:
    """Weigh placebos until each reading has `count`, a round of all readings at a time, kept after each; yields (done, total, name)."""
    import numpy as np

    from detente.engine.record import build_record

    model, record = runner.model, build_record(runner.model)
    total, done = (count + OWN) * len(names), 0
    moves = {n: moves_of(model, scenario.theories[n]) for n in names}

    def drawn(name: str, number: int) -> Any:
        if number < OWN:
            return model.ranges(scenario.theories[name])
        return placebo(model, moves[name], np.random.default_rng([scenario.theories[name].order, number - OWN, 0x91A]))

    for number in range(count + OWN):
        for name in names:
            rows, k = (known.setdefault(f"{name}/own", []), number) if number < OWN else (known.setdefault(name, []), number - OWN)
            if k >= len(rows):
                yield done, total, name
                rows.append(weigh(runner, base, drawn(name, number), record, number + 1))
                keep(known, key)
            done += 1


def keep(known: Known, key: str) -> None:
    """Write what is known to the user's cache, with what another process may have written there of other readings."""
    there = _kept(_own(key), key)
    whole = known | {n: more for n, more in there.items() if len(more) > len(known.get(n, ()))}
    rows = {n: [[round(f.gain, 4), round(f.error, 4), f.way] for f in found] for n, found in whole.items()}
    _own(key).parent.mkdir(parents=True, exist_ok=True)
    write_text(_own(key), json.dumps({"key": key, "placebos": rows}, indent=None, separators=(",", ":")) + "\n")


# --------------------------------------------------------------------------------------------------------------------------- page


def build(scenario: Any, names: Sequence[str], known: Mapping[str, Sequence[Found]], gains: Mapping[str, tuple[float, float]]) -> Page:
    """The page from its figures: gains are (log evidence less the baseline's, its error), in nats."""
    places = {n: standing(*gains[n], known[n]) for n in names if known.get(n)}
    grid = _grid(scenario, names, known, gains, places)
    picture = strip(scenario, [n for n in names if n in places], known, gains)
    lead = "No random readings have been weighed for this model yet: ask for them by --count." if not places else _lead(scenario, places)
    blocks = (lead, grid, *((_figure(picture),) if picture is not None else ()), words.foot(scenario.as_of))
    data = {
        "scenario": scenario.id,
        "as_of": scenario.as_of,
        "unit": "nats",
        "readings": {
            n: {
                "gain": gains[n][0],
                "error": gains[n][1],
                "standing": asdict(places[n]) if n in places else None,
                "placebos": [asdict(f) for f in known.get(n, ())],
            }
            for n in names
        },
    }
    return Page("Placebo: what a good fit is worth", blocks, data)


def among(runner: Any, names: Sequence[str]) -> tuple[Grid, dict[str, Any]] | None:
    """(table, figures) of those readings that have been weighed among random ones, shipped or by this user; None where none has."""
    scenario = runner.model.scenario
    known = read(scenario, _key(runner))
    mine = [n for n in names if known.get(n) and known.get(f"{n}/own")]
    if not mine:
        return None
    gains = {n: same_effort(known[f"{n}/own"]) for n in mine}
    places = {n: standing(*gains[n], known[n]) for n in mine}
    return _grid(scenario, mine, known, gains, places), {n: asdict(place) for n, place in places.items()}


def _grid(scenario: Any, names: Sequence[str], known: Any, gains: Any, places: Mapping[str, Standing]) -> Grid:
    columns = ("argument", "fit against the yardstick", "random readings", "their fit, middle half", "place among them", "reused")
    rows = tuple(_row(scenario, n, gains[n], places.get(n), known.get(n, ())) for n in names)
    return Grid("Fit of our readings among random ones", columns, rows, note=NOTE)


def _lead(scenario: Any, places: Mapping[str, Standing]) -> str:
    few = min(s.count for s in places.values())
    ahead = [scenario.theories[n].argument for n, s in places.items() if s.low > 0.95]
    behind = [scenario.theories[n].argument for n, s in places.items() if s.high < 0.05]
    parts = [f"{few} random readings or more were weighed beside each reading."]
    if few < FEWEST:
        parts.append(f"Fewer than {FEWEST} place nothing.")
    elif not ahead:
        parts.append("No reading fits the record better than nearly all random ones of its size.")
    if ahead:
        parts.append(f"Better than 95 in 100 of them: {words.listing(ahead)}.")
    if behind:
        parts.append(f"Less well than 95 in 100 of them: {words.listing(behind)}.")
    return " ".join(parts)


def _row(scenario: Any, name: str, gain: tuple[float, float], place: Standing | None, found: Sequence[Found]) -> tuple[str, ...]:
    import numpy as np

    argument = scenario.theories[name].argument
    own = f"{gain[0]:.1f} ± {gain[1]:.1f} nats".replace("-", "−")
    if place is None:
        return (argument, own, "none", "–", "not known", "–")
    first, last = np.quantile([f.gain for f in found], [0.25, 0.75])
    said = (
        f"{round(100 * place.share)} in 100 ({round(100 * place.low)} to {round(100 * place.high)})"
        if place.count >= FEWEST
        else "too few to say"
    )
    reused = sum(f.way == "reused" for f in found)
    return (argument, own, str(place.count), f"{first:.1f} to {last:.1f}".replace("-", "−"), said, f"{reused} of {place.count}")


def strip(
    scenario: Any, names: Sequence[str], known: Mapping[str, Sequence[Found]], gains: Mapping[str, tuple[float, float]]
) -> Picture | None:
    """A row per reading: a tick per random reading, a dot for the reading."""
    import altair as alt

    if not names:
        return None
    order = [scenario.theories[n].argument for n in names]
    ticks = [{"argument": scenario.theories[n].argument, "fit": f.gain} for n in names for f in known[n]]
    dots = [
        {
            "argument": scenario.theories[n].argument,
            "fit": gains[n][0],
            "low": gains[n][0] - 2 * gains[n][1],
            "high": gains[n][0] + 2 * gains[n][1],
            "text": f"{gains[n][0]:.1f} ± {gains[n][1]:.1f}".replace("-", "−"),
            "column": "fit, nats",
        }
        for n in names
    ]
    y = alt.Y("argument:N", sort=order, title=None, axis=alt.Axis(labelLimit=280, ticks=False, domain=False))
    x: dict[str, Any] = {"title": "log evidence less the yardstick's, nats"}
    chart = alt.layer(
        alt.Chart(alt.Data(values=ticks)).mark_tick(color=FAINT, opacity=0.6, height=14).encode(y=y, x=alt.X("fit:Q", **x)),
        alt.Chart(alt.Data(values=dots)).mark_rule(color=PAIR[0], strokeWidth=2).encode(y=y, x=alt.X("low:Q", **x), x2="high:Q"),
        alt.Chart(alt.Data(values=dots)).mark_point(color=INK, fill=PAIR[0], size=55, opacity=1).encode(y=y, x=alt.X("fit:Q", **x)),
    ).properties(width=460, height=26 * len(names))
    return Picture(
        "placebo",
        "Each reading among random readings of its size",
        "One row per reading: a tick for each random reading, a dot for the reading itself; farther right fits the record better.",
        dress(chart),
        "Ticks: random readings; dot: the reading, with two standard errors. In sample.",
        ("argument", "fit, nats"),
        tuple((d["argument"], d["text"]) for d in dots),
    )


def _figure(picture: Picture) -> Figure:
    return Figure(
        picture.title, to_svg(picture), picture.alt, Grid(picture.title, picture.columns, picture.rows), picture.note, key=picture.key
    )
