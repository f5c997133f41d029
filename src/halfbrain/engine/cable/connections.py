"""Connections that are asked for, as arrays of one length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.errors import RunError

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Connections:
    """n connections: whole numbers and delays (ms) of shape (n,), weights of shape (n, k)."""

    sources: Whole
    cells: Whole
    mechanisms: Whole
    places: Whole
    delays: Floats
    weights: Floats

    def by(self, numbers: Whole) -> Iterator[tuple[int, Connections]]:
        """The connections that share a number, in order of the numbers and then as they are."""
        order = np.argsort(numbers, kind="stable")
        distinct, first = np.unique(numbers[order], return_index=True)
        for number, own in zip(distinct, np.split(order, first[1:]), strict=False):
            yield int(number), Connections(*(getattr(self, name)[own] for name in _NAMES))


_NAMES = ("sources", "cells", "mechanisms", "places", "delays", "weights")


def broadcast(
    sources: ArrayLike,
    cells: ArrayLike,
    mechanisms: ArrayLike,
    places: ArrayLike,
    delays: ArrayLike,
    weights: ArrayLike,
) -> Connections:
    """Arrays of one length, from arrays and numbers.

    Raises
    ------
    RunError
        if that cannot be done, or a delay is not 0 ms or more.
    """
    weight = np.asarray(weights, float)
    weight = weight.reshape(-1, 1) if weight.ndim < 2 else weight
    whole = [np.asarray(x, np.int64).reshape(-1) for x in (sources, cells, mechanisms, places)]
    delay = np.asarray(delays, float).reshape(-1)
    try:
        (n,) = np.broadcast_shapes(*(x.shape for x in whole), delay.shape, weight.shape[:1])
    except ValueError:
        raise RunError("connections' arrays are of the same length, or of one number") from None
    if (bad := ~((delay >= 0) & (delay < np.inf))).any():
        raise RunError(f"a delay is 0 ms or more, not {delay[bad][0]} ms")
    source, cell, mechanism, place = (np.broadcast_to(x, n) for x in whole)
    return Connections(
        source,
        cell,
        mechanism,
        place,
        np.broadcast_to(delay, n),
        np.broadcast_to(weight, (n, weight.shape[1])),
    )


def among(what: str, numbers: Whole, n: int) -> None:
    """Raise a RunError unless all numbers are below n."""
    if (bad := (numbers < 0) | (numbers >= n)).any():
        raise RunError(f"no {what} {numbers[bad][0]}; there are {n}")
