"""The parts of the report that take analyses of their own: the fit over time and its fragility, who disagrees about what, what to watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.engine.compose import Model
from detente.report.blocks import Block, Fold

if TYPE_CHECKING:
    import xarray as xr

Tell = Callable[[str, int, int], None]
Parts = dict[str, tuple[Block, ...]]
"""Blocks by the key of the section that takes them."""


def parts(ds: xr.Dataset, model: Model, tell: Tell) -> Parts:
    """`fit`, `crux` and `signposts` of a result; an analysis that the scenario has nothing for is left out. Takes a minute or two once learning is kept."""
    out: Parts = {}
    theories = [str(t) for t in ds["theory"].values]
    readings = [model.scenario.theories[t] for t in theories if model.scenario.theories[t].table != "baseline"]
    if not model.scenario.record or not readings:
        return out
    out["fit"] = _fit(model, [t for t in readings if t.table == "at"] or readings, int(ds.attrs["seed"]), tell)
    if len(readings) > 1:
        out["crux"] = _crux(ds, model, readings, tell)
        out["signposts"] = _signposts(ds, model, [t.id for t in readings if t.table == "at"], tell)
    return {key: blocks for key, blocks in out.items() if blocks}


def _fit(model: Model, theories: list[Any], seed: int, tell: Tell) -> tuple[Block, ...]:
    from detente.analysis.weigh import Study, weigh
    from detente.engine.simulate import Runner
    from detente.report.weigh import weigh_blocks
    from detente.report.weigh_charts import figure

    found = weigh(Runner(model), Study(tuple(theories), (seed,)), tell)
    blocks = weigh_blocks(found, model.scenario, figure(found, model.scenario))
    return (blocks[0], Fold("Fit of our reading, over time and by series: open on request", blocks[1:]))


def _crux(ds: xr.Dataset, model: Model, theories: list[Any], tell: Tell) -> tuple[Block, ...]:
    from detente.analysis import crux
    from detente.analysis.job import no_change
    from detente.analysis.outcomes import items
    from detente.engine.cache import load_or_assimilate
    from detente.engine.record import build_record
    from detente.engine.simulate import Runner
    from detente.report.compare import first_view
    from detente.report.crux_charts import blocks

    runner, record, seed, scenario = Runner(model), build_record(model), int(ds.attrs["seed"]), model.scenario
    learnt = [load_or_assimilate(runner, t, record, seed=seed) for t in theories]
    base = scenario.policies[no_change(scenario)]
    found = crux.everyone(
        runner, theories, learnt, items(model), base, FUTURES, seed, lambda done, total: tell("pairs of readings", done, total)
    )
    apart = abs(found["difference"]) > crux.Z95 * found["difference_error"]
    shown = [i for i in first_view(ds, scenario) if i in {str(x) for x in found["item"].values}]
    most = shown[int(np.argmax([int(apart.sel(item=i).sum()) for i in shown]))]
    return blocks(scenario, found, most)


def _signposts(ds: xr.Dataset, model: Model, theories: list[str], tell: Tell) -> tuple[Block, ...]:
    from detente.analysis.watch import signposts, watch
    from detente.report.watch import watch_page

    if len(theories) < 2:
        return ()
    found = watch(model.scenario, tuple(theories), futures=FUTURES, seed=int(ds.attrs["seed"]), progress=tell)
    survival = ds["survival"].assign_coords(theory=ds["theory"].values.astype(str)).sel(theory=sorted(theories))
    return watch_page(found, signposts(found, survival), model.scenario).blocks


FUTURES = 512
"""Futures of a reading in these analyses."""
