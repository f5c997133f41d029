"""Leaky integrate-and-fire layers that learn by surrogate gradients.

Their neurons are a cell of the engine's, stepped by its program (:mod:`halfbrain.networks.spiking`,
which also has the surrogate; Neftci, Mostafa and Zenke 2019, doi 10.1109/MSP.2019.2931595).
"""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.cells.neuron import Neuron
from halfbrain.networks.linear import Linear
from halfbrain.networks.spiking import NeuronStep, SpikingNetwork, fire

STEPS, STEP_MS = 20, 1.0
_CELL = Neuron(
    name="lif_subtracting",
    equations="dv/dt = -v/tau : 1",
    constants={"tau": "10 ms"},
    threshold="v > 1",
    reset="v -= 1",
    receptors={"syn": "v"},
    source="Neftci, Mostafa and Zenke 2019, doi 10.1109/MSP.2019.2931595, eqs 4 and 5",
)


class Shown(eqx.Module):
    """Two hidden layers that spike, and one that reads the second's rates.

    An input is a current into the first layer that is the same for all steps, so its product is
    worked out once.
    """

    into: Linear
    later: SpikingNetwork
    neuron: NeuronStep

    @classmethod
    def init(cls, key: Array, sizes: Sequence[int]) -> Shown:
        """A network with random weights; ``sizes`` has the inputs first and the classes last."""
        first, rest = jax.random.split(key)
        neuron = NeuronStep.of(_CELL, STEP_MS * 1e-3, 1.0)
        later = SpikingNetwork.init(rest, sizes[1:], neuron)
        return cls(Linear.init(first, sizes[0], sizes[1]), later, neuron)

    @property
    def bio_seconds(self) -> float:
        """Of life that an input is shown for."""
        return STEPS * STEP_MS * 1e-3

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for ``x`` (batch, inputs)."""
        current = self.into(x)
        spikes = fire(self.neuron, jnp.broadcast_to(current, (STEPS, *current.shape)))
        return self.later(jnp.swapaxes(spikes, 0, 1))
