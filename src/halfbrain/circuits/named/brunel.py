"""Brunel's sparse network of excitatory and inhibitory neurons."""

from __future__ import annotations

from dataclasses import replace

from halfbrain.cells.integrate_and_fire import LIF_DELTA
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection
from halfbrain.circuits.named.size import whole
from halfbrain.connectivity.rule import FixedIn
from halfbrain.errors import CircuitError

_WEIGHT, _THRESHOLD, _TAU = 0.1e-3, 20e-3, 20e-3  # volt, volt, second


def brunel(
    neurons: int = 12_500, *, inhibition: float = 5.0, external: float = 2.0, delay: str = "1.5 ms"
) -> Circuit:
    """Model A of Brunel 2000 (doi 10.1023/A:1008925309027).

    Four fifths excite. Every neuron has inputs from a tenth of each kind, and as many from
    outside as from excitatory neurons. The states that figure 8 shows, by (``inhibition``,
    ``external``): synchronous regular (3, 2), synchronous irregular and fast (6, 4), asynchronous
    irregular (5, 2; the default), synchronous irregular and slow (4.5, 0.9).

    Parameters
    ----------
    neurons
        a multiple of 50, so that all numbers of inputs are whole.
    inhibition
        the paper's g: an inhibitory weight over an excitatory one.
    external
        the paper's ratio of the external rate to the rate that by itself reaches the threshold.
    delay
        of every synapse.

    Raises
    ------
    CircuitError
        for a size that is no multiple of 50, or a ratio below zero.
    """
    neurons = whole("brunel", "neurons", neurons, 50)
    if neurons % 50:
        raise CircuitError(f"circuit 'brunel': {neurons} neurons; it must be a multiple of 50")
    for name, value in (("inhibition", inhibition), ("external rate", external)):
        if not 0 <= value <= 1000:
            raise CircuitError(f"circuit 'brunel': an {name} of {value}; it must be 0 to 1000")
    excitatory = neurons * 4 // 5
    inhibitory = neurons - excitatory
    # 2 ms after the step of the spike, as NEST counts.
    cell = replace(LIF_DELTA, refractory="2.1 ms")
    # Together the excitatory sources of one neuron fire so often that v rests at the threshold.
    threshold_rate = _THRESHOLD / (_WEIGHT * _TAU)
    return Circuit(
        name="brunel",
        populations=(Population("E", cell, excitatory), Population("I", cell, inhibitory)),
        projections=tuple(
            Projection(source, target, "syn", FixedIn(size // 10), weight=weight, delay=delay)
            for source, size, weight in (
                ("E", excitatory, _WEIGHT),
                ("I", inhibitory, -inhibition * _WEIGHT),
            )
            for target in ("E", "I")
        ),
        drives=tuple(
            PoissonDrive(target, "syn", external * threshold_rate, _WEIGHT) for target in ("E", "I")
        ),
        source=cell.source,
    )
