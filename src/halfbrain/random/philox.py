"""Counter-based random numbers: Philox4x32-10, and the keys of its streams.

Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, doi 10.1145/2063384.2063405.

A number depends on its key (the seed and the object that draws) and its counter (what it is for)
and never on the order of calls, so threads, checkpoints and layouts leave it as it is. What is
here is written once for every target: NumPy runs it on arrays (:mod:`halfbrain.random.arrays`),
Numba compiles it (:mod:`halfbrain.random.compiled`), and :mod:`halfbrain.codegen.picks` has it
write LLVM instructions on vectors. The page has the same in JavaScript.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np

Words = Any  # whole numbers, arrays of them, or what writes instructions for such

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
MASK, SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)
_FIVE, _SIX, _UPPER = np.uint64(5), np.uint64(6), np.uint64(1 << 26)


def key_of(seed: int, name: str, order: Literal["big", "little"] = "big") -> int:
    """The 64-bit key of a named stream of numbers, from the seed.

    ``order`` is that of the hash's bytes. What draws point neurons and their synapses reads them
    from the big end, forecasts, the page and detailed circuits from the little end; what ships
    was drawn so.
    """
    return int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), order)


def halves(key: int) -> tuple[int, int]:
    """The two 32-bit words of a key, as the page takes it."""
    return key & 0xFFFFFFFF, key >> 32


def philox4x32(c0: Words, c1: Words, c2: Words, c3: Words, key: Words) -> Words:
    """Encrypt four 32-bit words (each in a uint64) under a 64-bit key."""
    k0, k1 = key & MASK, key >> SHIFT
    for _ in range(10):
        p0, p1 = c0 * M0, c2 * M1
        c0 = (p1 >> SHIFT) ^ c1 ^ k0
        c1 = p1 & MASK
        c2 = (p0 >> SHIFT) ^ c3 ^ k1
        c3 = p0 & MASK
        k0, k1 = (k0 + W0) & MASK, (k1 + W1) & MASK
    return c0, c1, c2, c3


def unit32(word: Words) -> Words:
    """A number in (0, 1) from 32 random bits."""
    return (np.float64(word) + 0.5) * 2.0**-32


def unit53(high: Words, low: Words) -> Words:
    """A number in (0, 1) from two words, 53 bits of them."""
    return (np.float64((high >> _FIVE) * _UPPER + (low >> _SIX)) + 0.5) * 2.0**-53
