"""Spiking networks that learn by surrogate gradients through time (Neftci et al. 2019).

Forward as ever, spike by spike. Then back through a window of time, step by step:

    error of a voltage     decays as the voltage does, and takes in what its spike is to blame for
    error of a spike       errors of the voltages that it reaches, times the weights to them
    gradient of a weight   at each spike of its source, the error of its target's voltage

Products are needed of neurons whose voltage is near the threshold, where the surrogate's slope is
not zero (Perez-Nieves and Goodman 2021). The optimiser acts once for each window.
"""

from __future__ import annotations

from dataclasses import replace

from halfbrain.contenders import spiking
from halfbrain.contenders.model import CostTerm, Input, Range
from halfbrain.contenders.question import LEARNING, RATE, SYNAPSES

_FACTS = "contenders.surrogate-gradient"


def _input(name: str, unit: str, about: str, range: Range = "positive") -> Input:
    return Input(f"spiking-surrogate.{name}", unit, about, f"{_FACTS}.{name}", range)


_WINDOW = _input("window", "bio_second", "time through which errors are carried back")
_SHARE = _input(
    "share_in_window", "", "share of neurons near enough to the threshold, each step", "share"
)
_PRODUCT = _input("flop_per_product", "FLOP/synapse", "an error times a weight, added")
_GRADIENT = _input("flop_per_gradient", "FLOP/synapse", "a gradient, for one spike at one synapse")
_BACKWARD = _input("backward_ratio", "", "cost of a neuron's step back, in steps forward")
_OPTIMISER = _input("optimiser_flop_per_synapse", "FLOP/synapse", "one step of Adam")
_GRADIENT_BYTES = _input("bytes_per_gradient", "byte/synapse", "gradient of a weight")
_MOMENT_BYTES = _input("bytes_per_moments", "byte/synapse", "Adam's two moments of a weight")
_STORED = _input(
    "bytes_per_stored_step", "byte/neuron/step", "kept of a neuron's step until the pass back"
)

_LEARNT_BYTES = _GRADIENT_BYTES.symbol + _MOMENT_BYTES.symbol

CONTENDER = replace(
    spiking.CONTENDER,
    name="spiking-surrogate",
    under="spiking",
    title="Spiking networks, surrogate gradients",
    about="The same, trained by gradients carried back through a window of time",
    inputs=(
        *spiking.RUNNING,
        _WINDOW,
        _SHARE,
        _PRODUCT,
        _GRADIENT,
        _BACKWARD,
        _OPTIMISER,
        _GRADIENT_BYTES,
        _MOMENT_BYTES,
        _STORED,
    ),
    derived=(spiking.STEPS, spiking.UPDATE_BYTES, spiking.EVENT_BYTES),
    terms=(
        spiking.UPDATES,
        spiking.EVENTS,
        CostTerm(
            "backward updates",
            "each neuron, each step back",
            spiking.STEPS.symbol * LEARNING.symbol,
            spiking.UPDATE.symbol * _BACKWARD.symbol,
            spiking.UPDATE_BYTES.symbol + 2 * _STORED.symbol,
        ),
        CostTerm(
            "backward products",
            "each synapse of a neuron near its threshold, each step back",
            spiking.STEPS.symbol * _SHARE.symbol * SYNAPSES.symbol * LEARNING.symbol,
            _PRODUCT.symbol,
            spiking.EVENT_BYTES.symbol,
        ),
        CostTerm(
            "weight gradients",
            "each spike, at each synapse that it reaches",
            RATE.symbol * SYNAPSES.symbol * LEARNING.symbol,
            _GRADIENT.symbol,
            2 * _GRADIENT_BYTES.symbol,
        ),
        CostTerm(
            "optimiser",
            "each synapse, once a window",
            SYNAPSES.symbol / _WINDOW.symbol * LEARNING.symbol,
            _OPTIMISER.symbol,
            2 * (spiking.SYNAPSE.symbol + _LEARNT_BYTES),
        ),
        *spiking.LEFT_OUT.terms,
    ),
    memory=spiking.CONTENDER.memory
    + LEARNING.symbol
    * (spiking.STEPS.symbol * _WINDOW.symbol * _STORED.symbol + SYNAPSES.symbol * _LEARNT_BYTES),
    machine_time=None,
)
