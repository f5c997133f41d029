"""POINTERs of mechanisms: what each reads in its own cell, and when it is copied to where it reads.

A POINTER is a row of its mechanism's table. As in NEURON, where it is the variable itself, what it
reads in a step is what mechanisms before its own have left: NEURON has them in the order of their
files, with those that set concentrations first. Here those that read POINTERs come last of all, so
that one which NEURON has before what it points to takes the value from before, and the others take
it once more when it is their turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from halfbrain.engine.cable import first_states
from halfbrain.engine.cable.copies import Copies
from halfbrain.engine.cable.loop import once
from halfbrain.engine.cable.pointers import among, placed_in, rank
from halfbrain.engine.cable.seen import address_of
from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import ModelError, RunError


@dataclass(frozen=True)
class Link:
    """A number that a place of table ``reader`` reads.

    ``fresh`` is whether that changes before its turn in a step, and it takes the new one.
    """

    reader: int
    origin: int
    target: int
    fresh: bool


def begin(unit: Unit) -> list[Link]:
    """Set the first states of a unit's mechanisms, from v and the concentrations at rest.

    Returns its links.
    """
    with unit.memory.building():
        links = within(unit)
        copy(links, unit.dtype)
        for number in unit.order:
            for call in unit.nernst:
                once(*call.pair)
            copy([x for x in links if x.fresh and x.reader == number], unit.dtype)
            first_states.begin(unit.tables[number])
        copy(links, unit.dtype)
        for number in unit.order:
            copy([x for x in links if x.fresh and x.reader == number], unit.dtype)
            first_states.settle(unit.tables[number])
        copy(links, unit.dtype)
    return links


def within(unit: Unit) -> list[Link]:
    """The links of a unit's cells, each to a variable of its own cell."""
    position = {number: k for k, number in enumerate(unit.order)}
    ranks = [(number in unit.after_ions, rank(t.mechanism)) for number, t in enumerate(unit.tables)]
    found = []
    for lane, cell in enumerate(unit.cells):
        for p, placed in enumerate(cell.placed):
            for name, joined in placed.joined.items():
                places = np.arange(len(placed.where))
                at = np.broadcast_to(joined.at, len(places))
                for place, there in zip(places, at.tolist(), strict=True):
                    reader = int(unit.found(lane, p, places[place : place + 1])[0, 0])
                    target = reads(unit, lane, p, int(place), name)
                    origin = origin_of(unit, lane, there, joined.variable, joined.mechanism)
                    if not target or not origin:
                        continue
                    if joined.mechanism is None:
                        fresh = joined.variable != "v" and reader in unit.after_ions
                    else:
                        number = np.array([there])
                        source = int(unit.found(lane, joined.mechanism, number)[0, 0])
                        fresh = (
                            position[source] < position[reader] and ranks[source] < ranks[reader]
                        )
                    found.append(Link(reader, origin, target, fresh))
    return found


def reads(unit: Unit, lane: int, p: int, place: int, pointer: str) -> int:
    """The address that a place's POINTER is copied to; 0 if nothing of the mechanism reads it."""
    table = unit.table_of(lane, p, place)
    return unit.row_address(p, pointer, lane, place) if pointer in table.rows else 0


def origin_of(unit: Unit, lane: int, at: int, variable: str, mechanism: int | None) -> int:
    """The address of what a POINTER points to; 0 if that never changes.

    Raises
    ------
    ModelError
        if there is no such variable.
    """
    cell = unit.cells[lane]
    if mechanism is None:
        among(at, len(cell.parent), "the cell's compartments")
    else:
        placed = placed_in(cell, mechanism)
        among(at, len(placed.where), placed.mechanism.name)
    try:
        return address_of(unit, lane, at, variable, mechanism)
    except RunError as error:
        if mechanism is not None and variable in {
            *placed.mechanism.parameters,
            *placed.mechanism.shared,
        }:
            return 0
        raise ModelError(f"a POINTER is joined to what there is not: {error}") from None


def copy(links: Sequence[Link], dtype: DTypeLike) -> None:
    """Copy what there is now."""
    if links:
        kept = copies(links, dtype)  # what is compiled has but its address
        once(*kept.pair)


def copies(links: Sequence[Link], dtype: DTypeLike) -> Copies:
    """What copies the numbers of links in a run."""
    return Copies([x.origin for x in links], [x.target for x in links], np.dtype(dtype).itemsize)
