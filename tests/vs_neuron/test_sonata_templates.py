"""Nodes of SONATA whose cells are hoc templates, as Neurodamus and BlueCelluLab have them."""

import json

import h5py
import numpy as np
import pytest

from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.io.sonata import read_sonata

pytest.importorskip("neuron", reason="NEURON is not installed")

SHAPE = """\
1 1 0 0 0 6 -1
2 3 0 6 0 1 1
3 3 0 106 0 1 2
4 3 50 106 0 0.5 3
5 3 -50 106 0 0.5 3
6 2 0 -6 0 0.5 1
7 2 0 -100 0 0.5 6
8 2 40 -150 0 0.5 7
9 2 -40 -150 0 0.5 7
10 4 6 0 0 1 1
11 4 206 0 0 1 10
"""
# Arguments as Neurodamus gives them; two short sections stand for the axon, which is cut off.
TEMPLATE = """
strdef Pyr_NeededAttributes
Pyr_NeededAttributes = "AIS_scaler"
begintemplate Pyr
  external v_init
  public soma, dend, apic, axon, all, somatic, basal, apical, axonal
  create soma[1], dend[1], apic[1], axon[1]
  objref this, all, somatic, basal, apical, axonal
  proc init() { localobj morph, import, path
    if (v_init != -80) execerror("wrong v_init")
    all = new SectionList()  somatic = new SectionList()  basal = new SectionList()
    apical = new SectionList()  axonal = new SectionList()
    forall delete_section()
    path = new String()
    sprint(path.s, "%s/%s", $s2, $s3)
    morph = new Import3d_SWC_read()
    morph.quiet = 1
    morph.input(path.s)
    import = new Import3d_GUI(morph, 0)
    import.instantiate(this)
    forsec axonal delete_section()
    create axon[2]
    axon[0] { L = 30 diam = $4 all.append() axonal.append() }
    axon[1] { L = 30 diam = 1 all.append() axonal.append() }
    connect axon[0](0), soma[0](0.5)
    connect axon[1](0), axon[0](1)
    forsec all { insert pas e_pas = -75 Ra = 120 }
    soma[0] { insert hh ena = 55 }
  }
endtemplate Pyr
"""


@pytest.fixture
def circuit(tmp_path):
    (tmp_path / "hoc").mkdir()
    (tmp_path / "hoc" / "Pyr.hoc").write_text(TEMPLATE)
    (tmp_path / "swc").mkdir()
    (tmp_path / "swc" / "one.swc").write_text(SHAPE)
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        group = file.create_group("nodes/A")
        group["node_type_id"] = np.full(3, -1)
        group["0/model_type"] = ["biophysical"] * 3
        group["0/model_template"] = ["hoc:Pyr"] * 3
        group["0/morphology"] = ["one"] * 3
        group["0/dynamics_params/AIS_scaler"] = [2.0, 3.0, 2.0]
        group["node_group_id"] = np.zeros(3, int)
        group["node_group_index"] = np.arange(3)
    own = {"morphologies_dir": "swc", "biophysical_neuron_models_dir": "hoc"}
    nodes = {"nodes_file": "nodes.h5", "populations": {"A": {"type": "biophysical", **own}}}
    file = tmp_path / "circuit.json"
    file.write_text(json.dumps({"networks": {"nodes": [nodes], "edges": []}}))
    return file


def test_a_template_is_run_by_neuron_and_numbered_as_sonata_has_it(circuit):
    with pytest.warns(HalfbrainWarning, match=r"Pyr\.hoc: is run by NEURON"):
        population = read_sonata(circuit).circuit.population("A")
    assert population.kinds.tolist() == [0, 1, 0]
    cell, other = population.cells
    assert (cell.celsius, cell.v_init) == (34, -80)
    # Of three axonal sections two are left, which have the first of their numbers.
    regions = ("soma", "axon", "axon", "axon", "basal", "basal", "basal", "apical")
    assert cell.regions == regions
    assert set(cell.section.tolist()) == {0, 1, 2, 4, 5, 6, 7}
    assert cell.diameter[cell.section == 1].max() == 2.0
    assert other.diameter[other.section == 1].max() == 3.0
    placed = {p.mechanism.name: p.parameters for p in cell.placed}
    assert placed == {"pas": {"e": -75.0}, "hh": {}}
    assert cell.ions["ena"] == 55


def test_what_a_template_lacks_is_one_line(circuit):
    file = circuit.parent / "hoc" / "Pyr.hoc"
    file.write_text(TEMPLATE.replace("insert hh", "insert Ih"))
    with pytest.raises(HalfbrainError, match=r"Pyr\.hoc: NEURON says: .*mechanisms_dir: is miss"):
        read_sonata(circuit)
    file.write_text(TEMPLATE.replace('"AIS_scaler"', '"AIS_scaler;size"'))
    with pytest.raises(HalfbrainError, match=r"Pyr\.hoc: needs 'size'"):
        read_sonata(circuit)
    file.unlink()
    with pytest.raises(HalfbrainError, match=r"Pyr\.hoc: there is no such file"):
        read_sonata(circuit)
