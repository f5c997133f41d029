"""The keyword network run three ways: dense, over weights that are not zero, over winners too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.networks.inference import forward, keyword, steps
from halfbrain.networks.inference.keyword import Keyword

Array = NDArray[Any]
Way = Literal["dense", "sparse-dense", "sparse-sparse"]

_LANES = 16
TIMES = (keyword.CONV1**2, keyword.CONV2**2, 1, 1)  # that each layer's weights are used


@dataclass(frozen=True)
class Packed:
    """A layer by group: ``offsets (groups, inputs)``, ``weights (groups, inputs, lanes)``.

    Only weights of a group's inputs are held; lanes over a group's kernels are zero.
    """

    offsets: Array
    weights: Array

    @property
    def bytes(self) -> int:
        """Of weights and offsets."""
        return self.offsets.nbytes + self.weights.nbytes


def pack(weights: Array, support: Array, lanes: int) -> Packed:
    """Lay a layer out by group; a group of more kernels than lanes is cut.

    Parameters
    ----------
    weights
        ``(kernels, inputs)``.
    support
        inputs of each group, ``(groups, inputs of a group)``.
    lanes
        of the tiles.
    """
    each = weights.shape[0] // support.shape[0]
    offsets, packed = [], []
    for group, inputs in enumerate(support):
        own = weights[group * each : (group + 1) * each, inputs].T
        for start in range(0, each, lanes):
            part = np.zeros((len(inputs), lanes), np.float32)
            cut = own[:, start : start + lanes]
            part[:, : cut.shape[1]] = cut
            offsets.append(inputs)
            packed.append(part)
    return Packed(np.array(offsets, np.int64), np.array(packed, np.float32))


def _in_image(support: Array, side: int, channels: int) -> Array:
    """Where a kernel's inputs lie from its first one on, in an image of ``side`` places a row."""
    place, channel = np.divmod(support, channels)
    down, across = np.divmod(place, keyword.KERNEL)
    return np.asarray((down * side + across) * channels + channel)


def shared_out(
    images: Array, threads: int, sums: Array, forward: Callable[[Array, Array], int]
) -> tuple[Array, int]:
    """Share the images out to threads; ``sums`` has a row for each, which ``forward`` fills.

    Returns
    -------
    sums, products
        as they are now, and what ``forward`` gave, added up.

    Raises
    ------
    RunError
        for images of another shape, or that are not finite.
    """
    side = keyword.SIDE
    if images.ndim != 3 or images.shape[1:] != (side, side):
        raise RunError(f"images of shape {images.shape}: give (samples, {side}, {side})")
    if not np.isfinite(images).all():
        raise RunError("an image has a value that is not finite: mend the spectrogram")
    rows = np.ascontiguousarray(images, np.float32)
    parts = min(threads, len(rows))
    if parts <= 1:
        return sums, forward(rows, sums)
    with ThreadPoolExecutor(parts) as pool:
        halves = (np.array_split(whole, parts) for whole in (rows, sums))
        return sums, sum(pool.map(forward, *halves))


class Inference:
    """The network made ready for one way of running it.

    Parameters
    ----------
    network
        weights and where they are not zero.
    way
        ``dense`` multiplies all; ``sparse-dense`` the weights that are not zero; ``sparse-sparse``
        those of them whose input won.
    rectified
        the dense twin's activation in place of the winners; of ``dense`` only.

    Raises
    ------
    RunError
        for winners left out of a way that lives by them.
    """

    def __init__(self, network: Keyword, way: Way, *, rectified: bool = False) -> None:
        if rectified and way == "sparse-sparse":
            raise RunError("sparse-sparse runs over winners: it cannot be rectified instead")
        self.way, self.rectified = way, rectified
        laid = network.dense() if way == "dense" else network
        one, two, three, four = laid.weights
        self.biases = network.biases
        conv1, conv2 = pack(one, laid.supports[0], 32), pack(two, laid.supports[1], 32)
        units, words = pack(three, laid.supports[2], 32), pack(four, laid.supports[3], _LANES)
        if way != "dense":
            conv2, units = pack(two, laid.supports[1], 8), pack(three, laid.supports[2], 64)
        self.conv1 = Packed(_in_image(conv1.offsets, keyword.SIDE, 1), conv1.weights)
        self.conv2 = Packed(
            _in_image(conv2.offsets, keyword.POOL1, keyword.CHANNELS), conv2.weights
        )
        self.units, self.words = units, words
        if way == "sparse-sparse":
            self._by_input(network)
        self.products = sum(
            count * int(np.count_nonzero(w)) if way != "dense" else count * w.size
            for count, w in zip(TIMES, network.weights, strict=True)
        )

    def _by_input(self, network: Keyword) -> None:
        """Turn the second convolution and the linear layers round: an input's weights together."""
        each, k2 = 8, keyword.KERNEL**2
        self.groups2 = np.zeros((k2, keyword.CHANNELS), np.int64)
        self.weights2 = np.zeros((k2, keyword.CHANNELS, each), np.float32)
        for group, inputs in enumerate(network.supports[1]):
            place, channel = np.divmod(inputs, keyword.CHANNELS)
            self.groups2[place, channel] = group * each
            own = network.weights[1][group * each : (group + 1) * each, inputs]
            self.weights2[place, channel] = own.T
        each = keyword.UNITS // len(network.supports[2])
        self.groups3 = np.zeros(keyword.FEATURES, np.int64)
        self.weights3 = np.zeros((keyword.FEATURES, 64), np.float32)
        for group, inputs in enumerate(network.supports[2]):
            self.groups3[inputs] = group * each
            own = network.weights[2][group * each : (group + 1) * each, inputs]
            self.weights3[inputs, :each] = own.T
        self.weights4 = np.zeros((keyword.UNITS, _LANES), np.float32)
        self.weights4[:, : keyword.WORDS] = network.weights[3].T

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights that are held, and of what says where they belong."""
        if self.way != "sparse-sparse":
            return sum(p.bytes for p in (self.conv1, self.conv2, self.units, self.words))
        turned = (self.groups2, self.weights2, self.groups3, self.weights3, self.weights4)
        return self.conv1.bytes + sum(a.nbytes for a in turned)

    def __call__(self, images: Array, threads: int = 1) -> Array:
        """The words' scores.

        Parameters
        ----------
        images
            ``(samples, 32, 32)``, finite.
        threads
            that share the samples.

        Returns
        -------
        scores
            ``(samples, 12)`` float32.

        Raises
        ------
        RunError
            for images of another shape, or that are not finite.
        """
        return self.run(images, threads)[0]

    def run(self, images: Array, threads: int = 1) -> tuple[Array, int]:
        """The words' scores, and the products that were multiplied to get them."""
        width = _LANES if self.way == "sparse-sparse" else steps.ROOM
        scores, products = shared_out(images, threads, np.empty((len(images), width), np.float32),
                                      self._forward)  # fmt: skip
        return scores[:, : keyword.WORDS], products

    def _forward(self, images: Array, scores: Array) -> int:
        rows = images.reshape(len(images), -1, 1)
        first = (self.conv1.offsets, self.conv1.weights)
        if self.way == "sparse-sparse":
            turned = (
                (self.groups2, self.weights2), (self.groups3, self.weights3), self.weights4,
            )  # fmt: skip
            every = len(rows) * keyword.CONV1**2 * self.conv1.offsets.size * 32
            return every + int(forward.winners(rows, first, turned, self.biases, scores))
        run = forward.dense if self.way == "dense" else forward.sparse
        later = ((p.offsets, p.weights) for p in (self.conv2, self.units, self.words))
        run(rows, (first, *later), self.biases, self.rectified, scores)
        return len(rows) * self.products
