"""A run's picture: raster, rates over time, histograms of rates and irregularity, states."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from halfbrain.engine import statistics
from halfbrain.engine.recorded import Recorded
from halfbrain.engine.spikes import Spikes
from halfbrain.errors import HalfbrainError
from halfbrain.report.activity_panels import POINTS, histograms, plain, raster, rates, states

_PANELS = 6  # reports that are drawn
_WIDTH = 8.5  # inches
_STYLE: Any = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 0.9,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "text.parse_math": False,  # a dollar sign in a name begins no formula
    "svg.hashsalt": "halfbrain",  # the same run gives the same file
}
_UNDATED: dict[str, dict[str, Any]] = {
    "png": {},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


def picture_kind(path: Path) -> str:
    """The kind of picture that a name asks for: png, svg or pdf.

    Raises
    ------
    HalfbrainError
        if it is another.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _UNDATED:
        raise HalfbrainError(f"{path}: a picture's name ends in .png, .svg or .pdf")
    return kind


def write(recorded: Recorded, path: Path, start: float = 0.0, stop: float = np.inf) -> None:
    """Draw what lies from ``start`` to ``stop`` (seconds); a temporary name is renamed at the end.

    Raises
    ------
    HalfbrainError
        if nothing lies there, the kind of picture is unknown, or the place cannot be written.
    """
    kind = picture_kind(path)
    temporary = ""
    try:
        with style():
            figure = draw(recorded, start, stop)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            with os.fdopen(handle, "wb") as file:
                figure.savefig(file, format=kind, dpi=160, metadata=_UNDATED[kind])
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise HalfbrainError(f"cannot write {path}: {error.strerror}") from None
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


@contextmanager
def style() -> Iterator[None]:
    """Our settings in place of the user's, for as long as it lasts."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A name in letters that the font lacks is drawn as boxes; that is no news to anyone.
        warnings.filterwarnings("ignore", message="Glyph")
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


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
