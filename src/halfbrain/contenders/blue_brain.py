"""Detailed neurons, as Blue Brain's: every compartment and every synapse has state of its own.

The cost follows CoreNEURON's step (Kumbhar et al. 2019): mechanisms of each compartment, the state
of each conductance-based synapse, the tree solver (Hines 1984), and the delivery of spikes.
"""

from __future__ import annotations

import sympy

from halfbrain.contenders.left_out import left_out
from halfbrain.contenders.machine_time import machine_time
from halfbrain.contenders.model import Contender, CostTerm, Derived, Input, Reported
from halfbrain.contenders.question import LEARNING, RATE, SYNAPSES

_FACTS = "contenders.detailed-neuron"


def _input(name: str, unit: str, about: str, why: str = "") -> Input:
    return Input(f"blue-brain.{name}", unit, about, f"{_FACTS}.{name}", why=why)


STEP = _input("step", "bio_second/step", "time step of the cable equation")
COMPARTMENTS = _input("compartments_per_neuron", "compartment/neuron", "compartments of a neuron")
CHANNELS = _input(
    "channels_per_compartment",
    "channel/compartment",
    "ion channels of each kind",
    "a mean over all compartments, of which most are thin dendrites with few channels",
)
CHANNEL = _input(
    "flop_per_channel",
    "FLOP/channel/step",
    "gates and current of a channel",
    "an exponential counts as one operation, and what channels of a compartment share is worked "
    "out once",
)
SOLVER = _input(
    "flop_solver",
    "FLOP/compartment/step",
    "one row of the tree solver",
    "the published one is the elimination alone; counted are the currents along the tree and the "
    "new voltage, too",
)
SYNAPSE_STEP = _input(
    "flop_per_synapse_step",
    "FLOP/synapse/step",
    "conductances of a synapse",
    "four states, the NMDA block and the current, in Blue Brain's own synapse",
)
EVENT = _input(
    "flop_per_event",
    "FLOP/synapse",
    "one spike at one synapse, with its release",
    "recovery and release of several vesicles are drawn for each spike",
)
_PLASTIC_STEP = _input(
    "flop_per_plastic_step",
    "FLOP/synapse/step",
    "calcium and weight of a plastic synapse",
    "the published interval is our judgement of calcium, its trace and the weight; the synapse "
    "that comes with the rule also steps its spine's calcium channels and NMDA calcium current, "
    "with their exponentials",
)
COMPARTMENT_BYTES = _input(
    "bytes_per_compartment",
    "byte/compartment",
    "state of a compartment and its channels",
    "states alone: cells of one shape share their parameters (a shape of its own takes a quarter "
    "more), and ions are held where a channel needs them; CoreNEURON holds 1,540 for the same cell",
)
SYNAPSE_BYTES = _input(
    "bytes_per_synapse",
    "byte/synapse",
    "state of a synapse",
    "states, parameters and the place in the tree, in double precision; more where it learns",
)

STEPS = Derived(
    "blue-brain.steps_per_second", "step/bio_second", "steps in a second", 1 / STEP.symbol
)
_RUN = machine_time("blue-brain", "seed.blue-brain")
LEFT_OUT = left_out("blue-brain", "detailed-neuron", STEPS.symbol)
_SYNAPSE_STEPS = STEPS.symbol * SYNAPSES.symbol
_MEMORY = COMPARTMENTS.symbol * COMPARTMENT_BYTES.symbol + SYNAPSES.symbol * SYNAPSE_BYTES.symbol


def _fact(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, positive=True)


_REPORTED = (
    Reported(
        "differential equations of a neuron",
        "equation/neuron",
        _fact("seed.blue-brain.equations_per_neuron"),
        COMPARTMENTS.symbol
        * (
            _fact(f"{_FACTS}.states_per_compartment")
            + CHANNELS.symbol * _fact(f"{_FACTS}.states_per_channel")
        )
        + SYNAPSES.symbol * _fact(f"{_FACTS}.states_per_synapse"),
        "theirs is of a rat's neuron with the 1,190 synapses that its circuit holds; a human "
        "neuron has all of its thousands, and each brings equations of its own",
    ),
    Reported(
        "FLOP of a neuron in a second of its life",
        "FLOP/neuron/bio_second",
        _fact("seed.blue-brain.flop_per_neuron_second"),
        _fact("blue-brain.flop_per_neuron_second"),
        "the text takes the peak of 2,048 nodes for 2,000 s and divides by a biological time that "
        "it marks as a guess, '0.001?': with a second in its place it would be a thousand times "
        "less, and such programs reach a small share of a peak; here operations are counted",
    ),
    Reported(
        "memory for each synapse, all told (100 PB over a human brain's 1e15)",
        "byte/synapse",
        _fact("seed.text.human_memory")
        / (_fact("seed.text.rat_synapses_meant") * 10**3),  # three orders over a rat's
        _MEMORY / SYNAPSES.symbol,
        "theirs is a round number for a synapse alone; here its states and parameters are in "
        "double precision, and the neuron's compartments are shared out over its synapses",
    ),
)


CHANNEL_STEPS = CostTerm(
    "ion channels",
    "each channel, each step",
    STEPS.symbol * COMPARTMENTS.symbol,
    CHANNELS.symbol * CHANNEL.symbol,
    2 * COMPARTMENT_BYTES.symbol,
)
SOLVING = CostTerm(
    "cable solver",
    "each compartment, each step; its bytes count with the channels",
    STEPS.symbol * COMPARTMENTS.symbol,
    SOLVER.symbol,
    sympy.S.Zero,
)

CONTENDER = Contender(
    name="blue-brain",
    title="Blue Brain",
    detail=3,
    about="Neurons with morphology, ion channels and stochastic synapses (CoreNEURON)",
    peak="peak_fp64",
    utilisation="detailed_neuron",
    inputs=(
        STEP,
        COMPARTMENTS,
        CHANNELS,
        CHANNEL,
        SOLVER,
        SYNAPSE_STEP,
        EVENT,
        _PLASTIC_STEP,
        COMPARTMENT_BYTES,
        SYNAPSE_BYTES,
        *LEFT_OUT.inputs,
        *_RUN.inputs,
    ),
    derived=(STEPS, *_RUN.derived),
    terms=(
        CHANNEL_STEPS,
        SOLVING,
        CostTerm(
            "synapse states",
            "each synapse, each step, spike or no spike",
            _SYNAPSE_STEPS,
            SYNAPSE_STEP.symbol,
            2 * SYNAPSE_BYTES.symbol,
        ),
        CostTerm(
            "synaptic events",
            "each spike, at each synapse that it reaches",
            RATE.symbol * SYNAPSES.symbol,
            EVENT.symbol,
            2 * SYNAPSE_BYTES.symbol,
        ),
        CostTerm(
            "plasticity",
            "calcium-based learning, each synapse, each step",
            _SYNAPSE_STEPS * LEARNING.symbol,
            _PLASTIC_STEP.symbol,
            sympy.S.Zero,
        ),
        *LEFT_OUT.terms,
    ),
    memory=_MEMORY + LEFT_OUT.memory,
    machine_time=_RUN.formula,
    reported=_REPORTED,
)
