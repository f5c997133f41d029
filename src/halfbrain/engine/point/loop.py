"""The loop over steps, compiled once: deliver, update, wait for the others.

At a step a part takes in the spikes that are due in it (each delay looks back at the spikes of its
step), then its neurons move on, and their spikes are put where all can see them. One barrier a
step: the ring of past spikes is longer than the longest delay, so nobody overwrites what another
still reads.
"""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.codegen.machine_code import kept
from halfbrain.codegen.native import (
    alike,
    barrier,
    call,
    cycles,
    doubles,
    flush_denormals,
    ints,
    longs,
    restore_settings,
)
from halfbrain.engine.point import update
from halfbrain.engine.point.deliver import BATCH, KIND, RECEPTOR, REMEMBERS, TARGET, deliver
from halfbrain.engine.point.learn import learn, remember
from halfbrain.engine.point.packing import PLASTIC

DELIVER, LEARN, UPDATE, WAIT = range(4)
PHASES = 4
# Of an input: rows, columns; addresses of its steps, values, columns, and where parts' begin.
ROWS, COLUMNS, STEPS, VALUES, AT, BEGINS = range(6)
INPUT = 6


@numba.njit
def play(given, played, part, step, number):
    """Write the latest row of an input into the neurons of a part, if it was not yet."""
    row, rows, steps = played[part], given[ROWS], longs(given[STEPS], given[ROWS])
    if row >= rows or steps[row] > step:
        return
    while row + 1 < rows and steps[row + 1] <= step:
        row += 1
    played[part] = row + 1
    values = doubles(given[VALUES] + 8 * row * given[COLUMNS], given[COLUMNS])
    at, begins = longs(given[AT], given[COLUMNS]), longs(given[BEGINS], part + 2)
    for column in range(begins[part], begins[part + 1]):
        alike(at[column], 1, number)[0] = values[column]


@kept(nogil=True)
def run(thread, threads, first_step, steps, meeting, slots, ring, counts, tables, rules,
        received, part_size, updates, slices, given, cursor, inputs, played, records, recorded,
        every, events, clock, whole, number):  # fmt: skip
    """Step the parts of one thread ``steps`` times; every thread calls this at once.

    Parameters
    ----------
    meeting
        address of the two numbers of the barrier.
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
    inputs, played
        descriptions of inputs; how many rows of each have been written (inputs, parts).
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
    lows, highs = np.empty(BATCH, np.int64), np.empty(BATCH, np.int64)
    size = number.itemsize
    vain = 0
    settings = flush_denormals()
    for step in range(first_step, first_step + steps):
        slot = step % slots
        for part in range(begin, end):
            start = cycles()
            for t in range(tables.shape[0]):
                table = tables[t]
                if table[KIND] == PLASTIC:
                    arguments = rules[t, part]
                    n, changes = learn(
                        table, arguments, part, parts, step, slots, ring, counts, size
                    )
                    events[thread, t, 0] += n
                    events[thread, t, 1] += changes
            learnt = cycles()
            for t in range(tables.shape[0]):
                table = tables[t]
                if table[KIND] != PLASTIC:
                    at = received[part] + table[RECEPTOR] * part_size[part] * whole.itemsize
                    arrived = alike(at, 1, whole)
                    events[thread, t, 0] += deliver(
                        table, arrived, part, parts, step, slots, ring, counts, lows, highs
                    )
            delivered = cycles()
            for k in range(inputs.shape[0]):
                play(inputs[k], played[k], part, step, number)
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
                    events[thread, t, 1] += remember(
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
        vain = barrier(meeting, threads, vain)
        clock[thread, WAIT] += cycles() - waiting
    restore_settings(settings)
