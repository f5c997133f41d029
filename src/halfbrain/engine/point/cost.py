"""What a run cost, phase by phase: counted from what was compiled, timed in the loop itself."""

from __future__ import annotations

from collections import Counter

from halfbrain.engine.point import loop
from halfbrain.engine.point.packing import PLASTIC
from halfbrain.engine.point.stepped import Stepped
from halfbrain.program.cost import Cost, Phase
from halfbrain.program.operations import Kind


def phases(simulation: Stepped, cache_bytes: int) -> list[Phase]:
    """The cost of a run so far: delivery, plasticity, update, waiting for other threads.

    Delivery is an addition for each synaptic event, and the bytes of its synapse. Plasticity counts
    the rule's operations for each event, and for each spike of a target at each of its synapses.
    The update counts the equations' operations for each neuron and step; its state is taken to
    stay in the cache if it fits into ``cache_bytes``.
    """
    ticks = simulation.ticks.sum(axis=0)
    seconds = simulation.wall_seconds * ticks / max(int(ticks.sum()), 1)
    deliver = Cost(seconds=float(seconds[loop.DELIVER]))
    learn = Cost(seconds=float(seconds[loop.LEARN]))
    for t, table in enumerate(simulation.tables):
        events, changes = (int(n) for n in simulation.events[:, t].sum(axis=0))
        state = simulation.plastics[t]
        if table.kind != PLASTIC or state is None:
            deliver += Cost(
                Counter[Kind]({"add": events}), table.synapse_bytes * events, events=events
            )
            continue
        operations = Counter[Kind]()
        for counted, times in ((state.rule.on_event, events), (state.rule.on_target, changes)):
            operations += Counter({kind: n * times for kind, n in counted.items()})
        operations["add"] += events
        # The weight is read and written, the target read.
        moved = (table.synapse_bytes + table.weights.itemsize) * events
        learn += Cost(operations, moved, events=events)
    return [
        Phase("deliver", deliver),
        *([Phase("plasticity", learn)] if any(simulation.plastics) else []),
        Phase("update", _update(simulation, cache_bytes, float(seconds[loop.UPDATE]))),
        Phase("wait", Cost(seconds=float(seconds[loop.WAIT]))),
    ]


def _update(simulation: Stepped, cache_bytes: int, seconds: float) -> Cost:
    operations, moved, held = Counter[Kind](), 0, 0
    for neurons in simulation.neurons_of.values():
        n = neurons.population.size * simulation.step
        operations += Counter({kind: k * n for kind, k in neurons.update.operations.items()})
        moved += neurons.update.bytes * n
        held += sum(state.nbytes for state in neurons.state)
    held += sum(received.nbytes for received in simulation.plan.received)
    if held <= cache_bytes:
        return Cost(operations, 0, moved, seconds=seconds)
    return Cost(operations, moved, seconds=seconds)


def memory_bytes(simulation: Stepped) -> dict[str, int]:
    """Memory of the synapses, and of the neurons with what they receive."""
    synapses = sum(table.bytes for table in simulation.tables)
    for state in simulation.plastics:
        if state is not None:
            by_target = (state.post_last, state.post_count, state.post_steps, state.post_before)
            synapses += state.last.nbytes + state.pre.nbytes
            synapses += sum(a.nbytes for arrays in (*by_target, state.post) for a in arrays)
    neurons = sum(int(r.nbytes) for r in simulation.plan.received)
    for x in simulation.neurons_of.values():
        neurons += sum(int(s.nbytes) for s in x.state)
    return {"synapses": synapses, "neurons": neurons}
