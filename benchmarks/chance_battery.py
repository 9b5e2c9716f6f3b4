"""A battery on the raw 32-bit words of the generator, with its last result in docs/chance.md.

    python benchmarks/chance_battery.py [--short]

Two parts. Dieharder (Debian package `dieharder`) reads words in two orders: futures fastest, as the engine lays them out, and sites fastest,
so that neighbours in the stream are neighbouring draws of one future. Then 2**30 words are counted here: bytes, 16-bit halves, and agreement
bit by bit with the word of the next future, site, quarter, year and seed, which is where a counter-based generator would betray itself.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import chi2, norm

from detente.engine import chance

FUTURES, SITES = 1 << 14, 64
REPORT = Path(__file__).parents[1] / "docs" / "chance.md"
# Number and further options, each with 100 p-values, dieharder's default: its Kolmogorov–Smirnov step is skewed toward one with fewer, for any
# generator. The longest tests (bit distribution in full, DAB fill trees) are left out.
TESTS: list[tuple[int, tuple[str, ...]]] = [
    (0, ()), (2, ()), (3, ()), (4, ()), (8, ()), (9, ()), (10, ()), (11, ()), (12, ()), (13, ()), (15, ()), (16, ()), (17, ()), (100, ()),
    (101, ()), (102, ()), (201, ("-n", "3")), (202, ("-n", "5")), (203, ("-n", "7")), (204, ()),
]  # fmt: skip
SAMPLES = 100


def _block(seed: jax.Array, year: jax.Array, quarter: jax.Array, first: jax.Array) -> jax.Array:
    """uint32 [site, future]."""
    luck = chance.luck_keys(seed, first + jnp.arange(FUTURES, dtype=jnp.uint32), year)
    return chance.bits(chance.step_key(luck, quarter), np.arange(SITES, dtype=np.uint32))


block = jax.jit(_block, compiler_options={"xla_cpu_prefer_vector_width": 512})


def stream(sites_fastest: bool) -> Iterator[np.ndarray]:
    """Blocks of 2**20 words: four quarters, then years, then the next futures."""
    n = 0
    while True:
        part = np.asarray(block(np.uint32(11), np.uint32(1991 + n // 4 % 40), np.uint32(n % 4), np.uint32(n // 160 * FUTURES)))
        yield np.ascontiguousarray(part.T) if sites_fastest else part
        n += 1


def control() -> Iterator[np.ndarray]:
    """Words of NumPy's PCG64DXSM, a well-tested generator: what dieharder says of one that has nothing wrong with it."""
    g = np.random.Generator(np.random.PCG64DXSM(2021))
    while True:
        yield g.integers(0, 1 << 32, 1 << 20, dtype=np.uint32)


def feed(source: Iterator[np.ndarray], pipe: object, read: list[int]) -> None:
    """Write blocks until the reader has had enough."""
    try:
        for part in source:
            pipe.write(part)  # type: ignore[attr-defined]
            read[0] += part.size
    except BrokenPipeError:
        return


def dieharder(source: Iterator[np.ndarray], test: tuple[int, tuple[str, ...]]) -> tuple[list[tuple[str, float, str]], int]:
    """Results of one test (several when it has parts) and words taken."""
    number, options = test
    command = ["dieharder", "-g", "200", "-d", str(number), "-p", str(SAMPLES), *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    read = [0]
    writer = threading.Thread(target=feed, args=(source, process.stdin, read), daemon=True)
    writer.start()
    text = process.stdout.read().decode() if process.stdout else ""
    process.wait()
    process.stdin.close() if process.stdin and not process.stdin.closed else None
    writer.join()
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    return [(f"{r[0]} {r[1]}", float(r[4]), r[5]) for r in rows if len(r) == 6 and r[5] in ("PASSED", "WEAK", "FAILED")], read[0]


def counts(words: int, seed: int = 5) -> list[tuple[str, float]]:
    """Name and two-sided p-value of the tests made here, on so many words."""
    byte, half = np.zeros(256, np.int64), np.zeros(65536, np.int64)
    size, ones = FUTURES * SITES, np.zeros(32, np.int64)
    near = {k: np.zeros(32, np.int64) for k in ("future", "site", "quarter", "year", "seed")}
    pairs = dict.fromkeys(near, 0)
    masks = [np.uint32(1 << b) for b in range(32)]

    def per_bit(w: np.ndarray) -> np.ndarray:
        return np.array([np.count_nonzero(w & m) for m in masks])

    for n in range(words // size):
        at = (np.uint32(seed), np.uint32(1991 + n // 4 % 40), np.uint32(n % 4), np.uint32(n // 160 * FUTURES))
        w = np.asarray(block(*at))
        halves = np.bincount(w.view(np.uint16).ravel(), minlength=65536)
        half += halves
        byte += halves.reshape(256, 256).sum(0) + halves.reshape(256, 256).sum(1)
        if n % 16:  # neighbours on every sixteenth block: 2**26 words, 2**31 bits a row
            continue
        ones += per_bit(w)
        others = {
            "future": w[:, :-1] ^ w[:, 1:], "site": w[:-1] ^ w[1:], "quarter": w ^ np.asarray(block(at[0], at[1], at[2] + np.uint32(1), at[3])),
            "year": w ^ np.asarray(block(at[0], at[1] + np.uint32(1), *at[2:])), "seed": w ^ np.asarray(block(at[0] + np.uint32(1), *at[1:])),
        }  # fmt: skip
        for name, other in others.items():
            near[name] += per_bit(other)
            pairs[name] += other.size

    def flat(seen: np.ndarray) -> float:
        p = chi2.sf(((seen - seen.mean()) ** 2 / seen.mean()).sum(), len(seen) - 1)
        return float(2 * min(p, 1 - p))

    def even(hits: np.ndarray, trials: int) -> float:
        p = chi2.sf((((hits - trials / 2) / np.sqrt(trials / 4)) ** 2).sum(), 32)
        return float(2 * min(p, 1 - p))

    def total(hits: np.ndarray, trials: int) -> float:
        return float(2 * norm.sf(abs(hits.sum() - 16 * trials) / np.sqrt(8 * trials)))

    out = [
        ("bytes, χ² on 255", flat(byte)),
        ("16-bit halves, χ² on 65,535", flat(half)),
        ("ones, bit by bit, χ² on 32", even(ones, words // 16)),
    ]
    for name, hits in near.items():
        out += [
            (f"agreement with the next {name}, bit by bit, χ² on 32", even(hits, pairs[name])),
            ("the same, all bits, normal", total(hits, pairs[name])),
        ]
    return out


def verdict(p: float) -> str:
    """Dieharder's own words and limits, here for a two-sided p."""
    return "FAILED" if p < 2e-6 else "WEAK" if p < 0.01 else "PASSED"


def main() -> int:
    short = "--short" in sys.argv[1:]
    if not shutil.which("dieharder"):
        print("dieharder is not installed (Debian: apt-get install dieharder); only the counts are made", file=sys.stderr)
    start, rows, taken = time.time(), [], 0
    sources = {"futures fastest": stream(False), "sites fastest": stream(True), "control, PCG64DXSM": control()}
    for order, source in sources.items() if shutil.which("dieharder") else ():
        for test in TESTS[:3] if short else TESTS:
            results, words = dieharder(source, test)
            taken += words
            for name, p, word in results:
                rows.append((order, name, p, word))
                print(*rows[-1], f"{time.time() - start:.0f} s", flush=True)
    size = 1 << (24 if short else 30)
    own = [(f"2^{size.bit_length() - 1} words", name, p, verdict(p)) for name, p in counts(size)]
    for row in own:
        print(*row, f"{time.time() - start:.0f} s", flush=True)
    if not short:
        write(rows + own, taken, size, time.time() - start)
    return int(any(word == "FAILED" for order, *_, word in rows + own if not order.startswith("control")))


def write(rows: list[tuple[str, str, float, str]], taken: int, size: int, seconds: float) -> None:
    """Put the table between the marks of docs/chance.md."""

    def tally(orders: set[str]) -> str:
        part = [word for order, *_, word in rows if order in orders]
        return f"{len(part)} p-values: {part.count('PASSED')} passed, {part.count('WEAK')} weak, {part.count('FAILED')} failed"

    orders = list(dict.fromkeys(order for order, *_ in rows))
    beside = {o for o in orders if o.startswith("control")}
    body = [
        f"The generator: {tally(set(orders) - beside)}. The control: {tally(beside)}. {taken:,} words to dieharder, {size:,} counted here, "
        f"{seconds:.0f} s, JAX {jax.__version__}.",
        "", "| words | test | p | verdict |", "|---|---|---|---|",
        *(f"| {order} | {name.replace('_', ' ')} | {p:.4f} | {word} |" for order, name, p, word in rows),
    ]  # fmt: skip
    text = REPORT.read_text()
    begin, end = "<!-- battery -->", "<!-- end -->"
    head, tail = text[: text.index(begin) + len(begin)], text[text.index(end) :]
    REPORT.write_text(head + "\n\n" + "\n".join(body) + "\n\n" + tail)


if __name__ == "__main__":
    raise SystemExit(main())
