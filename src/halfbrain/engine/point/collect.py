"""The spikes of some steps out of the ring of past spikes, as two flat arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.machine_code import kept
from halfbrain.codegen.native import ints


@kept(nogil=True)
def collect(
    ring: NDArray[np.int64],
    counts: NDArray[np.int64],
    slots: int,
    first: int,
    when: NDArray[np.int64],
    who: NDArray[np.int64],
) -> None:
    """Fill ``when`` and ``who`` (spikes) with steps from ``first`` on and neurons, sorted by both.

    ``ring`` (parts, slots) has the addresses of each slot's neurons, and the last column of
    ``counts`` (parts, slots, ...) how many these are.
    """
    at, step, last = 0, first, counts.shape[2] - 1
    while at < who.size:
        slot, begin = step % slots, at
        for part in range(counts.shape[0]):
            n = counts[part, slot, last]
            fired = ints(ring[part, slot], n)
            for x in range(n):
                who[at] = fired[x]
                when[at] = step
                at += 1
        if counts.shape[0] > 1:  # the neurons of one part are in order
            who[begin:at].sort()
        step += 1
