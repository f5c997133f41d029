"""The keyword network's passes, each one compiled function: no thread waits for Python's lock.

Weights come laid out as :class:`halfbrain.networks.inference.network.Inference` does it.
"""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.networks.inference import keyword, steps

C = keyword.CHANNELS
PLACES1, PLACES2 = keyword.POOL1**2, keyword.POOL2**2


def layers(convolve2, units):
    """A pass over all inputs of each layer, with this second convolution and these units.

    ``f(images, layers, biases, rectified, scores)``: ``images (samples, 1024, 1)``, ``layers`` the
    offsets and weights of the four, ``scores (samples, ROOM)``. ``rectified`` is the dense twin.
    """

    @numba.njit(nogil=True)
    def forward(images, layers, biases, rectified, scores):
        first, second, third, fourth = layers
        n = images.shape[0]
        sums = np.empty((2 * keyword.CONV1, C), np.float32)
        pooled = np.empty((PLACES1, C), np.float32)
        features = np.empty((n, keyword.FEATURES), np.float32)
        indices1 = np.empty((PLACES1, keyword.WINNERS1), np.int64)
        values1 = np.empty((PLACES1, keyword.WINNERS1), np.float32)
        indices2 = np.empty((PLACES2, keyword.WINNERS2), np.int64)
        values2 = np.empty((PLACES2, keyword.WINNERS2), np.float32)
        indices3 = np.empty(keyword.WINNERS3, np.int64)
        values3 = np.empty(keyword.WINNERS3, np.float32)
        keys = np.empty(keyword.UNITS, np.int32)
        for i in range(n):
            last = features[i].reshape(PLACES2, C)
            steps.convolve1(images[i], first[0], first[1], biases[0], sums, pooled)
            if rectified:
                steps.rectify(pooled)
            else:
                steps.winners6(pooled, indices1, values1)
                steps.keep(pooled, indices1, values1)
            convolve2(pooled, second[0], second[1], biases[1], sums, last)
            if rectified:
                steps.rectify(last)
            else:
                steps.winners8(last, indices2, values2)
                steps.keep(last, indices2, values2)
        held = np.empty((n, steps.ROOM), np.float32)
        units(features, third[0], third[1], held)
        answered = np.empty((n, keyword.UNITS), np.float32)
        for i in range(n):
            answered[i] = held[i, : keyword.UNITS]
            if rectified:
                steps.rectify(answered[i])
            else:
                steps.unit_winners(answered[i], keyword.WINNERS3, keys, indices3, values3)
                answered[i] = 0
                for k in range(keyword.WINNERS3):
                    answered[i, indices3[k]] = values3[k]
        steps.words_dense(answered, fourth[0], fourth[1], scores)

    return forward


@numba.njit(nogil=True)
def winners(images, first, turned, biases, scores):
    """A pass over the winners of each layer; how many products the layers after the first took.

    ``turned`` has the later layers' tables by input: those of the second convolution and of the
    units with where their groups begin, and the words'.
    """
    (groups2, weights2), (groups3, weights3), weights4 = turned
    n = images.shape[0]
    sums = np.empty((2 * keyword.CONV1, C), np.float32)
    sums2 = np.empty((keyword.CONV2**2, C), np.float32)
    sums3 = np.empty(steps.ROOM, np.float32)
    pooled = np.empty((PLACES1, C), np.float32)
    last = np.empty((PLACES2, C), np.float32)
    indices1 = np.empty((PLACES1, keyword.WINNERS1), np.int64)
    values1 = np.empty((PLACES1, keyword.WINNERS1), np.float32)
    indices2 = np.empty((PLACES2, keyword.WINNERS2), np.int64)
    values2 = np.empty((PLACES2, keyword.WINNERS2), np.float32)
    indices3 = np.empty(keyword.WINNERS3, np.int64)
    values3 = np.empty(keyword.WINNERS3, np.float32)
    keys = np.empty(keyword.UNITS, np.int32)
    products = 0
    for i in range(n):
        steps.convolve1(images[i], first[0], first[1], biases[0], sums, pooled)
        steps.winners6(pooled, indices1, values1)
        products += steps.convolve_winners(indices1, values1, groups2, weights2, biases[1], sums2)
        steps.pool(sums2, keyword.CONV2, keyword.POOL2, last)
        steps.winners8(last, indices2, values2)
        products += steps.units_of_winners(indices2, values2, groups3, weights3, sums3)
        steps.unit_winners(sums3[: keyword.UNITS], keyword.WINNERS3, keys, indices3, values3)
        products += steps.words_of_winners(indices3, values3, weights4, scores[i])
    return products


dense = layers(steps.convolve2_dense, steps.units_dense)
sparse = layers(steps.convolve2_sparse, steps.units_sparse)
