"""A cell of compartments as Arbor's morphology: two cylinders for each, with its own resistances.

Arbor finds areas and axial resistances from cylinders. A compartment is one of its length and
diameter, cut in the middle; each half has the resistivity that gives the way to the next middle the
resistance that it has in the cell, so that both simulators solve the same matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.compare.halves import children_of, halves

# MOhm, from the middle of a compartment with several children to the point where they meet: a
# 1e-6th of what the shortest branches have.
_NEARLY_NONE = 1e-6


@dataclass(frozen=True)
class Layout:
    """Arbor's tree, and where the compartments are in it.

    Segments have the number of their compartment as tag; ``resistivity`` is that of each segment
    in Ohm cm, ``middles`` the place of each compartment with membrane, ``boundaries`` a locset of
    where one ends and the next begins.
    """

    tree: Any
    resistivity: NDArray[np.float64]
    middles: tuple[str, ...]
    boundaries: str


def layout(geometry: Mapping[str, NDArray[Any]]) -> Layout:
    """Build the tree.

    Raises
    ------
    RunError
        if a point without membrane is not alone at the end of a compartment.
    """
    import arbor

    parent, area, diameter = geometry["parent"], geometry["area"], geometry["diameter"]
    tree = arbor.segment_tree()
    before, after = halves(geometry, _NEARLY_NONE)
    resistivity: list[float] = []
    last = np.full(len(parent), -1, np.int64)  # the segment that children follow
    end = np.zeros(len(parent))  # um along a line on which everything is laid
    for i, p in enumerate(parent):
        if area[i] == 0:
            last[i], end[i] = last[p], end[p]
            continue
        length, radius = area[i] / (np.pi * diameter[i]), diameter[i] / 2
        start = end[p] if p >= 0 else 0.0
        above = int(last[p]) if p >= 0 else arbor.mnpos
        for x, ohms in ((start, before[i]), (start + length / 2, after[i])):
            ends = [arbor.mpoint(0, 0, at, radius) for at in (x, x + length / 2)]
            above = tree.append(above, *ends, int(i))
            resistivity.append(100 * ohms * np.pi * radius**2 / (length / 2))
        last[i], end[i] = above, start + length
    children = children_of(parent)
    forks = {int(parent[i]) for i in np.flatnonzero(area == 0) if len(children[i]) > 1}
    middles, boundaries = _places(arbor.morphology(tree), len(parent), forks)
    return Layout(tree, np.array(resistivity), middles, boundaries)


def _places(morphology: Any, n: int, forks: set[int]) -> tuple[tuple[str, ...], str]:
    """The middle of each compartment; where they begin, and points of which several begin.

    ``forks`` are the compartments at whose ends such points are.
    """
    middles = ["" for _ in range(n)]
    found: list[str] = []
    for branch in range(morphology.num_branches):
        segments = morphology.branch_segments(branch)
        ends = np.cumsum([abs(s.dist.z - s.prox.z) for s in segments])
        along = [0.0, *(ends / ends[-1])]
        for k in range(0, len(segments), 2):
            i = int(segments[k].tag)
            middles[i] = f"(location {branch} {along[k + 1]:.17g})"
            if i > 0:
                found.append(f"(location {branch} {along[k]:.17g})")
        if int(segments[-1].tag) in forks:
            found.append(f"(location {branch} 1)")
    return tuple(middles), f"(join {' '.join(found)})"
