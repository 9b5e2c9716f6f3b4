"""Do theories order the packages alike, do they part where the arguments part, and does every lever move something?

    python benchmarks/studies/rank_check.py [--futures 512] [--seed 1] [--result DIR]

Prints, for the shipped scenario: the rank correlation of packages between theories, per outcome (with --result from a finished job, else from a run of
its own); each lever alone with its largest relative change, told apart, over theories and outcomes; and the claims below, met or not. Exit code 1 where
a lever moves nothing by more than 5 % or a claim is contradicted; a claim that is not told apart is printed and is no failure.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from detente.engine.setup import prepare

prepare()

from detente.analysis import compare, levers, store  # noqa: E402
from detente.analysis.job import no_change, run_job  # noqa: E402
from detente.analysis.outcomes import OUTCOMES as TABLE  # noqa: E402
from detente.analysis.outcomes import items  # noqa: E402
from detente.engine.cache import load_or_assimilate  # noqa: E402
from detente.engine.compose import compose  # noqa: E402
from detente.engine.record import build_record  # noqa: E402
from detente.engine.simulate import Runner  # noqa: E402
from detente.scenario import load  # noqa: E402

OUTCOMES = (
    "crisis[nato_russia]",
    "clash[nato_russia]",
    "war_third",
    "reopened[mission]",
    "joint",
    "containment",
    "alarm[rus]",
    "cohesion[nato]",
)
SIGNED = "−1…1"
"""A scale that passes through nought: a change has no share of its mean."""
CLAIMS = (
    levers.Claim(
        "accommodation", "clash[nato_russia]", {"revisionist": 1, "grushko": -1}, "met interests quiet a seeker and invite a revisionist"
    ),
    levers.Claim(
        "build_up", "clash[nato_russia]", {"revisionist": -1, "grushko": 1}, "defence deters a revisionist and frightens a seeker"
    ),
    levers.Claim("presence", "clash[nato_russia]", {"revisionist": -1, "grushko": 1}, "the same of forward forces"),
    levers.Claim(
        "talk",
        "reopened[mission]",
        dict.fromkeys(("robertson", "graham", "thomson", "lukyanov"), 1),
        "all who speak of channels want them open",
    ),
    levers.Claim(
        "joint", "joint", dict.fromkeys(("robertson", "graham", "babst"), 1), "work on common challenges is done where it is paid for"
    ),
    levers.Claim("separation", "crisis[nato_russia]", dict.fromkeys(("thomson", "graham", "grushko"), -1), "forces apart meet less often"),
)


def correlations(result) -> None:
    some = compare.at_table(result, ("at", "off"))
    found = compare.orders(some)
    names = some["theory"].values.astype(str)
    print("\nrank correlation of packages between theories (lowest pair, middle, highest; pairs below nought)")
    for item in OUTCOMES:
        matrix = found.sel(item=item).values
        pairs = [(matrix[i, j], names[i], names[j]) for i in range(len(names)) for j in range(i) if np.isfinite(matrix[i, j])]
        values = [p[0] for p in pairs]
        low = min(pairs)
        print(
            f"  {item:24s} {low[0]:5.2f} ({low[2]}, {low[1]})  {np.median(values):5.2f}  {max(values):5.2f}   {sum(v < 0 for v in values)} of {len(values)}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--futures", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--result", help="folder of a finished result")
    asked = parser.parse_args()
    scenario = load("euro_atlantic")
    model = compose(scenario)
    runner, record = Runner(model), build_record(model)
    result = (
        store.read(asked.result) if asked.result else run_job(scenario, futures=asked.futures, seed=asked.seed, block=256, runner=runner)
    )
    correlations(result)
    theories = [t for t in scenario.ordered_theories() if t.table != "baseline"]
    learned = {t.id: load_or_assimilate(runner, t, record, seed=asked.seed) for t in theories}
    packages = levers.alone(scenario, model)
    base = scenario.policies[no_change(scenario)]
    counted = [i for i in items(model) if TABLE[i.outcome].unit != SIGNED]
    found = levers.moved(runner, learned, packages, base, counted, asked.futures, asked.seed, lambda t: print(f"  {t}", file=sys.stderr))
    print("\neach lever alone, as strong as any package pulls it: its largest change told apart, of the outcome's mean")
    rows = levers.largest(found)
    for row in rows:
        said = "moves nothing by more than 5 %" if not row.moves else f"{row.elsewhere} outcomes by more than 5 %"
        print(f"  {row.lever:20s} {100 * row.change:+7.0f} %  {row.item:28s} {row.theory:12s} {said}")
    print("\nwhere the arguments part, and where they agree")
    verdicts = []
    for claim in CLAIMS:
        gains = [
            f"{t} {float(found['gain'].sel(theory=t, policy=claim.lever, item=claim.item)):+.3f} ± {1.96 * float(found['gain_error'].sel(theory=t, policy=claim.lever, item=claim.item)):.3f}"
            for t in claim.signs
        ]
        verdicts.append(claim.check(found))
        print(f"  {claim.lever} on {claim.item}: {verdicts[-1]} ({claim.why}; {', '.join(gains)})")
    failed = [r for r in rows if not r.moves] or [v for v in verdicts if v.startswith("the other way")]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
