"""A neuron's picture: sections as wide as they are, coloured by region, distance or diameter."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.morphology import Floats, Morphology, Section

COLOURS = ("region", "distance", "diameter")
Along = Callable[[int, Floats], Floats]
"""A variable of a section, by its number, at places along it; NaN where it is not."""
# Of Okabe and Ito's palette, which those who see fewer colours can tell apart.
_REGIONS = {
    "soma": "#222222",
    "axon": "#0072b2",
    "basal": "#d55e00",
    "apical": "#cc79a7",
    "myelin": "#999999",
}
_OTHER = "#009e73"
# Viridis without its yellow, which is hard to see on white.
_COLOURS = ListedColormap(
    mpl.colormaps["viridis"](np.linspace(0.0, 0.88, 256)), name="to_green"
).with_extremes(bad="#cccccc")
_THINNEST = 0.5  # points
_PIECE = 5.0  # um


def draw(
    morphology: Morphology, colour: str = "region", title: str = "", along: Along | None = None
) -> Figure:
    """A morphology as seen along the z axis; myelin, long in some models, ends with the picture.

    Colours stand for ``along`` where it is given, and ``colour`` is what is written beside them.

    Raises
    ------
    ModelError
        if the colour is none of :data:`COLOURS`.
    """
    if along is None and colour not in COLOURS:
        raise ModelError(f"color {colour[:30]!r}: is none of {', '.join(COLOURS)}")
    low, high = _bounds(morphology)
    width, height = high - low
    inches = 7.0 / max(width, height)
    size = (max(width * inches, 3.4) + 1.2, max(height * inches, 2.0) + 0.7)
    figure = Figure(size, layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect("equal")
    axes.set_axis_off()
    if along is not None:  # it changes within a piece
        morphology = replace(morphology, sections=tuple(map(_finer, morphology.sections)))
    values = _all_values(morphology, colour, along)
    norm = _scale(morphology, colour, values)
    for section, own in zip(morphology.sections, values, strict=True):
        if section.region == "soma":
            _soma(axes, section, "#222222" if norm else _REGIONS["soma"])
            continue
        lines = _lines(section, inches * 72)
        if norm is None or section.region == "myelin":
            lines.set_color(_REGIONS.get(section.region, _OTHER))
        else:
            lines.set_cmap(_COLOURS.reversed() if colour == "diameter" else _COLOURS)
            lines.set_norm(norm)
            lines.set_array(np.ma.masked_invalid(own))
        lines.set_zorder(1 if section.region in ("axon", "myelin") else 2)
        axes.add_collection(lines, autolim=False)
    if norm is None:
        _legend(axes, morphology)
    else:
        shown = next(c for c in axes.collections if c.get_array() is not None)
        labels = {"distance": "distance from the soma (µm)", "diameter": "diameter (µm)"}
        label = colour if along else labels[colour]
        bar = figure.colorbar(shown, ax=axes, shrink=0.5, aspect=30, label=label)
        if colour == "diameter":
            bar.ax.yaxis.set_major_formatter("{x:g}")
            bar.ax.yaxis.set_minor_formatter("{x:g}")
    _ruler(axes, low, high)
    words = title or Path(morphology.source).name
    figure.suptitle(textwrap.fill(words, int(12 * size[0])), x=0.01, ha="left", fontsize=9)
    return figure


def _bounds(morphology: Morphology) -> tuple[Floats, Floats]:
    kept = [s.points for s in morphology.sections if s.region != "myelin"]
    points = np.concatenate(kept).astype(np.float64)
    radius = points[:, 3:4] / 2
    low = (points[:, :2] - radius).min(axis=0)
    high = (points[:, :2] + radius).max(axis=0)
    margin = 0.03 * (high - low).max()
    low, high = low - margin, high + margin
    low[1] -= 2 * margin  # the ruler's place
    return low, high


def _starts(morphology: Morphology) -> list[float]:
    """The path's length from the soma's middle to where each section begins."""
    starts: list[float] = []
    for section in morphology.sections:
        if section.parent < 0:
            starts.append(0.0)
            continue
        parent = morphology.sections[section.parent]
        if section.parent == 0:
            starts.append(abs(section.at - 0.5) * parent.length)
        else:
            starts.append(starts[section.parent] + section.at * parent.length)
    return starts


def _finer(section: Section) -> Section:
    """The section with points at least every few um."""
    steps = np.linspace(0.0, section.length, int(section.length / _PIECE) + 2)
    arc = np.union1d(section.arc, steps)
    columns = [np.interp(arc, section.arc, column) for column in section.points.T]
    return replace(section, points=np.column_stack(columns).astype(np.float32))


def _all_values(morphology: Morphology, colour: str, along: Along | None) -> list[Floats]:
    """What colours stand for between the points of each section."""
    found: list[Floats] = []
    starts = _starts(morphology)
    for number, (section, start) in enumerate(zip(morphology.sections, starts, strict=True)):
        middles = (section.arc[1:] + section.arc[:-1]) / 2
        if along is not None:
            found.append(along(number, middles / section.length))
        elif colour == "diameter":
            d = section.points[:, 3].astype(np.float64)
            found.append((d[1:] + d[:-1]) / 2)
        else:
            found.append(start + middles)
    return found


def _scale(morphology: Morphology, colour: str, values: Sequence[Floats]) -> Normalize | None:
    if colour == "region":
        return None
    parts = [
        own[np.isfinite(own)]
        for section, own in zip(morphology.sections, values, strict=True)
        if section.region not in ("soma", "myelin")
    ]
    every = np.concatenate(parts) if parts else np.zeros(0)
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    if colour == "distance":
        return Normalize(0.0, high)
    if colour == "diameter":
        return LogNorm(low, max(high, 1.01 * low))
    return Normalize(low, high)


def _lines(section: Section, points_per_um: float) -> LineCollection:
    ends = section.points[:, :2]
    pieces = np.stack((ends[:-1], ends[1:]), axis=1)
    widths = (section.points[1:, 3] + section.points[:-1, 3]) / 2 * points_per_um
    return LineCollection(list(pieces), linewidths=np.maximum(widths, _THINNEST), capstyle="round")


def _soma(axes: Axes, soma: Section, colour: str) -> None:
    """A disc for a ball, the outline for a stack of discs."""
    points = soma.points.astype(np.float64)
    if (points[:, 3] == points[0, 3]).all():
        middle = points[:, :2].mean(axis=0)
        axes.add_patch(Circle((middle[0], middle[1]), points[0, 3] / 2, color=colour, zorder=3))
        return
    along = points[-1, :2] - points[0, :2]
    across = np.array([-along[1], along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
    side = across * points[:, 3:4] / 2
    outline: NDArray[np.float64] = np.concatenate(
        (points[:, :2] + side, (points[:, :2] - side)[::-1])
    )
    axes.add_patch(Polygon(outline, closed=True, color=colour, lw=0, zorder=3))


def _legend(axes: Axes, morphology: Morphology) -> None:
    present = list(dict.fromkeys(section.region for section in morphology.sections))
    handles = [
        Line2D([], [], color=_REGIONS.get(region, _OTHER), lw=2.5, label=region)
        for region in present
    ]
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, handlelength=1
    )


def _ruler(axes: Axes, low: Floats, high: Floats) -> None:
    """A bar of a round length at the bottom left."""
    wanted = 0.25 * float((high - low).max())
    power = 10 ** np.floor(np.log10(wanted))
    length = float(max(step * power for step in (1, 2, 5) if step * power <= wanted))
    y = low[1] + 0.02 * (high[1] - low[1])
    axes.plot([low[0], low[0] + length], [y, y], color="#222222", lw=1.5, solid_capstyle="butt")
    axes.annotate(
        f"{length:g} µm",
        (low[0] + length / 2, y),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        clip_on=False,
    )
