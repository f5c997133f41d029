"""The synapses of one source neuron: targets, weights, delays, drawn by counter.

Each rule is a row for each source neuron. What a row holds depends on the seed, the projection and
the source alone, so rows are drawn in any order, by any number of threads, as often as needed.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from halfbrain.codegen.machine_code import kept
from halfbrain.connectivity.distribution import number
from halfbrain.connectivity.value import GIVEN, LOGNORMAL, NORMAL, UNIFORM, WINDOW
from halfbrain.random.compiled import below, normals, philox4x32, unit32, unit53

# How a row gets its targets.
ONE, ALL, BERNOULLI, UNIFORM_TARGETS, LISTED = range(5)

# Places in the whole numbers that describe a projection to compiled code.
RULE, SOURCES, TARGETS, NO_AUTAPSES, WEIGHTS_GIVEN, DELAYS_GIVEN = range(6)
NUMBERS = 6

# What a random word is for: the last word of its counter.
_SYNAPSE, _WEIGHT, _DELAY, _SKIP, _MIX = (np.uint64(n << 24) for n in range(5))
_ZERO, _ONE = np.uint64(0), np.uint64(1)

_number = numba.njit(number)


@kept()
def _below(x):
    """The share of standard normal numbers below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@kept()
def _within(mean, std, low, high, u):
    """A normal number between bounds, from a uniform one: its distribution function halved down."""
    sign = -1.0 if low > mean else 1.0  # the lower tail has the digits
    a, b = sign * (low - mean) / std, sign * (high - mean) / std
    if sign < 0:
        a, b = b, a
    first = _below(a)
    share = first + u * (_below(b) - first)
    for _ in range(60):
        middle = 0.5 * (a + b)
        if _below(middle) < share:
            a = middle
        else:
            b = middle
    return min(max(mean + sign * std * b, low), high)


@kept()
def draw(v, a, u, key, row, j, purpose):
    """A number of a distribution ``v`` (:meth:`Drawn.numbers`) for synapse ``j`` of a row.

    ``a`` is a standard normal number and ``u`` a uniform one, drawn beforehand, since a weight and
    a delay can share one encryption.
    """
    o = 0
    if v[5] < 1.0:
        w0, w1, w2, w3 = philox4x32(j, row, purpose | _MIX, _ZERO, key)
        a = normals(w0, w1)[0]
        u = unit32(w2)
        if unit32(w3) >= v[5]:
            o = 6
    kind = v[o]
    if kind == WINDOW:
        return _within(v[o + 1], v[o + 2], v[o + 3], v[o + 4], u)
    x = _number(kind, v[o + 1], v[o + 2], a, u)
    if kind != NORMAL:
        return x
    tries = _ONE
    while not v[o + 3] <= x <= v[o + 4]:
        w0, w1, w2, w3 = philox4x32(j, row, purpose | tries, _ZERO, key)
        a, b = normals(w0, w1)
        x = _number(kind, v[o + 1], v[o + 2], a, u)
        if not v[o + 3] <= x <= v[o + 4]:
            x = _number(kind, v[o + 1], v[o + 2], b, u)
        tries += _ONE
    return x


@kept()
def _needs(v):
    """Whether a distribution needs a normal number, and whether a uniform one."""
    plain = v[5] >= 1.0
    return plain and (v[0] == NORMAL or v[0] == LOGNORMAL), plain and (
        v[0] == UNIFORM or v[0] == WINDOW
    )


@kept()
def _skipped(w, log_miss):
    """How many pairs are passed over before the next synapse (geometric)."""
    return np.log(unit32(w)) / log_miss


@kept()
def bernoulli_row(targets, p, row, n, avoid, key):
    """Targets of a row in which each pair is a synapse with probability p; their number.

    ``avoid`` is a target that is none (-1 for no such). An empty ``targets`` only counts.
    """
    count, at = 0, -1.0
    log_miss = np.log1p(-p) if p < 1.0 else -np.inf
    k = _ZERO
    while True:
        w = philox4x32(k, row, _SKIP, _ZERO, key)
        k += _ONE
        for word in w:
            at += 1.0 + np.floor(_skipped(word, log_miss)) if p < 1.0 else 1.0
            if at >= n:
                return count
            if np.int64(at) != avoid:
                if targets.size:
                    targets[count] = np.int64(at)
                count += 1


@kept()
def row_of(
    ip, p, v_weight, v_delay, given, key, row, count, first, listed, targets, weights, delays
):
    """Fill ``targets``, ``weights`` (SI) and ``delays`` (seconds) with a row's ``count`` synapses.

    Parameters
    ----------
    ip, p
        the projection: rule, sizes, flags; the probability of a pair.
    v_weight, v_delay, given
        distributions, and the arrays that were given (weights, delays).
    key, row
        the projection's stream of random numbers; the source neuron.
    count, first, listed
        synapses of the row; where it begins among ``listed`` targets, for rules that list them.
    """
    rule, n = ip[RULE], ip[TARGETS]
    avoid = np.int64(row) if ip[NO_AUTAPSES] else np.int64(-1)
    if rule == BERNOULLI and count > 0:
        bernoulli_row(targets, p, row, n, avoid, key)
    weight_normal, weight_uniform = _needs(v_weight)
    delay_normal, delay_uniform = _needs(v_delay)
    random = weight_normal or weight_uniform or delay_normal or delay_uniform
    random = random or rule == UNIFORM_TARGETS
    for j in range(count):
        a = b = u = u2 = 0.0
        w0 = _ZERO
        if random:
            w0, w1, w2, w3 = philox4x32(np.uint64(j), row, _SYNAPSE, _ZERO, key)
            if weight_normal or delay_normal:
                a, b = normals(w1, w2)
                u = u2 = unit32(w3)
            else:
                u, u2 = unit32(w1), unit32(w3)
        if rule == ONE:
            targets[j] = np.int64(row)
        elif rule == ALL:
            targets[j] = j + 1 if avoid >= 0 and j >= avoid else j
        elif rule == LISTED:
            targets[j] = listed[first + j]
        elif rule == UNIFORM_TARGETS:
            target = below(w0, np.uint64(n))
            tries = _ONE
            while target == avoid:
                again = philox4x32(np.uint64(j), row, _SYNAPSE | tries, _ZERO, key)
                target = below(again[0], np.uint64(n))
                tries += _ONE
            targets[j] = target
        place = first + j
        if rule == ALL:
            place = np.int64(row) * n + targets[j]
        elif rule == ONE:
            place = np.int64(row)
        if v_weight[0] == GIVEN:
            weights[j] = given[0][place]
        else:
            weights[j] = draw(v_weight, a, u, key, row, np.uint64(j), _WEIGHT)
        if v_delay[0] == GIVEN:
            delays[j] = given[1][place]
        else:
            delays[j] = draw(v_delay, b, u2, key, row, np.uint64(j), _DELAY)


@kept(nogil=True)
def count_bernoulli(ip, p, key, begin, end, degrees):
    """Synapses of each row from ``begin`` to ``end``."""
    nothing = np.empty(0, np.int64)
    for row in range(begin, end):
        avoid = row if ip[NO_AUTAPSES] else -1
        degrees[row] = bernoulli_row(nothing, p, np.uint64(row), ip[TARGETS], avoid, key)


@kept(nogil=True)
def count_total(n, key, begin, end, degrees):
    """Draw the sources of synapses ``4 begin`` to ``4 end`` and count them."""
    sources = np.uint64(degrees.size)
    for k in range(begin, end):
        w = philox4x32(np.uint64(k) & np.uint64(0xFFFFFFFF), np.uint64(k >> 32), _SKIP, _ONE, key)
        for i in range(4):
            if 4 * k + i < n:
                degrees[below(w[i], sources)] += 1


@kept()
def _source_of(target, j, sources, no_autapses, key):
    tries = _ZERO
    while True:
        w = philox4x32(np.uint64(j), np.uint64(target), _SKIP | tries, _ONE, key)
        source = below(w[0], sources)
        if not (no_autapses and source == target):
            return source
        tries += _ONE


@kept(nogil=True)
def count_in(k, no_autapses, key, begin, end, degrees):
    """Draw ``k`` sources for each target from ``begin`` to ``end`` and count them."""
    sources = np.uint64(degrees.size)
    for target in range(begin, end):
        for j in range(k):
            degrees[_source_of(target, j, sources, no_autapses, key)] += 1


@kept(nogil=True)
def list_in(k, no_autapses, key, begin, end, cursor, listed):
    """Draw them again, and put each target into the row of its source, at ``cursor``."""
    sources = np.uint64(cursor.size)
    for target in range(begin, end):
        for j in range(k):
            source = _source_of(target, j, sources, no_autapses, key)
            listed[cursor[source]] = target
            cursor[source] += 1


@kept(nogil=True)
def near(p, length, no_autapses, at, to, key, begin, end, degrees, starts, listed):
    """Each pair of rows from ``begin`` to ``end`` by itself, the nearer the likelier.

    ``at`` and ``to`` (size, 2) are where sources and targets are. An empty ``listed`` only counts.
    """
    for row in range(begin, end):
        count = 0
        for target in range(len(to)):
            if no_autapses and target == row:
                continue
            w0, w1, _, _ = philox4x32(np.uint64(row), np.uint64(target), _ZERO, _ZERO, key)
            u = unit53(w0, w1)
            if u >= p:
                continue
            squared = (at[row, 0] - to[target, 0]) ** 2 + (at[row, 1] - to[target, 1]) ** 2
            if u < p * np.exp(-squared / (2 * length**2)):
                if listed.size:
                    listed[starts[row] + count] = target
                count += 1
        degrees[row] = count


@kept()
def fill_values(v, key, out):
    """A number of a distribution for each place of ``out``, drawn by its place."""
    for i in range(out.size):
        w0, w1, _, w3 = philox4x32(np.uint64(i), np.uint64(0), np.uint64(0), np.uint64(1), key)
        u = unit32(w3)
        out[i] = draw(v, normals(w0, w1)[0], u, key, np.uint64(0), np.uint64(i), np.uint64(0))


@kept(nogil=True)
def every_row(
    ip, p, v_weight, v_delay, given, key, degrees, starts, listed, targets, weights, delays
):
    """All rows of a projection, one behind the other; see :func:`row_of`."""
    for row in range(degrees.size):
        a, b = starts[row], starts[row] + degrees[row]
        row_of(ip, p, v_weight, v_delay, given, key, np.uint64(row), degrees[row], starts[row],
                    listed, targets[a:b], weights[a:b], delays[a:b])  # fmt: skip
