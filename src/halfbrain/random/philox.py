"""Counter-based random numbers in compiled code: Philox4x32-10.

Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, doi 10.1145/2063384.2063405.

A number depends on its key (the seed and the object that draws) and its counter (what it is for)
and never on the order of calls, so threads, checkpoints and layouts leave it as it is.
"""

from __future__ import annotations

import hashlib

import numba
import numpy as np

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_MASK, _SHIFT, _HIGH = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(16)


def key_of(seed: int, name: str) -> int:
    """The 64-bit key of a named stream of numbers, from the seed."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "big")


@numba.njit(forceinline=True)
def philox4x32(c0, c1, c2, c3, key):
    """Encrypt four 32-bit words (each in a uint64) under a 64-bit key."""
    k0, k1 = key & _MASK, key >> _SHIFT
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0 = (p1 >> _SHIFT) ^ c1 ^ k0
        c1 = p1 & _MASK
        c2 = (p0 >> _SHIFT) ^ c3 ^ k1
        c3 = p0 & _MASK
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@numba.njit(forceinline=True)
def uniform(word):
    """A number in (0, 1) from 32 random bits; it is never 0 or 1, in single precision either."""
    return (np.float64(word >> np.uint64(8)) + 0.5) * 2.0**-24


@numba.njit(forceinline=True)
def below(word, n):
    """A whole number in [0, n) from 32 random bits, by multiplication (Lemire 2019)."""
    return np.int64((word * n) >> _SHIFT)


@numba.njit(forceinline=True)
def normals(a, b):
    """Two standard normal numbers from two words of 32 random bits (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log((np.float64(a) + 0.5) * 2.0**-32))
    angle = 2.0 * np.pi * (np.float64(b) + 0.5) * 2.0**-32
    return radius * np.cos(angle), radius * np.sin(angle)


@numba.njit(forceinline=True)
def block_words(out, block, step, stream, key):
    """64 random words for the neurons of a block at a step, four from each encryption."""
    c1, c2, c3 = np.uint64(block), np.uint64(step), np.uint64(stream)
    for i in range(np.uint64(16)):
        a, b, c, d = philox4x32(i, c1 & _MASK, c2 & _MASK, c3 | ((c2 >> _SHIFT) << _HIGH), key)
        out[i] = np.uint32(a)
        out[i + np.uint64(16)] = np.uint32(b)
        out[i + np.uint64(32)] = np.uint32(c)
        out[i + np.uint64(48)] = np.uint32(d)


@numba.njit(forceinline=True)
def block_uniforms(words, out, at):
    """Uniform numbers in (0, 1) from 64 words, to ``out`` from ``at``.

    All 32 bits count, for thresholds such as rand() < rate*dt where rates are low; what single
    precision would round up to 1 is its largest number below.
    """
    for i in range(np.uint64(64)):
        # As signed numbers, since those are what most processors convert many at a time.
        number = (np.float64(np.int32(words[i])) + 2147483648.5) * 2.0**-32
        out[at + i] = min(number, 1.0 - 2.0**-24)


@numba.njit(forceinline=True)
def block_normals(words, out, at):
    """Standard normal numbers from 64 words, to ``out`` from ``at``."""
    for i in range(np.uint64(32)):
        a, b = normals(np.uint64(words[i]), np.uint64(words[i + np.uint64(32)]))
        out[at + i] = a
        out[at + i + np.uint64(32)] = b
