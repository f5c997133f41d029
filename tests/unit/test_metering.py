"""Costs and ceilings: the kernels do what they are timed for, and costs add up."""

from collections import Counter

import numba
import numpy as np
import pytest

from halfbrain.metering.ceilings import (
    Ceilings,
    divide,
    draw,
    gather,
    measure,
    multiply_add,
    scatter,
    triad,
)
from halfbrain.program.cost import Cost
from halfbrain.program.operations import FLOP

CEILINGS = Ceilings(
    processor="a machine",
    threads=1,
    memory_bytes=2**30,
    flop_per_second={"float32": 1e10, "float64": 5e9},
    exp_per_second={"float32": 1e9, "float64": 5e8},
    divisions_per_second={"float32": 2e9, "float64": 1e9},
    draws_per_second=1e9,
    bytes_per_second=1e10,
    cached_bytes_per_second=1e11,
    random_reads_per_second=1e8,
    scattered_adds_per_second=1e9,
    cache_bytes=2**20,
)


def test_the_kernels_do_the_work_that_is_counted():
    pieces = np.full((2, 5), 2.0)
    multiply_add(pieces, 0.5, 1.0, 3)
    expected = 2.0
    for _ in range(3 * 8):
        expected = expected * 0.5 + 1.0
    np.testing.assert_allclose(pieces, expected)
    a = np.zeros((2, 50))
    triad(a, np.ones((2, 50)), np.arange(100.0).reshape(2, 50), 3.0, 2)
    np.testing.assert_array_equal(a.reshape(-1), 1 + 3 * np.arange(100.0))
    divide(numbers := np.full((1, 4), 5.0), 2.0, 2)
    np.testing.assert_allclose(numbers, 5.0)
    added = np.zeros((1, 1 << 16), np.int32)
    scatter(added, np.array([[7 | 3 << 16, 7 | 3 << 16, 9 | 3 << 16]], np.uint32))
    assert added[0, [7, 9]].tolist() == [6, 3]
    assert added.sum() == 9
    words = np.zeros((1, 2, 64), np.uint32)
    draw(words, 1)
    assert len(np.unique(words)) == 128
    sums = np.zeros(2, np.float32)
    gather(np.arange(8, dtype=np.float32), np.array([[0, 7, 3], [1, 1, 2]]), sums)
    np.testing.assert_array_equal(sums, [10, 4])


def test_every_ceiling_is_measured():
    told = []
    found = measure(threads=1000, seconds=0.02, progress=told.append)
    assert len(told) == 9
    rates = [
        *found.flop_per_second.values(),
        *found.exp_per_second.values(),
        *found.divisions_per_second.values(),
        found.draws_per_second,
        found.bytes_per_second,
        found.cached_bytes_per_second,
        found.scattered_adds_per_second,
    ]
    assert all(np.isfinite(rate) and rate > 1e6 for rate in [*rates, found.random_reads_per_second])
    assert found.threads == numba.config.NUMBA_NUM_THREADS
    assert found.processor


def test_costs_add_up():
    one = Cost(Counter(fused=2, add=1, exp=3, compare=4), bytes=10, events=1, seconds=0.5)
    assert one.flop == 2 * 2 + 1 + 3
    both = one + one.times(9)
    assert both.flop == 10 * one.flop
    assert (both.bytes, both.events, both.seconds) == (100, 10, 1.0)
    assert set(FLOP) >= set(one.operations)


@pytest.mark.parametrize(
    ("cost", "seconds"),
    [
        (Cost(Counter(add=10**9)), 0.1),  # bound by arithmetic
        (Cost(Counter(add=10), bytes=10**10), 1.0),  # by memory
        (Cost(Counter(exp=10**9)), 1.0),  # by exponentials
        (Cost(Counter(divide=10**9)), 0.5),  # by divisions
        (Cost(Counter(random=10**9)), 1.0),  # by random numbers
        (Cost(Counter(add=10), cached_bytes=10**10), 0.1),  # by the cache
        (Cost(Counter(add=10**8), bytes=10**9, events=10**9), 1.0),  # by events
        (Cost(Counter(add=10**9, exp=10**8), bytes=10**9), 0.2),
    ],
)
def test_the_roofline_is_the_slowest_resource(cost, seconds):
    assert cost.roofline_seconds(CEILINGS, "float32") == pytest.approx(seconds)


def test_a_fraction_is_of_the_roofline():
    cost = Cost(Counter(add=10**9), seconds=0.4)
    assert cost.roofline_fraction(CEILINGS, "float32") == pytest.approx(0.25)
    assert Cost().roofline_fraction(CEILINGS, "float32") == 0.0
