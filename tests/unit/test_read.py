"""Circuits from files through the front door."""

import numpy as np
import pytest

import halfbrain as hb
from halfbrain.circuits.from_toml import circuit_from_toml
from halfbrain.engine.fingerprint import fingerprint
from halfbrain.errors import HalfbrainError
from halfbrain.io.sonata import read_sonata
from sonata_points import build, driven

TOML = """
[populations.E]
size = 10
cell = "lif_current_exp"

[[projections]]
source = "E"
target = "E"
receptor = "ex"
rule = { name = "bernoulli", p = 0.5 }
weight = "10 pA"
"""


def test_toml(tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(TOML)
    assert fingerprint(hb.read(path)) == fingerprint(circuit_from_toml(path))
    sim = hb.Simulation(hb.read(str(path)), seed=1)
    sim.run("5 ms")
    assert sim.neurons == 10


NETWORK = {
    "dt": 0.1,
    "stop": 20.0,
    "neurons": [["iaf_psc_delta", {"t_ref": 2.0}], ["iaf_psc_delta", {"t_ref": 2.0}]],
    "given": [[1.0, 2.0, 3.0]],
    "outer": [[0, 0, 30.0, 1.0]],
    "inner": [[0, 1, 30.0, 1.5]],
}


def test_a_sonata_network_runs_as_its_reader_has_it(tmp_path):
    config = build(tmp_path, NETWORK)
    assert fingerprint(hb.read(config)) == fingerprint(read_sonata(config).circuit)
    sim = hb.Simulation(hb.read(config), dtype="float64")
    sim.run("20 ms")
    plain = driven(read_sonata(config), dtype="float64")
    plain.run(0.02)
    assert sim.spikes.steps.tolist() == plain.spikes.steps.tolist()
    assert len(sim.spikes["cells"].times) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("circuit.hoc", "circuits are read from .toml files and SONATA's .json files"),
        ("nowhere.toml", "cannot be read"),
        ("nowhere.json", "nowhere.json"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, name, said):
    with pytest.raises(HalfbrainError) as error:
        hb.read(tmp_path / name)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["cuba", "ring"])
def test_named_circuits_of_both_kinds_run(name):
    circuit = hb.circuit(name, neurons=100 if name == "cuba" else 3)
    sim = hb.Simulation(circuit, seed=1)
    sim.run("20 ms")
    assert len(sim.spikes.steps) > 0
    assert np.isfinite(sim.seconds)


def test_a_circuit_that_there_is_not_is_one_line():
    with pytest.raises(HalfbrainError, match="no circuit 'cubaa'; known are cuba, cobahh"):
        hb.circuit("cubaa")
