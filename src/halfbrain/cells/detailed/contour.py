"""A soma from its drawn outline: a stack of discs along the outline's long axis, as Import3d's."""

from __future__ import annotations

import numpy as np

from halfbrain.cells.detailed.morphology import Floats, Points
from halfbrain.errors import DataError

_DISCS = 21


def discs(outline: Floats, name: str) -> Points:
    """Points with diameters along the long axis of a closed outline of shape (n, 3), in um.

    Raises
    ------
    DataError
        if the outline is a line, so that no width can be had.
    """
    ring = _even(outline)
    mean = ring.mean(axis=0)
    offsets = ring - mean
    values, axes = np.linalg.eigh(offsets.T @ offsets)
    major = axes[:, 2]
    if major[np.abs(major).argmax()] < 0:
        major = -major
    minor = axes[:, 1].copy()
    minor[2] = 0
    size = float(np.linalg.norm(minor))
    if not values[2] > 0 or size < 1e-6:
        raise DataError(f"{name}: the soma's outline has no width in the xy plane")
    minor /= size
    along, across = offsets @ major, offsets @ minor
    turn = int(along.argmax())
    along, across = np.roll(along, -turn), np.roll(across, -turn)
    foot = int(along.argmin())
    near = _rising(along[:foot][::-1], across[:foot][::-1])
    far = _rising(along[foot:], across[foot:])
    every = np.sort(np.concatenate((near[0], far[0])))
    if len(every) < 4 or not every[-2] > every[1]:
        raise DataError(f"{name}: the soma's outline has too few points")
    places = np.linspace(every[1], every[-2], _DISCS)
    width = np.abs(np.interp(places, *near) - np.interp(places, *far))
    # The outline's ends are points; a disc there must not have zero width.
    width[0] = (width[0] + width[1]) / 2
    width[-1] = (width[-1] + width[-2]) / 2
    if not (width > 0).all():
        raise DataError(f"{name}: the soma's outline has no width at some place along its axis")
    return np.column_stack((places[:, None] * major + mean, width)).astype(np.float32)


def _even(outline: Floats) -> Floats:
    """101 points, evenly spread over the outline as seen from above, its closing edge left out."""
    steps = np.linalg.norm(np.diff(outline[:, :2], axis=0), axis=1)
    path = np.concatenate(([0.0], np.cumsum(steps)))
    places = np.arange(101) * (path[-1] / 100)
    return np.column_stack([np.interp(places, path, outline[:, k]) for k in range(3)])


def _rising(along: Floats, across: Floats) -> tuple[Floats, Floats]:
    """One side of the outline without the points that fall back along the axis."""
    x, y = list(along), list(across)
    j = len(x) - 1
    while j > 0:
        if x[j] <= x[j - 1]:
            del x[j], y[j]
            if j != len(x):
                j += 1
        j -= 1
    return np.array(x), np.array(y)
