"""Spiking neurons that learn by gradients

A layer of the engine's own neurons learns to tell two patterns of spikes apart. The threshold
has the gradient of a smooth function (Neftci et al. 2019).
"""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import optax

import halfbrain as hb
from halfbrain.networks.spiking import NeuronStep, SpikingNetwork
from halfbrain.networks.training import accuracy, start, train

keys = jax.random.split(jax.random.key(0), 4)
patterns = jax.random.bernoulli(keys[0], 0.05, (2, 50, 40))  # 50 steps of 1 ms, 40 inputs
labels = jax.random.randint(keys[1], (256,), 0, 2)
noise = jax.random.bernoulli(keys[2], 0.03, (256, 50, 40))
spikes = (patterns[labels] ^ noise).astype(jnp.float32)

neuron = NeuronStep.of(hb.neuron("lif_delta"), dt=1e-3, unit=0.02)  # a weight of 1 is 20 mV
network = SpikingNetwork.init(keys[3], (40, 64, 2), neuron)
optimiser = optax.adam(3e-3)
order = jax.random.permutation(keys[1], jnp.tile(jnp.arange(256), 20)).reshape(-1, 32)
network, _, losses = train(network, start(optimiser, network), optimiser, spikes, labels, order)
print(f"{float(accuracy(network, spikes, labels)):.0%} right after {len(order)} steps")

figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
left.plot(losses)
left.set(xlabel="step", ylabel="loss")
layer = network.layers[0](jnp.swapaxes(spikes[:1], 0, 1))[:, 0]
times, units = jnp.nonzero(layer)
right.plot(times, units, ".", ms=2)
right.set(xlabel="time, ms", ylabel="neuron of the layer")
plt.show()
