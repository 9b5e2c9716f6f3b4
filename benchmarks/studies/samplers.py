"""Samplers of the same posterior at about equal cost: which repeats itself, and does twice the work change its answer?

    python benchmarks/studies/samplers.py [--minutes 30] [--seeds 3] [--methods tempered bootstrap waste_free gradient tempered_twice]
    python benchmarks/studies/samplers.py --scenario small --work 0.05 --seeds 2

Each run is kept in results/samplers.json as it ends; a study that was stopped goes on. Of the baseline: log evidence, distinct draws of the prior left,
spreads of the unknowns, shares of futures in which headline outcomes happen. Cost is counted in histories of the whole record.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from detente.engine.setup import prepare

prepare()

import _kernels as kernels  # noqa: E402
from _common import work  # noqa: E402

from detente import scenario as files  # noqa: E402
from detente.analysis.job import no_change, run_job  # noqa: E402
from detente.engine.assimilate import Posterior, Settings, assimilate  # noqa: E402
from detente.engine.cache import posterior_key  # noqa: E402
from detente.engine.compose import compose  # noqa: E402
from detente.engine.record import build_record  # noqa: E402
from detente.engine.simulate import Runner  # noqa: E402

METHODS = ("tempered", "bootstrap", "waste_free", "gradient", "tempered_twice")
FUTURES = 1024


def loaded(name: str) -> Any:
    if name != "small":
        return files.load(name)
    with tempfile.TemporaryDirectory() as folder:
        return files.load(files.new(Path(folder) / "small"))


def run(method: str, runner: Runner, record: Any, seed: int, share: float) -> Posterior:
    """One run; `share` of the usual work."""
    ranges, usual = runner.model.ranges(None), Settings()

    def some(x: float) -> int:
        return max(2, round(share * x))

    if method.startswith("tempered"):
        times = 2 if method.endswith("twice") else 1
        moves = {k: times * some(getattr(usual, k)) for k in ("moves", "final_moves")}
        found = assimilate(runner, None, record, replace(usual, particles=times * usual.particles, **moves), seed)
        return replace(found, health=found.health | {"cost": float(found.chains * (found.health["evaluations"] + 1) + found.size)})
    if method == "bootstrap":
        return kernels.bootstrap(runner, record, ranges, max(1024, round(share * 64_000)), seed)
    typical = 0.6  # of the moves that a level may take, before likelihoods have forgotten
    if method == "waste_free":  # as many histories a level as the usual moves of the usual particles
        return kernels.waste_free(runner, record, ranges, usual.particles, some(typical * usual.moves), seed)
    steps = (some(typical * x / kernels.SLOPE) for x in (usual.moves, usual.final_moves))
    return kernels.gradient(runner, record, ranges, usual.particles, *steps, seed)


def shares(scenario: Any, runner: Runner, learnt: Posterior, seed: int) -> dict[str, list[float]]:
    """Headline shares of futures under no change, with their errors."""
    base = next((t.id for t in scenario.ordered_theories() if t.table == "baseline"), next(iter(scenario.theories)))
    result = run_job(scenario, [base], [no_change(scenario)], FUTURES, seed, learn=lambda *_: learnt, runner=runner)
    return {
        str(i): [round(float(result[v][0, 0, k]), 4) for v in ("mean", "error")]
        for k, i in enumerate(result["item"].values)
        if bool(result["share"][k])
    }


def one(method: str, scenario: Any, runner: Runner, record: Any, seed: int, share: float) -> dict[str, Any]:
    began = time.process_time()
    learnt = run(method, runner, record, seed, share)
    return {
        "log_evidence": round(float(learnt.log_evidence), 3),
        "cost": learnt.health["cost"],
        "roots": round(float(learnt.health["roots"]) * learnt.size),
        "spread": [round(float(q), 3) for q in np.quantile(learnt.z.std(axis=1), (0.0, 0.1, 0.5))],
        "processor_seconds": round(time.process_time() - began, 1),
        "shares": shares(scenario, runner, learnt, seed),
    }


def table(done: dict[str, Any], methods: list[str]) -> None:
    print(
        f"{'':16s}{'runs':>5s}{'histories':>11s}{'cpu s':>8s}{'log evidence':>15s}{'sd':>7s}{'prior draws left':>18s}{'shares apart':>14s}"
    )
    for method in methods:
        rows = [row for key, row in done.items() if key.split("/")[0] == method]
        if not rows:
            continue
        value = np.array([r["log_evidence"] for r in rows])
        each = np.array([[s[0] for s in r["shares"].values()] for r in rows])
        apart = float(np.median(np.ptp(each, axis=0)[each.mean(axis=0) > 0.02])) if len(rows) > 1 and each.size else np.nan
        sd = value.std(ddof=1) if len(rows) > 1 else np.nan
        cost, cpu, roots = (np.mean([r[k] for r in rows]) for k in ("cost", "processor_seconds", "roots"))
        print(f"{method:16s}{len(rows):5d}{cost:11.0f}{cpu:8.0f}{value.mean():15.2f}{sd:7.2f}{roots:18.0f}{apart:14.3f}")


def main(given: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="euro_atlantic")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--work", type=float, default=1.0)
    parser.add_argument("--minutes", type=float, default=30.0)
    asked = parser.parse_args(given)
    scenario = loaded(asked.scenario)
    runner = Runner(compose(scenario))
    record = build_record(runner.model)
    head = {"program": posterior_key(runner, runner.model.ranges(None), record, Settings(), 1)[:16], "work": asked.work, "futures": FUTURES}
    pieces = (
        (f"{m}/{seed}", lambda m=m, seed=seed: one(m, scenario, runner, record, seed, asked.work))
        for seed in range(1, asked.seeds + 1)
        for m in asked.methods
    )
    name = "samplers" + ("" if asked.scenario == "euro_atlantic" else f"_{asked.scenario}")
    table(work(name, head, pieces, asked.minutes)["done"], list(METHODS))


if __name__ == "__main__":
    main()
