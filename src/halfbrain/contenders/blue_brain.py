"""Detailed neurons, as Blue Brain's: every compartment and every synapse has state of its own.

The cost follows CoreNEURON's step (Kumbhar et al. 2019): mechanisms of each compartment, the state
of each conductance-based synapse, the tree solver (Hines 1984), and the delivery of spikes.
"""

from __future__ import annotations

import sympy

from halfbrain.contenders.machine_time import machine_time
from halfbrain.contenders.measured import Measured, Progress
from halfbrain.contenders.model import Contender, CostTerm, Derived, Input
from halfbrain.contenders.question import LEARNING, RATE, SYNAPSES

_FACTS = "contenders.detailed-neuron"


def _input(name: str, unit: str, about: str) -> Input:
    return Input(f"blue-brain.{name}", unit, about, f"{_FACTS}.{name}")


_STEP = _input("step", "bio_second/step", "time step of the cable equation")
_COMPARTMENTS = _input("compartments_per_neuron", "compartment/neuron", "compartments of a neuron")
_CHANNELS = _input("channels_per_compartment", "channel/compartment", "ion channels of each kind")
_CHANNEL = _input("flop_per_channel", "FLOP/channel/step", "gates and current of a channel")
_SOLVER = _input("flop_solver", "FLOP/compartment/step", "one row of the tree solver")
_SYNAPSE_STEP = _input("flop_per_synapse_step", "FLOP/synapse/step", "conductances of a synapse")
_EVENT = _input("flop_per_event", "FLOP/synapse", "one spike at one synapse, with its release")
_PLASTIC_STEP = _input(
    "flop_per_plastic_step", "FLOP/synapse/step", "calcium and weight of a plastic synapse"
)
_COMPARTMENT_BYTES = _input(
    "bytes_per_compartment", "byte/compartment", "state of a compartment and its channels"
)
_SYNAPSE_BYTES = _input("bytes_per_synapse", "byte/synapse", "state of a synapse")

_STEPS = Derived(
    "blue-brain.steps_per_second", "step/bio_second", "steps in a second", 1 / _STEP.symbol
)
_RUN = machine_time("blue-brain", "seed.blue-brain")
_SYNAPSE_STEPS = _STEPS.symbol * SYNAPSES.symbol


def _measure(progress: Progress) -> Measured:
    from halfbrain.contenders.runs import blue_brain  # Numba, far below, is slow to import

    return blue_brain.measure(progress=progress)


CONTENDER = Contender(
    name="blue-brain",
    title="Blue Brain",
    detail=3,
    about="Neurons with morphology, ion channels and stochastic synapses (CoreNEURON)",
    peak="peak_fp64",
    utilisation="detailed_neuron",
    inputs=(
        _STEP,
        _COMPARTMENTS,
        _CHANNELS,
        _CHANNEL,
        _SOLVER,
        _SYNAPSE_STEP,
        _EVENT,
        _PLASTIC_STEP,
        _COMPARTMENT_BYTES,
        _SYNAPSE_BYTES,
        *_RUN.inputs,
    ),
    derived=(_STEPS, *_RUN.derived),
    terms=(
        CostTerm(
            "ion channels",
            "each channel, each step",
            _STEPS.symbol * _COMPARTMENTS.symbol,
            _CHANNELS.symbol * _CHANNEL.symbol,
            2 * _COMPARTMENT_BYTES.symbol,
        ),
        CostTerm(
            "cable solver",
            "each compartment, each step; its bytes count with the channels",
            _STEPS.symbol * _COMPARTMENTS.symbol,
            _SOLVER.symbol,
            sympy.S.Zero,
        ),
        CostTerm(
            "synapse states",
            "each synapse, each step, spike or no spike",
            _SYNAPSE_STEPS,
            _SYNAPSE_STEP.symbol,
            2 * _SYNAPSE_BYTES.symbol,
        ),
        CostTerm(
            "synaptic events",
            "each spike, at each synapse that it reaches",
            RATE.symbol * SYNAPSES.symbol,
            _EVENT.symbol,
            2 * _SYNAPSE_BYTES.symbol,
        ),
        CostTerm(
            "plasticity",
            "calcium-based learning, each synapse, each step",
            _SYNAPSE_STEPS * LEARNING.symbol,
            _PLASTIC_STEP.symbol,
            sympy.S.Zero,
        ),
    ),
    memory=_COMPARTMENTS.symbol * _COMPARTMENT_BYTES.symbol
    + SYNAPSES.symbol * _SYNAPSE_BYTES.symbol,
    machine_time=_RUN.formula,
    measure=_measure,
)
