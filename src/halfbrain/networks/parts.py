"""Which arrays of a network learn, which are fixed, and what holds again after each step."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import equinox as eqx
import jax
from jax import Array

Network = TypeVar("Network")


class Fixed(eqx.Module):
    """An array that no optimiser changes."""

    value: Array


def is_fixed(part: object) -> bool:
    """Whether the part is :class:`Fixed`."""
    return isinstance(part, Fixed)


def split(network: Network) -> tuple[Network, Network]:
    """The arrays that learn, and the rest; ``equinox.combine`` joins them."""
    spec = jax.tree.map(
        lambda part: not is_fixed(part) and eqx.is_inexact_array(part), network, is_leaf=is_fixed
    )
    learns, rest = eqx.partition(network, spec)
    return cast(Network, learns), cast(Network, rest)


def split_fixed(network: Network) -> tuple[Network, Network]:
    """The arrays that may change in a step, learnt or not, and the rest."""
    spec = jax.tree.map(
        lambda part: not is_fixed(part) and eqx.is_array(part), network, is_leaf=is_fixed
    )
    moves, rest = eqx.partition(network, spec)
    return cast(Network, moves), cast(Network, rest)


def settle(network: Network) -> Network:
    """The network as it is to be after a step: each part with ``settled()`` has its say."""

    def of(part: Any) -> Any:  # noqa: ANN401
        return part.settled() if hasattr(part, "settled") else part

    return cast(Network, jax.tree.map(of, network, is_leaf=lambda part: hasattr(part, "settled")))
