"""Connection rules: which pairs of neurons a projection joins.

The names and meanings are those that NEST's documentation and Senk et al. 2022
(doi 10.1371/journal.pcbi.1010086) agreed on.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from halfbrain.connectivity.numbers import flag, plain, whole


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


Rule = OneToOne | AllToAll | Bernoulli | FixedTotal | FixedIn | FixedOut | Explicit
