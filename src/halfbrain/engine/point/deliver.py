"""The delivery of spikes to synapses that do not learn.

At a step each delay looks back at the spikes of its step. Rows are found first, then their
segments, then the synapses: each is asked for from memory well before its turn, since nobody can
foresee where it lies.
"""

from __future__ import annotations

import numpy as np

from halfbrain.codegen.machine_code import kept
from halfbrain.codegen.native import halves, ints, longs, prefetch, words
from halfbrain.engine.point.packing import COUNT, LONG, PACKED

# Places in the numbers that describe a table.
TABLE = 19
(KIND, RECEPTOR, SHORTEST, DELAYS, ROWS, OFFSETS, TARGETS, WEIGHTS, WEIGHT, LAST, PRE,
 PRE_TRACES, RULE, SOURCES, POST_TRACES, NEAREST, REMEMBERS,
 TARGET, SOURCE_FIRST) = range(TABLE)  # fmt: skip
BATCH = 512  # rows that are gone through together
_AHEAD = 8  # segments asked for before their turn
_LINE = 64


@kept()
def deliver(table, arrived, part, parts, step, slots, ring, counts, lows, highs):
    """Add to ``arrived`` what is due at a step; the number of synaptic events.

    ``lows`` and ``highs`` are room for ``BATCH`` segments; the others as in :func:`loop.run`.
    """
    delays, shortest = table[DELAYS], table[SHORTEST]
    sources, offsets = longs(table[SOURCES], 1), table[OFFSETS]
    width = np.int64(parts * delays + 1)
    events = np.int64(0)
    m = np.uint64(0)
    for d in range(delays):
        then = step - 1 - shortest - d
        if then < 0:
            break
        slot = then % slots
        column = part * delays + d
        for q in range(parts):
            if counts[q, slot, counts.shape[2] - 1] == 0:
                continue
            fired = ints(ring[q, slot], 1)
            for s in range(table[ROWS]):
                population, shift = sources[3 * s], sources[3 * s + 1]
                begin, end = counts[q, slot, population], counts[q, slot, population + 1]
                for x in range(np.uint64(begin), np.uint64(end)):
                    at = offsets + 8 * ((fired[x] + shift) * width + column)
                    lows[m] = at
                    prefetch(at)
                    m += np.uint64(1)
                    if m == BATCH:
                        events += _through(table, arrived, m, lows, highs)
                        m = np.uint64(0)
    return events + _through(table, arrived, m, lows, highs)


@kept()
def _ask(data, low, high, item):
    at = data + low * item
    while at < data + high * item:
        prefetch(at)
        at += _LINE


@kept()
def _through(table, arrived, m, lows, highs):
    """Go through the segments at whose offsets ``lows`` point."""
    kind, data = table[KIND], table[TARGETS]
    item = 4 if kind == PACKED else 2
    events = np.int64(0)
    for s in range(m):
        pair = longs(lows[s], 2)
        lows[s], highs[s] = pair[0], pair[1]
        events += highs[s] - lows[s]
        if s < _AHEAD:
            _ask(data, lows[s], highs[s], item)
    for s in range(m):
        if s + np.uint64(_AHEAD) < m:
            far = s + np.uint64(_AHEAD)
            _ask(data, lows[far], highs[far], item)
        n = np.uint64(highs[s] - lows[s])
        if kind == PACKED:
            packed = words(data + lows[s] * 4, n)
            for k in range(n):
                word = packed[k]
                arrived[np.uint64(word & np.uint32(0xFFFF))] += np.int32(word) >> np.int32(16)
        elif kind == COUNT:
            targets = halves(data + lows[s] * 2, n)
            weight = arrived.dtype.type(table[WEIGHT])
            for k in range(n):
                arrived[np.uint64(targets[k])] += weight
        elif kind == LONG:
            targets = halves(data + lows[s] * 2, n)
            heavy = longs(table[WEIGHTS] + lows[s] * 8, n)
            for k in range(n):
                arrived[np.uint64(targets[k])] += heavy[k]
        else:
            targets = halves(data + lows[s] * 2, n)
            weights = ints(table[WEIGHTS] + lows[s] * 4, n)
            for k in range(n):
                arrived[np.uint64(targets[k])] += weights[k]
    return events
