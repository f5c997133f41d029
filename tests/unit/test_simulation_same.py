"""A simulation of one kind of neurons is what its group alone is, bit for bit; also once saved."""

import numpy as np
import pytest

import halfbrain as hb
from halfbrain.circuits.named.cobahh import cobahh
from halfbrain.circuits.named.cuba import cuba
from halfbrain.circuits.named.hpc_benchmark import hpc_benchmark
from halfbrain.circuits.named.ring import ring
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.simulation import Simulation, load
from halfbrain.errors import HalfbrainError, RunError
from halfbrain.io.sonata import read_sonata
from sonata_points import build, driven

MADE = {
    "cuba": lambda: cuba(neurons=400),
    "cobahh": lambda: cobahh(neurons=200),
    "plastic": lambda: hpc_benchmark(scale=0.02),
    "ring": ring,
}


@pytest.mark.parametrize("name", MADE)
def test_spikes_and_traces_are_those_of_the_group_alone(name, tmp_path):
    circuit = MADE[name]()
    group = (CableGroup if name == "ring" else PointGroup)(circuit, seed=3, threads=1)
    first = group.circuit.populations[0].name
    plastic = [p for p in circuit.projections if name == "plastic" and p.plasticity]
    weights = [(p.source, p.target) for p in plastic]
    record = {(first, "V" if name == "cobahh" else "v"): [0, 3]} | {
        (*of, "w"): range(1000) for of in weights
    }
    simulation = Simulation(circuit, seed=3, threads=2, record=record)
    group.run(0.06)
    simulation.run("40 ms")
    simulation.save(tmp_path / "saved")
    simulation.run("20 ms")
    resumed = load(tmp_path / "saved", threads=1)
    resumed.run("20 ms")
    assert len(group.spikes.steps) > 3
    for other in (simulation, resumed):
        assert np.array_equal(other.spikes.steps, group.spikes.steps)
        assert np.array_equal(other.spikes.neurons, group.spikes.neurons)
    for key, trace in simulation.recorded.items():
        assert np.array_equal(trace.values, resumed.recorded[key].values)
    if name == "plastic":
        key = *weights[0], plastic[0].receptor
        now = simulation.weights(*key).weights
        trace = simulation.recorded[*key[:2], "w"]
        assert trace.times == pytest.approx(np.arange(1, 7) * 0.01)
        assert np.array_equal(trace.values[-1], now[:1000])
        assert np.ptp(trace.values, axis=0).max() > 0
        assert np.array_equal(now, resumed.weights(*key).weights)
        assert len(np.unique(now)) > 1
        simulation.set_weights(*key[:2], now * 0.5, key[2])
        assert simulation.weights(*key).weights == pytest.approx(now * 0.5)


def test_what_is_no_checkpoint_of_it_is_said_in_a_line(tmp_path):
    with pytest.raises(RunError, match="no such checkpoint"):
        load(tmp_path / "none")
    circuit = cuba(neurons=400)
    simulation = Simulation(circuit, seed=3, threads=1)
    simulation.save(tmp_path / "saved")
    with pytest.raises(RunError, match="is of another run"):
        load(tmp_path / "saved", cuba(neurons=404), threads=1)


def test_inputs_are_data_of_a_circuit():
    neuron = hb.Neuron("dv/dt = (I*(100*Mohm) - v)/(20*ms) : volt\nI : amp")
    rows = np.array([[0.0, 1e-10], [2e-10, 0.0]])
    given = hb.Input("E", rows, every="5 ms", neurons=[2, 0], into="I")
    record = {("E", "v"): range(3)}
    asked = hb.Circuit([hb.Population("E", neuron, 3)], inputs=[given])
    one = hb.Simulation(asked, threads=1, record=record)
    other = hb.Simulation(hb.Circuit([hb.Population("E", neuron, 3)]), threads=1, record=record)
    other.input("E", [2, 0], rows, times=["0 ms", "5 ms"], into="I")
    for simulation in (one, other):
        simulation.run("12 ms")
    found = one.recorded["E", "v"].values
    assert np.array_equal(found, other.recorded["E", "v"].values)
    assert found[49, 0] == pytest.approx(10e-3 * (1 - np.exp(-5e-3 / 20e-3)), rel=1e-5)
    assert not found[:, 1].any()
    with pytest.raises(HalfbrainError, match="is no Input of a circuit"):
        hb.Simulation(hb.Circuit([hb.Population("E", neuron, 3)], inputs=[3]), threads=1)


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
def test_currents_of_a_sonata_network_go_in(tmp_path):
    network = {
        "dt": 0.1,
        "stop": 30.0,
        "neurons": [["iaf_psc_exp", {}], ["iaf_psc_exp", {"I_e": 100.0}]],
        "current": [[400.0, 900.0], [2.0, 10.0, 20.0]],
    }
    config = build(tmp_path, network)
    simulation = hb.Simulation(hb.read(config), dtype="float64", threads=1)
    simulation.run("30 ms")
    plain = driven(read_sonata(config), dtype="float64", threads=1)
    plain.run(0.03)
    assert len(plain.spikes.steps) > 0
    assert np.array_equal(simulation.spikes.steps, plain.spikes.steps)
