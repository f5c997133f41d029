"""First states and parameters of neurons, drawn by counter or taken as given."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.value import GIVEN, Value, drawn
from halfbrain.dynamics.dimensions import Dimensions
from halfbrain.dynamics.philox import key_of, normals, philox4x32
from halfbrain.engine.rows import draw
from halfbrain.errors import CircuitError


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
    _fill(v.numbers(), np.uint64(key_of(seed, f"population {population} {name}")), out)
    return out


@numba.njit(cache=True)
def _fill(v, key, out):
    for i in range(out.size):
        w0, w1, w2, w3 = philox4x32(
            np.uint64(i), np.uint64(0), np.uint64(0), np.uint64(1), key
        )
        u = (np.float64(w3) + 0.5) * 2.0**-32
        out[i] = draw(v, normals(w0, w1)[0], u, key, np.uint64(0), np.uint64(i), np.uint64(0))
