"""Neurolucida ASC and HDF5 by MorphIO, in the sections that NEURON's Import3d makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halfbrain.cells.detailed.contour import discs
from halfbrain.cells.detailed.morphology import LARGEST, REGIONS, Morphology, Points, Section
from halfbrain.cells.detailed.swc_sections import sphere
from halfbrain.errors import DataError
from halfbrain.reading import file_bytes

_POINT = re.compile(r"\(\s*([^\s()]+)\s+([^\s()]+)\s+([^\s()]+)\s+([^\s()]+)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class _Neurite:
    """A section of MorphIO's; ``parent`` is -1 at the soma."""

    number: int
    parent: int
    kind: int
    points: Points


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
    if file.exists() and not file.is_file():
        raise DataError(f"{file}: is no plain file")
    try:
        drawn = morphio.Morphology(str(file))
        outline = np.asarray(drawn.soma.points, np.float64)
        width = np.asarray(drawn.soma.diameters, np.float64)
        # A damaged HDF5 file shows itself only here.
        neurites = [
            _Neurite(
                section.id,
                -1 if section.is_root else section.parent.id,
                int(section.type),
                np.column_stack((section.points, section.diameters)).astype(np.float32),
            )
            for section in drawn.sections
        ]
    except UnicodeDecodeError as error:  # of its own message, which quotes the file
        line = _content(file).split("\ufffd")[0].count("\n") + 1
        raise DataError(
            f"{file}:{line}: MorphIO cannot read it: it holds what is no text"
        ) from error
    except Exception as error:  # MorphIO's errors have no common class below Exception.
        reason = " ".join(_COLOUR.sub("", str(error)).replace(f"{file}:", "line ").split())[:200]
        raise DataError(f"{file}: MorphIO cannot read it: {reason}") from error
    if not (np.abs(outline) <= LARGEST).all():
        where = _line(file, _far)
        raise DataError(f"{where}: the soma has a point that is not finite, or beyond 1e7 um")
    if not len(outline):
        raise DataError(f"{file}:1: holds no soma; neurites need one to join")
    if len(outline) == 1:
        soma = sphere(np.append(outline[0], width[0]).astype(np.float32))
    else:
        soma = discs(outline, str(file))
    made = [Section("soma", -1, 0.0, soma)]
    place: dict[int, tuple[int, float]] = {}  # of MorphIO's sections, where children are joined
    for neurite in neurites:
        points, kind = neurite.points, neurite.kind
        region = REGIONS[kind - 1] if 1 <= kind <= 4 else f"type{kind}"
        if neurite.parent >= 0 and neurite.parent not in place:
            what = f"{region} section {neurite.number} is on a loop, or before its parent"
            raise DataError(f"{file}: {what}")
        parent, at = (0, 0.5) if neurite.parent < 0 else place[neurite.parent]
        if len(points) == 2 and (points[0, :3] == points[1, :3]).all():
            place[neurite.number] = parent, at  # without length, it is left out, as of an SWC file
            continue
        place[neurite.number] = len(made), 1.0
        made.append(Section(region, parent, at, points))
    _check(made, file)
    return Morphology(tuple(made), str(file))


def _check(made: list[Section], file: Path) -> None:
    for i, section in enumerate(made):
        what = f"{section.region} section {i}"
        if not (np.abs(section.points) <= LARGEST).all():
            raise DataError(f"{_line(file, _far)}: {what}: a point is not finite, or beyond 1e7 um")
        if not (section.points[:, 3] > 0).all():
            raise DataError(f"{_line(file, _thin)}: {what}: a diameter is not above zero")
        if not section.length > 0:
            raise DataError(f"{file}: {what}: all its points are at one place")


def _content(file: Path) -> str:
    return file_bytes(file).decode("utf-8", "replace")


def _line(file: Path, wrong: Callable[[list[float]], bool]) -> str:
    """The place of the first point of an ASC file that is wrong; MorphIO does not keep lines."""
    text = _content(file) if file.suffix.lower() == ".asc" else ""
    for found in _POINT.finditer(text):
        try:
            point = [float(word) for word in found.groups()]
        except ValueError:
            continue
        if wrong(point):
            return f"{file}:{text.count(chr(10), 0, found.start()) + 1}"
    return str(file)


def _far(point: list[float]) -> bool:
    return not all(abs(value) <= LARGEST for value in point)


def _thin(point: list[float]) -> bool:
    return not np.float32(point[3]) > 0
