"""Currents that are put into point neurons from one time to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Current:
    """``amplitudes`` (A), one for each neuron, added to ``I_e`` from ``start`` to ``stop`` (s)."""

    population: str
    amplitudes: NDArray[np.float64]
    start: float
    stop: float
