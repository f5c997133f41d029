"""Random numbers as arrays, by NumPy: for forecasts and for the parts of detailed circuits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from halfbrain.random.philox import MASK, philox4x32, unit53


def uniforms(key: int, n: int, stream: int = 0) -> NDArray[np.float64]:
    """``n`` numbers in (0, 1), 53 bits each; number i is a function of key, stream and i."""
    blocks = np.arange((n + 1) // 2, dtype=np.uint64)
    zero = np.zeros_like(blocks)
    words = philox4x32(blocks, zero + np.uint64(stream), zero, zero, np.uint64(key))
    out = np.empty(2 * blocks.size)
    for lane in range(2):
        out[lane::2] = unit53(words[2 * lane], words[2 * lane + 1])
    return out[:n]


def normals(key: int, n: int, stream: int = 0) -> NDArray[np.float64]:
    """``n`` standard normal numbers, by the inverse of the distribution function."""
    return np.asarray(ndtri(uniforms(key, n, stream)), dtype=np.float64)


def uniforms_at(key: int, a: ArrayLike, b: ArrayLike, c: ArrayLike) -> NDArray[np.float64]:
    """A number in (0, 1) for each (a, b, c), 53 bits each."""
    c0, c1, c2 = np.broadcast_arrays(
        *(np.asarray(x, np.int64).astype(np.uint64) & MASK for x in (a, b, c))
    )
    high, low, _, _ = philox4x32(c0, c1, c2, np.zeros_like(c0), np.uint64(key))
    return np.asarray(unit53(high, low), np.float64)
