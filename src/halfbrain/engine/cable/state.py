"""All that changes in a run of detailed cells, as named arrays, and a run set to such a state.

Nothing in it depends on which cells are stepped together: numbers lie in the order of
:class:`Numbering`, whatever units and threads there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfbrain.engine.cable.identity import identity
from halfbrain.engine.cable.layout import Layout
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.packed import Array, Part
from halfbrain.errors import RunError

# Arrays whose lengths differ from time to time.
_GROWS = ("events/", "spikes/", "records/", "given/")
_EVENTS = ("steps", "connections", "times", "flags")


@dataclass(frozen=True)
class Cells:
    """A simulation of cells as a checkpoint takes it."""

    simulation: CableSimulation

    @property
    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        return identity(self.simulation)

    def parts(self) -> dict[str, Part]:
        """See :func:`state`."""
        return state(self.simulation)

    def put_back(self, parts: Mapping[str, Part]) -> None:
        """See :func:`restore`."""
        restore(self.simulation, parts)


def state(simulation: CableSimulation) -> dict[str, Part]:
    """What a run has come to, copied."""
    return _state(simulation, Layout(simulation.cells, simulation._running))


def _state(simulation: CableSimulation, layout: Layout) -> dict[str, Part]:
    out = {name: Part(some.kind, some.copied()) for name, some in layout.arrays.items()}
    exact = {"step": np.array([simulation.step]), "ticks": simulation.ticks}
    exact["wall_seconds"] = np.array([simulation.wall_seconds])
    exact |= _events(layout) | _received(layout) | simulation._network.parts()
    exact["spikes/times"], exact["spikes/sources"] = simulation.spikes()
    for number, record in enumerate(simulation.records):
        parts = record.records.parts(record.column)
        exact |= {f"records/{number}/{name}": array for name, array in parts.items()}
    return out | {name: Part("exact", array) for name, array in exact.items()}


def _events(layout: Layout) -> dict[str, Array]:
    """Events under way by connection, those of one as they were put."""
    each = [running.inbox.events() for running in layout.running]
    steps, _, times, flags = (np.concatenate(some) for some in zip(*each, strict=True))
    numbers = zip(layout.connections, each, strict=True)
    connections = np.concatenate([of[events[1]] for of, events in numbers])
    order = np.argsort(connections, kind="stable")
    arrays = steps, connections, times, flags
    return {f"events/{name}": x[order] for name, x in zip(_EVENTS, arrays, strict=True)}


def _received(layout: Layout) -> dict[str, Array]:
    """Events that each mechanism has taken."""
    out: dict[str, Array] = {}
    for running in layout.running:
        inbox = running.inbox
        for table, count in zip(running.unit.tables, inbox.counts, strict=True):
            if "receive" in table.calls:
                name = f"received/{table.mechanism.name}"
                out[name] = out.get(name, np.zeros(1, np.int64)) + count
    return out


def restore(simulation: CableSimulation, parts: Mapping[str, Part]) -> None:
    """Set a simulation to a state that :func:`state` gave of one with the same cells and network.

    It may have been run, or just been built. What was put into its cells (clamps) stays.

    Raises
    ------
    RunError
        if the state is of another simulation; nothing is changed then.
    """
    layout = Layout(simulation.cells, simulation._running)
    now = _state(simulation, layout)
    for name in sorted({*now, *parts}):
        if same := name in now and name in parts:
            one, other = now[name].array, parts[name].array
            same = one.dtype == other.dtype and (
                name.startswith(_GROWS) or one.shape == other.shape
            )
        if not same:
            raise RunError(f"the state is of other cells or another network: {name[:60]!r} differs")
    arrays = {name: part.array for name, part in parts.items()}
    for name, some in layout.arrays.items():
        some.put_back(arrays[name])
    _put_events_back(layout, arrays)
    left = {name: int(x[0]) for name, x in arrays.items() if name.startswith("received/")}
    for running in layout.running:
        running.clock[:] = 0
        for number, table in enumerate(running.unit.tables):
            running.inbox.counts[number] = left.pop(f"received/{table.mechanism.name}", 0)
    layout.running[0].clock[:] = arrays["ticks"]
    for number, record in enumerate(simulation.records):
        first = f"records/{number}/"
        own = {n.removeprefix(first): x for n, x in arrays.items() if n.startswith(first)}
        record.records.put_back(record.column, own)
    simulation._network.put_back(arrays)
    simulation._spikes = [(arrays["spikes/sources"], arrays["spikes/times"])]
    simulation.step = int(arrays["step"][0])
    simulation.wall_seconds = float(arrays["wall_seconds"][0])


def _put_events_back(layout: Layout, arrays: Mapping[str, Array]) -> None:
    steps, connections, times, flags = (arrays[f"events/{name}"] for name in _EVENTS)
    unit = np.empty(sum(map(len, layout.connections)), np.int64)
    own = np.empty(len(unit), np.int64)
    for u, numbers in enumerate(layout.connections):
        unit[numbers], own[numbers] = u, np.arange(len(numbers))
    for u, running in enumerate(layout.running):
        some = unit[connections] == u
        events = steps[some], own[connections[some]], times[some], flags[some]
        running.inbox.put_back(*events)
