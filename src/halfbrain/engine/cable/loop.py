"""The loop over the steps of a unit, compiled once: events, currents, solve, states, records.

As NEURON's fixed step: what is due by the middle of the step is delivered, the currents are those
at v(t), v moves on, and the states follow with the new v (Hines 1984: staggered by half a step).
"""

from __future__ import annotations

from functools import cache

import numba
import numpy as np

from halfbrain.codegen.lanes import NODES, NOTED, RECORD, UNIFORM
from halfbrain.codegen.machine_code import kept
from halfbrain.codegen.native import (
    alike,
    call,
    cycles,
    flush_denormals,
    longs,
    prefetch,
    restore_settings,
    words,
)
from halfbrain.engine.cable.queue import (
    after,
    cancel,
    first_of,
    grown,
    is_full,
    pop,
    put,
    room,
    send,
    take,
)

DELIVER, CURRENTS, SOLVE, STATES, WATCH = range(5)
PHASES = 5
# Steps of which one is timed: looking at the clock takes as long as a small loop. An odd number,
# so that the ones timed do not keep time with what happens every millisecond.
_EVERY = 7
PHASE_NAMES = {
    DELIVER: "deliver",
    CURRENTS: "currents",
    SOLVE: "solve",
    STATES: "states",
    WATCH: "record",
}
# What is done with an event in a table: the loop, its arguments, how many values a connection has,
# how many rows of a place it looks at, and where it says how far they are from the first; where the
# flag and messages are, and how many of each.
RECEIVE, ARGUMENTS, SIZE, ROWS, AWAY, SAID, SENDS, MOVES, EVENTS, KIND = range(10)
# A connection: the table, where its values begin, addresses, the source that its place is (or -1).
TABLE, VALUES, RECORDED, VOLTAGE, SOURCE, CONNECTION = range(6)
# A condition that is watched: the loop that finds out (or 0, if it was called) and its arguments,
# rows of places where it has begun to hold and of flags, bytes from a vector of places to the next,
# places, lanes, the first place's connection.
FINDS, WITH, CROSSED, FLAGS, STRIDE, PLACES, LANES, FIRST, WATCHED = range(9)


@kept()
def once(address, arguments):
    """Call a compiled loop."""
    call(np.int64(address), np.int64(arguments))


@numba.njit(forceinline=True)
def look_ahead(queue, step, held, values, kinds, number):
    """Ask for the memory that events of the next steps need, while this one is made."""
    e = first_of(queue, step + 2)
    while e >= 0:
        e, connection = after(queue, e)
        place = held.ctypes.data + connection * 8 * CONNECTION
        prefetch(place)
        prefetch(place + 8 * (CONNECTION - 1))
    e = first_of(queue, step + 1)
    while e >= 0:
        e, connection = after(queue, e)
        prefetch(values + held[connection, VALUES] * number.itemsize)
        table = held[connection, TABLE]
        away = longs(kinds[table, AWAY], kinds[table, ROWS])
        for j in range(len(away)):
            prefetch(held[connection, RECORDED] + away[j])


@numba.njit
def watch(condition, turns, queue, store, step, at, number):
    """Put an event at each place where a condition has begun to hold.

    Returns in how many vectors of places some condition has changed, and the queue's entries.
    """
    arguments = longs(condition[WITH], NODES)
    if condition[FINDS] != 0:
        alike(arguments[UNIFORM], 1, number)[0] = at
        turns = call(condition[FINDS], condition[WITH])
    places, lanes = condition[PLACES], condition[LANES]
    changed = longs(arguments[NOTED], turns)
    for k in range(turns):
        first, away = changed[k] * lanes, changed[k] * condition[STRIDE]
        crossed = alike(condition[CROSSED] + away, lanes, number)
        flags = alike(condition[FLAGS] + away, lanes, number)
        for lane in range(min(lanes, places - first)):
            if crossed[lane] > 0:
                if is_full(queue):
                    store = grown(queue, 2 * room(queue))
                put(queue, step, at, np.float64(flags[lane]), condition[FIRST] + first + lane)
    return turns, store


@numba.njit(forceinline=True)
def ticks(timing):
    """The clock in a step that is timed."""
    return cycles() if timing else np.int64(0)


@numba.njit
def deliver(queue, due, held, beginning, kinds, counts, number):
    """Call what takes the first of the due events, up to one whose mechanism may send some itself.

    Returns how many are left, and the connection (-1 if none is) and ms of that one.
    """
    while due > 0:
        connection, at, flag = pop(queue, due)
        due -= 1
        if flag != flag:  # taken back
            continue
        table, first_value = held[connection, TABLE], held[connection, VALUES]
        size = kinds[table, SIZE]
        arguments = longs(kinds[table, ARGUMENTS], NODES + size + 1)
        arguments[RECORD] = held[connection, RECORDED]
        for j in range(size):
            arguments[NODES + j] = beginning + (first_value + j) * number.itemsize
        arguments[NODES + size] = held[connection, VOLTAGE]
        alike(arguments[UNIFORM], 1, number)[0] = at
        counts[table] += 1
        if kinds[table, SAID] != 0:
            alike(kinds[table, SAID], 1, number)[0] = flag
        call(kinds[table, RECEIVE], kinds[table, ARGUMENTS])
        if kinds[table, SAID] != 0:
            return due, connection, at
    return due, np.int64(-1), 0.0


@numba.njit
def longer(sources, spiked):
    """Twice the room."""
    more, times = np.empty(2 * len(sources), np.int64), np.empty(2 * len(sources))
    more[: len(sources)], times[: len(sources)] = sources, spiked
    return more, times


@kept(nogil=True)
def run(first, steps, resumed, paused, dt, currents, solve, states, cleared, timed,
        clamps, clamp_at, holds, hold_at, waves, wave_at, reversals,
        queue, store, held, values, kinds, counts, watched,
        detectors, thresholds, numbers, above, records, recorded, clock, number):  # fmt: skip
    """Step a unit ``steps`` times from step ``first``.

    The last may be ``paused`` between solving and states, where others are waited for, and the
    first ``resumed`` there. Returns sources and times (ms) of spikes, and the queue's entries.

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
    waves, wave_at, reversals
        currents (mA/cm2) and conductances (S/cm2) that change, shape (steps, n); addresses of v,
        current and slope for each; mV, NaN for a current.
    queue, store
        the address of the queue of events under way, and its entries.
    held, values, kinds, counts
        connections and their own values, what tables do with events and how many each took: see
        :class:`Inbox`.
    watched
        conditions that mechanisms watch, shape (n, WATCHED).
    detectors, thresholds, numbers, above
        addresses of voltages; mV; which sources they are; whether each was above.
    records, recorded
        addresses of numbers, and where they go, shape (steps, n).
    clock
        ticks of the phases in the steps that are timed, to add to.
    number
        an empty array of the type that states are of.
    """
    settings = flush_denormals()
    last = first + steps - 1
    fired, beginning = 0, values.ctypes.data
    sources, spiked = np.empty(64 + len(detectors), np.int64), np.empty(64 + len(detectors))
    for step in range(first, first + steps):
        timing = step % _EVERY == 0
        if not (resumed and step == first):
            t0 = ticks(timing)
            middle = (step + 0.5) * dt
            turns = np.int64(0)
            for k in range(watched.shape[0]):
                turns, store = watch(watched[k], turns, queue, store, step, step * dt, number)
            look_ahead(queue, step, held, beginning, kinds, number)
            due = take(queue, step)
            while due > 0:
                due, connection, at = deliver(queue, due, held, beginning, kinds, counts, number)
                if connection < 0:
                    break
                table = held[connection, TABLE]
                sends, moves = kinds[table, SENDS], kinds[table, MOVES]
                events = kinds[table, EVENTS]
                said = alike(kinds[table, SAID], 1 + 2 * sends + moves + events, number)
                for j in range(1, 1 + 2 * sends, 2):
                    if said[j] < np.inf:
                        if is_full(queue):
                            store = grown(queue, 2 * room(queue))
                        then = at + max(said[j], 0.0)
                        due = send(queue, step, due, then, said[j + 1], connection, dt)
                for j in range(1 + 2 * sends, 1 + 2 * sends + moves):
                    if said[j] < np.inf:
                        moved, its_flag = cancel(queue, held, RECORDED, held[connection, RECORDED])
                        if moved >= 0:
                            if is_full(queue):
                                store = grown(queue, 2 * room(queue))
                            due = send(queue, step, due, max(said[j], at), its_flag, moved, dt)
                for j in range(1 + 2 * sends + moves, 1 + 2 * sends + moves + events):
                    if said[j] > 0 and held[connection, SOURCE] >= 0:
                        if fired == len(sources):
                            sources, spiked = longer(sources, spiked)
                        sources[fired], spiked[fired] = held[connection, SOURCE], at
                        fired += 1
            for k in range(timed.shape[0]):
                alike(timed[k], 1, number)[0] = middle
            t1 = ticks(timing)
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
            for k in range(waves.shape[1]):
                wave = waves[step - first, k]
                if reversals[k] == reversals[k]:
                    v = alike(wave_at[k, 0], 1, number)[0]
                    alike(wave_at[k, 1], 1, number)[0] += wave * (v - reversals[k])
                    alike(wave_at[k, 2], 1, number)[0] += wave
                else:
                    alike(wave_at[k, 1], 1, number)[0] -= wave
            t2 = ticks(timing)
            for k in range(solve.shape[0]):
                call(solve[k, 0], solve[k, 1])
            t3 = ticks(timing)
            clock[DELIVER] += t1 - t0
            clock[CURRENTS] += t2 - t1
            clock[SOLVE] += t3 - t2
        if not (paused and step == last):
            t3 = ticks(timing)
            for k in range(timed.shape[0]):
                alike(timed[k], 1, number)[0] = (step + 1) * dt
            for k in range(states.shape[0]):
                call(states[k, 0], states[k, 1])
            t4 = ticks(timing)
            for k in range(records.shape[0]):
                recorded[step - first, k] = alike(records[k], 1, number)[0]
            if fired + len(detectors) > len(sources):
                sources, spiked = longer(sources, spiked)
            for k in range(detectors.shape[0]):
                over = alike(detectors[k], 1, number)[0] > thresholds[k]
                if over and not above[k]:
                    sources[fired], spiked[fired] = numbers[k], (step + 1) * dt
                    fired += 1
                above[k] = over
            clock[STATES] += t4 - t3
            clock[WATCH] += ticks(timing) - t4
    restore_settings(settings)
    return sources[:fired], spiked[:fired], store


@kept()
def look(address, number):
    """The number at an address, of the type of an array."""
    return alike(address, 1, number)[0]


def _copy(arguments):
    n, origins, targets, itemsize = numba.carray(arguments, 4)
    one, other = longs(origins, n), longs(targets, n)
    for k in range(n):
        if itemsize == 8:
            longs(other[k], 1)[0] = longs(one[k], 1)[0]
        else:
            words(other[k], 1)[0] = words(one[k], 1)[0]
    return 0


@cache
def copying():
    """What copies numbers: takes how many, lists of addresses from and to, bytes of a number."""
    return numba.cfunc("int64(CPointer(int64))", cache=True)(_copy)
