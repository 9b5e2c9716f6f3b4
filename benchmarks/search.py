"""Time of the exhaustive search: 12 levers, every package, the seven theories at the table.

    python benchmarks/search.py                  the whole search, with what was learnt cached (learnt before, unmeasured, where it is not)
    python benchmarks/search.py --most 6         a smaller one, and what its rate makes of 12 levers

Prints futures simulated, futures a second of wall time and of processor time, rounds, and how busy the machine was: on shared cores wall time means
little, and processor seconds over the number of cores is what a quiet machine would take at best.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import time

from detente.engine.setup import prepare


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=12, help="how many levers")
    parser.add_argument("--futures", type=int, default=256, help="futures per package and theory at most")
    asked = parser.parse_args()
    prepare()
    from detente.analysis.search import search
    from detente.engine.cache import load_or_assimilate
    from detente.engine.compose import compose
    from detente.engine.record import build_record
    from detente.engine.simulate import Runner, workers
    from detente.scenario import load

    scenario = load("euro_atlantic")
    runner = Runner(compose(scenario))
    record = build_record(runner.model)
    theories = [t for t in scenario.ordered_theories() if t.table == "at"]
    learnt = {t.id: load_or_assimilate(runner, t, record, seed=1) for t in theories}
    search(runner, learnt, most=1, futures=32)  # compile
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    ds = search(runner, learnt, most=asked.most, futures=asked.futures)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    simulated, cores = int(ds.attrs["simulated"]), workers()
    rounds = "; ".join(f"{int(b):,} packages to {int(f)} futures" for b, f in zip(ds["before"].values, ds["futures"].values, strict=True))
    print(
        f"{ds.attrs['packages']:,} packages of {ds.sizes['lever']} levers, {len(learnt)} theories: {rounds}; {ds.sizes['package']:,} left"
    )
    print(f"{simulated:,} futures in {wall:.0f} s ({simulated / wall:,.0f} a second), load {os.getloadavg()[0]:.1f}")
    print(
        f"{used:.0f} s of processor ({simulated / used:,.0f} futures a processor second): at best {used / cores:.0f} s on {cores} quiet cores"
    )
    if asked.most < 12:
        first, whole = 32, 2**12 * len(learnt)
        shares = ds["before"].values / ds.attrs["packages"]
        futures = [int(f) for f in ds["futures"].values]
        steps = [first, *(b - a for a, b in itertools.pairwise(futures))]
        wanted = whole * sum(float(s) * n for s, n in zip(shares, steps, strict=True))
        print(
            f"12 levers, were as large a share set aside in each round: {wanted:,.0f} futures, {wanted / (simulated / used) / cores:.0f} s at best"
        )


if __name__ == "__main__":
    main()
