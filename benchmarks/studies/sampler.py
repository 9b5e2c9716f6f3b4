"""How far the sampler repeats itself: log evidence and headline shares over seeds, at the usual effort and at a multiple of it.

    python benchmarks/studies/sampler.py --seeds 1 2 3 --theory grushko --theory thomson
    python benchmarks/studies/sampler.py --seeds 1 2 --work 2

What a seed has learnt is kept in the user's cache, so a study that was stopped goes on where it was. Writes benchmarks/studies/results/sampler.json: each
run by its theory, seed and multiple of work, added to those that stand there from the same program.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from detente.engine.setup import prepare

prepare()

from detente.analysis.job import no_change, run_job  # noqa: E402
from detente.engine.assimilate import Settings  # noqa: E402
from detente.engine.cache import load_or_assimilate, posterior_key  # noqa: E402
from detente.engine.compose import compose  # noqa: E402
from detente.engine.record import build_record  # noqa: E402
from detente.engine.simulate import Runner  # noqa: E402
from detente.scenario import load  # noqa: E402

RESULT = Path(__file__).parent / "results" / "sampler.json"


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="euro_atlantic")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--theory", action="append", default=[])
    parser.add_argument("--work", type=float, default=1.0, help="multiple of the usual moves")
    parser.add_argument("--futures", type=int, default=1024)
    asked = parser.parse_args()
    scenario = load(asked.scenario)
    runner = Runner(compose(scenario))
    record = build_record(runner.model)
    usual = Settings()
    settings = replace(usual, **{k: round(asked.work * getattr(usual, k)) for k in ("moves", "bridge_moves", "final_moves")})
    program = posterior_key(runner, runner.model.ranges(None), record, usual, 1)
    kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    runs = kept["runs"] if kept.get("program") == program else {}
    base = next(t.id for t in scenario.ordered_theories() if t.table == "baseline")
    for seed in asked.seeds:
        for name in dict.fromkeys([base, *asked.theory]):
            began = time.perf_counter()
            learnt = load_or_assimilate(runner, scenario.theories[name], record, settings, seed)
            result = run_job(
                scenario, [name], [no_change(scenario)], asked.futures, seed, learn=lambda *_, learnt=learnt: learnt, runner=runner
            )
            shares = {
                str(i): [round(float(result["mean"][0, 0, k]), 4), round(float(result["error"][0, 0, k]), 4)]
                for k, i in enumerate(result["item"].values)
                if bool(result["share"][k])
            }
            runs[f"{name}/{seed}/{asked.work:g}"] = {
                "log_evidence": round(learnt.log_evidence, 3),
                "error": round(learnt.log_evidence_error, 3),
                "mean_log_likelihood": round(float(learnt.log_likelihood.mean()), 2),
                "ancestors": round(learnt.health["ancestors"], 4),
                "roots": round(learnt.health["roots"], 4),
                "levels": len(learnt.health["levels"]),
                "spread_of_unknowns": [round(float(q), 3) for q in np.quantile(learnt.z.std(axis=1), (0.0, 0.1, 0.5, 0.9))],
                "shares": shares,
            }
            RESULT.parent.mkdir(exist_ok=True)
            RESULT.write_text(json.dumps({"program": program, "runs": runs}, indent=1, sort_keys=True) + "\n")
            one = runs[f"{name}/{seed}/{asked.work:g}"]
            print(
                name,
                seed,
                one["log_evidence"],
                "±",
                one["error"],
                f"{time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
