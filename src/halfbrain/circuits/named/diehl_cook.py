"""The network that learns handwritten digits without being told which they are."""

from __future__ import annotations

import math
from dataclasses import replace

from halfbrain.cells.catalogue import named_rule
from halfbrain.cells.integrate_and_fire import DIEHL_COOK_EXCITATORY, DIEHL_COOK_INHIBITORY
from halfbrain.cells.sources import POISSON
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.circuits.named.size import whole
from halfbrain.connectivity.rule import AllToAll, OneToOne
from halfbrain.connectivity.value import Uniform, Value

PIXELS = 784
NORM = 78.4  # mV; what training sets the sum of the weights onto one neuron to
_EXCITATION, _FIRST = 22.5, 0.3  # mV
# BindsNET adds what arrives after the decay of a step, the engine before it.
_GAIN_E, _GAIN_I = math.exp(1 / 100), math.exp(1 / 10)


def diehl_cook(
    neurons: int = 400,
    *,
    rate: Value = "16.7 Hz",
    inhibition: float = 17.5,
    plasticity: bool = True,
) -> Circuit:
    """Diehl and Cook 2015 (doi 10.3389/fncom.2015.00099), as BindsNET's DiehlAndCook2015.

    784 Poisson sources drive ``neurons`` excitatory neurons through plastic weights; each of
    these drives one inhibitory neuron, and that inhibits all other excitatory ones. What is plain
    in BindsNET (weights, potentials) is in mV here. Where several neurons cross the threshold in
    one step, BindsNET lets one of them fire, by chance; here all fire.

    Parameters
    ----------
    neurons
        excitatory neurons; there are as many inhibitory ones.
    rate
        of each source, for 784 pixels or for all: by default the mean over MNIST, whose pixels
        are 0.13 of the brightest, at which BindsNET's example gives 128 Hz.
    inhibition
        size of the weights from inhibitory to excitatory neurons, mV; BindsNET's example takes 120.
    plasticity
        without it, the weights from the sources stay as they are drawn.

    Raises
    ------
    CircuitError
        for fewer than 2 neurons.
    """
    neurons = whole("diehl-cook", "excitatory neurons", neurons, 2)
    learning = named_rule("post_pre")
    learning = replace(
        learning, deliver="gain*w", constants={**learning.constants, "gain": repr(_GAIN_E)}
    )
    first = _FIRST if plasticity else _FIRST * _GAIN_E
    return Circuit(
        name="diehl-cook",
        populations=(
            Population("X", POISSON, PIXELS, {"rate": rate}),
            Population("E", DIEHL_COOK_EXCITATORY, neurons, {"v": "-65 mV"}),
            Population("I", DIEHL_COOK_INHIBITORY, neurons, {"v": "-60 mV"}),
        ),
        projections=(
            Projection(
                "X",
                "E",
                "ex",
                AllToAll(),
                weight=Uniform(0.0, f"{first!r} mV"),
                plasticity=learning if plasticity else None,
            ),
            Projection("E", "I", "ex", OneToOne(), weight=f"{_EXCITATION * _GAIN_I!r} mV"),
            # All but its own: what goes to all, and to its own what takes that back.
            Projection("I", "E", "in", AllToAll(), weight=f"{-inhibition * _GAIN_E!r} mV"),
            Projection("I", "E", "in", OneToOne(), weight=f"{inhibition * _GAIN_E!r} mV"),
        ),
        dt="1 ms",
        source=DIEHL_COOK_EXCITATORY.source,
    )
