"""Which assumption the answer hangs on: Sobol indices of log10 FLOP (Saltelli 2010, by SALib)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.estimate import out_of_range

BASE_SAMPLES = 2048


@dataclass(frozen=True)
class Index:
    """The share of the variance that an input causes: alone, and with its interactions."""

    name: str
    first: float
    total: float


class _Mixed:
    """Columns of draws ``a``, but for one input that has those of ``b``."""

    def __init__(self, a: Draws, b: Draws, swapped: str) -> None:
        self.a, self.b, self.swapped = a, b, swapped

    def column(self, name: str, interval: Interval) -> NDArray[np.float64]:
        source = self.b if name == self.swapped else self.a
        return source.column(name, interval)


def sobol(quantity: Quantity, seed: int, n: int = BASE_SAMPLES) -> list[Index]:
    """Sobol indices of log10 of ``quantity`` over its uncertain inputs, largest total first.

    Draws are independent random ones (streams 0 and 1 of the forecast's generator), so the page
    can repeat them; ``n * (inputs + 2)`` evaluations.

    Raises
    ------
    HalfbrainError
        if a draw does not fit a double.
    """
    names = [
        leaf.name
        for leaf in quantity.leaves()
        if leaf.interval is not None and not leaf.interval.certain
    ]
    if not names:
        return []
    a, b = Draws(n, seed, stream=0), Draws(n, seed, stream=1)

    def logarithm(columns: Draws | _Mixed) -> NDArray[np.float64]:
        sample = quantity.sample(columns)
        if not np.isfinite(sample).all() or (sample <= 0).any():
            raise out_of_range(quantity)
        return np.log10(np.broadcast_to(sample, (n,)))

    rows = np.stack(
        [logarithm(a), *(logarithm(_Mixed(a, b, name)) for name in names), logarithm(b)]
    )
    first, total = _analyse(rows)
    found = [
        Index(name, float(s), float(t)) for name, s, t in zip(names, first, total, strict=True)
    ]
    return sorted(found, key=lambda index: (-index.total, index.name))


def _analyse(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from SALib.analyze import sobol as salib  # slow to import, so only when asked for

    if np.ptp(rows) == 0:
        zero = np.zeros(rows.shape[0] - 2)
        return zero, zero
    names = [str(i) for i in range(rows.shape[0] - 2)]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    # SALib wants A, then A with each column of B, then B, draw by draw.
    found = salib.analyze(problem, rows.T.ravel(), calc_second_order=False, num_resamples=2, seed=1)
    return np.asarray(found["S1"]), np.asarray(found["ST"])
