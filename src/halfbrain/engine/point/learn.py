"""The delivery of spikes to synapses that learn, and what targets' spikes do to them."""

from __future__ import annotations

import numpy as np

from halfbrain.codegen.machine_code import kept
from halfbrain.codegen.native import alike, call, ints, longs
from halfbrain.engine.point import plastic
from halfbrain.engine.point.deliver import (
    DELAYS,
    LAST,
    NEAREST,
    OFFSETS,
    POST_TRACES,
    PRE,
    PRE_TRACES,
    RULE,
    SHORTEST,
    SOURCES,
    TARGETS,
    WEIGHTS,
)


@kept()
def learn(table, arguments, part, parts, step, slots, ring, counts, size):
    """Have the rule of a table go through what is due at a step; events, and changes by targets."""
    delays, shortest = table[DELAYS], table[SHORTEST]
    sources, offsets = longs(table[SOURCES], 1), longs(table[OFFSETS], 1)
    width = np.uint64(parts * delays + 1)
    events, changes = np.int64(0), np.int64(0)
    for d in range(delays):
        then = step - 1 - shortest - d
        if then < 0:
            break
        slot = then % slots
        arguments[plastic.NOW] = step - 1
        arguments[plastic.ONLY_FLUSH] = 0
        for q in range(parts):
            fired = ints(ring[q, slot], 1)
            population, shift = sources[0], sources[1]
            for x in range(counts[q, slot, population], counts[q, slot, population + 1]):
                row = np.uint64(fired[np.uint64(x)] + shift)
                column = np.uint64(part * delays + d)
                at = row * width + column
                low, high = offsets[at], offsets[at + np.uint64(1)]
                if high > low:
                    _aim(table, arguments, low, high - low, row, column, width, size)
                    changes += call(table[RULE], arguments.ctypes.data)
                    events += high - low
    return events, changes


@kept()
def _aim(table, arguments, low, n, row, column, width, size):
    """Point the arguments of a rule at a segment."""
    segment = np.int64(row * (width - np.uint64(1)) + column)
    arguments[plastic.SYNAPSES] = n
    arguments[plastic.TARGETS] = table[TARGETS] + low * 2
    arguments[plastic.WEIGHTS] = table[WEIGHTS] + low * size
    arguments[plastic.LAST] = table[LAST] + segment * 4
    arguments[plastic.PRE] = table[PRE] + segment * table[PRE_TRACES] * size


@kept(nogil=True)
def flush(table, arguments, part, parts, step, size):
    """Make up what targets' spikes did to every synapse of a part, until before ``step``."""
    offsets = longs(table[OFFSETS], 1)
    width = np.uint64(parts * table[DELAYS] + 1)
    rows = longs(table[SOURCES], 1)[2]
    changes = np.int64(0)
    arguments[plastic.NOW] = step - 1
    arguments[plastic.ONLY_FLUSH] = 1
    for row in range(np.uint64(rows)):
        for d in range(table[DELAYS]):
            column = np.uint64(part * table[DELAYS] + d)
            at = row * width + column
            low, high = offsets[at], offsets[at + np.uint64(1)]
            if high > low:
                _aim(table, arguments, low, high - low, row, column, width, size)
                changes += call(table[RULE], arguments.ctypes.data)
    _forget(arguments, step, table[POST_TRACES], size)
    arguments[plastic.FLUSHED] = step - 1
    return changes


@kept()
def _forget(arguments, step, traces, size):
    """Forget targets' spikes that have been made up; one that waits, of ``step``, is kept."""
    counted = ints(arguments[plastic.POST_COUNT], arguments[plastic.NEURONS])
    last = ints(arguments[plastic.POST_LAST], arguments[plastic.NEURONS])
    steps = ints(arguments[plastic.POST_STEPS], 1)
    before = ints(arguments[plastic.POST_BEFORE], 1)
    width = np.uint64(traces * size // 4)  # of a spike's traces, in words of four bytes
    for j in range(np.uint64(counted.size)):
        if counted[j] == 0 or last[j] < step:
            counted[j] = 0
            continue
        first = j * np.uint64(plastic.REMEMBERED)
        kept = first + np.uint64((counted[j] - 1) & (plastic.REMEMBERED - 1))
        steps[first] = steps[kept]
        for i in range(width):
            before[first * width + i] = before[kept * width + i]
        counted[j] = 1


@kept()
def remember(table, arguments, part, parts, step, first, begin, end, fired, number):
    """Keep the spikes of a step for the synapses onto the neurons that fired."""
    last = ints(arguments[plastic.POST_LAST], 1)
    count = ints(arguments[plastic.POST_COUNT], 1)
    steps = ints(arguments[plastic.POST_STEPS], 1)
    size = number.itemsize
    before = alike(arguments[plastic.POST_BEFORE], 1, number)
    post = alike(arguments[plastic.POST], 1, number)
    length, n = arguments[plastic.DECAY_LENGTH], table[POST_TRACES]
    decay = alike(arguments[plastic.DECAYS] + table[PRE_TRACES] * length * size, 1, number)
    changes = np.int64(0)
    for x in range(begin, end):
        if count[np.uint64(fired[np.uint64(x)] - first)] == plastic.REMEMBERED:
            changes += flush(table, arguments, part, parts, step, size)
            break
    for x in range(begin, end):
        j = np.uint64(fired[np.uint64(x)] - first)
        place = j * np.uint64(plastic.REMEMBERED) + np.uint64(count[j] & (plastic.REMEMBERED - 1))
        gone = min(step - np.int64(last[j]), length - 1)
        for i in range(n):
            k = j * np.uint64(n) + np.uint64(i)
            held = post[k] * decay[i * length + gone]
            before[place * np.uint64(n) + np.uint64(i)] = held
            post[k] = held * 0 + 1 if table[NEAREST] else held + 1
        steps[place] = step
        last[j] = step
        count[j] += 1
    return changes


@kept(nogil=True)
def scale(targets, places, weights, sums, total):
    """Scale the weights onto each target to a total; weights that are all 0 stay."""
    sums[:] = 0.0
    for k in range(targets.size):
        sums[targets[k]] += abs(weights[places[k]])
    for j in range(sums.size):
        sums[j] = total / sums[j] if sums[j] > 0 else 1.0
    for k in range(targets.size):
        weights[places[k]] *= sums[targets[k]]
