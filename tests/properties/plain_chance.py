"""The generator once more, one number at a time in Python's own integers, and the exact normal quantile: what chance.py must agree with."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from scipy.special import ndtri

WORD = 0xFFFFFFFF


def site(name: str) -> int:
    d = blake2b(name.encode(), digest_size=4).digest()
    return d[0] | d[1] << 8 | d[2] << 16 | d[3] << 24


def mix(a: int) -> int:
    a = (a ^ a >> 16) * 0x21F0AAAD & WORD
    a = (a ^ a >> 15) * 0xD35A2D97 & WORD
    return a ^ a >> 15


def luck_key(seed: int, future: int, year: int) -> tuple[int, int]:
    a, b = 0x243F6A88, 0x85A308D3
    for word in (seed & WORD, seed >> 32 & WORD, year, future):
        a = mix(a ^ word)
        b = mix(b + a * 0x9E3779B1 & WORD)
    return a, b


def step_key(luck: tuple[int, int], quarter: int) -> tuple[int, int]:
    return mix(luck[0] ^ mix(quarter ^ 0x13198A2E)), mix(luck[1] ^ mix(quarter ^ 0x03707344))


def bits(key: tuple[int, int], number: int) -> int:
    w = (key[0] ^ mix(number)) * 0x21F0AAAD & WORD
    w = ((w ^ w >> 16) + (key[1] ^ mix(number ^ 0x85EBCA6B)) & WORD) * 0xD35A2D97 & WORD
    w = (w ^ w >> 15) * 0x9E3779B1 & WORD
    return w ^ w >> 16


def uniform(word: int) -> float:
    return ((word >> 9) + 0.5) / 2**23


def normal(word: int) -> float:
    """Exact in float64; half the tail lies on either side."""
    size = -float(ndtri(((word & 0x7FFFFFFF) + 0.5) / 2**32))
    return -size if word >> 31 else size


def normals(words: np.ndarray) -> np.ndarray:
    """The same of an array of words."""
    size = -ndtri(((words & 0x7FFFFFFF).astype(np.float64) + 0.5) / 2**32)
    return np.where(words >> 31, -size, size)
