"""The door for chance and for the record: one class that samples, conditions and scores.

Without a record it is a plain sampler. Where the record holds a name at this step, the answer is the recorded value and its log-probability
is added to `scores[name]` [future]; a measured normal is drawn from its exact conditional, N(loc + g(y − loc), scale²(1 − g)),
g = scale²/(scale² + error²), weight N(y; loc, scale² + error²). A Student-t error with four degrees of freedom is a normal whose variance is
error²/λ, λ ~ Gamma(2, 2), drawn from the same luck: still exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from detente.contract import DT, Array, total
from detente.engine import chance

TINY = 1e-30
LOG_2PI = float(np.log(2.0 * np.pi))


class Chance:
    """Implements `contract.Draw` for one step. `slices` holds this step's rows of the record (see `slice_record`), or is empty."""

    def __init__(self, key: Array, sites: Mapping[str, tuple[str, np.ndarray]], slices: Mapping[str, Any], offsets: Array | None) -> None:
        self._key, self._sites, self._slices, self._offsets = key, sites, slices, offsets
        self.scores: dict[str, Array] = {}

    # ------------------------------------------------------------------------------------------------ sampling

    def _uniform(self, name: str) -> Array:
        axis, sites = self._sites[name]
        u = once(chance.uniform(self._key, sites))
        return u if axis else u[0]

    def _extra(self, name: str, tag: str) -> Array:
        """A second uniform for the same elements, under a derived name."""
        axis, sites = self._sites[name]
        u = chance.uniform(self._key, sites ^ np.uint32(chance.site(tag)))
        return u if axis else u[0]

    def _normal(self, name: str, tag: str = "") -> Array:
        axis, sites = self._sites[name]
        z = once(chance.normal(self._key, sites ^ np.uint32(chance.site(tag)) if tag else sites))
        return z if axis else z[0]

    def event(self, name: str, hazard: Array) -> Array:
        exposure = hazard * DT
        sampled = (self._uniform(name) < -jnp.expm1(-exposure)).astype(exposure.dtype)
        if name not in self._slices:
            return sampled
        r = self._slices[name]
        yes = jnp.log((1.0 - r["slip"]) * -jnp.expm1(-exposure) + r["slip"] * r["reference"] + TINY)
        return self._recorded(name, sampled, jnp.where(r["value"] > 0.5, yes, -exposure))

    def chance(self, name: str, probability: Array, when: Array | None = None) -> Array:
        p = jnp.broadcast_to(probability, self._uniform(name).shape)
        open_ = jnp.ones_like(p, bool) if when is None else jnp.broadcast_to(when, p.shape)
        sampled = ((self._uniform(name) < p) & open_).astype(p.dtype)
        if name not in self._slices:
            return sampled
        r = self._slices[name]
        slip = r["slip"]
        log_p = jnp.log((1.0 - slip) * jnp.where(r["value"] > 0.5, p, 1.0 - p) + 0.5 * slip + TINY)
        return self._recorded(name, sampled, jnp.where(open_, log_p, 0.0))

    def _recorded(self, name: str, sampled: Array, log_p: Array) -> Array:
        r = self._slices[name]
        counted = jnp.where(r["has"], log_p, 0.0) * r["score"]
        self.scores[name] = total(list(counted)) if counted.ndim == 2 else counted
        return jnp.where(r["has"], r["value"], sampled)

    def count(self, name: str, mean: Array, dispersion: Array | None = None) -> Array:
        rate = mean if dispersion is None else mean * _gamma(self._normal(name, "size"), dispersion)
        return _poisson(self._uniform(name), self._normal(name, "large"), rate)

    def choice(self, name: str, hazards: Array, stay: Array) -> tuple[Array, Array]:
        options = list(hazards)
        whole = total(options)
        some = jnp.maximum(whole, 1e-12)  # keeps the slope finite where every hazard is zero
        leave = -jnp.expm1(-some * DT) / some
        probability = [h * leave for h in options]
        remain = jnp.exp(-whole * DT)
        u = self._uniform(name)
        full = [p + remain * (jnp.abs(stay - k) < 0.5) for k, p in enumerate(probability)]
        if name in self._slices:
            r = self._slices[name]
            kept = [jnp.where(r["has"], f * r["allowed"][k], f) for k, f in enumerate(full)]
            mass = total(kept)
            size = total(list(r["allowed"].astype(mass.dtype)))
            # A slip of coding is read against an even choice among the options.
            log_p = jnp.log((1.0 - r["slip"]) * mass + r["slip"] * size / len(options) + TINY)
            self.scores[name] = total(list(jnp.where(r["has"], log_p, 0.0)))
            fallback = [r["allowed"][k] / size * r["has"] for k in range(len(options))]
            blank = mass < 1e-12
            full = [jnp.where(blank, fallback[k], kept[k] / (mass + TINY)) for k in range(len(options))]
        index, below = jnp.zeros_like(u), jnp.zeros_like(u)
        last = jnp.zeros_like(u)
        for k, f in enumerate(full):
            index = jnp.where((u >= below) & (u < below + f), float(k), index)
            last = jnp.where(f > 0.0, float(k), last)
            below = below + f
        return jnp.where(u >= below, last, index), jnp.stack(probability)

    def noise(self, name: str, loc: Array, scale: Array) -> Array:
        z = self._normal(name)
        if name not in self._slices:
            return loc + scale * z
        mean, variance = loc, jnp.broadcast_to(scale, loc.shape) ** 2
        for k, r in enumerate(self._slices[name]):
            error = r["error"] ** 2
            if r["student"]:
                error = error / _heavy(self._extra(name, f"tail{k}a"), self._extra(name, f"tail{k}b"))
            whole = jnp.where(r["has"], variance + error, 1.0)
            y = r["y"] - self._offset(r["offset"], r["y"])
            gap = y - mean
            log_p = -0.5 * (gap * gap / whole + jnp.log(whole) + LOG_2PI)
            self.scores[r["series"]] = r["weight"] * total(list(jnp.where(r["has"], log_p, 0.0)))
            gain = jnp.where(r["has"], variance / whole, 0.0)
            mean, variance = mean + gain * gap, variance * (1.0 - gain)
        # The root of nothing has no finite slope: years without a budget would spoil every gradient.
        return mean + jnp.where(variance > 0.0, jnp.sqrt(jnp.where(variance > 0.0, variance, 1.0)), 0.0) * z

    def _offset(self, places: np.ndarray, like: Array) -> Array:
        if self._offsets is None or (places < 0).all():
            return jnp.zeros_like(like)
        return jnp.stack([self._offsets[k] if k >= 0 else jnp.zeros_like(self._offsets[0]) for k in places])

    def pick(self, name: str, weights: Array) -> Array:
        parts = list(weights)
        level = self._uniform(name) * total(parts)
        index, below = jnp.zeros_like(level), parts[0]
        for k in range(1, len(parts)):
            index = jnp.where(level >= below, float(k), index)
            below = below + parts[k]
        return index


def once(x: Array) -> Array:
    """x itself, behind a product with the identity, so that XLA makes it once and does not recompute it in every consumer."""
    return jnp.tensordot(jnp.eye(x.shape[0], dtype=x.dtype), x, axes=1, precision="highest")


def _heavy(u: Array, v: Array) -> Array:
    """Gamma(2, rate 2) from two uniforms: the precision of a Student-t error with four degrees of freedom."""
    return -0.5 * (jnp.log(u) + jnp.log(v))


def _gamma(z: Array, size: Array) -> Array:
    """Gamma of mean one and the given size by Wilson and Hilferty's cube of a normal."""
    c = 1.0 / (9.0 * size)
    return jnp.maximum(1.0 - c + z * jnp.sqrt(c), 0.02) ** 3


def _poisson(u: Array, z: Array, rate: Array) -> Array:
    """Poisson by inversion below a mean of 8 (24 terms), above it by Cornish and Fisher's normal with the right skewness, rounded.

    Rounding adds a variance of 1/12 and the skewness term 1/18; both are taken off, so that mean and variance are the rate.
    """
    small = jnp.minimum(rate, 8.0)
    term = jnp.exp(-small)
    below, count = term, jnp.zeros_like(u)
    for k in range(1, 25):
        count = count + (u >= below)
        term = term * small / k
        below = below + term
    high = jnp.maximum(rate, 8.0)
    large = jnp.floor(high + jnp.sqrt(high - 5.0 / 36.0) * z + (z * z - 1.0) / 6.0 + 0.5)
    return jnp.where(rate < 8.0, count, jnp.maximum(large, 0.0))
