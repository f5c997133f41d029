"""Detailed cells, built in memory and moved on in time."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.compartments import Compartments
from halfbrain.dynamics.instructions import Kind
from halfbrain.engine.cable import loop
from halfbrain.engine.cable.groups import group, lanes_of
from halfbrain.engine.cable.network import Network
from halfbrain.engine.cable.running import Running
from halfbrain.engine.cable.solve import Method
from halfbrain.engine.cable.spread import spread
from halfbrain.engine.cable.table import Numbers
from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import RunError

DType = Literal["float32", "float64"]
_CHUNK = 4000  # steps between looks at the keyboard


class CableSimulation:
    """Cells with dendrites, stepped implicitly in fixed steps as NEURON does.

    Parameters
    ----------
    cells
        what to build; cells of one morphology and membrane are stepped together.
    dt
        ms.
    dtype
        of states: ``float64`` or ``float32``.
    threads
        default: all cores. No result depends on it.
    method
        ``implicit`` (Euler), or ``second-order`` (Crank-Nicolson; voltages at the ends of steps,
        currents in their middles).
    vectors
        how many of the machine's widest vectors of cells are side by side.

    Raises
    ------
    ModelError, RunError
        one line that names what cannot be built.
    """

    def __init__(
        self,
        cells: Sequence[Compartments],
        dt: float = 0.025,
        *,
        dtype: DType = "float64",
        threads: int | None = None,
        method: Method = "implicit",
        vectors: int = 1,
    ) -> None:
        if not cells:
            raise RunError("a simulation has at least one cell")
        if dtype not in ("float32", "float64"):
            raise RunError(f"no type {str(dtype)[:20]!r}; there are float32 and float64")
        if not dt > 0:
            raise RunError(f"a time step is above 0 ms, not {dt}")
        if method not in ("implicit", "second-order"):
            raise RunError(f"no method {str(method)[:20]!r}; there are implicit and second-order")
        self.threads = (os.cpu_count() or 1) if threads is None else threads
        if self.threads < 1:
            raise RunError("a simulation has at least one thread")
        self.cells, self.dt, self.dtype, self.step = tuple(cells), dt, dtype, 0
        number = np.float64 if dtype == "float64" else np.float32
        lanes = lanes_of(np.dtype(number).itemsize, vectors)
        self.units: list[Unit] = []
        self._unit_of: dict[int, tuple[int, int]] = {}
        for members, width in group(self.cells, lanes, dt):
            for lane, cell in enumerate(members):
                self._unit_of[cell] = len(self.units), lane
            own = [self.cells[c] for c in members]
            self.units.append(Unit(own, width, lanes, dt, number, method))
        self._running = [Running(unit, dt) for unit in self.units]
        self._network = Network(dt)
        self._records: list[tuple[int, int]] = []
        self._detectors: list[list[int]] = [[] for _ in self.units]
        self._detected: list[int] = []
        self._recorded: list[list[Numbers]] = [[] for _ in self.units]
        self._spikes: list[tuple[int, int]] = []
        self._pool = ThreadPoolExecutor(self.threads)
        self.wall_seconds = 0.0

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

    def record(
        self, cell: int, compartment: int, variable: str = "v", mechanism: int | None = None
    ) -> int:
        """Record a compartment's variable, or that of a mechanism; the number of the record.

        ``mechanism`` is its number among the cell's placed ones, and ``compartment`` then that of
        the place in it.
        """
        self._before_run("records")
        u, lane = self._place(cell, 0 if mechanism is not None else compartment)
        unit = self.units[u]
        if mechanism is None:
            if variable not in unit.nodes:
                raise RunError(f"no variable {variable[:40]!r} changes in compartments of the cell")
            address = unit.node_address(variable, lane, compartment)
        else:
            address = unit.row_address(self._table(cell, mechanism, compartment, variable),
                                       variable, lane, compartment)  # fmt: skip
        self._records.append((u, self._running[u].record(address)))
        return len(self._records) - 1

    def detect(self, cell: int, compartment: int = 0, threshold: float = 0.0) -> int:
        """Take the voltage's way up through a threshold (mV) as a spike; the source's number."""
        self._before_run("sources of spikes")
        u, lane = self._place(cell, compartment)
        address = self.units[u].node_address("v", lane, compartment)
        self._running[u].detect(address, threshold)
        self._detectors[u].append(len(self._detected))
        self._detected.append(cell)
        return len(self._detected) - 1

    def connect(
        self, source: int, cell: int, mechanism: int, place: int, delay: float, *weights: float
    ) -> None:
        """Have spikes of a source reach a point process of a cell after ``delay`` ms.

        Raises
        ------
        RunError
            if there is no such source or point process, or the delay is below a time step.
        """
        if not 0 <= source < len(self._detected):
            raise RunError(f"no source {source}; there are {len(self._detected)}")
        if not delay >= self.dt:
            raise RunError(f"a delay is at least one time step of {self.dt} ms, not {delay} ms")
        target = self._target(cell, mechanism, place, weights)
        self._network.connect(source, target, delay)

    def event(self, at: float, cell: int, mechanism: int, place: int, *weights: float) -> None:
        """An event at a point process at some ms, from now on."""
        if not at >= self.step * self.dt:
            raise RunError(f"an event at {at} ms is in the past")
        self._network.event(self._target(cell, mechanism, place, weights), at)

    def _target(
        self, cell: int, mechanism: int, place: int, weights: Sequence[float]
    ) -> tuple[int, int]:
        u, lane = self._place(cell, 0)
        table = self._table(cell, mechanism, place, "")
        return u, self._running[u].target(table, lane, place, weights)

    def run(self, milliseconds: float) -> None:
        """Move on by some ms, rounded to time steps."""
        left = round(milliseconds / self.dt)
        start = time.perf_counter()
        while left > 0:
            steps = min(left, _CHUNK, self._network.shortest)
            due = self._network.due(self.step, steps, len(self.units))
            fired = []
            for u, spikes, recorded in spread(
                self._pool, self.threads, self._running, due, self.step, steps
            ):
                self._recorded[u].append(recorded)
                fired += [(int(step), self._detectors[u][k]) for step, k in spikes]
            fired.sort()
            self._spikes += fired
            self._network.spikes(fired)
            self.step += steps
            left -= steps
        self.wall_seconds += time.perf_counter() - start

    @property
    def times(self) -> NDArray[np.float64]:
        """The times of recorded values in ms, from 0 on."""
        return np.arange(self.step + 1, dtype=np.float64) * self.dt

    def recorded(self, record: int) -> Numbers:
        """What was recorded, shape (steps + 1,): at the start and after each step."""
        u, column = self._records[record]
        first = self._running[u].at_start[column : column + 1]
        return np.concatenate([first, *(some[:, column] for some in self._recorded[u])])

    def spikes(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times in ms and sources of all spikes, in order of time."""
        ordered = np.array(sorted(self._spikes), np.int64).reshape(-1, 2)
        return np.asarray(ordered[:, 0] * self.dt, np.float64), ordered[:, 1]

    @property
    def ticks(self) -> NDArray[np.int64]:
        """Ticks of the clock in each phase."""
        return np.asarray(np.sum([r.clock for r in self._running], axis=0), np.int64)

    def received(self) -> list[tuple[Counter[Kind], int]]:
        """Operations of an event at each target, and how many came there."""
        return [pair for running in self._running for pair in running.received()]

    def _place(self, cell: int, compartment: int) -> tuple[int, int]:
        if not 0 <= cell < len(self.cells):
            raise RunError(f"no cell {cell}; there are {len(self.cells)}")
        if not 0 <= compartment < len(self.cells[cell].parent):
            n = len(self.cells[cell].parent)
            raise RunError(f"no compartment {compartment} in cell {cell}; it has {n}")
        return self._unit_of[cell]

    def _table(self, cell: int, mechanism: int, place: int, variable: str) -> int:
        placed = self.cells[cell].placed
        if not 0 <= mechanism < len(placed) or not 0 <= place < len(placed[mechanism].where):
            raise RunError(f"cell {cell} has no place {place} of a mechanism {mechanism}")
        u, lane = self._unit_of[cell]
        if variable and variable not in self.units[u].table_of(lane, mechanism, place).rows:
            name = placed[mechanism].mechanism.name
            raise RunError(f"no variable {variable[:40]!r} of {name} differs from place to place")
        return mechanism

    def _before_run(self, what: str) -> None:
        if self.step:
            raise RunError(f"{what} are added before the first run")


PHASE_NAMES = {
    loop.DELIVER: "deliver",
    loop.CURRENTS: "currents",
    loop.SOLVE: "solve",
    loop.STATES: "states",
    loop.WATCH: "record",
}
