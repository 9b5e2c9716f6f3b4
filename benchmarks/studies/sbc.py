"""Simulation-based calibration of the sampler on four mechanisms of the small scenario of `detente new`: unknowns recovered from records that they told.

    python benchmarks/studies/sbc.py [RUNS] [MINUTES]        goes on where it was stopped; result in results/sbc.json

Each record holds interventions of every quarter and measures of output, spending, stockpiles, conduct and hawks at each year's end, over ten years; its
likelihood is exact (no slips, weights of one). The other mechanisms' states are held still: small, so that there can be many records.
"""

import sys
import tempfile
from pathlib import Path

from detente.engine.setup import prepare

prepare(1)

import numpy as np  # noqa: E402
from _common import work  # noqa: E402

from detente import scenario as files  # noqa: E402
from detente.analysis import method  # noqa: E402
from detente.engine.assimilate import Settings  # noqa: E402
from detente.engine.cache import posterior_key  # noqa: E402
from detente.engine.compose import compose  # noqa: E402
from detente.engine.simulate import Runner  # noqa: E402

DRAWS = 19
SETTINGS = Settings()
MECHANISMS = ("shocks", "conduct", "hawks", "arms")
STILL = {
    "threat": 0.6, "grievance": 0.5, "joint": 0.3, "drive": 0.2, "intent": 0.0, "rupture": 0.0, "facade": 0.0, "mission": 0.0, "cohesion": 0.7,
    "in_force": 1.0, "compliance": 1.0, "opened": 0.0, "entered": 0.0, "rung": 0.0,
}  # fmt: skip
ERRORS = {"gdp": 0.02, "arms": 0.05, "warheads": 0.05, "conduct": 0.1, "hawks": 0.5}


def small():
    """The template's actors and pairs under four mechanisms."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = files.load(files.new(Path(folder) / "small"))
    still = {name: {"*": value} for name, value in STILL.items()}
    return compose(
        scenario.model_copy(update={"mechanisms": MECHANISMS, "record": (), "ranges": {}, "initial": still | dict(scenario.initial)})
    )


def main(runs: int = 400, minutes: float = 10.0) -> None:
    model = small()
    runner = Runner(model)
    like = method.full_record(model, ERRORS)
    theta, luck = method.truths(model, model.ranges(None), 20260101, runs)
    told = method.histories(model, theta, luck, (*like.events, *like.choices, *like.measures))

    def one(k: int) -> dict[str, object]:
        record = method.record_like(like, told, k, theta[:, k], np.random.default_rng([7, k]), method.EXACT)
        ranks, families = method.ranks_of(runner, record, theta[:, k], SETTINGS, k + 1, DRAWS)
        return {"ranks": ranks.tolist(), "families": round(families, 4)}

    head = {
        "draws": DRAWS,
        "settings": vars(SETTINGS),
        "rows": [r.name for r in model.rows],
        "key": posterior_key(runner, model.ranges(None), like, SETTINGS, 0)[:16],
    }
    work("sbc", head, ((str(k), lambda k=k: one(k)) for k in range(runs)), minutes)


if __name__ == "__main__":
    main(*(t(x) for t, x in zip((int, float), sys.argv[1:])))
