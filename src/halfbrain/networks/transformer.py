"""The yardstick: blocks of a decoder-only transformer with its embedding.

GPT-2's block (Radford et al. 2019): layer norm, causal self-attention, layer norm, two linear
layers with GELU, each pair bridged by a sum; no dropout.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.errors import ModelError


class Block(eqx.Module):
    """Attention, then two linear layers: 12 width^2 weights in products."""

    norms: tuple[Array, Array, Array, Array]
    qkv: Array
    mixed: Array
    up: Array
    down: Array
    heads: int = eqx.field(static=True)

    def __call__(self, x: Array) -> Array:
        """The block's output, (batch, length, width) as its input."""
        batch, length, width = x.shape
        scale, shift, scale_2, shift_2 = self.norms
        parts = (norm(x, scale, shift) @ self.qkv).reshape(batch, length, 3, self.heads, -1)
        q, k, v = parts[:, :, 0], parts[:, :, 1], parts[:, :, 2]
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) * (width // self.heads) ** -0.5
        scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -jnp.inf)
        heard = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores, axis=-1), v)
        x = x + heard.reshape(x.shape) @ self.mixed
        return x + jax.nn.gelu(norm(x, scale_2, shift_2) @ self.up) @ self.down


class Transformer(eqx.Module):
    """Tokens in, logits of the next token out; the embedding is shared with the output."""

    tokens: Array
    positions: Array
    blocks: tuple[Block, ...]
    last: tuple[Array, Array]

    @classmethod
    def init(
        cls, key: Array, *, vocabulary: int, length: int, width: int, heads: int, blocks: int
    ) -> Transformer:
        """Random weights of deviation 0.02, as GPT-2's.

        Raises
        ------
        ModelError
            if the width does not divide into heads.
        """
        if width % heads:
            raise ModelError(f"a width of {width} does not divide into {heads} heads")
        keys = iter(jax.random.split(key, 2 + 4 * blocks))

        def of(*shape: int) -> Array:
            return 0.02 * jax.random.normal(next(keys), shape)

        one, nil = jnp.ones(width), jnp.zeros(width)
        made = tuple(
            Block(
                (one, nil, one, nil),
                of(width, 3 * width),
                of(width, width),
                of(width, 4 * width),
                of(4 * width, width),
                heads,
            )
            for _ in range(blocks)
        )
        return cls(of(vocabulary, width), of(length, width), made, (one, nil))

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, length, vocabulary) for tokens (batch, length)."""
        h = self.tokens[x] + self.positions[: x.shape[1]]
        for block in self.blocks:
            h = block(h)
        return norm(h, *self.last) @ self.tokens.T

    @property
    def parameters(self) -> int:
        """Weights in the blocks' products, the N of 6 N D (Kaplan et al. 2020, 2001.08361)."""
        return sum(w.size for b in self.blocks for w in (b.qkv, b.mixed, b.up, b.down))


def norm(x: Array, scale: Array, shift: Array) -> Array:
    """Layer normalisation (Ba et al. 2016, arXiv 1607.06450) over the last axis."""
    middle = x - jnp.mean(x, axis=-1, keepdims=True)
    spread = jnp.mean(middle**2, axis=-1, keepdims=True)
    return middle * jax.lax.rsqrt(spread + 1e-5) * scale + shift
