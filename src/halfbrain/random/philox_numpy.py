"""Counter-based random numbers: Philox4x32-10.

Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, doi 10.1145/2063384.2063405.

A number depends on its key and its counter only, never on the order of calls; the page draws the
same numbers in JavaScript. 32-bit words are used because both languages multiply them exactly.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = 0x9E3779B9, 0xBB67AE85
_MASK, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)

Words = tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]


def philox4x32(counter: Words, key: tuple[int, int], rounds: int = 10) -> Words:
    """Encrypt four 32-bit words (held in uint64 arrays of one shape) under a 2 x 32-bit key."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(rounds):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (
            (p1 >> _SHIFT) ^ c1 ^ np.uint64(k0),
            p1 & _MASK,
            (p0 >> _SHIFT) ^ c3 ^ np.uint64(k1),
            p0 & _MASK,
        )
        k0, k1 = (k0 + _W0) & 0xFFFFFFFF, (k1 + _W1) & 0xFFFFFFFF
    return c0, c1, c2, c3


def key_of(seed: int, name: str) -> tuple[int, int]:
    """The key of a named stream of numbers, from the seed."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def uniforms(key: tuple[int, int], n: int, stream: int = 0) -> NDArray[np.float64]:
    """``n`` numbers in (0, 1), 53 bits each; number i is a function of key, stream and i."""
    blocks = np.arange((n + 1) // 2, dtype=np.uint64)
    zero = np.zeros_like(blocks)
    a, b, c, d = philox4x32((blocks, zero + np.uint64(stream), zero, zero), key)
    out = np.empty(2 * blocks.size)
    for lane, (high, low) in enumerate(((a, b), (c, d))):
        bits = (high >> np.uint64(5)) * np.uint64(1 << 26) + (low >> np.uint64(6))
        out[lane::2] = (bits.astype(np.float64) + 0.5) * 2.0**-53
    return out[:n]


def normals(key: tuple[int, int], n: int, stream: int = 0) -> NDArray[np.float64]:
    """``n`` standard normal numbers, by the inverse of the distribution function."""
    return np.asarray(ndtri(uniforms(key, n, stream)), dtype=np.float64)
