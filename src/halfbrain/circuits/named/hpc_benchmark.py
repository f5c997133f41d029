"""The balanced network with power-law STDP on which NEST is measured on supercomputers."""

from __future__ import annotations

import math
from dataclasses import replace

from halfbrain.cells.catalogue import named_neuron, named_rule
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection
from halfbrain.circuits.named.peak import peak_after_alpha
from halfbrain.circuits.named.size import share, whole
from halfbrain.connectivity.rule import FixedIn
from halfbrain.connectivity.value import Normal

EXCITATORY, INHIBITORY = 9000, 2250  # at scale 1, and the inputs of a neuron at every scale
_TAU_M, _CAPACITANCE, _THRESHOLD = 10e-3, 250e-12, 20e-3
# With these, a postsynaptic potential rises for 1.700759 ms.
_TAU_SYN = 0.32582722403722841e-3
_PEAK = 0.14e-3  # volt
_INHIBITION, _EXTERNAL = 5.0, 1.685


def hpc_benchmark(scale: float = 1.0, *, plasticity: bool = True) -> Circuit:
    """NEST's hpc_benchmark, after Morrison et al. 2007 and Kunkel et al. 2014.

    11,250 x ``scale`` neurons, each with 11,250 inputs at any scale. Below a scale of about 10
    neurons share so many inputs that with plasticity the network slides into synchrony.

    NEST puts the whole delay on the target's side and delivers a weight after depression; here
    the delay is on the source's side and a weight is delivered as it was before.

    Parameters
    ----------
    scale
        size.
    plasticity
        without it, excitatory synapses onto excitatory neurons keep their weight.

    Raises
    ------
    CircuitError
        for a scale that leaves no neuron, or too many.
    """
    scale = share("hpc-benchmark", "scale", scale, 1e5)
    sizes = {
        "E": whole("hpc-benchmark", "excitatory neurons", int(EXCITATORY * scale), 2),
        "I": whole("hpc-benchmark", "inhibitory neurons", int(INHIBITORY * scale), 2),
    }
    cell = named_neuron(
        "lif_current_alpha_shared",
        E_L="0 mV",
        V_th="20 mV",
        V_r="0 mV",
        tau_m="10 ms",
        C_m="250 pF",
        tau_I=f"{_TAU_SYN!r} * second",
    )
    # A rest of 0.5 ms after the step of the spike, as NEST counts, is 6 steps.
    cell = replace(cell, refractory="0.6 ms")
    weight = _PEAK / peak_after_alpha(_TAU_M, _TAU_SYN, _CAPACITANCE)
    # The charge of one spike, exp(1) tau_syn weight, over what holds v at the threshold.
    rate = _EXTERNAL * _THRESHOLD * _CAPACITANCE / (_TAU_M * weight * math.e * _TAU_SYN)
    return Circuit(
        name="hpc-benchmark",
        populations=tuple(
            Population(name, cell, size, {"v": Normal("5.7 mV", "7.2 mV")})
            for name, size in sizes.items()
        ),
        projections=tuple(
            Projection(
                source,
                target,
                "syn",
                FixedIn(inputs, autapses=False),
                weight=size,
                delay="1.5 ms",
                plasticity=named_rule("power_law_stdp")
                if plasticity and source == target == "E"
                else None,
            )
            for source, inputs, size in (
                ("E", EXCITATORY, weight),
                ("I", INHIBITORY, -_INHIBITION * weight),
            )
            for target in sizes
        ),
        drives=tuple(PoissonDrive(target, "syn", rate, weight) for target in sizes),
        source="NEST's hpc_benchmark; Morrison, Aertsen and Diesmann 2007, "
        "doi 10.1162/neco.2007.19.6.1437; Kunkel et al. 2014, doi 10.3389/fninf.2014.00078",
    )
