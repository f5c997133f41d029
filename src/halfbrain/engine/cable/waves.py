"""Currents and conductances that change, at the middles of a unit's steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.detailed.drive import Wave

Floats = NDArray[np.float64]
_WINDOW = 1024  # steps that are worked out together


class Waves:
    """The waves of a unit: addresses of v, current and slope; ``reversals`` in mV, or NaN."""

    def __init__(self, dt: float) -> None:
        self.dt = dt
        self.at = np.empty((0, 3), np.int64)
        self.reversals = np.empty(0)
        self._waves: list[Wave] = []
        self._scales: list[float] = []
        self._first, self._values = 0, np.empty((0, 0))

    def add(self, wave: Wave, scale: float, at: tuple[int, int, int], reversal: float) -> None:
        """One more, times a scale."""
        self._waves.append(wave)
        self._scales.append(scale)
        self.at = np.vstack([self.at, np.array([at], np.int64)])
        self.reversals = np.append(self.reversals, reversal)
        self._values = np.empty((0, 0))

    def of(self, first: int, steps: int) -> Floats:
        """Their values in some steps, shape (steps, waves)."""
        begin = first - self._first
        if not 0 <= begin <= len(self._values) - steps:
            self._first, begin = first, 0
            middles = np.arange(first + 0.5, first + max(steps, _WINDOW)) * self.dt
            self._values = np.empty((len(middles), len(self._waves)))
            for k, (wave, scale) in enumerate(zip(self._waves, self._scales, strict=True)):
                self._values[:, k] = wave.at(middles) * scale
        return self._values[begin : begin + steps]
