"""Circuits of detailed cells from SONATA files, against BMTK on NEURON; and broken ones."""

import json
import os
import random
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.circuits.detailed.place import At
from halfbrain.cli import app, run
from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.io import sonata_file as sonata
from halfbrain.io.sonata import read_sonata
from halfbrain.io.sonata.config import read_config
from halfbrain.morphology.places import Place

pytest.importorskip("bmtk", reason="BMTK brings the cells and builds the circuit")
import sonata_network

HELPERS = Path(__file__).parents[1] / "helpers"
NRNIVMODL = Path(sys.executable).parent / "nrnivmodl"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sonata")
    return sonata_network.build(folder)


@pytest.fixture
def files(built, tmp_path):
    """A copy to break; the components are not copied."""
    folder = tmp_path / "case"
    shutil.copytree(built.parent, folder, ignore=shutil.ignore_patterns("components", "output"))
    (folder / "components").symlink_to(built.parent / "components")
    return folder


def test_what_the_tables_say_is_in_the_circuit(built):
    loaded = read_sonata(built)
    circuit = loaded.circuit
    assert loaded.seconds == 0.25
    assert circuit.dt == 0.1
    assert {p.name: p.size for p in circuit.populations} == {"cortex": 3, "outside": 4}
    cortex = circuit.population("cortex")
    assert cortex.kinds.tolist() == [0, 0, 1]
    assert cortex.threshold == -15
    assert [cell.v_init for cell in cortex.cells] == [-80, -80]
    assert len(circuit.population("outside").cells.times) == 90
    inner, outer = circuit.projections
    both = set(zip(inner.rule.sources.tolist(), inner.rule.targets.tolist(), strict=True))
    assert both == {(0, 2), (1, 2), (2, 0), (2, 1)}
    excites = inner.rule.targets == 2
    assert inner.weight[excites] == pytest.approx(4e-3)
    assert inner.weight[~excites] == pytest.approx(2e-3)
    assert inner.values["e"][~excites].tolist() == [-70, -70]
    assert inner.values["tau2"][excites].tolist() == [3, 3]
    assert len(outer.rule.sources) == 12
    assert isinstance(outer.place, At)
    pairs = zip(outer.rule.sources.tolist(), outer.rule.targets.tolist(), strict=True)
    assert outer.place.sections.tolist() == [sonata_network.section_of(*pair) for pair in pairs]
    pyramidal = cortex.cells[0]
    assert {pyramidal.regions[k] for k in range(1, 81)} == {"basal"}  # as in NEURON, not the file
    assert pyramidal.regions[81:] == ("apical",) * 39 + ("axon",) * 2
    assert outer.values == {"tau1": 1.0, "tau2": 3.0, "e": 0.0}
    (clamp,) = circuit.clamps
    assert clamp.amplitude.tolist() == [0.15, 0, 0]
    report, calcium, dendrites = loaded.reports
    assert report.neurons == {"cortex": [0, 1, 2]}
    assert report.file == built.parent / "output" / "voltages.h5"
    assert (calcium.variables, calcium.regions) == (("cai",), ())
    assert (dendrites.neurons, dendrites.regions) == ({"cortex": [0]}, ("soma", "apical"))


@pytest.fixture(scope="module")
def bionet(built, tmp_path_factory):
    """BMTK's spikes and voltages of the circuit."""
    if not NRNIVMODL.exists() or not (shutil.which("g++") and shutil.which("make")):
        pytest.skip("NEURON's nrnivmodl or a C++ compiler is not installed")
    folder = tmp_path_factory.mktemp("bionet") / "case"
    shutil.copytree(built.parent, folder)
    mechanisms = folder / "components" / "mechanisms"
    fits = [(folder / "components" / "models" / f).read_text() for f in sonata_network.FITS]
    for file in (mechanisms / "modfiles").glob("*.mod"):
        if file.stem != "vecevent" and not any(f'"{file.stem}"' in fit for fit in fits):
            file.unlink()  # compiling takes long
    library = Path(compile_mechanisms(sorted((mechanisms / "modfiles").glob("*.mod"))))
    shutil.copytree(library.parent, mechanisms / library.parent.name)  # where BMTK looks for it
    ran = subprocess.run(
        [sys.executable, str(HELPERS / "sonata_in_bmtk.py"), "simulation_config.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (folder / "output" / "spikes.h5").exists(), ran.stderr[-2000:]
    with h5py.File(folder / "output" / "spikes.h5") as file:
        group = file["spikes/cortex"]
        spikes = np.rint(group["timestamps"][()] / 0.1).astype(int), group["node_ids"][()]
    order = np.lexsort((spikes[1], spikes[0]))
    return spikes[0][order], spikes[1][order], folder / "output"


def test_spikes_and_voltages_are_those_of_bmtk_on_neuron(built, bionet):
    loaded = read_sonata(built)
    ours = CableGroup(loaded.circuit, reports=loaded.reports, threads=1)
    ours.run(loaded.seconds)
    spikes = ours.spikes
    steps, nodes, output = bionet
    assert len(steps) > 30
    assert set(nodes.tolist()) == {0, 1, 2}
    assert spikes.neurons.tolist() == nodes.tolist()
    assert np.abs(spikes.steps - steps).max() <= 1
    for one, error in zip(ours.reported, (0.02, 1e-8, 0.02), strict=True):
        (report,) = one.reports(ours.populations)
        with h5py.File(output / one.wanted.file.name) as file:
            theirs = file["report/cortex"]
            # mV, where spikes rise 30 mV a step; and mM
            assert np.abs(report.data - theirs["data"][()]).max() < error
            if one.wanted.regions:
                assert report.sections.tolist() == theirs["mapping/element_ids"][()].tolist()
                places = theirs["mapping/element_pos"][()]
                assert report.positions == pytest.approx(places, abs=1e-6)
                assert len(places) > 40


def test_the_command_runs_it_and_libsonata_reads_what_it_wrote(files, capsys):
    libsonata = pytest.importorskip("libsonata")
    file = files / "simulation_config.json"
    document = json.loads(file.read_text())
    document["run"]["tstop"] = 30.0
    file.write_text(json.dumps(document))
    run.run(str(file), threads=1, seed=1, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["neurons"] == 3
    spikes = libsonata.SpikeReader(str(files / "output" / "spikes.h5"))["cortex"].get()
    assert {node for node, _ in spikes} == {0, 1, 2}
    report = libsonata.ElementReportReader(str(files / "output" / "voltages.h5"))["cortex"]
    assert report.get_node_ids() == [0, 1, 2]
    assert np.isfinite(report.get().data).all()
    report = libsonata.ElementReportReader(str(files / "output" / "dendrites.h5"))["cortex"]
    assert report.get_node_ids() == [0]
    assert len(report.get_node_id_element_id_mapping()) > 40
    recorded = sonata.read(files / "output" / "dendrites.h5")
    assert (recorded.reports[0].neurons == 0).all()
    with pytest.raises(HalfbrainError, match=r"spikes_file .*spikes.h5: is there already; --force"):
        run.run(str(file), threads=1, seed=1, as_json=True)
    (files / "output" / "spikes.h5").unlink()
    with pytest.raises(HalfbrainError, match=r"reports.voltages .*voltages.h5: is there already"):
        run.run(str(file), threads=1, seed=1, as_json=True)


def test_edges_without_places_are_put_where_their_types_say(files):
    with h5py.File(files / "network" / "outside_cortex_edges.h5", "r+") as file:
        group = file["edges/outside_to_cortex/0"]
        del group["afferent_section_id"], group["afferent_section_pos"]
        group["nsyns"] = np.full(12, 3)
    types = files / "network" / "outside_cortex_edge_types.csv"
    head, row = types.read_text().splitlines()
    extra = "\"['basal', 'apical']\" \"[20.0, 150.0]\""
    types.write_text(f"{head} target_sections distance_range\n{row} {extra}\n")
    loaded = read_sonata(files / "simulation_config.json")
    outer = loaded.circuit.projections[1]
    assert outer.place == Place(("basal", "apical"), "20.0 um", "150.0 um")
    assert any("name no places" in note for note in loaded.circuit.notes)
    ours = CableGroup(loaded.circuit, threads=1)
    assert ours.synapses == 4 + 36
    for cell, neuron in zip(ours.simulation.cells, range(3), strict=True):
        own = ours.drawn[1].compartment[ours.drawn[1].target == neuron]
        assert (cell.distance[own] >= 20).all()
        assert (cell.distance[own] <= 150).all()


def edited(file, change):
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def simulation(change):
    return lambda folder: edited(folder / "simulation_config.json", change)


def circuit(change):
    return lambda folder: edited(folder / "circuit_config.json", change)


def hdf(name, change):
    def broken(folder):
        with h5py.File(folder / name, "r+") as file:
            change(file)

    return broken


def text(name, old, new):
    def broken(folder):
        file = folder / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    return broken


def replaced(place, values):
    def change(file):
        attributes = dict(file[place].attrs)
        del file[place]
        file[place] = values
        file[place].attrs.update(attributes)

    return change


NODES, EDGES = "network/cortex_nodes.h5", "network/outside_cortex_edges.h5"
TYPES, KINDS = "network/outside_cortex_edge_types.csv", "network/cortex_node_types.csv"
BROKEN = {
    "no file": (lambda f: (f / "simulation_config.json").unlink(), "there is no such file"),
    "no JSON": (text("circuit_config.json", '"components"', "components"), "_config.json:6: is no"),
    "a list": (lambda f: (f / "circuit_config.json").write_text("[]"), "must be an object"),
    "variable": (text("circuit_config.json", "$BASE_DIR/network", "$BASE/network"), "$BASE is not"),
    "circle": (
        circuit(lambda d: d["manifest"].update({"$BASE_DIR": "$COMPONENTS"})),
        "comes back to itself",
    ),
    "no nodes": (circuit(lambda d: d["networks"].update(nodes=[])), "networks.nodes: no files"),
    "lost nodes": (lambda f: (f / NODES).unlink(), "cortex_nodes.h5: there is no such file"),
    "no HDF5": (lambda f: (f / NODES).write_bytes(b"no"), "is no HDF5 file, or a damaged one"),
    "cut HDF5": (lambda f: os.truncate(f / EDGES, 3000), "is no HDF5 file, or a damaged one"),
    "other HDF5": (hdf(NODES, lambda h: h.move("nodes", "knots")), "has no group /nodes"),
    "no types": (hdf(NODES, lambda h: h.pop("nodes/cortex/node_type_id")), "node_type_id: is miss"),
    "a type": (
        hdf(NODES, replaced("nodes/cortex/node_type_id", np.array([100, 100, 7]))),
        "node type 7 is in no table of types",
    ),
    "ids": (
        hdf(NODES, replaced("nodes/cortex/node_id", np.array([0, 1, 1]))),
        "must be the numbers 0 to 2",
    ),
    "model_type": (text(KINDS, "biophysical", "population"), "model_type 'population' is not"),
    "template": (
        text(KINDS, "ctdb:Biophys1.hoc", "ctdb:L5PC"),
        "model_template 'ctdb:L5PC' is not",
    ),
    "hoc": (text(KINDS, "ctdb:Biophys1.hoc", "hoc:L5PC"), "L5PC.hoc: there is no such file"),
    "processing": (text(KINDS, "aibs_perisomatic", "mine"), "model_processing 'mine' is not read"),
    "morphology": (text(KINDS, "Scnn1a_473845048_m", "none"), "none.swc: there is no such file"),
    "fit": (text(KINDS, "472363762_fit", "none"), "none.json: cannot be read as JSON"),
    "words": (text(TYPES, "exp2syn", "exp2syn more"), "_edge_types.csv:2: has 8 words for 7"),
    "number": (text(TYPES, "0.008", "much"), "syn_weight of type 100 is no number: 'much'"),
    "synapse": (text(TYPES, "exp2syn", "stp9syn"), "model_template 'stp9syn' is no synapse"),
    "parameters": (text(TYPES, "AMPA.json", "KAIN.json"), "KAIN.json: there is no such file"),
    "target": (
        hdf(EDGES, replaced("edges/outside_to_cortex/target_node_id", np.full(12, 9))),
        "target_node_id: leaves the 3 nodes of cortex",
    ),
    "population": (
        hdf(
            EDGES,
            lambda h: h["edges/outside_to_cortex/source_node_id"].attrs.update(
                node_population="none"
            ),
        ),
        "no population 'none' of nodes",
    ),
    "short group": (
        hdf(EDGES, replaced("edges/outside_to_cortex/0/afferent_section_id", np.arange(3))),
        "afferent_section_id: has 3 rows, which is too few",
    ),
    "section": (
        hdf(EDGES, replaced("edges/outside_to_cortex/0/afferent_section_id", np.full(12, 999))),
        "has no section 999",
    ),
    "position": (
        hdf(EDGES, replaced("edges/outside_to_cortex/0/afferent_section_pos", np.full(12, 1.5))),
        "a place along a section is from 0 to 1",
    ),
    "delay": (text(TYPES, "2.05", "-2.05"), "delay"),
    "input": (
        simulation(lambda d: d["inputs"]["trains"].update(input_type="replay")),
        "inputs.trains.input_type: 'replay' is not read",
    ),
    "spikes": (lambda f: (f / "inputs.h5").unlink(), "inputs.h5: there is no such file"),
    "spikes' times": (
        hdf("inputs.h5", replaced("spikes/outside/timestamps", np.full(90, np.nan))),
        "a time is below 0 or not finite",
    ),
    "spikes' unit": (
        hdf("inputs.h5", lambda h: h["spikes/outside/timestamps"].attrs.update(units="min")),
        "is in 'min', not in ms or s",
    ),
    "set": (
        simulation(lambda d: d["inputs"]["step"].update(node_set="second")),
        "no node set 'second'; there are first, cortex, outside, all",
    ),
    "circle of sets": (
        lambda f: (f / "node_sets.json").write_text('{"first": ["first"]}'),
        "node sets name each other in a circle",
    ),
    "amplitude": (
        simulation(lambda d: d["inputs"]["step"].update(amp="much")),
        "inputs.step.amp: is no number",
    ),
    "tstop": (simulation(lambda d: d["run"].update(tstop=-1)), "run.tstop: must be above 0"),
    "dt": (simulation(lambda d: d["run"].update(dt=0)), "run.dt: a time step is above 0 ms"),
    "simulator": (
        simulation(lambda d: d.update(target_simulator="DiPDE")),
        "target_simulator: 'DiPDE' is not read",
    ),
    "a part of the circuit": (
        simulation(lambda d: d.update(node_set={"population": "cortex", "node_id": [1, 2]})),
        "node_set: takes 2 of the 3 nodes of cortex; whole populations are read",
    ),
    "overrides": (
        simulation(lambda d: d.update(connection_overrides=[{"name": "weak"}])),
        "connection_overrides: is not read",
    ),
    "kind of current": (
        simulation(lambda d: d["inputs"]["step"].update(module="extracellular")),
        "inputs.step.module: 'extracellular' is not read",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_one_line_with_its_place(files, name):
    damage, said = BROKEN[name]
    damage(files)
    with pytest.raises(HalfbrainError) as caught:
        CableGroup(read_sonata(files / "simulation_config.json").circuit, threads=1)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mechanisms_may_be_named_beside_the_configuration(files, tmp_path):
    """A configuration that names none, as BlueCelluLab's, and the folder of .mod files."""
    file = files / "simulation_config.json"
    whole = read_sonata(file).circuit
    folder = read_config(file).part("components").path("mechanisms_dir")
    for each in (file, files / "circuit_config.json"):
        edited(each, lambda d: d.get("components", {}).pop("mechanisms_dir", None))
    with pytest.raises(HalfbrainError, match="mechanisms_dir"):
        read_sonata(file)
    again = read_sonata(file, folder).circuit
    one, other = ([r.mechanism.name for r in c.receptors] for c in (whole, again))
    assert one == other
    invoke = partial(CliRunner().invoke, app)
    found = invoke(["run", "cuba", "--mechanisms", str(folder)])
    assert str(found.exception).startswith("--mechanisms: cuba has its own")
    found = invoke(["run", str(file), "--mechanisms", str(tmp_path / "no")])
    assert str(found.exception).endswith("no: there is no such folder")


def test_a_report_between_steps_is_said(files):
    file = files / "simulation_config.json"
    edited(file, lambda d: d["reports"]["voltages"].update(dt=0.25))
    with pytest.warns(HalfbrainWarning, match=r"reports.voltages.dt: 0.25 ms is 2.5 time steps"):
        loaded = read_sonata(file)
    assert loaded.reports[0].every == pytest.approx(0.3)


TABLED = """
NEURON { SUFFIX Ih  NONSPECIFIC_CURRENT ihcn  RANGE gbar }
PARAMETER { gbar = 0 }
ASSIGNED { v ihcn }
BREAKPOINT { ihcn = gbar*share(v)*(v + 45) }
FUNCTION share(v) {
    TABLE FROM -100 TO 100 WITH 4
    share = 1/(1 + exp((v + 70)/9))
}
"""


@pytest.mark.parametrize("usetable", [False, True])
def test_tables_are_used_where_the_conditions_say_so(files, tmp_path, usetable):
    modfiles = tmp_path / "modfiles"
    shutil.copytree(files / "components" / "mechanisms" / "modfiles", modfiles)
    (modfiles / "Ih.mod").write_text(TABLED)
    file = files / "simulation_config.json"
    edited(file, lambda d: d["conditions"].update(usetable=usetable))
    edited(
        files / "circuit_config.json",
        lambda d: d["components"].update(mechanisms_dir=str(modfiles)),
    )
    cells = read_sonata(file).circuit.population("cortex").cells
    ih = next(p.mechanism for cell in cells for p in cell.placed if p.mechanism.name == "Ih")
    assert any("TABLE is not used" in note for note in ih.notes) is not usetable
    edited(file, lambda d: d["conditions"].update(usetable="yes"))
    with pytest.raises(HalfbrainError, match=r"conditions.usetable: is neither true nor false"):
        read_sonata(file)


def test_a_key_that_nothing_reads_is_said(files):
    edited(files / "simulation_config.json", lambda d: d["conditions"].update(jitter_lower=-10.0))
    with pytest.warns(HalfbrainWarning, match=r"conditions.jitter_lower: is not read"):
        read_sonata(files / "simulation_config.json")


def test_files_broken_at_random_are_read_or_refused(files):
    names = sorted(
        f.relative_to(files)
        for f in files.rglob("*")
        if f.is_file() and "components" not in f.parts and f.suffix in (".json", ".csv", ".h5")
    )
    whole = {name: (files / name).read_bytes() for name in names}
    refused = 0
    for number in range(80):
        chance = random.Random(f"sonata {number}")
        name = chance.choice(names)
        data = bytearray(whole[name])
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(len(data))] = chance.choice(b'0127{}[]",. \x00\xffe')
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        (files / name).write_bytes(data)
        try:
            read_sonata(files / "simulation_config.json")
        except HalfbrainError as error:
            refused += 1
            assert "\n" not in str(error)
        (files / name).write_bytes(whole[name])
    assert 15 < refused < 80
