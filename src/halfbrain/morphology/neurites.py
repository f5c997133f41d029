"""Neurites joined to somas, and to each other, as NEURON's Import3d does for a Neurolucida file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halfbrain.errors import DataError
from halfbrain.morphology.morphology import REGIONS, Floats, Points, Section
from halfbrain.morphology.swc_sections import sphere


@dataclass(frozen=True)
class Soma:
    """A soma's discs, its middle (3,), and the box in x and y, (2,) each, where its trees begin."""

    points: Points
    middle: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Neurite:
    """An unbranched piece: ``kind`` as in an SWC file, ``parent`` a number, -1 where a tree begins.

    ``points``, shape (n, 4), may or may not begin where the parent ends; ``line`` is the file's.
    """

    kind: int
    parent: int
    points: Floats
    line: int = 0

    @property
    def region(self) -> str:
        """The region's name."""
        return REGIONS[self.kind - 1] if 1 <= self.kind <= 4 else f"type{self.kind}"


def join(
    somas: Sequence[Soma], neurites: Sequence[Neurite], name: str
) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """Sections, somas first, and what a reader of the file should know of how they were made.

    A tree is joined to the middle of the soma in whose box it begins, or of the nearest. Without
    somas, trees stand alone. Pieces without length are left out, and what grows from them is joined
    to what they grow from; Import3d keeps those of three points and more, and NEURON computes NaN.
    A root without length gives way to the first piece that grows from it, whose start the others
    are joined to; NEURON has 1e-9 um of it.

    Raises
    ------
    DataError
        one line, for a piece all of whose points are at one place.
    """
    made = [Section("soma", -1, 0.0, soma.points) for soma in somas]
    place: list[tuple[int, float]] = []  # of each neurite, where children are joined
    left_out: list[int] = []
    followed = {neurite.parent for neurite in neurites}
    for number, neurite in enumerate(neurites):
        points = neurite.points
        if neurite.parent < 0:
            parent, at = _nearest(somas, points[0]), 0.5 if somas else 0.0
        else:
            parent, at = place[neurite.parent]
            if parent < 0:  # of a root that was left out
                place[neurite.parent] = len(made), 0.0
            before = neurites[neurite.parent].points[-1]
            if (before[:3] != points[0, :3]).any():
                points = np.insert(points, 0, np.append(before[:3], points[0, 3]), axis=0)
        still = bool((points[:, :3] == points[0, :3]).all())
        root = neurite.parent < 0 and len(points) > 1 and number in followed
        if still and (parent >= 0 or root):
            place.append((parent, at))
            left_out.append(neurite.line)
            continue
        place.append((len(made), 1.0))
        single = points.astype(np.float32)
        if len(single) == 1:
            single = sphere(single[0])
        section = Section(neurite.region, parent, at, single)
        if not section.length > 0:
            where = f"{name}:{neurite.line}" if neurite.line else name
            what = f"{section.region} section {len(made)}"
            raise DataError(f"{where}: {what}: all its points are at one place")
        made.append(section)
    return tuple(made), tuple(_told(somas, neurites, made, left_out, name))


def _nearest(somas: Sequence[Soma], point: Floats) -> int:
    """The number of a tree's soma, which is its section's too; -1 without any."""
    for i, soma in enumerate(somas):
        if (soma.low <= point[:2]).all() and (point[:2] <= soma.high).all():
            return i
    away = [float(np.linalg.norm(soma.middle - point[:3])) for soma in somas]
    return int(np.argmin(away)) if away else -1


def _told(
    somas: Sequence[Soma],
    neurites: Sequence[Neurite],
    made: Sequence[Section],
    left_out: Sequence[int],
    name: str,
) -> list[str]:
    notes = []

    def tell(lines: Sequence[int], what: str, more: str) -> None:
        if lines:
            where = f"{name}:{lines[0]}" if lines[0] else name
            notes.append(f"{where}: {what} ({len(lines)} in all){more}")

    if not somas:
        notes.append(
            f"{name}: there is no soma; distances are from the middle of a tree's first section"
        )
    trees = sum(section.parent < 0 for section in made)
    if trees > 1:
        notes.append(f"{name}: its {trees} trees are not joined, as NEURON's Import3d has them")
    away = [n.line for n in neurites if n.parent < 0 and somas and _is_away(somas, n.points[0])]
    more = "; joined to the middle of the nearest, as NEURON's Import3d does"
    tell(away, "a tree begins far from any soma", more)
    tell(left_out, "a branch without length", " is left out; its children are joined to its parent")
    return notes


def _is_away(somas: Sequence[Soma], point: Floats) -> bool:
    """Whether a tree begins further from each soma's box than that is large."""
    out = [np.maximum(np.maximum(s.low - point[:2], point[:2] - s.high), 0.0) for s in somas]
    return all(
        bool(np.linalg.norm(o) > np.linalg.norm(s.high - s.low))
        for o, s in zip(out, somas, strict=True)
    )
