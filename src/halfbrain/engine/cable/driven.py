"""What is put into detailed cells: currents, conductances, clamps of the voltage."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.detailed.drive import Wave
from halfbrain.engine.cable.running import Running
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Compartments


class Driven:
    """Cells of several units, each in a lane of one."""

    cells: tuple[Compartments, ...]
    _running: list[Running]
    _units: NDArray[np.int64]
    _lanes: NDArray[np.int64]

    def current_clamp(
        self, cell: int, compartment: int, delay: float, duration: float, amplitude: float
    ) -> None:
        """A current in nA into a compartment, from ``delay`` for ``duration`` ms."""
        u, lane = self._place(cell, compartment)
        self._running[u].current_clamp(lane, compartment, delay, duration, amplitude)

    def voltage_clamp(
        self,
        cell: int,
        compartment: int,
        durations: Sequence[float],
        levels: Sequence[float],
        resistance: float = 1.0,
    ) -> None:
        """Up to three levels in mV one after the other, each for some ms, through some MOhm."""
        if not 0 < len(durations) == len(levels) <= 3 or not resistance > 0:
            raise RunError("a voltage clamp has one to three levels, and a resistance above 0")
        u, lane = self._place(cell, compartment)
        self._running[u].voltage_clamp(lane, compartment, durations, levels, resistance)

    def wave(self, cell: int, compartment: int, wave: Wave, reversal: float = math.nan) -> None:
        """A current in nA into a compartment that changes with time.

        With a ``reversal`` in mV it is a conductance in uS to that.
        """
        u, lane = self._place(cell, compartment)
        self._running[u].wave(lane, compartment, wave, reversal)

    def _place(self, cell: int, compartment: int) -> tuple[int, int]:
        if not 0 <= cell < len(self.cells):
            raise RunError(f"no cell {cell}; there are {len(self.cells)}")
        if not 0 <= compartment < (n := len(self.cells[cell].parent)):
            raise RunError(f"no compartment {compartment} in cell {cell}; it has {n}")
        return int(self._units[cell]), int(self._lanes[cell])
