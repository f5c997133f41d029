"""k-winners: the k largest of each sample stay, all else is zero."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.errors import ModelError


def k_winners(x: Array, k: int) -> Array:
    """The ``k`` largest of each row of ``x`` (batch, units), and zero elsewhere.

    Without boosting: Ahmad and Scheinkman 2019, arXiv 1903.11257, section 3. Units that tie with
    the k-th stay too. Gradients pass through the winners alone.
    """
    return jnp.where(x >= jax.lax.stop_gradient(kth_largest(x, k)), x, 0.0)


def kth_largest(x: Array, k: int) -> Array:
    """The ``k``-th largest of each row of ``x``, shape (batch, 1); single or double precision.

    Bit by bit from the highest, with one count of a row for each bit: exact, and on a CPU thirty
    times as fast as a sort.
    """
    if not 1 <= k <= x.shape[-1]:
        raise ModelError(f"{k} winners of {x.shape[-1]} units")
    # Numbers in the order of whole ones of the same size; the same map leads back.
    whole = jnp.dtype(f"int{8 * x.dtype.itemsize}").type
    last = 8 * x.dtype.itemsize - 2  # the highest bit but the sign
    rest = whole(2 ** (last + 1) - 1)

    def ordered(bits: Array) -> Array:
        return jnp.where(bits < 0, bits ^ rest, bits)

    order = ordered(jax.lax.bitcast_convert_type(jax.lax.stop_gradient(x), whole))

    def enough(edge: Array) -> Array:
        return jnp.sum(order >= edge, axis=-1, keepdims=True, dtype=jnp.int32) >= k

    def lower_bit(i: Array, edge: Array) -> Array:
        higher = edge | (jnp.asarray(1, whole) << (last - i).astype(whole))
        return jnp.where(enough(higher), higher, edge)

    nothing = jnp.zeros((*x.shape[:-1], 1), whole)
    start = jnp.where(enough(nothing), nothing, whole(-(2 ** (last + 1))))
    edge = jax.lax.fori_loop(0, last + 1, lower_bit, start)
    return jax.lax.bitcast_convert_type(ordered(edge), x.dtype)
