"""The keyword network's passes in 8 bits, each one compiled function."""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.networks.inference import keyword, steps, steps8
from halfbrain.networks.inference.forward import PLACES1, PLACES2

C, SIDE = keyword.CHANNELS, keyword.SIDE


def layers(convolve2, units):
    """A pass over all inputs of each layer, with this second convolution and these units.

    ``f(images, per_step, layers, words, rectified, sums)``: ``images (samples, 32, 32)`` float32,
    ``layers`` of three the offsets, weights, first sums, scale and bits; of ``words`` the offsets
    and weights. ``sums (samples, ROOM)`` int32 gets the words' sums.
    """

    @numba.njit(nogil=True)
    def forward(images, per_step, layers, words, rectified, sums):
        first, second, third = layers
        n = images.shape[0]
        fours = np.empty((2, SIDE, SIDE), np.int32)
        room = np.empty((2 * keyword.CONV1, C), np.int32)
        pooled1, pooled2 = np.empty((PLACES1, C), np.int32), np.empty((PLACES2, C), np.int32)
        answers = np.empty((PLACES1, C), np.uint8)
        features = np.empty((n, keyword.FEATURES), np.uint8)
        units_answers = np.empty((n, keyword.UNITS), np.uint8)
        keys = np.empty(keyword.UNITS, np.int32)
        for i in range(n):
            last = features[i].reshape(PLACES2, C)
            steps8.image_fours(images[i], per_step, fours)
            steps8.convolve1(fours, first[0], first[1], first[2], room, pooled1)
            if rectified:
                steps8.rectified(pooled1, first[3], first[4], answers)
            else:
                steps8.winners6(pooled1, first[3], first[4], keys, answers)
            convolve2(answers, second[0], second[1], second[2], room, pooled2)
            if rectified:
                steps8.rectified(pooled2, second[3], second[4], last)
            else:
                steps8.winners8(pooled2, second[3], second[4], keys, last)
        units(features, third[0], third[1], sums)
        if rectified:
            steps8.rectified(sums, third[3], third[4], units_answers)
        else:
            for i in range(n):
                steps8.unit_winners(sums[i], third[3], third[4], keys, units_answers[i])
        steps8.words(units_answers, words[0], words[1], sums)

    return forward


@numba.njit(nogil=True)
def winners(images, per_step, first, turned, words, sums):
    """A pass over what won in each layer; how many products the second and third took.

    ``first`` is as in :func:`layers`; ``turned`` has of the second convolution and of the units
    where groups begin, the weights by four inputs, the scale and the bits, and of the convolution
    the first sums.
    """
    (groups2, weights2, scale2, bits2, begin2), (groups3, weights3, scale3, bits3) = turned
    n = images.shape[0]
    fours = np.empty((2, SIDE, SIDE), np.int32)
    room = np.empty((2 * keyword.CONV1, C), np.int32)
    sums2 = np.empty((keyword.CONV2**2, C), np.int32)
    pooled1, pooled2 = np.empty((PLACES1, C), np.int32), np.empty((PLACES2, C), np.int32)
    answers1, answers2 = np.empty((PLACES1, C), np.uint8), np.empty((PLACES2, C), np.uint8)
    indices1 = np.empty((PLACES1, keyword.WINNERS1 + 1), np.int64)
    values1 = np.empty((PLACES1, keyword.WINNERS1 + 1), np.int32)
    indices2 = np.empty((PLACES2, keyword.WINNERS2 + 1), np.int64)
    values2 = np.empty((PLACES2, keyword.WINNERS2 + 1), np.int32)
    units_answers = np.empty((n, keyword.UNITS), np.uint8)
    keys = np.empty(keyword.UNITS, np.int32)
    products = 0
    for i in range(n):
        steps8.image_fours(images[i], per_step, fours)
        steps8.convolve1(fours, first[0], first[1], first[2], room, pooled1)
        steps8.winners6(pooled1, first[3], first[4], keys, answers1)
        steps8.touched(answers1.view(np.int32), indices1, values1)
        products += steps8.convolve_winners(indices1, values1, groups2, weights2, begin2, sums2)
        steps.pool(sums2, keyword.CONV2, keyword.POOL2, pooled2)
        steps8.winners8(pooled2, scale2, bits2, keys, answers2)
        steps8.touched(answers2.view(np.int32), indices2, values2)
        products += steps8.units_of_winners(
            indices2[:, : keyword.WINNERS2], values2, groups3, weights3, sums[i]
        )
        steps8.unit_winners(sums[i], scale3, bits3, keys, units_answers[i])
    steps8.words(units_answers, words[0], words[1], sums)
    return products


dense = layers(steps8.convolve2_dense, steps8.units_dense)
sparse = layers(steps8.convolve2_sparse, steps8.units_sparse)
