"""Cells of one shape, found among many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halfbrain.cells.compartments import Compartments
from halfbrain.engine.cable.memory import LINE

Key = tuple[Any, ...]


def group(cells: Sequence[Compartments], lanes: int) -> list[tuple[list[int], int]]:
    """The units that cells are stepped in: which cells, and how wide.

    Cells of one shape fill the lanes of vectors; where fewer than half of these would be filled,
    each is a unit of its own, whose mechanisms fill the lanes with places.
    """
    found: dict[Key, list[int]] = {}
    for number, cell in enumerate(cells):
        found.setdefault(_shape(cell), []).append(number)
    units = []
    for members in found.values():
        for first in range(0, len(members), lanes):
            some = members[first : first + lanes]
            if 2 * len(some) >= lanes:
                units.append((some, lanes))
            else:
                units += [([one], 1) for one in some]
    return units


def lanes_of(itemsize: int, vectors: int) -> int:
    """Numbers in so many of the widest vectors."""
    return vectors * LINE // itemsize


def _shape(cell: Compartments) -> Key:
    places = tuple(
        (p.mechanism.name, p.mechanism.source or id(p.mechanism), p.where.tobytes())
        for p in cell.placed
    )
    return cell.parent.tobytes(), (cell.area > 0).tobytes(), places, cell.celsius, cell.nernst
