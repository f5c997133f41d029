"""Where the numbers of a run are in memory, and in which order they are told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable import loop
from halfbrain.engine.cable.numbering import Numbering
from halfbrain.engine.cable.running import Running
from halfbrain.engine.cable.table import Table
from halfbrain.engine.packed import Array, Kind
from halfbrain.morphology.compartments import Compartments
from halfbrain.random.streams import DRAWN, IDENTIFIERS, ROUNDS, UNSOLVED

Whole = NDArray[np.int64]


class Scattered:
    """Where the numbers of an array are: views, their elements, and the order among all."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._views: list[tuple[Array, Whole]] = []
        self._numbers: list[Whole] = []

    def add(self, view: Array, elements: Whole, numbers: Whole) -> None:
        """Elements of a view (as if it were flat), and the number of each among all."""
        self._views.append((view, elements))
        self._numbers.append(numbers)

    @property
    def _order(self) -> Whole:
        return np.argsort(np.concatenate(self._numbers))

    def copied(self) -> Array:
        """All of them in order."""
        some = [view.reshape(-1)[elements] for view, elements in self._views]
        return np.concatenate(some)[self._order]

    def put_back(self, numbers: Array) -> None:
        """Set them."""
        some = np.empty_like(numbers)
        some[self._order] = numbers
        ends = np.cumsum([len(elements) for _, elements in self._views])
        for (view, elements), own in zip(self._views, np.split(some, ends[:-1]), strict=True):
            view[np.unravel_index(elements, view.shape)] = own


class Layout:
    """Where all that changes is: ``arrays`` by name, ``connections`` the numbers of each unit's.

    ``reached`` are the numbers of the places that those reach.
    """

    def __init__(self, cells: Sequence[Compartments], running: Sequence[Running]) -> None:
        self.running = running
        units, inboxes = [r.unit for r in running], [r.inbox for r in running]
        self.numbering = Numbering(cells, units)
        self.connections, self.reached = self.numbering.connections(units, inboxes)
        self.arrays: dict[str, Scattered] = {}
        firsts = self._first_values()
        for u, one in enumerate(running):
            for name, kind, view, elements, numbers in self._of_unit(u, one, firsts):
                self.arrays.setdefault(name, Scattered(kind)).add(view, elements, numbers)

    def _sizes(self, running: Running) -> Whole:
        return np.asarray(running.inbox.kinds[running.inbox.held[:, loop.TABLE], loop.SIZE])

    def _first_values(self) -> Whole:
        """Where a connection's values begin among all."""
        sizes = np.empty(sum(map(len, self.connections)), np.int64)
        for numbers, running in zip(self.connections, self.running, strict=True):
            sizes[numbers] = self._sizes(running)
        return np.asarray(np.cumsum(sizes) - sizes, np.int64)

    def _of_unit(
        self, u: int, running: Running, firsts: Whole
    ) -> Iterator[tuple[str, Kind, Array, Whole, Whole]]:
        unit, inbox = running.unit, running.inbox
        nodes = self.numbering.compartments(unit)
        yield "v", "voltage", unit.nodes["v"], nodes.elements, nodes.numbers
        ions = self.numbering.compartments(unit, unit.ions.where)
        for name in unit.ions.kept:
            if name not in unit.ions.currents:
                yield name, "concentrations", unit.nodes[name], ions.elements, ions.numbers
        for table, places in zip(unit.tables, self.numbering.tables[u], strict=True):
            for name in table.states:
                if name not in IDENTIFIERS:
                    view = table.whole(name) if name == DRAWN else table.row(name)
                    key = f"{table.mechanism.name}/{name.strip()}"
                    yield key, _kind(table, name), view, places.elements, places.numbers
        sizes = self._sizes(running)
        inside = np.arange(len(inbox.values)) - np.repeat(inbox.held[:, loop.VALUES], sizes)
        numbers = np.repeat(firsts[self.connections[u]], sizes) + inside
        yield "connections", "synapse", inbox.values, np.arange(len(inbox.values)), numbers
        sources = np.array(running.numbers, np.int64)
        yield "above", "exact", running.above, np.arange(len(sources)), sources


def _kind(table: Table, name: str) -> Kind:
    if name in (DRAWN, ROUNDS, UNSOLVED, *table.messages.rows):
        return "exact"
    if table.mechanism.kind != "density":
        return "synapse"
    written = {n for ion in table.mechanism.ions for n in ion.writes}
    return "concentrations" if name in written else "gates"
