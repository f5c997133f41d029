"""Whether all that a circuit says can be read: equations, units, values, rules."""

from __future__ import annotations

from halfbrain.cells.neuron import Neuron
from halfbrain.cells.rule_model import rule_model
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.connectivity import rule
from halfbrain.connectivity.value import GIVEN, check_given, drawn, not_negative
from halfbrain.equations.dimensions import TIME, Dimensions
from halfbrain.errors import CircuitError, ModelError
from halfbrain.program.point import PointModel

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
    not_negative(delay, f"{place}: delay")
    wanted = rule.check(projection.rule, source.size, target.size, source is target, place)
    for what, read in (("weight", weight), ("delay", delay)):
        check_given(read, wanted, f"{place}: {what}")
    if projection.plasticity is not None:
        try:
            rule_model(projection.plasticity, unit)
        except ModelError as error:
            raise ModelError(f"{place}: {error}") from None
