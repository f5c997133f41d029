"""Morphologies in HDF5, by MorphIO."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from halfbrain.errors import DataError
from halfbrain.morphology.contour import ball, somas
from halfbrain.morphology.morphology import LARGEST, Morphology
from halfbrain.morphology.neurites import Neurite, join

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def read(file: Path) -> Morphology:
    """The morphology in an HDF5 file; neurites are joined to the soma's middle.

    Raises
    ------
    DataError
        one line with the file and MorphIO's reason, or what is missing.
    """
    try:
        import morphio
    except ImportError as error:
        raise DataError(
            f"{file}: MorphIO reads this; install it: pip install 'halfbrain[detailed]'"
        ) from error
    morphio.set_maximum_warnings(0)
    try:
        drawn = morphio.Morphology(str(file))
        outline = np.asarray(drawn.soma.points, np.float64)
        width = np.asarray(drawn.soma.diameters, np.float64)
        # A damaged file shows itself only here.
        found = [
            (
                section.id,
                -1 if section.is_root else section.parent.id,
                int(section.type),
                np.column_stack((section.points, section.diameters)).astype(np.float64),
            )
            for section in drawn.sections
        ]
    except Exception as error:  # MorphIO's errors have no common class below Exception.
        reason = " ".join(_COLOUR.sub("", str(error)).replace(f"{file}:", "line ").split())[:200]
        raise DataError(f"{file}: MorphIO cannot read it: {reason}") from error
    if not (np.abs(outline) <= LARGEST).all() or not (np.abs(width) <= LARGEST).all():
        raise DataError(f"{file}: the soma has a point that is not finite, or beyond 1e7 um")
    place: dict[int, int] = {}
    neurites: list[Neurite] = []
    thin = 0
    for number, parent, kind, points in found:
        neurite = Neurite(kind, place.get(parent, -1), points)
        what = f"{file}: {neurite.region} section {number}"
        if parent >= 0 and parent not in place:
            raise DataError(f"{what} is on a loop, or before its parent")
        if not len(points) or not (np.abs(points) <= LARGEST).all():
            raise DataError(f"{what}: a point is not finite, or beyond 1e7 um")
        if (points[:, 3] < 0).any():
            raise DataError(f"{what}: a diameter is below zero")
        thin += int((points[:, 3].astype(np.float32) == 0).sum())
        place[number] = len(neurites)
        neurites.append(neurite)
    if not len(outline) and not neurites:
        raise DataError(f"{file}: holds neither a soma nor neurites")
    bodies = (
        [ball(np.append(outline[0], width[0]), str(file))]
        if len(outline) == 1
        else somas([outline] if len(outline) else [], str(file))
    )
    made, notes = join(bodies, neurites, str(file))
    if thin:
        notes += (f"{file}: {thin} points have a diameter of 0: no current passes there",)
    return Morphology(made, str(file), notes)
