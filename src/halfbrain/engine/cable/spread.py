"""Units over threads: whoever is free takes the one that has waited longest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

import numpy as np

from halfbrain.engine.cable.network import Spikes
from halfbrain.engine.cable.running import Running
from halfbrain.engine.cable.table import Numbers
from halfbrain.engine.threads import started

Stepped = tuple[int, Spikes, Numbers]

_NONE = np.empty(0, np.int64), np.empty(0)
_SLICE = 250  # steps: some ten ms of work, so that all end nearly at once
_WAKING = 1e-4  # seconds that it takes until another thread works


class Spread:
    """Steps units on some threads; which thread has which does not change what comes out."""

    def __init__(self, units: Sequence[Running], threads: int) -> None:
        self.units, self.threads = units, min(threads, len(units))
        self._pool = started(max(self.threads - 1, 1))
        self._pace = np.inf  # seconds that a step of all units takes one thread

    def step(self, told: Spikes, first: int, steps: int, order: range) -> list[Stepped]:
        """Step all units; for each slice of steps the unit, its spikes and what it recorded.

        ``told`` are sources and times of spikes that set off events. ``order`` has the numbers of
        the units, each of which waits for the others after a slice. The slices of a unit are in
        order.
        """
        waiting = deque((u, 0) for u in order)
        out: list[Stepped] = []
        busy: list[float] = []

        def work() -> None:
            while True:
                try:
                    u, done = waiting.popleft()
                except IndexError:
                    return
                slice_ = min(_SLICE, steps - done)
                begun = time.perf_counter()
                sources, times, recorded = self.units[u].run(
                    first + done, slice_, _NONE if done else told
                )
                busy.append(time.perf_counter() - begun)
                out.append((u, (sources, times), recorded))
                if done + slice_ < steps:
                    waiting.append((u, done + slice_))

        alone = self._pace * steps * (1 - 1 / self.threads) < _WAKING
        jobs = [] if alone else [self._pool.submit(work) for _ in range(self.threads - 1)]
        work()
        for job in jobs:
            job.result()
        self._pace = sum(busy) / steps
        return out
