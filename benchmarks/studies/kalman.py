"""Evidence of the sampler against exact values, for the arms mechanism alone with fear held fixed.

    python benchmarks/studies/kalman.py [SEEDS] [MINUTES]        goes on where it was stopped; result in results/kalman.json

Stockpiles: linear and Gaussian, Kalman's recursion and quadrature. Budgets of 1909 to 1913: Richardson's race, an extended Kalman filter and importance
sampling, checked against a filter on a grid.
"""

import sys
from datetime import date

from detente.engine.setup import prepare

prepare(1)

import numpy as np  # noqa: E402
from _common import work  # noqa: E402

import detente  # noqa: E402
from detente.analysis import exact, method  # noqa: E402
from detente.engine.assimilate import Settings, assimilate  # noqa: E402
from detente.engine.cache import posterior_key  # noqa: E402
from detente.engine.compose import compose  # noqa: E402
from detente.engine.record import build_record  # noqa: E402
from detente.engine.simulate import Runner  # noqa: E402

EFFORTS = {"256 particles": Settings(), "1,024 particles": Settings(particles=1024)}


def stockpiles():
    """Sixteen years of two stockpiles, told by one draw of the prior."""
    scenario = detente.load("richardson_1914")
    scenario = scenario.model_copy(
        update={
            "actors": {k: a.model_copy(update={"nuclear": True}) for k, a in scenario.actors.items()},
            "history": scenario.history.model_copy(update={"end": date(1924, 12, 31)}),
            "horizon": scenario.horizon.model_copy(update={"end": date(1925, 12, 31)}),
            "initial": {**scenario.initial, "warheads": {"*": 50.0}},
        }
    )
    model = compose(scenario)
    like = method.full_record(model, {"warheads": 0.05})
    theta, luck = method.truths(model, model.ranges(None), 3, 1)
    told = method.histories(model, theta, luck, ("warheads",))
    record = method.record_like(like, told, 0, theta[:, 0], np.random.default_rng(4), method.EXACT)
    return model, record, (exact.stockpiles(model, record, model.ranges(None)), 0.0)


def race():
    """The shipped scenario as it is."""
    model = compose(detente.load("richardson_1914"))
    record = build_record(model)
    return model, record, exact.race_evidence(model, record, model.ranges(None))


def main(seeds: int = 12, minutes: float = 10.0) -> None:
    parts = {}
    for name, make in (("stockpiles", stockpiles), ("budgets", race)):
        model, record, (value, error) = make()
        parts[name] = Runner(model), record, value, error

    def one(name: str, effort: str, seed: int) -> dict[str, float]:
        runner, record, _, _ = parts[name]
        found = assimilate(runner, None, record, EFFORTS[effort], seed)
        return {"log": round(found.log_evidence, 4), "own_error": round(found.log_evidence_error, 4)}

    head = {
        "exact": {name: [round(value, 4), round(error, 4)] for name, (_, _, value, error) in parts.items()},
        "unknowns": {name: int((r.model.ranges(None)[:, 0] < r.model.ranges(None)[:, 1]).sum()) for name, (r, _, _, _) in parts.items()},
        "key": {name: posterior_key(r, r.model.ranges(None), record, Settings(), 0)[:16] for name, (r, record, _, _) in parts.items()},
    }
    pieces = [(n, e, k) for k in range(1, seeds + 1) for e in EFFORTS for n in parts]
    work("kalman", head, ((f"{n}|{e}|{k}", lambda n=n, e=e, k=k: one(n, e, k)) for n, e, k in pieces), minutes)


if __name__ == "__main__":
    main(*(t(x) for t, x in zip((int, float), sys.argv[1:])))
