"""The units in which receptors count: nothing overflows, and nothing is lost in the rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counters import COUNTER, feed, onto_counters
from halfbrain.cells.plasticity import Plasticity
from halfbrain.cells.rules import TSODYKS_MARKRAM
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.connectivity.rule import AllToAll, Explicit
from halfbrain.connectivity.value import LogNormal, Mixture, Normal, Uniform
from halfbrain.engine.point.connections import connections
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.packing import COUNT, LONG, PACKED, WIDE
from halfbrain.errors import CircuitError, HalfbrainWarning, RunError

GROWING = Plasticity("growing", pre={"x": "20 ms"}, on_pre="w *= 3")
BOUNDED = Plasticity(
    "bounded",
    pre={"x": "20 ms"},
    on_pre="w = clip(w + 1, 0, w_max)",
    constants={"w_max": "2000"},
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_most_that_can_arrive_at_once_is_counted(dtype):
    # All sources fire in one step onto one neuron, each with nearly the largest weight.
    n = 100_000
    everyone = SpikeList(np.full(n, 5e-4), np.arange(n))
    out = Population("out", COUNTER, 1, {"n": np.zeros(1)})
    projection = feed(Uniform(0.99e6, 1e6))
    simulation = PointGroup(
        Circuit((Population("in", everyone, n), out), (projection,), name="all"), dtype=dtype
    )
    simulation.run(1e-3)
    weights = simulation.connections(0).weights
    assert simulation.state("out", "n")[0] == pytest.approx(weights.sum(), rel=1e-6)
    assert weights.mean() == pytest.approx(0.995e6, rel=1e-4)


def test_sixteen_bits_round_a_weight_by_half_a_unit_at_most():
    values = np.random.default_rng(1).uniform(0.1, 1, 4000) * np.tile([1, -1], 2000)
    simulation = PointGroup(onto_counters(feed(values, rule=Explicit([0] * 4000, range(4000))),
                                          size=4000))  # fmt: skip
    assert [table.kind for table in simulation.tables] == [PACKED]
    unit = simulation.units[1]["in"]
    assert unit == pytest.approx(np.abs(values).max() / 32767, rel=1e-12)
    simulation.run(1e-3)
    arrived = simulation.state("out", "n")
    assert np.abs(arrived - values).max() <= unit * 0.5001 + 1e-6
    np.testing.assert_allclose(arrived, simulation.connections(0).weights, rtol=1e-6)


def arrived(weight, dtype, rule=None, size=4001):
    """What one spike brings to each neuron, and what was drawn or given."""
    simulation = PointGroup(onto_counters(feed(weight, rule=rule), size=size), dtype=dtype)
    drawing = simulation.drawings[0]
    exact = connections(drawing, simulation.dt, None).weights
    simulation.run(1e-3)
    return simulation.state("out", "n"), exact, simulation


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "weights",
    [
        [1e-14, 1e-9],  # 0.01 and 1000 pA: the small one was 0 in single precision
        [1e-9, -1e-15, 0.0, 3.3e-12],
        [1e-14, 1.0],
        np.random.default_rng(1).lognormal(0, 2, 4000),  # 5 % were 0, a tenth off by over 26 %
        np.random.default_rng(1).normal(0, 1, 4000),
    ],
)
def test_every_weight_of_a_list_is_kept_to_a_thousandth(weights, dtype):
    n = len(weights)
    found, exact, _ = arrived(weights, dtype, Explicit([0] * n, range(n)), n)
    assert exact.tolist() == list(weights)
    np.testing.assert_allclose(found, exact, rtol=1e-3, atol=0)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(1e-8, 1.0) | st.floats(-1.0, -1e-8), min_size=1, max_size=20),
    st.sampled_from(["float32", "float64"]),
)
def test_any_list_is_kept_to_a_thousandth(weights, dtype):
    n = len(weights)
    circuit = onto_counters(feed(weights, rule=Explicit([0] * n, [0] * n)))
    simulation = PointGroup(circuit, threads=1, dtype=dtype)
    np.testing.assert_allclose(simulation.connections(0).weights, weights, rtol=1e-3, atol=0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "weight",
    [
        LogNormal(1.0, 0.5),
        LogNormal(1e-12, 2.0),
        Normal(1.0, 0.1),
        Normal(-1.0, 0.2),
        Uniform(1.0, 5.0),
        Mixture(0.5, 1.0, LogNormal(1e-3, 1.0)),
    ],
)
def test_drawn_weights_are_kept_to_a_thousandth(weight, dtype):
    found, exact, _ = arrived(weight, dtype)
    np.testing.assert_allclose(found, exact, rtol=1e-3, atol=0)


@pytest.mark.parametrize("weight", [Uniform(0.0, 1.0), Normal(0.0, 1.0), Normal(1.0, 0.5, 0.0)])
def test_drawn_weights_near_zero_are_few_and_next_to_right(weight):
    found, exact, _ = arrived(weight, "float32")
    wrong = np.abs(found - exact)
    assert (wrong > 1e-3 * np.abs(exact)).mean() < 0.025
    assert wrong.max() < 1.5e-4 * np.abs(exact).mean()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_and_weights_are_of_64_bits_only_where_they_must_be(dtype):
    wide = np.int64 if dtype == "float64" else np.int32
    for weights, kind, sums in (
        ([1.0, 1.5], PACKED if dtype == "float32" else WIDE, wide),
        ([1.0, 1e6], WIDE, wide),
        ([1.0, 1e7], LONG, np.int64),
    ):
        _, _, simulation = arrived(weights, dtype, Explicit([0, 0], [0, 1]), 2)
        assert [table.kind for table in simulation.tables] == [kind]
        assert simulation.plan.received[0].dtype == sums


def test_a_weight_that_no_sum_can_keep_beside_the_others_is_told_of():
    with pytest.warns(HalfbrainWarning, match="those below 2.2e-16 are kept to less than a thou"):
        PointGroup(onto_counters(feed([1e-20, 1.0], rule=Explicit([0, 0], [0, 1])), size=2))


def test_weights_below_single_precision_are_one_line():
    weights = [1e-39, 1.1e-39]
    circuit = onto_counters(feed(weights, rule=Explicit([0, 0], [0, 1])), size=2)
    with pytest.raises(CircuitError, match="too small for float32; use float64"):
        PointGroup(circuit)
    PointGroup(circuit, dtype="float64")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_far_apart_are_not_lost(dtype):
    simulation = PointGroup(
        onto_counters(feed(0.0011), feed(Uniform(900.0, 1000.0)), feed(-7.5)), dtype=dtype
    )
    assert sorted(table.kind for table in simulation.tables) == [COUNT, COUNT, WIDE]
    small, large, negative = (float(simulation.connections(i).weights[0]) for i in range(3))
    assert small == pytest.approx(0.0011, rel=1 / 256)
    assert negative == pytest.approx(-7.5, rel=1e-5)
    simulation.run(1e-3)
    assert simulation.state("out", "n")[0] == pytest.approx(small + large + negative, rel=1e-6)


@pytest.mark.parametrize(("sigma", "dtype"), [(1.0, "float32"), (2.0, "float64")])
def test_skewed_weights_keep_their_median(sigma, dtype):
    circuit = onto_counters(feed(LogNormal(2.0, sigma)), size=4001)
    weights = PointGroup(circuit, dtype=dtype).connections(0).weights
    assert (weights > 0).mean() > 0.99
    # The error of the median of 4001 numbers is about 1.25 sigma / sqrt(4001).
    assert np.log(np.median(weights) / 2) == pytest.approx(0, abs=4 * 1.25 * sigma / 63)


def test_weights_that_no_unit_holds_are_one_line():
    with pytest.raises(CircuitError, match="the small ones are lost; bring them nearer"):
        PointGroup(onto_counters(feed(1e-20), feed(Uniform(1.0, 2.0))), dtype="float64")


def test_plastic_and_static_synapses_on_one_receptor():
    times = np.arange(1, 41) * 1e-3
    circuit = onto_counters(
        feed(0.0, plasticity=BOUNDED), feed(Uniform(1.0, 3.0)), feed(5.0), feed(-2.0), times=times
    )
    simulation = PointGroup(circuit)
    static = sum(float(simulation.connections(i).weights[0]) for i in (1, 2, 3))
    simulation.run(0.05)
    # The growing weight sends 0, 1, ..., 39.
    assert simulation.state("out", "n")[0] == pytest.approx(40 * static + 39 * 20, rel=1e-5)
    assert simulation.connections(0).weights[0] == 40


def test_a_plastic_weight_from_zero_needs_a_bound():
    with pytest.raises(CircuitError, match="all weights begin at 0, and no constant"):
        PointGroup(onto_counters(feed(0.0, plasticity=GROWING)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_weight_that_outgrows_its_receptor_ends_the_run(dtype):
    circuit = onto_counters(feed(1.0, plasticity=GROWING), times=np.arange(1, 50) * 1e-3)
    simulation = PointGroup(circuit, dtype=dtype)
    with pytest.raises(RunError, match=r"in to out \(in\).*over 16 times the largest"):
        simulation.run(0.06)
    # What was sent up to then is right: 1 + 3 + 9.
    assert simulation.state("out", "n") == pytest.approx(13)


def test_two_plastic_projections_onto_one_population():
    given = SpikeList(np.array([1e-3, 2e-3, 3e-3]), np.array([0, 0, 0]))
    circuit = Circuit(
        (
            Population("a", given, 1),
            Population("b", given, 1),
            Population("out", COUNTER, 2, {"n": np.zeros(2)}),
        ),
        (
            Projection("a", "out", "in", AllToAll(), weight=1.0, delay=0.0, plasticity=BOUNDED),
            Projection(
                "b", "out", "in", AllToAll(), weight=10.0, delay="0.5 ms", plasticity=BOUNDED
            ),
        ),
        name="two",
    )
    simulation = PointGroup(circuit, threads=2)
    simulation.run(5e-3)
    sent = 1 + 2 + 3 + 10 + 11 + 12
    np.testing.assert_allclose(simulation.state("out", "n"), sent, atol=6 * 0.5 * 2000 / 2**20)
    assert simulation.connections(0).weights.tolist() == [4, 4]
    assert simulation.connections(1).weights.tolist() == [13, 13]


def test_looking_at_short_term_synapses_sends_nothing():
    simulation = PointGroup(onto_counters(feed(1.0, plasticity=TSODYKS_MARKRAM)), threads=1)
    simulation.run(1e-4)
    assert simulation.connections(0).weights.tolist() == [1]
    simulation.run(1e-4)
    assert simulation.state("out", "n") == 0
