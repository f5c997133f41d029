"""In which compartment of its target a synapse is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from halfbrain.connectivity.draw import Floats, Ints
from halfbrain.errors import CircuitError
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.places import Where, compartments


@dataclass(frozen=True, eq=False)
class At:
    """A section and a place along it from 0 to 1 for each pair of an explicit rule."""

    sections: ArrayLike
    positions: ArrayLike


def soma(cell: Compartments) -> int:
    """The compartment in the middle of the soma, or the root's: where spikes are looked for."""
    first = cell.regions.index("soma") if "soma" in cell.regions else 0
    own = np.flatnonzero((cell.section == first) & (cell.area > 0))
    return int(own[len(own) // 2])


def chosen(place: Where, cell: Compartments, u: Floats, name: str) -> Ints:
    """A compartment for each number in (0, 1): by length, among those of the place.

    Where a cell has none of its regions, it is the soma.

    Raises
    ------
    ModelError
        one line that begins with ``name``: a place along a section that the cell has not.
    """
    found = compartments(place, cell, name)
    if not len(found):
        return np.full(len(u), soma(cell))
    length = cell.area[found] / (np.pi * cell.diameter[found])
    ends = np.cumsum(length)
    at = np.searchsorted(ends, u * ends[-1], side="right")
    return np.asarray(found[np.minimum(at, len(found) - 1)], np.int64)


def located(at: At, cell: Compartments, which: Ints, name: str) -> Ints:
    """The compartments of the given synapses ``which``: those that hold their places.

    Raises
    ------
    CircuitError
        one line, for a section that the cell has not.
    """
    sections = np.asarray(at.sections, np.int64)[which]
    positions = np.asarray(at.positions, np.float64)[which]
    if not ((positions >= 0) & (positions <= 1)).all():
        raise CircuitError(f"{name}: a place along a section is from 0 to 1")
    out = np.empty(len(which), np.int64)
    for section in np.unique(sections):
        own = np.flatnonzero((cell.section == section) & (cell.area > 0))
        if not len(own):
            raise CircuitError(f"{name}: a target has no section {section}")
        mine = sections == section
        out[mine] = own[np.minimum((positions[mine] * len(own)).astype(int), len(own) - 1)]
    return out
