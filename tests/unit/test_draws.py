"""The random numbers: Random123's vectors, and draws that depend on name and index only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Z95, Interval
from halfbrain.random.arrays import normals, uniforms
from halfbrain.random.philox import key_of, philox4x32


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # kat_vectors of Random123 (Salmon et al. 2011), philox4x32 10
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_vectors(counter, key, expected):
    words = philox4x32(*(np.uint64(word) for word in counter), np.uint64(key[0] | key[1] << 32))
    assert tuple(map(int, words)) == expected


@given(st.integers(1, 500), st.integers(0, 2**31))
def test_a_draw_depends_on_its_index_not_on_how_many_are_drawn(n, seed):
    key = key_of(seed, "a")
    np.testing.assert_array_equal(uniforms(key, n), uniforms(key, 1000)[:n])


def test_uniforms_are_uniform_and_streams_differ():
    from scipy.stats import kstest

    key = key_of(1, "x")
    assert kstest(uniforms(key, 20_000), "uniform").pvalue > 1e-3
    assert kstest(normals(key, 20_000, stream=1), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(uniforms(key, 20_000), uniforms(key, 20_000, stream=1))[0, 1]) < 0.03


def test_the_interval_holds_ninety_per_cent_of_the_draws():
    for interval in (Interval(1e3, 1e9), Interval(0.05, 0.9, "fraction")):
        column = Draws(200_000, 3).column((("x", 1.0),), interval)
        low, high = np.quantile(column, (0.05, 0.95))
        assert low == pytest.approx(interval.low, rel=0.05)
        assert high == pytest.approx(interval.high, rel=0.05)


def test_shares_stay_shares():
    column = Draws(100_000, 4).column((("share", 1.0),), Interval(0.2, 0.999, "fraction"))
    assert column.min() > 0
    assert column.max() <= 1


def test_one_stream_has_one_column_and_another_stream_another():
    draws = Draws(100, 5)
    interval = Interval(1, 2)
    a, b = (("a", 1.0),), (("b", 1.0),)
    assert draws.column(a, interval) is draws.column(a, interval)
    assert not np.array_equal(draws.column(a, interval), draws.column(b, interval))


def test_a_figure_can_mix_streams():
    """Log-normal from 1/e to e at scores of one deviation: the score is the sum of its streams."""
    interval = Interval(float(np.exp(-Z95)), float(np.exp(Z95)))
    mixed = Draws(1000, 6).column((("a", 0.6), ("b", -0.8)), interval)
    a, b = (normals(key_of(6, name, "little"), 1000) for name in "ab")
    np.testing.assert_allclose(np.log(mixed), 0.6 * a - 0.8 * b, atol=1e-12)
