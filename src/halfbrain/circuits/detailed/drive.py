"""What drives detailed cells besides spikes: currents and conductances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.connectivity.value import Value
from halfbrain.errors import CircuitError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clamp:
    """A current in nA into each soma, from ``start`` for ``duration`` ms.

    Several into one population are told apart by their ``label``.
    """

    target: str
    amplitude: Value
    start: float = 0.0
    duration: float = 1e9
    label: str = ""

    @property
    def name(self) -> str:
        """How messages and random streams call it."""
        return (
            f"current {self.label} into {self.target}"
            if self.label
            else f"current into {self.target}"
        )


@dataclass(frozen=True, eq=False)
class Wave:
    """Values at rising times (ms): between two they change steadily, or the earlier is ``held``.

    Before the first time, and from the last on, there is nothing.
    """

    times: Floats
    values: Floats
    held: bool = False

    def at(self, times: Floats) -> Floats:
        """The values at some times."""
        if self.held:
            found = self.values[np.searchsorted(self.times, times, "right") - 1]
        else:
            found = np.interp(times, self.times, self.values)
        inside = (times >= self.times[0]) & (times < self.times[-1])
        return np.asarray(np.where(inside, found, 0.0), np.float64)


@dataclass(frozen=True, eq=False)
class Waveform:
    """A current in nA that changes, into some neurons of a population.

    ``waves`` has one for all, or one for each of ``neurons``. It goes into somata, or where
    ``sections`` and ``positions`` (from 0 to 1) say for each. With a ``reversal`` in mV it is a
    conductance in uS.
    """

    target: str
    neurons: NDArray[np.int64]
    waves: tuple[Wave, ...]
    reversal: float | None = None
    sections: NDArray[np.int64] | None = None
    positions: Floats | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"wave {self.label} into {self.target}"

    def check(self, size: int) -> None:
        """See that it fits a population of so many neurons.

        Raises
        ------
        CircuitError
            one line.
        """
        n = len(self.neurons)
        if n and not 0 <= self.neurons.min() <= self.neurons.max() < size:
            raise CircuitError(f"{self.name}: a neuron is none of the {size}")
        if len(self.waves) not in (1, n):
            raise CircuitError(f"{self.name}: {len(self.waves)} waves for {n} neurons")
        for given in (self.sections, self.positions):
            if given is not None and len(given) != n:
                raise CircuitError(f"{self.name}: {len(given)} places for {n} neurons")
        for wave in self.waves:
            fine = np.isfinite(wave.times).all() and np.isfinite(wave.values).all()
            if not (fine and len(wave.times) == len(wave.values) > 1):
                raise CircuitError(f"{self.name}: needs two finite times and values or more")
            if not (np.diff(wave.times) > 0).all():
                raise CircuitError(f"{self.name}: its times do not rise")
