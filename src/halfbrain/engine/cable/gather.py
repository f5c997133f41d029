"""Cells of one morphology, found among many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.memory import LINE, Memories
from halfbrain.engine.cable.points import key_of
from halfbrain.engine.cable.solve import Method
from halfbrain.engine.cable.unit import Unit
from halfbrain.morphology.compartments import Compartments

Key = tuple[Any, ...]


# Rough weights, in vector instructions: of an exponential, a division, a compartment's solving
# (which waits for its children and so takes as long for a number as for a vector), and what
# gathering adds to a mechanism.
_EXP, _DIVIDE, _SOLVE, _GATHER = 20, 8, 60, 1.3


def group(
    cells: Sequence[Compartments], lanes: int, dt: float, threads: int
) -> list[tuple[list[int], int]]:
    """The units that cells are stepped in: which cells, and how wide.

    Cells of one morphology with the same density mechanisms fill the lanes of vectors, of two side
    by side while each thread has such a unit: a core then works on one while it waits for the
    other. Where too few lanes would be filled for that to be the faster, each is a unit of its own,
    whose mechanisms fill the lanes with places. Point processes do that either way.
    """
    found: dict[Key, list[int]] = {}
    for number, cell in enumerate(cells):
        found.setdefault(_shape(cell, dt), []).append(number)
    units = []
    for members in found.values():
        wide = len(members) // (2 * lanes) * 2 * lanes
        if wide < 2 * lanes * threads:
            wide = 0
        units += [(members[k : k + 2 * lanes], 2 * lanes) for k in range(0, wide, 2 * lanes)]
        mechanisms, solve = _work(cells[members[0]], dt)
        together, alone = mechanisms + solve, _GATHER * mechanisms / lanes + solve
        for first in range(wide, len(members), lanes):
            some = members[first : first + lanes]
            if len(some) > 1 and together <= len(some) * alone:
                units.append((some, lanes))
            else:
                units += [([one], 1) for one in some]
    return units


def units(
    cells: Sequence[Compartments],
    dt: float,
    dtype: type[np.floating[Any]],
    method: Method,
    threads: int,
    seed: int,
    memories: Memories,
) -> tuple[list[Unit], NDArray[np.int64]]:
    """The units of cells; the number of each cell's, and its lane in it, shape (2, cells)."""
    found, place = list[Unit](), np.zeros((2, len(cells)), np.int64)
    lanes = LINE // np.dtype(dtype).itemsize  # numbers in one of the widest vectors
    for members, width in group(cells, lanes, dt, threads):
        place[:, members] = np.full(len(members), len(found)), np.arange(len(members))
        own, most = [cells[c] for c in members], max(width, lanes)
        given = dt, dtype, method, members, seed, memories.part()
        found.append(Unit(own, width, most, *given))
    return found, place


def _work(cell: Compartments, dt: float) -> tuple[float, float]:
    """Vector instructions of a step's density mechanisms, a turn a place, and of its solving."""
    mechanisms = 0.0
    for placed in (p for p in cell.placed if p.mechanism.kind == "density"):
        for program in (placed.mechanism.current, placed.mechanism.step(dt)):
            if program is not None:
                count = program.count()
                weight = count.total() + _EXP * count["exp"] + _DIVIDE * count["divide"]
                mechanisms += weight * len(placed.where)
    return mechanisms, float(_SOLVE * len(cell.parent))


def _shape(cell: Compartments, dt: float) -> Key:
    # A point process that has to do with ions decides which of their variables are kept where.
    places = tuple(
        (p.mechanism.kind, *key_of(p.mechanism, dt), p.where.tobytes())
        for p in cell.placed
        if p.mechanism.kind == "density" or p.mechanism.ions
    )
    return cell.parent.tobytes(), (cell.area > 0).tobytes(), places, cell.celsius, cell.nernst
