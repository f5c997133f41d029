"""A built circuit as the compiled loop takes it: everything by address and number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.circuit import Circuit, SpikeList
from halfbrain.engine.finite import all_finite
from halfbrain.engine.point import deliver, learn, loop, plastic, update
from halfbrain.engine.point.collect import collect
from halfbrain.engine.point.layout import Layout
from halfbrain.engine.point.neurons import Neurons
from halfbrain.engine.point.played import Played
from halfbrain.engine.point.synapses import Plastic, described, rule_arguments
from halfbrain.engine.point.tables import Table
from halfbrain.equations.steps import step_holding
from halfbrain.errors import CircuitError

Array = NDArray[Any]
MOST_STEPS = 512  # of one call of the loop


class Plan:
    """Memory that the parts share, and the loop's arguments.

    ``received`` is where each part sums what arrives (receptors, neurons); ``ring`` holds the
    spikes of past steps (one array of slots x neurons for each part), ``counts`` where in a slot
    each population's begin.
    """

    def __init__(
        self,
        circuit: Circuit,
        layout: Layout,
        neurons: dict[int, Neurons],
        tables: list[Table],
        plastics: list[Plastic | None],
        dt: float,
        dtype: type[np.floating[Any]],
        wide: bool,
    ) -> None:
        self.layout = layout
        self._number = np.zeros(0, dtype)
        self._whole = np.zeros(0, np.int64 if wide else np.int32)
        self._kept = (tables, plastics)
        receptors = max((len(n.model.receptors) for n in neurons.values()), default=0)
        self.received = [
            np.zeros((max(receptors, 1), max(int(size), 1)), self._whole.dtype)
            for size in layout.part_size
        ]
        self._received_at = np.array([r.ctypes.data for r in self.received], np.int64)
        self.neurons(neurons, len(circuit.populations))
        self.given, self.cursor = _given(circuit, layout, dt)
        self._listed, self._begins = len(self.given), self.cursor.copy()
        self.inputs = Played(layout.parts)
        self._played = self.inputs.cursors(0)
        self._past(circuit, tables)
        self._tables(circuit, tables, plastics)
        self._meeting = np.zeros(16, np.int64)

    def run(
        self,
        thread: int,
        threads: int,
        first: int,
        steps: int,
        records: NDArray[np.int64],
        recorded: NDArray[np.float64],
        every: int,
        events: NDArray[np.int64],
        ticks: NDArray[np.int64],
    ) -> None:
        """One thread's share of some steps; see :func:`loop.run`."""
        loop.run(
            thread, threads, first, steps, self._meeting.ctypes.data, self.slots, self._ring_at,
            self.counts, self.described, self.rules, self._received_at, self.layout.part_size,
            self._updates, self._slices, self.given, self.cursor, self.inputs.described,
            self._played, records, recorded, every, events, ticks, self._whole, self._number,
        )  # fmt: skip

    def finite(self, thread: int, threads: int) -> bool:
        """Whether all states in one thread's share are numbers, padding included."""
        parts = self.layout.parts
        mine = self._states[parts * thread // threads : parts * (thread + 1) // threads]
        return all_finite(mine.reshape(-1, 2), self._number.itemsize)

    def begin(self, step: int) -> None:
        """Make ready for a call of the loop from a step on."""
        self._played = self.inputs.cursors(step)

    def rewind(self, step: int) -> None:
        """Go on with the given spikes of a step."""
        n = len(self.cursor) // 2
        for p in range(n):
            begin, end = self._begins[p], self.cursor[n + p]
            self.cursor[p] = begin + np.searchsorted(self.given[begin:end, 0], step)

    def tell(self, spikes: Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
        """Steps (rising, from now on) and neurons of spikes that populations fire, by its number.

        Those that were told before have all been played.
        """
        at, n = self._listed, len(self.cursor) // 2
        room = at + sum(len(steps) for steps, _ in spikes.values())
        if room > len(self.given):
            self.given = np.concatenate([self.given[:at], np.zeros((2 * (room - at), 2), np.int64)])
        for index, (steps, neurons) in spikes.items():
            end = at + len(steps)
            self.given[at:end, 0] = steps
            self.given[at:end, 1] = neurons + self.layout.first[index]
            self.cursor[index], self.cursor[n + index] = at, end
            at = end

    def met(self) -> None:
        """Make the barrier ready for the next call, which may have other threads."""
        self._meeting[:] = 0

    def spikes(self, first: int, steps: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The spikes of some steps that have just been, sorted by step and neuron."""
        slots = np.arange(first, first + steps) % self.slots
        when, who = np.empty((2, int(self.counts[:, slots, -1].sum())), np.int64)
        collect(self._ring_at, self.counts, self.slots, first, when, who)
        return when, who

    def flush(self, table: int, step: int) -> int:
        """Make up what spikes before ``step`` did to a plastic table; the number of changes.

        Where a source's spike is first, a target's of the last step still waits for those that
        arrive with it.
        """
        if not self.described[table, deliver.REMEMBERS]:
            return 0
        return sum(
            learn.flush(
                self.described[table],
                self.rules[table, part],
                part,
                self.layout.parts,
                step - self.described[table, deliver.SOURCE_FIRST],
                self._number.itemsize,
            )
            for part in range(self.layout.parts)
        )

    def neurons(self, neurons: dict[int, Neurons], n: int) -> None:
        """Take the neurons of ``n`` populations, by number; at first, and where some change."""
        self._neurons = dict(neurons)  # kept, for the loop has but their addresses
        width = max((x.arguments.shape[1] for x in neurons.values()), default=1)
        self._updates = np.zeros(n, np.int64)
        self._slices = np.zeros((self.layout.parts, n, width), np.int64)
        self._states = np.zeros((self.layout.parts, n, 2), np.int64)
        for index, x in neurons.items():
            for part, state in enumerate(x.state):
                self._states[part, index] = state.ctypes.data, state.size
            self._updates[index] = x.update.address
            self._slices[:, index, : x.arguments.shape[1]] = x.arguments
            for part, received in enumerate(self.received):
                local = int(self.layout.local[index, part])
                a = self._slices[part, index]
                a[update.ARRIVED] = received.ctypes.data + local * received.itemsize
                a[update.STRIDE] = received.shape[1] * received.itemsize

    def _past(self, circuit: Circuit, tables: list[Table]) -> None:
        self.longest = max((t.shortest + t.delays for t in tables), default=1)
        self.slots = self.longest + 2 + MOST_STEPS
        lists = sum(p.size for p in circuit.populations if isinstance(p.model, SpikeList))
        room = self.layout.part_size + np.where(np.arange(self.layout.parts) == 0, lists, 0)
        self.ring = [np.empty((self.slots, max(int(size), 1)), np.int32) for size in room]
        self._ring_at = np.array(
            [r.ctypes.data + np.arange(self.slots) * r.strides[0] for r in self.ring], np.int64
        )
        self.counts = np.zeros(
            (self.layout.parts, self.slots, len(circuit.populations) + 1), np.int64
        )

    def _tables(
        self, circuit: Circuit, tables: list[Table], plastics: list[Plastic | None]
    ) -> None:
        self._sources = [
            np.array(
                [
                    (p, row - self.layout.first[p], circuit.populations[p].size)
                    for p, row in t.sources
                ],
                np.int64,
            )
            for t in tables
        ]
        parts = self.layout.parts
        self.described = np.zeros((len(tables), deliver.TABLE), np.int64)
        self.rules = np.zeros((len(tables), parts, plastic.ARGUMENTS), np.int64)
        for i, (table, state) in enumerate(zip(tables, plastics, strict=True)):
            self.described[i] = described(table, self._sources[i], state)
            if state:
                at = [
                    int(r.ctypes.data) + table.receptor * r.shape[1] * r.itemsize
                    for r in self.received
                ]
                self.rules[i] = rule_arguments(table, state, self.layout, at)


def _given(
    circuit: Circuit, layout: Layout, dt: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Spikes that are given (step, neuron), by population, then step; and cursors into them.

    A cursor for each population says where its next spike is; behind those is where its last one's
    successor would be.
    """
    rows, edges = [np.zeros((0, 2), np.int64)], [0]
    for index, population in enumerate(circuit.populations):
        found = np.zeros((0, 2), np.int64)
        if isinstance(population.model, SpikeList):
            found = _listed(population.model, population.size, dt, population.name)
            found[:, 1] += layout.first[index]
        rows.append(found)
        edges.append(edges[-1] + len(found))
    return np.concatenate(rows), np.array(edges[:-1] + edges[1:], np.int64)


def _listed(given: SpikeList, size: int, dt: float, name: str) -> NDArray[np.int64]:
    place = f"population {name!r}"
    times, who = np.asarray(given.times, np.float64), np.asarray(given.neurons)
    if times.shape != who.shape or times.ndim != 1:
        raise CircuitError(
            f"{place}: times and neurons of its spikes are not two lists of one size"
        )
    if len(times) and not (np.isfinite(times).all() and times.min() >= 0):
        raise CircuitError(f"{place}: a spike is at no time from 0 on")
    if len(who) and not (who.min() >= 0 and who.max() < size):
        raise CircuitError(f"{place}: a spike is of a neuron outside of 0 to {size - 1}")
    steps = step_holding(times, dt).astype(np.int64)
    found = np.unique(np.stack([steps, who.astype(np.int64)], axis=1), axis=0)
    if len(found) < len(times):
        order = np.lexsort((who, steps))
        again = (np.diff(steps[order]) == 0) & (np.diff(who[order]) == 0)
        which = order[int(np.flatnonzero(again)[0])]
        raise CircuitError(
            f"{place}: neuron {who[which]} has two spikes in one time step, at {times[which]:g} s; "
            f"take a smaller dt, or another neuron for the second"
        )
    return found
