"""Cells that NEURON builds from hoc, on our engine: the voltages that NEURON itself has."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from halfbrain.cells.detailed.installed import detailed_cell
from halfbrain.cells.detailed.neuron import hoc_cell
from halfbrain.cells.detailed.neuron.process import compiled
from halfbrain.cli.app import app
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import HalfbrainError, HalfbrainWarning

# Sections are joined by both ends, to both ends and in between; even nseg, changing diameters.
GEOMETRY = """
create soma, dend[3], apic, spine, twig
connect dend[0](0), soma(1)
connect dend[1](0), dend[0](1)
connect dend[2](1), dend[0](1)
connect apic(0), soma(0)
connect spine(0), apic(0.6)
connect twig(0), dend[2](0)
soma { nseg = 3 L = 20 diam = 18 insert hh }
dend[0] { pt3dclear() pt3dadd(0,0,0,4) pt3dadd(30,5,0,3) pt3dadd(70,5,9,1.5) nseg = 4 }
dend[1] { nseg = 5 L = 120 diam(0:1) = 2:0.7 }
dend[2] { nseg = 2 L = 90 diam = 1.2 }
apic { nseg = 6 L = 300 diam(0:1) = 3:1 }
spine { nseg = 1 L = 2 diam = 0.4 }
twig { nseg = 3 L = 50 diam = 0.8 }
forall Ra = 130
spine Ra = 70
"""
MEMBRANE = """
apic { insert hh gnabar_hh(0:1) = 0.1:0.01 el_hh = -60 cm = 1.7 ek = -80 }
forall if (!ismembrane("hh")) { insert pas g_pas = 2e-4 e_pas = -66 }
"""
# A potassium current with a table and a global; one of calcium, which is written and read, with a
# conductance that is ASSIGNED and set from outside.
MECHANISMS = """
NEURON { SUFFIX Km USEION k READ ek WRITE ik RANGE gbar GLOBAL half }
PARAMETER { gbar = 1e-4 (S/cm2) half = -35 (mV) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) minf }
STATE { m }
INITIAL { rates(v) m = minf }
BREAKPOINT { SOLVE s METHOD cnexp ik = gbar*m*(v - ek) }
DERIVATIVE s { rates(v) m' = (minf - m)/20 }
PROCEDURE rates(v (mV)) {
    TABLE minf DEPEND half FROM -100 TO 100 WITH 100
    minf = 1/(1 + exp(-(v - half)/8))
}
---
NEURON { SUFFIX Cal USEION ca READ eca WRITE ica RANGE gbar }
ASSIGNED { gbar (S/cm2) v (mV) eca (mV) ica (mA/cm2) }
BREAKPOINT { ica = gbar*(v - eca)/(1 + exp(-(v + 20)/6)) }
---
NEURON { SUFFIX Cad USEION ca READ ica, cai WRITE cai RANGE decay }
PARAMETER { decay = 40 (ms) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { cai' = -ica*5 - (cai - 5e-5)/decay }
"""
PLACES = [("soma", 0.5), ("dend[0]", 0.9), ("dend[1]", 0.5), ("dend[2]", 0.1)]
PLACES += [("twig", 0.9), ("apic", 0.95), ("spine", 0.5)]


def written(folder, text, name="cell.hoc"):
    file = folder / name
    file.write_text(text)
    return file


def in_neuron(file, **task):
    task = {"file": str(file), "clamp": ("soma", 0.5, 0.4), "at": PLACES, "dt": 0.025, **task}
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).parents[1] / "helpers" / "hoc_in_neuron.py"),
            json.dumps(task),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout))


def here(made, milliseconds, events=()):
    simulation = CableSimulation([made.cell], 0.025)
    simulation.current_clamp(0, made.at("soma", 0.5), 5, 1e9, 0.4)
    records = [simulation.record(0, made.at(*place)) for place in PLACES]
    for at in events:
        simulation.event(at, 0, len(made.cell.placed) - 1, 0, 0.005)
    simulation.run(milliseconds)
    return np.array([simulation.recorded(record) for record in records])


@pytest.mark.parametrize("table", [0, 1])
def test_a_hoc_file_has_neurons_voltages(tmp_path, table):
    synapse = "objref syn\nspine syn = new Exp2Syn(0.5)\nsyn.tau1 = 0.4\n"
    text = f"{GEOMETRY}{MEMBRANE}{synapse}usetable_hh = {table}\nv_init = -68\ncelsius = 8\n"
    file = written(tmp_path, text)
    made = hoc_cell(file)
    assert made.cell.celsius == 8
    assert made.cell.v_init == -68
    assert made.morphology.sections[0].region == "soma"
    assert {"basal", "apical", "twig"} < set(made.cell.regions)
    expected = in_neuron(file, ms=50, events={"Exp2Syn[0]": [10, 31.5]})
    found = here(made, 50, (10, 31.5))
    assert expected[0].max() > 20  # it fires
    assert np.abs(found - expected).max() < 1e-6


def test_a_template_with_mechanisms_of_files_has_neurons_voltages(tmp_path):
    for i, text in enumerate(MECHANISMS.split("---")):
        written(tmp_path, text, f"m{i}.mod")
    more = "dend[2] { insert Km gbar_Km(0:1) = 1e-4:9e-4 half_Km = -40 }\napic insert Cad\n"
    body = GEOMETRY.replace("create", "proc init() {", 1).split("{", 1)[1]
    names, body = body.split("\n", 1)
    file = written(
        tmp_path,
        f"begintemplate One\npublic soma\ncreate {names}\nproc init() {{\n{body}{MEMBRANE}{more}"
        "apic { insert Cal gbar_Cal = 2e-5 }\nsoma.L = $1\n}\nendtemplate One\n",
    )
    made = hoc_cell(file, "One", (25.0,), tmp_path)
    assert made.cell.nernst == ("eca",)
    library = compiled(tmp_path)
    expected = in_neuron(file, ms=20, template="One", arguments=[25.0], library=library)
    assert np.abs(here(made, 20) - expected).max() < 1e-6


RUNNING = """
import numpy as np
from neuron import h
from halfbrain.cells.detailed.neuron import from_neuron
from halfbrain.engine.cable.simulation import CableSimulation

soma, dend, other = h.Section(name="soma"), h.Section(name="dend"), h.Section(name="other")
dend.connect(soma(1))
dend.nseg, dend.L, dend.diam, soma.L, soma.diam = 7, 200, 2, 20, 20
soma.insert("hh")
dend.insert("pas")
clamp = h.IClamp(dend(0.5))
clamp.delay, clamp.dur, clamp.amp = 2, 100, 0.5
h.load_file("stdrun.hoc")
h.finitialize(-65)
h.continuerun(3)
cells = from_neuron(soma), from_neuron([soma, dend]), from_neuron([dend, soma])
assert h.t > 2.9, "NEURON is left as it was"
class Cell:
    def __init__(self):
        self.part = h.Section(name="part", cell=self)


mine, some = Cell(), h.SectionList()
some.append(soma)
some.append(dend)
assert from_neuron(some).cell.names == ("soma", "dend")
assert from_neuron(mine).cell.names == ("part",)
del mine
simulation = CableSimulation([c.cell for c in cells], 0.025)
records = []
for k, c in enumerate(cells):
    simulation.current_clamp(k, c.at("dend", 0.5), 2, 100, 0.5)
    records.append(simulation.record(k, 0))
assert from_neuron(other).cell.area.shape == (1,)
assert set(from_neuron().cell.parent[[0, 9]]) == {-1, 0}
v = h.Vector().record(soma(0.5)._ref_v)
h.finitialize(-65)
h.continuerun(20)
simulation.run(20)
print(max(np.abs(simulation.recorded(r) - np.array(v)).max() for r in records))
"""


def test_a_cell_of_a_running_neuron():
    done = subprocess.run(
        [sys.executable, "-c", RUNNING], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1e-6
    assert "IClamp[0] in dend (1 such in all) is left out; give its current anew" in done.stderr
    assert "its 2 trees are not joined" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "creates no section; name its template"),
        ("begintemplate A\nendtemplate A\nbegintemplate B\nendtemplate B\n", "there is A, B"),
        ("create soma\nquit()\n", "ended before the cell could be read (does it quit?)"),
        ("create soma\nsoma insert Unheard\n", "Unheard"),
        ("create soma\nsoma { insert hh ion_style(\"k_ion\", 1, 2, 1, 0, 0) }\n", "ion_style of k"),
        ("create soma\nsoma { insert extracellular xg = 1 }\n", "its extracellular is not taken"),
        ("objref s\ncreate soma\nsoma s = new ExpSyn(1)\n", "ExpSyn[0]: is at an end of soma"),
    ],
)  # fmt: skip
def test_what_is_not_taken_over_is_one_line(tmp_path, text, said):
    file = written(tmp_path, text)
    with pytest.raises(HalfbrainError) as told:
        hoc_cell(file)
    assert said in str(told.value)
    assert str(file) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_hoc_file_is_shown_as_any_cell(tmp_path):
    text = (
        "begintemplate A\npublic soma\ncreate soma\nproc init() { soma insert hh }\nendtemplate A\n"
    )
    file = written(tmp_path, text)
    shown = CliRunner().invoke(app, ["show", str(file)])
    assert shown.exit_code == 0, shown.output
    assert "soma: hh" in shown.output
    named = detailed_cell(f"{file}:A")
    assert [placed.mechanism.name for placed in named.placed] == ["hh"]
    with pytest.raises(HalfbrainError, match="has no template 'B'; there is A"):
        detailed_cell(f"{file}:B")


def test_what_is_left_out_is_told(tmp_path):
    file = written(tmp_path, "create soma\nobjref it\nsoma it = new IClamp(0.5)\n")
    with pytest.warns(HalfbrainWarning, match=r"IClamp\[0\] in soma"):
        cell = hoc_cell(file, celsius=30, v_init=-80).cell
    assert (cell.celsius, cell.v_init) == (30, -80)


def test_without_neuron_a_line_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("halfbrain.cells.detailed.neuron.process.find_spec", lambda name: None)
    with pytest.raises(HalfbrainError, match=r"pip install 'halfbrain\[cells\]'"):
        hoc_cell(written(tmp_path, "create soma\n"))
