"""The smallest circuit: one neuron fires at given times, and others count what arrives."""

import numpy as np

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.connectivity.rule import AllToAll

COUNTER = Neuron("n : 1", receptors={"in": "n"}, name="counter")


def onto_counters(*projections, times=(5e-4,), size=1, sources=1, **more):
    """Neuron 0 of ``in`` fires at ``times``, and ``out`` counts what arrives."""
    given = SpikeList(np.array(times), np.zeros(len(times), int))
    counters = Population("out", COUNTER, size, {"n": np.zeros(size)})
    return Circuit((Population("in", given, sources), counters), projections, **more, name="c")


def feed(weight, delay=0.0, plasticity=None, rule=None):
    return Projection(
        "in", "out", "in", rule or AllToAll(), weight=weight, delay=delay, plasticity=plasticity
    )
