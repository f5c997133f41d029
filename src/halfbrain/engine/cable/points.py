"""Point processes of the cells of a unit, in common tables: any number for each cell, anywhere."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.fingerprint import fingerprint
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.evaluate import Number
from halfbrain.program.mechanism import Mechanism

Values = dict[str, NDArray[np.float64]]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Gathered:
    """Places of one mechanism in several cells.

    ``compartment`` and ``lane`` say where each is; ``order`` has, for each of the cells' placed
    mechanisms (lane, number), the numbers of its places here. ``values`` are inputs, one for each.
    """

    mechanism: Mechanism
    compartment: NDArray[np.int64]
    lane: NDArray[np.int64]
    order: Mapping[tuple[int, int], NDArray[np.int64]]
    values: Values


def key_of(mechanism: Mechanism, dt: float) -> Key:
    """What tells mechanisms apart: their names, files and equations, which are as they were read.

    One file, or one text's name, may be read in several ways.
    """
    known = _known.setdefault(id(mechanism), {})
    if not known:
        weakref.finalize(mechanism, _known.pop, id(mechanism), None)
    if dt not in known:
        known[dt] = fingerprint((mechanism, mechanism.step(dt)))
    return mechanism.name, mechanism.source, known[dt]


_known: dict[int, dict[float, str]] = {}  # fingerprints by a mechanism's id and the step


def gathered(
    cells: Sequence[Compartments], values_of: Callable[[int, int, Placed], Values], dt: float
) -> list[Gathered]:
    """The point processes of cells that lie in lanes, mechanism by mechanism.

    Neighbours are in different cells where they can be, and a cell's are in order of their
    compartments. Those of one compartment come in the order in which the cell has them, and
    mechanisms in order of their names, whichever cells are together: so sums are the same.
    """
    found: dict[Key, list[tuple[int, int, Placed]]] = {}
    for lane, cell in enumerate(cells):
        for p, placed in enumerate(cell.placed):
            if placed.mechanism.kind != "density" and len(placed.where):
                found.setdefault(key_of(placed.mechanism, dt), []).append((lane, p, placed))
    keys = sorted(found)
    return [_gathered(found[key], values_of) for key in keys]


def _gathered(
    parts: Sequence[tuple[int, int, Placed]], values_of: Callable[[int, int, Placed], Values]
) -> Gathered:
    mechanism = parts[0][2].mechanism
    compartment = np.concatenate([np.asarray(x.where, np.int64) for _, _, x in parts])
    lane = np.concatenate([np.full(len(x.where), lane) for lane, _, x in parts])
    by_cell = np.lexsort((compartment, lane))  # stable
    first = np.searchsorted(lane[by_cell], lane[by_cell])
    rank = np.empty(len(lane), np.int64)
    rank[by_cell] = np.arange(len(lane)) - first
    order = np.lexsort((lane, rank))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    ends = np.cumsum([len(x.where) for _, _, x in parts])[:-1]
    each = [values_of(*part) for part in parts]
    names = dict.fromkeys(name for of in each for name in of)
    default = {**mechanism.parameters, **mechanism.shared}
    values = {
        name: np.concatenate(
            [
                of[name] if name in of else np.full(len(x.where), default[name])
                for of, (_, _, x) in zip(each, parts, strict=True)
            ]
        )[order]
        for name in names
    }
    where = {(n, p): at for (n, p, _), at in zip(parts, np.split(place, ends), strict=True)}
    return Gathered(mechanism, compartment[order], lane[order], where, values)


def in_vectors(numbers: NDArray[np.float64], lanes: int) -> Number:
    """Numbers of places as vectors, filled up with the last; one number if all are the same."""
    if (numbers == numbers[0]).all():
        return float(numbers[0])
    turns = -(-len(numbers) // lanes)
    full = np.full(turns * lanes, numbers[-1])
    full[: len(numbers)] = numbers
    return full.reshape(turns, lanes)


def nodes_in_vectors(where: NDArray[np.int64], lanes: int, empty: int) -> NDArray[np.int64]:
    """Numbers of nodes as vectors, filled up with the node that nothing looks at."""
    turns = -(-len(where) // lanes)
    full = np.full((turns, lanes), empty, np.int64)
    full.flat[: len(where)] = where
    return full
