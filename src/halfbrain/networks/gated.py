"""Context-dependent gating (XdG): in each task a fixed random part of the units is switched off.

Masse, Grant and Freedman 2018, doi 10.1073/pnas.1803839115. The task is told, not inferred.
"""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.networks.linear import Linear
from halfbrain.networks.parts import Fixed


class Gated(eqx.Module):
    """A plain network with ``gates`` (tasks, units), 0 or 1, over each of its hidden layers."""

    layers: tuple[Linear, ...]
    gates: tuple[Fixed, ...]

    @classmethod
    def init(
        cls,
        key: Array,
        tasks: int,
        sizes: Sequence[int] = (784, 2000, 2000, 10),
        *,
        off: float = 0.8,
    ) -> Gated:
        """Random weights and gates; the defaults are the paper's for permuted MNIST.

        ``off`` is the share of a layer's units that is switched off in a task.
        """
        of_weights, of_gates = jax.random.split(key)
        keys = jax.random.split(of_weights, len(sizes) - 1)
        pairs = zip(keys, sizes[:-1], sizes[1:], strict=True)
        layers = tuple(Linear.init(k, inputs, outputs) for k, inputs, outputs in pairs)
        gates = []
        for k, units in zip(jax.random.split(of_gates, len(sizes) - 2), sizes[1:-1], strict=True):
            on = (jnp.arange(units) >= round(off * units)).astype(float)
            each = [jax.random.permutation(one, on) for one in jax.random.split(k, tasks)]
            gates.append(Fixed(jnp.stack(each)))
        return cls(layers, tuple(gates))

    def __call__(self, x: Array, contexts: Array, which: Array | int = 0) -> Array:
        """Logits (batch, classes); a context is a task as a row of one 1 among 0: (tasks,)."""
        for layer, gate in zip(self.layers[:-1], self.gates, strict=True):
            x = jax.nn.relu(layer(x)) * (contexts @ gate.value)[which]
        return self.layers[-1](x)
