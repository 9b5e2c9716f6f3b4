"""Time and memory of the main job, as a whole process: seven theories at the table, every package, 1,000 futures.

    python benchmarks/main_job.py            with the assimilation cached (runs once before, unmeasured, where it is not)
    python benchmarks/main_job.py --fresh    from scratch

Prints wall seconds, processor seconds, peak memory, futures and futures a second. Says how busy the machine was, since shared cores make wall time mean little.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

from detente.scenario import load

AT_TABLE = ("grushko", "robertson", "graham", "thomson", "babst", "lukyanov", "timofeev")


def run(folder: str, fresh: bool) -> tuple[float, float, float]:
    """(wall, processor) seconds and peak MB of one `detente run`."""
    command = [sys.executable, "-m", "detente.cli", "run", "--out", folder, "--format", "none", "--json"]
    command += [word for name in AT_TABLE for word in ("--theory", name)] + (["--fresh"] if fresh else [])
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, used, after.ru_maxrss / 1024


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fresh", action="store_true", help="learn from the record again")
    fresh = parser.parse_args().fresh
    with tempfile.TemporaryDirectory() as folder:
        if not fresh:
            run(os.path.join(folder, "before"), False)
        wall, used, peak = run(os.path.join(folder, "measured"), fresh)
    futures = 1000 * len(AT_TABLE) * len(load("euro_atlantic").policies)
    print(
        f"{'from scratch' if fresh else 'cached'}: {wall:.1f} s wall, {used:.1f} s processor, {peak:.0f} MB at most; "
        f"{futures} futures of ten years, {futures / wall:.0f} a second; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
