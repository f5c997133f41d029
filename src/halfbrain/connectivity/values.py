"""First states and parameters of neurons, drawn by counter or taken as given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.connectivity.rows import fill_values
from halfbrain.connectivity.value import GIVEN, Value, drawn
from halfbrain.equations.dimensions import Dimensions
from halfbrain.errors import CircuitError
from halfbrain.random.philox import key_of


def values_of(
    value: Value, dimensions: Dimensions, size: int, seed: int, population: int, name: str
) -> NDArray[np.float64]:
    """A number in SI for each neuron.

    Raises
    ------
    CircuitError
        one line that names the variable and what is wrong.
    """
    place = f"first value of {name!r}"
    v = drawn(value, dimensions, place)
    if v.kind == GIVEN:
        if len(v.given) != size:
            raise CircuitError(f"{place}: an array of {len(v.given)} for {size} neurons")
        return v.given
    out = np.empty(size)
    fill_values(v.numbers(), np.uint64(key_of(seed, f"population {population} {name}")), out)
    return out


def number_of(value: Value, dimensions: Dimensions, place: str) -> float:
    """A number in SI.

    Raises
    ------
    CircuitError
        one line that begins with ``place``, for anything else.
    """
    v = drawn(value, dimensions, place)
    if not v.constant:
        raise CircuitError(f"{place} must be one number")
    return v.a
