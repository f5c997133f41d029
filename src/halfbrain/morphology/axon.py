"""Stubs that stand for an axon: models are fitted with them, since few axons are reconstructed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from halfbrain.errors import ModelError
from halfbrain.morphology.frusta import slices
from halfbrain.morphology.morphology import Floats, Morphology, Section

_PIECE = 30.0  # um; all stubs are two pieces of this length


def allen_perisomatic(morphology: Morphology) -> Morphology:
    """The axon as two cylinders, 30 um long and 1 um wide, at the soma's middle.

    As in BMTK's ``fix_axon_peri`` and, with the direction drawn, ``_perisomatic_directed``.
    """
    stub = _pieces(morphology, (1.0,), (1.0,), 0.5)
    return Morphology(_without_axon(morphology) + stub, morphology.source)


def allen_all_active(morphology: Morphology) -> Morphology:
    """Two cylinders at the soma's end, as wide as the axon's first and last sections.

    As in BMTK's ``fix_axon_allactive`` and, with the direction drawn, ``_allactive_directed``.

    Raises
    ------
    ModelError
        if the morphology has no axon to take the diameters from.
    """
    axon = [section for section in morphology.sections if section.region == "axon"]
    if not axon:
        raise ModelError(f"{morphology.source}: has no axon to take the stub's diameters from")
    first, last = (float(slices(s, 1, 1.0).diameter[0]) for s in (axon[0], axon[-1]))
    stub = _pieces(morphology, (first,), (last,), 1.0)
    return Morphology(_without_axon(morphology) + stub, morphology.source)


def blue_brain(morphology: Morphology, *, pad: bool = False, myelin: bool = True) -> Morphology:
    """Two pieces of five cylinders that keep the axon's taper, then a myelinated millimetre.

    As EModelRunner replaces axons: the axon is cut by sections into an odd number of compartments
    of about 6 um, whose first ten diameters are kept. ``pad`` repeats the last but one where the
    axon is too short, as for thalamic cells, which have no ``myelin``.

    Raises
    ------
    ModelError
        if the axon is too short and is not to be padded.
    """
    wanted = 10
    diameters: list[float] = []
    for section in morphology.sections:
        if section.region == "axon":
            n = 1 + int(section.length / (2 * _PIECE / wanted) / 2) * 2
            diameters.extend(slices(section, n, 1.0).diameter)
    if len(diameters) < wanted:
        if not pad or len(diameters) < 2:
            raise ModelError(f"{morphology.source}: its axon is too short to be replaced by a stub")
        diameters += [diameters[-2]] * (wanted - len(diameters))
    stub = _pieces(morphology, diameters[:5], diameters[5:wanted], 1.0)
    sections = _without_axon(morphology) + stub
    if myelin:
        end = stub[1].points[-1]
        way = (end[:3] - stub[1].points[0, :3]) / _PIECE
        width = float(diameters[wanted - 1])
        points = _line(end[:3].astype(np.float64), way.astype(np.float64), 1000.0, width)
        sections += (Section("myelin", len(sections) - 1, 1.0, points, (width,) * 5),)
    return Morphology(sections, morphology.source)


def without_axon(morphology: Morphology) -> Morphology:
    """The shape less its axon.

    Raises
    ------
    ModelError
        if anything else grows from the axon.
    """
    return Morphology(_without_axon(morphology), morphology.source, morphology.notes)


def _without_axon(morphology: Morphology) -> tuple[Section, ...]:
    kept: dict[int, int] = {}
    sections: list[Section] = []
    for i, section in enumerate(morphology.sections):
        if section.region == "axon":
            continue
        if section.parent >= 0 and section.parent not in kept:
            raise ModelError(
                f"{morphology.source}: a {section.region} section grows from the axon, "
                "which is to be replaced"
            )
        kept[i] = len(sections)
        parent = kept.get(section.parent, -1)
        sections.append(
            Section(section.region, parent, section.at, section.points, section.cylinders)
        )
    return tuple(sections)


def _pieces(
    morphology: Morphology, first: Sequence[float], second: Sequence[float], at: float
) -> tuple[Section, Section]:
    """The stub, drawn from the soma in the direction of the axon that it replaces."""
    if morphology.sections[0].region != "soma":
        raise ModelError(f"{morphology.source}: has no soma at its root for the stub to grow from")
    soma = morphology.sections[0].points[:, :3].astype(np.float64)
    start = soma[-1] if at == 1.0 else soma[len(soma) // 2]
    way = _direction(morphology, start)
    n = len(_without_axon(morphology))
    middle = start + _PIECE * way
    return (
        Section("axon", 0, at, _line(start, way, _PIECE, first[0]), tuple(map(float, first))),
        Section("axon", n, 1.0, _line(middle, way, _PIECE, second[0]), tuple(map(float, second))),
    )


def _direction(morphology: Morphology, start: Floats) -> Floats:
    """Towards the axon's mean point; without an axon, away from the dendrites'."""
    axon = [s.points[:, :3] for s in morphology.sections if s.region == "axon"]
    others = [s.points[:, :3] for s in morphology.sections[1:]]
    if axon:
        way = np.concatenate(axon).mean(axis=0) - start
    elif others:
        way = start - np.concatenate(others).mean(axis=0)
    else:
        way = np.zeros(3)
    size = float(np.linalg.norm(way))
    return np.asarray(way / size, np.float64) if size > 0 else np.array([0.0, -1.0, 0.0])


def _line(start: Floats, way: Floats, length: float, width: float) -> np.ndarray:
    points = np.column_stack((np.stack((start, start + length * way)), [width, width]))
    return points.astype(np.float32)
