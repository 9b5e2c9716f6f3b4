"""How long `detente --help` takes when its files are in the disk cache: the budget is 0.3 s.

python benchmarks/help.py [RUNS]     prints the times and exits 1 when the median is over the budget
"""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

BUDGET = 0.3


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one run of the command."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main(runs: int = 10) -> int:
    """Time the command after one warming run; 0 when the median keeps the budget."""
    program = shutil.which("detente", path=str(Path(sys.executable).parent)) or "detente"
    first = seconds([program, "--help"])
    times = [seconds([program, "--help"]) for _ in range(runs)]
    median = statistics.median(times)
    print(
        f"first {first:.3f} s; then median {median:.3f} s, from {min(times):.3f} to {max(times):.3f} s over {runs} runs; budget {BUDGET} s"
    )
    return 0 if median <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:2])))
