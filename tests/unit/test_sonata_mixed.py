"""SONATA circuits of artificial cells, and what of a configuration is read in each of its forms."""

import json

import h5py
import numpy as np
import pytest

from halfbrain.cells.detailed.artificial import artificial, int_fire_1
from halfbrain.cells.detailed.neuroml import read_neuroml
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.io.sonata import read_sonata
from halfbrain.io.sonata.config import read_config

TIMES = [3.03, 5.51, 8.29, 9.97, 13.13, 15.02, 17.77, 21.4]
NEURON = [8.29, 17.77]  # ms, of NEURON 8.2's IntFire1 with tau 12 and refrac 4, weights of 0.45


def test_an_artificial_cell_fires_when_neurons_does():
    cells = [artificial(int_fire_1(), {"tau": 12.0, "refrac": 4.0}) for _ in range(2)]
    simulation = CableSimulation(cells, 0.1, threads=1)
    first, second = (simulation.sends(n, 0, 0) for n in range(2))
    for time in TIMES:
        simulation.event(time, 0, 0, 0, 0.45)
    simulation.connect(first, 1, 0, 0, 1.5, 1.1)
    simulation.run(30)
    times, sources = simulation.spikes()
    assert times[sources == first].tolist() == pytest.approx(NEURON)
    assert times[sources == second].tolist() == pytest.approx([t + 1.5 for t in NEURON])


def integrate_and_fire(times, weights, tau, refractory):
    """Closed form: the spikes of IntFire1."""
    m, last, deaf, out = 0.0, 0.0, -1.0, []
    for time, weight in zip(times, weights, strict=True):
        if time < deaf:
            continue
        m = (m * np.exp(-(time - max(last, deaf)) / tau) if last >= deaf else 0.0) + weight
        last = time
        if m > 1:
            out.append(time)
            deaf, m, last = time + refractory, 0.0, -1.0
    return out


@pytest.fixture
def network(tmp_path):
    """Three artificial cells that a virtual node drives, the third by way of the first."""
    text = h5py.string_dtype()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "fast.json").write_text('{"tau": 0.012, "refrac": 0.004}')
    (tmp_path / "models" / "exc.json").write_text('{"sign": 1}')
    (tmp_path / "full_types.csv").write_text(
        "node_type_id model_type model_template dynamics_params\n"
        "7 point_neuron nrn:IntFire1 fast.json\n"
    )
    (tmp_path / "outside_types.csv").write_text("node_type_id model_type\n9 virtual\n")
    (tmp_path / "edges.csv").write_text(
        "edge_type_id model_template dynamics_params delay\n1 NULL exc.json 2.0\n"
    )
    with h5py.File(tmp_path / "nodes_full.h5", "w") as file:
        file["nodes/cells/node_type_id"] = np.full(3, 7)
        file["nodes/outside/node_type_id"] = np.full(1, 9)
    (tmp_path / "all_types.csv").write_text(
        "node_type_id model_type model_template dynamics_params\n"
        "7 point_neuron nrn:IntFire1 fast.json\n9 virtual NULL NULL\n"
    )
    with h5py.File(tmp_path / "edges.h5", "w") as file:
        for name, source, ends, weights in (
            ("in", "outside", ([0, 0], [0, 1]), [0.45, 0.15]),
            ("within", "cells", ([0], [2]), [1.1]),
        ):
            group = file.create_group(f"edges/{name}")
            for end, population, ids in (
                ("source", source, ends[0]),
                ("target", "cells", ends[1]),
            ):
                group[f"{end}_node_id"] = np.array(ids)
                group[f"{end}_node_id"].attrs.create("node_population", population, dtype=text)
            group["edge_type_id"] = np.ones(len(weights), int)
            group["0/syn_weight"] = weights
            group["0/nsyns"] = np.array([1, 3][: len(weights)])
    (tmp_path / "spikes.csv").write_text(
        "gid spike-times\n0 " + ",".join(str(t) for t in TIMES) + "\n"
    )
    document = {
        "manifest": {"$BASE": ".", "$KIND": "full"},
        "run": {"tstop": 30.0, "dt": 0.1},
        "target_simulator": "NEURON",
        "networks": {
            "nodes": [
                {"nodes_file": "$BASE/nodes_${KIND}.h5", "node_types_file": "$BASE/all_types.csv"}
            ],
            "edges": [{"edges_file": "$BASE/edges.h5", "edge_types_file": "$BASE/edges.csv"}],
        },
        "components": {
            "point_neuron_models_dir": "$BASE/models",
            "synaptic_models_dir": "$BASE/models",
        },
        "inputs": {
            "given": {
                "input_type": "spikes",
                "module": "csv",
                "input_file": "$BASE/spikes.csv",
                "node_set": "outside",
            }
        },
    }
    (tmp_path / "simulation_config.json").write_text(json.dumps(document))
    return tmp_path / "simulation_config.json"


def changed(file, change):
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    return file


def test_artificial_cells_of_a_file_fire_by_the_closed_form(network):
    loaded = read_sonata(network)
    built = CableGroup(loaded.circuit, threads=1)
    assert loaded.seconds == 0.03
    built.run(loaded.seconds)
    times, neurons = built.simulation.spikes()
    expected = integrate_and_fire([t + 2 for t in TIMES], [0.45] * 8, 12.0, 4.0)
    assert len(expected) == 2
    for neuron, later in ((0, 0.0), (1, 0.0), (2, 2.0)):  # 0.45, 3 times 0.15; and by way of 0
        assert times[neurons == neuron].tolist() == pytest.approx([t + later for t in expected])


def test_a_variable_may_be_a_part_of_a_name(network):
    config = read_config(network)
    (nodes,) = config.part("networks").parts("nodes")
    assert nodes.path("nodes_file") == network.parent / "nodes_full.h5"


def test_sets_of_the_simulation_go_before_the_circuits(network):
    folder = network.parent
    (folder / "own.json").write_text('{"few": {"node_id": [0]}}')
    (folder / "circuits.json").write_text('{"few": {"node_id": [1]}, "many": {"node_id": [2]}}')
    (folder / "circuit.json").write_text('{"node_sets_file": "circuits.json"}')

    def sets(document):
        document |= {"network": "circuit.json", "node_sets_file": "own.json", "node_sets": {}}

    from halfbrain.io.sonata.node_sets import NodeSets
    from halfbrain.io.sonata.nodes import read_nodes

    config = read_config(changed(network, sets))
    found = NodeSets(config, read_nodes(config))
    assert found.chosen("few")["cells"].tolist() == [0]
    assert found.chosen("many")["cells"].tolist() == [2]


def test_what_is_not_written_or_has_no_effect_is_said(network):
    def reports(document):
        document["reports"] = {
            "field": {"variable_name": "v", "cells": "cells", "module": "extracellular"},
            "potential": {"variable_name": "v", "cells": "cells", "sections": "soma"},
        }

    with pytest.warns(HalfbrainWarning) as said:
        loaded = read_sonata(changed(network, reports))
    assert loaded.reports == ()
    lines = [str(one.message) for one in said]
    assert "reports.field: is not written, since extracellular of v in soma is not" in lines[0]
    assert "reports.potential.cells: is not written: it has no biophysical" in lines[1]


def test_parameters_of_single_nodes_are_columns(network):
    from halfbrain.io.sonata.nodes import read_nodes

    with h5py.File(network.parent / "nodes_full.h5", "a") as file:
        file["nodes/cells/0/dynamics_params/holding_current"] = [0.1, 0.2, 0.3]
    table = read_nodes(read_config(network))["cells"].table
    assert table.parameters == ["holding_current"]
    assert table.own("holding_current").tolist() == [0.1, 0.2, 0.3]
    read_sonata(network)  # which currents may be relative to
    with h5py.File(network.parent / "nodes_full.h5", "a") as file:
        file["nodes/cells/0/dynamics_params/tau"] = [0.01, 0.02, 0.03]
    with pytest.raises(HalfbrainError, match=r"dynamics_params/tau: is not read of nrn:IntFire1"):
        read_sonata(network)


NML = """<neuroml xmlns="http://www.neuroml.org/schema/neuroml2">
<concentrationModel id="CaDynamics" type="CaDynamics" segmentGroup="soma" decay="20 ms"
 gamma="0.05"/><cell id="c"><biophysicalProperties id="b"><membraneProperties>
<channelDensity id="g1" segmentGroup="all" ion="non_specific" ionChannel="pas" erev="-0.09 V"
 condDensity="0.1 mS_per_cm2"/>
<channelDensity id="gbar_Im" segmentGroup="soma" ion="k" ionChannel="Im" erev="-107.0 mV"
 condDensity="0.001 S_per_cm2"/><specificCapacitance segmentGroup="dend" value="2.1 uF_per_cm2"/>
</membraneProperties><intracellularProperties><resistivity segmentGroup="all"
 value="138.28 ohm_cm"/></intracellularProperties></biophysicalProperties></cell></neuroml>"""


def test_a_neuroml_file_gives_the_membrane(tmp_path):
    file = tmp_path / "Cell.nml"
    file.write_text(NML)
    found = read_neuroml(file)
    assert [name for name, _ in found.inserted] == ["CaDynamics", "pas", "Im"]
    settings = {(s.name, tuple(sorted(s.regions))): s.value for s in found.settings}
    everywhere = ("apical", "axon", "basal", "soma")
    assert settings["g_pas", everywhere] == pytest.approx(1e-4)
    assert settings["e_pas", everywhere] == -90.0
    assert settings["gbar_Im", ("soma",)] == 0.001
    assert settings["ek", ("soma",)] == -107.0
    assert settings["cm", ("basal",)] == 2.1
    assert settings["Ra", everywhere] == 138.28
    assert settings["decay_CaDynamics", ("soma",)] == 20.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("channelDensity id", "channelDensityGHK id", "channelDensityGHK 'g1': is not read"),
        ('segmentGroup="soma"', 'segmentGroup="tuft"', "segmentGroup 'tuft' is no region"),
        ("0.1 mS_per_cm2", "0.1 acres", "condDensity '0.1 acres' is no number with a unit"),
        ("</neuroml>", "", "cannot be read as NeuroML"),
    ],
)
def test_a_broken_neuroml_file_is_one_line(tmp_path, old, new, said):
    file = tmp_path / "Cell.nml"
    file.write_text(NML.replace(old, new))
    with pytest.raises(HalfbrainError, match=r"Cell\.nml") as caught:
        read_neuroml(file)
    assert said in str(caught.value)
