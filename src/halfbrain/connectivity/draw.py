"""Numbers for a circuit's parts: each depends on the seed and on what it is for, and on no order.

A number is a function of the seed, a name, and three numbers (such as source, target and contact);
so circuits come out the same however many threads or nodes draw them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.connectivity.distribution import quantile
from halfbrain.connectivity.value import GIVEN, Value, drawn
from halfbrain.equations.dimensions import NONE
from halfbrain.errors import CircuitError
from halfbrain.random.arrays import uniforms_at
from halfbrain.random.philox import key_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Stream:
    """The random numbers of a projection or population."""

    seed: int
    name: str

    def uniforms(self, what: str, a: ArrayLike, b: ArrayLike = 0, c: ArrayLike = 0) -> Floats:
        """A number in (0, 1) for each (a, b, c), 53 bits each."""
        return uniforms_at(key_of(self.seed, f"{self.name}/{what}", "little"), a, b, c)

    def numbers(
        self, what: str, value: Value, a: ArrayLike, b: ArrayLike = 0, c: ArrayLike = 0
    ) -> Floats:
        """A number of a value for each (a, b, c); one that is given as an array is taken in order.

        Raises
        ------
        CircuitError
            one line, if the value is no number, or an array of another size.
        """
        place = f"{self.name}: {what}"
        read = drawn(value, NONE, place)
        shape = np.broadcast_shapes(np.shape(a), np.shape(b), np.shape(c))
        if read.kind == GIVEN:
            if read.given.shape != shape:
                raise CircuitError(f"{place}: {len(read.given)} numbers for {shape[0]}")
            return read.given
        if read.constant:
            return np.full(shape, read.a)
        return quantile(read, self.uniforms(what, a, b, c))
