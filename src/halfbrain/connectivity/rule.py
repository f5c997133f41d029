"""Connection rules: which pairs of neurons a projection joins.

The names and meanings are those that NEST's documentation and Senk et al. 2022
(doi 10.1371/journal.pcbi.1010086) agreed on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from halfbrain.connectivity.numbers import flag, plain, whole
from halfbrain.errors import CircuitError

_MOST_SYNAPSES = 2**48


@dataclass(frozen=True)
class OneToOne:
    """Neuron i to neuron i; both populations have the same size.

    Examples
    --------
    >>> import halfbrain as hb
    >>> _ = hb.Projection("E", "I", "exc", hb.one_to_one(), weight="1 mV")
    """


@dataclass(frozen=True)
class AllToAll:
    """Every neuron to every other; to itself only if ``autapses``.

    Examples
    --------
    >>> import halfbrain as hb
    >>> _ = hb.Projection("E", "I", "exc", hb.all_to_all(), weight="1 mV")
    """

    autapses: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "autapses", flag(self.autapses, "all-to-all: autapses"))


@dataclass(frozen=True)
class Bernoulli:
    """Every pair with probability ``p``, on its own.

    Examples
    --------
    >>> import halfbrain as hb
    >>> _ = hb.Projection("E", "I", "exc", hb.bernoulli(0.1), weight="1 mV")
    """

    p: float
    autapses: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", plain(self.p, "bernoulli: p"))
        object.__setattr__(self, "autapses", flag(self.autapses, "bernoulli: autapses"))


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", plain(self.p, "by distance: p"))
        object.__setattr__(self, "length", plain(self.length, "by distance: length"))
        object.__setattr__(self, "autapses", flag(self.autapses, "by distance: autapses"))


@dataclass(frozen=True)
class FixedTotal:
    """``n`` synapses, each between a source and a target drawn uniformly, with replacement.

    Examples
    --------
    >>> import halfbrain as hb
    >>> _ = hb.Projection("E", "I", "exc", hb.fixed_total(1000), weight="1 mV")
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole(self.n, "fixed-total: n"))


@dataclass(frozen=True)
class FixedIn:
    """``k`` synapses onto each target, their sources drawn uniformly, with replacement.

    Examples
    --------
    >>> import halfbrain as hb
    >>> _ = hb.Projection("E", "I", "exc", hb.fixed_in(40), weight="1 mV")
    """

    k: int
    autapses: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole(self.k, "fixed-in: k"))
        object.__setattr__(self, "autapses", flag(self.autapses, "fixed-in: autapses"))


@dataclass(frozen=True)
class FixedOut:
    """``k`` synapses from each source, their targets drawn uniformly, with replacement.

    Examples
    --------
    >>> import halfbrain as hb
    >>> _ = hb.Projection("E", "I", "exc", hb.fixed_out(40), weight="1 mV")
    """

    k: int
    autapses: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole(self.k, "fixed-out: k"))
        object.__setattr__(self, "autapses", flag(self.autapses, "fixed-out: autapses"))


@dataclass(frozen=True, eq=False)
class Explicit:
    """The pairs themselves; weights and delays may be arrays in the same order.

    Examples
    --------
    >>> import halfbrain as hb
    >>> some = hb.pairs([0, 0, 1], [1, 2, 2])
    >>> _ = hb.Projection("E", "I", "exc", some, weight=["1 mV", "2 mV", "1 mV"])
    """

    sources: ArrayLike
    targets: ArrayLike


Rule = OneToOne | AllToAll | Bernoulli | ByDistance | FixedTotal | FixedIn | FixedOut | Explicit


def check(rule: Rule, sources: int, targets: int, same: bool, place: str) -> int | None:
    """How many numbers an array of weights or delays must have; None where it cannot be one.

    ``same`` says that both ends are one population.

    Raises
    ------
    CircuitError
        one line that begins with ``place``, for what no populations of these sizes can have.
    """
    match rule:
        case OneToOne():
            if sources != targets:
                raise CircuitError(f"{place}: one-to-one, but {sources} sources, {targets} targets")
            return sources
        case AllToAll():
            return sources * targets
        case Bernoulli(p):
            if not 0 <= p <= 1:
                raise CircuitError(f"{place}: a probability is 0 to 1, not {p}")
        case ByDistance(p, length):
            if not (p >= 0 and length > 0):
                raise CircuitError(f"{place}: a probability is not below 0, a length above 0 um")
        case FixedTotal(n) | FixedIn(n) | FixedOut(n):
            if not 0 <= n <= _MOST_SYNAPSES:
                raise CircuitError(f"{place}: a number of synapses is 0 to 2^48, not {n}")
            alone = same and not getattr(rule, "autapses", True) and targets == 1
            if n and alone:
                raise CircuitError(
                    f"{place}: a population of one without autapses has no pair to join"
                )
        case Explicit(given_sources, given_targets):
            listed = _listed(given_sources, sources, f"{place}: sources")
            if listed != _listed(given_targets, targets, f"{place}: targets"):
                raise CircuitError(f"{place}: as many sources as targets are needed")
            return listed
    return None


def fewest(rule: Rule, sources: int, targets: int) -> float:
    """Synapses that a rule makes on average; what depends on positions counts as none."""
    match rule:
        case AllToAll():
            return float(sources) * targets
        case Bernoulli(p):
            return p * sources * targets
        case ByDistance():
            return 0.0
        case FixedTotal(n):
            return float(n)
        case FixedIn(k):
            return float(k) * targets
        case FixedOut(k):
            return float(k) * sources
        case Explicit(given):
            return float(np.size(np.asarray(given, object)))
    return float(sources)


def _listed(indices: object, size: int, place: str) -> int:
    try:
        array = np.asarray(indices)
        if array.dtype.kind not in "iu":
            array = np.asarray(indices, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise CircuitError(f"{place}: is no list of whole numbers") from None
    whole = array.dtype.kind in "iu" or (array == np.floor(array)).all()
    if not (whole and (array >= 0).all() and (array < size).all()):
        raise CircuitError(f"{place}: must be whole numbers from 0 to {size - 1}")
    return int(array.size)
