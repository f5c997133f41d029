"""All sections cut and joined to one tree of compartments in Hines order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.frusta import Rule, Slices, slices
from halfbrain.morphology.morphology import Floats, Morphology, Section

_MOST = 100_000
_MOST_IN_ALL = 500_000


@dataclass(frozen=True)
class Cable:
    """The geometry of n compartments, as those of :mod:`halfbrain.morphology.compartments`."""

    parent: NDArray[np.int64]
    area: Floats
    coupling: Floats
    diameter: Floats
    distance: Floats
    section: NDArray[np.int64]
    position: Floats


def cable(
    morphology: Morphology,
    rule: Rule,
    resistivity: Mapping[str, float],
    capacitance: Mapping[str, float],
) -> Cable:
    """Cut a morphology; ``resistivity`` (ohm cm) and ``capacitance`` (uF/cm2) are by region.

    Where sections are joined to another's end, that end is a compartment without membrane. Joined
    to a place in between, a section hangs on the compartment that holds the place. A tree that is
    not joined hangs on the first compartment with a coupling of 0. Distances are from the middle of
    the soma; in a tree without one, from the middle of its first section.

    Raises
    ------
    ModelError
        if a section takes more than 100,000 compartments, or all of them more than 500,000, as
        with a wrong unit of length.
    """

    def cut(i: int, section: Section) -> Slices:
        ra, cm = resistivity[section.region], capacitance[section.region]
        n = rule(section, ra, cm)
        if n > _MOST:
            raise ModelError(
                f"{morphology.source}: {section.region} section {i}, {section.length:g} um long, "
                f"{section.points[:, 3].min():g} um thin: takes {n:.3g} compartments; is it in um?"
            )
        return slices(section, n, ra)

    return joined(morphology, map(cut, count(), morphology.sections))


def joined(morphology: Morphology, cuts: Iterable[Slices]) -> Cable:
    """The sections of a morphology, each cut already, joined as :func:`cable` says.

    Raises
    ------
    ModelError
        if they are more than 500,000 compartments.
    """
    sections = morphology.sections
    joints: list[set[float]] = [set() for _ in sections]
    for section in sections:
        if section.parent >= 0:
            joints[section.parent].add(section.at)
    tree = _Tree(_anchors(sections))
    for section, cut, places in zip(sections, cuts, joints, strict=True):
        tree.add(section, cut, places)
        if len(tree.parent) > _MOST_IN_ALL:
            raise ModelError(
                f"{morphology.source}: takes over {_MOST_IN_ALL:,} compartments; is it in um?"
            )
    return tree.cable()


def _anchors(sections: Sequence[Section]) -> dict[int, tuple[float, float]]:
    """Sections that lead to a tree's soma: how far it is, from which place along them.

    The soma itself, at its middle, and all sections towards the root.
    """
    root = [0] * len(sections)
    somas: dict[int, int] = {}  # by root
    for i, section in enumerate(sections):
        root[i] = i if section.parent < 0 else root[section.parent]
        if section.region == "soma":
            somas.setdefault(root[i], i)
    anchors: dict[int, tuple[float, float]] = {}
    for first in sorted(set(root)):
        i, far, place = somas.get(first, first), 0.0, 0.5
        while i >= 0:
            anchors[i] = far, place
            far += place * sections[i].length
            i, place = sections[i].parent, sections[i].at
    return anchors


class _Tree:
    def __init__(self, anchors: Mapping[int, tuple[float, float]]) -> None:
        self.anchors = anchors
        self.parent: list[int] = []
        self.rows: list[tuple[float, float, float, float, int, float]] = []
        self.sections: list[Section] = []
        self.start: list[tuple[int, float]] = []  # compartment and distance where each begins
        self.inner: list[list[int]] = []
        self.end: list[int] = []

    def add(self, section: Section, cut: Slices, joined: set[float]) -> None:
        number, n = len(self.sections), len(cut.area)
        self.sections.append(section)
        node, distance = self._joint(section.parent, section.at)
        if section.parent < 0:
            node = -1 if number == 0 else 0
            if 0.0 in joined:
                distance = self._distance(number, 0.0)
                node = self._node(node, 0.0, 0.0, float(cut.diameter[0]), distance, number, 0.0)
        self.start.append((node, distance))
        inner: list[int] = []
        resistance = 0.0
        for k in range(n):
            place = (k + 0.5) / n
            alone = k == 0 and section.parent < 0 and 0.0 not in joined
            coupling = 0.0 if alone else 1 / (resistance + cut.left[k])
            node = self._node(
                node,
                float(cut.area[k]),
                float(coupling),
                float(cut.diameter[k]),
                self._distance(number, place),
                number,
                place,
            )
            resistance = float(cut.right[k])
            inner.append(node)
        self.inner.append(inner)
        if 1.0 in joined:
            away = self._distance(number, 1.0)
            node = self._node(node, 0.0, 1 / resistance, float(cut.diameter[-1]), away, number, 1.0)
        self.end.append(node)

    def _joint(self, parent: int, at: float) -> tuple[int, float]:
        if parent < 0:
            return -1, 0.0
        distance = self._distance(parent, at)
        if at == 0.0:
            return self.start[parent][0], distance
        if at == 1.0:
            return self.end[parent], distance
        inner = self.inner[parent]
        return inner[int(at * len(inner))], distance

    def _distance(self, number: int, place: float) -> float:
        length = self.sections[number].length
        if number in self.anchors:
            far, anchor = self.anchors[number]
            return far + abs(place - anchor) * length
        return self.start[number][1] + place * length

    def _node(
        self,
        parent: int,
        area: float,
        coupling: float,
        diameter: float,
        distance: float,
        section: int,
        place: float,
    ) -> int:
        self.parent.append(parent)
        self.rows.append((area, coupling, diameter, distance, section, place))
        return len(self.rows) - 1

    def cable(self) -> Cable:
        area, coupling, diameter, distance, section, position = np.array(self.rows).T.copy()
        return Cable(
            np.array(self.parent, np.int64),
            area,
            coupling,
            diameter,
            distance,
            section.astype(np.int64),
            position,
        )
