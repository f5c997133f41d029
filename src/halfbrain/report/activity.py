"""A run's picture: raster, rates over time, histograms of rates and irregularity, states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from halfbrain.recording import statistics
from halfbrain.recording.recorded import Recorded
from halfbrain.recording.spikes import Spikes
from halfbrain.report.activity_panels import POINTS, histograms, plain, raster, rates, states
from halfbrain.report.picture import picture_kind, save, style

_PANELS = 6  # reports that are drawn
_WIDTH = 8.5  # inches


def write(recorded: Recorded, path: Path, start: float = 0.0, stop: float = np.inf) -> None:
    """Draw what lies from ``start`` to ``stop`` (seconds).

    Raises
    ------
    HalfbrainError
        if nothing lies there, the kind of picture is unknown, or the place cannot be written.
    """
    picture_kind(path)
    with style():
        save(draw(recorded, start, stop), path)


def draw(recorded: Recorded, start: float = 0.0, stop: float = np.inf) -> Figure:
    """The figure of what lies from ``start`` to ``stop``, in seconds.

    Raises
    ------
    HalfbrainError
        if nothing lies there.
    """
    spikes = statistics.window(recorded.spikes, start, stop)
    reports = recorded.reports[:_PANELS]
    bands = max(3.0, 0.36 * min(len(spikes.populations), 24))
    rows = [bands, 1.3, *[1.0] * len(reports)]
    figure = Figure((_WIDTH, sum(rows) + 0.9), layout="constrained")
    columns = figure.add_gridspec(1, 2, width_ratios=(3.2, 1))
    left = columns[0].subgridspec(len(rows), 1, height_ratios=rows)
    # The histograms stand beside the raster and the rates, however many states there are below.
    beside = [(bands + 1.3) / 2] * 2 + ([float(len(reports))] if reports else [])
    right = columns[1].subgridspec(len(beside), 1, height_ratios=beside)
    axes = [figure.add_subplot(left[0])]
    axes += [figure.add_subplot(left[row], sharex=axes[0]) for row in range(1, len(rows))]
    raster(axes[0], spikes, start, bands)
    rates(axes[1], spikes, start)
    for place, report in zip(axes[2:], reports, strict=True):
        states(place, report, start, start + spikes.seconds)
    for place in axes[:-1]:
        place.tick_params(labelbottom=False)
    axes[-1].set_xlabel("time (s)")
    axes[0].set_xlim(start, start + spikes.seconds)
    histograms(figure.add_subplot(right[0]), figure.add_subplot(right[1]), spikes)
    figure.suptitle(_title(recorded, spikes, start), x=0.01, ha="left", fontsize=9)
    return figure


def _title(recorded: Recorded, spikes: Spikes, start: float) -> str:
    neurons = sum(map(len, spikes.populations.values()))
    count = len(spikes.steps)
    parts = [
        f"{neurons:,} neuron{'s' * (neurons != 1)}",
        f"{count:,} spike{'s' * (count != 1)}" + f" ({POINTS:,} shown)" * (count > POINTS),
        f"{start:g} to {start + spikes.seconds:g} s",
    ]
    if circuit := recorded.attributes.get("circuit"):
        parts.insert(0, plain(str(circuit), 40))
    if (hidden := len(recorded.reports) - _PANELS) > 0:
        parts.append(f"{hidden} more recordings not shown")
    return ",  ".join(parts)
