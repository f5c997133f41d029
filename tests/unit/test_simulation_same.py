"""A simulation of one kind of neurons is what its group alone is, bit for bit; also once saved."""

import numpy as np
import pytest

from halfbrain.circuits.named.cobahh import cobahh
from halfbrain.circuits.named.cuba import cuba
from halfbrain.circuits.named.hpc_benchmark import hpc_benchmark
from halfbrain.circuits.named.ring import ring
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.simulation import Simulation, load
from halfbrain.errors import RunError

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
        (*of, "w"): [5, 0] for of in weights
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
        assert np.array_equal(trace.values[-1], now[[5, 0]])
        assert len(np.unique(trace.values[:, 0])) > 1 or len(np.unique(trace.values[:, 1])) > 1
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
