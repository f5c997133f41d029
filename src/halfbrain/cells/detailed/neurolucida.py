"""Neurolucida ASC and HDF5 by MorphIO, in the sections that NEURON's Import3d makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from halfbrain.cells.detailed.contour import discs
from halfbrain.cells.detailed.morphology import REGIONS, Morphology, Section
from halfbrain.cells.detailed.swc_sections import sphere
from halfbrain.errors import DataError


def read(file: Path) -> Morphology:
    """The morphology in an ASC or HDF5 file; neurites are joined to the soma's middle.

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
    except Exception as error:  # MorphIO's errors have no common class below Exception.
        reason = " ".join(str(error).split())[:200]
        raise DataError(f"{file}: MorphIO cannot read it: {reason}") from error
    outline = np.asarray(drawn.soma.points, np.float64)
    if not len(outline):
        raise DataError(f"{file}: holds no soma; neurites need one to join")
    if len(outline) == 1:
        soma = sphere(np.append(outline[0], drawn.soma.diameters[0]).astype(np.float32))
    else:
        soma = discs(outline, str(file))
    made = [Section("soma", -1, 0.0, soma)]
    for section in drawn.sections:
        points = np.column_stack((section.points, section.diameters)).astype(np.float32)
        kind = int(section.type)
        root = section.is_root
        region = REGIONS[kind - 1] if 1 <= kind <= 4 else f"type{kind}"
        parent = 0 if root else section.parent.id + 1
        made.append(Section(region, parent, 0.5 if root else 1.0, points))
    _check(made, file)
    return Morphology(tuple(made), str(file))


def _check(made: list[Section], file: Path) -> None:
    for i, section in enumerate(made):
        place = f"{file}: {section.region} section {i}"
        if not np.isfinite(section.points).all():
            raise DataError(f"{place}: a point is not finite")
        if not (section.points[:, 3] > 0).all():
            raise DataError(f"{place}: a diameter is not above zero")
        if not section.length > 0:
            raise DataError(f"{place}: all its points are at one place")
