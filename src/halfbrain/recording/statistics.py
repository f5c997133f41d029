"""Statistics of spikes: rates, irregularity, correlation; the three that validate a microcircuit.

Rates of neurons, coefficients of variation of inter-spike intervals and correlations of spike
counts are what the microcircuit's implementations are held against each other with (Dasbach et al.
2021, Front Neurosci 15, 757790; Senk et al. 2026; INM-6's microcircuit-PD14-model). All are taken
over the whole of the ``Spikes`` given; ``window`` cuts the transient at the start off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from halfbrain.equations.steps import nearest_step
from halfbrain.errors import RunError
from halfbrain.recording.spikes import Spikes

Array = NDArray[np.float64]


def window(spikes: Spikes, start: float, stop: float) -> Spikes:
    """The spikes from ``start`` up to, not with, ``stop`` (seconds), as a recording of its own.

    Both are rounded to steps; times begin at 0 again.

    Raises
    ------
    RunError
        if nothing of the recording lies between.
    """
    if not (0 <= start < stop and start < spikes.seconds):
        end = "the end" if stop == np.inf else f"{stop:g} s"
        raise RunError(
            f"from {start:g} s to {end} there is nothing; "
            f"the recording is from 0 s to {spikes.seconds:g} s"
        )
    stop = min(stop, spikes.seconds)
    first, last = (int(nearest_step(at, spikes.dt)) for at in (start, stop))
    if first == last:
        raise RunError(f"from {start:g} s to {stop:g} s is less than a step of {spikes.dt:g} s")
    begin, end = np.searchsorted(spikes.steps, [first, last])
    return Spikes(
        spikes.steps[begin:end] - first,
        spikes.neurons[begin:end],
        spikes.populations,
        spikes.dt,
        (last - first) * spikes.dt,
    )


def neuron_rates(spikes: Spikes) -> dict[str, Array]:
    """Mean rate of each neuron of each population, hertz; silent neurons have 0."""
    counts = np.bincount(spikes.neurons, minlength=_size(spikes))
    seconds = spikes.seconds or np.inf
    return {
        name: counts[own.start : own.stop] / seconds for name, own in spikes.populations.items()
    }


def interval_cvs(spikes: Spikes) -> dict[str, Array]:
    """Coefficient of variation of each neuron's inter-spike intervals; NaN below three spikes.

    Standard deviation (of the intervals as they are, not as a sample: divided by their number)
    over mean, for neurons with at least two intervals: the convention of INM-6's
    ``single_neuron_isi_cvs`` and of Elephant's ``cv``. A regular train has 0; a Poisson train
    tends to 1, from below when it is short.
    """
    size = _size(spikes)
    order = np.lexsort((spikes.steps, spikes.neurons))
    neurons, steps = spikes.neurons[order], spikes.steps[order]
    within = neurons[1:] == neurons[:-1]
    owner, interval = neurons[1:][within], np.diff(steps)[within].astype(np.float64)
    count = np.bincount(owner, minlength=size).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, interval, size) / count
        # Two passes: squares of long intervals would swallow a small variance.
        variance = np.bincount(owner, (interval - mean[owner]) ** 2, size) / count
        cv = np.where(count >= 2, np.sqrt(variance) / mean, np.nan)
    return {name: cv[own.start : own.stop] for name, own in spikes.populations.items()}


def count_correlations(
    spikes: Spikes, sample: int = 250, width: float = 2e-3, seed: int = 1
) -> dict[str, Array]:
    """Pearson's correlation of spike counts, for each pair of a sample of each population.

    Counts are in bins of ``width`` seconds, rounded to steps; a bin that the recording ends in is
    left out. The sample of at most ``sample`` neurons is drawn without repeats (2 ms and 250 as in
    Dasbach et al. 2021). Pairs are those above the diagonal, row by row, of neurons in ascending
    order; NaN where a neuron has the same count in every bin, as a silent one.

    Raises
    ------
    RunError
        if a bin is shorter than a step.
    """
    per_bin, bins = _bins(spikes, width)
    chosen, ends = [], [0]
    for index, own in enumerate(spikes.populations.values()):
        chosen.append(own.start + _sample(len(own), sample, seed, index))
        ends.append(ends[-1] + len(chosen[-1]))
    rows = np.full(_size(spikes), -1)
    rows[np.concatenate([[], *chosen]).astype(np.int64)] = np.arange(ends[-1])
    row, column = rows[spikes.neurons], spikes.steps // per_bin
    kept = (row >= 0) & (column < bins)
    # Most bins are empty: sums of products of whole numbers, over the others only, are exact.
    counts = sparse.csr_array(
        (np.ones(np.count_nonzero(kept), np.int64), (row[kept], column[kept])),
        shape=(ends[-1], max(bins, 1)),
    )
    found = {}
    for name, begin, end in zip(spikes.populations, ends[:-1], ends[1:], strict=True):
        own_counts = counts[begin:end]
        sums = np.asarray(own_counts.sum(axis=1), np.float64)
        products = (own_counts @ own_counts.T).toarray().astype(np.float64)
        covariance = products * bins - np.outer(sums, sums)
        deviation = np.sqrt(covariance.diagonal())
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = covariance / np.outer(deviation, deviation)
        found[name] = correlation[np.triu_indices(end - begin, 1)]
    return found


def population_rates(spikes: Spikes, width: float) -> tuple[Array, dict[str, Array]]:
    """Middles of time bins in seconds, and the mean rate of each population in them, hertz.

    Bins are of ``width`` seconds, rounded to steps; a bin that the recording ends in is left out.

    Raises
    ------
    RunError
        if a bin is shorter than a step.
    """
    per_bin, bins = _bins(spikes, width)
    index = np.full(_size(spikes), 0)
    for number, own in enumerate(spikes.populations.values()):
        index[own.start : own.stop] = number
    bin_ = spikes.steps // per_bin
    kept = bin_ < bins
    counts = np.bincount(
        index[spikes.neurons[kept]] * bins + bin_[kept], minlength=len(spikes.populations) * bins
    ).reshape(len(spikes.populations), bins)
    seconds = per_bin * spikes.dt
    rates = {
        name: counts[number] / (max(len(own), 1) * seconds)
        for number, (name, own) in enumerate(spikes.populations.items())
    }
    return np.asarray((np.arange(bins) + 0.5) * seconds, np.float64), rates


def _size(spikes: Spikes) -> int:
    return max((own.stop for own in spikes.populations.values()), default=0)


def _bins(spikes: Spikes, width: float) -> tuple[int, int]:
    """Steps in a bin, and whole bins in the recording."""
    per_bin = int(nearest_step(width, spikes.dt))
    if per_bin < 1:
        raise RunError(f"bins of {width:g} s are shorter than a step of {spikes.dt:g} s")
    return per_bin, int(nearest_step(spikes.seconds, spikes.dt)) // per_bin


def _sample(size: int, sample: int, seed: int, stream: int) -> NDArray[np.int64]:
    """Neurons in ascending order, the same for the same seed: those with the smallest numbers."""
    numbers = np.random.Philox(key=[seed, stream]).random_raw(size)
    return np.sort(np.argsort(numbers, kind="stable")[:sample])
