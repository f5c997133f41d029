"""The plain network: linear layers and rectifiers."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
from jax import Array

from halfbrain.networks.linear import Linear


class Mlp(eqx.Module):
    """Layers of ``sizes``; a rectifier after each but the last."""

    layers: tuple[Linear, ...]

    @classmethod
    def init(cls, key: Array, sizes: Sequence[int] = (784, 2048, 2048, 10)) -> Mlp:
        """A network with random weights; the default is the baseline of arXiv 2201.00042."""
        keys = jax.random.split(key, len(sizes) - 1)
        pairs = zip(keys, sizes[:-1], sizes[1:], strict=True)
        return cls(tuple(Linear.init(key, inputs, outputs) for key, inputs, outputs in pairs))

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for ``x`` (batch, inputs). Contexts make no difference."""
        for layer in self.layers[:-1]:
            x = jax.nn.relu(layer(x))
        return self.layers[-1](x)
