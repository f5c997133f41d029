"""The steps of the keyword network in 8 bits, compiled; see :mod:`.quantised` for the numbers."""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.networks.inference import keyword, steps
from halfbrain.networks.inference.largest import nth
from halfbrain.networks.inference.products import FOURS
from halfbrain.networks.inference.quantised import ZERO
from halfbrain.networks.inference.vectors import add_scaled

C, SIDE = keyword.CHANNELS, keyword.SIDE
# As int32: with Python's own numbers all would be 64 bits wide.
_SIX, _LAST, _NIL, _MOST = np.int32(6), np.int32(63), np.int32(0), np.int32(255)
_nth6, _nth8 = nth(keyword.WINNERS1), nth(keyword.WINNERS2)


@numba.njit(nogil=True)
def image_fours(image, per_step, fours):
    """An image's bytes by four: ``fours`` ``(2, 32, 32)`` int32, across and down from each place.

    What would lie beyond the image is left out: no weight asks for it.
    """
    least, most = np.float32(0), np.float32(255)
    for y in range(SIDE):
        for x in range(SIDE):
            step = np.rint(image[y, x] * per_step) + np.float32(ZERO)
            fours[0, y, x] = np.int32(min(max(step, least), most))
    for y in range(SIDE - 3):
        for x in range(SIDE):
            fours[1, y, x] = (
                fours[0, y, x]
                | (fours[0, y + 1, x] << 8)
                | (fours[0, y + 2, x] << 16)
                | (fours[0, y + 3, x] << 24)
            )
    for y in range(SIDE):
        for x in range(SIDE - 3):  # each looks at places that are single bytes yet
            fours[0, y, x] |= (
                (fours[0, y, x + 1] << 8) | (fours[0, y, x + 2] << 16) | (fours[0, y, x + 3] << 24)
            )


def winners(find):
    """The answers of each place's winners; ``find`` is the least of their keys, of 64."""

    @numba.njit(nogil=True)
    def answer(sums, scale, bits, keys, out):
        half, shift = np.int32(1 << bits >> 1), np.int32(bits)
        for place in range(sums.shape[0]):
            for c in range(C):
                y = np.int32(np.rint(np.float32(sums[place, c]) * scale[c]))
                keys[c] = (y << _SIX) | (_LAST - np.int32(c))
            least = find(keys.ctypes.data)
            for c in range(C):
                step = ((keys[c] >> _SIX) + half) >> shift
                won = keys[c] >= least
                out[place, c] = min(max(step, _NIL), _MOST) if won else _NIL

    return answer


@numba.njit(nogil=True)
def rectified(sums, scale, bits, out):
    """The answers of the dense twin, row by row."""
    half, shift = np.int32(1 << bits >> 1), np.int32(bits)
    for place in range(out.shape[0]):
        for c in range(out.shape[1]):
            y = np.int32(np.rint(np.float32(sums[place, c]) * scale[c]))
            out[place, c] = min(max((y + half) >> shift, _NIL), _MOST)


@numba.njit(nogil=True)
def unit_winners(sums, scale, bits, keys, out):
    """The answers of the units that win."""
    half, shift = np.int32(1 << bits >> 1), np.int32(bits)
    for i in range(out.size):
        keys[i] = np.int32(np.rint(np.float32(sums[i]) * scale[i]))
    least, left = steps.edge(keys, keyword.WINNERS3)
    for i in range(out.size):
        equal = keys[i] == least
        won = keys[i] > least or (equal and left > 0)
        left -= equal and won
        out[i] = min(max((keys[i] + half) >> shift, _NIL), _MOST) if won else _NIL


@numba.njit(nogil=True)
def touched(fours, indices, values):
    """Which fours of each row of 16 hold an answer, and what they hold; the rest adds nothing.

    A row has one place more than there can be.
    """
    for place in range(fours.shape[0]):
        n = 0
        for q in range(fours.shape[1]):
            indices[place, n], values[place, n] = q, fours[place, q]
            n += fours[place, q] != 0
        indices[place, n:], values[place, n:] = 0, 0


winners6, winners8 = winners(_nth6), winners(_nth8)
convolve1 = steps.convolution(SIDE, 4, 14, 16, 2, FOURS)
convolve2_dense = steps.convolution(keyword.POOL1, C, 10, 16, 2, FOURS)
convolve2_sparse = steps.convolution(keyword.POOL1, C, 10, 8, 1, FOURS)
units_dense = steps.linear(keyword.FEATURES, 8, 16, 2, 32, FOURS)
units_sparse = steps.linear(keyword.FEATURES, 4, 16, 4, 60, FOURS)
words = steps.linear(keyword.UNITS, 8, 16, 1, 16, FOURS)
convolve_winners = steps.convolve_given(
    add_scaled(8, 1, FOURS), keyword.POOL1, keyword.CONV2, keyword.WINNERS1, 4
)
units_of_winners = steps.units_given(add_scaled(16, 4, FOURS), C // 4, 4)
