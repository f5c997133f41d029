"""Which pairs of neurons a projection connects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.connectivity.draw import Floats, Ints, Stream
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
    Rule,
)
from halfbrain.errors import CircuitError

Pairs = tuple[Ints, Ints]
Choice = Callable[[Ints, Ints], NDArray[np.bool_]]  # which of these pairs
_CHUNK = 1 << 20  # pairs that are looked at together


@dataclass(frozen=True)
class ByDistance:
    """Every pair on its own, the nearer the likelier.

    The probability is ``p`` for two in one place, and falls with their horizontal distance as a
    normal curve of the standard deviation ``length`` (um). A ``p`` above 1 is one that is 1 up to
    some distance.
    """

    p: float
    length: float
    autapses: bool = False


def pairs(
    rule: Rule | ByDistance,
    sources: int,
    targets: int,
    same: bool,
    stream: Stream,
    positions: tuple[Floats, Floats],
) -> Pairs:
    """Sources and targets of a projection's connections, by target, then source, then draw.

    An explicit list keeps its order. ``same`` says that both ends are one population;
    ``positions`` are those of sources and targets in um.

    Raises
    ------
    CircuitError
        one line, for what no population of these sizes can have.
    """
    place = stream.name
    match rule:
        case OneToOne():
            if sources != targets:
                raise CircuitError(f"{place}: one-to-one, but {sources} sources, {targets} targets")
            return np.arange(sources), np.arange(sources)
        case AllToAll(autapses):
            return _chosen(
                lambda s, t: np.full(s.shape, True), sources, targets, same and not autapses
            )
        case Bernoulli(p, autapses):
            if not 0 <= p <= 1:
                raise CircuitError(f"{place}: a probability is 0 to 1, not {p}")
            return _chosen(
                lambda s, t: stream.uniforms("pair", s, t) < p,
                sources,
                targets,
                same and not autapses,
            )
        case ByDistance(p, length, autapses):
            if not (p >= 0 and length > 0):
                raise CircuitError(f"{place}: a probability is not below 0, a length above 0 um")
            pre, post = positions[0][:, :2], positions[1][:, :2]

            def near(s: Ints, t: Ints) -> NDArray[np.bool_]:
                squared = ((pre[s] - post[t]) ** 2).sum(axis=1)
                likely = p * np.exp(-squared / (2 * length**2))
                return np.asarray(stream.uniforms("pair", s, t) < likely, bool)

            return _chosen(near, sources, targets, same and not autapses)
        case FixedIn(k, autapses):
            return _fixed(_count(k, place), sources, targets, same and not autapses, stream)
        case FixedOut(k, autapses):
            t, s = _fixed(_count(k, place), targets, sources, same and not autapses, stream)
            return _sorted(s, t)
        case FixedTotal(n):
            number = np.arange(_count(n, place))
            ends = [
                _below(stream.uniforms(what, number), size)
                for what, size in (("source", sources), ("target", targets))
            ]
            return _sorted(ends[0], ends[1])
        case Explicit(given_sources, given_targets):
            s, t = (
                _listed(given, size, f"{place}: {what}")
                for given, size, what in (
                    (given_sources, sources, "sources"),
                    (given_targets, targets, "targets"),
                )
            )
            if len(s) != len(t):
                raise CircuitError(f"{place}: as many sources as targets are needed")
            return s, t


def _chosen(choose: Choice, sources: int, targets: int, apart: bool) -> Pairs:
    step = max(_CHUNK // max(sources, 1), 1)
    found: list[Pairs] = []
    for first in range(0, targets, step):
        some = np.arange(first, min(first + step, targets))
        t, s = np.repeat(some, sources), np.tile(np.arange(sources), len(some))
        if apart:
            s, t = s[s != t], t[s != t]
        mask = choose(s, t)
        found.append((s[mask], t[mask]))
    return np.concatenate([s for s, _ in found]), np.concatenate([t for _, t in found])


def _fixed(k: int, others: int, owners: int, apart: bool, stream: Stream) -> Pairs:
    """``k`` of the others for each owner, with replacement."""
    owner = np.repeat(np.arange(owners), k)
    if apart and others < 2:
        if k:
            raise CircuitError(f"{stream.name}: one neuron has no other to be connected with")
        return owner, owner
    number = np.tile(np.arange(k), owners)
    other = _below(stream.uniforms("pair", owner, number), others - apart)
    other += apart & (other >= owner)
    order = np.lexsort((number, other, owner))
    return other[order], owner[order]


def _below(u: Floats, n: int) -> Ints:
    return np.minimum((u * n).astype(np.int64), n - 1)


def _sorted(s: Ints, t: Ints) -> Pairs:
    order = np.lexsort((s, t))
    return s[order], t[order]


def _count(n: int, place: str) -> int:
    if not 0 <= n <= 1 << 40 or n != int(n):
        raise CircuitError(f"{place}: {n} connections; give a whole number that is not below zero")
    return int(n)


def _listed(given: object, size: int, place: str) -> Ints:
    array = np.asarray(given)
    if array.ndim != 1 or (array.size and not np.issubdtype(array.dtype, np.integer)):
        raise CircuitError(f"{place}: is no list of whole numbers")
    array = array.astype(np.int64)
    if not ((array >= 0) & (array < size)).all():
        raise CircuitError(f"{place}: must be whole numbers from 0 to {size - 1}")
    return array
