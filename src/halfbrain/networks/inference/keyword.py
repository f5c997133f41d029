"""The keyword network of Numenta's sparse-sparse paper: its layers, its masks, random weights.

Google Speech Commands, a spectrogram of 32 x 32 to 12 words (Hunter, Spracklen and Ahmad 2021,
arXiv 2112.13896). Two convolutions, each with a pool of 2 x 2 and k winners, a linear layer with k
winners, a linear output. Sizes are those of the authors' public code (numenta/nupic.torch,
GSCSuperSparseCNN). The densities below are worked out from the paper's totals, which they meet:
2,522,128 parameters dense, 127,696 sparse, with biases in the convolutions only.

No trained weights and no speech data are used: what a kernel costs depends on where the zeros are,
and their numbers are the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError

Array = NDArray[Any]

SIDE = 32
KERNEL = 5
CHANNELS = 64
CONV1 = SIDE - KERNEL + 1  # 28
POOL1 = CONV1 // 2  # 14
CONV2 = POOL1 - KERNEL + 1  # 10
POOL2 = CONV2 // 2  # 5
FEATURES = POOL2 * POOL2 * CHANNELS  # 1,600
UNITS = 1500
WORDS = 12
# Winners at each place of the convolutions, and of the units: 9.4, 12.5 and 10 % are on.
WINNERS1, WINNERS2, WINNERS3 = 6, 8, 150


@dataclass(frozen=True)
class Complementary:
    """How a layer's kernels share out their inputs (complementary sparsity, section 3).

    The inputs are dealt out to ``groups``, ``each`` to a group, no input to two. A group's kernels
    have weights at their group's inputs only, so that one kernel of each group, laid over one
    another, fill one dense row. On the FPGA each row may be dealt out its own way, and a network of
    wires takes each product to its sum. A processor's vectors have no such wires: here all rows of
    a layer are dealt out alike, and the kernels of a group lie beside each other in a vector.
    Inputs are dealt out in fours, since a processor adds up four 8-bit products at a time.
    """

    inputs: int
    kernels: int
    groups: int
    each: int

    def __post_init__(self) -> None:
        if self.kernels % self.groups or self.groups * self.each > self.inputs:
            raise ModelError(
                f"{self.groups} groups of {self.each} inputs do not divide {self.inputs} inputs "
                f"and {self.kernels} kernels: each group has as many kernels, no input twice"
            )
        if self.each % 4:
            raise ModelError(f"{self.each} inputs of a group are no fours, which are dealt out")

    @property
    def weights(self) -> int:
        """Weights that are not zero."""
        return self.kernels * self.each

    def deal(self, rng: np.random.Generator) -> Array:
        """Inputs of each group, four after four, ``(groups, each)``."""
        fours = whole_fours(self.inputs)
        dealt = rng.permutation(len(fours))[: self.groups * self.each // 4]
        chosen = np.sort(dealt.reshape(self.groups, -1), axis=1)
        return fours[chosen].reshape(self.groups, self.each)


def whole_fours(inputs: int) -> Array:
    """Inputs of a layer that go together, ``(fours, 4)``.

    Neighbours, of a convolution four channels of one place. The first convolution has one channel:
    there it is four inputs of a column, and four of the last row; its last input is left alone.
    """
    if inputs != KERNEL * KERNEL:
        return np.arange(inputs // 4 * 4, dtype=np.int64).reshape(-1, 4)
    columns = np.arange(KERNEL * (KERNEL - 1), dtype=np.int64).reshape(KERNEL - 1, KERNEL).T
    row = np.arange(KERNEL * (KERNEL - 1), KERNEL * KERNEL - 1, dtype=np.int64)
    return np.concatenate([columns, row[None]])


SPARSE = (
    Complementary(KERNEL * KERNEL, CHANNELS, 2, 12),  # 48 % of the weights
    Complementary(KERNEL * KERNEL * CHANNELS, CHANNELS, 8, 200),  # 12.5 %
    Complementary(FEATURES, UNITS, 25, 64),  # 4 %
    Complementary(UNITS, WORDS, 1, UNITS),  # dense
)


@dataclass(frozen=True)
class Keyword:
    """The network's weights, zeros included, and the inputs of each group of kernels.

    Attributes
    ----------
    weights
        Of the four layers, each ``(kernels, inputs)``; a convolution's inputs in the order row,
        column, channel.
    biases
        Of the two convolutions, ``(64,)`` each.
    supports
        Of the four layers, ``(groups, inputs of a group)``; a group's kernels follow each other.
    """

    weights: tuple[Array, Array, Array, Array]
    biases: tuple[Array, Array]
    supports: tuple[Array, Array, Array, Array]

    @property
    def parameters(self) -> int:
        """Weights that are not zero, and biases."""
        return sum(int(np.count_nonzero(w)) for w in self.weights) + 2 * CHANNELS

    def dense(self) -> Keyword:
        """The same weights taken as a dense network's, whose zeros nobody knows of."""
        shapes = (w.shape[1] for w in self.weights)
        one, two, three, four = (np.arange(inputs, dtype=np.int64)[None] for inputs in shapes)
        return Keyword(self.weights, self.biases, (one, two, three, four))


def keyword(seed: int = 0, layers: tuple[Complementary, ...] = SPARSE) -> Keyword:
    """The network with random weights (He et al. 2015, for the inputs that are left).

    Parameters
    ----------
    seed
        of masks and weights.
    layers
        its four layers' sparsity.
    """
    rng = np.random.default_rng(seed)
    weights, supports = [], []
    for layer in layers:
        support = layer.deal(rng)
        each = layer.kernels // layer.groups
        found = np.zeros((layer.kernels, layer.inputs), np.float32)
        for group, inputs in enumerate(support):
            drawn = rng.normal(0.0, (2 / layer.each) ** 0.5, (each, layer.each))
            found[group * each : (group + 1) * each, inputs] = drawn
        weights.append(found)
        supports.append(support)
    one, two = (rng.normal(0.0, 0.1, CHANNELS).astype(np.float32) for _ in range(2))
    first, second, third, fourth = weights
    a, b, c, d = supports
    return Keyword((first, second, third, fourth), (one, two), (a, b, c, d))


def spectrograms(count: int, seed: int = 0) -> Array:
    """Random inputs in place of speech, ``(count, 32, 32)`` float32, mean 0 and variance 1."""
    return np.random.default_rng(seed).normal(size=(count, SIDE, SIDE)).astype(np.float32)
