"""A small transformer over the rows of a picture, or over pieces of a series: the yardstick.

Pre-norm blocks with attention between all tokens (Vaswani et al. 2017, arXiv 1706.03762; Xiong et
al. 2020, arXiv 2002.04745); the class is read from the mean over tokens, as in vision
transformers (Dosovitskiy et al. 2021, arXiv 2010.11929).
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.networks.linear import Linear

HEADS, BLOCKS, WIDER = 4, 2, 4
PIECE = 4  # numbers of a series in a token


def tokens_of(shape: tuple[int, ...]) -> tuple[int, int]:
    """Tokens of an input and numbers in each: the rows of a picture, pieces of a series."""
    if len(shape) == 2:
        return shape[0], shape[1]
    size = PIECE if shape[0] % PIECE == 0 else 1
    return shape[0] // size, size


def parameters(tokens: int, size: int, d: int, classes: int) -> int:
    """Weights, biases, positions and norms."""
    block = 4 * d + 4 * (d * d + d) + 2 * WIDER * d * d + (WIDER + 1) * d
    return (size + 1) * d + tokens * d + BLOCKS * block + 2 * d + (d + 1) * classes


class Norm(eqx.Module):
    """Layer normalisation (Ba et al. 2016, arXiv 1607.06450)."""

    scale: Array
    shift: Array

    def __call__(self, x: Array) -> Array:
        """Mean 0 and variance 1 over the last axis, then scaled and shifted."""
        centred = x - jnp.mean(x, axis=-1, keepdims=True)
        spread = jax.lax.rsqrt(jnp.mean(centred**2, axis=-1, keepdims=True) + 1e-5)
        return centred * spread * self.scale + self.shift


class Block(eqx.Module):
    """Attention, then two layers for each token; both added to what comes in."""

    norms: tuple[Norm, Norm]
    query: Linear
    key: Linear
    value: Linear
    out: Linear
    up: Linear
    down: Linear

    def __call__(self, x: Array) -> Array:
        """``x`` (batch, tokens, d)."""
        batch, tokens, d = x.shape
        normed = self.norms[0](x)

        def heads(layer: Linear) -> Array:
            return layer(normed).reshape(batch, tokens, HEADS, d // HEADS)

        scores = jnp.einsum("bqhc,bkhc->bhqk", heads(self.query), heads(self.key))
        share = jax.nn.softmax(scores * (d // HEADS) ** -0.5, axis=-1)
        mixed = jnp.einsum("bhqk,bkhc->bqhc", share, heads(self.value))
        x = x + self.out(mixed.reshape(batch, tokens, d))
        return x + self.down(jax.nn.gelu(self.up(self.norms[1](x))))


class Transformer(eqx.Module):
    """Tokens, positions, blocks, the mean over tokens, a linear layer."""

    embed: Linear
    positions: Array
    blocks: tuple[Block, ...]
    norm: Norm
    top: Linear

    @classmethod
    def init(cls, key: Array, tokens: int, size: int, d: int, classes: int) -> Transformer:
        """A network with random weights; ``d`` is a multiple of the heads."""
        first, place, last, *keys = jax.random.split(key, 3 + BLOCKS)

        def norm() -> Norm:
            return Norm(jnp.ones(d), jnp.zeros(d))

        def block(key: Array) -> Block:
            q, k, v, o, up, down = jax.random.split(key, 6)
            query, value, near, out = (Linear.init(of, d, d) for of in (q, v, k, o))
            above, below = Linear.init(up, d, WIDER * d), Linear.init(down, WIDER * d, d)
            return Block((norm(), norm()), query, near, value, out, above, below)

        return cls(
            Linear.init(first, size, d),
            0.02 * jax.random.normal(place, (tokens, d)),
            tuple(map(block, keys)),
            norm(),
            Linear.init(last, d, classes),
        )

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for ``x`` (batch, inputs)."""
        tokens = x.reshape(len(x), len(self.positions), -1)
        mixed = self.embed(tokens) + self.positions
        for block in self.blocks:
            mixed = block(mixed)
        return self.top(jnp.mean(self.norm(mixed), axis=1))
