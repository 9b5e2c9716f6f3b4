"""Time of `detente compare` at its defaults, as a whole process: every reading, every package, 1,000 futures.

    python benchmarks/compare.py

Twice: with what was learnt cached but no result kept (the job is run; learnt before, unmeasured, where it is not), and of the result that this keeps.
Prints wall and processor seconds, futures simulated and futures a second.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time

from detente.engine.setup import cache_dir
from detente.scenario import load


def compare() -> tuple[float, float]:
    """(wall, processor) seconds of one `detente compare`."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "detente.cli", "compare"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Run and print."""
    scenario = load("euro_atlantic")
    futures = 1000 * len(scenario.ordered_theories()) * len(scenario.policies)
    compare()
    shutil.rmtree(cache_dir() / "results" / f"{scenario.id}-1000-1.zarr")
    for label in ("the job run", "a result kept"):
        wall, used = compare()
        rate = f", {futures} futures, {futures / wall:.0f} a second" if label == "the job run" else ""
        print(f"{label}: {wall:.1f} s wall, {used:.1f} s processor{rate}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
