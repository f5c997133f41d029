"""Numbers of compartments, places and connections that do not depend on how cells are stepped.

Cells come one after the other, in each its compartments, or its placed mechanisms and their places
in order; a place's connections are in the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable import loop
from halfbrain.engine.cable.inbox import Inbox
from halfbrain.engine.cable.unit import Unit
from halfbrain.morphology.compartments import Compartments

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """Elements of an array (numbers of them, as if it were flat), and the number of each."""

    elements: Whole
    numbers: Whole


class Numbering:
    """The numbers of a simulation's compartments, places and connections, unit by unit."""

    def __init__(self, cells: Sequence[Compartments], units: Sequence[Unit]) -> None:
        sizes = np.array([len(cell.parent) for cell in cells])
        self._compartments = np.cumsum(sizes) - sizes
        each = [np.cumsum([0, *(len(p.where) for p in cell.placed)]) for cell in cells]
        ends = np.cumsum([of[-1] for of in each])
        self._firsts = [
            of[:-1] + end - of[-1] for of, end in zip(each, ends, strict=True)
        ]  # of each placed mechanism of a cell
        self.tables = [self._of_tables(unit) for unit in units]

    def compartments(self, unit: Unit, own: Whole | None = None) -> Places:
        """Those of an array of nodes, of all compartments or of some."""
        own = np.arange(unit.n) if own is None else own
        lanes = range(len(unit.cells))
        elements = [np.arange(len(own)) * unit.width + lane for lane in lanes]
        numbers = [self._compartments[unit.numbers[lane]] + own for lane in lanes]
        return Places(np.concatenate(elements), np.concatenate(numbers))

    def _of_tables(self, unit: Unit) -> list[Places]:
        found: list[list[tuple[Whole, Whole]]] = [[] for _ in unit.tables]
        each = [(lane, p) for lane, cell in enumerate(unit.cells) for p in range(len(cell.placed))]
        for lane, p in each:
            if not len(unit.cells[lane].placed[p].where):
                continue
            places = unit.found(lane, p)
            first = self._firsts[unit.numbers[lane]][p]
            for table in np.unique(places[:, 0]):
                own = np.flatnonzero(places[:, 0] == table)
                at = places[own, 1]
                if not unit.tables[table].gather:
                    at = at * unit.tables[table].lanes + lane
                found[table].append((at, first + own))
        return [Places(*map(np.concatenate, zip(*some, strict=True))) for some in found]

    def connections(
        self, units: Sequence[Unit], inboxes: Sequence[Inbox]
    ) -> tuple[list[Whole], list[Whole]]:
        """The number of each unit's connections, and the places that they reach."""
        places = [
            self._reached(of_tables, unit, inbox)
            for of_tables, unit, inbox in zip(self.tables, units, inboxes, strict=True)
        ]
        own = np.concatenate([np.arange(len(some)) for some in places])
        order = np.lexsort((own, np.concatenate(places)))
        numbers = np.empty(len(order), np.int64)
        numbers[order] = np.arange(len(order))
        return np.split(numbers, np.cumsum([len(some) for some in places])[:-1]), places

    def _reached(self, of_tables: Sequence[Places], unit: Unit, inbox: Inbox) -> Whole:
        out = np.empty(len(inbox.held), np.int64)
        for number, (places, table) in enumerate(zip(of_tables, unit.tables, strict=True)):
            own = inbox.held[:, loop.TABLE] == number
            away = inbox.held[own, loop.RECORDED] - table.record.ctypes.data
            turn, rest = np.divmod(away, table.record.strides[0])
            inverse = np.empty(len(table.where) * table.lanes, np.int64)
            inverse[places.elements] = places.numbers
            out[own] = inverse[turn * table.lanes + rest // table.record.itemsize]
        return out
