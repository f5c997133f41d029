"""All sections cut and joined to one tree of compartments in Hines order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.detailed.frusta import Rule, Slices, slices
from halfbrain.cells.detailed.morphology import Floats, Morphology, Section
from halfbrain.errors import ModelError

_MOST = 100_000
_MOST_IN_ALL = 500_000


@dataclass(frozen=True)
class Cable:
    """The geometry of n compartments, as in :class:`halfbrain.cells.compartments.Compartments`."""

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
    to a place in between, a section hangs on the compartment that holds the place.

    Raises
    ------
    ModelError
        if a section takes more than 100,000 compartments, or all of them more than 500,000, as
        with a wrong unit of length.
    """
    sections = morphology.sections
    joints: list[set[float]] = [set() for _ in sections]
    for section in sections[1:]:
        joints[section.parent].add(section.at)
    tree = _Tree()
    for i, (section, joined) in enumerate(zip(sections, joints, strict=True)):
        ra, cm = resistivity[section.region], capacitance[section.region]
        n = rule(section, ra, cm)
        if n > _MOST:
            raise ModelError(
                f"{morphology.source}: {section.region} section {i}, {section.length:g} um long, "
                f"{section.points[:, 3].min():g} um thin: takes {n:.3g} compartments; is it in um?"
            )
        tree.add(section, slices(section, n, ra), joined)
        if len(tree.parent) > _MOST_IN_ALL:
            raise ModelError(
                f"{morphology.source}: takes over {_MOST_IN_ALL:,} compartments; is it in um?"
            )
    return tree.cable()


class _Tree:
    def __init__(self) -> None:
        self.parent: list[int] = []
        self.rows: list[tuple[float, float, float, float, int, float]] = []
        self.sections: list[Section] = []
        self.start: list[tuple[int, float]] = []  # compartment and distance where each begins
        self.inner: list[list[int]] = []
        self.end: list[int] = []

    def add(self, section: Section, cut: Slices, joined: set[float]) -> None:
        number, n, length = len(self.sections), len(cut.area), section.length
        self.sections.append(section)
        node, distance = self._joint(section.parent, section.at)
        if number == 0 and 0.0 in joined:
            node = self._node(-1, 0.0, 0.0, float(cut.diameter[0]), length / 2, 0, 0.0)
        self.start.append((node, distance))
        inner: list[int] = []
        resistance = 0.0
        for k in range(n):
            place = (k + 0.5) / n
            coupling = 0.0 if node < 0 else 1 / (resistance + cut.left[k])
            node = self._node(
                node,
                float(cut.area[k]),
                float(coupling),
                float(cut.diameter[k]),
                abs(place - 0.5) * length if number == 0 else distance + place * length,
                number,
                place,
            )
            resistance = float(cut.right[k])
            inner.append(node)
        self.inner.append(inner)
        away = length / 2 if number == 0 else distance + length
        if 1.0 in joined:
            node = self._node(node, 0.0, 1 / resistance, float(cut.diameter[-1]), away, number, 1.0)
        self.end.append(node)

    def _joint(self, parent: int, at: float) -> tuple[int, float]:
        if parent < 0:
            return -1, 0.0
        length = self.sections[parent].length
        distance = abs(at - 0.5) * length if parent == 0 else self.start[parent][1] + at * length
        if at == 0.0:
            return self.start[parent][0], distance
        if at == 1.0:
            return self.end[parent], distance
        inner = self.inner[parent]
        return inner[int(at * len(inner))], distance

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
