"""Integrate-and-fire neurons in balance, with current-based synapses."""

from __future__ import annotations

from halfbrain.cells.integrate_and_fire import CUBA
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.circuits.named.size import whole
from halfbrain.connectivity.rule import Bernoulli
from halfbrain.connectivity.value import Uniform


def cuba(neurons: int = 4000) -> Circuit:
    """Benchmark 2 of Brette et al. 2007, after Vogels and Abbott 2005, as in Brian2's CUBA.

    Four fifths excite. Any pair is joined with probability 80/``neurons``, which is the 0.02 of
    the paper at 4,000 neurons, so that each neuron has 80 inputs at any size.

    Raises
    ------
    CircuitError
        for fewer than 80 neurons.
    """
    neurons = whole("cuba", "neurons", neurons, 80)
    excitatory = neurons * 4 // 5
    start = {"v": Uniform("-60 mV", "-50 mV")}
    p = 80 / neurons
    return Circuit(
        name="cuba",
        populations=(
            Population("E", CUBA, excitatory, start),
            Population("I", CUBA, neurons - excitatory, start),
        ),
        projections=tuple(
            Projection(source, target, receptor, Bernoulli(p, autapses=True), weight=weight)
            for source, receptor, weight in (("E", "ex", "1.62 mV"), ("I", "in", "-9 mV"))
            for target in ("E", "I")
        ),
        source=CUBA.source,
    )
