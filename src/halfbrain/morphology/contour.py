"""Somas from drawn outlines, as Import3d's: a stack of discs along the outline's long axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from halfbrain.errors import DataError
from halfbrain.morphology.morphology import Floats, Points
from halfbrain.morphology.neurites import Soma
from halfbrain.morphology.swc_sections import sphere

_DISCS = 21
_SAME = 1e-11  # um: as close are two numbers that hoc calls equal
_MARGIN = 0.5  # um: how far outside of a single outline a tree may begin and still be its own


def somas(outlines: Sequence[Floats], name: str) -> list[Soma]:
    """Somas from outlines of shape (n, 3) or more columns.

    Outlines that follow each other and whose boxes in x and y overlap are slices of one soma: a
    disc each.

    Raises
    ------
    DataError
        if an outline has no width, or a soma no length.
    """
    stacks: list[list[Floats]] = []
    for outline in outlines:
        xyz = outline[:, :3]
        if stacks and _overlap(stacks[-1][-1], xyz):
            stacks[-1].append(xyz)
        else:
            stacks.append([xyz])
    return [_soma(stack, name) for stack in stacks]


def ball(point: Floats, name: str) -> Soma:
    """A soma of one point, (x, y, z, diameter)."""
    points = sphere(point.astype(np.float32))
    if not point[3] > 0:
        raise DataError(f"{name}: the soma is one point, and its diameter is not above zero")
    return Soma(points, point[:3], point[:2] - point[3] / 2, point[:2] + point[3] / 2)


def _overlap(one: Floats, other: Floats) -> bool:
    low = np.maximum(one[:, :2].min(axis=0), other[:, :2].min(axis=0))
    high = np.minimum(one[:, :2].max(axis=0), other[:, :2].max(axis=0))
    return bool((low <= high).all())


def _soma(stack: Sequence[Floats], name: str) -> Soma:
    every = np.concatenate(stack)[:, :2]
    low, high = every.min(axis=0), every.max(axis=0)
    if len(stack) == 1:
        middle = _even(stack[0]).mean(axis=0)
        return Soma(discs(stack[0], name), middle, low - _MARGIN, high + _MARGIN)
    slices = np.array([_circle(outline) for outline in stack])
    steps = np.linalg.norm(np.diff(slices[:, :3], axis=0), axis=1)
    path = np.concatenate(([0.0], np.cumsum(steps)))
    if not path[-1] > 0:
        raise DataError(f"{name}: the outlines of the soma are all at one place")
    middle = np.array([np.interp(path[-1] / 2, path, slices[:, k]) for k in range(3)])
    return Soma(slices.astype(np.float32), middle, low, high)


def _circle(outline: Floats) -> Floats:
    """The middle, and the mean of two diameters: by the distance from there, by the way around."""
    ring = _even(outline)
    middle = ring.mean(axis=0)
    around = np.linalg.norm(outline - np.roll(outline, -1, axis=0), axis=1).sum()
    away = np.linalg.norm(ring - middle, axis=1).mean()
    return np.append(middle, away + around / (2 * np.pi))


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
        if x[j] <= x[j - 1] + _SAME:
            del x[j], y[j]
            if j != len(x):
                j += 1
        j -= 1
    return np.array(x), np.array(y)
