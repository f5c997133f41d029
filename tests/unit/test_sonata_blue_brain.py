"""Blue Brain's edges: which parameter of which synapse each column is."""

import json

import h5py
import numpy as np
import pytest

from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.io.sonata.config import read_config
from halfbrain.io.sonata.edges import read_edges
from halfbrain.io.sonata.inputs import Inputs
from halfbrain.io.sonata.nodes import read_nodes

MOD = """NEURON {
    POINT_PROCESS %s
    NONSPECIFIC_CURRENT i
    RANGE %s, Use, Dep, Fac, Nrrp, %s, e
    GLOBAL init_depleted
}
PARAMETER { %s = 2 Use = 1 Dep = 100 Fac = 10 Nrrp = 1 %s = 0.5 e = 0 init_depleted = 0 }
ASSIGNED { v i }
STATE { g }
INITIAL { g = init_depleted }
BREAKPOINT { SOLVE state METHOD cnexp  i = g * Nrrp * (v - e) }
DERIVATIVE state { g' = -g / %s }
NET_RECEIVE (weight) { g = g + weight * Use }
"""
COLUMNS = {
    "conductance": [0.4, 0.5, 0.6], "delay": [1.0, 2.0, 3.0], "decay_time": [1.7, 1.8, 8.0],
    "u_syn": [0.5, 0.4, 0.3], "depression_time": [600.0, 610.0, 620.0],
    "facilitation_time": [17.0, 18.0, 19.0], "syn_type_id": [120, 113, 4],
    "n_rrp_vesicles": [3, 1, 2], "conductance_scale_factor": [0.7, 0.8, 0.0],
    "u_hill_coefficient": [1.5, 2.0, 2.5], "afferent_section_id": [3, 0, 1],
    "afferent_section_pos": [0.2, 0.5, 1.0],
}  # fmt: skip


@pytest.fixture
def circuit(tmp_path):
    """A function that reads the edges between two cells, under some conditions."""
    (tmp_path / "mod").mkdir()
    for name, decay, ratio in (
        ("ProbAMPANMDA_EMS", "tau_d_AMPA", "NMDA_ratio"),
        ("ProbGABAAB_EMS", "tau_d_GABAA", "GABAB_ratio"),
    ):
        rise = ", tau_r_GABAA" if name == "ProbGABAAB_EMS" else ""
        text = MOD % (name, decay + rise, ratio, decay, ratio, decay)
        text = text.replace("e = 0", "e = 0 tau_r_GABAA = 0.2") if rise else text
        (tmp_path / "mod" / f"{name}.mod").write_text(text)
    (tmp_path / "types.csv").write_text("node_type_id model_type\n1 biophysical\n")
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        file["nodes/cells/node_type_id"] = np.ones(2, int)
    with h5py.File(tmp_path / "edges.h5", "w") as file:
        group = file.create_group("edges/chemical")
        for end, ids in (("source", [0, 1, 1]), ("target", [1, 0, 0])):
            group[f"{end}_node_id"] = ids
            group[f"{end}_node_id"].attrs["node_population"] = "cells"
        group["edge_type_id"] = np.full(3, -1)
        for name, values in COLUMNS.items():
            group[f"0/{name}"] = values

    def read(conditions=None, mechanisms="mod"):
        document = {
            "networks": {
                "nodes": [{"nodes_file": "nodes.h5", "node_types_file": "types.csv"}],
                "edges": [{"edges_file": "edges.h5"}],
            },
            "components": {"mechanisms_dir": mechanisms},
            "conditions": conditions or {},
        }
        (tmp_path / "simulation_config.json").write_text(json.dumps(document))
        config = read_config(tmp_path / "simulation_config.json")
        return read_edges(config, read_nodes(config), Inputs())

    return read


def test_columns_are_the_synapses_parameters(circuit):
    edges = circuit()
    assert [r.mechanism.name for r in edges.receptors] == ["ProbAMPANMDA_EMS", "ProbGABAAB_EMS"]
    exciting, inhibiting = edges.projections
    assert exciting.rule.sources.tolist() == [0, 1]
    assert exciting.weight.tolist() == [0.4, 0.5]
    assert exciting.delay.tolist() == [1, 2]
    assert exciting.place.sections.tolist() == [3, 0]
    assert {name: list(v) for name, v in exciting.values.items()} == {
        "tau_d_AMPA": [1.7, 1.8], "Use": [0.5, 0.4], "Dep": [600, 610], "Fac": [17, 18],
        "NMDA_ratio": [0.7, 0.8], "Nrrp": [3, 1],
    }  # fmt: skip
    assert {name: list(v) for name, v in inhibiting.values.items()} == {
        "tau_d_GABAA": [8], "Use": [0.3], "Dep": [620], "Fac": [19], "GABAB_ratio": [0],
        "Nrrp": [2],
    }  # fmt: skip


def test_calcium_outside_scales_the_release(circuit):
    """BlueCelluLab's calc_u_scale_factor(1.5, 1.2) and (2.0, 1.2)."""
    exciting, _ = circuit({"extracellular_calcium": 1.2}).projections
    assert exciting.values["Use"] / [0.5, 0.4] == pytest.approx(
        [0.3825198637911464, 0.22946175637393768]
    )


def test_conditions_set_what_all_share_and_say_what_is_unknown(circuit):
    given = {"mechanisms": {"ProbAMPANMDA_EMS": {"init_depleted": True, "property_x": 1}}}
    with pytest.warns(HalfbrainWarning, match="property_x: is no number that all ProbAMPANMDA_EMS"):
        edges = circuit(given)
    assert edges.receptors[0].values == {"init_depleted": 1.0}
    with pytest.warns(HalfbrainWarning, match="in law, not in number"):
        _, inhibiting = circuit({"randomize_gaba_rise_time": True}).projections
    assert (inhibiting.values["tau_r_GABAA"] > 0).all()


def test_without_the_mechanisms_it_is_one_line(circuit):
    with pytest.raises(
        HalfbrainError, match=r"--mechanisms, must name the folder of ProbAMPANMDA_EMS"
    ):
        circuit(mechanisms="none")
