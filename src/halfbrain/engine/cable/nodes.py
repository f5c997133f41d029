"""What there is for each compartment of cells that are stepped together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.ions import Ions
from halfbrain.engine.cable.memory import aligned
from halfbrain.engine.cable.solve import ARRAYS, COEFFICIENTS, Method, coefficients
from halfbrain.engine.cable.table import Numbers
from halfbrain.morphology.compartments import Compartments


class Nodes(Mapping[str, Numbers]):
    """Arrays by name, shape (n + 1, lanes), a cell in each lane.

    The last of a lane takes what the empty lanes of mechanisms' last vectors put out. Ions'
    variables are there for those compartments alone that have ions (``ions.where``).

    Parameters
    ----------
    cells
        of one shape and membrane, one for each lane.
    ions
        theirs.

    Attributes
    ----------
    one
        whether the solver's coefficients are the same in all cells, and are kept once, shape
        (n + 1, 1).
    """

    def __init__(
        self,
        cells: Sequence[Compartments],
        ions: Sequence[Ions],
        dt: float,
        dtype: type[np.floating[Any]],
        method: Method,
    ) -> None:
        self.ions, self.dtype = ions[0], dtype
        self.n, self.lanes = len(cells[0].parent), len(cells)
        shape = self.n + 1, self.lanes
        self._arrays = {name: aligned(shape, dtype) for name in ARRAYS if name not in COEFFICIENTS}
        # The same cell many times over is looked at once.
        distinct = {id(cell): coefficients(cell, dt, method) for cell in cells}
        each = [distinct[id(cell)] for cell in cells]
        some = [*distinct.values()]
        self.one = self.lanes > 1 and all(_same(of, some[0]) for of in some)
        own = some[:1] if self.one else each
        self._arrays |= {name: self._filled([of[name] for of in own]) for name in COEFFICIENTS}
        self._arrays["v"][:] = [cell.v_init for cell in cells]
        where = self.ions.where
        for name in self.ions.kept:
            if name in self.ions.currents:
                self._arrays[name] = aligned((len(where) + 1, self.lanes), dtype)
            else:
                self._arrays[name] = self._filled([of.rest(name)[where] for of in ions])
        self._still: list[Numbers] = []  # ions' variables that were asked for where none are kept

    def _filled(self, values: Sequence[NDArray[np.float64]]) -> Numbers:
        array = aligned((len(values[0]) + 1, len(values)), self.dtype)
        array[:-1] = np.stack(values, axis=1)
        array[-1] = array[0]
        return array

    def __getitem__(self, name: str) -> Numbers:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def among_ions(self, where: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers that nodes, or elements, have in the arrays of ions' variables.

        ``where`` is of nodes, shape (k,), or of elements, shape (k, m).
        """
        if len(self.ions.where) == self.n:
            return where
        number = np.append(self.ions.numbers(), len(self.ions.where))
        if where.ndim == 1:
            return number[where]
        compartment, lane = np.divmod(where, self.lanes)
        return np.asarray(number[compartment] * self.lanes + lane, np.int64)

    def address(self, name: str, cell: Compartments, lane: int, compartment: int) -> int:
        """The address of a variable of a compartment of the cell in a lane.

        Where no mechanism uses an ion, that of a number which stays as it is.
        """
        array = self[name]
        if name in self.ions.kept:
            own = int(self.ions.numbers()[compartment])
            if own < 0:
                rest = 0.0 if name in self.ions.currents else Ions(cell).rest(name)[compartment]
                self._still.append(np.full(1, rest, self.dtype))
                return int(self._still[-1].ctypes.data)
            compartment = own
        return int(array[compartment : compartment + 1, lane:].ctypes.data)


def _same(of: Mapping[str, NDArray[np.float64]], other: Mapping[str, NDArray[np.float64]]) -> bool:
    return all(np.array_equal(of[name], other[name]) for name in COEFFICIENTS)
