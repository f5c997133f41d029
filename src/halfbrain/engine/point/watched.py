"""States that are recorded while a simulation runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.codegen.kernel import BLOCK
from halfbrain.engine.point.neurons import Neurons
from halfbrain.errors import RunError


@dataclass(frozen=True, eq=False)
class Recorded:
    """States of some neurons of a population: ``times`` in seconds, ``values`` (times, neurons).

    SI; as they are at the end of a step, before the reset of a neuron that fires.
    """

    population: str
    variable: str
    neurons: NDArray[np.int64]
    times: NDArray[np.float64]
    values: NDArray[np.float64]


def addresses(
    neurons: Neurons, slices: NDArray[np.int64], variable: str, chosen: ArrayLike
) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """Numbers of the chosen neurons, and for each the address of its state and its part.

    Raises
    ------
    CircuitError, RunError
        if the variable or a neuron is not there.
    """
    size = neurons.population.size
    try:
        given = np.asarray(chosen).reshape(-1)
    except ValueError:
        given = np.array([-1])
    if len(given) and not (given.dtype.kind in "iu" and given.min() >= 0 and given.max() < size):
        name = neurons.population.name
        raise RunError(f"population {name!r} has neurons 0 to {size - 1} to record")
    who, row = given.astype(np.int64), neurons.row(variable)
    places = []
    for neuron in who:
        part = int(np.searchsorted(slices[:, 1], neuron // BLOCK, side="right"))
        place = int(neuron) - int(slices[part, 0]) * BLOCK
        places.append((neurons.address(part, row, place), part))
    return who, places
