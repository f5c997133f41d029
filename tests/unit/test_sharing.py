"""The least number of devices, held against trying every number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.forecast.exchange import Gradients, Link, Spikes
from halfbrain.forecast.sharing import Sharing

MOST = 600
ALL = np.arange(1.0, MOST + 1)


def one(value):
    return np.array([float(value)])


def between(node, inner, outer):
    return (
        Link(one(2), one(node), *map(one, inner)),
        Link(one(max(node + 1, 2)), one(np.inf), *map(one, outer)),
    )


_exponents = st.floats(-4, 4)
_links = st.builds(
    between,
    st.integers(1, 9),
    st.tuples(st.floats(1e-7, 1e-4), st.floats(1e3, 1e9)),
    st.tuples(st.floats(1e-7, 1e-3), st.floats(1e2, 1e8)),
)
_exchanges = st.one_of(
    st.builds(
        Spikes,
        st.just("spikes"),
        _links,
        st.floats(1, 1e4).map(one),
        st.floats(1, 1e7).map(one),
        st.integers(1, 300).map(one),
        st.booleans(),
    ),
    st.builds(
        Gradients,
        st.just("gradients"),
        _links,
        st.floats(0, 10).map(one),
        st.floats(1, 1e8).map(one),
        st.just(one(1)),
    ),
)


def tried(exchange, work, floor):
    """The pace on every number of devices from ``floor`` to ``MOST``, by its parts."""
    pace = work / ALL + exchange.latency(ALL) + exchange.volume(ALL)
    return np.where(floor <= ALL, pace, np.inf)


@settings(max_examples=400, deadline=None)
@given(
    exchange=_exchanges,
    work=_exponents.map(lambda e: 10**e),
    floor=st.integers(1, 400),
    wanted=_exponents.map(lambda e: 10**e),
)
def test_the_least_the_fastest_and_what_money_buys(exchange, work, floor, wanted):
    sharing = Sharing.of(exchange.pieces(one(work)), one(floor), one(MOST))
    pace = tried(exchange, work, floor)
    whole = ALL[floor <= ALL]
    np.testing.assert_allclose(sharing.pace(whole), pace[floor <= ALL], rtol=1e-9)

    fastest = sharing.fastest()[0]
    assert sharing.pace(one(fastest))[0] == pytest.approx(pace.min(), rel=0.1)

    least = sharing.least(one(wanted))[0]
    if np.isfinite(least):
        assert sharing.pace(one(least))[0] <= wanted * (1 + 1e-6)
        fewer = pace[(floor <= ALL) & (least > ALL)]
        assert not (fewer < wanted * (1 - 1e-6)).any()
    else:
        assert pace.min() > wanted * 0.9

    bought = sharing.affordable(one(wanted))[0]
    affordable = (pace * ALL <= wanted) & (floor <= ALL)
    if np.isfinite(bought):
        assert bought * sharing.pace(one(bought))[0] <= wanted * (1 + 1e-6)
        assert sharing.pace(one(bought))[0] <= pace[affordable].min(initial=np.inf) * 1.1
    else:
        assert not (pace * ALL < wanted * (1 - 1e-6))[floor <= ALL].any()


def test_a_hand_worked_exchange_of_spikes():
    """Four devices of 1 s of work; 1000 exchanges a second of 2 us a stage; 3e6 of 4e6 bytes."""
    exchange = Spikes("x", between(1, (1, 1), (2e-6, 1e9)), one(1000), one(4e6), one(1e4), True)
    assert exchange.latency(one(4))[0] == pytest.approx(1000 * 2e-6 * 2)
    assert exchange.volume(one(4))[0] == pytest.approx(3e6 / 1e9)
    sharing = Sharing.of(exchange.pieces(one(1)), one(1), one(np.inf))
    assert sharing.pace(one(4))[0] == pytest.approx(0.25 + 0.004 + 0.003)
    assert sharing.pace(one(1))[0] == 1
    # Where there are more devices than synapses, each spike goes to ten thousand of them.
    assert exchange.volume(one(1e6))[0] == pytest.approx(4e6 / 1e6 * 1e4 / 1e9)
    near = Spikes("y", exchange.links, one(1000), one(4e6), one(6), False)
    assert near.latency(one(1e6))[0] == pytest.approx(1000 * 2e-6)
    assert near.volume(one(100))[0] == pytest.approx(4e6 / 100 * 6 / 1e9)


def test_a_hand_worked_sum_of_gradients():
    """Two copies on two devices each: a batch a second sends each device's 1e9 bytes once."""
    exchange = Gradients("x", between(1, (1, 1), (1e-6, 1e9)), one(1), one(1e9), one(2))
    assert exchange.volume(one(4))[0] == pytest.approx(2 * (1 - 1 / 2))
    assert exchange.latency(one(4))[0] == pytest.approx(2e-6)
    assert exchange.volume(one(2))[0] == exchange.latency(one(2))[0] == 0


def test_latency_alone_can_be_more_than_there_is():
    exchange = Spikes("x", between(1, (1, 1), (1e-3, 1e12)), one(1e4), one(1), one(1e4), True)
    sharing = Sharing.of(exchange.pieces(one(100)), one(8), one(np.inf))
    assert sharing.least(one(1))[0] == np.inf
    assert exchange.latency(one(8))[0] == pytest.approx(30)
    assert np.isinf(sharing.pace(sharing.least(one(1))))[0]


def test_more_than_there_are_is_none():
    exchange = Spikes("x", between(1, (1, 1), (1e-9, 1e12)), one(1), one(1), one(10), True)
    sharing = Sharing.of(exchange.pieces(one(1)), one(20), one(10))
    assert np.isinf(sharing.least(one(1e9)))[0]
    assert np.isinf(sharing.fastest())[0]
    assert np.isinf(sharing.affordable(one(1e9)))[0]
