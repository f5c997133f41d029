"""The Active Dendrites Network: context gates each unit through its dendritic segments.

Iyer, Grewal, Velu, Oliveira Souza, Forest and Ahmad 2022, arXiv 2201.00042, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.networks.linear import Linear
from halfbrain.networks.winners import k_winners


class Dendritic(eqx.Module):
    """A layer whose units each have dendritic segments; ``winners`` of its units stay on.

    ``segments`` has the shape (units, segments, context).
    """

    linear: Linear
    segments: Array
    winners: int = eqx.field(static=True)

    def gate(self, contexts: Array) -> Array:
        """What each unit is multiplied by in each context: (contexts, units), 0 to 1.

        The logistic function of the response of largest size, its sign kept (eqs 2 and 3).
        """
        responses = jnp.einsum("usc,nc->nus", self.segments, contexts)
        chosen = jnp.argmax(jnp.abs(jax.lax.stop_gradient(responses)), axis=-1, keepdims=True)
        return jax.nn.sigmoid(jnp.take_along_axis(responses, chosen, axis=-1)[..., 0])

    def __call__(self, x: Array, contexts: Array, which: Array | int) -> Array:
        """The layer's outputs; see :class:`ActiveDendrites`."""
        return k_winners(self.linear(x) * self.gate(contexts)[which], self.winners)


class ActiveDendrites(eqx.Module):
    """Dendritic layers and a linear one on top.

    A context is shared by many samples (all of a task's), so its segments are worked out once:
    ``contexts`` (contexts, context size) holds the distinct ones, and ``which`` says whose each
    sample is: (batch,), or one number for the whole batch. A context for each sample is
    ``which = arange(batch)``.
    """

    layers: tuple[Dendritic, ...]
    top: Linear

    @classmethod
    def init(
        cls,
        key: Array,
        segments: int,
        sizes: Sequence[int] = (784, 2048, 2048, 10),
        *,
        context: int = 784,
        density: float = 0.5,
        on: float = 0.05,
        context_on: float = 0.1,
    ) -> ActiveDendrites:
        """A network with random weights; the defaults are the paper's.

        Parameters
        ----------
        segments
            of each unit; the paper takes the number of tasks.
        sizes
            units of each layer, the input first.
        context
            size of a context.
        density
            share of the weights that are not fixed at zero; segments are dense.
        on
            share of a layer's units that win.
        context_on
            share of a context that is not zero, for the spread of the first segment weights.
        """
        layers = []
        active = 1.0
        *below, last = jax.random.split(key, len(sizes) - 1)
        bound = (context_on * context) ** -0.5
        for key, inputs, units in zip(below, sizes[:-2], sizes[1:-1], strict=True):
            of_linear, of_segments = jax.random.split(key)
            linear = Linear.init(of_linear, inputs, units, density, active)
            shape = (units, segments, context)
            first = jax.random.uniform(of_segments, shape, minval=-bound, maxval=bound)
            layers.append(Dendritic(linear, first, max(1, round(on * units))))
            active = on
        return cls(tuple(layers), Linear.init(last, sizes[-2], sizes[-1], density, active))

    def __call__(self, x: Array, contexts: Array, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for ``x`` (batch, inputs)."""
        for layer in self.layers:
            x = layer(x, contexts, which)
        return self.top(x)


def prototype(x: Array) -> Array:
    """A task's context: the mean of its training inputs (samples, inputs)."""
    return jnp.mean(x, axis=0)


def nearest(prototypes: Array, x: Array) -> Array:
    """The nearest prototype (Euclidean) of each sample: (batch,)."""
    # |x|^2 is the same for all prototypes.
    distance = jnp.sum(prototypes**2, axis=1) - 2 * x @ prototypes.T
    return jnp.argmin(distance, axis=1)
