"""The two tables of numbers in engine/chance.py: a logarithm and the normal quantile, by iterated weighted least squares.

    python benchmarks/fit_normal.py

Weights grow where the error is large (Lawson 1961), so that it comes out nearly level. Needs NumPy and SciPy only.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erfinv, ndtri

LARGEST = 32.1  # -log2 of the smallest two-sided tail that 31 bits and a half can give


def _nodes(low: float, high: float, count: int = 8000) -> np.ndarray:
    return low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, count))) / 2


def _heavier(weight: np.ndarray, error: np.ndarray) -> np.ndarray:
    weight = weight * (np.abs(error) + 0.01 * np.abs(error).max())
    return weight / weight.mean()


def logarithm(degree: int, rounds: int = 300) -> tuple[float, np.ndarray]:
    """Polynomial for log2(1 + f) / f, highest power first, and its largest relative error."""
    f = _nodes(np.sqrt(0.5) - 1, np.sqrt(2) - 1, 4001)
    safe = np.where(np.abs(f) < 1e-12, 1.0, f)
    y = np.where(np.abs(f) < 1e-12, 1 / np.log(2), np.log1p(f) / safe / np.log(2))
    weight, least, found = np.ones_like(f), np.inf, np.zeros(degree + 1)
    for _ in range(rounds):
        c = np.polyfit(f, y, degree, w=np.sqrt(weight))
        error = np.polyval(c, f) / y - 1
        if np.abs(error).max() < least:
            least, found = float(np.abs(error).max()), c
        weight = _heavier(weight, error)
    return least, found


def quantile(above: int, below: int, rounds: int = 1500) -> tuple[float, np.ndarray, np.ndarray]:
    """z(x) = x A(x) / B(x) with two-sided tail 2**-x: largest absolute error, A and B, highest power first, B's constant one."""
    x = _nodes(0, np.sqrt(LARGEST))[1:] ** 2
    tail = np.exp2(-x)
    z = np.where(x < 1, np.sqrt(2) * erfinv(-np.expm1(-x * np.log(2))), -ndtri(tail / 2))
    t = x / LARGEST  # powers of a number below one keep the system solvable
    weight, size, least = np.ones_like(x), np.ones_like(x), np.inf
    found = (np.zeros(above + 1), np.zeros(below + 1))
    for _ in range(rounds):
        columns = [x * t**k for k in range(above + 1)] + [-z * t**k for k in range(1, below + 1)]
        scale = np.sqrt(weight) / size
        c = np.linalg.lstsq(np.stack(columns, 1) * scale[:, None], z * scale, rcond=1e-15)[0]
        a, b = c[: above + 1], np.concatenate([[1.0], c[above + 1 :]])
        size = np.abs(np.polyval(b[::-1], t))
        error = x * np.polyval(a[::-1], t) / np.polyval(b[::-1], t) - z
        if np.abs(error).max() < least:
            least = float(np.abs(error).max())
            found = (a / LARGEST ** np.arange(above + 1), b / LARGEST ** np.arange(below + 1))
        weight = _heavier(weight, error)
    return least, found[0][::-1], found[1][::-1]


def show(name: str, error: float, *tables: np.ndarray) -> None:
    print(f"{name}: largest error {error:.2g}")
    for table in tables:
        print("   ", tuple(float(v) for v in np.float32(table)))


if __name__ == "__main__":
    show("log2(1 + f) / f, degree 6, relative", *logarithm(6))
    show("normal quantile, degrees 4 and 5, absolute", *quantile(4, 5))
