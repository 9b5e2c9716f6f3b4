"""The common small model in C++ by hand, JAX and NumPy: checked, then timed.

    python benchmarks/common/run.py

Needs g++ for the floor. Prints futures a second on one and two threads and writes RESULTS.md. The machine may be shared: each figure is the
best of several short runs, with the versions taking turns, so that all of them meet quiet moments.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ["-std=c++17", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-pthread"]
ROUNDS, SECONDS, CHECKED = 4, 4.0, 1 << 20
CHUNKS = 4  # a device, a run: some eight milliseconds, short enough to fit between other people's turns


def pin(cpus: int) -> None:
    """Keep this process and what it starts to so many processors: JAX would lend one device the other core's idle threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cpus:])


def fastest(call: Callable[[], object], seconds: float) -> float:
    least, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        least = min(least, time.perf_counter() - start)
    return least


def time_jax(workers: int) -> dict[str, float]:
    """In a process of its own: seconds to start and to compile, futures a second; of two ways to use two devices, the quicker."""
    pin(workers)
    start = time.perf_counter()
    import jax
    import jax_model
    import numpy as np

    seed, first = np.uint32(1), np.uint32(0)
    each = [(jax.device_put(seed, device), jax.device_put(first, device)) for device in jax.devices()]
    started = time.perf_counter()
    jax_model.outcomes.lower(seed, first, CHUNKS * workers, workers).compile()
    compiled = time.perf_counter()
    ways: dict[str, Callable[[], object]] = {
        "shard_map": lambda: jax.block_until_ready(jax_model.outcomes(seed, first, CHUNKS * workers, workers)),
        "a call per device": lambda: jax.block_until_ready([jax_model.outcomes(*place, CHUNKS) for place in each]),
    }
    out = {"start": started - start, "compile": compiled - started, "version": jax.__version__}
    for name, call in ways.items() if workers > 1 else list(ways.items())[:1]:
        call()
        out["rate" if workers == 1 else f"rate, {name}"] = CHUNKS * workers * jax_model.WIDTH / fastest(call, SECONDS)
    return out


def time_numpy(workers: int) -> dict[str, float]:
    """One process; two threads do not apply."""
    pin(1)
    start = time.perf_counter()
    import numpy_model

    return {"start": time.perf_counter() - start, "rate": 2000 / fastest(lambda: numpy_model.outcomes(2000, 1), SECONDS)}


def time_floor(floor: Path, workers: int) -> dict[str, float]:
    futures = 2048 * workers
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        best = min(best, float(subprocess.check_output([floor, "time", str(futures), str(workers), "1"])))
    return {"rate": futures / best}


def elsewhere(what: str, workers: int) -> dict[str, float]:
    """Time in a fresh process, with as many host devices as workers."""
    env = os.environ | {
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen=false --xla_force_host_platform_device_count={workers}",
        "JAX_PLATFORMS": "cpu",
    }
    return json.loads(subprocess.check_output([sys.executable, __file__, what, str(workers)], env=env))


def build(folder: Path) -> tuple[Path, float]:
    floor, start = folder / "floor", time.perf_counter()
    subprocess.run(["g++", *FLAGS, str(HERE / "floor.cpp"), "-o", str(floor)], check=True)
    return floor, time.perf_counter() - start


def check(floor: Path, folder: Path) -> list[str]:
    """The largest departures of floor and JAX; raises SystemExit if one is too large."""
    import jax_model
    import numpy as np
    import reference

    lines, bad = [], []
    for row in subprocess.check_output([floor, "check"], text=True).splitlines():
        steps, *found = (float(v) for v in row.split())
        off = float(np.max(np.abs(np.array(found) / reference.EXACT[int(steps)] - 1)))
        lines.append(f"C++, chance off, {int(steps)} steps: largest relative departure {off:.1e} (allowed 1e-4)")
        bad += [lines[-1]] if off > 1e-4 else []
    subprocess.run([floor, "sample", str(CHECKED), "7", folder / "out"], check=True)
    for name, rows in {"C++": np.fromfile(folder / "out", np.float32).reshape(5, CHECKED), "JAX": jax_model.sample(CHECKED, 7)}.items():
        far = reference.departures(rows)
        worst = max(far, key=lambda k: abs(far[k]))
        lines.append(
            f"{name}, {CHECKED:,} futures: largest of {len(far)} departures {abs(far[worst]):.1f} standard errors ({worst}; allowed 4)"
        )
        bad += [lines[-1]] if abs(far[worst]) > 4 else []
    if bad:
        raise SystemExit("\n".join(["wrong results are not timed:", *bad]))
    return lines


def code_lines(name: str) -> int:
    """Lines that are neither empty nor comment."""
    text = (HERE / name).read_text().splitlines()
    return sum(bool(line.strip()) and not line.strip().startswith(("#", "//")) for line in text)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        floor, built = build(folder)
        checks = check(floor, folder)
        best: dict[tuple[str, int], dict[str, float]] = {}
        for _ in range(ROUNDS):
            for workers in (1, 2):
                for name, timed in {
                    "C++": lambda w: time_floor(floor, w),
                    "JAX": lambda w: elsewhere("jax", w),
                    "NumPy": lambda w: elsewhere("numpy", w),
                }.items():
                    if name == "NumPy" and workers == 2:
                        continue
                    new, old = timed(workers), best.get((name, workers), {})
                    if old:  # least time to start and compile, greatest rate
                        new = {
                            k: v if k == "version" else max(v, old[k]) if k.startswith("rate") else min(v, old[k]) for k, v in new.items()
                        }
                    best[name, workers] = new
    report(best, checks, built)


def report(best: dict[tuple[str, int], dict[str, float]], checks: list[str], built: float) -> None:
    floor = {w: best["C++", w]["rate"] for w in (1, 2)}
    rows = [
        "| version | threads | futures/s | of the floor | start, s | compile, s | lines of model code |",
        "|---|---|---|---|---|---|---|",
    ]
    for (name, workers), b in sorted(best.items()):
        file = {"C++": "floor.cpp", "JAX": "jax_model.py", "NumPy": "numpy_model.py"}[name]
        compiled = f"{built:.1f}" if name == "C++" else f"{b['compile']:.1f}" if "compile" in b else "–"
        start = f"{b['start']:.1f}" if "start" in b else "–"
        for key in (k for k in b if k.startswith("rate")):
            rate, share = f"{b[key]:,.0f}", f"{b[key] / floor[workers]:.0%}"
            rows.append(f"| {name}{key.removeprefix('rate')} | {workers} | {rate} | {share} | {start} | {compiled} | {code_lines(file)} |")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    text = "\n".join([
        "# The common small model: speed", "",
        f"Python {platform.python_version()}, JAX {best['JAX', 1]['version']}, {os.cpu_count()} processors ({processor()}), load {load:.1f} at the end. A future is 80",
        f"quarters of eight actors. Best of {ROUNDS} rounds of {SECONDS:.0f} s on a machine that others use too; one thread means one processor, pinned.", "",
        *rows, "", "Checked before timing:", "", *(f"- {line}" for line in checks), "",
    ])  # fmt: skip
    (HERE / "RESULTS.md").write_text(text)
    print(text)


def processor() -> str:
    """What the processor calls itself, with the vector width that matters here."""
    try:
        info = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    name = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), platform.machine())
    return f"{name}, {512 if 'avx512f' in info else 256 if 'avx2' in info else 128}-bit vectors"


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps({"jax": time_jax, "numpy": time_numpy}[sys.argv[1]](int(sys.argv[2]))))
    else:
        main()
