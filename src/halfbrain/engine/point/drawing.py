"""The rows of a projection of a circuit of point neurons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.connectivity.degrees import Ends, Floats, Keys, Rows, rows_of
from halfbrain.connectivity.value import drawn, not_negative
from halfbrain.equations.dimensions import TIME, unit
from halfbrain.equations.si import si
from halfbrain.errors import CircuitError
from halfbrain.random.philox import key_of


@dataclass(frozen=True, eq=False)
class Drawing:
    """A projection, its populations' numbers, and its rows, ready to be drawn."""

    projection: Projection
    source: int
    target: int
    rows: Rows


def prepare(circuit: Circuit, index: int, seed: int, pool: ThreadPoolExecutor | None) -> Drawing:
    """Count the synapses of a projection's rows, with a pool of threads if there is one.

    Raises
    ------
    CircuitError
        one line that names the projection and what is wrong in it.
    """
    projection = circuit.projections[index]
    names = [p.name for p in circuit.populations]
    source, target = names.index(projection.source), names.index(projection.target)
    pre, post = circuit.populations[source], circuit.populations[target]
    place = f"projection {projection.name}"
    assert isinstance(post.model, Neuron)
    dimensions = post.model.variable_dimensions(post.model.receptors[projection.receptor])
    weight = drawn(projection.weight, dimensions, f"{place}: weight")
    delay = not_negative(drawn(projection.delay, TIME, f"{place}: delay"), f"{place}: delay")
    name = f"projection {index}"
    keys = Keys(np.uint64(key_of(seed, name)), np.uint64(key_of(seed, f"{name} pairs")))
    ends = Ends(pre.size, post.size, source == target, (_positions(pre), _positions(post)))
    rows = rows_of(
        projection.rule, ends, weight, delay, keys, place, map if pool is None else pool.map
    )
    return Drawing(projection, source, target, rows)


def _positions(population: Population) -> Floats | None:
    """Where its neurons are, um."""
    if population.positions is None:
        return None
    place = f"population {population.name!r}"
    metres = np.asarray(si(population.positions, unit("metre")[1], f"{place}: positions"))
    if metres.shape != (population.size, 3):
        raise CircuitError(f"{place}: its positions must be of shape ({population.size}, 3)")
    return np.asarray(metres * 1e6, np.float64)
