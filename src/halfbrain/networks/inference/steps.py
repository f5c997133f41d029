"""The steps of the keyword network on one sample or a few, compiled; memory by address inside."""

from __future__ import annotations

import numba
import numpy as np

from halfbrain.networks.inference import keyword
from halfbrain.networks.inference.largest import winners
from halfbrain.networks.inference.products import SINGLE
from halfbrain.networks.inference.vectors import add_scaled, tile

C = keyword.CHANNELS
_winners6, _winners8 = winners(keyword.WINNERS1), winners(keyword.WINNERS2)
_add8, _add16, _add64 = add_scaled(8), add_scaled(16), add_scaled(16, 4)
ROOM = keyword.UNITS + 36  # numbers for a sample's units: whole blocks of 32 or 64


def convolution(side, channels, rows, lanes, vectors, products=SINGLE):
    """A compiled convolution and pool, with tiles of ``rows`` places and so many kernels.

    ``f(x, offsets, weights, biases, sums, pooled)``: ``x`` has ``channels`` numbers for each of
    ``side * side`` places; ``offsets`` are ``(groups, inputs)``, counted from a place's first
    number, ``weights`` ``(groups, inputs, lanes * vectors)``; ``sums`` is work space for two rows
    of places, ``pooled`` gets the largest of each 2 x 2 places, a row of 64 for each.
    """
    run, width = tile(rows, lanes, vectors, channels, C, products), lanes * vectors
    size = products.size
    out = side - keyword.KERNEL + 1

    @numba.njit(nogil=True)
    def convolve(x, offsets, weights, biases, sums, pooled):
        groups, inputs = offsets.shape
        for pair in range(out // 2):
            for group in range(groups):
                at, weight = offsets[group].ctypes.data, weights[group].ctypes.data
                bias = biases.ctypes.data + 4 * group * width
                for down in range(2):
                    first = x.ctypes.data + size * (2 * pair + down) * side * channels
                    to = sums.ctypes.data + 4 * (down * out * C + group * width)
                    for start in range(0, out, rows):
                        run(to + 4 * start * C, bias, first + size * start * channels,
                            at, weight, inputs)  # fmt: skip
            pool(sums, out, 1, pooled[pair * (out // 2) :])

    return convolve


def linear(inputs, rows, lanes, vectors, outputs, products=SINGLE):
    """A compiled linear layer without bias, for ``rows`` samples at a time.

    ``f(x, offsets, weights, sums)``: ``x`` has a row of ``inputs`` for each sample, ``sums`` one of
    ``ROOM`` numbers. ``outputs`` is how many kernels a group has, in ``lanes * vectors`` lanes; the
    next group writes over the lanes that stand over.
    """
    many = tile(rows, lanes, vectors, inputs, ROOM, products)
    one = tile(1, lanes, vectors, inputs, ROOM, products)
    nothing, size = np.zeros(lanes * vectors, np.float32), products.size

    @numba.njit(nogil=True)
    def apply(x, offsets, weights, sums):
        samples, count = x.shape[0], offsets.shape[1]
        whole = samples // rows * rows
        begin = nothing.ctypes.data
        for group in range(offsets.shape[0]):
            at, weight = offsets[group].ctypes.data, weights[group].ctypes.data
            to, first = sums.ctypes.data + 4 * group * outputs, x.ctypes.data
            for s in range(0, whole, rows):
                many(to + 4 * s * ROOM, begin, first + size * s * inputs, at, weight, count)
            for s in range(whole, samples):
                one(to + 4 * s * ROOM, begin, first + size * s * inputs, at, weight, count)

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
def edge(keys, count):
    """The least of the ``count`` largest of a row, and how many of those are equal to it.

    It is found bit by bit, by counting how many reach it: no sort, and no branch.
    """
    found = np.int64(-(2**31))
    for bit in range(31, -1, -1):
        tried = found + (np.int64(1) << bit)
        least, reach = np.int32(tried), np.int32(0)
        if tried < 2**31:
            for i in range(keys.size):
                reach += np.int32(keys[i] >= least)
            if reach >= count:
                found = tried
    least = np.int32(found)
    above = 0
    for i in range(keys.size):
        above += keys[i] > least
    return least, count - above


@numba.njit(nogil=True)
def unit_winners(x, count, keys, indices, values):
    """The ``count`` largest of a row, by index; of equal ones at the edge those of lower index.

    ``keys`` is room for as many int32.
    """
    ordered(x, keys)
    least, left = edge(keys, count)
    n = 0
    for i in range(keys.size):
        equal = keys[i] == least
        if keys[i] > least or (equal and left > 0):
            left -= equal
            indices[n], values[n] = i, x[i]
            n += 1


def convolve_given(add, side, out, given, each=1):
    """A compiled convolution of the inputs that are given alone; how many products that took.

    ``f(indices, values, groups, weights, biases, sums)``: ``indices`` and ``values`` are ``(side *
    side, given)``. ``groups (25, inputs)`` says by place in the kernel and input
    where among a place's 64 sums those of its eight kernels begin, ``weights (25, inputs, 8)`` what
    these multiply by; ``sums (out * out, 64)`` is set. ``add`` adds ``each`` products to each of
    eight sums.

    Two places beside each other take turns: what is added to one need not wait for the other.
    """
    k = keyword.KERNEL

    @numba.njit(nogil=True)
    def convolve(indices, values, groups, weights, biases, sums):
        table, inputs = weights.ctypes.data, groups.shape[1]
        for place in range(0, out * out, 2):
            y, x = place // out, place % out
            for c in range(C):
                sums[place, c] = sums[place + 1, c] = biases[c]
            one = sums.ctypes.data + 4 * place * C
            other = one + 4 * C
            for down in range(k):
                for across in range(k):
                    at, here = down * k + across, (y + down) * side + x + across
                    weight = table + 32 * at * inputs
                    for n in range(given):
                        i, j = indices[here, n], indices[here + 1, n]
                        add(one + 4 * groups[at, i], weight + 32 * i, values[here, n])
                        add(other + 4 * groups[at, j], weight + 32 * j, values[here + 1, n])
        return 8 * out * out * k * k * given * each

    return convolve


def units_given(add, inputs, each=1):
    """A compiled linear layer of the inputs that are given alone; how many products that took.

    ``f(indices, values, groups, weights, sums)``: ``indices`` and ``values`` have a row for each of
    25 places of so many ``inputs``. ``groups`` is where a group's units begin, by input;
    ``weights`` are ``(25 * inputs, 64)``, of which a group's 60 units are used.
    """

    @numba.njit(nogil=True)
    def apply(indices, values, groups, weights, sums):
        sums[:] = 0
        for place in range(indices.shape[0]):
            for n in range(indices.shape[1]):
                at = place * inputs + indices[place, n]
                add(sums.ctypes.data + 4 * groups[at], weights.ctypes.data + 256 * at,
                    values[place, n])  # fmt: skip
        return 60 * each * indices.size

    return apply


@numba.njit(nogil=True)
def words_of_winners(indices, values, weights, out):
    """The output of the units that won; ``weights`` are ``(1500, 16)``, ``out`` 16 numbers."""
    out[:] = 0
    for n in range(indices.size):
        _add16(out.ctypes.data, weights.ctypes.data + 64 * indices[n], values[n])
    return 12 * indices.size


convolve1 = convolution(keyword.SIDE, 1, 14, 16, 2)
convolve2_dense = convolution(keyword.POOL1, C, 10, 16, 2)
units_of_winners = units_given(_add64, C)
convolve_winners = convolve_given(_add8, keyword.POOL1, keyword.CONV2, keyword.WINNERS1)
convolve2_sparse = convolution(keyword.POOL1, C, 10, 8, 1)
units_dense = linear(keyword.FEATURES, 8, 16, 2, 32)
units_sparse = linear(keyword.FEATURES, 4, 16, 4, 60)
words_dense = linear(keyword.UNITS, 8, 16, 1, 16)
