"""The spikes of a circuit's inputs, second by second."""

from __future__ import annotations

import numpy as np
from scipy.stats import poisson

from halfbrain.circuits.detailed.circuit import PoissonInput
from halfbrain.circuits.detailed.synapses import Synapses
from halfbrain.connectivity.draw import Floats, Ints, Stream

WINDOW = 1000.0  # ms that are drawn at once


def poisson_spikes(synapses: Synapses, seed: int, window: int) -> tuple[Floats, Ints]:
    """Times (ms) and connections of the Poisson spikes in a window, in order of time.

    A window's spikes depend on the seed, the input and the window's number alone.
    """
    given = synapses.of
    assert isinstance(given, PoissonInput)
    stream = Stream(seed, f"{given.name}/spikes")
    connection = np.arange(len(synapses.source))
    u = stream.uniforms("count", connection, window)
    count = poisson.ppf(u, given.rate * WINDOW * 1e-3).astype(np.int64)
    who = np.repeat(connection, count)
    number = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    times = (window + stream.uniforms("time", who, window, number)) * WINDOW
    order = np.lexsort((who, times))
    return times[order], who[order]
