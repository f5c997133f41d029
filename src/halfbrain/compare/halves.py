"""Axial resistances as other simulators want them: of the two halves of each compartment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError

Floats = NDArray[np.float64]

_APART = 1e12  # MOhm to a tree that is not joined: 100 mV across it are 1e-10 nA


def children_of(parent: NDArray[np.int64]) -> list[list[int]]:
    """Each compartment's children, in order."""
    children: list[list[int]] = [[] for _ in parent]
    for i in np.flatnonzero(parent >= 0):
        children[parent[i]].append(int(i))
    return children


def halves(geometry: Mapping[str, NDArray[Any]], least: float) -> tuple[Floats, Floats]:
    """MOhm from where each compartment begins to its middle, and on to its end.

    All ways from middle to middle are as in the cell. A compartment with several children that
    begin in its middle has ``least`` to its end, and they begin there. A tree that is not joined
    is as good as insulated, since the others know cells of one tree only.

    Raises
    ------
    RunError
        if a point without membrane is not alone at the end of a compartment.
    """
    parent, area, coupling = geometry["parent"], geometry["area"], geometry["coupling"]
    children = children_of(np.where(coupling > 0, parent, -1))
    before, after = np.full(len(parent), least), np.full(len(parent), least)
    for i in np.flatnonzero(parent >= 0):
        p, whole = parent[i], 1 / coupling[i] if coupling[i] > 0 else _APART
        if coupling[i] == 0 and area[i] > 0:
            before[i] = whole
        elif area[i] == 0:
            if len(children[p]) > 1 or area[p] == 0 or coupling[i] == 0:
                raise RunError(f"compartment {i} has no membrane and does not end another alone")
            after[p] = whole
        elif area[p] == 0:
            before[i] = whole
        elif len(children[p]) == 1:
            before[i] = after[p] = whole / 2
        else:
            before[i] = whole - least
    return before, after
