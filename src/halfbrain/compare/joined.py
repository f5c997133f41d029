"""A cell without points that only join two compartments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from halfbrain.compare.halves import children_of
from halfbrain.morphology.compartments import Compartments, Floats, Placed


def joined(cell: Compartments) -> Compartments:
    """The same cell without points that only join two compartments: their resistances add up."""
    children = children_of(cell.parent)
    parent, coupling = cell.parent.copy(), cell.coupling.copy()
    gone = np.array([a == 0 and len(c) == 1 for a, c in zip(cell.area, children, strict=True)])
    for i in np.flatnonzero(gone):
        (child,) = children[i]
        parent[child] = parent[i]
        both = coupling[i], coupling[child]
        # Without a coupling a tree begins there.
        coupling[child] = 1 / (1 / both[0] + 1 / both[1]) if min(both) > 0 else 0.0
    number = np.cumsum(~gone) - 1
    names = ("area", "capacitance", "diameter", "distance", "section", "position")
    above = parent[~gone]
    return replace(
        cell,
        parent=np.where(above < 0, -1, number[above]),
        coupling=coupling[~gone],
        placed=tuple(_placed(one, gone, number) for one in cell.placed),
        ions={ion: _at(value, ~gone) for ion, value in cell.ions.items()},
        **{name: getattr(cell, name)[~gone] for name in names},
    )


def _placed(one: Placed, gone: np.ndarray, number: np.ndarray) -> Placed:
    here = ~gone[one.where]
    return replace(
        one,
        where=number[one.where[here]],
        parameters={name: _at(value, here) for name, value in one.parameters.items()},
        streams=None if one.streams is None else one.streams[here],
    )


def _at(value: float | Floats, kept: np.ndarray) -> float | Floats:
    return value[kept] if isinstance(value, np.ndarray) and value.ndim else value
