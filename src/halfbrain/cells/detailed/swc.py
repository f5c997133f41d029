"""SWC, read and checked line by line (Cannon et al. 1998, doi 10.1016/S0165-0270(98)00091-0)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.detailed.morphology import LARGEST, Morphology, Points
from halfbrain.cells.detailed.swc_sections import sections
from halfbrain.errors import DataError
from halfbrain.reading import file_bytes


@dataclass(frozen=True)
class Samples:
    """The points of a file in order of their numbers: each one's parent (-1: none) is before it.

    ``kinds`` are 1 soma, 2 axon, 3 basal, 4 apical; others are a laboratory's own. ``lines`` are
    those of the file.
    """

    kinds: NDArray[np.int64]
    points: Points
    parents: NDArray[np.int64]
    lines: tuple[int, ...]


def read(file: Path) -> Morphology:
    """The morphology in an SWC file.

    Raises
    ------
    DataError
        one line with the file and the line in it.
    """
    try:
        content = file_bytes(file)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror})") from error
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise DataError(f"{file}:{line}: cannot be read as text: it holds zero bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # as older files have it in their comments
    return Morphology(sections(samples(text, str(file)), str(file)), str(file))


def samples(text: str, name: str) -> Samples:
    """The points in a text, checked: one tree, rooted in a soma, whose numbers all make sense.

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
    _check_tree(rows, name)
    table = np.array([rows[point][1] for point in order])
    points = table[:, 2:6].copy()
    points[:, 3] *= 2
    return Samples(
        table[:, 1].astype(np.int64),
        points.astype(np.float32),
        np.array([place.get(int(parent), -1) for parent in table[:, 6]], np.int64),
        tuple(rows[point][0] for point in order),
    )


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
    if not np.float32(row[5]) > 0:
        raise DataError(f"{place}: radius {words[5][:30]} is not above zero")
    return row


def _check_tree(rows: dict[int, tuple[int, list[float]]], name: str) -> None:
    roots = []
    for point in sorted(rows):
        line, row = rows[point]
        parent = int(row[6])
        if parent < 0:
            roots.append(line)
        elif parent not in rows:
            raise DataError(f"{name}:{line}: parent {parent} of point {point} is in no line")
        elif parent >= point:
            what = (
                "on a loop" if _loops(point, rows) else f"before its parent {parent}; sort the file"
            )
            raise DataError(f"{name}:{line}: point {point} is {what}")
    if len(roots) != 1:
        raise DataError(
            f"{name}:{roots[1]}: a second tree begins here (the first in line {roots[0]}); "
            "join them or keep one"
            if roots
            else f"{name}: no point has the parent -1, so no tree begins"
        )
    line, row = rows[min(rows)]
    if row[1] != 1:
        raise DataError(
            f"{name}:{line}: the tree's first point is of type {row[1]:.0f}; it must be a soma (1)"
        )


def _loops(start: int, rows: dict[int, tuple[int, list[float]]]) -> bool:
    seen: set[int] = set()
    point = start
    while point in rows and point not in seen:
        seen.add(point)
        point = int(rows[point][1][6])
    return point in seen
