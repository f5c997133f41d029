"""One data set as several tasks in a row, on which it is seen what is forgotten."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from halfbrain.errors import DataError
from halfbrain.learning.order import order
from halfbrain.learning.tasks.task import Examples, Ints, Part, Task

MOST = 100


def permuted(base: Task, n: int, seed: int) -> Task:
    """``n`` parts, each with the features of all inputs in another order.

    As in Goodfellow et al. 2013 (arXiv 1312.6211), and in Iyer et al. 2022 (arXiv 2201.00042), who
    leave the first part as it is. The classes are the same in all parts, with one output for each.
    """
    if not 1 <= n <= MOST:
        raise DataError(f"permuted-{base.name}: there are 1 to {MOST} parts, not {n}")
    (part,) = base.parts
    kept = np.arange(base.features)
    orders = [kept, *(order(base.features, seed, k) for k in range(1, n))]
    parts = tuple(Part(_reordered(part.train, o), _reordered(part.test, o)) for o in orders)
    return replace(
        base, name=f"permuted-{base.name}:{n}", title=f"{base.title}, {n} permutations", parts=parts
    )


def split(base: Task, n: int) -> Task:
    """``n`` parts with ``classes / n`` of the classes each (Zenke et al. 2017, arXiv 1703.04200).

    There is one output for each class, used by all parts: nobody says which part a test is from.
    """
    if not 1 <= n <= base.classes or base.classes % n:
        raise DataError(f"split-{base.name}: {base.classes} classes do not split in {n} parts")
    (part,) = base.parts
    size = base.classes // n
    parts = tuple(
        Part(_of(part.train, k * size, size), _of(part.test, k * size, size)) for k in range(n)
    )
    return replace(
        base, name=f"split-{base.name}:{n}", title=f"{base.title}, {n} splits", parts=parts
    )


def _reordered(of: Examples, order: Ints) -> Examples:
    return Examples(np.ascontiguousarray(of.x[:, order]), of.y)


def _of(of: Examples, first: int, size: int) -> Examples:
    return of.take(np.flatnonzero((of.y >= first) & (of.y < first + size)))
