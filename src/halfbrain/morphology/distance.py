"""How far places along a cell's sections are from each other, by the path."""

from __future__ import annotations

from collections.abc import Sequence

from halfbrain.morphology.morphology import Section


def middles(sections: Sequence[Section]) -> list[tuple[int, float]]:
    """The middle of each tree's soma, or of its first section where it has none."""
    root = [0] * len(sections)
    somas: dict[int, int] = {}  # by root
    for i, section in enumerate(sections):
        root[i] = i if section.parent < 0 else root[section.parent]
        if section.region == "soma":
            somas.setdefault(root[i], i)
    return [(somas.get(first, first), 0.5) for first in sorted(set(root))]


class Distances:
    """The way in um from origins to places; each origin is a section and a place along it.

    In a tree without an origin it is infinite.
    """

    def __init__(self, sections: Sequence[Section], origins: Sequence[tuple[int, float]]) -> None:
        self._sections = sections
        # Sections from an origin to its root: how far it is, from which place along them.
        self._anchors: dict[int, tuple[float, float]] = {}
        for section, at in origins:
            i, place, far = section, at, 0.0
            while i >= 0:
                self._anchors[i] = far, place
                far += place * sections[i].length
                i, place = sections[i].parent, sections[i].at
        self._starts: list[float] = []
        for one in sections:
            self._starts.append(self(one.parent, one.at) if one.parent >= 0 else float("inf"))

    def __call__(self, section: int, place: float) -> float:
        """The way to a place along a section, from 0 to 1."""
        length = self._sections[section].length
        if section in self._anchors:
            far, anchor = self._anchors[section]
            return far + abs(place - anchor) * length
        return self._starts[section] + place * length
