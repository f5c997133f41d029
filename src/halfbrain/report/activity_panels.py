"""The panels of a run's picture, each drawn into axes that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from halfbrain.recording import statistics
from halfbrain.recording.recorded import Report
from halfbrain.recording.spikes import Spikes

POINTS = 30_000  # of the raster, at most
_TRACES = 3  # neurons of a report that are drawn
# Told apart by the colour-blind: after Okabe and Ito (2008), less yellow, which is lost on white.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000", "#8C8C8C")


def plain(text: str, length: int = 16) -> str:
    """Text from a file: no line breaks, not too long."""
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= length else text[: length - 1] + "…"


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]


def raster(axes: Axes, spikes: Spikes, start: float, inches: float) -> None:
    """Populations as bands, first at the top, each with room for its name."""
    sizes = np.array([len(own) for own in spikes.populations.values()], np.float64)
    share = np.maximum(sizes / max(sizes.sum(), 1), 0.8 / max(len(sizes), 1))
    ends = np.concatenate([[0.0], np.cumsum(share / share.sum())])
    chosen = _thinned(len(spikes.steps))
    steps, neurons = spikes.steps[chosen], spikes.neurons[chosen]
    dot = float(np.clip(60 / np.sqrt(max(len(chosen), 1)), 1.2, 4))
    ticks, labels, last = [], [], -np.inf
    for index, (name, own) in enumerate(spikes.populations.items()):
        top, bottom = ends[index], ends[index + 1]
        inside = (neurons >= own.start) & (neurons < own.stop)
        depth = (neurons[inside] - own.start + 0.5) / max(len(own), 1)
        axes.plot(
            start + steps[inside] * spikes.dt, top + (bottom - top) * depth, ".",
            color=_colour(index), markersize=dot, markeredgewidth=0, rasterized=True,
        )  # fmt: skip
        # A bar of the band's colour, which a silent population would not show otherwise.
        axes.add_patch(
            Rectangle(
                (-0.012, 1 - bottom), 0.008, bottom - top, transform=axes.transAxes,
                color=_colour(index), linewidth=0, clip_on=False,
            )
        )  # fmt: skip
        middle = (top + bottom) / 2
        if (middle - last) * inches > 0.13:
            last = middle
            ticks.append(middle)
            labels.append(f"{plain(name)}  {len(own):,}")
    axes.set_ylim(1, 0)
    axes.set_yticks(ticks, labels)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.spines["left"].set_visible(False)
    axes.hlines(ends[1:-1], 0, 1, transform=axes.get_yaxis_transform(), color="0.85", linewidth=0.4)
    if not len(spikes.steps):
        _say(axes, "no spikes")


def _thinned(count: int) -> NDArray[np.int64]:
    """Which of ``count`` spikes are drawn: one at random of each of as many equal pieces."""
    if count <= POINTS:
        return np.arange(count)
    # Every n-th would beat with whatever fires in time with the steps.
    edges = np.linspace(0, count, POINTS + 1).astype(np.int64)
    shift = np.random.Philox(key=1).random_raw(POINTS) % np.diff(edges).astype(np.uint64)
    return edges[:-1] + shift.astype(np.int64)


def rates(axes: Axes, spikes: Spikes, start: float) -> None:
    """Lines, or a map with a row for each population where lines would be too many."""
    width = max(_round_up(spikes.seconds / 200), spikes.dt)
    times, found = statistics.population_rates(spikes, width)
    if len(found) <= len(_COLOURS):
        for index, rate in enumerate(found.values()):
            axes.plot(start + times, rate, color=_colour(index), drawstyle="steps-mid")
        axes.set_ylim(0, 1.05 * max((rate.max() for rate in found.values()), default=0) or 1)
        axes.set_ylabel("rate (Hz)")
    else:
        image = axes.imshow(
            np.array(list(found.values())), aspect="auto", cmap="cividis", vmin=0,
            interpolation="nearest",
            extent=(start, start + times[0] + times[-1], len(found), 0),
        )  # fmt: skip
        axes.set_yticks([])
        axes.set_ylabel("populations,\nas above")
        axes.figure.colorbar(image, ax=axes, label="rate (Hz)", pad=0.01)
    each = f"{width:g} s" if width >= 1 else f"{1e3 * width:g} ms"
    axes.set_title(f"rates in bins of {each}", color="0.35")


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, ..."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * 0.999))


def histograms(rates: Axes, cvs: Axes, spikes: Spikes) -> None:
    """Rates and irregularity of neurons."""
    by_rate = list(statistics.neuron_rates(spikes).values())
    # Rates are whole numbers of spikes over the time: bins hold whole numbers of those. The last
    # takes what is beyond all but a few neurons' rates, or a single neuron would squeeze the rest.
    everyone = np.concatenate([[0.0], *by_rate]) * spikes.seconds
    most = max(round(np.quantile(everyone, 0.995)), 10)
    each = -(-(most + 1) // 30)
    edges = (np.arange(0, most + 1 + 2 * each, each) - 0.5) / spikes.seconds
    last = float(edges[-1] + edges[-2]) / 2
    _outlines(rates, [np.minimum(rate, last) for rate in by_rate], edges)
    beyond = "\n(last bin: or more)" if everyone.max() / spikes.seconds > edges[-1] else ""
    rates.set_xlabel(f"rate of a neuron (Hz){beyond}")
    by_cv = [cv[~np.isnan(cv)] for cv in statistics.interval_cvs(spikes).values()]
    if any(map(len, by_cv)):
        top = max(1.5, *(cv.max() for cv in by_cv if len(cv)))
        _outlines(cvs, by_cv, np.linspace(0, top * 1.001, 31))
    else:
        cvs.set_xlim(0, 1.5)
        cvs.set_yticks([])
        _say(cvs, "no neuron\nfired three times")
    cvs.set_xlabel("CV of a neuron's intervals")


def _outlines(axes: Axes, values: Sequence[NDArray[np.float64]], edges: NDArray[Any]) -> None:
    """A histogram of each population; of all together where they would be too many."""
    colours = [_colour(index) for index in range(len(values))]
    if len(values) > len(_COLOURS):
        values, colours = [np.concatenate(values)], ["0.3"]
    for value, colour in zip(values, colours, strict=True):
        if len(value):
            share = 100 * np.histogram(value, edges)[0] / len(value)
            axes.stairs(share, edges, color=colour, linewidth=0.9)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0)
    axes.set_ylabel("% of neurons")


def states(axes: Axes, report: Report, start: float, stop: float) -> None:
    """Some neurons' states, evenly chosen; extremes are kept where there are too many frames."""
    times = report.start + report.step * np.arange(len(report.data))
    inside = (times >= start - report.step / 2) & (times < stop)
    chosen = np.unique(np.linspace(0, len(report.neurons) - 1, _TRACES).round().astype(int))
    chosen = chosen[: len(report.neurons)]
    for grey, column in zip(("0.75", "0.5", "0")[-len(chosen) :], chosen[::-1], strict=False):
        time, state = _extremes(times[inside], report.data[inside, column])
        axes.plot(time, state, color=grey, linewidth=0.7)
    names = ", ".join(str(report.neurons[column]) for column in chosen)
    axes.set_title(
        f"{plain(report.population)}, neuron{'s' * (len(chosen) != 1)} {names}", color="0.35"
    )
    unit = f" ({plain(report.unit)})" if report.unit not in ("", "1") else ""
    axes.set_ylabel(f"{plain(report.variable or 'state')}{unit}")
    if not inside.any() or not len(chosen):
        _say(axes, "nothing recorded here")
        axes.set_yticks([])


def _extremes(
    times: NDArray[Any], values: NDArray[np.float32], pieces: int = 1000
) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """The lowest and the highest value of each of ``pieces`` pieces, in their order."""
    per_piece = len(values) // pieces
    if per_piece <= 2:
        return times, values
    whole = len(values) // per_piece * per_piece
    blocks = values[:whole].reshape(-1, per_piece)
    ends = np.sort(np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)], axis=1), axis=1)
    places = (ends + np.arange(len(blocks))[:, None] * per_piece).ravel()
    places = np.concatenate([places, np.arange(whole, len(values))])
    return times[places], values[places]


def _say(axes: Axes, text: str) -> None:
    axes.text(
        0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="0.45"
    )  # fmt: skip
