"""Synapses drawn and packed as a table holds them: the compiled part of :mod:`tables`."""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.codegen.kernel import BLOCK
from halfbrain.codegen.machine_code import kept
from halfbrain.connectivity import rows
from halfbrain.equations.steps import nearest_step

COUNT, PACKED, WIDE, PLASTIC, LONG = range(5)
_nearest = numba.njit(nearest_step, forceinline=True)


@kept(nogil=True)
def stage(ip, p, v_weight, v_delay, given, key, begin, end, degrees, starts, listed, places,
          scale, dt, cursor, place, weight, delay):  # fmt: skip
    """Rows of one projection: part and place in the part, weight in quanta, delay in steps."""
    most = 0
    for row in range(begin, end):
        most = max(most, degrees[row])
    targets = np.empty(most, np.int64)
    weights, delays = np.empty(most), np.empty(most)
    for row in range(begin, end):
        n = degrees[row]
        rows.row_of(ip, p, v_weight, v_delay, given, key, np.uint64(row), n, starts[row], listed,
                    targets, weights, delays)  # fmt: skip
        at = cursor[row - begin]
        for j in range(n):
            block, lane = targets[j] // BLOCK, targets[j] % BLOCK
            place[at] = (places[block, 0] << 16) | (places[block, 1] + lane)
            weight[at] = weights[j] * scale
            delay[at] = np.int32(_nearest(delays[j], dt))
            at += 1
        cursor[row - begin] = at


@kept(nogil=True)
def pack(kind, offsets, begin, end, start, parts, shortest, delays, place, weight, delay,
         targets, weights):  # fmt: skip
    """Sort each row by part and delay, and write it as the table holds it.

    ``offsets`` has the beginning of each row already; ``start`` is that of row ``begin``.
    """
    count = np.empty(parts * delays + 1, np.int64)
    for row in range(begin, end):
        first = offsets[row, 0]
        low = first - start
        high = offsets[row + 1, 0] - start if row + 1 < end else np.int64(place.size)
        count[:] = 0
        for k in range(low, high):
            count[(place[k] >> 16) * delays + delay[k] - shortest + 1] += 1
        for s in range(1, count.size):
            count[s] += count[s - 1]
        for s in range(count.size):
            offsets[row, s] = first + count[s]
        for k in range(low, high):
            s = (place[k] >> 16) * delays + delay[k] - shortest
            to = first + count[s]
            count[s] += 1
            local = place[k] & 0xFFFF
            if kind == PACKED:
                rounded = np.int32(np.rint(weight[k]))
                targets[to] = np.uint32(local) | (np.uint32(rounded) << np.uint32(16))
            else:
                targets[to] = local
                if kind in (WIDE, LONG):
                    weights[to] = np.rint(weight[k])
                elif kind == PLASTIC:
                    weights[to] = weight[k]
