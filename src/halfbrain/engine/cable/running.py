"""A unit's part of a run: what is put into its cells and what is watched in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.detailed.drive import Wave
from halfbrain.engine.cable import loop
from halfbrain.engine.cable.call import Call
from halfbrain.engine.cable.finite import Look
from halfbrain.engine.cable.inbox import Inbox
from halfbrain.engine.cable.links import Link, copies
from halfbrain.engine.cable.network import Spikes
from halfbrain.engine.cable.records import Records
from halfbrain.engine.cable.solve import areas
from halfbrain.engine.cable.table import Numbers, Table
from halfbrain.engine.cable.together import currents, states
from halfbrain.engine.cable.unit import Unit
from halfbrain.engine.cable.waves import Waves


class Running:
    """The arguments of the compiled loop for one unit; ``look`` sees whether it is all numbers.

    ``links`` are POINTERs to variables of the same cells, ``transfers`` those to other cells of it.
    """

    def __init__(
        self,
        unit: Unit,
        dt: float,
        links: Sequence[Link] = (),
        transfers: Sequence[Link] = (),
        *,
        check_finite: bool = True,
    ) -> None:
        self.unit, self.dt = unit, dt
        tables = [unit.tables[p] for p in unit.order]
        # Kept, for the loop has but their addresses.
        all_, between = ([copies(x, unit.dtype)] if x else [] for x in (links, transfers))
        fresh: dict[Table, list[Link]] = {}
        for link in links:
            if link.fresh:
                fresh.setdefault(unit.tables[link.reader], []).append(link)
        before = {table: copies(some, unit.dtype) for table, some in fresh.items()}
        added, empty = currents(tables, unit.n, before)
        # Links are there for events too, which come before currents and may change what they read.
        self.calls = (
            (*unit.cleared(empty), *unit.nernst, *all_, *added),
            (*between, *all_, *states(tables, before), *all_),
        )
        self.currents, self.states = (_pairs([call.pair for call in c]) for c in self.calls)
        self.solve = _pairs([call.pair for call in unit.solve])
        sums = [unit.nodes[name] for name in sorted(unit.ions.currents)]
        self.cleared = _pairs([(a.ctypes.data, a.size) for a in sums])
        self.timed = np.array([t.uniform.ctypes.data for t in tables if t.takes_time], np.int64)
        self.clamps: list[tuple[float, float, float]] = []
        self.clamp_at: list[int] = []
        self.holds: list[list[float]] = []
        self.hold_at: list[tuple[int, int, int]] = []
        self.waves = Waves(dt)
        self.addresses: list[int] = []
        self.detectors: list[int] = []
        self.thresholds: list[float] = []
        self.numbers: list[int] = []  # of the sources that detectors are
        self.above = np.zeros(0, np.bool_)
        self.records = Records(unit.dtype)
        self.clock = np.zeros(loop.PHASES, np.int64)
        self.inbox = Inbox(unit, dt)
        self.look = Look(unit) if check_finite else None
        of_tables = [call for table in tables for call in table.calls.values()]
        for call in {*self.calls[0], *self.calls[1], *unit.nernst, *unit.solve, *of_tables}:
            if isinstance(call, Call):
                call.let_go()
        self._fixed: tuple[NDArray[Any], ...] | None = None  # of what the lists hold, for a run
        self._number = np.empty(0, unit.dtype)

    def _density(self, lane: int, compartment: int) -> float:
        return 100 / float(areas(self.unit.cells[lane])[compartment])

    def current_clamp(
        self, lane: int, compartment: int, delay: float, duration: float, amplitude: float
    ) -> None:
        """See :meth:`CableSimulation.current_clamp`."""
        self._fixed = None
        per = self._density(lane, compartment)
        self.clamps.append((delay, delay + duration, amplitude * per))
        self.clamp_at.append(self.unit.node_address("i", lane, compartment))

    def voltage_clamp(
        self,
        lane: int,
        compartment: int,
        durations: Sequence[float],
        levels: Sequence[float],
        resistance: float,
    ) -> None:
        """See :meth:`CableSimulation.voltage_clamp`."""
        ends = [float(x) for x in np.cumsum(durations)]
        ends += [ends[-1]] * (3 - len(ends))
        self._fixed = None
        per = self._density(lane, compartment)
        padded = [*levels, *[0.0] * (3 - len(levels))]
        self.holds.append([*ends, *padded, resistance, per])
        v, i, g = (self.unit.node_address(name, lane, compartment) for name in "vig")
        self.hold_at.append((v, i, g))

    def wave(self, lane: int, compartment: int, wave: Wave, reversal: float) -> None:
        """See :meth:`CableSimulation.wave`."""
        v, i, g = (self.unit.node_address(name, lane, compartment) for name in "vig")
        self.waves.add(wave, self._density(lane, compartment), (v, i, g), reversal)

    def record(self, address: int, error: float) -> int:
        """Record the number at an address; its column in the records."""
        column = self.records.column(self._now(address), error)
        self._fixed = None
        self.addresses.append(address)
        return column

    def detect(self, address: int, threshold: float, source: int) -> None:
        """Watch the voltage at an address, for a source of spikes."""
        self._fixed = None
        self.detectors.append(address)
        self.thresholds.append(threshold)
        self.numbers.append(source)
        self.above = np.append(self.above, self._now(address) > threshold)

    def _now(self, address: int) -> float:
        return float(loop.look(address, np.empty(0, self.unit.dtype)))

    def run(
        self, first: int, steps: int, told: Spikes, *, resumed: bool = False, paused: bool = False
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], Numbers]:
        """Step the unit; sources and times of its spikes, what was recorded (steps, records).

        ``told`` are sources and times of spikes that set off events. The last step may be
        ``paused`` before the states move on, and the first ``resumed`` there.
        """
        self.inbox.settle()
        with self.unit.memory.used():
            return self._run(first, steps, told, resumed, paused)

    def end(self, now: int, told: Spikes) -> list[str]:
        """Put the events that the last spikes set off, from a step on; lines of what went wrong."""
        self.inbox.settle()
        with self.unit.memory.used():
            self.inbox.tell(now, *told)
            if self.look:
                self.look.at_states()
            return [fault for table in self.unit.tables if (fault := table.fault())]

    def _run(
        self, first: int, steps: int, told: Spikes, resumed: bool, paused: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], Numbers]:
        inbox = self.inbox
        inbox.tell(first, *told)
        if self._fixed is None:
            self._fixed = self._arrays()
        clamps, clamp_at, holds, hold_at, detectors, thresholds, numbers, addresses = self._fixed
        recorded = np.empty((steps, len(addresses)), self.unit.dtype)
        sources, times, inbox.store = loop.run(
            first, steps, resumed, paused, self.dt,
            self.currents, self.solve, self.states, self.cleared, self.timed,
            clamps, clamp_at, holds, hold_at,
            self.waves.of(first, steps), self.waves.at, self.waves.reversals,
            inbox.queue.ctypes.data, inbox.store,
            inbox.held, inbox.values, inbox.kinds, inbox.counts, inbox.watched,
            detectors, thresholds, numbers, self.above, addresses, recorded, self.clock,
            self._number,
        )  # fmt: skip
        if self.look and not paused:
            self.look.at_voltages(first + steps)
        return sources, times, recorded[:-1] if paused else recorded

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return (
            np.array(self.clamps, float).reshape(-1, 3),
            np.array(self.clamp_at, np.int64),
            np.array(self.holds, float).reshape(-1, 8),
            np.array(self.hold_at, np.int64).reshape(-1, 3),
            np.array(self.detectors, np.int64),
            np.array(self.thresholds, float),
            np.array(self.numbers, np.int64),
            np.array(self.addresses, np.int64),
        )


def _pairs(pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(pairs, np.int64).reshape(-1, 2)
