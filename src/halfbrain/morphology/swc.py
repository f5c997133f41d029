"""SWC, read and checked line by line (Cannon et al. 1998, doi 10.1016/S0165-0270(98)00091-0)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError
from halfbrain.morphology.morphology import LARGEST, Morphology, text_of
from halfbrain.morphology.swc_sections import Samples, sections

_SOMA = 1


def read(file: Path) -> Morphology:
    """The morphology in an SWC file.

    Raises
    ------
    DataError
        one line with the file and the line in it.
    """
    found, notes = samples(text_of(file), str(file))
    made, told = sections(found, str(file))
    return Morphology(made, str(file), (*notes, *told))


def samples(text: str, name: str) -> tuple[Samples, tuple[str, ...]]:
    """The points in a text, checked, and what in them may not be as it was meant.

    Raises
    ------
    DataError
        at the first line that is not as it must be.
    """
    rows: dict[int, tuple[int, list[float]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        row = _row(words, f"{name}:{number}")
        point = int(row[0])
        if point in rows:
            raise DataError(
                f"{name}:{number}: point {point} is already in line {rows[point][0]}; "
                "give each point a number of its own"
            )
        rows[point] = (number, row)
    if not rows:
        raise DataError(f"{name}:1: holds no points; an SWC line is 'id type x y z radius parent'")
    order = sorted(rows)
    place = {point: i for i, point in enumerate(order)}
    lacking = _check_tree(rows, name)
    table = np.array([rows[point][1] for point in order])
    points = table[:, 2:6].copy()
    points[:, 3] = 2 * np.abs(points[:, 3])
    found = Samples(
        table[:, 1].astype(np.int64),
        points.astype(np.float32),
        np.array([place.get(int(parent), -1) for parent in table[:, 6]], np.int64),
        tuple(rows[point][0] for point in order),
    )
    return found, (*lacking, *_notes(found, table[:, 5] < 0, name))


def _row(words: list[str], place: str) -> list[float]:
    if len(words) < 7:
        raise DataError(
            f"{place}: has {len(words)} of the seven numbers 'id type x y z radius parent'; "
            "is the file truncated?"
        )
    row = []
    for word, what in zip(
        words[:7], ("id", "type", "x", "y", "z", "radius", "parent"), strict=True
    ):
        try:
            value = float(word)
        except ValueError:
            raise DataError(f"{place}: {what} {word[:30]!r} is not a number") from None
        if not abs(value) <= LARGEST:
            raise DataError(f"{place}: {what} is {word[:30]}; it must be finite, below 1e7")
        if what in ("id", "type", "parent") and value != int(value):
            raise DataError(f"{place}: {what} {word[:30]} is not a whole number")
        row.append(value)
    if row[0] < 0:
        raise DataError(f"{place}: id {words[0]} is below zero")
    return row


def _notes(found: Samples, below: NDArray[np.bool_], name: str) -> list[str]:
    notes = []

    def tell(where: NDArray[np.bool_], what: str, more: str = "") -> None:
        lines = [found.lines[i] for i in np.flatnonzero(where)]
        if lines:
            count = f"{len(lines)} points have" if len(lines) > 1 else "a point has"
            notes.append(f"{name}:{min(lines)}: {count} a radius {what}{more}")

    tell(found.points[:, 3] == 0, "of 0", ": no current passes there, as in NEURON")
    tell(below, "below zero", ", taken without its sign, as in NEURON")
    if found.kinds[0] != _SOMA:
        where = np.flatnonzero(found.kinds == _SOMA)
        soma = (
            f"the soma begins in line {found.lines[where[0]]}" if len(where) else "there is no soma"
        )
        notes.append(
            f"{name}:{found.lines[0]}: the first point is of type {found.kinds[0]}, not of a soma "
            f"(1); {soma}"
        )
    return notes


def _check_tree(rows: dict[int, tuple[int, list[float]]], name: str) -> tuple[str, ...]:
    """Refuse what is no tree; a note of points whose parent no line has."""
    first, lacking = min(rows), []
    for point in sorted(rows):
        line, row = rows[point]
        parent = int(row[6])
        if parent < 0 or (point == first and parent < point):
            continue
        if parent not in rows:
            lacking.append(f"{name}:{line}: parent {parent} of point {point} is in no line")
        elif parent >= point:
            what = (
                "on a loop" if _loops(point, rows) else f"before its parent {parent}; sort the file"
            )
            raise DataError(f"{name}:{line}: point {point} is {what}")
    count = f" ({len(lacking)} such points in all)" if len(lacking) > 1 else ""
    return tuple(f"{one}{count}; it begins a further tree" for one in lacking[:1])


def _loops(start: int, rows: dict[int, tuple[int, list[float]]]) -> bool:
    seen: set[int] = set()
    point = start
    while point in rows and point not in seen:
        seen.add(point)
        point = int(rows[point][1][6])
    return point in seen
