"""All sections cut and joined to one tree of compartments in Hines order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.distance import Distances, middles
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
    resistivity: Sequence[float],
    capacitance: Sequence[float],
) -> Cable:
    """Cut a morphology; ``resistivity`` (ohm cm) and ``capacitance`` (uF/cm2) are by section.

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
        ra, cm = resistivity[i], capacitance[i]
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
    tree = _Tree(Distances(sections, middles(sections)))
    for section, cut, places in zip(sections, cuts, joints, strict=True):
        tree.add(section, cut, places)
        if len(tree.parent) > _MOST_IN_ALL:
            raise ModelError(
                f"{morphology.source}: takes over {_MOST_IN_ALL:,} compartments; is it in um?"
            )
    return tree.cable()


class _Tree:
    def __init__(self, distance: Distances) -> None:
        self.distance = distance
        self.parent: list[int] = []
        self.rows: list[tuple[float, float, float, float, int, float]] = []
        self.start: list[int] = []  # the compartment where each section begins
        self.inner: list[list[int]] = []
        self.end: list[int] = []

    def add(self, section: Section, cut: Slices, joined: set[float]) -> None:
        number, n = len(self.start), len(cut.area)
        node = self._joint(section.parent, section.at)
        if section.parent < 0:
            node = -1 if number == 0 else 0
            if 0.0 in joined:
                away = self.distance(number, 0.0)
                node = self._node(node, 0.0, 0.0, float(cut.diameter[0]), away, number, 0.0)
        self.start.append(node)
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
                self.distance(number, place),
                number,
                place,
            )
            resistance = float(cut.right[k])
            inner.append(node)
        self.inner.append(inner)
        if 1.0 in joined:
            away = self.distance(number, 1.0)
            node = self._node(node, 0.0, 1 / resistance, float(cut.diameter[-1]), away, number, 1.0)
        self.end.append(node)

    def _joint(self, parent: int, at: float) -> int:
        if parent < 0:
            return -1
        if at == 0.0:
            return self.start[parent]
        if at == 1.0:
            return self.end[parent]
        inner = self.inner[parent]
        return inner[int(at * len(inner))]

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
