"""POINTERs that read variables of other cells, as gap junctions do.

As in NEURON's parallel transfer, what is read is copied once in a step, when the voltages have
moved and before the states do: currents are those of both sides' voltages at the start of a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.engine.cable.links import Link, copy, origin_of, reads
from halfbrain.engine.cable.pointers import among, placed_in, pointing, start
from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import ModelError
from halfbrain.morphology.compartments import Compartments, Joined, Placed
from halfbrain.program.mechanism import Mechanism

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Transfer:
    """A POINTER of n places joined to a variable of other cells.

    It may be a RANGE variable too, as NEURON's ``target_var`` has it, that the mechanism does not
    set.
    Each of the arrays holds n numbers, or one for all: ``cells``, ``mechanisms`` (the number among
    those placed in the cell) and ``places`` say who reads, ``of`` and ``at`` from which cell and
    compartment of it. With ``of_mechanisms``, ``at`` are places of those mechanisms of that cell.
    """

    pointer: str
    cells: ArrayLike
    mechanisms: ArrayLike
    places: ArrayLike
    of: ArrayLike
    at: ArrayLike
    variable: str = "v"
    of_mechanisms: ArrayLike | None = None

    def rows(self) -> Whole:
        """Its numbers, shape (n, 6); the mechanisms that are read are -1 without any.

        Raises
        ------
        ModelError
            if the arrays are of different lengths.
        """
        others = -1 if self.of_mechanisms is None else self.of_mechanisms
        given = self.cells, self.mechanisms, self.places, self.of, self.at, others
        try:
            arrays = np.broadcast_arrays(*(np.asarray(x, np.int64).reshape(-1) for x in given))
        except ValueError:
            raise ModelError(
                f"POINTER {self.pointer}: a transfer's arrays are of one length, or of one number"
            ) from None
        return np.stack(arrays, axis=1)


def begun(cells: Sequence[Compartments], transfers: Sequence[Transfer]) -> tuple[Compartments, ...]:
    """The cells, the POINTERs of transfers beginning with what there is before a run.

    Raises
    ------
    ModelError
        one line, if there is no such cell, place or POINTER, or one is joined twice or not at all.
    """
    first: dict[int, dict[tuple[int, str], NDArray[np.float64]]] = {}
    for transfer in transfers:
        name = transfer.pointer
        for cell, p, place, of, at, other in transfer.rows().tolist():
            among([cell, of], len(cells), "the cells")
            placed = placed_in(cells[cell], p)
            among(place, len(placed.where), placed.mechanism.name)
            values = first.setdefault(cell, {}).setdefault(
                (p, name), np.full(len(placed.where), np.nan)
            )
            if name in placed.joined or not np.isnan(values[place]):
                raise ModelError(f"{_named(name, placed, cell, place)} is joined twice")
            read = Joined(at, transfer.variable, None if other < 0 else other)
            values[place] = start(cells[of], read)
    out, known = list(cells), dict[tuple[int, str], Mechanism]()
    for cell, all_ in first.items():
        own = list(cells[cell].placed)
        for (p, name), values in all_.items():
            placed = own[p]
            given = {**placed.mechanism.parameters, **placed.parameters}.get(name, np.nan)
            values[:] = np.where(np.isnan(values), given, values)
            if len(places := np.flatnonzero(np.isnan(values))):
                raise ModelError(
                    f"{_named(name, placed, cell, int(places[0]))} is joined to nothing"
                )
            key = id(placed.mechanism), name
            known.setdefault(key, pointing(placed.mechanism, name))
            parameters = {**placed.parameters, name: values}
            own[p] = replace(placed, mechanism=known[key], parameters=parameters)
        out[cell] = replace(cells[cell], placed=tuple(own))
    return tuple(out)


def _named(pointer: str, placed: Placed, cell: int, place: int) -> str:
    return f"POINTER {pointer} of {placed.mechanism.name} in cell {cell}, place {place}:"


class Between:
    """The links of transfers.

    ``within`` are those of each unit to cells of its own, ``across`` all others; ``units`` are the
    numbers of those units that these have to do with, which are stepped in time with each other.
    """

    def __init__(self, units: Sequence[Unit], place: Whole, transfers: Sequence[Transfer]) -> None:
        self.within: list[list[Link]] = [[] for _ in units]
        self.across: list[Link] = []
        joined = set[int]()
        for u, other, link in _links(units, place, transfers):
            if u == other:
                self.within[u].append(link)
            else:
                self.across.append(link)
                joined |= {u, other}
        self.units = sorted(joined)
        for some in (*self.within, self.across):
            copy(some, units[0].dtype)


def _links(
    units: Sequence[Unit], place: Whole, transfers: Sequence[Transfer]
) -> Iterator[tuple[int, int, Link]]:
    """The unit that reads, the one that is read, and the link between them."""
    unit_of, lane_of = (x.tolist() for x in place)
    for transfer in transfers:
        for cell, p, own, of, at, other in transfer.rows().tolist():
            u, w = unit_of[cell], unit_of[of]
            target = reads(units[u], lane_of[cell], p, own, transfer.pointer)
            mechanism = None if other < 0 else other
            origin = origin_of(units[w], lane_of[of], at, transfer.variable, mechanism)
            if target and origin:
                yield u, w, Link(-1, origin, target, fresh=False)
