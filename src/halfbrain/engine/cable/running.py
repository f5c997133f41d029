"""A unit's part of a run: what is put into its cells and what is watched in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from halfbrain.dynamics.evaluate import evaluate
from halfbrain.dynamics.hoist import used
from halfbrain.dynamics.instructions import Kind
from halfbrain.engine.cable import loop
from halfbrain.engine.cable.table import Numbers
from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import RunError

Event = tuple[int, int, float]  # the step that it is due in, the target's number, ms


class Running:
    """The arguments of the compiled loop for one unit."""

    def __init__(self, unit: Unit, dt: float) -> None:
        self.unit, self.dt = unit, dt
        tables = [unit.tables[p] for p in unit.order]
        self.currents = _pairs(
            [*(c.pair for c in unit.nernst), *(t.pair("current") for t in tables)]
        )
        self.solve = _pairs([call.pair for call in unit.solve])
        self.states = _pairs([t.pair("step") for t in tables])
        sums = [unit.nodes[name] for name in sorted(unit.ions.currents)]
        self.cleared = _pairs([(a.ctypes.data, a.size) for a in sums])
        self.timed = np.array([t.uniform.ctypes.data for t in tables if t.takes_time], np.int64)
        self.clamps: list[tuple[float, float, float]] = []
        self.clamp_at: list[int] = []
        self.holds: list[list[float]] = []
        self.hold_at: list[tuple[int, int, int]] = []
        self.targets: list[tuple[int, ...]] = []
        self.weights: list[Numbers] = []
        self.addresses: list[int] = []
        self.detectors: list[int] = []
        self.thresholds: list[float] = []
        self.above = np.zeros(0, np.bool_)
        self.at_start = np.zeros(0, unit.dtype)
        self.clock = np.zeros(loop.PHASES, np.int64)
        self.events = Counter[int]()  # how many each target took
        self.per_event: list[Counter[Kind]] = []

    def _density(self, lane: int, compartment: int) -> float:
        return 1 / float(self.unit.nodes["area"][compartment, lane])

    def current_clamp(
        self, lane: int, compartment: int, delay: float, duration: float, amplitude: float
    ) -> None:
        """See :meth:`CableSimulation.current_clamp`."""
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
        per = self._density(lane, compartment)
        padded = [*levels, *[0.0] * (3 - len(levels))]
        self.holds.append([*ends, *padded, resistance, per])
        v, i, g = (self.unit.node_address(name, lane, compartment) for name in "vig")
        self.hold_at.append((v, i, g))

    def record(self, address: int) -> int:
        """Record the number at an address; its column."""
        self.addresses.append(address)
        self.at_start = np.append(self.at_start, self._now(address))
        return len(self.addresses) - 1

    def detect(self, address: int, threshold: float) -> None:
        """Watch the voltage at an address."""
        self.detectors.append(address)
        self.thresholds.append(threshold)
        self.above = np.append(self.above, self._now(address) > threshold)

    def _now(self, address: int) -> float:
        return float(loop.look(address, np.empty(0, self.unit.dtype)))

    def target(self, table: int, lane: int, place: int, weights: Sequence[float]) -> int:
        """A place that events reach, with the values that they bring; its number here."""
        of = self.unit.table_of(lane, table, place)
        mechanism, pair = of.mechanism, of.pair("receive")
        if pair is None:
            raise RunError(f"{mechanism.name} takes no events")
        if not 0 < len(weights) <= len(mechanism.arguments):
            names = ", ".join(mechanism.arguments)
            raise RunError(
                f"an event at {mechanism.name} brings {names}, not {len(weights)} values"
            )
        values = np.zeros(len(mechanism.arguments), self.unit.dtype)
        values[: len(weights)] = weights
        if mechanism.connect is not None:
            own = self._own_variables(lane, table, place, values)
            values[:] = [own.get(x, v) for x, v in zip(mechanism.arguments, values, strict=True)]
        self.weights.append(values)
        where = self.unit.cells[lane].placed[table].where
        v = self.unit.node_address("v", lane, int(where[place]))
        record = self.unit.row_address(table, "", lane, place)
        one = of.calls["receive"]
        assert one is not None
        self.per_event.append(Counter({k: n // of.count for k, n in one.operations.items()}))
        self.targets.append((*pair, record, values.ctypes.data, len(values), v))
        return len(self.targets) - 1

    def _own_variables(self, lane: int, p: int, place: int, values: Numbers) -> dict[str, float]:
        """A connection's own variables, as its mechanism sets them at the start."""
        placed = self.unit.cells[lane].placed[p]
        mechanism = placed.mechanism
        assert mechanism.connect is not None
        given = {
            name: float(np.broadcast_to(value, len(placed.where))[place])
            for name, value in {**mechanism.parameters, **placed.parameters}.items()
        }
        known = {**mechanism.shared, **given, "t": 0.0, "dt": self.dt, "flag": 0.0}
        known |= dict(zip(mechanism.arguments, map(float, values), strict=True))
        program = used(mechanism.connect, set(mechanism.arguments))
        if missing := set(program.inputs) - set(known):
            raise RunError(f"{mechanism.name}: a connection begins from {sorted(missing)}")
        return {k: float(x) for k, x in evaluate(program, known).items()}

    def received(self) -> list[tuple[Counter[Kind], int]]:
        """Operations of an event at each target, and how many came there."""
        return [(counted, self.events[n]) for n, counted in enumerate(self.per_event)]

    def run(self, first: int, steps: int, due: list[Event]) -> tuple[NDArray[np.int64], Numbers]:
        """Step the unit; its spikes (step, detector) and what was recorded (steps, records).

        Events are taken out of ``due``, which has them in order of their steps.
        """
        mine = [event for event in due if event[0] < first + steps]
        events = np.array([(step, *self.targets[n]) for step, n, _ in mine], np.int64)
        spikes = np.empty((steps * max(len(self.detectors), 1), 2), np.int64)
        recorded = np.empty((steps, len(self.addresses)), self.unit.dtype)
        fired = loop.run(
            first, steps, self.dt, self.currents, self.solve, self.states, self.cleared,
            self.timed,
            np.array(self.clamps, float).reshape(-1, 3),
            np.array(self.clamp_at, np.int64),
            np.array(self.holds, float).reshape(-1, 8),
            np.array(self.hold_at, np.int64).reshape(-1, 3),
            events.reshape(-1, loop.EVENT),
            np.array([at for _, _, at in mine], float),
            np.array(self.detectors, np.int64),
            np.array(self.thresholds, float),
            self.above, spikes,
            np.array(self.addresses, np.int64), recorded, self.clock,
            np.empty(0, self.unit.dtype),
        )  # fmt: skip
        self.events.update(n for _, n, _ in mine)
        del due[: len(mine)]
        return spikes[:fired], recorded


def _pairs(pairs: Sequence[tuple[int, int] | None]) -> NDArray[np.int64]:
    return np.array([p for p in pairs if p is not None], np.int64).reshape(-1, 2)
