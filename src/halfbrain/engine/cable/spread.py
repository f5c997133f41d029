"""Units over threads: whoever is free takes the one that is furthest behind."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np

from halfbrain.engine.cable.network import Spikes
from halfbrain.engine.cable.running import Running
from halfbrain.engine.cable.table import Numbers

Stepped = tuple[int, Spikes, Numbers]

_NONE = np.empty(0, np.int64), np.empty(0)
_SLICE = 250  # steps: some ten ms of work, so that all end nearly at once


def spread(
    pool: ThreadPoolExecutor,
    threads: int,
    units: Sequence[Running],
    told: Spikes,
    first: int,
    steps: int,
    order: range,
) -> list[Stepped]:
    """Step all units; for each slice of steps the unit, its spikes and what it recorded.

    ``told`` are sources and times of spikes that set off events. ``order`` has the numbers of the
    units, of which the first that is furthest behind is taken. The slices of a unit are in order;
    which thread has which does not change what comes out.
    """
    done = [0] * len(units)
    free = set(range(len(units)))
    out: list[Stepped] = []
    lock = Lock()

    def work() -> None:
        while True:
            with lock:
                waiting = [u for u in free if done[u] < steps]
                if not waiting:
                    return
                u = min(waiting, key=lambda u: (done[u], order.index(u)))
                free.remove(u)
            slice_ = min(_SLICE, steps - done[u])
            news = told if done[u] == 0 else _NONE
            sources, times, recorded = units[u].run(first + done[u], slice_, news)
            with lock:
                out.append((u, (sources, times), recorded))
                done[u] += slice_
                free.add(u)

    for job in [pool.submit(work) for _ in range(min(threads, len(units)))]:
        job.result()
    return out
