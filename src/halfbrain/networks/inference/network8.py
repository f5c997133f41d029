"""The keyword network in 8 bits run three ways, with the same scores bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.networks.inference import forward8, keyword, steps
from halfbrain.networks.inference.network import TIMES, Packed, Way, shared_out
from halfbrain.networks.inference.quantised import Quantised

Array = NDArray[Any]

_NONE = -1  # in place of an input: no weight


def pack8(weights: Array, support: Array, lanes: int) -> Packed:
    """Lay a layer out by group, fours of inputs side by side; ``offsets`` are each four's first.

    Parameters
    ----------
    weights
        ``(kernels, inputs)`` int8.
    support
        ``(groups, fours, 4)``, or -1 where a four has fewer inputs.
    lanes
        of the tiles; a group of more kernels is cut.

    Returns
    -------
    packed
        offsets ``(groups, fours)``, weights ``(groups, fours, lanes, 4)`` int8.
    """
    each = weights.shape[0] // support.shape[0]
    offsets, packed = [], []
    for group, inputs in enumerate(support):
        own = weights[group * each : (group + 1) * each][:, inputs]  # (kernels, fours, 4)
        own = np.where(inputs == _NONE, 0, own).transpose(1, 0, 2)
        for start in range(0, each, lanes):
            part = np.zeros((len(inputs), lanes, 4), np.int8)
            cut = own[:, start : start + lanes]
            part[:, : cut.shape[1]] = cut
            offsets.append(inputs[:, 0])
            packed.append(part)
    return Packed(np.array(offsets, np.int64), np.array(packed, np.int8))


def _every_four(inputs: int) -> Array:
    """All inputs of a layer as one group's fours, ``(1, fours, 4)``; the last may have fewer."""
    fours = keyword.whole_fours(inputs)
    left = np.setdiff1d(np.arange(inputs), fours)
    if left.size:
        last = np.full((1, 4), _NONE, np.int64)
        last[0, : left.size] = left
        fours = np.concatenate([fours, last])
    return fours[None]


def _among_fours(first: Array) -> Array:
    """Where the first convolution's fours lie: those of a column come after those of a row."""
    k, side = keyword.KERNEL, keyword.SIDE
    down, across = np.divmod(first, k)
    return np.asarray(4 * np.where(down == 0, side * side + across, down * side + across))


def _in_places(first: Array) -> Array:
    """Where the second convolution's fours lie from a place's first byte on."""
    place, channel = np.divmod(first, keyword.CHANNELS)
    down, across = np.divmod(place, keyword.KERNEL)
    return np.asarray((down * keyword.POOL1 + across) * keyword.CHANNELS + channel)


class Inference8:
    """The network in 8 bits made ready for one way of running it.

    Parameters
    ----------
    network
        as :func:`~halfbrain.networks.inference.quantised.quantise` makes it.
    way
        as of :class:`~halfbrain.networks.inference.network.Inference`; here inputs are skipped by
        four, since a processor multiplies and adds up four 8-bit pairs at once.

    Raises
    ------
    RunError
        for a rectified network in a way that lives by winners.
    """

    def __init__(self, network: Quantised, way: Way) -> None:
        if network.rectified and way == "sparse-sparse":
            raise RunError("sparse-sparse runs over winners: this network rectifies instead")
        self.way, self.network = way, network
        if way == "dense":
            supports = [_every_four(layer.weights.shape[1]) for layer in network.layers]
        else:
            supports = [s.reshape(len(s), -1, 4) for s in network.supports]
        lanes = (32, 32, 32, 16) if way == "dense" else (32, 8, 64, 16)
        one, two, three, self.words = (
            pack8(layer.weights, support, n)
            for layer, support, n in zip(network.layers, supports, lanes, strict=True)
        )
        self.conv1 = Packed(_among_fours(one.offsets), one.weights)
        self.conv2 = Packed(_in_places(two.offsets), two.weights)
        self.units = three
        # Lanes that stand over are not counted.
        self.products = sum(
            times * layer.weights.shape[0] * support[0].size
            for times, layer, support in zip(TIMES, network.layers, supports, strict=True)
        )
        self._always = sum(
            TIMES[k] * network.layers[k].weights.shape[0] * supports[k][0].size for k in (0, 3)
        )
        if way == "sparse-sparse":
            self._by_input()

    def _by_input(self) -> None:
        """Turn the second convolution and the units round: a four's weights together."""
        each, k2, among = 8, keyword.KERNEL**2, keyword.CHANNELS // 4
        self.groups2 = np.zeros((k2, among), np.int64)
        self.weights2 = np.zeros((k2, among, each, 4), np.int8)
        supports = [s.reshape(len(s), -1, 4) for s in self.network.supports]
        for group, fours in enumerate(supports[1]):
            place, channel = np.divmod(fours[:, 0], keyword.CHANNELS)
            self.groups2[place, channel // 4] = group * each
            own = self.network.layers[1].weights[group * each : (group + 1) * each][:, fours]
            self.weights2[place, channel // 4] = own.transpose(1, 0, 2)
        each = keyword.UNITS // len(supports[2])
        self.groups3 = np.zeros(keyword.FEATURES // 4, np.int64)
        self.weights3 = np.zeros((keyword.FEATURES // 4, 64, 4), np.int8)
        for group, fours in enumerate(supports[2]):
            self.groups3[fours[:, 0] // 4] = group * each
            own = self.network.layers[2].weights[group * each : (group + 1) * each][:, fours]
            self.weights3[fours[:, 0] // 4, :each] = own.transpose(1, 0, 2)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights that are held, and of what says where they belong."""
        if self.way != "sparse-sparse":
            return sum(p.bytes for p in (self.conv1, self.conv2, self.units, self.words))
        turned = (self.groups2, self.weights2, self.groups3, self.weights3)
        return self.conv1.bytes + self.words.bytes + sum(a.nbytes for a in turned)

    def __call__(self, images: Array, threads: int = 1) -> Array:
        """The words' scores ``(samples, 12)``; see :meth:`run`."""
        return self.run(images, threads)[0]

    def run(self, images: Array, threads: int = 1) -> tuple[Array, int]:
        """The words' scores, and the products that were multiplied, zeros in fours among them.

        Raises
        ------
        RunError
            for images of another shape, or that are not finite.
        """
        room = np.empty((len(images), steps.ROOM), np.int32)
        sums, products = shared_out(images, threads, room, self._forward)
        last = self.network.layers[3]
        return sums[:, : keyword.WORDS].astype(np.float32) * last.scale, products

    def _forward(self, images: Array, sums: Array) -> int:
        first, second, third, _ = self.network.layers
        per_step = np.float32(1 / self.network.image_step)
        words = (self.words.offsets, self.words.weights)
        one = (self.conv1.offsets, self.conv1.weights, first.begin, first.scale, first.bits)
        if self.way == "sparse-sparse":
            turned = (
                (self.groups2, self.weights2, second.scale, second.bits, second.begin),
                (self.groups3, self.weights3, third.scale, third.bits),
            )
            done = forward8.winners(images, per_step, one, turned, words, sums)
            return int(len(images) * self._always + done)
        two = (self.conv2.offsets, self.conv2.weights, second.begin, second.scale, second.bits)
        three = (self.units.offsets, self.units.weights, third.begin, third.scale, third.bits)
        run = forward8.dense if self.way == "dense" else forward8.sparse
        run(images, per_step, (one, two, three), words, self.network.rectified, sums)
        return int(len(images) * self.products)
