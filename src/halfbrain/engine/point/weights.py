"""The weights of synapses as they are now, in the order of their :class:`Connections`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.connectivity.numbers import whole
from halfbrain.engine.finite import all_finite, not_finite
from halfbrain.engine.point.connections import Connections, connections, places_in
from halfbrain.engine.point.drawing import Drawing
from halfbrain.engine.point.layout import Layout
from halfbrain.engine.point.packing import PLASTIC
from halfbrain.engine.point.plan import Plan
from halfbrain.engine.point.synapses import Units
from halfbrain.engine.point.tables import Table
from halfbrain.errors import CircuitError, RunError, warn

_AT_ONCE = 1 << 17  # weights that are looked through faster than a run begins


class Weights:
    """Reads and sets the weights of a built circuit; ``changes`` counts what reading makes up."""

    def __init__(
        self,
        drawings: Sequence[Drawing],
        tables: Sequence[Table],
        units: Units,
        plan: Plan,
        layout: Layout,
        dt: float,
    ) -> None:
        self._drawings, self._tables, self._units = drawings, tables, units
        self._plan, self._layout, self._dt = plan, layout, dt
        self._found: dict[int, tuple[Connections, NDArray[np.int64]]] = {}
        plastic = [t.weights for t in tables if t.kind == PLASTIC]
        self._places = np.array([[w.ctypes.data, w.size] for w in plastic], np.int64).reshape(-1, 2)
        self._itemsize = plastic[0].itemsize if plastic else 4
        self._looked = 0  # events when they were last looked through

    def read(self, projection: int, step: int, changes: NDArray[np.int64]) -> Connections:
        """The synapses of a projection, their weights as they are at a step.

        ``changes`` (tables) has added to it how many changes by targets' spikes were made up.
        """
        drawing = self._drawing(projection)
        if not drawing.projection.plasticity:
            unit = self._units[drawing.target][drawing.projection.receptor]
            return connections(drawing, self._dt, unit)
        found, places, table = self._plastic(projection, step, changes)
        weights = self._tables[table].weights[places].astype(np.float64)
        if not np.isfinite(weights).all():
            bad = int(np.flatnonzero(~np.isfinite(weights))[0])
            warn(f"projection {drawing.projection.name}: the weight {bad} is {weights[bad]:g}")
        return found.with_weights(weights)

    def write(
        self, projection: int, weights: ArrayLike, step: int, changes: NDArray[np.int64]
    ) -> None:
        """Set the weights of a plastic projection, SI; see :meth:`read`.

        Raises
        ------
        CircuitError
            if the projection is not plastic, or has another number of synapses.
        """
        drawing = self._drawing(projection).projection
        if not drawing.plasticity:
            raise CircuitError(f"projection {drawing.name}: only plastic weights can be set")
        _, places, table = self._plastic(projection, step, changes)
        try:
            given = np.asarray(weights, np.float64)
        except (TypeError, ValueError):
            raise CircuitError(f"projection {drawing.name}: weights are numbers in SI") from None
        if given.shape not in ((), places.shape) or not np.isfinite(given).all():
            raise CircuitError(
                f"projection {drawing.name}: its weights must be one finite number for each of its "
                f"{len(places)} synapses"
            )
        self._tables[table].weights[places] = given

    def not_finite(self, events: int, first: int, end: int) -> RunError | None:
        """What to stop with if a plastic weight is no number.

        A look costs what some events do, so it waits until there were as many as there are
        weights. A weight that is sent is looked at in any case.
        """
        if events - self._looked + _AT_ONCE < self._places[:, 1].sum():
            return None
        self._looked = events
        if all_finite(self._places, self._itemsize):
            return None
        for table in self._tables:
            wrong = ~np.isfinite(table.weights) if table.kind == PLASTIC else np.zeros(1, bool)
            if wrong.any():
                place = int(np.flatnonzero(wrong)[0])
                source = int(np.searchsorted(table.offsets[:, -1], place, side="right"))
                where = f"projection {table.drawings[0].projection.name}, a synapse of {source}"
                return not_finite(where, "w", table.weights[place], first, end, self._dt)
        return None

    def _drawing(self, projection: int) -> Drawing:
        number = whole(projection, "a projection's number")
        if not 0 <= number < len(self._drawings):
            raise CircuitError(
                f"no projection {number}; there are {len(self._drawings)}, numbered from 0"
            )
        return self._drawings[number]

    def _plastic(
        self, projection: int, step: int, changes: NDArray[np.int64]
    ) -> tuple[Connections, NDArray[np.int64], int]:
        """Synapses, where in their table they are, and which that is; all is made up in it."""
        drawing = self._drawings[projection]
        table = next(i for i, t in enumerate(self._tables) if t.drawings == (drawing,))
        if projection not in self._found:
            found = connections(drawing, self._dt, None)
            places = places_in(self._tables[table], self._layout, found, self._dt)
            self._found[projection] = found, places
        changes[table] += self._plan.flush(table, step)
        return *self._found[projection], table
