"""A small convolutional network."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.networks.linear import Linear


class Convolution(eqx.Module):
    """A kernel (height, width, inputs, outputs) over images (batch, height, width, inputs)."""

    kernel: Array
    bias: Array

    @classmethod
    def init(cls, key: Array, side: int, inputs: int, outputs: int) -> Convolution:
        """A square kernel of ``side``, its weights uniform within 1/sqrt(inputs to a unit)."""
        bound = (side * side * inputs) ** -0.5
        shape = (side, side, inputs, outputs)
        kernel = jax.random.uniform(key, shape, minval=-bound, maxval=bound)
        return cls(kernel, jnp.zeros(outputs))

    def __call__(self, x: Array) -> Array:
        """The outputs wherever the kernel fits whole."""
        dimensions = ("NHWC", "HWIO", "NHWC")
        product = jax.lax.conv_general_dilated(
            x, self.kernel, (1, 1), "VALID", dimension_numbers=dimensions
        )
        return product + self.bias


class Cnn(eqx.Module):
    """Convolutions of 5 x 5, each with a rectifier and the largest of 2 x 2; then a linear layer.

    The layout of LeNet-5 (LeCun et al. 1998, doi 10.1109/5.726791), with rectifiers.
    """

    convolutions: tuple[Convolution, ...]
    top: Linear
    side: int = eqx.field(static=True)

    @classmethod
    def init(
        cls, key: Array, side: int = 28, channels: Sequence[int] = (1, 16, 32), classes: int = 10
    ) -> Cnn:
        """A network for square images of ``side``, with so many ``channels``, the input first."""
        *keys, last = jax.random.split(key, len(channels))
        pairs = zip(keys, channels[:-1], channels[1:], strict=True)
        layers = tuple(Convolution.init(key, 5, inputs, outputs) for key, inputs, outputs in pairs)
        left = side
        for _ in layers:
            left = (left - 4) // 2
        return cls(layers, Linear.init(last, left * left * channels[-1], classes), side)

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for ``x`` (batch, side x side x channels)."""
        x = x.reshape(len(x), self.side, self.side, -1)
        for layer in self.convolutions:
            x = pooled(jax.nn.relu(layer(x)))
        return self.top(x.reshape(len(x), -1))


def pooled(x: Array) -> Array:
    """The largest of each 2 x 2; an odd last row or column is left out."""
    n, high, wide, channels = x.shape
    x = x[:, : high // 2 * 2, : wide // 2 * 2]
    return jnp.max(x.reshape(n, high // 2, 2, wide // 2, 2, channels), axis=(2, 4))
