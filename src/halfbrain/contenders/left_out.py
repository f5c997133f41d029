"""What the contenders leave out unless it is asked for: glia, neuromodulation, gap junctions.

Each has a switch, off by default. Glial cells are stepped, and what a spike releases reaches them.
Modulators turn a trace at each synapse into a change of its weight, as the third factor of learning
(Frémaux and Gerstner 2016). Gap junctions couple interneurons, each step.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from halfbrain.contenders.model import CostTerm, Input
from halfbrain.contenders.question import LEARNING, RATE, SYNAPSES

_FACTS = "contenders.left-out"


def _switch(name: str, about: str) -> Input:
    return Input(name, "", about, f"question.left-out.{name}", "at most one")


def _input(name: str, unit: str, about: str) -> Input:
    return Input(f"left-out.{name}", unit, about, f"{_FACTS}.{name}")


GLIA = _switch("glia", "1 to have glial cells, 0 to leave them out")
NEUROMODULATION = _switch("neuromodulation", "1 to have a third factor of learning, 0 for none")
GAP_JUNCTIONS = _switch("gap_junctions", "1 to have electrical synapses, 0 to leave them out")
SWITCHES = (GLIA, NEUROMODULATION, GAP_JUNCTIONS)

_CELLS = _input("glia_per_neuron", "", "glial cells for each neuron")
_GLIA_EVENT = _input("flop_per_glia_event", "FLOP/synapse", "a spike at a synapse, for glia")
_TIMES = _input("modulations_per_second", "1/bio_second", "times that a modulator meets a synapse")
_MODULATION = _input("flop_per_modulation", "FLOP/synapse", "a trace, a modulator and a weight")
_JUNCTIONS = _input("gap_junctions_per_neuron", "synapse/neuron", "gap junctions of a neuron")
_JUNCTION = _input("flop_per_gap_junction", "FLOP/synapse/step", "current of a gap junction")
_JUNCTION_BYTES = _input("bytes_per_gap_junction", "byte/synapse", "what a gap junction holds")
_STATE_BYTES = _input("bytes_per_state", "byte/synapse", "one variable more at a synapse")
_SHARED = (
    _CELLS,
    _GLIA_EVENT,
    _TIMES,
    _MODULATION,
    _STATE_BYTES,
    _JUNCTIONS,
    _JUNCTION,
    _JUNCTION_BYTES,
)


@dataclass(frozen=True)
class LeftOut:
    """What a contender may have on top: its inputs, cost terms, and memory of a neuron."""

    inputs: tuple[Input, ...]
    terms: tuple[CostTerm, ...]
    memory: sympy.Expr


def left_out(contender: str, item: str, steps: sympy.Expr) -> LeftOut:
    """What ``contender`` leaves out; ``item`` has its glial cells, ``steps`` are its neurons'."""

    def one(name: str, unit: str, about: str) -> Input:
        return Input(f"{contender}.{name}", unit, about, f"contenders.{item}.{name}")

    step = one("glia_step", "bio_second/step", "time step of glial cells")
    flop = one("flop_per_glia_step", "FLOP/neuron/step", "one step of one glial cell")
    held = one("bytes_per_glia", "byte/neuron", "state of a glial cell")
    glia, cells = GLIA.symbol, _CELLS.symbol
    junctions = GAP_JUNCTIONS.symbol * _JUNCTIONS.symbol
    third = NEUROMODULATION.symbol * LEARNING.symbol * SYNAPSES.symbol
    return LeftOut(
        (*SWITCHES, *_SHARED, step, flop, held),
        (
            CostTerm(
                "glial cells",
                "each glial cell, each step of its own",
                glia * cells / step.symbol,
                flop.symbol,
                2 * held.symbol,
            ),
            CostTerm(
                "glia at synapses",
                "each spike, at each synapse that it reaches",
                glia * RATE.symbol * SYNAPSES.symbol,
                _GLIA_EVENT.symbol,
                2 * _STATE_BYTES.symbol,
            ),
            CostTerm(
                "neuromodulation",
                "each synapse, each time that a modulator comes",
                third * _TIMES.symbol,
                _MODULATION.symbol,
                2 * _STATE_BYTES.symbol,
            ),
            CostTerm(
                "gap junctions",
                "each gap junction of a neuron, each step",
                junctions * steps,
                _JUNCTION.symbol,
                _JUNCTION_BYTES.symbol,
            ),
        ),
        glia * (cells * held.symbol + SYNAPSES.symbol * _STATE_BYTES.symbol)
        + third * _STATE_BYTES.symbol
        + junctions * _JUNCTION_BYTES.symbol,
    )
