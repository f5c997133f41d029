"""Trains the keyword network and its dense twin on MNIST, and tests them in 8 bits.

    HALFBRAIN_DATA=... python benchmarks/quantised.py

There is no speech here: the digits stand in, framed to 32 x 32. What is asked is how many answers
change when a trained network is rounded to 8 bits; the first 500 training images set the steps.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from halfbrain.learning.mnist import load_mnist
from halfbrain.networks.convolution import pooled
from halfbrain.networks.inference import keyword
from halfbrain.networks.inference.keyword import Keyword
from halfbrain.networks.inference.network import Inference
from halfbrain.networks.inference.network8 import Inference8
from halfbrain.networks.inference.quantised import quantise
from halfbrain.networks.winners import kth_largest

STEPS, BATCH, RATE = 200, 128, 1e-3


def framed(images):
    """28 x 28 bytes as 32 x 32 numbers, mean 0 and deviation 1."""
    x = np.pad(images.reshape(-1, 28, 28) / 255, ((0, 0), (2, 2), (2, 2)))
    return ((x - 0.1) / 0.275).astype(np.float32)


def filled(network):
    """The same network with weights wherever there can be one."""
    rng = np.random.default_rng(1)
    drawn = [rng.normal(0, (2 / w.shape[1]) ** 0.5, w.shape) for w in network.weights]
    one, two, three, four = (w.astype(np.float32) for w in drawn)
    return Keyword((one, two, three, four), network.biases, network.supports)


def winning(x, k):
    """The k largest along the last axis; gradients pass through them."""
    flat = x.reshape(-1, x.shape[-1])
    return jnp.where(flat >= jax.lax.stop_gradient(kth_largest(flat, k)), flat, 0).reshape(x.shape)


def scores(weights, x, rectified):
    """As the kernels do it, for gradients."""

    def layer(x, weight, bias, k):
        kernel = weight.reshape(64, 5, 5, -1).transpose(1, 2, 3, 0)
        y = jax.lax.conv_general_dilated(
            x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        y = pooled(y + bias)
        return jax.nn.relu(y) if rectified else winning(y, k)

    one, two, three, four, a, b = weights
    y = layer(layer(x[..., None], one, a, 6), two, b, 8).reshape(len(x), -1) @ three.T
    return (jax.nn.relu(y) if rectified else winning(y, 150)) @ four.T


def trained(network, images, labels, rectified):
    """The network after ``STEPS`` of Adam; weights that are zero by the mask stay zero."""
    weights = [jnp.asarray(w) for w in (*network.weights, *network.biases)]
    masks = [jnp.asarray(w != 0) for w in network.weights] + [1, 1]
    optimiser = optax.adam(RATE)

    def loss(weights, x, y):
        logits = scores(weights, x, rectified)
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    @jax.jit
    def step(weights, state, x, y):
        change, state = optimiser.update(jax.grad(loss)(weights, x, y), state)
        moved = optax.apply_updates(weights, change)
        return [w * m for w, m in zip(moved, masks, strict=True)], state

    state = optimiser.init(weights)
    order = np.random.default_rng(0).permutation(len(images))[: STEPS * BATCH].reshape(STEPS, BATCH)
    for which in order:
        weights, state = step(weights, state, images[which], labels[which])
    one, two, three, four, a, b = (np.asarray(w) for w in weights)
    return Keyword((one, two, three, four), (a, b), network.supports)


def main():
    digits = load_mnist()
    images, tests = framed(digits.train_images), framed(digits.test_images)
    labels, truth = digits.train_labels.astype(np.int32), digits.test_labels
    sparse = keyword.keyword()
    dense = filled(sparse.dense())
    print(f"{STEPS} steps of {BATCH} images\n")
    print("| network | right, single precision | right, 8 bits | same answer |")
    print("|---|--:|--:|--:|")
    for name, network, rectified in (("dense", dense, True), ("sparse", sparse, False)):
        network = trained(network, images, labels, rectified)
        way = "dense" if rectified else "sparse-sparse"
        single = Inference(network, way, rectified=rectified)(tests, 2)[:, :10].argmax(1)
        small = quantise(network, images[:500], rectified=rectified)
        ways = ("dense",) if rectified else ("dense", "sparse-dense", "sparse-sparse")
        found = [Inference8(small, w)(tests, 2) for w in ways]
        assert all((own == found[0]).all() for own in found)
        rounded = found[0][:, :10].argmax(1)
        hits = (single == truth, rounded == truth, single == rounded)
        right, right8, same = (100 * float(each.mean()) for each in hits)
        print(f"| {name} | {right:.2f} % | {right8:.2f} % | {same:.2f} % |", flush=True)


if __name__ == "__main__":
    main()
