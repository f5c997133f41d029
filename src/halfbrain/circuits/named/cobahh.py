"""Hodgkin-Huxley neurons with conductance-based synapses."""

from __future__ import annotations

from halfbrain.cells.hodgkin_huxley import TRAUB_MILES
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.circuits.named.size import whole
from halfbrain.connectivity.rule import Bernoulli
from halfbrain.connectivity.value import Normal, Uniform


def cobahh(neurons: int = 4000) -> Circuit:
    """COBAHH of Brian2GeNN's benchmarks, after benchmark 3 of Brette et al. 2007.

    Four fifths excite. Each neuron has 1,000 synapses on average, or one with every neuron where
    there are fewer. As in Brian2GeNN, weights are next to nothing (up to 1e-9 nS), so that the
    neurons fire alike at every size: what is measured is the work, not the coupling.

    Raises
    ------
    CircuitError
        for fewer than 5 neurons.
    """
    neurons = whole("cobahh", "neurons", neurons, 5)
    excitatory = neurons * 4 // 5
    start = {
        "V": Normal("-65 mV", "5 mV"),
        "g_E": Normal("40 nS", "15 nS"),
        "g_I": Normal("200 nS", "120 nS"),
    }
    rule = Bernoulli(min(1.0, 1000 / neurons), autapses=True)
    return Circuit(
        name="cobahh",
        populations=(
            Population("E", TRAUB_MILES, excitatory, start),
            Population("I", TRAUB_MILES, neurons - excitatory, start),
        ),
        projections=tuple(
            Projection(source, target, receptor, rule, weight=Uniform(0.0, "1e-9 nS"))
            for source, receptor in (("E", "ex"), ("I", "in"))
            for target in ("E", "I")
        ),
        source=TRAUB_MILES.source,
    )
