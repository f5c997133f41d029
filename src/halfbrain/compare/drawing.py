"""First states and synapses for a peer: those it is handed, or the engine's of the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Population
from halfbrain.compare.job import Connections, Job
from halfbrain.connectivity.values import values_of
from halfbrain.engine.point.drawing import prepare
from halfbrain.equations.equations import equations
from halfbrain.errors import CircuitError
from halfbrain.random.philox import key_of


def generator(seed: int, name: str) -> np.random.Generator:
    """The stream of random numbers of one object."""
    return np.random.Generator(np.random.Philox(key=key_of(seed, name)))


def states(job: Job, population: Population) -> dict[str, NDArray[np.float64]]:
    """First states and parameters in SI units; what nothing is said of is 0 and left out.

    Raises
    ------
    CircuitError
        if an array has another length than the population, or names no variable of the cell.
    """
    if not isinstance(population.model, Neuron):
        return {}
    model = equations(population.model.equations, population.model.constants)
    given = dict(job.states.get(population.name, {}))
    index = [p.name for p in job.circuit.populations].index(population.name)
    for name, value in population.values.items():
        if name in given:
            continue
        if name not in model.variables:
            raise CircuitError(
                f"population {population.name!r}, {name}: "
                f"{population.model.name} has no such variable"
            )
        dimensions = model.variables[name].dimensions
        given[name] = values_of(value, dimensions, population.size, job.seed, index, name)
    for name, values in given.items():
        if len(values) != population.size:
            raise CircuitError(
                f"population {population.name!r}, {name}: {len(values)} numbers "
                f"for {population.size} neurons"
            )
    return {name: values for name, values in given.items() if not name.startswith("_")}


def connections(job: Job, index: int) -> Connections:
    """The synapses of one projection: the job's, or drawn.

    Raises
    ------
    CircuitError
        if weights or delays are not as many as the synapses.
    """
    if job.connectivity is not None:
        return job.connectivity[index]
    return Connections(*prepare(job.circuit, index, job.seed, None).rows.all())
