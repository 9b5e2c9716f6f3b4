"""What the report takes beside the job: responses for its sliders; and, for the whole report, what moves the answers, where packages fail, the fit over time
and its fragility, who disagrees about what, what to watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.engine.compose import Model
from detente.report.blocks import Block, Fold

if TYPE_CHECKING:
    import xarray as xr

Tell = Callable[[str, int, int], None]
Parts = dict[str, tuple[Block, ...]]
"""Blocks by the key of what takes them: a section, `moves-Q1`, `package-<id>`."""
FUTURES = 512
"""Futures of a reading in these analyses."""


@dataclass(frozen=True)
class Desk:
    """A result with its programs and what each reading has learnt, by id."""

    ds: xr.Dataset
    model: Model
    runner: Any
    learnt: Mapping[str, Any]

    @property
    def seed(self) -> int:
        """The result's seed."""
        return int(self.ds.attrs["seed"])

    @property
    def readings(self) -> list[Any]:
        """Theories of the result but the yardstick, in its order."""
        return [t for t in map(self.model.scenario.theories.__getitem__, self.learnt) if t.table != "baseline"]


def desk(ds: xr.Dataset, model: Model, learn: Callable[..., Any] | None = None) -> Desk:
    """What each reading of a result has learnt, from the cache, where the job left it. `learn` as in `run_job`."""
    from detente.engine.cache import load_or_assimilate
    from detente.engine.record import build_record
    from detente.engine.simulate import Runner

    runner, record, seed = Runner(model), build_record(model), int(ds.attrs["seed"])
    take = learn or (lambda runner, theory, record, seed, progress: load_or_assimilate(runner, theory, record, seed=seed))
    names = [str(t) for t in ds["theory"].values]
    return Desk(ds, model, runner, {t: take(runner, model.scenario.theories[t], record, seed, None) for t in names})


Moves = Mapping[str, Mapping[str, Mapping[str, tuple[float, float]]]]
"""Item → parameter on which it turns → theory → index and half-width, as `packages.movers` has it."""


def turning(d: Desk, tell: Tell) -> Moves:
    """On which parameters the first answer of each question turns within the readings; nothing where no record was learnt from."""
    from detente.report.compare_run import movers_of

    if not d.model.scenario.record or not d.readings:
        return {}
    tell("on which parameters the answers turn", 0, 1)
    return movers_of(d.ds, d.model.scenario, d.runner, d.learnt)


def doubted(d: Desk, moves: Moves) -> dict[str, tuple[float, float]]:
    """The one parameter on which most answers turn, under most readings, with the lowest and highest value that any reading gives it."""
    count: dict[str, int] = {}
    for found in moves.values():
        for name, under in found.items():
            count[name.partition("[")[0]] = count.get(name.partition("[")[0], 0) + len(under)
    if not count:
        return {}
    most = max(count, key=lambda name: count[name])
    rows = d.model.find(most)
    ranges = np.stack([d.model.ranges(d.model.scenario.theories[t])[rows, :2] for t in d.learnt])
    return {most: (float(ranges[..., 0].min()), float(ranges[..., 1].max()))}


def responses(d: Desk, tell: Tell, held: Mapping[str, tuple[float, float]] | None = None) -> xr.Dataset | None:
    """The grid behind the sliders, also with parameters `held` at two values; None where no package can be told apart from no change."""
    from detente.analysis.grid import choose, respond
    from detente.report.cards import answering

    chosen = choose(d.ds, d.model.scenario, d.model, answering(d.ds, d.model.scenario))
    return respond(d.runner, d.model.scenario, d.learnt, chosen, held, seed=d.seed, tell=tell) if chosen else None


def parts(d: Desk, tell: Tell, moves: Moves) -> Parts:
    """`fit`, `crux`, `signposts`, `moves-…`, `package-…` of a result; what the scenario has nothing for is left out. Takes minutes."""
    out = _packages(d, tell)
    at = [t for t in d.readings if t.table == "at"] or d.readings
    if d.model.scenario.record and d.readings:
        out |= _moves(d, moves)
        out["fit"] = _fit(d, at, tell)
        if len(d.readings) > 1:
            out["crux"] = _crux(d, tell)
            out["signposts"] = _signposts(d, [t.id for t in at], tell)
    return {key: blocks for key, blocks in out.items() if blocks}


def _moves(d: Desk, moves: Moves) -> Parts:
    """On which parameters the answers turn, a sentence per question."""
    from detente.report.compare import moved

    sentences = {key: moved(d.ds, d.model.scenario, key, moves) for key in d.model.scenario.questions}
    return {f"moves-{key}": (text,) for key, text in sentences.items() if text}


def _packages(d: Desk, tell: Tell) -> Parts:
    """Where each package fails and holds, and the signs that it is failing."""
    from detente.analysis.packages import plan_of, study
    from detente.report.package import looked_at
    from detente.report.provenance import keyed

    scenario, base = d.model.scenario, str(d.ds.attrs["no_change"])
    chosen = [str(p) for p in d.ds["policy"].values if str(p) != base]
    if not scenario.values or not d.readings:
        return {}
    plan, learnt = plan_of(scenario, d.model, base), {t.id: d.learnt[t.id] for t in d.readings}
    out: Parts = {}
    for k, name in enumerate(chosen):
        tell(f"{scenario.policies[name].label}: where it fails", k, len(chosen))
        found = study(plan, d.runner, scenario.policies[name], learnt, FUTURES, d.seed)
        out[f"package-{name}"] = tuple(keyed(b, name) for b in looked_at(found, scenario, d.model))
    return out


def _fit(d: Desk, theories: list[Any], tell: Tell) -> tuple[Block, ...]:
    from detente.analysis.weigh import Study, weigh
    from detente.report.weigh import weigh_blocks
    from detente.report.weigh_charts import figure

    found = weigh(d.runner, Study(tuple(theories), (d.seed,)), tell)
    blocks = weigh_blocks(found, d.model.scenario, figure(found, d.model.scenario))
    return (blocks[0], Fold("Fit of our reading, over time and by series: open on request", blocks[1:]))


def _crux(d: Desk, tell: Tell) -> tuple[Block, ...]:
    from detente.analysis import crux
    from detente.analysis.outcomes import items
    from detente.report.compare import first_view
    from detente.report.crux_charts import blocks

    scenario, theories = d.model.scenario, d.readings
    learnt = [d.learnt[t.id] for t in theories]
    base = scenario.policies[str(d.ds.attrs["no_change"])]
    found = crux.everyone(
        d.runner, theories, learnt, items(d.model), base, FUTURES, d.seed, lambda done, total: tell("pairs of readings", done, total)
    )
    apart = abs(found["difference"]) > crux.Z95 * found["difference_error"]
    shown = [i for i in first_view(d.ds, scenario) if i in {str(x) for x in found["item"].values}]
    most = shown[int(np.argmax([int(apart.sel(item=i).sum()) for i in shown]))]
    return blocks(scenario, found, most)


def _signposts(d: Desk, theories: list[str], tell: Tell) -> tuple[Block, ...]:
    from detente.analysis.watch import signposts, watch
    from detente.report.watch import watch_page

    if len(theories) < 2:
        return ()
    found = watch(d.model.scenario, tuple(theories), futures=FUTURES, seed=d.seed, progress=tell)
    survival = d.ds["survival"].assign_coords(theory=d.ds["theory"].values.astype(str)).sel(theory=sorted(theories))
    return watch_page(found, signposts(found, survival), d.model.scenario).blocks
