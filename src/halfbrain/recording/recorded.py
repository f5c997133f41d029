"""What is kept of a run: its spikes, and states that were recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from halfbrain.recording.spikes import Spikes


@dataclass(frozen=True, eq=False)
class Report:
    """One variable of some neurons of a population, frame by frame.

    ``data`` (frames, neurons) may be a memory map; ``neurons`` are numbered in the population.
    ``start`` is the time of the first frame and ``step`` that between frames, in seconds.
    Where it is of places in cells, a neuron has a column for each, its places together;
    ``sections`` and ``positions`` say where they are.
    """

    population: str
    variable: str
    unit: str
    neurons: NDArray[np.int64]
    start: float
    step: float
    data: NDArray[np.float32]
    sections: NDArray[np.int64] | None = None
    positions: NDArray[np.float64] | None = None

    def of(self, neurons: Sequence[int]) -> Report:
        """The same of some of its neurons."""
        own = np.isin(self.neurons, neurons)
        return replace(self, neurons=self.neurons[own], data=self.data[:, own])


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a file holds: spikes, reports, and the attributes that its writer gave."""

    spikes: Spikes
    reports: tuple[Report, ...]
    attributes: Mapping[str, str | int | float]
