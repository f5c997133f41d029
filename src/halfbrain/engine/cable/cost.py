"""What stepping detailed cells cost, phase by phase, and what a piece of it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from halfbrain.engine.cable.call import Call
from halfbrain.engine.cable.loop import PHASE_NAMES
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.solve import ARRAYS
from halfbrain.engine.cable.table import Table
from halfbrain.program.cost import Cost, Phase
from halfbrain.program.operations import Kind
from halfbrain.random.streams import DRAWN

_EVERY_STEP = {"currents": "current", "states": "step", "deliver": "watch"}


@dataclass(frozen=True)
class CableTerms:
    """The terms that an estimate is made of.

    ``mechanisms`` has FLOP of a step of a compartment or synapse, by mechanism; ``solve`` those of
    the solver, ``events`` those of an event by the point process that takes it; ``bytes`` are those
    of a cell. Random numbers of events are those that were drawn in the run so far.
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
            for phase, call in _EVERY_STEP.items():
                if (made := table.calls.get(call)) is not None:
                    operations[phase] += _times(made, steps)
                    moved[phase] += made.bytes * steps
        for made in unit.nernst:
            operations["currents"] += _times(made, steps)
        for made in unit.solve:
            operations["solve"] += _times(made, steps)
        moved["solve"] += steps * sum(unit.nodes[name].nbytes for name in ARRAYS)
    events = 0
    for _, counted, times in _received(simulation):
        operations["deliver"] += counted
        events += times
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
    totals, places = Counter[str](), Counter[str]()
    solve = 0
    for unit in simulation.units:
        for table in unit.tables:
            name = table.mechanism.name
            places[name] += table.count
            for call in ("current", "step"):
                if (made := table.calls.get(call)) is not None:
                    totals[name] += Cost(made.operations).flop
        solve += sum(Cost(made.operations).flop for made in unit.solve)
    compartments = sum(len(cell.parent) for cell in simulation.cells)
    return CableTerms(
        {name: totals[name] / places[name] for name in places},
        solve / compartments,
        _of_an_event(simulation),
        sum(cable_memory(simulation).values()) / len(simulation.cells),
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


def _of_an_event(simulation: CableSimulation) -> dict[str, float]:
    flop, times, still = Counter[str](), Counter[str](), dict[str, float]()
    for table, counted, came in _received(simulation):
        name = table.mechanism.name
        flop[name] += Cost(counted).flop
        times[name] += came
        still[name] = Cost(table.calls["receive"].operations).flop / table.count
    return {name: flop[name] / times[name] if times[name] else still[name] for name in still}


def _received(simulation: CableSimulation) -> Iterator[tuple[Table, Counter[Kind], int]]:
    """For each table the operations of all events so far, and how many came there.

    A loop over release sites is unrolled, and draws in the rounds that are taken only.
    """
    found = iter(simulation.received())
    for table in (t for unit in simulation.units for t in unit.tables if "receive" in t.calls):
        one, times = next(found)
        counted = Counter({kind: n * times for kind, n in one.items()})
        step = table.calls.get("step")
        if DRAWN in table.rows and not (step and step.operations["random"]):
            counted["random"] = int(table.whole(DRAWN).ravel()[: table.count].sum())
        yield table, counted, times


def _times(call: Call, n: int) -> Counter[Kind]:
    return Counter({kind: n * count for kind, count in call.operations.items()})
