"""A projection made ready: its numbers for compiled code, and how many synapses each row has."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Projection
from halfbrain.connectivity import rows
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
)
from halfbrain.connectivity.value import GIVEN, NORMAL, WINDOW, Drawn, drawn, normal
from halfbrain.equations.dimensions import TIME
from halfbrain.errors import CircuitError
from halfbrain.random.philox import key_of

Ints = NDArray[np.int64]
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A projection whose rows can be drawn; the arguments of :func:`rows.row_of`.

    ``degrees`` has a number for each source, ``starts`` where its row begins among all of them.
    """

    projection: Projection
    source: int
    target: int
    numbers: Ints
    probability: float
    weight: Drawn
    delay: Drawn
    key: np.uint64
    degrees: Ints
    starts: Ints
    listed: Ints

    @property
    def synapses(self) -> int:
        """Synapses of the projection."""
        return int(self.degrees.sum())

    def highest_in_degree(self) -> float:
        """What no target's number of synapses exceeds (for drawn targets: by any odds)."""
        targets = max(int(self.numbers[rows.TARGETS]), 1)
        rule = self.projection.rule
        if isinstance(rule, FixedIn):
            return rule.k
        if self.numbers[rows.RULE] == rows.LISTED:
            return float(np.bincount(self.listed, minlength=1).max())
        if isinstance(rule, OneToOne):
            return 1
        if isinstance(rule, AllToAll):
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


def prepare(circuit: Circuit, index: int, seed: int, pool: ThreadPoolExecutor) -> Drawing:
    """Count the synapses of a projection's rows.

    Raises
    ------
    CircuitError
        one line that names the projection and what is wrong in it.
    """
    projection = circuit.projections[index]
    names = [p.name for p in circuit.populations]
    source, target = names.index(projection.source), names.index(projection.target)
    n = circuit.populations[source].size, circuit.populations[target].size
    place = f"projection {projection.name}"
    cell = circuit.populations[target].model
    assert isinstance(cell, Neuron)
    dimensions = cell.variable_dimensions(cell.receptors[projection.receptor])
    weight = drawn(projection.weight, dimensions, f"{place}: weight")
    delay = _not_negative(drawn(projection.delay, TIME, f"{place}: delay"), f"{place}: delay")
    key = np.uint64(key_of(seed, f"projection {index}"))
    same = source == target
    kind, chance, degrees, listed, order = _rows(projection, n, same, key, pool, place)
    starts = np.cumsum(degrees) - degrees
    weight, delay = (
        _ordered(value, order, degrees, n, projection, f"{place}: {name}")
        for value, name in ((weight, "weights"), (delay, "delays"))
    )
    avoid = same and not getattr(projection.rule, "autapses", True)
    numbers = np.zeros(rows.NUMBERS, np.int64)
    numbers[[rows.RULE, rows.SOURCES, rows.TARGETS, rows.NO_AUTAPSES]] = kind, *n, avoid
    return Drawing(
        projection, source, target, numbers, chance, weight, delay, key, degrees, starts, listed
    )


def _rows(
    projection: Projection,
    n: tuple[int, int],
    same: bool,
    key: np.uint64,
    pool: ThreadPoolExecutor,
    place: str,
) -> tuple[int, float, Ints, Ints, Ints | None]:
    """Kind of row, probability, degrees, listed targets, and how given arrays are sorted."""
    sources, targets = n
    full = np.ones(sources, np.int64)
    match projection.rule:
        case OneToOne():
            return rows.ONE, 0.0, full, _NONE, None
        case AllToAll(autapses):
            return rows.ALL, 0.0, full * (targets - (same and not autapses)), _NONE, None
        case Bernoulli(p, autapses):
            if not 0 <= p <= 1:
                raise CircuitError(f"{place}: a probability is 0 to 1, not {p}")
            degrees = np.zeros(sources, np.int64)
            if p > 0:
                ip = np.array([rows.BERNOULLI, sources, targets, same and not autapses, 0, 0])
                _spread(pool, sources, lambda a, b: rows.count_bernoulli(ip, p, key, a, b, degrees))
            return rows.BERNOULLI, float(p), degrees, _NONE, None
        case FixedTotal(total):
            _whole(total, place)
            counts = _summed(
                pool,
                -(-total // 4),
                sources,
                lambda a, b, out: rows.count_total(total, key, a, b, out),
            )
            return rows.UNIFORM_TARGETS, 0.0, counts, _NONE, None
        case FixedOut(k, autapses):
            _whole(k, place)
            _alone(k, same and not autapses and targets == 1, place)
            return rows.UNIFORM_TARGETS, 0.0, full * k, _NONE, None
        case FixedIn(k, autapses):
            _whole(k, place)
            avoid = same and not autapses
            _alone(k, avoid and sources == 1, place)
            degrees, listed = _fixed_in(k, avoid, n, key, pool)
            return rows.LISTED, 0.0, degrees, listed, None
        case Explicit(given_sources, given_targets):
            return _explicit(given_sources, given_targets, n, place)
    raise CircuitError(f"{place}: {type(projection.rule).__name__} is no known rule")


def _not_negative(delay: Drawn, place: str) -> Drawn:
    """The same, normal numbers below zero drawn again."""
    if delay.kind in (NORMAL, WINDOW):
        if min(delay.high, delay.a + 4 * delay.b) < 0:
            raise CircuitError(f"{place}: nearly all delays would be below zero")
        own = normal(delay.a, delay.b, max(delay.low, 0.0), delay.high)
        delay = replace(own, share=delay.share, other=delay.other)
    elif delay.low < 0:
        raise CircuitError(f"{place}: a delay is not below zero")
    return replace(delay, other=delay.other and _not_negative(delay.other, place))


def _whole(count: int, place: str) -> None:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise CircuitError(f"{place}: a number of synapses is whole and not negative, not {count}")


def _alone(k: int, alone: bool, place: str) -> None:
    if k and alone:
        raise CircuitError(f"{place}: a population of one without autapses has no pair to join")


def _spread(pool: ThreadPoolExecutor, n: int, work: Callable[[int, int], object]) -> None:
    """Do ``work`` on ranges that together are 0 to ``n``."""
    edges = np.linspace(0, n, 33).astype(int)
    list(pool.map(work, map(int, edges[:-1]), map(int, edges[1:])))


def _summed(
    pool: ThreadPoolExecutor, n: int, size: int, work: Callable[[int, int, Ints], object]
) -> Ints:
    """The sum of what ``work`` counts on ranges that together are 0 to ``n``."""

    def counted(begin: int, end: int) -> Ints:
        out = np.zeros(size, np.int64)
        work(begin, end, out)
        return out

    edges = np.linspace(0, n, 9).astype(int)
    counts = list(pool.map(counted, map(int, edges[:-1]), map(int, edges[1:])))
    return np.asarray(np.sum(counts, axis=0), np.int64)


def _fixed_in(
    k: int, avoid: bool, n: tuple[int, int], key: np.uint64, pool: ThreadPoolExecutor
) -> tuple[Ints, Ints]:
    """Degrees of the sources, and the targets of each source's row, in order."""
    edges = [int(edge) for edge in np.linspace(0, n[1], 9)]

    def counted(begin: int, end: int) -> Ints:
        out = np.zeros(n[0], np.int64)
        rows.count_in(k, avoid, key, begin, end, out)
        return out

    counts = list(pool.map(counted, edges[:-1], edges[1:]))
    degrees: Ints = np.sum(counts, axis=0)
    # Each range of targets has its own place in each row, so no two write to one.
    cursors, at = [], np.cumsum(degrees) - degrees
    for count in counts:
        cursors.append(at.copy())
        at += count
    listed = np.empty(int(degrees.sum()), np.int64)
    list(
        pool.map(
            lambda begin, end, cursor: rows.list_in(k, avoid, key, begin, end, cursor, listed),
            edges[:-1],
            edges[1:],
            cursors,
        )
    )
    return degrees, listed


def _explicit(
    sources: ArrayLike, targets: ArrayLike, n: tuple[int, int], place: str
) -> tuple[int, float, Ints, Ints, Ints]:
    try:
        pairs = [np.asarray(side).reshape(-1) for side in (sources, targets)]
        if any(side.size and side.dtype.kind not in "iu" for side in pairs):
            raise CircuitError(f"{place}: sources and targets must be whole numbers")
        i, j = (side.astype(np.int64) for side in pairs)
    except (TypeError, ValueError):
        raise CircuitError(f"{place}: sources and targets must be arrays of numbers") from None
    if len(i) != len(j):
        raise CircuitError(f"{place}: {len(i)} sources, but {len(j)} targets")
    for side, size, name in ((i, n[0], "source"), (j, n[1], "target")):
        if len(side) and not (side.min() >= 0 and side.max() < size):
            raise CircuitError(f"{place}: a {name} is outside of 0 to {size - 1}")
    order = np.argsort(i, kind="stable")
    return rows.LISTED, 0.0, np.bincount(i, minlength=n[0]), j[order], order


def _ordered(
    value: Drawn,
    order: Ints | None,
    degrees: Ints,
    n: tuple[int, int],
    projection: Projection,
    place: str,
) -> Drawn:
    """A given array in the order of the rows, its length checked."""
    if value.kind != GIVEN:
        return value
    if order is not None:
        wanted = len(order)
    elif isinstance(projection.rule, OneToOne):
        wanted = n[0]
    elif isinstance(projection.rule, AllToAll):
        wanted = n[0] * n[1]
    else:
        raise CircuitError(
            f"{place}: an array goes with explicit pairs, one-to-one or all-to-all only"
        )
    if len(value.given) != wanted:
        raise CircuitError(f"{place}: an array of {len(value.given)}; {wanted} are needed")
    if order is None:
        return value
    return Drawn(GIVEN, 0.0, 0.0, value.low, value.high, value.given[order])
