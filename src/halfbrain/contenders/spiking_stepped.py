"""Spiking networks whose every synapse has state that is stepped, as neurons are.

The time-stepped estimates of the State of Brain Emulation count so. What a synapse learns is in
its state, so that learning adds no term.
"""

from __future__ import annotations

from dataclasses import replace

from halfbrain.contenders import spiking
from halfbrain.contenders.model import CostTerm, Input
from halfbrain.contenders.question import SYNAPSES

_FACTS = "contenders.stepped-synapse"
_STEP = Input(
    "spiking-stepped.flop_per_synapse_step",
    "FLOP/synapse/step",
    "one step of one synapse",
    f"{_FACTS}.flop_per_synapse_step",
)
_STATE = Input(
    "spiking-stepped.bytes_per_state",
    "byte/synapse",
    "state of a synapse, beside target and weight",
    f"{_FACTS}.bytes_per_state",
)

CONTENDER = replace(
    spiking.CONTENDER,
    name="spiking-stepped",
    under="spiking",
    title="Spiking networks, each synapse stepped",
    about="The same with state at each synapse that is stepped, spike or no spike",
    inputs=(*spiking.RUNNING, _STEP, _STATE),
    derived=(spiking.STEPS, spiking.UPDATE_BYTES, spiking.EVENT_BYTES),
    terms=(
        spiking.UPDATES,
        CostTerm(
            "synapse states",
            "each synapse, each step, spike or no spike; learning is in them",
            spiking.STEPS.symbol * SYNAPSES.symbol,
            _STEP.symbol,
            2 * _STATE.symbol,
        ),
        spiking.EVENTS,
        *spiking.LEFT_OUT.terms,
    ),
    memory=spiking.CONTENDER.memory + SYNAPSES.symbol * _STATE.symbol,
    machine_time=None,
)
