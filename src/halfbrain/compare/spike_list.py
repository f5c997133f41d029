"""Given spikes as the steps of a peer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.circuit import SpikeList
from halfbrain.equations.steps import step_holding


def fired_once(
    spikes: SpikeList, dt: float, steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps and neurons, by step; a neuron fires at most once in a step, and before ``steps``."""
    at = step_holding(np.asarray(spikes.times, np.float64), dt).astype(np.int64)
    pairs = np.unique(np.stack([at, np.asarray(spikes.neurons, np.int64)], 1), axis=0)
    pairs = pairs[(pairs[:, 0] >= 0) & (pairs[:, 0] < steps)]
    return pairs[:, 0], pairs[:, 1]
