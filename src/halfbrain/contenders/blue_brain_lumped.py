"""Detailed neurons whose linear synapses are lumped: a sum for each kind in each compartment.

Synapses of one kind and time course on one compartment add up, so their sum can be stepped in
their place (Lytton 1996); each acts at its spikes alone, with its own release. Calcium that each
synapse steps for itself cannot be lumped, so the rule of learning is one that acts at spikes alone.
"""

from __future__ import annotations

from dataclasses import replace

import sympy

from halfbrain.contenders import blue_brain
from halfbrain.contenders.model import CostTerm, Input
from halfbrain.contenders.question import LEARNING, RATE, SYNAPSES

_LUMPED = Input(
    "blue-brain-lumped.lumped_per_compartment",
    "synapse/compartment",
    "sums of synapses in a compartment",
    "contenders.lumped-synapse.lumped_per_compartment",
)
_PLASTIC = Input(
    "blue-brain-lumped.flop_per_plastic_event",
    "FLOP/synapse",
    "learning, for one spike at one synapse",
    "contenders.detailed-neuron.flop_per_plastic_event",
)
_SYNAPSE_BYTES = Input(
    "blue-brain-lumped.bytes_per_synapse",
    "byte/synapse",
    "what a synapse holds that acts at spikes alone",
    "contenders.lumped-synapse.bytes_per_synapse",
)

_SUMS = blue_brain.COMPARTMENTS.symbol * _LUMPED.symbol
_SPIKES = RATE.symbol * SYNAPSES.symbol

CONTENDER = replace(
    blue_brain.CONTENDER,
    name="blue-brain-lumped",
    under="blue-brain",
    title="Blue Brain, synapses lumped",
    about="The same with linear synapses lumped by compartment, learning at spikes alone",
    inputs=(
        blue_brain.STEP,
        blue_brain.COMPARTMENTS,
        blue_brain.CHANNELS,
        blue_brain.CHANNEL,
        blue_brain.SOLVER,
        blue_brain.SYNAPSE_STEP,
        blue_brain.EVENT,
        blue_brain.COMPARTMENT_BYTES,
        blue_brain.SYNAPSE_BYTES,
        _LUMPED,
        _PLASTIC,
        _SYNAPSE_BYTES,
        *blue_brain.LEFT_OUT.inputs,
    ),
    derived=(blue_brain.STEPS,),
    terms=(
        blue_brain.CHANNEL_STEPS,
        blue_brain.SOLVING,
        CostTerm(
            "synapse states",
            "each sum of synapses, each step",
            blue_brain.STEPS.symbol * _SUMS,
            blue_brain.SYNAPSE_STEP.symbol,
            2 * blue_brain.SYNAPSE_BYTES.symbol,
        ),
        CostTerm(
            "synaptic events",
            "each spike, at each synapse that it reaches",
            _SPIKES,
            blue_brain.EVENT.symbol,
            2 * _SYNAPSE_BYTES.symbol,
        ),
        CostTerm(
            "plasticity",
            "the change of a weight, before and after a spike; its bytes count with the events",
            _SPIKES * LEARNING.symbol,
            _PLASTIC.symbol,
            sympy.S.Zero,
        ),
        *blue_brain.LEFT_OUT.terms,
    ),
    memory=blue_brain.COMPARTMENTS.symbol * blue_brain.COMPARTMENT_BYTES.symbol
    + _SUMS * blue_brain.SYNAPSE_BYTES.symbol
    + SYNAPSES.symbol * _SYNAPSE_BYTES.symbol
    + blue_brain.LEFT_OUT.memory,
    machine_time=None,
    reported=(),
)
