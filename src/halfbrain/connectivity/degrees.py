"""A rule made ready: its numbers for compiled code, and how many synapses each row has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.connectivity import rows
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    ByDistance,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
    Rule,
    check,
)
from halfbrain.connectivity.value import GIVEN, Drawn, check_given
from halfbrain.errors import CircuitError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Each = Callable[..., Iterable[Any]]  # ``map``, or that of a pool of threads
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Ends:
    """The two ends of a projection: their sizes, whether they are one population, their places.

    ``positions`` are those of sources and targets in um, shape (size, 3).
    """

    sources: int
    targets: int
    same: bool
    positions: tuple[Floats | None, Floats | None] = (None, None)


@dataclass(frozen=True)
class Keys:
    """The keys of a projection's random numbers.

    ``rows`` is that of all that is drawn row by row, ``pairs`` that of the rules that look at each
    pair by itself. One key would give both the same numbers, which matters where weights are drawn
    row by row too.
    """

    rows: np.uint64
    pairs: np.uint64


@dataclass(frozen=True, eq=False)
class Rows:
    """A projection's synapses, a row for each source, which can be drawn in any order.

    ``degrees`` has a number for each source, ``starts`` where its row begins among all of them;
    ``listed`` the targets of rules that list them, ``order`` where each explicit pair was given.
    """

    rule: Rule
    numbers: Ints
    probability: float
    weight: Drawn
    delay: Drawn
    key: np.uint64
    degrees: Ints
    starts: Ints
    listed: Ints
    order: Ints | None

    @property
    def synapses(self) -> int:
        """Synapses of the projection."""
        return int(self.degrees.sum())

    @property
    def drawn(self) -> tuple[Any, ...]:
        """The first arguments of :func:`rows.row_of`."""
        given = self.weight.given, self.delay.given
        v = self.weight.numbers(), self.delay.numbers()
        return self.numbers, self.probability, *v, given, self.key

    def all(self) -> tuple[Ints, Ints, Floats, Floats]:
        """Sources, targets, weights (SI), delays (seconds) of all synapses, row by row."""
        n = self.synapses
        targets, weights, delays = np.empty(n, np.int64), np.empty(n), np.empty(n)
        rows.every_row(
            *self.drawn, self.degrees, self.starts, self.listed, targets, weights, delays
        )
        return np.repeat(np.arange(len(self.degrees)), self.degrees), targets, weights, delays

    def highest_in_degree(self) -> float:
        """What no target's number of synapses exceeds (for drawn targets: by any odds)."""
        targets = max(int(self.numbers[rows.TARGETS]), 1)
        if isinstance(self.rule, FixedIn):
            return self.rule.k
        if self.numbers[rows.RULE] == rows.LISTED:
            return float(np.bincount(self.listed, minlength=1).max())
        if isinstance(self.rule, OneToOne):
            return 1
        if isinstance(self.rule, AllToAll):
            return len(self.degrees)
        mean = self.synapses / targets
        return float(mean + 12 * mean**0.5 + 40)

    def most_at_once(self) -> float:
        """What the sum of the sizes of no target's weights exceeds, SI."""
        if self.weight.kind != GIVEN:
            return self.weight.largest * self.highest_in_degree()
        sizes = np.abs(self.weight.given)
        kind, targets = self.numbers[rows.RULE], int(self.numbers[rows.TARGETS])
        if kind == rows.ONE:
            return float(sizes.max(initial=0.0))
        if kind == rows.ALL:
            return float(sizes.reshape(-1, targets).sum(axis=0).max(initial=0.0))
        return float(np.bincount(self.listed, sizes, minlength=1).max())


def rows_of(
    rule: Rule, ends: Ends, weight: Drawn, delay: Drawn, keys: Keys, place: str, each: Each = map
) -> Rows:
    """Count the synapses of a projection's rows; ``each`` does the work on ranges of them.

    Raises
    ------
    CircuitError
        one line that begins with ``place``, for what no populations of these sizes can have.
    """
    wanted = check(rule, ends.sources, ends.targets, ends.same, place)
    check_given(weight, wanted, f"{place}: weights")
    check_given(delay, wanted, f"{place}: delays")
    avoid = ends.same and not getattr(rule, "autapses", True)
    numbers = np.zeros(rows.NUMBERS, np.int64)
    numbers[[rows.SOURCES, rows.TARGETS, rows.NO_AUTAPSES]] = ends.sources, ends.targets, avoid
    kind, degrees, listed, order = _joined(rule, ends, avoid, numbers, keys, place, each)
    numbers[rows.RULE] = kind
    return Rows(
        rule,
        numbers,
        float(rule.p) if isinstance(rule, Bernoulli) else 0.0,
        _ordered(weight, order),
        _ordered(delay, order),
        keys.rows,
        degrees,
        np.cumsum(degrees) - degrees,
        listed,
        order,
    )


def _joined(
    rule: Rule, ends: Ends, avoid: bool, numbers: Ints, keys: Keys, place: str, each: Each
) -> tuple[int, Ints, Ints, Ints | None]:
    """Kind of row, degrees, listed targets, and how given pairs are sorted."""
    sources, targets = ends.sources, ends.targets
    full = np.ones(sources, np.int64)
    match rule:
        case OneToOne():
            return rows.ONE, full, _NONE, None
        case AllToAll():
            return rows.ALL, full * (targets - avoid), _NONE, None
        case Bernoulli(p):
            degrees = np.zeros(sources, np.int64)
            if p > 0:
                _spread(
                    each,
                    sources,
                    lambda a, b: rows.count_bernoulli(numbers, p, keys.rows, a, b, degrees),
                )
            return rows.BERNOULLI, degrees, _NONE, None
        case FixedTotal(n):
            counts = _summed(
                each,
                -(-n // 4),
                sources,
                lambda a, b, out: rows.count_total(n, keys.rows, a, b, out),
            )
            return rows.UNIFORM_TARGETS, counts, _NONE, None
        case FixedOut(k):
            return rows.UNIFORM_TARGETS, full * k, _NONE, None
        case FixedIn(k):
            return rows.LISTED, *_fixed_in(k, avoid, (sources, targets), keys.rows, each), None
        case ByDistance():
            return rows.LISTED, *_by_distance(rule, ends, avoid, keys.pairs, place, each), None
        case Explicit(given_sources, given_targets):
            i, j = (
                np.asarray(side, np.int64).reshape(-1) for side in (given_sources, given_targets)
            )
            order = np.argsort(i, kind="stable")
            return rows.LISTED, np.bincount(i, minlength=sources), j[order], order
    raise CircuitError(f"{place}: {type(rule).__name__} is no known rule")


def _spread(each: Each, n: int, work: Callable[[int, int], object]) -> None:
    """Do ``work`` on ranges that together are 0 to ``n``."""
    edges = np.linspace(0, n, 33).astype(int)
    list(each(work, map(int, edges[:-1]), map(int, edges[1:])))


def _summed(each: Each, n: int, size: int, work: Callable[[int, int, Ints], object]) -> Ints:
    """The sum of what ``work`` counts on ranges that together are 0 to ``n``."""

    def counted(begin: int, end: int) -> Ints:
        out = np.zeros(size, np.int64)
        work(begin, end, out)
        return out

    edges = np.linspace(0, n, 9).astype(int)
    counts = list(each(counted, map(int, edges[:-1]), map(int, edges[1:])))
    return np.asarray(np.sum(counts, axis=0), np.int64)


def _fixed_in(
    k: int, avoid: bool, n: tuple[int, int], key: np.uint64, each: Each
) -> tuple[Ints, Ints]:
    """Degrees of the sources, and the targets of each source's row, in order."""
    edges = [int(edge) for edge in np.linspace(0, n[1], 9)]

    def counted(begin: int, end: int) -> Ints:
        out = np.zeros(n[0], np.int64)
        rows.count_in(k, avoid, key, begin, end, out)
        return out

    counts = list(each(counted, edges[:-1], edges[1:]))
    degrees: Ints = np.sum(counts, axis=0)
    # Each range of targets has its own place in each row, so no two write to one.
    cursors, at = [], np.cumsum(degrees) - degrees
    for count in counts:
        cursors.append(at.copy())
        at += count
    listed = np.empty(int(degrees.sum()), np.int64)
    list(
        each(
            lambda begin, end, cursor: rows.list_in(k, avoid, key, begin, end, cursor, listed),
            edges[:-1],
            edges[1:],
            cursors,
        )
    )
    return degrees, listed


def _by_distance(
    rule: ByDistance, ends: Ends, avoid: bool, key: np.uint64, place: str, each: Each
) -> tuple[Ints, Ints]:
    """Degrees of the sources, and the targets of each source's row, in order."""
    at = []
    for positions, what in zip(ends.positions, ("sources", "targets"), strict=True):
        if positions is None:
            raise CircuitError(f"{place}: by distance, but its {what} have no positions")
        at.append(np.ascontiguousarray(positions[:, :2], np.float64))
    given = rule.p, rule.length, avoid, *at, key
    degrees = np.zeros(ends.sources, np.int64)
    _spread(each, ends.sources, lambda a, b: rows.near(*given, a, b, degrees, _NONE, _NONE))
    starts = np.cumsum(degrees) - degrees
    listed = np.empty(int(degrees.sum()), np.int64)
    if len(listed):
        _spread(each, ends.sources, lambda a, b: rows.near(*given, a, b, degrees, starts, listed))
    return degrees, listed


def _ordered(value: Drawn, order: Ints | None) -> Drawn:
    """A given array in the order of the rows."""
    if value.kind != GIVEN or order is None:
        return value
    return replace(value, given=value.given[order])
