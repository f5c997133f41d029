"""Whether the cells of a unit are still numbers: voltages after each slice, states after a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.table import Numbers, Table
from halfbrain.engine.cable.unit import Unit
from halfbrain.engine.finite import all_finite, not_finite
from halfbrain.errors import RunError

_NAMED = 3  # states that a line names beside the voltage


@dataclass(frozen=True)
class Wrong:
    """What is no number, of a lane's cell and a compartment of it."""

    lane: int
    compartment: int
    variable: str
    value: float


class Look:
    """Looks at a unit's cells.

    ``fine`` is whether all were numbers at step ``last``; ``seen`` is that at which some were not.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit, self.fine = unit, True
        self._begun = self.last = self.seen = 0
        concentrations = [n for n in unit.ions.kept if n not in unit.ions.currents]
        self._itemsize = np.dtype(unit.dtype).itemsize
        # The last node of an array is nobody's.
        self._voltages = _places([unit.nodes["v"][:-1]])
        self._states = _places(
            [*(unit.nodes[n][:-1] for n in concentrations), *(t.record for t in unit.tables)]
        )
        self._concentrations = concentrations

    def begun(self, step: int) -> Look:
        """As a run begins."""
        self.fine, self._begun = True, step
        self.last = self.seen = step
        return self

    def at_voltages(self, step: int) -> None:
        """Look at the voltages, which a step has come to."""
        if self.fine:
            self.fine = all_finite(self._voltages, self._itemsize)
            self.last, self.seen = (step, step) if self.fine else (self.last, step)

    def at_states(self) -> None:
        """Look at all else, of which some may be no number that nobody takes."""
        if self.fine and not all_finite(self._states, self._itemsize):
            self.fine = next(self._wrong(), None) is None
            if not self.fine:
                self.last = self._begun

    def found(self) -> Wrong:
        """What to tell of: infinity before NaN, and a voltage before what follows from it."""
        all_ = list(self._wrong())
        return min(all_, key=lambda w: (np.isnan(w.value), w.variable != "v"))

    def beside(self, wrong: Wrong) -> list[str]:
        """Other variables of that cell that are no numbers."""
        own = (w.variable for w in self._wrong() if w.lane == wrong.lane)
        return [name for name in dict.fromkeys(own) if name != wrong.variable][:_NAMED]

    def _wrong(self) -> Iterator[Wrong]:
        unit = self.unit
        every = np.arange(unit.n)
        for name in ("v", *self._concentrations):
            where = every if name == "v" else unit.ions.where
            yield from self._in_lanes(unit.nodes[name][: len(where)], where, name)
        for table in unit.tables:
            for row in _states(table):
                name = f"{row.removeprefix('own_')} of {table.mechanism.name}"
                if not table.gather:
                    yield from self._in_lanes(table.row(row), table.where, name)
                    continue
                values = table.row(row).ravel()[: table.count]
                for k in np.flatnonzero(~np.isfinite(values)):
                    compartment, lane = divmod(int(table.where.ravel()[k]), unit.width)
                    yield Wrong(lane, compartment, name, float(values[k]))

    def _in_lanes(
        self, values: Numbers, where: NDArray[np.int64], variable: str
    ) -> Iterator[Wrong]:
        for k, lane in np.argwhere(~np.isfinite(values[:, : len(self.unit.cells)])).tolist():
            yield Wrong(lane, int(where[k]), variable, float(values[k, lane]))


def check(looks: Sequence[Look], dt: float, name_of: Callable[[int], str]) -> None:
    """Raise the line about what is no number, if anything is.

    ``dt`` is in ms; ``name_of`` names a cell by its number.

    Raises
    ------
    RunError
        with the cell, its compartment and region, variable and time.
    """
    wrong = [(look, look.found()) for look in looks if not look.fine]
    if wrong:
        raise _line(*min(wrong, key=lambda w: w[0].unit.numbers[w[1].lane]), dt, name_of)


def _line(look: Look, found: Wrong, dt: float, name_of: Callable[[int], str]) -> RunError:
    cell = look.unit.cells[found.lane]
    region = cell.regions[cell.section[found.compartment]]
    where = f"{name_of(look.unit.numbers[found.lane])}, compartment {found.compartment} ({region})"
    if beside := look.beside(found):
        where += f", and with it {', '.join(beside)}"
    return not_finite(where, found.variable, found.value, look.last, look.seen, dt * 1e-3)


def _states(table: Table) -> list[str]:
    """The rows that are states: others may be infinite for a while where nobody takes them."""
    rows = table.mechanism.rows
    return [row for row in rows if row in table.mechanism.solved or not table.mechanism.solved]


def _places(arrays: Sequence[Numbers]) -> NDArray[np.int64]:
    return np.array([[a.ctypes.data, a.size] for a in arrays], np.int64).reshape(-1, 2)
