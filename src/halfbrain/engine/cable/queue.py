"""The events that are under way to a unit: a timing wheel, in compiled code.

An event lies in the slot of its step, modulo the number of slots (Varghese and Lauck 1987, doi
10.1145/41457.37504, scheme 6). When a step comes its events are taken out and heaped by exact time,
then by connection, then by the order in which they were put: whichever unit or thread has them,
a point process sees its events in the same order.

As in NEURON, an event due at time t is delivered at the start of the step whose middle is the first
not before t.

The functions find a queue by its address, since handing Numba's arrays from one to the next takes
ten times as long as what they do. Where an array is made anew inside a loop, each turn counts its
references: what may need more room leaves the loop for it.
"""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.codegen.machine_code import kept
from halfbrain.codegen.native import doubles, longs

SLOTS = 1024
# After the slots: the first free entry, how many were put so far, and where the entries are.
FREE, PUT, STORE, ROOM = range(SLOTS, SLOTS + 4)
SIZE = SLOTS + 4
# An entry: whole numbers, then ms and the flag that a mechanism gave it. The heap comes after all.
NEXT, STEP, CONNECTION, ORDER, AT, FLAG = range(6)
WORDS = 6


def empty(size: int):
    """A queue with room for so many events, and their entries."""
    queue = np.full(SIZE, -1, np.int64)
    queue[PUT] = queue[ROOM] = 0
    return queue, grown(queue.ctypes.data, size)


@kept()
def grown(queue, size):
    """New entries for a queue, more than it had; they are to be kept alive."""
    q = longs(queue, SIZE)
    old = q[ROOM]
    store = np.empty(size * (WORDS + 1), np.int64)
    if old > 0:
        store[: old * WORDS] = longs(q[STORE], old * WORDS)
        store[size * WORDS : size * WORDS + old] = longs(q[STORE] + 8 * old * WORDS, old)
    for e in range(old, size):
        store[e * WORDS + NEXT] = e + 1
        store[e * WORDS + STEP] = -1
    store[(size - 1) * WORDS + NEXT] = q[FREE]
    q[FREE], q[STORE], q[ROOM] = old, store.ctypes.data, size
    return store


@numba.njit(forceinline=True)
def step_of(at, dt):
    """The step at whose start what is due at ``at`` ms is delivered."""
    # A sum of steps that should be whole may be a little more.
    return np.int64(max(np.ceil(at / dt - 0.5 - 1e-6), 0.0))


@numba.njit(forceinline=True)
def entry(queue, step, at, flag, connection):
    """Fill a free entry, which there must be; its number."""
    q = longs(queue, SIZE)
    e = q[FREE]
    whole, real = longs(q[STORE] + 8 * WORDS * e, WORDS), doubles(q[STORE] + 8 * WORDS * e, WORDS)
    q[FREE] = whole[NEXT]
    whole[STEP], whole[CONNECTION], whole[ORDER] = step, connection, q[PUT]
    real[AT], real[FLAG] = at, flag
    q[PUT] += 1
    return e


@numba.njit(forceinline=True)
def put(queue, step, at, flag, connection):
    """Put an event into the slot of its step; there must be a free entry."""
    e = entry(queue, step, at, flag, connection)
    q = longs(queue, SIZE)
    slot = step & (SLOTS - 1)
    longs(q[STORE] + 8 * WORDS * e, WORDS)[NEXT] = q[slot]
    q[slot] = e


@kept(nogil=True)
def tell(queue, store, now, sources, spiked, rows, connections, delays, dt):
    """Put the events that spikes set off; the queue's entries.

    Parameters
    ----------
    now
        the step to come.
    sources, spiked
        of the spikes; their times in ms.
    rows, connections, delays
        the connections from source s are ``connections[rows[s]:rows[s + 1]]``, with delays in ms.
    """
    for k in range(len(sources)):
        j, end = rows[sources[k]], rows[sources[k] + 1]
        while j < end:
            if is_full(queue):
                store = grown(queue, 2 * room(queue))
            j = _tell(queue, now, spiked[k], j, end, connections, delays, dt)
    return store


@numba.njit
def _tell(queue, now, spiked, j, end, connections, delays, dt):
    """Put the events of connections j to ``end``; the first for which there was no room."""
    while j < end and not is_full(queue):
        at = spiked + delays[j]
        put(queue, max(step_of(at, dt), now), at, 0.0, connections[j])
        j += 1
    return j


@kept()
def put_all(queue, store, steps, connections, times, flags):
    """Put events, in the order in which they are given; the queue's entries."""
    for k in range(len(steps)):
        if is_full(queue):
            store = grown(queue, 2 * room(queue))
        put(queue, steps[k], times[k], flags[k], connections[k])
    return store


@numba.njit(forceinline=True)
def is_full(queue):
    """Whether there is no free entry."""
    return longs(queue, SIZE)[FREE] < 0


@numba.njit(forceinline=True)
def room(queue):
    """How many events there is room for."""
    return longs(queue, SIZE)[ROOM]


@numba.njit(forceinline=True)
def take(queue, step):
    """Move what is due in a step to the heap; how many."""
    q = longs(queue, SIZE)
    slot = step & (SLOTS - 1)
    e, kept, n = q[slot], np.int64(-1), 0
    while e >= 0:
        whole = longs(q[STORE] + 8 * WORDS * e, WORDS)
        after = whole[NEXT]
        if whole[STEP] <= step:
            rise(queue, n, e)
            n += 1
        else:  # some turns of the wheel later
            whole[NEXT] = kept
            kept = e
        e = after
    q[slot] = kept
    return n


@numba.njit(forceinline=True)
def send(queue, step, due, at, flag, connection, dt):
    """Put an event while a step's are delivered; how many of these are due then."""
    when = step_of(at, dt)
    if when > step:
        put(queue, when, at, flag, connection)
        return due
    rise(queue, due, entry(queue, step, at, flag, connection))
    return due + 1


@numba.njit
def cancel(queue, held, column, place):
    """Take back the latest event that a place sent itself; the connection and flag, or -1 and 0.

    It stays where it is, with no flag: a delivery passes over it. ``held[connection, column]`` is
    the place of a connection.
    """
    q = longs(queue, SIZE)
    latest, best = -1, -1
    for e in range(q[ROOM]):
        w = longs(q[STORE] + 8 * WORDS * e, WORDS)
        flag = doubles(q[STORE] + 8 * WORDS * e, WORDS)[FLAG]
        if w[STEP] < 0 or w[ORDER] < best or flag == 0 or flag != flag:
            continue
        if held[w[CONNECTION], column] == place:
            latest, best = e, w[ORDER]
    if latest < 0:
        return -1, 0.0
    w = longs(q[STORE] + 8 * WORDS * latest, WORDS)
    real = doubles(q[STORE] + 8 * WORDS * latest, WORDS)
    flag = real[FLAG]
    real[FLAG] = np.nan
    return w[CONNECTION], flag


@numba.njit(forceinline=True)
def first_of(queue, step):
    """The first entry in the slot of a step, or -1."""
    return longs(queue, SIZE)[step & (SLOTS - 1)]


@numba.njit(forceinline=True)
def after(queue, e):
    """The next entry in the slot of an entry, or -1; and the connection of the entry."""
    whole = longs(longs(queue, SIZE)[STORE] + 8 * WORDS * e, WORDS)
    return whole[NEXT], whole[CONNECTION]


@numba.njit(forceinline=True)
def _before(store, a, b):
    one, other = store + 8 * WORDS * a, store + 8 * WORDS * b
    time, other_time = doubles(one, WORDS)[AT], doubles(other, WORDS)[AT]
    if time != other_time:
        return time < other_time
    w, o = longs(one, WORDS), longs(other, WORDS)
    if w[CONNECTION] != o[CONNECTION]:
        return w[CONNECTION] < o[CONNECTION]
    return w[ORDER] < o[ORDER]


@numba.njit(forceinline=True)
def rise(queue, n, e):
    """Add an entry to a heap of n."""
    q = longs(queue, SIZE)
    heap = longs(q[STORE] + 8 * WORDS * q[ROOM], n + 1)
    while n > 0:
        up = (n - 1) >> 1
        if not _before(q[STORE], e, heap[up]):
            break
        heap[n] = heap[up]
        n = up
    heap[n] = e


@numba.njit(forceinline=True)
def pop(queue, n):
    """Take the first entry from a heap of n, and free it; its connection, ms and flag."""
    q = longs(queue, SIZE)
    heap = longs(q[STORE] + 8 * WORDS * q[ROOM], n)
    first, last, at = heap[0], heap[n - 1], 0
    while 2 * at + 1 < n - 1:
        down = 2 * at + 1
        if down + 1 < n - 1 and _before(q[STORE], heap[down + 1], heap[down]):
            down += 1
        if not _before(q[STORE], heap[down], last):
            break
        heap[at] = heap[down]
        at = down
    heap[at] = last
    place = q[STORE] + 8 * WORDS * first
    whole, real = longs(place, WORDS), doubles(place, WORDS)
    whole[NEXT], whole[STEP] = q[FREE], -1
    q[FREE] = first
    return whole[CONNECTION], real[AT], real[FLAG]
