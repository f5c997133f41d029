"""Counter-based random numbers in compiled code."""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.random import philox
from halfbrain.random.philox import MASK, SHIFT

_HIGH = np.uint64(16)

philox4x32 = numba.njit(forceinline=True)(philox.philox4x32)
unit32 = numba.njit(forceinline=True)(philox.unit32)
unit53 = numba.njit(forceinline=True)(philox.unit53)


@numba.njit(forceinline=True)
def uniform(word):
    """A number in (0, 1) from 32 random bits; it is never 0 or 1, in single precision either."""
    return (np.float64(word >> np.uint64(8)) + 0.5) * 2.0**-24


@numba.njit(forceinline=True)
def below(word, n):
    """A whole number in [0, n) from 32 random bits, by multiplication (Lemire 2019)."""
    return np.int64((word * n) >> SHIFT)


@numba.njit(forceinline=True)
def normals(a, b):
    """Two standard normal numbers from two words of 32 random bits (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log(unit32(a)))
    angle = 2.0 * np.pi * unit32(b)
    return radius * np.cos(angle), radius * np.sin(angle)


@numba.njit(forceinline=True)
def block_words(out, block, step, stream, key):
    """64 random words for the neurons of a block at a step, four from each encryption."""
    c1, c2, c3 = np.uint64(block), np.uint64(step), np.uint64(stream)
    for i in range(np.uint64(16)):
        a, b, c, d = philox4x32(i, c1 & MASK, c2 & MASK, c3 | ((c2 >> SHIFT) << _HIGH), key)
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
