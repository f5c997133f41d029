"""The engine against a plain one, the closed form, and itself on other threads."""

import numpy as np
import pytest

import naive
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection, SpikeList
from halfbrain.connectivity.rule import AllToAll, Bernoulli, Explicit, FixedIn, FixedOut, FixedTotal
from halfbrain.connectivity.value import LogNormal, Mixture, Normal, Uniform
from halfbrain.engine import checkpoint
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import CircuitError, RunError

LIF = Neuron(
    "dv/dt = (E - v + ge + gi)/tau : volt (unless refractory)\n"
    "dge/dt = -ge/te : volt\ndgi/dt = -gi/ti : volt\nE : volt",
    constants={"tau": "20 ms", "te": "5 ms", "ti": "10 ms", "Vt": "-50 mV", "Vr": "-60 mV"},
    threshold="v > Vt",
    reset="v = Vr",
    refractory="5 ms",
    receptors={"exc": "ge", "inh": "gi"},
    name="lif",
)
START = {"v": Uniform("-60 mV", "-50 mV"), "E": "-49 mV"}
STDP = Plasticity(
    "pair",
    pre={"x": "20 ms"},
    post={"y": "15 ms"},
    on_pre="w = clip(w - 0.3*A*y, 0*mV, wmax)",
    on_post="w = clip(w + A*x, 0*mV, wmax)",
    constants={"A": "0.4 mV", "wmax": "6 mV"},
)


DELAY = Uniform("0.1 ms", "2 ms")


def network(size=60, plasticity=None, delay=DELAY, **changes):
    e, i = size * 4 // 5, size - size * 4 // 5
    given = SpikeList(np.array([0.001, 0.002, 0.0205]), np.array([0, 2, 0]))
    how = {
        "populations": (
            Population("E", LIF, e, START),
            Population("I", LIF, i, START),
            Population("input", given, 3),
        ),
        "projections": (
            Projection(
                "E",
                "E",
                "exc",
                FixedIn(6),
                weight=Normal("2 mV", "0.3 mV"),
                delay=delay,
                plasticity=plasticity,
            ),
            Projection("E", "I", "exc", Bernoulli(0.1), weight="2 mV", delay="1.5 ms"),
            Projection(
                "I", "E", "inh", FixedOut(9), weight=LogNormal("-4 mV", 0.2) if 0 else "-4 mV"
            ),
            Projection(
                "I", "I", "inh", FixedTotal(5 * i), weight=Uniform("-5 mV", "-3 mV"), delay="0.5 ms"
            ),
            Projection("input", "E", "exc", AllToAll(), weight="1 mV", delay="0.3 ms"),
        ),
    }
    return Circuit(**(how | changes), name="net")


def spikes_of(simulation):
    spikes = simulation.spikes
    return list(zip(spikes.steps.tolist(), spikes.neurons.tolist(), strict=True))


def test_spikes_are_those_of_a_plain_simulation():
    simulation = PointGroup(network(), dtype="float64", threads=2, seed=3)
    spikes, _ = naive.run(simulation, 1000)
    simulation.run(0.1)
    assert len(spikes) > 100
    assert spikes_of(simulation) == spikes


def clipped(low, high, x):
    return min(max(x, low), high)


def test_plastic_weights_are_those_of_a_plain_simulation():
    simulation = PointGroup(network(plasticity=STDP), dtype="float64", threads=2, seed=4)
    before = simulation.connections(0).weights
    rule = (
        lambda w, at: clipped(0.0, 6e-3, w - 0.3 * 0.4e-3 * at["y"]),
        lambda w, at: clipped(0.0, 6e-3, w + 0.4e-3 * at["x"]),
        lambda w, at: w,
    )
    spikes, weights = naive.run(simulation, 1200, {0: rule})
    simulation.run(0.12)
    after = simulation.connections(0).weights
    assert spikes_of(simulation) == spikes
    assert np.mean(after != before) > 0.9
    np.testing.assert_allclose(after, weights[0], rtol=1e-9)


def test_more_spikes_than_are_remembered_change_weights_as_in_a_plain_simulation():
    # Targets fire far more often than their sources, so that their memory runs full.
    fast = Neuron(
        "v : 1", threshold="v > 0.5", refractory="1 ms", receptors={"exc": "v"}, name="fast"
    )
    times = np.array([0.01, 0.09, 0.17])
    circuit = Circuit(
        (
            Population("in", SpikeList(times, np.zeros(3, int)), 1),
            Population("out", fast, 3, {"v": np.array([1.0, 1.0, 0.0])}),
        ),
        (
            Projection(
                "in", "out", "exc", AllToAll(), weight=0.25, delay="0.7 ms", plasticity=UNITLESS
            ),
        ),
        name="full",
    )
    simulation = PointGroup(circuit, dtype="float64", threads=1)
    rule = (
        lambda w, at: w - 0.01 * at["y"],
        lambda w, at: w + 0.02 * at["x"],
        lambda w, at: 0.0 * w,
    )
    spikes, weights = naive.run(simulation, 2000, {0: rule})
    simulation.run(0.2)
    assert spikes_of(simulation) == spikes
    np.testing.assert_allclose(simulation.connections(0).weights, weights[0], rtol=1e-9)


UNITLESS = Plasticity(
    "silent",
    pre={"x": "20 ms"},
    post={"y": "15 ms"},
    on_pre="w -= 0.01*y",
    on_post="w += 0.02*x",
    deliver="0*w",
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("plasticity", [None, STDP])
def test_spikes_do_not_depend_on_threads_nor_on_a_resume(tmp_path, dtype, plasticity):
    circuit = network(300, plasticity, drives=(PoissonDrive("E", "exc", "500 Hz", "1 mV"),))
    whole = PointGroup(circuit, threads=1, dtype=dtype, seed=5)
    whole.run(0.2)
    assert len(whole.spikes.steps) > 500
    half = PointGroup(circuit, threads=2, dtype=dtype, seed=5)
    half.run(0.1)
    checkpoint.save(tmp_path / "c", half, {"note": 1})
    half.run(0.1)
    resumed = PointGroup(circuit, threads=3, dtype=dtype, seed=5)
    saved = checkpoint.load(tmp_path / "c")
    saved.restore(resumed)
    resumed.run(0.1)
    assert saved.notes["note"] == 1
    assert spikes_of(half) == spikes_of(whole)
    assert spikes_of(resumed) == [pair for pair in spikes_of(whole) if pair[0] >= 1000]
    if plasticity:
        same = [s.connections(0).weights for s in (whole, half, resumed)]
        np.testing.assert_array_equal(same[0], same[1])
        np.testing.assert_array_equal(same[0], same[2])


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    one = PointGroup(network(), seed=1)
    one.run(0.001)
    checkpoint.save(tmp_path / "c", one, {})
    for other in (
        PointGroup(network(), seed=2),
        PointGroup(network(40), seed=1),
        PointGroup(network(), seed=1, dtype="float64"),
    ):
        with pytest.raises(RunError, match=r"is of another run: .* changed"):
            checkpoint.load(tmp_path / "c").restore(other)
    (tmp_path / "d").write_bytes((tmp_path / "c").read_bytes()[:500])
    with pytest.raises(RunError, match="no checkpoint of halfbrain"):
        checkpoint.load(tmp_path / "d")
    with pytest.raises(RunError, match="no such checkpoint"):
        checkpoint.load(tmp_path / "e")


def test_a_leaky_neuron_follows_the_closed_form():
    circuit = Circuit((Population("n", LIF, 1, {"v": "-60 mV", "E": "-52 mV"}),), (), name="one")
    simulation = PointGroup(circuit, dtype="float64", record={("n", "v"): [0]})
    simulation.run(0.1)
    (recorded,) = simulation.recorded
    wanted = -0.052 - 0.008 * np.exp(-recorded.times / 0.020)
    np.testing.assert_allclose(recorded.values[:, 0], wanted, rtol=1e-12)


@pytest.mark.parametrize("delay", [0, 1, 7])
def test_a_spike_arrives_after_its_delay(delay):
    count = Neuron("n : 1", receptors={"in": "n"}, name="counter")
    circuit = Circuit(
        (
            Population("in", SpikeList(np.array([5e-4]), np.array([0])), 1),
            Population("out", count, 1, {"n": np.zeros(1)}),
        ),
        (Projection("in", "out", "in", AllToAll(), weight=1.0, delay=delay * 1e-4),),
        name="delay",
    )
    simulation = PointGroup(circuit, record={("out", "n"): [0]})
    simulation.run(2e-3)
    # A spike of step 5 is there when step 6 begins, if there is no delay.
    assert np.flatnonzero(simulation.recorded[0].values[:, 0])[0] == 6 + delay


def test_recording_every_so_often_takes_the_same_values():
    circuit = network()
    every = PointGroup(circuit, record={("E", "v"): [0, 47]})
    some = PointGroup(circuit, record={("E", "v"): [0, 47]}, record_every=1e-3, threads=1)
    every.run(0.05)
    some.run(0.05)
    a, b = every.recorded[0], some.recorded[0]
    assert a.values.shape == (500, 2)
    assert b.values.shape == (50, 2)
    np.testing.assert_array_equal(a.values[9::10], b.values)
    np.testing.assert_allclose(a.times[9::10], b.times)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dt": "2 mV"}, "dt"),
        ({"drives": (PoissonDrive("E", "exc", "-1 Hz", "1 mV"),)}, "-1 Hz is not between"),
        (
            {"projections": (Projection("E", "E", "exc", Bernoulli(1.5), weight="1 mV"),)},
            "a probability is 0 to 1, not 1.5",
        ),
        (
            {"projections": (Projection("E", "E", "exc", AllToAll(), weight="1 ms"),)},
            "weight: '1 ms' is in second, but must be in volt",
        ),
        (
            {
                "projections": (
                    Projection("E", "E", "exc", AllToAll(), weight="1 mV", delay="-1 ms"),
                )
            },
            "a delay is not below zero",
        ),
        (
            {
                "projections": (
                    Projection("E", "E", "exc", Explicit([0, 99], [1, 1]), weight="1 mV"),
                )
            },
            "sources: must be whole numbers from 0 to 47",
        ),
        (
            {"projections": (Projection("E", "E", "exc", AllToAll(), weight=np.ones(7)),)},
            "an array of 7; 2304 are needed",
        ),
        (
            {"projections": (Projection("E", "E", "exc", Bernoulli(0.1), weight=np.ones(7)),)},
            "an array goes with explicit pairs",
        ),
        (
            {"projections": (Projection("E", "E", "exc", AllToAll(), weight=Mixture(2.0, 1, 2)),)},
            "the share of a mixture is 0 to 1",
        ),
    ],
)
def test_what_cannot_be_built_is_one_line(changes, message):
    with pytest.raises((CircuitError, RunError)) as caught:
        PointGroup(network(**changes))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
