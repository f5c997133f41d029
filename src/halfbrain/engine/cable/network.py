"""Sources of spikes, and when they are told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.queue import step_of
from halfbrain.errors import RunError

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Spikes = tuple[Whole, NDArray[Any]]  # sources, and times in ms or steps
_NEVER = 1 << 30
_GIVEN = 200  # steps that given spikes are told before, so that the queue stays in the cache


class Network:
    """Sources are voltages that are watched, point processes that send, or spikes that are given.

    They are numbered as they were made. ``steps`` is how many steps can be made before a spike in
    them has an effect.
    """

    def __init__(self, dt: float) -> None:
        self.dt, self.steps = dt, _NEVER
        self._kinds: list[str] = []
        self._soonest: Floats = np.empty(0)
        self._given: Spikes = merged([])  # those that were not told yet

    @property
    def sources(self) -> int:
        """How many there are."""
        return len(self._kinds)

    def detected(self) -> int:
        """A new source whose voltage is watched."""
        self._kinds.append("detected")
        return self.sources - 1

    def sends(self) -> int:
        """A new source that is a point process."""
        self._kinds.append("sends")
        return self.sources - 1

    def given(self, count: int) -> int:
        """New sources whose spikes are told; the number of the first."""
        self._kinds += ["given"] * count
        self.steps = min(self.steps, _GIVEN)
        return self.sources - count

    def soonest(self, sources: Whole) -> Floats:
        """The shortest delay in ms from each of some sources; infinite where nothing goes out."""
        if len(self._soonest) < self.sources:
            self._connected(np.empty(0, np.int64), np.empty(0))
        return self._soonest[sources]

    def _connected(self, sources: Whole, delays: Floats) -> None:
        new = np.full(self.sources - len(self._soonest), np.inf)
        self._soonest = np.append(self._soonest, new)
        np.minimum.at(self._soonest, sources, delays)

    def tell(self, sources: Whole, times: Floats) -> None:
        """Spikes of such sources in ms, none of whose events is in the past."""
        self._given = merged([self._given, (sources, times)])

    def check(self, sources: Whole, delays: Floats) -> None:
        """Raise a RunError if a mechanism's events come too soon."""
        soon = (np.array(self._kinds)[sources] == "sends") & ~(delays >= self.dt)
        if soon.any():
            raise RunError(
                f"a delay from a mechanism is at least one time step of {self.dt} ms, not "
                f"{delays[soon][0]} ms"
            )

    def connected(self, sources: Whole, delays: Floats) -> None:
        """Take note of connections' delays in ms."""
        kinds = np.array(self._kinds)[sources]
        self._connected(sources, delays)
        # A spike is known at the end of its step, and is an event of the next at the earliest;
        # a mechanism sends one up to half a step before the beginning of its step.
        for kind, later in (("detected", 1), ("sends", 0)):
            if (of := kinds == kind).any():
                shortest = later + int(step_of(float(delays[of].min()), self.dt))
                self.steps = max(min(self.steps, shortest), 1)

    def until(self, step: int) -> Spikes:
        """Given spikes that may be due before a step, each told once."""
        sources, times = self._given
        n = int(np.searchsorted(times, step * self.dt))
        self._given = sources[n:], times[n:]
        return sources[:n], times[:n]

    def parts(self) -> dict[str, NDArray[Any]]:
        """Given spikes that were not told yet, as arrays."""
        return {"given/sources": self._given[0], "given/times": self._given[1]}

    def put_back(self, parts: Mapping[str, NDArray[Any]]) -> None:
        """Take such arrays."""
        self._given = parts["given/sources"], parts["given/times"]


def merged(spikes: Sequence[Spikes]) -> Spikes:
    """Sources and times, in order of times and then of sources."""
    spikes = [some for some in spikes if len(some[0])]
    if not spikes:
        return np.empty(0, np.int64), np.empty(0)
    sources, times = (np.concatenate(each) for each in zip(*spikes, strict=True))
    order = np.lexsort((sources, times))
    return sources[order], times[order]
