"""The steps of the keyword network on one sample or a few, compiled; memory by address inside."""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.networks.inference import keyword
from halfbrain.networks.inference.vectors import add_scaled, tile, winners

C = keyword.CHANNELS
_winners6, _winners8 = winners(keyword.WINNERS1), winners(keyword.WINNERS2)
_add8, _add16, _add64 = add_scaled(8), add_scaled(16), add_scaled(16, 4)
ROOM = keyword.UNITS + 36  # numbers for a sample's units: whole blocks of 32 or 64


def convolution(side, channels, rows, lanes, vectors):
    """A compiled convolution and pool, with tiles of ``rows`` places and so many kernels.

    ``f(x, offsets, weights, biases, sums, pooled)``: ``x`` has ``channels`` numbers for each of
    ``side * side`` places; ``offsets`` are ``(groups, inputs)``, counted from a place's first
    number, ``weights`` ``(groups, inputs, lanes * vectors)``; ``sums`` is work space for two rows
    of places, ``pooled`` gets the largest of each 2 x 2 places, a row of 64 for each.
    """
    run, width = tile(rows, lanes, vectors, channels, C), lanes * vectors
    out = side - keyword.KERNEL + 1

    @numba.njit(nogil=True)
    def convolve(x, offsets, weights, biases, sums, pooled):
        groups, inputs = offsets.shape
        for pair in range(out // 2):
            for group in range(groups):
                at, weight = offsets[group].ctypes.data, weights[group].ctypes.data
                bias = biases.ctypes.data + 4 * group * width
                for down in range(2):
                    first = x.ctypes.data + 4 * (2 * pair + down) * side * channels
                    to = sums.ctypes.data + 4 * (down * out * C + group * width)
                    for start in range(0, out, rows):
                        run(to + 4 * start * C, bias, first + 4 * start * channels,
                            at, weight, inputs)  # fmt: skip
            pool(sums, out, 1, pooled[pair * (out // 2) :])

    return convolve


def linear(inputs, rows, lanes, vectors, outputs):
    """A compiled linear layer without bias, for ``rows`` samples at a time.

    ``f(x, offsets, weights, sums)``: ``x`` has a row of ``inputs`` for each sample, ``sums`` one of
    ``ROOM`` numbers. ``outputs`` is how many kernels a group has, in ``lanes * vectors`` lanes; the
    next group writes over the lanes that stand over.
    """
    many = tile(rows, lanes, vectors, inputs, ROOM)
    one = tile(1, lanes, vectors, inputs, ROOM)
    nothing = np.zeros(lanes * vectors, np.float32)

    @numba.njit(nogil=True)
    def apply(x, offsets, weights, sums):
        samples, count = x.shape[0], offsets.shape[1]
        whole = samples // rows * rows
        begin = nothing.ctypes.data
        for group in range(offsets.shape[0]):
            at, weight = offsets[group].ctypes.data, weights[group].ctypes.data
            to, first = sums.ctypes.data + 4 * group * outputs, x.ctypes.data
            for s in range(0, whole, rows):
                many(to + 4 * s * ROOM, begin, first + 4 * s * inputs, at, weight, count)
            for s in range(whole, samples):
                one(to + 4 * s * ROOM, begin, first + 4 * s * inputs, at, weight, count)

    return apply


@numba.njit(nogil=True)
def pool(sums, side, height, pooled):
    """The largest of each 2 x 2 places, ``height`` rows of them."""
    half = side // 2
    for down in range(height):
        for across in range(half):
            first = 2 * (down * side + across)
            for c in range(C):
                above = max(sums[first, c], sums[first + 1, c])
                below = max(sums[first + side, c], sums[first + side + 1, c])
                pooled[down * half + across, c] = max(above, below)


@numba.njit(nogil=True)
def rectify(x):
    """Set what is below zero to zero."""
    flat = x.reshape(x.size)
    for i in range(flat.size):
        flat[i] = max(flat[i], np.float32(0))


@numba.njit(nogil=True)
def winners6(x, indices, values):
    """The six winners of each row of 64."""
    for place in range(x.shape[0]):
        _winners6(x[place].ctypes.data, indices[place].ctypes.data, values[place].ctypes.data)


@numba.njit(nogil=True)
def winners8(x, indices, values):
    """The eight winners of each row of 64."""
    for place in range(x.shape[0]):
        _winners8(x[place].ctypes.data, indices[place].ctypes.data, values[place].ctypes.data)


@numba.njit(nogil=True)
def keep(x, indices, values):
    """Leave winners alone in ``x``."""
    x[:] = 0
    for place in range(x.shape[0]):
        for n in range(indices.shape[1]):
            x[place, indices[place, n]] = values[place, n]


@numba.njit(nogil=True)
def ordered(x, keys):
    """Whole numbers in the order of single-precision ones, ``-0.0`` taken as ``0.0``."""
    bits = (x + np.float32(0)).view(np.int32)
    for i in range(bits.size):
        keys[i] = bits[i] ^ ((bits[i] >> np.int32(31)) & np.int32(0x7FFFFFFF))


@numba.njit(nogil=True)
def unit_winners(x, count, keys, indices, values):
    """The ``count`` largest of a row, by index; of equal ones at the edge those of lower index.

    The edge is found bit by bit, by counting how many reach it: no sort, and no branch.
    """
    ordered(x, keys)
    edge = np.int64(-(2**31))
    for bit in range(31, -1, -1):
        tried = edge + (np.int64(1) << bit)
        least, reach = np.int32(tried), np.int32(0)
        if tried < 2**31:
            for i in range(keys.size):
                reach += np.int32(keys[i] >= least)
            if reach >= count:
                edge = tried
    least = np.int32(edge)
    above = 0
    for i in range(keys.size):
        above += keys[i] > least
    left, n = count - above, 0
    for i in range(keys.size):
        equal = keys[i] == least
        if keys[i] > least or (equal and left > 0):
            left -= equal
            indices[n], values[n] = i, x[i]
            n += 1


@numba.njit(nogil=True)
def convolve_winners(indices, values, groups, weights, biases, sums):
    """The second convolution of the first one's winners alone; how many products that took.

    ``groups`` is where in a place's 64 sums a group begins, by channel and place in the kernel,
    ``(64, 25)``; ``weights`` are ``(64, 25, 8)``.
    """
    side, out, k = keyword.POOL1, keyword.CONV2, keyword.KERNEL
    for place in range(sums.shape[0]):
        for c in range(C):
            sums[place, c] = biases[c]
    base, table = sums.ctypes.data, weights.ctypes.data
    products = 0
    for y in range(side):
        top, bottom = max(0, y - out + 1), min(k, y + 1)
        for x in range(side):
            left, right = max(0, x - out + 1), min(k, x + 1)
            for n in range(indices.shape[1]):
                c, value = indices[y * side + x, n], values[y * side + x, n]
                for ky in range(top, bottom):
                    to = (y - ky) * out + x
                    for kx in range(left, right):
                        at = ky * k + kx
                        _add8(base + 4 * ((to - kx) * C + groups[c, at]),
                              table + 32 * (c * k * k + at), value)  # fmt: skip
                products += 8 * (bottom - top) * (right - left)
    return products


@numba.njit(nogil=True)
def units_of_winners(indices, values, groups, weights, sums):
    """The linear layer of the second convolution's winners alone; how many products that took.

    ``groups`` is where a group's units begin, by input, or -1; ``weights`` are ``(1600, 64)``, of
    which a group's 60 units are used.
    """
    sums[:] = 0
    products = 0
    for place in range(indices.shape[0]):
        for n in range(indices.shape[1]):
            at = place * C + indices[place, n]
            _add64(sums.ctypes.data + 4 * groups[at], weights.ctypes.data + 256 * at,
                   values[place, n])  # fmt: skip
            products += 60
    return products


@numba.njit(nogil=True)
def words_of_winners(indices, values, weights, out):
    """The output of the units that won; ``weights`` are ``(1500, 16)``, ``out`` 16 numbers."""
    out[:] = 0
    for n in range(indices.size):
        _add16(out.ctypes.data, weights.ctypes.data + 64 * indices[n], values[n])
    return 12 * indices.size


convolve1 = convolution(keyword.SIDE, 1, 14, 16, 2)
convolve2_dense = convolution(keyword.POOL1, C, 10, 16, 2)
convolve2_sparse = convolution(keyword.POOL1, C, 10, 8, 1)
units_dense = linear(keyword.FEATURES, 8, 16, 2, 32)
units_sparse = linear(keyword.FEATURES, 4, 16, 4, 60)
words_dense = linear(keyword.UNITS, 8, 16, 1, 16)
