"""What a user gives a circuit or a simulation is taken, or refused by one line; nothing hangs."""

import math

import numpy as np
import pytest

from halfbrain.cells.catalogue import named_neuron
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.check import check
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection, SpikeList
from halfbrain.circuits.from_toml import circuit_from_toml
from halfbrain.connectivity.rule import AllToAll, Bernoulli, FixedIn, FixedOut, FixedTotal, OneToOne
from halfbrain.connectivity.value import LogNormal, Mixture, Normal
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.session import Session
from halfbrain.errors import CircuitError, HalfbrainError, HalfbrainWarning

CELL = Neuron("n : 1\ndx/dt = -x/ms : volt", receptors={"in": "n"}, name="c")


def circuit(rule=None, weight=1.0, size=10, delay="1 ms"):
    return Circuit(
        (Population("s", SpikeList([0.001], [0]), 10), Population("p", CELL, size)),
        (Projection("s", "p", "in", rule or AllToAll(), weight=weight, delay=delay),),
        name="x",
    )


@pytest.mark.parametrize("size", [3200, 3200.0, np.int64(3200), np.float32(3200), 0.8 * 4000])
def test_a_whole_number_is_one_however_it_is_given(size):
    assert Population("p", CELL, size).size == 3200
    assert isinstance(Population("p", CELL, size).size, int)
    assert FixedIn(size).k == FixedOut(size).k == FixedTotal(size).n == 3200


@pytest.mark.parametrize("number", [10.5, True, "10", None, math.nan, math.inf, [3]])
def test_what_is_no_whole_number_is_one_line(number):
    for make in (lambda: Population("p", CELL, number), lambda: FixedIn(number),
                 lambda: FixedOut(number), lambda: FixedTotal(number)):  # fmt: skip
        with pytest.raises(CircuitError, match="is a whole number, not"):
            make()


def test_other_arguments_of_rules_and_values_are_one_line():
    for make, said in (
        (lambda: Bernoulli("0.1"), "p is a number without a unit, not '0.1'"),
        (lambda: AllToAll("no"), "autapses is True or False, not 'no'"),
        (lambda: PointGroup(circuit(weight=LogNormal(1, "2"))), "sigma is a number without"),
        (lambda: PointGroup(circuit(weight=Mixture("a", 1, 2))), "mixture is a number without"),
        (lambda: PointGroup(circuit(weight=[math.nan] * 100)), "not finite"),
        (lambda: PointGroup("cuba"), "is of a Circuit, not 'cuba'"),
        (lambda: PointGroup(circuit(), threads="2"), "threads is a whole number"),
        (lambda: PointGroup(circuit(), parts=1.5), "parts is a whole number"),
        (lambda: PointGroup(circuit(), record=["p.x"]), "record is a table such as"),
        (lambda: PointGroup(circuit(), record={"p.x": [0]}), "record is a table such as"),
        (lambda: PointGroup(circuit(), record={("p", "x"): [[0], [1, 2]]}), "has neurons 0 to 9"),
        (lambda: SpikeList([0.001], [0.5]), "a neuron is a whole number"),
        (lambda: SpikeList([0.001], [math.nan]), "a neuron is a whole number"),
        (lambda: SpikeList(["soon"], [0]), "'soon' is no number and unit"),
    ):
        with pytest.raises(HalfbrainError, match=said) as caught:
            make()
        assert "\n" not in str(caught.value)


def test_a_state_is_set_with_its_unit():
    simulation = PointGroup(circuit(), threads=1)
    simulation.set_state("p", "x", "-60 mV")
    assert simulation.state("p", "x") == pytest.approx([-0.06] * 10)
    for value, said in (("-60 s", "must be in volt"), ("x", "no number and unit"),
                        (["a"], "is no number and unit")):  # fmt: skip
        with pytest.raises(CircuitError, match=said):
            simulation.set_state("p", "x", value)
    with pytest.raises(CircuitError, match="a run's length in seconds is a number"):
        simulation.run("1 s")
    with pytest.raises(CircuitError, match="no projection 7; there are 1"):
        simulation.connections(7)


def drawn(weight, n=4000):
    return PointGroup(circuit(weight=weight, size=n), threads=1).connections(0).weights


def test_a_normal_number_between_equal_bounds_is_that():
    assert drawn(Normal(-65.0, 2.0, -65.0, -65.0)).tolist() == [-65.0] * 40_000


@pytest.mark.parametrize(
    ("low", "high", "mean"),
    # The mean beyond c is phi(c)/Q(c); near 0 a narrow window is even.
    [(3.9, None, 4.13297), (None, -3.9, -4.13297), (-1e-3, 1e-3, 0.0), (0.999, 1.001, 1.0)],
)
def test_a_normal_number_in_a_window_that_few_are_in_comes_at_once(low, high, mean):
    found = drawn(Normal(0.0, 1.0, low, high))
    assert (found >= (low or -6.8) - 1e-3).all()
    assert (found <= (high or 6.8) + 1e-3).all()
    assert found.mean() == pytest.approx(mean, abs=6 * found.std() / math.sqrt(found.size) + 1e-4)


@pytest.mark.parametrize("n", [3_000_000, 10_000_000])
def test_what_no_memory_holds_is_one_line_before_it_is_built(n):
    everyone = Population("p", CELL, n)
    for rule in (AllToAll(), Bernoulli(0.9), FixedIn(n), FixedOut(n), FixedTotal(n * n)):
        large = Circuit((everyone,), (Projection("p", "p", "in", rule, weight=1.0),), name="large")
        with pytest.raises(
            CircuitError, match=r"at least .* [TP]B \(.* bytes\) of memory, and this"
        ):
            PointGroup(large, threads=1)
    with pytest.raises(CircuitError, match="with 2,000,000,000 neurons"):
        PointGroup(Circuit((Population("p", named_neuron("traub_miles"), 2e9),), (), name="large"))


def test_a_list_of_weights_goes_with_one_to_one_and_all_to_all_everywhere(tmp_path):
    check(circuit(OneToOne(), list(range(1, 11))))
    check(circuit(AllToAll(), np.arange(100.0)))
    path = tmp_path / "c.toml"
    path.write_text(
        "[populations.p]\nsize = 2\nequations = 'v : 1'\nreceptors = { in = 'v' }\n"
        "[[projections]]\nsource = 'p'\ntarget = 'p'\nreceptor = 'in'\n"
        "rule = 'one_to_one'\nweight = [1.0, 2.0]\n",
        "utf-8",
    )
    found = PointGroup(circuit_from_toml(path), threads=1).connections(0)
    assert found.weights == pytest.approx([1.0, 2.0], rel=1e-3)
    with pytest.raises(CircuitError, match="an array of 3; 10 are needed"):
        check(circuit(OneToOne(), [1, 2, 3]))
    with pytest.raises(CircuitError, match="an array goes with explicit pairs, one-to-one"):
        check(circuit(Bernoulli(0.5), [1, 2, 3]))


def poisson(rate):
    cell = named_neuron("poisson")
    return Circuit((Population("p", cell, 20, {"rate": rate}),), (), dt="1 ms", name="c")


def test_a_rate_of_a_spike_a_step_and_more_is_told_of():
    with pytest.warns(HalfbrainWarning, match="2 spikes in a step of 1 ms.* a clock of 1000 Hz"):
        simulation = PointGroup(poisson("2000 Hz"), threads=1)
    simulation.run(0.1)
    assert simulation.spikes.rates() == {"p": pytest.approx(1000)}
    simulation = PointGroup(poisson([10.0] * 20), threads=1)
    with pytest.warns(HalfbrainWarning, match="a clock of 1000 Hz"):
        simulation.set_state("p", "rate", "1 kHz")


def test_a_drive_of_several_spikes_a_step_draws_their_number():
    drive = PoissonDrive("p", "in", "5000 Hz", 1.0)
    still = Circuit((Population("p", CELL, 2000),), (), (drive,), dt="1 ms", name="c")
    simulation = PointGroup(still, threads=1)
    simulation.run(1e-3)
    found = simulation.state("p", "n")
    assert found.mean() == pytest.approx(5, abs=0.25)
    assert found.var() == pytest.approx(5, abs=0.8)


def test_two_spikes_of_a_source_in_a_step_are_one_line():
    spikes = SpikeList([0.001, 0.00102], [3, 3])
    with pytest.raises(CircuitError, match=r"neuron 3 has two spikes in one time step, at 0.001 s"):
        PointGroup(Circuit((Population("s", spikes, 5),), (), name="c"), threads=1)


def test_a_threshold_without_a_reset_a_negative_conductance_and_a_late_delay_are_told_of():
    cell = Neuron("dv/dt = 1/ms : 1", threshold="v > 1", name="f")
    with pytest.warns(HalfbrainWarning, match="a threshold and no reset"):
        PointGroup(Circuit((Population("p", cell, 1),), (), name="c"), threads=1)
    cell = Neuron("g : siemens", receptors={"in": "g"}, name="g")
    source = Population("s", SpikeList([0.0], [0]), 1)
    for weight in ("-1 nS", [-1e-9], Normal("-1 nS", "0.1 nS")):
        projection = Projection("s", "p", "in", AllToAll(), weight=weight)
        with pytest.warns(HalfbrainWarning, match="below zero, onto a conductance"):
            PointGroup(
                Circuit((source, Population("p", cell, 1)), (projection,), name="c"), threads=1
            )
    session = Session(PointGroup(circuit(delay="20 ms"), threads=1), None, {})
    with pytest.warns(HalfbrainWarning, match="20 ms goes beyond the run of 10 ms"):
        session.run(0.01)
