"""What is kept of a run: its spikes, and states that were recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from halfbrain.recording.spikes import Spikes, installed_pandas

if TYPE_CHECKING:
    import pandas as pd


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
class Trace:
    """What was recorded of some neurons of a population while a simulation ran.

    ``values`` has shape (times, columns), in SI; ``times`` are seconds, shape (times,). ``neurons``
    has the neuron of each column, numbered in its population: there are several columns of a
    neuron where what was recorded is in several places of it.
    """

    population: str
    variable: str
    neurons: NDArray[np.int64]
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    unit: str

    def report(self) -> Report:
        """The same, in single precision, as it is written to files."""
        step = float(self.times[1] - self.times[0]) if len(self.times) > 1 else 0.0
        first = float(self.times[0]) if len(self.times) else 0.0
        data = self.values.astype(np.float32)
        return Report(
            self.population, self.variable, self.unit, self.neurons, first, step or first, data
        )

    def to_pandas(self) -> pd.DataFrame:
        """A table with a row for each time and a column for each of ``neurons``.

        Raises
        ------
        MissingError
            one line, where pandas is not installed.
        """
        pandas = installed_pandas()
        index = pandas.Index(self.times, name="time")
        return pandas.DataFrame(self.values, index, self.neurons)


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a file holds: spikes, reports, and the attributes that its writer gave."""

    spikes: Spikes
    reports: tuple[Report, ...]
    attributes: Mapping[str, str | int | float]
