"""Leaky integrate-and-fire layers that learn by surrogate gradients.

Neftci, Mostafa and Zenke 2019, doi 10.1109/MSP.2019.2931595: what a spike hides from the gradient
is replaced in the backward pass by the slope of a fast sigmoid (Zenke and Ganguli 2018,
doi 10.1162/neco_a_01086).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.networks.linear import Linear

STEPS, STEP_MS = 20, 1.0
TAU_MS = 10.0  # of membranes
SLOPE = 10.0  # of the surrogate


@jax.custom_jvp
def spikes(v: Array) -> Array:
    """1 where the membrane is above its threshold of 1, else 0."""
    return (v > 1.0).astype(v.dtype)


@spikes.defjvp
def _surrogate(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (v,), (change,) = primals, tangents
    return spikes(v), change / (1.0 + SLOPE * jnp.abs(v - 1.0)) ** 2


class Spiking(eqx.Module):
    """Layers of ``sizes``: all but the last spike, the last one sums what it receives.

    An input is a current that is the same for all steps, so its product is worked out once. A
    spike takes 1 from its membrane in the next step.
    """

    layers: tuple[Linear, ...]
    steps: int = eqx.field(static=True, default=STEPS)

    @classmethod
    def init(cls, key: Array, sizes: Sequence[int]) -> Spiking:
        """A network with random weights."""
        keys = jax.random.split(key, len(sizes) - 1)
        pairs = zip(keys, sizes[:-1], sizes[1:], strict=True)
        return cls(tuple(Linear.init(key, inputs, outputs) for key, inputs, outputs in pairs))

    @property
    def bio_seconds(self) -> float:
        """Of life that an input is shown for."""
        return self.steps * STEP_MS * 1e-3

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for ``x`` (batch, inputs): the mean readout over time."""
        decay = math.exp(-STEP_MS / TAU_MS)
        current = self.layers[0](x)
        hidden, top = self.layers[1:-1], self.layers[-1]
        shapes = [layer.bias.shape[0] for layer in self.layers[:-1]]
        rest = [jnp.zeros((len(x), n)) for n in shapes]

        def step(state: list[Array], _: None) -> tuple[list[Array], Array]:
            after, received = [], current
            for k, v in enumerate(state):
                v = decay * (v - spikes(v)) + received
                fired = spikes(v)
                after.append(v)
                received = hidden[k](fired) if k < len(hidden) else top(fired)
            return after, received

        _, read = jax.lax.scan(step, rest, length=self.steps)
        return jnp.mean(read, axis=0)
