"""Spiking point neurons, as in Brian2GeNN: the clock drives neurons, spikes drive synapses."""

from __future__ import annotations

from halfbrain.contenders.left_out import left_out
from halfbrain.contenders.machine_time import machine_time
from halfbrain.contenders.model import Contender, CostTerm, Derived, Input
from halfbrain.contenders.question import LEARNING, RATE, SYNAPSES

STEP = Input(
    "spiking.step", "bio_second/step", "time step of the neurons", "contenders.point-neuron.step"
)
UPDATE = Input(
    "spiking.flop_per_update",
    "FLOP/neuron/step",
    "one step of one neuron",
    "contenders.point-neuron.flop_per_update",
    why="from integrate-and-fire to Hodgkin-Huxley, an exponential counted as one operation; the "
    "published most counts some ten for each",
)
EVENT = Input(
    "spiking.flop_per_event",
    "FLOP/synapse",
    "one spike through one synapse",
    "contenders.point-neuron.flop_per_event",
    why="a synapse without dynamics of its own adds its weight; more, up to 100, would be "
    "short-term plasticity, which no circuit that was counted has",
)
_PLASTIC = Input(
    "spiking.flop_per_plastic_event",
    "FLOP/synapse",
    "learning, for one spike at one synapse",
    "contenders.point-neuron.flop_per_plastic_event",
    why="one rule was counted, pairs of spikes, whose traces decay at spikes alone; the published "
    "most is for rules with more state",
)
NEURON = Input(
    "spiking.bytes_per_neuron",
    "byte/neuron",
    "state of a neuron",
    "contenders.point-neuron.bytes_per_neuron",
    why="single precision, and few variables that nothing needs",
)
SYNAPSE = Input(
    "spiking.bytes_per_synapse",
    "byte/synapse",
    "target, weight and delay",
    "contenders.point-neuron.bytes_per_synapse",
    why="target, weight and delay are packed; NEST on K took 24 bytes, and the published most, "
    "100, is of detailed synapses",
)

STEPS = Derived("spiking.steps_per_second", "step/bio_second", "steps in a second", 1 / STEP.symbol)
UPDATE_BYTES = Derived(
    "spiking.bytes_per_update",
    "byte/neuron/step",
    "moved in one step of one neuron: its state, read and written",
    2 * NEURON.symbol,
)
EVENT_BYTES = Derived(
    "spiking.bytes_per_event",
    "byte/synapse",
    "moved for one spike through one synapse: what it holds",
    SYNAPSE.symbol,
)
_PLASTIC_BYTES = Derived(
    "spiking.bytes_per_plastic_event",
    "byte/synapse",
    "moved in learning, for one spike at one synapse: what it holds, read and written",
    2 * SYNAPSE.symbol,
)
_RUN = machine_time("spiking", "seed.spiking")


UPDATES = CostTerm(
    "neuron updates", "each neuron, each step", STEPS.symbol, UPDATE.symbol, UPDATE_BYTES.symbol
)
EVENTS = CostTerm(
    "synaptic events",
    "each spike, at each synapse that it reaches",
    RATE.symbol * SYNAPSES.symbol,
    EVENT.symbol,
    EVENT_BYTES.symbol,
)

LEFT_OUT = left_out("spiking", "point-neuron", STEPS.symbol)
# What any rule of learning leaves as it is.
RUNNING = (STEP, UPDATE, EVENT, NEURON, SYNAPSE, *LEFT_OUT.inputs)

CONTENDER = Contender(
    name="spiking",
    title="Spiking networks",
    detail=2,
    about="Point neurons of one compartment (Brian2GeNN, BindsNET, NEST)",
    peak="peak_fp32",
    utilisation="point_neuron",
    inputs=(*RUNNING, _PLASTIC, *_RUN.inputs),
    derived=(STEPS, UPDATE_BYTES, EVENT_BYTES, _PLASTIC_BYTES, *_RUN.derived),
    terms=(
        UPDATES,
        EVENTS,
        CostTerm(
            "plasticity",
            "the change of a weight, before and after a spike",
            RATE.symbol * SYNAPSES.symbol * LEARNING.symbol,
            _PLASTIC.symbol,
            _PLASTIC_BYTES.symbol,
        ),
        *LEFT_OUT.terms,
    ),
    memory=NEURON.symbol + SYNAPSES.symbol * SYNAPSE.symbol + LEFT_OUT.memory,
    machine_time=_RUN.formula,
)
