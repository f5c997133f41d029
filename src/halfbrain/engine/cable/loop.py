"""The loop over the steps of a unit, compiled once: events, currents, solve, states, records.

As NEURON's fixed step: what is due by the middle of the step is delivered, the currents are those
at v(t), v moves on, and the states follow with the new v (Hines 1984: staggered by half a step).
"""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.dynamics.lanes import NODES, RECORD, UNIFORM
from halfbrain.engine.cable.memory import LINE
from halfbrain.engine.cable.queue import after, first_of, pop, take
from halfbrain.engine.native import (
    alike,
    call,
    cycles,
    flush_denormals,
    longs,
    prefetch,
    restore_settings,
)

DELIVER, CURRENTS, SOLVE, STATES, WATCH = range(5)
PHASES = 5
PHASE_NAMES = {
    DELIVER: "deliver",
    CURRENTS: "currents",
    SOLVE: "solve",
    STATES: "states",
    WATCH: "record",
}
# What is done with an event in a table; a connection: the table, where its values begin, addresses.
RECEIVE, ARGUMENTS, SIZE, ROWS, KIND = range(5)
TABLE, VALUES, RECORDED, VOLTAGE, CONNECTION = range(5)


@numba.njit(cache=True)
def once(address, arguments):
    """Call a compiled loop."""
    call(np.int64(address), np.int64(arguments))


@numba.njit(forceinline=True)
def look_ahead(queue, step, held, values, kinds, number):
    """Ask for the memory that events of the next steps need, while this one is made."""
    e = first_of(queue, step + 2)
    while e >= 0:
        e, connection = after(queue, e)
        prefetch(held.ctypes.data + connection * 8 * CONNECTION)
    e = first_of(queue, step + 1)
    while e >= 0:
        e, connection = after(queue, e)
        prefetch(values + held[connection, VALUES] * number.itemsize)
        for j in range(kinds[held[connection, TABLE], ROWS]):
            prefetch(held[connection, RECORDED] + j * LINE)


@numba.njit(nogil=True, cache=True)
def run(first, steps, dt, currents, solve, states, cleared, timed, clamps, clamp_at, holds,
        hold_at, queue, store, held, values, kinds, counts, detectors,
        thresholds, above, spikes, records, recorded, clock, number):  # fmt: skip
    """Step a unit ``steps`` times from step ``first``.

    Returns the number of spikes, and the queue's entries.

    Parameters
    ----------
    currents, solve, states
        compiled loops and their arguments, by address, shape (n, 2).
    cleared
        address and length of sums that begin at 0 in each step.
    timed
        addresses of the time that mechanisms read.
    clamps, clamp_at
        current clamps: first and last ms, mA/cm2; the address of the current that each adds to.
    holds, hold_at
        voltage clamps: three ends of levels, the levels, MOhm, from nA to mA/cm2; addresses of v,
        current and slope.
    queue, store
        the address of the queue of events under way, and its entries.
    held, values, kinds, counts
        connections and their own values, what tables do with events and how many each took: see
        :class:`Inbox`.
    detectors, thresholds, above, spikes
        addresses of voltages; mV; whether each was above; (step, detector) of spikes goes there.
    records, recorded
        addresses of numbers, and where they go, shape (steps, n).
    clock
        ticks of the phases, to add to.
    number
        an empty array of the type that states are of.
    """
    settings = flush_denormals()
    fired, beginning = 0, values.ctypes.data
    for step in range(first, first + steps):
        t0 = cycles()
        middle = (step + 0.5) * dt
        look_ahead(queue, step, held, beginning, kinds, number)
        due = take(queue, step)
        while due > 0:
            connection, at, _ = pop(queue, due)
            due -= 1
            table, first_value = held[connection, TABLE], held[connection, VALUES]
            size = kinds[table, SIZE]
            arguments = longs(kinds[table, ARGUMENTS], NODES + size + 1)
            arguments[RECORD] = held[connection, RECORDED]
            for j in range(size):
                arguments[NODES + j] = beginning + (first_value + j) * number.itemsize
            arguments[NODES + size] = held[connection, VOLTAGE]
            alike(arguments[UNIFORM], 1, number)[0] = at
            call(kinds[table, RECEIVE], kinds[table, ARGUMENTS])
            counts[table] += 1
        for k in range(timed.shape[0]):
            alike(timed[k], 1, number)[0] = middle
        t1 = cycles()
        for k in range(cleared.shape[0]):
            alike(cleared[k, 0], cleared[k, 1], number)[:] = 0
        for k in range(currents.shape[0]):
            call(currents[k, 0], currents[k, 1])
        for k in range(clamps.shape[0]):
            if clamps[k, 0] <= middle < clamps[k, 1]:
                alike(clamp_at[k], 1, number)[0] -= clamps[k, 2]
        for k in range(holds.shape[0]):
            level = 0
            while level < 3 and middle >= holds[k, level]:
                level += 1
            if level < 3:
                slope = holds[k, 7] / holds[k, 6]
                v = alike(hold_at[k, 0], 1, number)[0]
                alike(hold_at[k, 1], 1, number)[0] += slope * (v - holds[k, 3 + level])
                alike(hold_at[k, 2], 1, number)[0] += slope
        t2 = cycles()
        for k in range(solve.shape[0]):
            call(solve[k, 0], solve[k, 1])
        t3 = cycles()
        for k in range(timed.shape[0]):
            alike(timed[k], 1, number)[0] = (step + 1) * dt
        for k in range(states.shape[0]):
            call(states[k, 0], states[k, 1])
        t4 = cycles()
        for k in range(records.shape[0]):
            recorded[step - first, k] = alike(records[k], 1, number)[0]
        for k in range(detectors.shape[0]):
            over = alike(detectors[k], 1, number)[0] > thresholds[k]
            if over and not above[k]:
                spikes[fired, 0], spikes[fired, 1] = step + 1, k
                fired += 1
            above[k] = over
        clock[DELIVER] += t1 - t0
        clock[CURRENTS] += t2 - t1
        clock[SOLVE] += t3 - t2
        clock[STATES] += t4 - t3
        clock[WATCH] += cycles() - t4
    restore_settings(settings)
    return fired, store


@numba.njit(cache=True)
def look(address, number):
    """The number at an address, of the type of an array."""
    return alike(address, 1, number)[0]
