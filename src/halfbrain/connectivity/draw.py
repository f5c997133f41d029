"""Numbers for a circuit's parts: each depends on the seed and on what it is for, and on no order.

A number is a function of the seed, a name, and three numbers (such as source, target and contact);
so circuits come out the same however many threads or nodes draw them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from halfbrain.connectivity.value import CONSTANT, GIVEN, LOGNORMAL, UNIFORM, Drawn, Value, drawn
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
        return _inverse(read, self.uniforms(what, a, b, c))


def _inverse(read: Drawn, u: Floats) -> Floats:
    """The inverse of a distribution's function."""
    if read.other is None:
        return _one(read, u)
    first = u < read.share
    share = read.share
    within = np.where(first, u / max(share, 1e-300), (u - share) / max(1 - share, 1e-300))
    return np.where(first, _one(read, within), _one(read.other, within))


def _one(read: Drawn, u: Floats) -> Floats:
    if read.kind == CONSTANT:
        return np.full(u.shape, read.a)
    if read.kind == UNIFORM:
        return np.asarray(read.low + (read.high - read.low) * u, np.float64)
    if read.kind == LOGNORMAL:
        return np.asarray(np.exp(read.a + read.b * ndtri(u)), np.float64)
    if read.b == 0:
        return np.full(u.shape, read.a)
    low, high = (ndtr((end - read.a) / read.b) for end in (read.low, read.high))
    cut = read.a + read.b * ndtri(low + (high - low) * u)
    return np.asarray(np.clip(cut, read.low, read.high), np.float64)
