"""The common small model as a competent analyst writes it: NumPy, float64, all futures at once."""

from __future__ import annotations

import numpy as np

DT, STEPS = 0.25, 80
BLOC = np.arange(8) >= 4
CROSS = (BLOC[:, None] != BLOC[None, :])[..., None]
OTHER = (~np.eye(8, dtype=bool))[..., None]
FIXED = {
    "k": 0.04,
    "m": 0.3,
    "v": 0.0,
    "lam": 0.25,
    "cg": 2.0,
    "cr": 0.5,
    "sf": 0.0,
    "mux": 0.25,
    "muw": -2.0,
    "h0": 0.25,
    "beta": 3.0,
    "q": 0.6,
    "d": 0.6,
}


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def tension(f: np.ndarray) -> np.ndarray:
    """Mean over cross pairs; f [i, j, future]."""
    return (sigmoid(f) * CROSS).sum((0, 1)) / 32


def fixed() -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Parameters, log arms and rung of the exact check, one future."""
    p = {name: np.array([value]) for name, value in FIXED.items()}
    p["g"] = (0.06 + 0.02 * np.arange(8))[:, None]
    return p, np.log(0.5 + 0.2 * np.arange(8))[:, None], np.array([2.0])


def drawn(n: int, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The same, drawn for n futures."""

    def uniform(low: float, high: float, *shape: int) -> np.ndarray:
        return rng.uniform(low, high, (*shape, n))

    def log_uniform(low: float, high: float, *shape: int) -> np.ndarray:
        return np.exp(uniform(np.log(low), np.log(high), *shape))

    p = {
        "k": log_uniform(0.02, 0.06), "m": log_uniform(0.25, 0.5), "v": log_uniform(0.02, 0.1), "lam": log_uniform(0.1, 0.5), "cg": uniform(0, 4), "cr": uniform(0, 1),
        "sf": log_uniform(0.1, 0.4), "mux": uniform(-0.5, 1), "muw": uniform(-3, -1), "h0": log_uniform(0.1, 0.6), "beta": uniform(1, 5), "q": uniform(0.4, 0.9),
        "d": log_uniform(0.3, 1.5), "g": uniform(0.05, 0.2, 8),
    }  # fmt: skip
    return p, np.log(log_uniform(0.5, 2, 8)), np.zeros(n)


def run(
    p: dict[str, np.ndarray], x: np.ndarray, r: np.ndarray, rng: np.random.Generator | None, at: tuple[int, ...] = (STEPS,)
) -> dict[int, tuple]:
    """(x, f, r, ever, hazard) after the steps asked for; no generator: chance off."""
    n = x.shape[-1]
    f = np.where(CROSS, p["mux"], p["muw"]) * np.ones((8, 8, n))
    ever, hazard, out = np.zeros(n), np.zeros(n), {}
    for t in range(1, max(at) + 1):
        a, s = np.exp(x), sigmoid(f)
        T = (s * CROSS).sum((0, 1)) / 32
        z = rng.standard_normal((8, n)) if rng else 0.0
        G = (p["k"] * (s * OTHER * a[None]).sum(1) + p["g"]) / a - p["m"] + p["v"] * z / np.sqrt(DT)
        level = np.where(CROSS, p["mux"] + p["cr"] * r, p["muw"]) + p["cg"] * G[None]
        up = np.where(r < 4, p["h0"] * np.exp(p["beta"] * (T - 0.5)) * p["q"] ** r, 0)
        down = np.where(r > 0, p["d"], 0)
        happens = 1 - np.exp(-(up + down) * DT)
        climbs = happens * up / (up + down)
        hazard = hazard + np.where((r == 2) & (ever == 0), climbs, 0)
        f = f + DT * p["lam"] * (level - f) + p["sf"] * np.sqrt(DT) * (rng.standard_normal((8, 8, n)) if rng else 0.0)
        x = x + DT * G
        u = rng.uniform(size=n) if rng else np.ones(n)
        r = r + (u < climbs) - ((u >= climbs) & (u < happens))
        ever = np.maximum(ever, r >= 3)
        if t in at:
            out[t] = (x, f, r, ever, hazard)
    return out


def outcomes(n: int, seed: int) -> np.ndarray:
    """Rows A, T, rung, ever, hazard [5, n]."""
    rng = np.random.default_rng(seed)
    x, f, r, ever, hazard = run(*drawn(n, rng), rng)[STEPS]
    return np.stack([np.exp(x).mean(0), tension(f), r, ever, hazard])
