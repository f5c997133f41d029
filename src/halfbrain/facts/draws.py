"""The random numbers behind a forecast: one column of draws for each figure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Streams
from halfbrain.random.arrays import normals
from halfbrain.random.philox import key_of

SAMPLES = 100_000
SEED = 2022


class Draws:
    """Monte Carlo draws, keyed by seed, stream and index.

    A figure that is used in two places has the same draws in both, so its uncertainty cancels
    where it should. ``repeat`` gives independent columns for the same streams. All that halfbrain
    prints of a figure comes from the same draws, if nothing else is asked for.
    """

    def __init__(self, n: int = SAMPLES, seed: int = SEED, repeat: int = 0) -> None:
        self.n = n
        self.seed = seed
        self.repeat = repeat
        self._normals: dict[str, NDArray[np.float64]] = {}
        self._columns: dict[tuple[Streams, Interval], NDArray[np.float64]] = {}

    def column(self, streams: Streams, interval: Interval) -> NDArray[np.float64]:
        """``n`` draws of a figure; one number where it is certain."""
        column = self._columns.get((streams, interval))
        if column is None:
            if interval.certain:
                column = np.full(1, interval.low)
            else:
                (first, weight), *others = streams
                z = weight * self._stream(first)
                for name, weight in others:
                    z = z + weight * self._stream(name)
                column = interval.quantile(z)
            self._columns[streams, interval] = column
        return column

    def _stream(self, name: str) -> NDArray[np.float64]:
        if name not in self._normals:
            self._normals[name] = normals(key_of(self.seed, name, "little"), self.n, self.repeat)
        return self._normals[name]
