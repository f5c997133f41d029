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
    """Neuron i to neuron i; both populations have the same size."""


@dataclass(frozen=True)
class AllToAll:
    """Every neuron to every other; to itself only if ``autapses``."""

    autapses: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "autapses", flag(self.autapses, "all-to-all: autapses"))


@dataclass(frozen=True)
class Bernoulli:
    """Every pair with probability ``p``, on its own."""

    p: float
    autapses: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", plain(self.p, "bernoulli: p"))
        object.__setattr__(self, "autapses", flag(self.autapses, "bernoulli: autapses"))


@dataclass(frozen=True)
class FixedTotal:
    """``n`` synapses, each between a source and a target drawn uniformly, with replacement."""

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole(self.n, "fixed-total: n"))


@dataclass(frozen=True)
class FixedIn:
    """``k`` synapses onto each target, their sources drawn uniformly, with replacement."""

    k: int
    autapses: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole(self.k, "fixed-in: k"))
        object.__setattr__(self, "autapses", flag(self.autapses, "fixed-in: autapses"))


@dataclass(frozen=True)
class FixedOut:
    """``k`` synapses from each source, their targets drawn uniformly, with replacement."""

    k: int
    autapses: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole(self.k, "fixed-out: k"))
        object.__setattr__(self, "autapses", flag(self.autapses, "fixed-out: autapses"))


@dataclass(frozen=True, eq=False)
class Explicit:
    """The pairs themselves; weights and delays may be arrays in the same order."""

    sources: ArrayLike
    targets: ArrayLike


Rule = OneToOne | AllToAll | Bernoulli | FixedTotal | FixedIn | FixedOut | Explicit
