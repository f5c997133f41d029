"""Spikes as they were recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import MissingError, RunError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class PopulationSpikes:
    """Spikes of one population, in the order of their times.

    ``times`` are in seconds, ``neurons`` numbered from 0 in the population of ``size``;
    ``seconds`` is how long was recorded.
    """

    times: NDArray[np.float64]
    neurons: NDArray[np.int64]
    size: int
    seconds: float

    def __len__(self) -> int:
        return len(self.times)

    @property
    def rate(self) -> float:
        """Mean rate of its neurons, hertz."""
        return len(self.times) / self.size / self.seconds if self.size and self.seconds else 0.0

    def trains(self) -> list[NDArray[np.float64]]:
        """The times of each neuron's spikes, seconds."""
        order = np.argsort(self.neurons, kind="stable")
        ends = np.searchsorted(self.neurons[order], np.arange(1, self.size))
        return np.split(self.times[order], ends)[: self.size]


@dataclass(frozen=True, eq=False)
class Spikes:
    """Spikes in the order of their steps, and of neurons within a step.

    ``steps`` and ``neurons`` have a place for each spike. Neurons are numbered through the whole
    circuit: ``populations`` gives the range of each population. A spike of step n is at the time
    n ``dt`` (seconds), as Brian2 counts. ``seconds`` is how long was recorded.
    """

    steps: NDArray[np.int64]
    neurons: NDArray[np.int64]
    populations: Mapping[str, range]
    dt: float
    seconds: float

    def __iter__(self) -> Iterator[str]:
        return iter(self.populations)

    def __getitem__(self, population: str) -> PopulationSpikes:
        """The spikes of one population.

        Raises
        ------
        RunError
            one line, if there is none of that name.
        """
        if population not in self.populations:
            known = ", ".join(self.populations)
            raise RunError(f"no population {str(population)[:40]!r}; there are {known}")
        return PopulationSpikes(
            *self.of(population), len(self.populations[population]), self.seconds
        )

    def to_pandas(self) -> pd.DataFrame:
        """A table with a row for each spike: ``time`` in seconds, ``population``, ``neuron``.

        Raises
        ------
        MissingError
            one line, where pandas is not installed.
        """
        pandas = installed_pandas()
        names = list(self.populations)
        starts = np.array([own.start for own in self.populations.values()], np.int64)
        index = np.searchsorted(starts, self.neurons, "right") - 1
        return pandas.DataFrame(
            {
                "time": self.steps * np.float64(self.dt),
                "population": pandas.Categorical.from_codes(index, names),
                "neuron": self.neurons - starts[index] if len(starts) else self.neurons,
            }
        )

    def of(self, population: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times in seconds, and neurons numbered from 0, of one population."""
        own = self.populations[population]
        chosen = (self.neurons >= own.start) & (self.neurons < own.stop)
        return self.steps[chosen] * np.float64(self.dt), self.neurons[chosen] - own.start

    def rates(self) -> dict[str, float]:
        """Mean rate of each population, hertz."""
        counts = np.bincount(self.neurons, minlength=1)
        return mean_rates(counts, self.populations, self.seconds)


def installed_pandas() -> ModuleType:
    """Pandas, which is optional.

    Raises
    ------
    MissingError
        one line, where it is not installed.
    """
    try:
        found: ModuleType = import_module("pandas")
    except ImportError:
        raise MissingError("pandas is not installed; pip install pandas") from None
    return found


def mean_rates(
    counts: NDArray[np.int64], populations: Mapping[str, range], seconds: float
) -> dict[str, float]:
    """Mean rate of each population in hertz, from the number of spikes of each neuron."""
    return {
        name: float(counts[own.start : own.stop].sum() / len(own) / seconds)
        if own and seconds
        else 0.0
        for name, own in populations.items()
    }
