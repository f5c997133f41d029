"""Units over threads: whoever is free takes the one that has waited longest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence

import numpy as np

from halfbrain.engine.cable.links import copies
from halfbrain.engine.cable.loop import once
from halfbrain.engine.cable.network import Spikes
from halfbrain.engine.cable.running import Running
from halfbrain.engine.cable.table import Numbers
from halfbrain.engine.cable.transfer import Between
from halfbrain.engine.threads import started

Stepped = tuple[int, Spikes, Numbers]

_NONE = np.empty(0, np.int64), np.empty(0)
_SLICE = 250  # steps: some ten ms of work, so that all end nearly at once
_WAKING = 1e-4  # seconds that it takes until another thread works


class Spread:
    """Steps units on some threads; which thread has which does not change what comes out.

    ``numbers`` are those of the units that it steps.
    """

    def __init__(self, units: Sequence[Running], numbers: Collection[int], threads: int) -> None:
        self.units, self.numbers = units, frozenset(numbers)
        self.threads = max(min(threads, len(numbers)), 1)
        self._pool = started(max(self.threads - 1, 1))
        self._pace = np.inf  # seconds that a step of all units takes one thread

    def step(
        self,
        told: Spikes,
        first: int,
        steps: int,
        order: Sequence[int],
        *,
        resumed: bool = False,
        paused: bool = False,
    ) -> list[Stepped]:
        """Step all units; for each slice of steps the unit, its spikes and what it recorded.

        ``told`` are sources and times of spikes that set off events. ``order`` has the numbers of
        the units, each of which waits for the others after a slice; others in it are left out. The
        slices of a unit are in order. See :meth:`Running.run` for the rest.
        """
        waiting = deque((u, 0) for u in order if u in self.numbers)
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
                    first + done,
                    slice_,
                    _NONE if done else told,
                    resumed=resumed and not done,
                    paused=paused and done + slice_ == steps,
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


class Stepping:
    """Steps all units. Those that read of each other wait in each step for what is copied.

    With the second half of a step each of these makes the first half of the next.
    """

    def __init__(self, units: Sequence[Running], between: Between, threads: int) -> None:
        joined = frozenset(between.units)
        self._alone = Spread(units, {*range(len(units))} - joined, threads)
        self._joined = Spread(units, joined, threads)
        self._copies = copies(between.across, units[0].unit.dtype)

    def step(self, told: Spikes, first: int, steps: int, order: Sequence[int]) -> list[Stepped]:
        """See :meth:`Spread.step`."""
        out = self._alone.step(told, first, steps, order) if self._alone.numbers else []
        if not self._joined.numbers:
            return out
        for begin in range(first, first + steps, _SLICE):
            end = min(begin + _SLICE, first + steps)
            out += self._joined.step(
                told if begin == first else _NONE, begin, 1, order, paused=True
            )
            for step in range(begin, end):
                once(*self._copies.pair)
                more = step + 1 < end
                out += self._joined.step(_NONE, step, 1 + more, order, resumed=True, paused=more)
        return out
