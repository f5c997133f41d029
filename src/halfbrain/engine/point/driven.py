"""Point neurons into which currents are put from one time to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from halfbrain.circuits.circuit import Circuit
from halfbrain.circuits.current import Current
from halfbrain.engine.point.simulation import Simulation


class DrivenSimulation(Simulation):
    """A :class:`Simulation` that sets its populations' ``I_e`` where a current begins or ends.

    Times are rounded to steps. What else sets ``I_e`` is overwritten.
    """

    def __init__(self, circuit: Circuit, currents: Sequence[Current], **how: Any) -> None:  # noqa: ANN401
        super().__init__(circuit, **how)
        self.currents = tuple(currents)
        self._first = {c.population: self.state(c.population, "I_e") for c in self.currents}
        ends = [(self._step_at(c.start), self._step_at(c.stop)) for c in self.currents]
        self._ends = ends
        self._changes = sorted({step for pair in ends for step in pair})

    def _step_at(self, time: float) -> int:
        return round(min(time / self.dt, 2.0**40))

    def run(self, seconds: float, progress: Callable[[float], object] | None = None) -> None:
        """See :meth:`Simulation.run`."""
        last = self.step + round(seconds / self.dt)
        for change in self._changes:
            if self.step < change < last:
                self._set()
                super().run((change - self.step) * self.dt, progress)
        self._set()
        super().run(seconds if not self._changes else (last - self.step) * self.dt, progress)

    def _set(self) -> None:
        for population, first in self._first.items():
            total = first.copy()
            for current, (start, stop) in zip(self.currents, self._ends, strict=True):
                if current.population == population and start <= self.step < stop:
                    total += current.amplitudes
            self.set_state(population, "I_e", total)
