"""Whether all that a circuit says can be read: equations, units, values, rules."""

from __future__ import annotations

import numpy as np

from halfbrain.cells.neuron import Neuron
from halfbrain.cells.rule_model import rule_model
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
)
from halfbrain.connectivity.value import CONSTANT, GIVEN, UNIFORM, drawn
from halfbrain.equations.dimensions import TIME, Dimensions
from halfbrain.errors import CircuitError, ModelError
from halfbrain.program.point import PointModel

_MOST_SYNAPSES = 2**48
_RATE: Dimensions = TIME**-1


def step_of(circuit: Circuit) -> float:
    """The time step in seconds.

    Raises
    ------
    CircuitError
        if it is none.
    """
    dt = drawn(circuit.dt, TIME, f"circuit {circuit.name!r}: dt")
    if not (dt.constant and 0 < dt.a < 1):
        raise CircuitError(f"circuit {circuit.name!r}: dt must be a time between 0 and 1 s")
    return dt.a


def check(circuit: Circuit) -> None:
    """Read every part of a circuit, without drawing its synapses.

    Raises
    ------
    CircuitError, ModelError
        one line that names the population, projection or drive and what is wrong in it.
    """
    dt = step_of(circuit)
    models: dict[int, PointModel] = {}
    for population in circuit.populations:
        place = f"population {population.name!r}"
        if isinstance(population.model, Neuron):
            key = id(population.model)
            try:
                models[key] = models.get(key) or population.model.model(dt)
            except ModelError as error:
                raise ModelError(f"{place}: {error}") from None
            _check_values(population, models[key], place)
        elif population.values:
            raise CircuitError(f"{place}: it plays out given spikes and has no values")
    for projection in circuit.projections:
        _check_projection(circuit, projection, models)
    for drive in circuit.drives:
        place = f"drive of {drive.target}"
        rate = drawn(drive.rate, _RATE, f"{place}: rate")
        if not 0 <= rate.a <= 1e9:
            raise CircuitError(f"{place}: a rate is 0 to 1e9 Hz")
        drawn(
            drive.weight,
            _unit(circuit.population(drive.target), drive.receptor, models),
            f"{place}: weight",
        )


def _check_values(population: Population, model: PointModel, place: str) -> None:
    names = (*model.states, *model.parameters)
    for name, value in population.values.items():
        if name not in names:
            raise CircuitError(
                f"{place}: {name[:40]!r} is no state or parameter; there are {', '.join(names)}"
            )
        read = drawn(value, model.model.variables[name].dimensions, f"{place}: {name}")
        if read.kind == GIVEN and len(read.given) != population.size:
            raise CircuitError(
                f"{place}: {name}: {len(read.given)} values for {population.size} neurons"
            )


def _unit(population: Population, receptor: str, models: dict[int, PointModel]) -> Dimensions:
    cell = population.model
    assert isinstance(cell, Neuron)  # Circuit lets nothing else be a target
    return models[id(cell)].model.variables[cell.receptors[receptor]].dimensions


def _check_projection(
    circuit: Circuit, projection: Projection, models: dict[int, PointModel]
) -> None:
    place = f"projection {projection.name}"
    source, target = circuit.population(projection.source), circuit.population(projection.target)
    unit = _unit(target, projection.receptor, models)
    weight = drawn(projection.weight, unit, f"{place}: weight")
    delay = drawn(projection.delay, TIME, f"{place}: delay")
    lowest = {CONSTANT: delay.a, UNIFORM: delay.a, GIVEN: delay.low}.get(delay.kind, 0.0)
    if lowest < 0:
        raise CircuitError(f"{place}: a delay is not below zero")
    rule = projection.rule
    listed = -1
    match rule:
        case Bernoulli(p) if not 0 <= p <= 1:
            raise CircuitError(f"{place}: a probability is 0 to 1, not {p}")
        case FixedTotal(n) | FixedIn(n) | FixedOut(n) if not 0 <= n <= _MOST_SYNAPSES:
            raise CircuitError(f"{place}: a number of synapses is 0 to 2^48, not {n}")
        case OneToOne():
            listed = source.size
        case AllToAll():
            listed = source.size * target.size
        case Explicit(sources, targets):
            listed = _listed(sources, source.size, f"{place}: sources")
            if listed != _listed(targets, target.size, f"{place}: targets"):
                raise CircuitError(f"{place}: as many sources as targets are needed")
    for what, read in (("weight", weight), ("delay", delay)):
        if read.kind == GIVEN and listed < 0:
            raise CircuitError(
                f"{place}: {what}: an array goes with explicit pairs, one-to-one or all-to-all only"
            )
        if read.kind == GIVEN and len(read.given) != listed:
            raise CircuitError(
                f"{place}: {what}: an array of {len(read.given)}; {listed} are needed"
            )
    if projection.plasticity is not None:
        try:
            rule_model(projection.plasticity, unit)
        except ModelError as error:
            raise ModelError(f"{place}: {error}") from None


def _listed(indices: object, size: int, place: str) -> int:
    try:
        array = np.asarray(indices, np.float64).reshape(-1)
    except (TypeError, ValueError, OverflowError):
        raise CircuitError(f"{place}: is no list of whole numbers") from None
    if not (array == np.floor(array)).all() or not ((array >= 0).all() and (array < size).all()):
        raise CircuitError(f"{place}: must be whole numbers from 0 to {size - 1}")
    return len(array)
