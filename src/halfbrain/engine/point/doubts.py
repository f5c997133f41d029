"""What a circuit says and does, but perhaps not as it was meant: a line each."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population
from halfbrain.connectivity.value import GIVEN, LOGNORMAL, Drawn, drawn
from halfbrain.engine.point.drawing import Drawing
from halfbrain.engine.point.tables import delay_steps
from halfbrain.equations.dimensions import Dimensions
from halfbrain.equations.equations import constant
from halfbrain.equations.steps import time_text
from halfbrain.errors import warn
from halfbrain.program.point import rest_of

# A threshold that is passed with a probability of a rate times the time step.
_CHANCE = re.compile(r"\s*rand\(\)\s*<=?\s*(?:(\w+)\s*\*\s*dt|dt\s*\*\s*(\w+))\s*")


def tell_doubtful(circuit: Circuit, drawings: Sequence[Drawing]) -> None:
    """Say a line for thresholds without a reset, and for negative conductances."""
    for population in circuit.populations:
        cell = population.model
        if not isinstance(cell, Neuron) or not cell.threshold.strip() or cell.reset.strip():
            continue
        if "rand" not in cell.threshold and rest_of(cell.refractory) == 0:
            warn(
                f"population {population.name!r}: it has a threshold and no reset, so a neuron "
                f"fires in every step in which it is above"
            )
    conductance = constant("g", "1 siemens").dimensions
    for drawing in drawings:
        projection = drawing.projection
        cell = circuit.populations[drawing.target].model
        if _unit(cell, projection.receptor) == conductance and _negative(drawing.rows.weight):
            warn(f"projection {projection.name}: weights below zero, onto a conductance")
    for drive in circuit.drives:
        unit = _unit(circuit.population(drive.target).model, drive.receptor)
        if unit == conductance and drawn(drive.weight, unit, "weight").a < 0:
            warn(f"drive of {drive.target}: a weight below zero, onto a conductance")


def tell_late(drawings: Sequence[Drawing], dt: float, until: float) -> None:
    """Say a line for each projection from which nothing can arrive before a run's end."""
    for drawing in drawings:
        shortest = delay_steps(drawing, dt)[0] * dt
        if drawing.rows.synapses and shortest >= until:
            warn(
                f"projection {drawing.projection.name}: its delay of {time_text(shortest)} goes "
                f"beyond the run of {time_text(until)}, so nothing arrives"
            )


def tell_clock(population: Population, name: str, values: ArrayLike, dt: float) -> None:
    """Say a line where a threshold such as ``rand() < rate*dt`` is passed in every step."""
    cell = population.model
    match = _CHANCE.fullmatch(cell.threshold) if isinstance(cell, Neuron) else None
    if match is None or name not in match.groups():
        return
    rate = float(np.max(values, initial=0.0))
    if rate * dt >= 1 - 1e-9:
        warn(
            f"population {population.name!r}: {name} is {rate:.6g} Hz, which is {rate * dt:.4g} "
            f"spikes in a step of {time_text(dt)}; a neuron fires once a step at most, so that it "
            f"is a clock of {1 / dt:.6g} Hz; take a smaller dt, or a drive, which draws numbers"
        )


def _unit(cell: object, receptor: str) -> Dimensions:
    assert isinstance(cell, Neuron)  # Circuit lets nothing else be a target
    return cell.variable_dimensions(cell.receptors[receptor])


def _negative(weight: Drawn) -> bool:
    """Whether weights are below zero: all, or those of a list; not the tail of a distribution."""
    if weight.kind == LOGNORMAL:
        return weight.other is not None and _negative(weight.other)
    lowest = weight.low if weight.kind == GIVEN else weight.a
    return lowest < 0 or (weight.other is not None and _negative(weight.other))
