"""Spikes as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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

    def of(self, population: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times in seconds, and neurons numbered from 0, of one population."""
        own = self.populations[population]
        chosen = (self.neurons >= own.start) & (self.neurons < own.stop)
        return self.steps[chosen] * np.float64(self.dt), self.neurons[chosen] - own.start

    def rates(self) -> dict[str, float]:
        """Mean rate of each population, hertz."""
        counts = np.bincount(self.neurons, minlength=1)
        return mean_rates(counts, self.populations, self.seconds)


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
