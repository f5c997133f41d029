"""Networks whose synaptic operations NeuroBench has published, from its baselines.

Yik et al. 2025, doi 10.1038/s41467-025-56739-4; sizes are those of the benchmark's own examples
(github.com/NeuroBench/neurobench). Weights here are random: how many products a network has does
not depend on them, nor how many bytes it holds; how many are with zero does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.networks.linear import Linear
from halfbrain.networks.spiking import NeuronStep, Spiking, fire


class Normed(eqx.Module):
    """Batch normalisation as it is after training: means, variances, and how many batches."""

    scale: Array
    shift: Array
    mean: Array
    variance: Array
    batches: Array

    @classmethod
    def init(cls, units: int) -> Normed:
        """Of nothing learnt."""
        one, nothing = jnp.ones(units), jnp.zeros(units)
        # PyTorch counts batches in 64 bits; here they are two halves.
        return cls(one, nothing, nothing, one, jnp.zeros(2, jnp.int32))

    def __call__(self, x: Array) -> Array:
        """Channels last."""
        return (x - self.mean) * jax.lax.rsqrt(self.variance + 1e-5) * self.scale + self.shift


class Reaching(eqx.Module):
    """Fingertip velocity from spikes counted over 0.2 s: two normed rectifiers, 32 and 48 units.

    ``counts`` has room for the inputs of the moment, which the baseline holds between calls.
    """

    layers: tuple[Linear, Linear, Linear]
    norms: tuple[Normed, Normed]
    counts: Array

    @classmethod
    def init(cls, key: Array, channels: int) -> Reaching:
        """For so many ``channels``: 96 or 192."""
        a, b, c = jax.random.split(key, 3)
        layers = Linear.init(a, channels, 32), Linear.init(b, 32, 48), Linear.init(c, 48, 2)
        return cls(layers, (Normed.init(32), Normed.init(48)), jnp.zeros(channels))

    def __call__(self, x: Array) -> Array:
        """Velocities (batch, 2) for counts (batch, channels)."""
        for layer, norm in zip(self.layers[:-1], self.norms, strict=True):
            x = norm(jax.nn.relu(layer(x)))
        return self.layers[-1](x)


class SpikingReaching(eqx.Module):
    """The same from single spikes: 50 spiking neurons, and two membranes that are read."""

    layer: Spiking
    top: Array

    @classmethod
    def init(cls, key: Array, channels: int, neuron: NeuronStep) -> SpikingReaching:
        """For so many ``channels``; nothing has a bias."""
        below, above = jax.random.split(key)
        return cls(
            Spiking.init(below, channels, 50, neuron), jax.random.normal(above, (2, 50)) * 50**-0.5
        )

    def __call__(self, spikes: Array) -> Array:
        """What arrives at the membranes (steps, batch, 2) for (steps, batch, channels)."""
        return self.layer(spikes) @ self.top.T


class M5(eqx.Module):
    """Four convolutions in time, each normed, rectified and pooled; a linear layer on the mean.

    After Dai et al. 2017, doi 10.1109/ICASSP.2017.7952190.
    """

    kernels: tuple[Array, ...]
    biases: tuple[Array, ...]
    norms: tuple[Normed, ...]
    top: Linear
    stride: int = eqx.field(static=True)
    pool: int = eqx.field(static=True)

    @classmethod
    def init(
        cls,
        key: Array,
        inputs: int,
        channels: int,
        classes: int,
        first: int,
        stride: int,
        pool: int,
    ) -> M5:
        """``first`` and ``stride`` are the first kernel's width and step; the others are 3 wide."""
        widths = (inputs, channels, channels, 2 * channels, 2 * channels)
        *keys, last = jax.random.split(key, 5)
        kernels, biases = [], []
        for k, (one, below, above) in enumerate(zip(keys, widths[:-1], widths[1:], strict=True)):
            size = 3 if k else first
            kernels.append(jax.random.normal(one, (size, below, above)) * (size * below) ** -0.5)
            biases.append(jnp.zeros(above))
        norms = tuple(map(Normed.init, widths[1:]))
        top = Linear.init(last, widths[-1], classes)
        return cls(tuple(kernels), tuple(biases), norms, top, stride, pool)

    def __call__(self, x: Array) -> Array:
        """Logits (batch, classes) for (batch, time, inputs)."""
        step = self.stride
        for kernel, bias, norm in zip(self.kernels, self.biases, self.norms, strict=True):
            y = jax.lax.conv_general_dilated(
                x, kernel, (step,), "VALID", dimension_numbers=("NWC", "WIO", "NWC")
            )
            y = jax.nn.relu(norm(y + bias))
            whole = y.shape[1] // self.pool
            y = y[:, : whole * self.pool].reshape(len(y), whole, self.pool, -1)
            x, step = jnp.max(y, axis=2), 1
        return self.top(jnp.mean(x, axis=1))


class SpeechSpikes(eqx.Module):
    """Speech commands from 20 trains of spikes; what the last layer fires is counted."""

    layers: tuple[Linear, ...]
    neuron: NeuronStep

    @classmethod
    def init(
        cls, key: Array, neuron: NeuronStep, sizes: Sequence[int] = (20, 256, 256, 256, 35)
    ) -> SpeechSpikes:
        """Random weights; the baseline's sizes."""
        keys = jax.random.split(key, len(sizes) - 1)
        pairs = zip(keys, sizes[:-1], sizes[1:], strict=True)
        return cls(tuple(Linear.init(k, below, above) for k, below, above in pairs), neuron)

    def __call__(self, spikes: Array) -> Array:
        """Spikes of each word (batch, 35) for those heard (steps, batch, 20)."""
        for layer in self.layers:
            spikes = fire(self.neuron, layer(spikes))
        return jnp.sum(spikes, axis=0)


class Lstm(eqx.Module):
    """A layer of long short-term memory over the last values of a series, and its next value.

    Hochreiter and Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735, with forget gates.
    """

    into: Linear
    within: Linear
    top: Linear
    scale: Array
    shift: Array
    state: tuple[Array, Array, Array]

    @classmethod
    def init(cls, key: Array, inputs: int, units: int) -> Lstm:
        """``inputs`` last values; the state holds those, outputs and cells."""
        a, b, c = jax.random.split(key, 3)
        into, within = Linear.init(a, inputs, 4 * units), Linear.init(b, units, 4 * units)
        state = jnp.zeros(inputs), jnp.zeros(units), jnp.zeros(units)
        top = Linear.init(c, units, 1)
        return cls(into, within, top, jnp.ones(inputs), jnp.zeros(inputs), state)

    def __call__(self, x: Array, out: Array, cell: Array) -> tuple[Array, Array, Array]:
        """The next value (batch, 1), outputs and cells (batch, units)."""
        centred = x - jnp.mean(x, axis=-1, keepdims=True)
        spread = jax.lax.rsqrt(jnp.mean(centred**2, axis=-1, keepdims=True) + 1e-5)
        x = centred * spread * self.scale + self.shift
        enter, forget, new, leave = jnp.split(self.into(x) + self.within(out), 4, axis=-1)
        cell = jax.nn.sigmoid(forget) * cell + jax.nn.sigmoid(enter) * jnp.tanh(new)
        out = jax.nn.sigmoid(leave) * jnp.tanh(cell)
        return self.top(jax.nn.relu(out)), out, cell


def footprint(network: Callable[..., Any]) -> int:
    """Bytes of all that a network holds."""
    leaves = jax.tree.leaves(eqx.filter(network, eqx.is_array))
    return sum(leaf.nbytes for leaf in leaves)
