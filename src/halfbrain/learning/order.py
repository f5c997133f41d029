"""The order in which examples are shown: shuffled anew for each epoch, by counter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.machine_code import kept
from halfbrain.random.compiled import philox4x32
from halfbrain.random.philox import key_of


def order(n: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """A permutation (n) of the examples that depends on the seed and the epoch alone."""
    words = np.empty(n, np.uint64)
    _fill(words, np.uint64(epoch), np.uint64(key_of(seed, "order of examples")))
    return np.argsort(words, kind="stable")


@kept()
def _fill(words: NDArray[np.uint64], epoch: np.uint64, key: np.uint64) -> None:
    zero = np.uint64(0)
    for i in range(words.size):
        a, b, _, _ = philox4x32(np.uint64(i), epoch, zero, zero, key)
        words[i] = (a << np.uint64(32)) | b
