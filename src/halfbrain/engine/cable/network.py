"""Sources of spikes, and when they are told of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.queue import step_of

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Spikes = tuple[Whole, NDArray[Any]]  # sources, and times in ms or steps
_NEVER = 1 << 30
_GIVEN = 200  # steps that given spikes are told before, so that the queue stays in the cache


class Network:
    """Sources are voltages that are watched, or spikes that are given; numbered as they were made.

    ``steps`` is how many steps can be made before a spike in them has an effect.
    """

    def __init__(self, dt: float) -> None:
        self.dt, self.sources, self.steps = dt, 0, _NEVER
        self._is_given: list[bool] = []
        self._given: Spikes = merged([])  # those that were not told yet

    def detected(self) -> int:
        """A new source whose voltage is watched."""
        self._is_given.append(False)
        self.sources += 1
        return self.sources - 1

    def given(self, count: int) -> int:
        """New sources whose spikes are told; the number of the first."""
        self._is_given += [True] * count
        self.steps = min(self.steps, _GIVEN)
        self.sources += count
        return self.sources - count

    def tell(self, sources: Whole, times: Floats) -> None:
        """Spikes of such sources, none of which is in the past, in ms."""
        self._given = merged([self._given, (sources, times)])

    def connected(self, sources: Whole, delays: Floats) -> None:
        """Take note of connections' delays in ms."""
        watched = ~np.array(self._is_given, bool)[sources]
        if watched.any():
            # A spike is known at the end of its step, and is an event of the next at the earliest.
            shortest = 1 + int(step_of(float(delays[watched].min()), self.dt))
            self.steps = min(self.steps, shortest)

    def until(self, step: int) -> Spikes:
        """Given spikes that may be due before a step, each told once."""
        sources, times = self._given
        n = int(np.searchsorted(times, step * self.dt))
        self._given = sources[n:], times[n:]
        return sources[:n], times[:n]


def merged(spikes: Sequence[Spikes]) -> Spikes:
    """Sources and times, in order of times and then of sources."""
    if not spikes:
        return np.empty(0, np.int64), np.empty(0)
    sources, times = (np.concatenate(each) for each in zip(*spikes, strict=True))
    order = np.lexsort((sources, times))
    return sources[order], times[order]
