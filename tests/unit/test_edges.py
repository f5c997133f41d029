"""What a circuit or a run can come to at its edges: tiny, empty, long, and wrong."""

import numpy as np
import pytest

from counters import COUNTER, feed, onto_counters
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.rules import TSODYKS_MARKRAM
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection, SpikeList
from halfbrain.connectivity.rule import AllToAll, Bernoulli, Explicit, FixedTotal
from halfbrain.connectivity.value import Mixture, Normal, Uniform
from halfbrain.engine import checkpoint
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import CircuitError, RunError


def counted(circuit, seconds=2e-3, **how):
    simulation = PointGroup(circuit, **{"threads": 2, **how})
    simulation.run(seconds)
    return simulation.state("out", "n")


# -- sizes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 63, 64, 65])
def test_fewer_blocks_than_threads(size, threads):
    np.testing.assert_array_equal(
        counted(onto_counters(feed(3.0), size=size), threads=threads), 3.0
    )


def test_over_a_thousand_populations_of_one_neuron_share_few_parts():
    tiny = tuple(Population(f"p{i}", COUNTER, 1, {"n": float(i)}) for i in range(1100))
    simulation = PointGroup(Circuit(tiny, (), name="tiny"), threads=2)
    assert simulation.layout.parts == 2
    assert np.ptp(simulation.layout.part_size) == 0
    assert simulation.state("p1099", "n") == 1099


def test_more_neurons_than_a_part_holds_are_never_put_into_one():
    circuit = onto_counters(feed(1.0), size=70_000)
    assert counted(circuit, threads=1).sum() == 70_000
    with pytest.raises(CircuitError, match="1 parts are too few"):
        PointGroup(circuit, threads=1, parts=1)


def test_a_circuit_of_given_spikes_only():
    given = SpikeList(np.array([5e-4, 1e-3]), np.array([2, 0]))
    simulation = PointGroup(Circuit((Population("in", given, 3),), (), name="played"), threads=3)
    simulation.run(2e-3)
    assert simulation.spikes.steps.tolist() == [5, 10]
    assert simulation.spikes.neurons.tolist() == [2, 0]
    assert simulation.neurons == 0


@pytest.mark.parametrize("rule", [Bernoulli(0.0), FixedTotal(0), Explicit([], [])])
@pytest.mark.parametrize("plasticity", [None, TSODYKS_MARKRAM])
def test_a_projection_without_synapses(rule, plasticity, tmp_path):
    circuit = onto_counters(feed(1.0, plasticity=plasticity, rule=rule))
    simulation = PointGroup(circuit)
    simulation.run(1e-3)
    assert simulation.synapses == len(simulation.connections(0).weights) == 0
    if plasticity:
        simulation.set_weights(0, [])
    checkpoint.save(tmp_path / "c", simulation, {})
    checkpoint.load(tmp_path / "c").restore(PointGroup(circuit))
    assert simulation.state("out", "n") == 0


# -- delays ------------------------------------------------------------------------------------


def test_the_shortest_and_the_longest_delay_together():
    steps = 60_000
    circuit = onto_counters(feed(1.0), feed(10.0, steps * 1e-4))
    simulation = PointGroup(circuit, threads=2)
    simulation.run(6e-3 + 6e-4)
    assert simulation.state("out", "n") == 1
    simulation.run(steps * 1e-4 - 6e-3)
    assert simulation.state("out", "n") == 1
    simulation.run(1e-4)
    assert simulation.state("out", "n") == 11


@pytest.mark.parametrize(
    "delay",
    [
        Normal("0.2 ms", "1 ms"),
        Mixture(0.5, Normal("1 ms", "0.1 ms"), Normal("0.5 ms", "1 ms")),
        Mixture(0.3, Uniform("1 ms", "2 ms"), Normal("0.5 ms", "1 ms")),
        Mixture(0.3, Normal("0.5 ms", "1 ms"), "3 ms"),
    ],
)
def test_no_delay_is_below_zero(delay):
    simulation = PointGroup(onto_counters(feed(1.0, delay), size=3000))
    delays = simulation.connections(0).delays
    assert 0 <= delays.min() < delays.max()
    simulation.run(20e-3)
    np.testing.assert_array_equal(simulation.state("out", "n"), 1)


@pytest.mark.parametrize(
    ("delay", "message"),
    [
        (Normal("-10 ms", "1 ms"), "nearly all delays would be below zero"),
        (Mixture(0.5, "1 ms", Uniform("-1 ms", "1 ms")), "a delay is not below zero"),
        (Uniform("0 ms", "7 s"), "7 s is over 65535 time steps"),
    ],
)
def test_delays_that_cannot_be_are_one_line(delay, message):
    with pytest.raises(CircuitError, match=message):
        PointGroup(onto_counters(feed(1.0, delay)))


# -- runs --------------------------------------------------------------------------------------

LIF = Neuron(
    "dv/dt = (I - v)/(10*ms) : 1\nI : 1", threshold="v > 1", reset="v = 0",
    receptors={"in": "v"}, name="lif"
)  # fmt: skip


SHORT = feed(1.0, 0.0, TSODYKS_MARKRAM)


def noisy(**how):
    circuit = Circuit(
        (Population("n", LIF, 100, {"v": Uniform(0.0, 1.0), "I": Uniform(0.8, 1.4)}),),
        (
            Projection(
                "n",
                "n",
                "in",
                Bernoulli(0.1),
                weight=Normal(0.02, 0.01),
                delay=Uniform("0 ms", "3 ms"),
            ),
        ),
        (PoissonDrive("n", "in", "800 Hz", 0.05),),
        name="noisy",
    )
    return PointGroup(circuit, seed=3, **how)


def test_many_runs_of_one_step_are_one_run_of_many():
    once, often = noisy(threads=2), noisy(threads=1)
    once.run(0.05)
    for _ in range(500):
        often.run(1e-4)
    assert len(once.spikes.steps) > 50
    np.testing.assert_array_equal(once.spikes.steps, often.spikes.steps)
    np.testing.assert_array_equal(once.spikes.neurons, often.spikes.neurons)
    np.testing.assert_array_equal(once.state("n", "v"), often.state("n", "v"))


def test_odd_intervals_of_recording_and_of_running():
    record = {("n", "v"): [99, 3]}
    every = noisy(record=record)
    every.run(0.03)
    some = noisy(record=record, record_every=7e-4)
    for steps in (1, 6, 7, 8, 13, 265):
        some.run(steps * 1e-4)
    (a,), (b,) = every.recorded, some.recorded
    np.testing.assert_array_equal(a.values[6::7], b.values)
    np.testing.assert_allclose(b.times, np.arange(1, 43) * 7e-4)


def test_a_state_that_is_set_between_runs_counts_from_the_next_step():
    simulation = noisy(threads=2)
    simulation.run(1e-3)
    simulation.set_state("n", "I", np.zeros(100))
    simulation.set_state("n", "v", np.linspace(2.0, 3.0, 100))
    spikes = simulation.spikes
    # The reset of those that have just fired is still to come.
    just = spikes.neurons[spikes.steps == 9]
    simulation.run(1e-4)
    now = simulation.spikes.neurons[len(spikes.steps) :]
    np.testing.assert_array_equal(now, np.setdiff1d(np.arange(100), just))
    simulation.set_state("n", "v", -100.0)
    simulation.run(1e-3)
    assert len(simulation.spikes.steps) == len(spikes.steps) + len(now)


@pytest.mark.parametrize("steps", [0, 1])
def test_a_run_goes_on_from_its_very_start(tmp_path, steps):
    whole, first, resumed = noisy(), noisy(threads=1), noisy(threads=3)
    whole.run(0.02)
    if steps:
        first.run(steps * 1e-4)
    checkpoint.save(tmp_path / "c", first, {})
    checkpoint.load(tmp_path / "c").restore(resumed)
    resumed.run(0.02 - steps * 1e-4)
    np.testing.assert_array_equal(resumed.state("n", "v"), whole.state("n", "v"))


def test_a_neuron_that_fires_at_every_step():
    always = Neuron("v : 1", threshold="v > 0", receptors={"in": "v"}, name="always")
    circuit = Circuit(
        (
            Population("src", always, 3, {"v": np.ones(3)}),
            Population("out", COUNTER, 1, {"n": np.zeros(1)}),
        ),
        (Projection("src", "out", "in", AllToAll(), weight=2.0, delay=Uniform("0 ms", "60 ms")),),
        name="always",
    )
    simulation = PointGroup(circuit, threads=2, seed=5)
    simulation.run(0.1)
    assert len(simulation.spikes.steps) == 3 * 1000
    # A spike of each step up to 998 less the delay has arrived.
    delays = np.rint(simulation.connections(0).delays / 1e-4)
    assert simulation.state("out", "n")[0] == 2 * np.sum(999 - delays)


def test_the_smallest_numbers_are_left_to_others():
    noisy(threads=1).run(1e-3)
    assert np.float64(5e-324) * 1 > 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: noisy(threads=0), "0 threads: a simulation has 1 to"),
        (lambda: noisy(parts=-1), "at least one part"),
        (lambda: noisy(dtype="float16"), "there are float32 and float64"),
        (lambda: noisy().run(float("nan")), "nan s is no time ahead"),
        (lambda: noisy().run(4e-5), "0.04 ms is less than half a time step of 0.1 ms"),
        (lambda: noisy().run(1e9), "more than the 2,147,483,647 time steps of 0.1 ms"),
        (lambda: noisy(threads=100_000), "100,000 threads: a simulation has 1 to"),
        (lambda: noisy(record={("n", "v"): [100]}), "has neurons 0 to 99 to record"),
        (lambda: noisy(record={("n", "v"): [0.5]}), "has neurons 0 to 99 to record"),
        (lambda: noisy(record={("n", "u"): [0]}), "no variable 'u'"),
        (lambda: noisy(record={("m", "v"): [0]}), "no population 'm'"),
        (
            lambda: noisy(record={("n", "v"): [0]}, record_every=1e-5),
            "0.01 ms is less",
        ),
        (lambda: noisy().set_state("n", "v", [1.0]), "for each of its 100 neurons"),
        (lambda: noisy().set_state("n", "v", float("nan")), "'nan' is no number"),
        (lambda: noisy().set_weights(0, 1.0), "only plastic weights can be set"),
        (
            lambda: PointGroup(onto_counters(feed(1.0, 0.0, TSODYKS_MARKRAM), size=3)).set_weights(
                0, [1]
            ),
            "for each of its 3 synapses",
        ),
    ],
)
def test_what_cannot_be_run_is_one_line(wrong, message):
    with pytest.raises((CircuitError, RunError), match=message) as caught:
        wrong()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("start", [2.0, np.array([2.0, 2.0])])
def test_a_parameter_that_arrivals_or_resets_change_is_each_neurons_own(start):
    cell = Neuron(
        "n : 1\nk : 1", threshold="n > 2.5", reset="k += n", receptors={"in": "n"}, name="own"
    )
    given = SpikeList(np.array([5e-4]), np.array([0]))
    circuit = Circuit(
        (Population("in", given, 1), Population("out", cell, 2, {"n": start, "k": 1.0})),
        (Projection("in", "out", "in", Explicit([0], [1]), weight=1.0),),
        name="own",
    )
    simulation = PointGroup(circuit)
    simulation.run(9e-4)
    assert simulation.state("out", "n").tolist() == [2, 3]
    # It fires in steps 6, 7 and 8, and the last reset is still to come.
    assert simulation.state("out", "k").tolist() == [1, 7]
