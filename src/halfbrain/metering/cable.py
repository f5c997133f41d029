"""What stepping detailed cells cost, phase by phase, and what a piece of it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from halfbrain.dynamics.instructions import Kind
from halfbrain.engine.cable.loop import PHASE_NAMES
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.table import Call
from halfbrain.metering.cost import Cost
from halfbrain.metering.run import Phase


@dataclass(frozen=True)
class CableTerms:
    """The terms that an estimate is made of.

    ``mechanisms`` has FLOP of a compartment's step, by mechanism; ``solve`` those of the solver,
    ``events`` those of an event by the point process that takes it; ``bytes`` are those of a cell.
    """

    mechanisms: Mapping[str, float]
    solve: float
    events: Mapping[str, float]
    bytes: float


def cable_phases(simulation: CableSimulation) -> list[Phase]:
    """The cost of a run so far: deliver, currents, solve, states, record.

    Counted are cells' compartments, not the lanes that no cell fills; bytes are those of all rows
    that a step reads or writes, which mostly stay in the cache.
    """
    ticks = simulation.ticks
    seconds = simulation.wall_seconds * ticks / max(int(ticks.sum()), 1)
    operations = {name: Counter[Kind]() for name in PHASE_NAMES.values()}
    moved = dict.fromkeys(PHASE_NAMES.values(), 0)
    steps = simulation.step
    for unit in simulation.units:
        for table in unit.tables:
            for phase, call in (("currents", "current"), ("states", "step")):
                if (made := table.calls.get(call)) is not None:
                    operations[phase] += _times(made, steps)
                    moved[phase] += table.record.nbytes * steps
        for made in unit.nernst:
            operations["currents"] += _times(made, steps)
        for made in unit.solve:
            operations["solve"] += _times(made, steps)
        moved["solve"] += steps * sum(array.nbytes for array in unit.nodes.values())
    for counted, times in simulation.received():
        operations["deliver"] += Counter({kind: n * times for kind, n in counted.items()})
    events = sum(times for _, times in simulation.received())
    return [
        Phase(
            name,
            Cost(
                operations[name],
                cached_bytes=moved[name],
                events=events if name == "deliver" else 0,
                seconds=float(seconds[number]),
            ),
        )
        for number, name in PHASE_NAMES.items()
    ]


def cable_terms(simulation: CableSimulation) -> CableTerms:
    """Means over all cells of a simulation."""
    totals, places, events = Counter[str](), Counter[str](), dict[str, float]()
    solve = size = 0
    for unit in simulation.units:
        size += sum(array.nbytes for array in unit.nodes.values())
        for table in unit.tables:
            name = table.mechanism.name
            size += table.record.nbytes
            places[name] += table.count
            for call in ("current", "step"):
                if (made := table.calls.get(call)) is not None:
                    totals[name] += Cost(made.operations).flop
            if (made := table.calls.get("receive")) is not None:
                events[name] = Cost(made.operations).flop / table.count
        solve += sum(Cost(made.operations).flop for made in unit.solve)
    compartments = sum(len(cell.parent) for cell in simulation.cells)
    return CableTerms(
        {name: totals[name] / places[name] for name in places},
        solve / compartments,
        events,
        size / len(simulation.cells),
    )


def cable_memory(simulation: CableSimulation) -> dict[str, int]:
    """Bytes of synapses (point processes), and of the neurons' compartments and channels."""
    held = Counter[str]()
    for unit in simulation.units:
        held["neurons"] += sum(array.nbytes for array in unit.nodes.values())
        for table in unit.tables:
            kind = "synapses" if table.mechanism.kind == "point" else "neurons"
            held[kind] += table.record.nbytes
    return {"synapses": held["synapses"], "neurons": held["neurons"]}


def _times(call: Call, n: int) -> Counter[Kind]:
    return Counter({kind: n * count for kind, count in call.operations.items()})
