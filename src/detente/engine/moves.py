"""Moves of particles that leave a posterior as it is: some unknowns drawn anew as the other particles suggest, or luck renewed.

Unknowns are standard normals z [row, particle]; luck is a key a quarter [step, 2, particle]. A random share of the unknowns is drawn anew at once, each from
a normal with the mean and spread that it has among the particles (independent proposals fitted to the particles: Chopin 2002); now and then from the
prior, so that no tail is out of reach. Particles are moved by what is fitted to other groups than their own: none shapes its own proposals. A fitted
covariance of hundreds of unknowns would be mostly noise and accepts next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

TURN = ("fitted", "luck", "fitted", "fitted", "luck", "fitted", "fitted", "luck", "fitted", "prior")
"""Kinds of move, in turn."""
WANTED = {"fitted": 0.3, "prior": 0.3, "luck": 0.35}
"""Acceptance that the size of each kind adapts to."""
LIMITS = {"fitted": (0.003, 1.0), "prior": (0.003, 1.0), "luck": (1.0, 16.0)}
"""Least and greatest size: share of the unknowns, or quarters of luck."""
WIDER = 1.1
"""Proposals are a little wider than the particles, so that none is stuck in a tail."""


class Moves:
    """Proposals in turn, and the adaptation of their sizes. `groups` [group][particle]: who is moved by what is fitted to the others; `share` of the
    unknowns to begin with."""

    def __init__(self, groups: Sequence[np.ndarray], share: float = 0.5) -> None:
        self.groups = groups
        self.mean, self.spread = np.zeros((0, 0)), np.ones((0, 0))
        self.size = {"fitted": share, "prior": share, "luck": 12.0}
        self.taken: dict[str, list[float]] = {}
        self.count = 0

    def begin(self, z: np.ndarray) -> None:
        """A new level: fit to particles z [row, particle], forget what was taken."""
        self.fit(z)
        self.taken = {}

    def fit(self, z: np.ndarray) -> None:
        """Mean and spread of the unknowns for each particle, from the groups that are not its own."""
        self.mean, self.spread = np.empty_like(z), np.empty_like(z)
        for group in self.groups:
            rest = np.setdiff1d(np.arange(z.shape[-1]), group)
            others = z[:, rest if len(rest) > 1 else group]
            self.mean[:, group] = others.mean(axis=1, keepdims=True)
            self.spread[:, group] = np.maximum(WIDER * others.std(axis=1, keepdims=True), 0.05)

    def propose(self, k: int, z: np.ndarray, luck: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
        """Trial unknowns and luck of the k-th move; what it adds to the logarithm of acceptance beside the likelihood [particle]; its kind."""
        self.count += 1
        kind, n = TURN[k % len(TURN)] if len(z) else "luck", z.shape[-1]
        if kind == "luck":
            return z, renewed(luck, self.size["luck"], rng), np.zeros(n), kind
        share = self.size[kind] * 2.0 ** rng.uniform(-1.5, 1.0, n)
        hit, fresh = rng.random(z.shape) < share, rng.standard_normal(z.shape)
        if kind == "prior":
            return np.where(hit, fresh, z), luck, np.zeros(n), kind
        trial = np.where(hit, self.mean + self.spread * fresh, z)
        old = (z - self.mean) / self.spread
        change = np.where(hit, 0.5 * (fresh**2 - old**2) - 0.5 * (trial**2 - z**2), 0.0).sum(axis=0)
        return trial, luck, change, kind

    def learn(self, kind: str, accept: np.ndarray) -> None:
        """Adapt the size of a kind of move to what was accepted of it."""
        rate = float(accept.mean())
        self.taken.setdefault(kind, []).append(rate)
        self.size[kind] = float(np.clip(self.size[kind] * np.exp(rate - WANTED[kind]), *LIMITS[kind]))

    def report(self) -> dict[str, float]:
        """Acceptance by kind of move, and the sizes in use."""
        return {f"accepted_{k}": float(np.mean(v)) for k, v in self.taken.items()} | {f"size_{k}": self.size[k] for k in self.taken}


def renewed(luck: np.ndarray, longest: float, rng: np.random.Generator) -> np.ndarray:
    """New keys for a run of neighbouring quarters of each particle, up to about `longest`."""
    steps, _, n = luck.shape
    first, length = rng.integers(-2, steps, n), 1 + np.floor(longest * rng.random(n))
    at = np.arange(steps)[:, None]
    hit = (at >= first) & (at < first + length)
    fresh = rng.integers(0, 2**32, luck.shape, dtype=np.uint32)
    return np.where(hit[:, None, :], fresh, luck)
