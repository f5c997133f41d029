"""Linear layers, dense or with a fixed mask, and the masks."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.errors import ModelError


class Linear(eqx.Module):
    """``weight x + bias``, for a batch; weights outside ``mask`` are and stay zero.

    ``weight`` has the shape (outputs, inputs), as has ``mask``; None stands for a dense layer.
    """

    weight: Array
    bias: Array
    mask: Array | None = None

    @classmethod
    def init(
        cls, key: Array, inputs: int, outputs: int, density: float = 1.0, active: float = 1.0
    ) -> Linear:
        """Uniform weights within 1/sqrt(those that act on a unit at a time).

        Those are inputs x ``density`` of the weights x ``active`` share of the inputs, which keeps
        the spread of the outputs whatever is zero (Iyer et al. 2022, arXiv 2201.00042, after He et
        al. 2015, arXiv 1502.01852).
        """
        of_mask, of_weight, of_bias = jax.random.split(key, 3)
        bound = (density * active * inputs) ** -0.5
        weight = jax.random.uniform(of_weight, (outputs, inputs), minval=-bound, maxval=bound)
        edge = inputs**-0.5
        bias = jax.random.uniform(of_bias, (outputs,), minval=-edge, maxval=edge)
        if density == 1:
            return cls(weight, bias)
        mask = random_mask(of_mask, outputs, inputs, density)
        return cls(jnp.where(mask, weight, 0.0), bias, mask)

    def __call__(self, x: Array) -> Array:
        """The outputs (batch, outputs) for the inputs (batch, inputs)."""
        return x @ self.weight.T + self.bias

    def settled(self) -> Linear:
        """With every masked weight at zero again, as after a step of the optimiser."""
        if self.mask is None:
            return self
        return Linear(jnp.where(self.mask, self.weight, 0.0), self.bias, self.mask)


def random_mask(key: Array, outputs: int, inputs: int, density: float) -> Array:
    """A mask (outputs, inputs) with the same number of weights at each unit, drawn at random."""
    if not 0 < density <= 1:
        raise ModelError(f"a density of {density:g} is not above 0 and at most 1")
    order = jax.random.uniform(key, (outputs, inputs))
    edge = jnp.sort(order, axis=1)[:, max(1, round(density * inputs)) - 1]
    return order <= edge[:, None]


def complementary_masks(key: Array, outputs: int, inputs: int, sets: int) -> Array:
    """Masks (outputs, inputs) that share no weight within a set of ``sets`` units.

    A set of sparse units is then one dense unit's worth of weights (complementary sparsity: Hunter,
    Spracklen and Ahmad 2022, doi 10.3389/fnins.2022.879145, section 3). Each unit has
    inputs/``sets`` weights.

    Raises
    ------
    ModelError
        if the units or inputs do not divide into sets.
    """
    if sets < 1 or outputs % sets or inputs % sets:
        raise ModelError(f"{outputs} units with {inputs} inputs do not divide into sets of {sets}")
    keys = jax.random.split(key, outputs // sets)
    owners = jnp.tile(jnp.arange(sets), inputs // sets)
    dealt = jax.vmap(lambda key: jax.random.permutation(key, owners))(keys)
    masks = dealt[:, None, :] == jnp.arange(sets)[None, :, None]
    return masks.reshape(outputs, inputs)
