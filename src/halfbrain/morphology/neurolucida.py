"""Neurolucida ASC: outlines and trees, in the sections that NEURON's Import3d makes of them.

What is no outline of a soma and no tree (markers, spines, text, pictures, properties) is passed by.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeGuard

import numpy as np

from halfbrain.errors import DataError
from halfbrain.morphology.brackets import BAR, Group, Word, groups
from halfbrain.morphology.contour import somas
from halfbrain.morphology.morphology import LARGEST, Floats, Morphology, text_of
from halfbrain.morphology.neurites import Neurite, join

_SOMAS = ("CellBody", "Cell Body", "Soma")
_KINDS = {"Axon": 2, "Dendrite": 3, "Apical": 4}
_NUMERIC = re.compile(r"[-+.]?\d|[-+]?(nan|inf)", re.IGNORECASE)


def read(file: Path) -> Morphology:
    """The morphology in an ASC file.

    Raises
    ------
    DataError
        one line with the file and the line in it.
    """
    reader = _Reader(str(file))
    reader.objects(groups(text_of(file), str(file)))
    if not reader.outlines and not reader.neurites:
        raise DataError(f"{file}:1: holds neither a soma's outline nor a tree")
    made, told = join(somas(reader.outlines, str(file)), reader.neurites, str(file))
    return Morphology(made, str(file), (*reader.notes(), *told))


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.outlines: list[Floats] = []
        self.neurites: list[Neurite] = []
        self.seen: dict[str, list[int]] = {}  # what is to be told, and its lines

    def notes(self) -> list[str]:
        return [
            f"{self.name}:{lines[0]}: {what}"
            + (f" ({len(lines)} in all)" if len(lines) > 1 else "")
            for what, lines in self.seen.items()
        ]

    def tell(self, line: int, what: str) -> None:
        self.seen.setdefault(what, []).append(line)

    def fail(self, line: int, what: str) -> DataError:
        return DataError(f"{self.name}:{line}: {what}")

    def objects(self, found: list[Group]) -> None:
        """The outermost brackets, and those in sets."""
        work = found[::-1]
        while work:
            group = work.pop()
            if group.title is not None:
                self.outline(group)
            elif group.label.lower() == "set":
                work.extend(item for item in group.items[::-1] if isinstance(item, Group))
            elif _NUMERIC.match(group.label):
                raise self.fail(group.line, "a point outside of any tree or outline")
            elif group.items and not group.label:
                self.tree(group)

    def outline(self, group: Group) -> None:
        inner = [item for item in group.items if isinstance(item, Group)]
        named = group.title in _SOMAS
        if not named and not any(item.label == "CellBody" for item in inner):
            return
        points = [self.point(item)[:3] for item in inner if _is_point(item)]
        if not named:
            self.tell(group.line, "an outline of another name is a CellBody, and taken for a soma")
        if len(points) < 3:
            self.tell(
                group.line, "a soma's outline of under three points is left out, as in NEURON"
            )
            return
        self.outlines.append(np.array(points))

    def tree(self, group: Group) -> None:
        if _is_text(group):
            return
        kind = self.kind(group)
        before = len(self.neurites)
        work: list[tuple[list[Word | Group], int, int]] = [(group.items, -1, group.line)]
        while work:
            items, parent, line = work.pop()
            points, below = self.branch(items)
            if points:
                self.neurites.append(Neurite(kind, parent, np.array(points), line))
                parent = len(self.neurites) - 1
            elif len(self.neurites) > before or below:
                self.tell(
                    line, "a branch without points: what grows from it is joined to its parent"
                )
            for branch in below[::-1]:
                work.append((branch, parent, branch[0].line if branch else line))
        if len(self.neurites) == before:
            self.tell(group.line, "a tree without points is left out")

    def kind(self, group: Group) -> int:
        labels = []
        for item in group.items:
            if isinstance(item, Group):
                if _is_point(item):
                    break
                labels.append(item.label)
        kinds = [_KINDS[label] for label in labels if label in _KINDS]
        if not kinds:
            what = "a tree of neither Axon, Dendrite nor Apical; its sections are of type0"
            self.tell(group.line, f"{what} (dend_0 in NEURON)")
            return 0
        if labels[-1] not in _KINDS:
            self.tell(group.line, "a tree's type is not its last property; NEURON calls it dend_0")
        return kinds[-1]

    def branch(
        self, items: list[Word | Group]
    ) -> tuple[list[list[float]], list[list[Word | Group]]]:
        """A branch's points, and the branches that it parts into."""
        points: list[list[float]] = []
        below: list[list[Word | Group]] = []
        for item in items:
            if isinstance(item, Word):
                if item.quoted or (item.text != BAR and not _is_number(item)):
                    continue  # how the branch ends: Normal, High, Incomplete
                raise self.fail(item.line, f"{item.text[:30]!r} is in no point and no branching")
            if item.kind == "<" or not item.items:
                continue
            if _is_point(item):
                if below:
                    raise self.fail(item.line, "a point after the branching of its branch")
                points.append(self.with_diameter(item))
            elif (item.label and len(item.branches) == 1) or item.title is not None:
                if points and sum(_is_number(inner) for inner in item.items[1:]) > 2:
                    raise self.fail(item.line, f"a point begins with {item.label[:30]!r}")
            elif below:
                raise self.fail(item.line, "a second branching of one branch")
            else:
                below = item.branches
        return points, below

    def point(self, group: Group) -> list[float]:
        """Two to four numbers; a label, or what Bezier's curves need, may follow."""
        values: list[float] = []
        for item in group.items:
            if not _is_number(item):
                break
            try:
                values.append(float(item.text))
            except ValueError:
                raise self.fail(item.line, f"{item.text[:30]!r} is not a number") from None
        if not 2 <= len(values) <= 4 or any(map(_is_number, group.items[len(values) :])):
            raise self.fail(group.line, "a point is (x y z diameter)")
        if not all(abs(value) <= LARGEST for value in values):
            raise self.fail(group.line, "a point is not finite, or beyond 1e7 um")
        return values if len(values) > 2 else [*values, 0.0]

    def with_diameter(self, group: Group) -> list[float]:
        point = self.point(group)
        if len(point) < 4:
            self.tell(group.line, "a point without a diameter has 0: no current passes there")
            return [*point, 0.0]
        if np.float32(point[3]) == 0:
            self.tell(group.line, "a diameter of 0: no current passes there, as in NEURON")
        if point[3] < 0:
            self.tell(group.line, "a diameter below zero is taken without its sign, as in NEURON")
        return [*point[:3], abs(point[3])]


def _is_number(item: Word | Group) -> TypeGuard[Word]:
    return isinstance(item, Word) and not item.quoted and bool(_NUMERIC.match(item.text))


def _is_point(group: Group) -> bool:
    return group.kind == "(" and bool(_NUMERIC.match(group.label))


def _is_text(group: Group) -> bool:
    """One point and a quoted text: a label in the drawing."""
    points = [item for item in group.items if isinstance(item, Group) and _is_point(item)]
    last = group.items[-1]
    return len(points) == 1 and isinstance(last, Word) and last.quoted
