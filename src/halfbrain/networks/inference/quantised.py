"""The keyword network in 8 bits: weights by kernel, inputs by layer, sums in 32 bits.

Weights are symmetric, -127 to 127, with a scale for each kernel; what a layer gives on is 0 to 255,
with one scale for the layer, taken from the largest answer to some images (Jacob et al. 2018,
arXiv 1712.05877). An answer below zero, a winner's too, becomes 0. Images, which have both signs,
are shifted by 128.

Sums are rescaled to whole numbers finer than an answer's step, so that winners are chosen from what
the sums say and not from the 256 steps; of equal ones the lower index wins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.networks.inference import keyword
from halfbrain.networks.inference.keyword import Keyword

Array = NDArray[Any]

ZERO = 128  # of an image's bytes
MOST, WEIGHT = 255, 127
_ROOM = 25  # bits of a rescaled sum; six more hold which of 64 it is


@dataclass(frozen=True)
class Layer8:
    """A layer in 8 bits.

    Attributes
    ----------
    weights
        ``(kernels, inputs)`` int8.
    begin
        ``(kernels,)`` int32, what sums begin with: the bias, less what the images' shift adds.
    scale
        ``(kernels,)`` float32, which turns a sum into steps of the answer, ``2**bits`` to a step;
        of the last layer into a score.
    bits
        of a step.
    """

    weights: Array
    begin: Array
    scale: Array
    bits: int


@dataclass(frozen=True)
class Quantised:
    """The network in 8 bits; ``image_step`` is what a step of an image's bytes stands for."""

    layers: tuple[Layer8, Layer8, Layer8, Layer8]
    image_step: float
    supports: tuple[Array, Array, Array, Array]
    rectified: bool


def quantise(network: Keyword, images: Array, *, rectified: bool = False) -> Quantised:
    """Round a network to 8 bits.

    Parameters
    ----------
    network
        in single precision.
    images
        ``(samples, 32, 32)``, as it will see them; the largest answers to them set the steps.
    rectified
        the dense twin, which has rectifiers in place of winners.

    Raises
    ------
    RunError
        if a layer answers nothing to any of the images.
    """
    largest = [float(np.abs(images).max(initial=0.0)), *_largest(network, images, rectified)]
    if min(largest) <= 0:
        raise RunError("no steps can be taken from these images: a layer answers nothing to them")
    steps = [largest[0] / WEIGHT, *(top / MOST for top in largest[1:]), 1.0]
    biases = [*network.biases, *(np.zeros(len(w)) for w in network.weights[2:])]
    layers = []
    for k, (weights, bias) in enumerate(zip(network.weights, biases, strict=True)):
        top = np.abs(weights).max(axis=1)
        own = np.where(top > 0, top, 1.0) / WEIGHT  # of a kernel
        small = np.rint(weights / own[:, None]).astype(np.int8)
        begin = np.rint(bias / (steps[k] * own)).astype(np.int64)
        scale, bits = steps[k] * own / steps[k + 1], 0
        if k < 3:
            reach = MOST * np.abs(small.astype(np.int64)).sum(axis=1) + np.abs(begin)
            bits = max(0, _ROOM - 1 - math.ceil(math.log2(float((reach * scale).max()))))
        if k == 0:
            begin -= ZERO * small.astype(np.int64).sum(axis=1)
        layers.append(
            Layer8(small, begin.astype(np.int32), (scale * 2.0**bits).astype(np.float32), bits)
        )
    one, two, three, four = layers
    return Quantised((one, two, three, four), steps[0], network.supports, rectified)


def _largest(network: Keyword, images: Array, rectified: bool) -> list[float]:
    """The largest answer of each layer but the last."""
    x = images[..., None].astype(np.float32)
    found = []
    for weights, bias, count in zip(
        network.weights, network.biases, (keyword.WINNERS1, keyword.WINNERS2), strict=False
    ):
        k = keyword.KERNEL
        patches = np.lib.stride_tricks.sliding_window_view(x, (k, k), (1, 2))
        laid = patches.transpose(0, 1, 2, 4, 5, 3).reshape(*patches.shape[:3], -1)
        y = laid @ weights.T + bias
        n, side, _, channels = y.shape
        y = y.reshape(n, side // 2, 2, side // 2, 2, channels).max((2, 4))
        found.append(float(y.max()))
        x = np.maximum(y, 0) if rectified else _kept(y, count)
    units = x.reshape(len(x), -1) @ network.weights[2].T
    return [*found, float(units.max())]


def _kept(x: Array, count: int) -> Array:
    """The winners of each place; which of equal ones matters little to the largest."""
    return np.where(x >= np.partition(x, -count, axis=-1)[..., -count, None], x, 0)
