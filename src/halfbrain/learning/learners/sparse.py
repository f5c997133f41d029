"""Sparse weights and k-winners without dendrites (Ahmad and Scheinkman 2019, arXiv 1903.11257)."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
from jax import Array

from halfbrain.networks.linear import Linear
from halfbrain.networks.winners import k_winners


class Sparse(eqx.Module):
    """Layers of ``sizes`` with fixed masks; all but ``winners`` of a hidden layer are zero."""

    layers: tuple[Linear, ...]
    winners: int = eqx.field(static=True)

    @classmethod
    def init(cls, key: Array, sizes: Sequence[int], density: float, on: float) -> Sparse:
        """A network with random weights: as the dendritic one, without its segments."""
        keys = jax.random.split(key, len(sizes) - 1)
        layers, active = [], 1.0
        for key, inputs, outputs in zip(keys, sizes[:-1], sizes[1:], strict=True):
            layers.append(Linear.init(key, inputs, outputs, density, active))
            active = on
        return cls(tuple(layers), max(1, round(on * sizes[1])))

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for ``x`` (batch, inputs)."""
        for layer in self.layers[:-1]:
            x = k_winners(layer(x), self.winners)
        return self.layers[-1](x)
