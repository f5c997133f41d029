"""SONATA circuits of NEST's point neurons, beside what NEST 3.10 makes of the same."""

import json

import h5py
import numpy as np
import pytest

from halfbrain.cli import run
from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.io.sonata import LoadedPoints, read_sonata
from sonata_points import driven

NODE = {"C_m": 200.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -68.0, "t_ref": 3.0}
SPIKES = [5.0, 6.03, 7.0, 20.0, 21.0, 22.0]
# NEST 3.10, steps of 0.1 ms: neuron and ms of each spike within 110 ms.
NEST = {
    "iaf_psc_alpha": [
        (0, 9.3), (0, 15.0), (0, 23.9), (0, 29.1), (0, 53.9), (0, 72.0), (0, 90.1), (1, 9.3),
    ],
    "iaf_psc_exp": [(0, 9.6), (0, 24.1), (0, 55.0), (0, 73.1), (1, 9.6), (1, 25.0)],
    "iaf_psc_delta": [(0, 8.5), (0, 23.5), (0, 56.1), (0, 74.2), (1, 8.5), (1, 23.5)],
    "iaf_cond_exp": [(0, 7.9), (0, 22.2), (0, 27.8), (0, 54.9), (0, 72.7), (1, 7.9), (1, 22.6)],
    "iaf_cond_alpha": [
        (0, 8.2), (0, 11.7), (0, 16.7), (0, 22.9), (0, 26.4), (0, 31.1), (0, 52.5), (0, 70.3),
        (0, 88.1), (1, 8.2), (1, 11.8), (1, 23.7), (1, 27.6),
    ],
}  # fmt: skip


def built(folder, model, weight):
    """Two neurons that a virtual node drives; the first inhibits the second, and has a current."""
    node = NODE | ({"g_L": 13.0} if "cond" in model else {"tau_m": 15.0})
    if model != "iaf_psc_delta":
        node |= {"tau_syn_ex": 2.0, "tau_syn_in": 3.0}
    (folder / "cell.json").write_text(json.dumps(node))
    (folder / "none.json").write_text("{}")
    (folder / "types.csv").write_text(
        "node_type_id model_type model_template dynamics_params\n"
        f"1 point_neuron nest:{model} cell.json\n2 virtual NULL NULL\n"
    )
    (folder / "edges.csv").write_text(
        "edge_type_id model_template dynamics_params syn_weight delay\n"
        f"1 static_synapse none.json {weight} 1.5\n2 static_synapse none.json {-weight / 2} 1.0\n"
    )
    with h5py.File(folder / "nodes.h5", "w") as file:
        file["nodes/cells/node_type_id"] = np.ones(2, int)
        file["nodes/outside/node_type_id"] = np.full(1, 2)
    with h5py.File(folder / "edges.h5", "w") as file:
        for name, source, ends, kind in (
            ("in", "outside", ([0, 0], [0, 1]), 1),
            ("within", "cells", ([0], [1]), 2),
        ):
            group = file.create_group(f"edges/{name}")
            for end, population, ids in zip(
                ("source", "target"), (source, "cells"), ends, strict=True
            ):
                group[f"{end}_node_id"] = ids
                group[f"{end}_node_id"].attrs["node_population"] = population
            group["edge_type_id"] = np.full(len(ids), kind)
            group["0/nsyns"] = np.full(len(ids), kind)
    with h5py.File(folder / "given.h5", "w") as file:
        file["spikes/outside/timestamps"] = SPIKES
        file["spikes/outside/node_ids"] = np.zeros(len(SPIKES), int)
    document = {
        "run": {"tstop": 110.0, "dt": 0.1},
        "target_simulator": "NEST",
        "components": {"point_neuron_models_dir": ".", "synaptic_models_dir": "."},
        "networks": {
            "nodes": [{"nodes_file": "nodes.h5", "node_types_file": "types.csv"}],
            "edges": [{"edges_file": "edges.h5", "edge_types_file": "edges.csv"}],
        },
        "inputs": {
            "given": {"input_type": "spikes", "input_file": "given.h5", "node_set": "outside"},
            "step": {
                "input_type": "current_clamp",
                "module": "IClamp",
                "node_set": {"population": "cells", "node_id": 0},
                "amp": [300.0],
                "delay": [40.0],
                "duration": [50.0],
            },
        },
        "reports": {
            "potential": {"variable_name": "V_m", "cells": "cells", "module": "multimeter_report"}
        },
    }
    (folder / "simulation_config.json").write_text(json.dumps(document))
    return folder / "simulation_config.json"


@pytest.mark.parametrize("model", NEST)
def test_spikes_are_those_of_nest(tmp_path, model):
    weight = {"iaf_psc_delta": 6.0}.get(model, 40.0 if "cond" in model else 900.0)
    loaded = read_sonata(built(tmp_path, model, weight))
    assert loaded.seconds == 0.11
    assert loaded.voltages == {"cells": [0, 1]}
    simulation = driven(loaded, dtype="float64", threads=1)
    simulation.run(loaded.seconds)
    spikes = simulation.spikes
    found = [
        (int(neuron), float(np.round(step * 0.1, 1)))
        for step, neuron in zip(spikes.steps, spikes.neurons, strict=True)
        if neuron < 2
    ]
    assert len(found) > 5
    assert sorted(found) == NEST[model]


def test_in_pieces_it_is_the_same(tmp_path):
    loaded = read_sonata(built(tmp_path, "iaf_psc_alpha", 900.0))
    whole, pieces = (driven(loaded, threads=1) for _ in "ab")
    whole.run(0.11)
    for _ in range(11):
        pieces.run(0.01)
    assert pieces.spikes.steps.tolist() == whole.spikes.steps.tolist()


def test_the_command_runs_it_and_writes_its_file(tmp_path, capsys):
    file = built(tmp_path, "iaf_psc_delta", 6.0)
    run.run(str(file), threads=1, seed=1, as_json=True)
    with h5py.File(tmp_path / "spikes.h5") as written:
        assert len(written["spikes/cells/timestamps"]) == 6
        assert written["report/cells/data"].shape == (110, 2)
        volts = written["report/cells/data"][()]
        assert written.attrs["dtype"] == "float64"
    with h5py.File(tmp_path / "potential.h5") as written:
        report = written["report/cells"]
        assert report["data"].attrs["units"] == "mV"
        assert report["data"][()] == pytest.approx(volts * 1e3)
        assert report["mapping/time"][()] == pytest.approx([0.9, 110.9, 1.0])


def test_reports_of_other_intervals_are_each_a_file(tmp_path):
    file = built(tmp_path, "iaf_psc_delta", 6.0)
    document = json.loads(file.read_text())
    document["reports"] = {
        "one": {"variable_name": "V_m", "cells": {"population": "cells", "node_id": 1}, "dt": 0.5},
        "all": {"variable_name": "V_m", "cells": "cells", "file_name": "both"},
        "later": {"variable_name": "V_m", "cells": "cells", "enabled": False},
    }
    file.write_text(json.dumps(document))
    with pytest.warns(HalfbrainWarning, match="all are written each 0.5 ms, the least"):
        loaded = read_sonata(file)
    assert [(key, path.name) for key, path in loaded.outputs] == [
        ("output.spikes_file", "spikes.h5"), ("reports.one", "one.h5"), ("reports.all", "both.h5"),
    ]  # fmt: skip
    assert (loaded.voltages, loaded.every) == ({"cells": [0, 1]}, 0.5e-3)
    run.run(str(file), threads=1, seed=1, as_json=True)
    for name, nodes in (("one", [1]), ("both", [0, 1])):
        with h5py.File(tmp_path / f"{name}.h5") as written:
            assert written["report/cells/mapping/node_ids"][()].tolist() == nodes
            assert written["report/cells/data"].shape == (220, len(nodes))
    assert not (tmp_path / "later.h5").exists()


def test_a_population_that_is_not_simulated_is_left_out(tmp_path):
    file = built(tmp_path, "iaf_psc_delta", 6.0)
    with h5py.File(tmp_path / "nodes.h5", "a") as nodes:
        nodes["nodes/others/node_type_id"] = np.ones(2, int)
    with h5py.File(tmp_path / "edges.h5", "a") as edges:
        edges.copy("edges/within", "edges/beyond")
        edges["edges/beyond/target_node_id"].attrs["node_population"] = "others"
    document = json.loads(file.read_text()) | {"node_set": {"population": "cells"}}
    file.write_text(json.dumps(document))
    circuit = read_sonata(file).circuit
    assert [population.name for population in circuit.populations] == ["cells", "outside"]


def test_the_mistakes_are_one_line(tmp_path):
    file = built(tmp_path, "iaf_psc_delta", 6.0)
    types = (tmp_path / "types.csv").read_text()
    assert isinstance(read_sonata(file), LoadedPoints)
    (tmp_path / "types.csv").write_text(types.replace("iaf_psc_delta", "ht_neuron"))
    with pytest.raises(HalfbrainError, match="'nest:ht_neuron' is not read; nest:iaf_psc_delta"):
        read_sonata(file)
    (tmp_path / "types.csv").write_text(types)
    (tmp_path / "cell.json").write_text('{"V_min": -80.0}')
    with pytest.raises(HalfbrainError, match=r"cell\.json: V_min: is no parameter that is read"):
        read_sonata(file)
    (tmp_path / "cell.json").write_text("{}")
    (tmp_path / "none.json").write_text('{"receptor_type": 2}')
    with pytest.raises(
        HalfbrainError, match="receptor_type 2 is none of its target, which has none"
    ):
        read_sonata(file)
