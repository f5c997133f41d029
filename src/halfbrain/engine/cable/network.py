"""Who is told of whose spikes, and when."""

from __future__ import annotations

import math
from collections.abc import Iterable
from heapq import heappop, heappush

Target = tuple[int, int]  # the unit, and the target's number in it

_LATEST = 1 << 30


class Network:
    """Connections from sources of spikes to targets, and the events that are under way.

    As in NEURON, an event due at time t is delivered at the start of the step whose middle is the
    first not before t.
    """

    def __init__(self, dt: float) -> None:
        self.dt = dt
        self.shortest = _LATEST  # steps that no spike of now can have an effect in
        self._from: dict[int, list[tuple[int, float, Target]]] = {}
        self._queue: list[tuple[int, int, int, int, float]] = []
        self._events = 0

    def connect(self, source: int, target: Target, delay: float) -> None:
        """Tell a target of a source's spikes after a delay in ms."""
        steps = self._step(delay)
        self.shortest = min(self.shortest, max(steps, 1))
        self._from.setdefault(source, []).append((steps, delay, target))

    def event(self, target: Target, at: float) -> None:
        """Tell a target at a time in ms."""
        self._put(self._step(at), target, at)

    def spikes(self, spikes: Iterable[tuple[int, int]]) -> None:
        """Pass on spikes: (step, source)."""
        for step, source in spikes:
            for steps, delay, target in self._from.get(source, ()):
                self._put(step + steps, target, step * self.dt + delay)

    def due(self, first: int, steps: int, units: int) -> list[list[tuple[int, int, float]]]:
        """For each unit the (step, target, time) of what is due before step ``first + steps``."""
        due: list[list[tuple[int, int, float]]] = [[] for _ in range(units)]
        while self._queue and self._queue[0][0] < first + steps:
            step, _, unit, target, at = heappop(self._queue)
            due[unit].append((step, target, at))
        return due

    def _put(self, step: int, target: Target, at: float) -> None:
        heappush(self._queue, (step, self._events, *target, at))
        self._events += 1

    def _step(self, at: float) -> int:
        # A sum of steps that should be whole may be a little more.
        return max(math.ceil(at / self.dt - 0.5 - 1e-6), 0)
