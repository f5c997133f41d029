"""What an event takes."""

from dataclasses import replace

import numpy as np

from halfbrain.cells.detailed.installed import detailed_cell
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism


def events(name):
    """Nanoseconds an event: the whole of it, and in the compiled loop (one thread)."""
    cells, synapses, rate = map(int, name.split(","))
    milliseconds = 100.0
    placed = Placed(read_mechanism(DECAYING), np.zeros(synapses, np.int64), {})
    cell = replace(detailed_cell("allen-472363762"), placed=(placed,))
    taken = []
    for factor in (0, 1):
        simulation = CableSimulation([cell] * cells, threads=1)
        rng = np.random.default_rng(1)
        sources = simulation.sources(cells)
        n = cells * synapses
        place = np.tile(np.arange(synapses), cells)
        simulation.connect_many(
            sources + rng.integers(0, cells, n), np.repeat(np.arange(cells), synapses), 0, place,
            rng.uniform(0.5, 5.0, n), 1e-6,
        )  # fmt: skip
        for k in range(cells):
            spikes = rng.poisson(rate * milliseconds / 1e3 * factor)
            simulation.tell(sources + k, rng.uniform(0, milliseconds, spikes))
        simulation.run(milliseconds)
        deliver = simulation.wall_seconds * simulation.ticks[0] / simulation.ticks.sum()
        taken.append((simulation.wall_seconds, deliver))
    count = sum(n for _, n in simulation.received())
    whole, loop = ((b - a) / count * 1e9 for a, b in zip(*taken, strict=True))
    print(f"| {cells} | {synapses} | {rate} | {count} | {whole:.0f} | {loop:.0f} |", flush=True)


DECAYING = """
NEURON { POINT_PROCESS Decaying RANGE g, tau NONSPECIFIC_CURRENT i }
PARAMETER { tau = 5 }
ASSIGNED { v i }
STATE { g }
INITIAL { g = 0 }
BREAKPOINT { SOLVE fade METHOD cnexp i = g*v }
DERIVATIVE fade { g' = -g/tau }
NET_RECEIVE(weight) { g = g + weight }
"""
EVENTS = ("100,1000,10", "100,1000,100", "500,1000,10")
