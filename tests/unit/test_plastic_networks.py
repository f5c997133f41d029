"""Rules in recurrent networks, against a simulation in which every synapse is stepped by itself."""

import numpy as np
import pytest

import naive
from halfbrain.cells.catalogue import named_rule
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.connectivity.rule import Bernoulli, FixedIn
from halfbrain.connectivity.value import Uniform
from halfbrain.engine.point.group import PointGroup

CELL = Neuron(
    "dv/dt = (I - v + g)/(10*ms) : 1 (unless refractory)\ndg/dt = -g/(4*ms) : 1\nI : 1",
    threshold="v > 1",
    reset="v = 0",
    refractory="1 ms",
    receptors={"in": "g"},
    name="cell",
)


def clip(low, high, w):
    return min(max(w, low), high)


RULES = {
    "pair_stdp": (
        {"w_max": "0.4"},
        lambda w, at: clip(0, 0.4, w - 0.00525 * 0.4 * at["post"]),
        lambda w, at: clip(0, 0.4, w + 0.005 * 0.4 * at["pre"]),
    ),
    "pair_stdp_nearest": (
        {"w_max": "0.4"},
        lambda w, at: clip(0, 0.4, w - 0.00525 * 0.4 * at["post"]),
        lambda w, at: clip(0, 0.4, w + 0.005 * 0.4 * at["pre"]),
    ),
    "power_law_stdp": (
        {"w_unit": "0.1", "lambda_": "0.01"},
        lambda w, at: clip(0, w, w - 0.01 * 0.0513 * w * at["post"]),
        lambda w, at: w + 0.01 * 0.1 * (w / 0.1) ** 0.4 * at["pre"],
    ),
    "triplet_stdp": (
        {"w_unit": "0.02", "w_max": "0.4"},
        lambda w, at: clip(0, 0.4, w - 0.02 * at["o1"] * (7e-3 + 2.3e-4 * at["r2"])),
        lambda w, at: clip(0, 0.4, w + 0.02 * at["r1"] * (5e-10 + 6.2e-3 * at["o2"])),
    ),
    "mbody_stdp": (
        {"step": "0.01", "w_max": "0.4"},
        lambda w, at: clip(0, 0.4, w - 0.01 * at["post"]),
        lambda w, at: clip(0, 0.4, w + 0.01 * at["pre"]),
    ),
    "post_pre": (
        {"w_unit": "0.4", "w_max": "0.4"},
        lambda w, at: clip(0, 0.4, w - 1e-4 * 0.4 * at["post"]),
        lambda w, at: clip(0, 0.4, w + 1e-2 * 0.4 * at["pre"]),
    ),
}


def network(name, delay, size=24, drive=1.3, source_first=False):
    """Two plastic projections and a static one onto one receptor, one of given spikes."""
    rule = named_rule(name, source_first=source_first, **RULES[name][0])
    times = np.arange(1, 40) * 4.1e-3
    given = SpikeList(times, np.arange(len(times)) % 5)
    return Circuit(
        (
            Population("n", CELL, size, {"v": Uniform(0.0, 1.0), "I": Uniform(0.8, drive)}),
            Population("in", given, 5),
        ),
        (
            Projection(
                "n", "n", "in", FixedIn(4), weight=Uniform(0.05, 0.2), delay=delay, plasticity=rule
            ),
            Projection("in", "n", "in", Bernoulli(0.5), weight=0.2, delay=delay, plasticity=rule),
            Projection("in", "n", "in", Bernoulli(0.5), weight=Uniform(-0.2, 0.2), delay="0.4 ms"),
        ),
        name="plastic",
    )


def spikes_of(simulation):
    spikes = simulation.spikes
    return list(zip(spikes.steps.tolist(), spikes.neurons.tolist(), strict=True))


FIRST = [(name, False) for name in RULES] + [("triplet_stdp", True), ("pair_stdp_nearest", True)]


@pytest.mark.parametrize("delay", [Uniform("0 ms", "3 ms"), Uniform("0 ms", "60 ms")], ids=str)
@pytest.mark.parametrize(("name", "source_first"), FIRST)
def test_weights_of_a_network_are_those_of_a_plain_simulation(name, source_first, delay):
    circuit = network(name, delay, source_first=source_first)
    simulation = PointGroup(circuit, dtype="float64", threads=2, parts=3, seed=7)
    start = [simulation.connections(i).weights for i in (0, 1)]
    functions = (*RULES[name][1:], lambda w, at: w)
    spikes, weights = naive.run(simulation, 1500, {0: functions, 1: functions})
    simulation.run(0.15)
    assert len(spikes) > 150
    assert spikes_of(simulation) == spikes
    for i in (0, 1):
        found = simulation.connections(i).weights
        np.testing.assert_allclose(found, weights[i], rtol=1e-9, atol=1e-15)
        assert np.abs(found - start[i]).max() > 1e-5


@pytest.mark.parametrize("source_first", [False, True])
def test_more_spikes_than_are_kept_come_while_one_is_long_on_its_way(source_first):
    # Neurons fire every 1.1 ms or so, and the delays are 55 to 60 ms: over 32 spikes each.
    delay = Uniform("55 ms", "60 ms")
    circuit = network("triplet_stdp", delay, size=8, drive=1.0, source_first=source_first)
    fast = Population("n", CELL, 8, {"I": Uniform(15.0, 20.0)})
    circuit = Circuit((fast, circuit.populations[1]), circuit.projections, name="fast")
    simulation = PointGroup(circuit, dtype="float64", threads=2, seed=2)
    functions = (*RULES["triplet_stdp"][1:], lambda w, at: w)
    spikes, weights = naive.run(simulation, 1800, {0: functions, 1: functions})
    simulation.run(0.18)
    assert len(spikes) > 8 * 32 * 2
    assert spikes_of(simulation) == spikes
    for i in (0, 1):
        np.testing.assert_allclose(simulation.connections(i).weights, weights[i], rtol=1e-9)


@pytest.mark.parametrize(("name", "source_first"), FIRST)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_do_not_depend_on_threads_nor_on_who_looks_at_them(name, source_first, dtype):
    circuit = network(name, Uniform("0 ms", "30 ms"), size=150, source_first=source_first)
    whole = PointGroup(circuit, dtype=dtype, threads=1, seed=3)
    whole.run(0.1)
    looked = PointGroup(circuit, dtype=dtype, threads=3, seed=3)
    for _ in range(10):
        looked.run(0.01)
        held = [looked.connections(i).weights for i in (0, 1)]
        looked.set_weights(0, held[0])
    assert len(whole.spikes.steps) > 500
    assert spikes_of(looked) == spikes_of(whole)
    for i in (0, 1):
        np.testing.assert_array_equal(held[i], whole.connections(i).weights)
