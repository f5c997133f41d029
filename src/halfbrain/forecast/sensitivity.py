"""Which assumption the answer hangs on: Sobol indices of log10 FLOP (Saltelli et al. 2010)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity, Streams
from halfbrain.forecast.estimate import out_of_range

BASE_SAMPLES = 2048


@dataclass(frozen=True)
class Index:
    """The share of the variance that some inputs cause: alone, and with their interactions.

    ``names`` is one input, or several that depend on each other: they are tied, or of one fact.
    """

    names: tuple[str, ...]
    first: float
    total: float

    @property
    def name(self) -> str:
        """The inputs in words."""
        return " with ".join(self.names)


class _Mixed:
    """Columns of draws ``a``, but for the figures of some streams, which have those of ``b``."""

    def __init__(self, a: Draws, b: Draws, swapped: Collection[str]) -> None:
        self.a, self.b, self.swapped = a, b, swapped

    def column(self, streams: Streams, interval: Interval) -> NDArray[np.float64]:
        source = self.b if streams[0][0] in self.swapped else self.a
        return source.column(streams, interval)


@dataclass
class Group:
    """Figures that depend on each other, and all streams that they are drawn from."""

    names: list[str]
    streams: set[str]


def dependent(figures: Iterable[Quantity]) -> list[Group]:
    """The uncertain ones of some figures in groups that are independent of each other."""
    groups: list[Group] = []
    for figure in figures:
        if not figure.uncertain:
            continue
        own = Group([figure.name], {name for name, _ in figure.streams})
        for group in [group for group in groups if group.streams & own.streams]:
            groups.remove(group)
            own = Group(group.names + own.names, group.streams | own.streams)
        groups.append(own)
    return groups


def sobol(quantity: Quantity, seed: int, n: int = BASE_SAMPLES) -> list[Index]:
    """Sobol indices of log10 of ``quantity`` over its uncertain inputs, largest total first.

    Inputs that depend on each other have one index together: shares of a variance are defined for
    independent causes alone. Draws are independent random ones (repeats 0 and 1 of the forecast's
    generator), so the page can make them again; ``n * (groups + 2)`` evaluations.

    Raises
    ------
    HalfbrainError
        if a draw does not fit a double.
    """
    groups = dependent(quantity.leaves())
    if not groups:
        return []
    a, b = Draws(n, seed, repeat=0), Draws(n, seed, repeat=1)

    def logarithm(columns: Draws | _Mixed) -> NDArray[np.float64]:
        sample = quantity.sample(columns)
        if not np.isfinite(sample).all() or (sample <= 0).any():
            raise out_of_range(quantity)
        return np.log10(np.broadcast_to(sample, (n,)))

    rows = np.stack(
        [logarithm(a), *(logarithm(_Mixed(a, b, each.streams)) for each in groups), logarithm(b)]
    )
    first, total = _analyse(rows)
    found = [
        Index(tuple(sorted(group.names)), float(s), float(t))
        for group, s, t in zip(groups, first, total, strict=True)
    ]
    return sorted(found, key=lambda index: (-index.total, index.name))


def _analyse(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First-order and total indices (Saltelli et al. 2010, table 2, b and f).

    ``rows``: values on draws A, on A with the columns of one group from B each, and on B.
    """
    scale = rows.std()
    if scale == 0:
        zero = np.zeros(rows.shape[0] - 2)
        return zero, zero
    a, *mixed, b = (rows - rows.mean()) / scale
    variance = np.var([a, b])
    first = [np.mean(b * (row - a)) / variance for row in mixed]
    total = [0.5 * np.mean((a - row) ** 2) / variance for row in mixed]
    return np.array(first), np.array(total)
