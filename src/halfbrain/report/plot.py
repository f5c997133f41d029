"""Pictures of what was simulated, in one call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from halfbrain.engine.simulation import Simulation
from halfbrain.equations.dimensions import TIME
from halfbrain.equations.si import Numbers, number
from halfbrain.errors import RunError
from halfbrain.io import sonata_file
from halfbrain.recording.recorded import Recorded
from halfbrain.report import activity
from halfbrain.report.picture import picture_kind, save, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    what: Simulation | Recorded | Path | str,
    out: Path | str | None = None,
    *,
    start: Numbers = 0.0,
    stop: Numbers | None = None,
) -> Figure:
    """Draw spikes and traces: a raster, rates over time, their histograms, and each trace.

    Parameters
    ----------
    what
        a simulation, a recording that was read, or its file (SONATA HDF5).
    out
        a file to write the picture to as well: .png, .svg or .pdf.
    start, stop
        what is drawn, seconds or texts with units; default: all.

    Returns
    -------
    matplotlib.figure.Figure
        the figure, which a notebook shows.

    Raises
    ------
    HalfbrainError
        one line, if nothing lies there, or the place cannot be written.

    Examples
    --------
    >>> import halfbrain as hb
    >>> net = hb.Circuit([hb.Population("E", "lif_current_exp", 10)])
    >>> sim = hb.Simulation(net, threads=1, record={("E", "v"): [0]})
    >>> sim.run("20 ms")
    >>> figure = hb.plot(sim, "run.png")
    >>> len(figure.axes)
    5
    """
    if isinstance(what, Simulation):
        drawn = what.recording()
    elif isinstance(what, Recorded):
        drawn = what
    elif isinstance(what, str | Path):
        drawn = sonata_file.read(Path(what))
    else:
        raise RunError(f"{str(what)[:40]!r} is no simulation, recording or file to draw")
    first = number(start, TIME, "start")
    last = np.inf if stop is None else number(stop, TIME, "stop")
    if out is not None:
        picture_kind(Path(out))
    with style():
        figure = activity.draw(drawn, first, last)
        if out is not None:
            save(figure, Path(out))
    return figure
