"""The synapses of a projection as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.kernel import BLOCK
from halfbrain.engine.point.drawing import Drawing
from halfbrain.engine.point.layout import Layout
from halfbrain.engine.point.tables import Table
from halfbrain.equations.steps import nearest_step

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Connections:
    """Sources and targets (numbered within their populations), weights (SI), delays (seconds).

    In the order of the sources; for explicit pairs, of those of one source as they were given.
    """

    sources: Ints
    targets: Ints
    weights: NDArray[np.float64]
    delays: NDArray[np.float64]

    def with_weights(self, weights: NDArray[np.float64]) -> Connections:
        """The same with other weights."""
        return replace(self, weights=weights)


def connections(drawing: Drawing, dt: float, unit: float | None) -> Connections:
    """Draw a projection's synapses.

    Delays are whole time steps; weights are whole multiples of ``unit``, if there is one.
    """
    sources, targets, weights, delays = drawing.rows.all()
    if unit is not None:
        weights = np.rint(weights / unit) * unit
    return Connections(sources, targets, weights, nearest_step(delays, dt) * dt)


def places_in(table: Table, layout: Layout, found: Connections, dt: float) -> Ints:
    """Where in a table of one projection each of its synapses is."""
    where = layout.places(table.drawings[0].target)[found.targets // BLOCK, 0]
    steps = nearest_step(found.delays, dt).astype(np.int64) - table.shortest
    segment = where * table.delays + steps
    order = np.lexsort((segment, found.sources))
    out: NDArray[Any] = np.empty(len(order), np.int64)
    out[order] = np.arange(len(order))
    return out
