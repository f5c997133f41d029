"""The random numbers behind a forecast: one column of draws for each named figure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.facts.interval import Interval
from halfbrain.facts.philox import key_of, normals

SAMPLES = 100_000
SEED = 2022


class Draws:
    """Monte Carlo draws, keyed by seed, name and index.

    A figure that is used in two places has the same draws in both, so its uncertainty cancels
    where it should. ``stream`` gives independent columns for the same name. All that halfbrain
    prints of a figure comes from the same draws, if nothing else is asked for.
    """

    def __init__(self, n: int = SAMPLES, seed: int = SEED, stream: int = 0) -> None:
        self.n = n
        self.seed = seed
        self.stream = stream
        self._columns: dict[tuple[str, Interval], NDArray[np.float64]] = {}

    def column(self, name: str, interval: Interval) -> NDArray[np.float64]:
        """``n`` draws of the figure called ``name``."""
        column = self._columns.get((name, interval))
        if column is None:
            if interval.certain:
                column = np.full(1, interval.low)
            else:
                column = interval.quantile(normals(key_of(self.seed, name), self.n, self.stream))
            self._columns[name, interval] = column
        return column
