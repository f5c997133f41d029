"""The loop over steps, compiled once: deliver, update, wait for the others.

At a step a part takes in the spikes that are due in it (each delay looks back at the spikes of its
step), then its neurons move on, and their spikes are put where all can see them. One barrier a
step: the ring of past spikes is longer than the longest delay, so nobody overwrites what another
still reads.
"""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.engine import plastic, update
from halfbrain.engine.native import (
    alike,
    barrier,
    call,
    cycles,
    flush_denormals,
    halves,
    ints,
    longs,
    prefetch,
    words,
)
from halfbrain.engine.packing import COUNT, PACKED, PLASTIC, WIDE

# Places in the numbers that describe a table.
(KIND, RECEPTOR, SHORTEST, DELAYS, ROWS, BASE, OFFSETS, TARGETS, WEIGHTS, WEIGHT, LAST, PRE,
 PRE_TRACES, RULE, SOURCES, POST_TRACES, NEAREST, REMEMBERS, TARGET) = range(19)  # fmt: skip
TABLE = 19
DELIVER, LEARN, UPDATE, WAIT = range(4)
PHASES = 4
_BATCH = 256  # segments collected before they are gone through
_AHEAD = 6  # segments asked for before they are needed
_LINE = 64


@numba.njit(cache=True)
def _deliver(table, arrived, part, parts, step, slots, ring, counts, lows, sizes):
    """Add what is due at a step to ``arrived``, for a table without plasticity; the events."""
    kind, delays, shortest = table[KIND], table[DELAYS], table[SHORTEST]
    base, sources = longs(table[BASE], 1), longs(table[SOURCES], 1)
    width = np.uint64(parts * delays + 1)
    offsets = words(table[OFFSETS], 1)
    item = 4 if kind == PACKED else 2
    events = np.int64(0)
    m = 0
    for d in range(delays):
        then = step - 1 - shortest - d
        if then < 0:
            break
        slot = then % slots
        column = np.uint64(part * delays + d)
        for q in range(parts):
            if counts[q, slot, counts.shape[2] - 1] == 0:
                continue
            fired = ints(ring[q, slot], 1)
            for s in range(table[ROWS]):
                population = sources[3 * s]
                shift = sources[3 * s + 1]
                for x in range(counts[q, slot, population], counts[q, slot, population + 1]):
                    row = np.uint64(fired[np.uint64(x)] + shift)
                    at = row * width + column
                    low, high = offsets[at], offsets[at + np.uint64(1)]
                    if high > low:
                        lows[m] = base[row] + low
                        sizes[m] = high - low
                        events += sizes[m]
                        m += 1
                        if m == _BATCH:
                            _through(table, kind, item, arrived, m, lows, sizes)
                            m = 0
    _through(table, kind, item, arrived, m, lows, sizes)
    return events


@numba.njit(cache=True)
def _ask(address, size):
    at = address
    while at < address + size:
        prefetch(at)
        at += _LINE


@numba.njit(cache=True)
def _through(table, kind, item, arrived, m, lows, sizes):
    """Go through segments, each asked for a few before its turn."""
    data = table[TARGETS]
    for s in range(min(_AHEAD, m)):
        _ask(data + lows[s] * item, sizes[s] * item)
    for s in range(m):
        if s + _AHEAD < m:
            _ask(data + lows[s + _AHEAD] * item, sizes[s + _AHEAD] * item)
        n = np.uint64(sizes[s])
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
        elif kind == WIDE:
            targets = halves(data + lows[s] * 2, n)
            weights = ints(table[WEIGHTS] + lows[s] * 4, n)
            for k in range(n):
                arrived[np.uint64(targets[k])] += weights[k]


@numba.njit(cache=True)
def _learn(table, arguments, part, parts, step, slots, ring, counts, size):
    """The same for a plastic table: its rule goes through each segment. Events, and changes."""
    delays, shortest = table[DELAYS], table[SHORTEST]
    base, sources = longs(table[BASE], 1), longs(table[SOURCES], 1)
    width = np.uint64(parts * delays + 1)
    offsets = words(table[OFFSETS], 1)
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
                    _aim(table, arguments, base[row] + low, high - low, row, column, width, size)
                    changes += call(table[RULE], arguments.ctypes.data)
                    events += np.int64(high - low)
    return events, changes


@numba.njit(cache=True)
def _aim(table, arguments, low, n, row, column, width, size):
    """Point the arguments of a rule at a segment."""
    segment = np.int64(row * (width - np.uint64(1)) + column)
    arguments[plastic.SYNAPSES] = n
    arguments[plastic.TARGETS] = table[TARGETS] + low * 2
    arguments[plastic.WEIGHTS] = table[WEIGHTS] + low * size
    arguments[plastic.LAST] = table[LAST] + segment * 4
    arguments[plastic.PRE] = table[PRE] + segment * table[PRE_TRACES] * size


@numba.njit(cache=True, nogil=True)
def flush(table, arguments, part, parts, step, size):
    """Make up what targets' spikes did to every synapse of a part, until before ``step``."""
    base, offsets = longs(table[BASE], 1), words(table[OFFSETS], 1)
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
                _aim(table, arguments, base[row] + low, high - low, row, column, width, size)
                changes += call(table[RULE], arguments.ctypes.data)
    counted = ints(arguments[plastic.POST_COUNT], arguments[plastic.NEURONS])
    counted[:] = 0
    arguments[plastic.FLUSHED] = step - 1
    return changes


@numba.njit(cache=True)
def _remember(table, arguments, part, parts, step, first, begin, end, fired, number):
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


@numba.njit(nogil=True, cache=True)
def run(thread, threads, first_step, steps, meeting, slots, ring, counts, tables, rules,
        received, part_size, updates, slices, given, cursor, records, recorded, every,
        events, clock, whole, number):  # fmt: skip
    """Step the parts of one thread ``steps`` times; every thread calls this at once.

    Parameters
    ----------
    meeting
        address of the barrier's number.
    slots, ring, counts
        length of the ring of past spikes; addresses of their neurons (parts, slots); where in them
        each population's begin (parts, slots, populations + 1).
    tables, rules
        descriptions of the tables; arguments of the plastic ones' rules (tables, parts).
    received, part_size
        where each part sums what arrives, and its number of neurons.
    updates, slices
        addresses of the populations' updates; their arguments (parts, populations).
    given, cursor
        spikes that are given (step, neuron, population), in order; how many have been played.
    records, recorded, every
        addresses of recorded numbers and the parts they are in; where they go; each how many
        steps.
    events, clock
        counts (threads, tables, 2) and ticks (threads, phases) to add to.
    whole, number
        empty arrays of the types in which arrivals are summed, and states are.
    """
    parts, populations = slices.shape[0], slices.shape[1]
    begin, end = parts * thread // threads, parts * (thread + 1) // threads
    lows, sizes = np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int64)
    size = number.itemsize
    flush_denormals()
    for step in range(first_step, first_step + steps):
        slot = step % slots
        for part in range(begin, end):
            start = cycles()
            for t in range(tables.shape[0]):
                table = tables[t]
                if table[KIND] == PLASTIC:
                    arguments = rules[t, part]
                    n, changes = _learn(
                        table, arguments, part, parts, step, slots, ring, counts, size
                    )
                    events[thread, t, 0] += n
                    events[thread, t, 1] += changes
            learnt = cycles()
            for t in range(tables.shape[0]):
                table = tables[t]
                if table[KIND] != PLASTIC:
                    at = received[part] + table[RECEPTOR] * part_size[part] * size
                    arrived = alike(at, 1, whole)
                    events[thread, t, 0] += _deliver(
                        table, arrived, part, parts, step, slots, ring, counts, lows, sizes
                    )
            delivered = cycles()
            total = 0
            for p in range(populations):
                counts[part, slot, p] = total
                if updates[p] != 0 and slices[part, p, update.BLOCKS] > 0:
                    arguments = slices[part, p]
                    arguments[update.FIRED] = ring[part, slot] + 4 * total
                    arguments[update.STEP] = step
                    total += call(updates[p], arguments.ctypes.data)
                elif updates[p] == 0 and part == 0:
                    fired = ints(ring[part, slot], 1)
                    c = cursor[p]
                    while c < cursor[populations + p] and given[c, 0] <= step:
                        if given[c, 0] == step:
                            fired[np.uint64(total)] = given[c, 1]
                            total += 1
                        c += 1
                    cursor[p] = c
            counts[part, slot, populations] = total
            for t in range(tables.shape[0]):
                table = tables[t]
                if table[REMEMBERS]:
                    p = table[TARGET]
                    a, b = counts[part, slot, p], counts[part, slot, p + 1]
                    gid, fired = slices[part, p, update.FIRST], ints(ring[part, slot], 1)
                    events[thread, t, 1] += _remember(
                        table, rules[t, part], part, parts, step, gid, a, b, fired, number
                    )
            for r in range(records.shape[0]):
                if records[r, 1] == part and (step + 1) % every == 0:
                    value = alike(records[r, 0], 1, number)[0]
                    recorded[(step + 1) // every - first_step // every - 1, r] = value
            updated = cycles()
            clock[thread, LEARN] += learnt - start
            clock[thread, DELIVER] += delivered - learnt
            clock[thread, UPDATE] += updated - delivered
        waiting = cycles()
        barrier(meeting, threads)
        clock[thread, WAIT] += cycles() - waiting
