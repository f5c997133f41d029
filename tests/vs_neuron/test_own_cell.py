"""A cell of one's own of six .mod files, with the kinds of formulas of Hay et al. 2011: NEURON's.

doi 10.1371/journal.pcbi.1002107. Their calcium hot zone is a step of the distance from the apical
trunk's start, their Ih an exponential of it, relative to the longest branch.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from halfbrain.cells.detailed.cell import Cell, formula
from halfbrain.cells.detailed.neuron.process import compiled
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.nmodl import read_mechanism

SWC = """\
1 1 0 0 0 9 -1
2 3 0 -9 0 1 1
3 3 0 -130 0 0.8 2
4 3 60 -190 0 0.5 3
5 3 -90 -210 0 0.4 3
6 4 0 9 0 2.2 1
7 4 0 330 0 1.6 6
8 4 150 430 0 0.6 7
9 4 10 700 0 1.2 7
10 4 -140 920 0 0.5 9
11 4 190 900 0 0.5 9
12 2 9 0 0 0.5 1
13 2 150 0 0 0.3 12
"""
MODS = {
    "Nat": """
NEURON { SUFFIX Nat USEION na READ ena WRITE ina RANGE gbar }
PARAMETER { gbar = 1e-5 (S/cm2) }
ASSIGNED { v (mV) ena (mV) ina (mA/cm2) minf hinf mtau (ms) htau (ms) }
STATE { m h }
INITIAL { rates(v) m = minf h = hinf }
BREAKPOINT { SOLVE s METHOD cnexp ina = gbar*m*m*m*h*(v - ena) }
DERIVATIVE s { rates(v) m' = (minf - m)/mtau h' = (hinf - h)/htau }
PROCEDURE rates(v (mV)) {
    minf = 1/(1 + exp(-(v + 38)/6)) mtau = 0.05 + 0.2/(1 + exp((v + 40)/10))
    hinf = 1/(1 + exp((v + 66)/6)) htau = 0.6 + 4/(1 + exp((v + 50)/8))
}
""",
    "Kd": """
NEURON { SUFFIX Kd USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 1e-5 (mho/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) }
STATE { n }
INITIAL { n = 1/(1 + exp(-(v - 18)/10)) }
BREAKPOINT { SOLVE s METHOD cnexp ik = gbar*n*(v - ek) }
DERIVATIVE s { n' = (1/(1 + exp(-(v - 18)/10)) - n)/(0.3 + 4/(1 + exp((v + 46)/44))) }
""",
    "Im": """
NEURON { SUFFIX Im USEION k READ ek WRITE ik RANGE gbar GLOBAL half }
PARAMETER { gbar = 1e-5 (S/cm2) half = -35 (mV) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) }
STATE { m }
INITIAL { m = 1/(1 + exp(-(v - half)/5)) }
BREAKPOINT { SOLVE s METHOD cnexp ik = gbar*m*(v - ek) }
DERIVATIVE s { m' = (1/(1 + exp(-(v - half)/5)) - m)/30 }
""",
    "Ih": """
NEURON { SUFFIX Ih NONSPECIFIC_CURRENT ihcn RANGE gbar, ehcn }
PARAMETER { gbar = 1e-5 (S/cm2) ehcn = -45 (mV) }
ASSIGNED { v (mV) ihcn (mA/cm2) }
STATE { m }
INITIAL { m = 1/(1 + exp((v + 82)/9)) }
BREAKPOINT { SOLVE s METHOD cnexp ihcn = gbar*m*(v - ehcn) }
DERIVATIVE s { m' = (1/(1 + exp((v + 82)/9)) - m)/40 }
""",
    "Cah": """
NEURON { SUFFIX Cah USEION ca READ eca WRITE ica RANGE gbar }
PARAMETER { gbar = 1e-5 (S/cm2) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
STATE { m h }
INITIAL { m = 1/(1 + exp(-(v + 27)/5)) h = 1/(1 + exp((v + 50)/8)) }
BREAKPOINT { SOLVE s METHOD cnexp ica = gbar*m*m*h*(v - eca) }
DERIVATIVE s {
    m' = (1/(1 + exp(-(v + 27)/5)) - m)/3
    h' = (1/(1 + exp((v + 50)/8)) - h)/60
}
""",
    "Cad": """
NEURON { SUFFIX Cad USEION ca READ ica, cai WRITE cai RANGE decay, gamma }
PARAMETER { decay = 80 (ms) gamma = 0.05 }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { cai' = -ica*10*gamma - (cai - 5e-5)/decay }
""",
}
HOC = """
objref reader, gui, nil
{ load_file("import3d.hoc") }
reader = new Import3d_SWC_read()
{ reader.input("cell.swc") }
gui = new Import3d_GUI(reader, 0)
{ gui.instantiate(nil) }
forall {
    nseg = 1 + 2*int(L/40)
    insert pas
    Ra = 100 cm = 1 g_pas = 3.38e-5 e_pas = -80
}
forsec "soma" {
    insert Nat insert Kd insert Cah insert Cad insert Ih
    gbar_Nat = 0.9 gbar_Kd = 0.3 gbar_Cah = 0.0004 gbar_Ih = 0.0002
    gamma_Cad = 0.05 decay_Cad = 460 ena = 50 ek = -85
}
forsec "axon" { insert Nat insert Kd gbar_Nat = 0.6 gbar_Kd = 0.2 ena = 50 ek = -85 }
forsec "dend" { cm = 2 insert Ih gbar_Ih = 0.0002 g_pas = 4.67e-5 }
forsec "apic" {
    cm = 2 insert Ih insert Cah insert Cad insert Im insert Nat insert Kd
    g_pas = 5.89e-5 gbar_Im = 6.75e-5 gbar_Nat = 0.0213 gbar_Kd = 0.01 decay_Cad = 122
    gamma_Cad = 0.08 ena = 50 ek = -85
}
half_Im = -38
apic[3] { Ra = 130 gbar_Kd = 0.015 }
apic[0] distance()
longest = 0
forsec "apic" if (distance(1) > longest) longest = distance(1)
forsec "apic" for (x, 0) {
    gbar_Ih(x) = (-0.8696 + 2.0870*exp(3.6161*distance(x)/longest))*0.0002
    hot = 0.01
    if (distance(x) > 385 && distance(x) < 685) hot = 1
    gbar_Cah(x) = 0.0187*hot
}
soma[0] distance(0, 0.5)
forsec "dend" for (x, 0) gbar_Ih(x) = 0.0002*(1 + distance(x)/100)
celsius = 34
v_init = -80
"""
PROGRAM = """\
import halfbrain as hb

trunk, soma, tuft = ("apical", 0, 0), ("soma", 0.5), ("apical", 3, 0.2)
ih = hb.formula("base*exp(distance/length)", base="0.1 mS/cm2", length="300 um", origin=trunk)
hot = hb.formula("top*(1 if 385 < distance < 685 else 0.01)", top="10 mS/cm2", origin=trunk)
cell = (
    hb.Cell.read("cell.swc", cut="40 um", celsius=34, v_init="-80 mV")
    .set(Ra="100 ohm cm", ena="50 mV", ek="-85 mV").set(("basal", "apical"), cm="2 uF/cm2")
    .insert("pas", g="0.04 mS/cm2", e="-80 mV").insert("Nat.mod", ("soma", "axon"), gbar=0.9)
    .insert("Kd.mod", ("soma", "axon"), gbar="0.3 S/cm2").insert("Im.mod", "apical", gbar=7e-5)
    .insert("Ih.mod", "apical", gbar=ih).insert("Cah.mod", "apical", gbar=hot)
    .insert("Cad.mod", "apical", decay="0.12 s")
)
exc = hb.Synapse("Exp2Syn", tau1="0.5 ms", tau2="3 ms", e="0 mV")
axons = hb.Population("axons", "poisson", 20, {"rate": "20 Hz"})
pyr = hb.Population("pyr", cell, 1, receptors={"exc": exc})
onto = hb.Projection("axons", "pyr", "exc", hb.all_to_all(), weight="1 nS", delay="1 ms",
                     place=hb.Place("apical", "300 um", "700 um"))
sim = hb.Simulation(hb.Circuit([axons, pyr], [onto]), seed=1,
                    record={("pyr", "v", soma): [0], ("pyr", "v", tuft): [0]})
sim.clamp("pyr", 0, at=soma, current="0.9 nA", start="50 ms", duration="100 ms")
sim.run("0.2 s")
"""
AT = [("soma[0]", 0.5), ("apic[0]", 0.5), ("apic[2]", 0.2), ("apic[3]", 0.9), ("dend[1]", 0.7)]
AT += [("axon[0]", 0.95)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("own")
    (made / "cell.swc").write_text(SWC)
    (made / "cell.hoc").write_text(HOC)
    for name, text in MODS.items():
        (made / f"{name}.mod").write_text(text)
    return made


@pytest.fixture(scope="module")
def cell(folder):
    ih, cah, cad, im, nat, kd = (
        read_mechanism(folder / f"{name}.mod") for name in ("Ih", "Cah", "Cad", "Im", "Nat", "Kd")
    )
    trunk = ("apical", 0, 0)
    gradient = formula(
        "(-0.8696 + 2.0870*exp(3.6161*distance/farthest))*base", origin=trunk, base="0.2 mS/cm2"
    )
    hot_zone = formula("top*(1 if 385 < distance < end else 0.01)", origin=trunk, top="18.7 mS/cm2",
                       end="0.685 mm")  # fmt: skip
    active, leaf = ("soma", "axon", "apical"), ("basal", "apical")
    return (
        Cell.read(folder / "cell.swc", cut="40 um", celsius=34, v_init="-80 mV")
        .set(Ra="100 ohm cm").set(leaf, cm="2 uF/cm2").set("apic[3]", Ra="1.3 ohm m")
        .insert("pas", g="33.8 uS/cm2", e="-80 mV")
        .insert("pas", "basal", g="46.7 uS/cm2").insert("pas", "apical", g=5.89e-5)
        .insert(nat, "soma", gbar="0.9 S/cm2").insert(kd, "soma", gbar=0.3)
        .insert(nat, "axon", gbar=0.6).insert(kd, "axon", gbar="200 mS/cm2")
        .insert(nat, "apical", gbar=0.0213).insert(kd, "apical", gbar=0.01)
        .insert(folder / "Kd.mod", "apic[3]", gbar="0.015 mho/cm2")
        .insert(im, "apical", gbar="67.5 uS/cm2", half="-38 mV")
        .insert(ih, "soma", gbar="0.2 mS/cm2")
        .insert(ih, "basal", gbar=formula("0.0002*(1 + distance/100)"))
        .insert(ih, "apical", gbar=gradient)
        .insert(cah, "soma", gbar=0.0004).insert(cah, "apical", gbar=hot_zone)
        .insert(cad, "soma", gamma=0.05, decay="0.46 s")
        .insert(cad, "apical", decay=122, gamma=0.08)
        .set(active, ena="50 mV", ek="-85 mV")
    )  # fmt: skip


def test_its_voltages_are_neurons(folder, cell):
    task = {
        "file": str(folder / "cell.hoc"),
        "library": compiled(folder),
        "clamp": ("soma[0]", 0.5, 0.9),
        "at": AT,
        "dt": 0.025,
        "ms": 60,
    }
    script = Path(__file__).parents[1] / "helpers" / "hoc_in_neuron.py"
    done = subprocess.run(
        [sys.executable, str(script), json.dumps(task)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    expected = np.array(json.loads(done.stdout))
    simulation = CableSimulation([cell.compartments()], 0.025)
    simulation.current_clamp(0, cell.place(("soma", 0.5)).compartment, 5, 1e9, 0.9)
    records = [simulation.record(0, cell.place(place).compartment) for place in AT]
    simulation.run(60)
    found = np.array([simulation.recorded(record) for record in records])
    assert expected[0].max() > 10  # it fires
    assert np.ptp(expected[3]) > 20
    assert np.abs(found - expected).max() < 1e-6


def test_a_function_is_a_formula_too(cell):
    made = cell.compartments()
    again = cell.insert("Cah", "apical", gbar=lambda far: np.where(far > 300, 0.01, 2e-4))
    placed = next(p for p in again.compartments().placed if p.mechanism.name == "Cah")
    far = made.distance[placed.where] > 300
    apical = np.array(made.regions)[made.section[placed.where]] == "apical"
    values = placed.parameters["gbar"]
    assert (values[apical & far] == 0.01).all()
    assert (values[apical & ~far] == 2e-4).all()
    assert (values[~apical] == 0.0004).all()
    assert far.any()


def test_a_program_of_a_page(folder, monkeypatch):
    """A shape, six .mod files, twenty synapses, a clamp and a dendritic recording, one import."""
    assert len([line for line in PROGRAM.splitlines() if line]) <= 25
    monkeypatch.chdir(folder)
    made = {}
    exec(PROGRAM, made)
    sim = made["sim"]
    soma, tuft = (sim.recorded["pyr", "v", made[place]].values[:, 0] for place in ("soma", "tuft"))
    assert soma.max() > 0.01  # volts: it fires
    assert -0.08 < tuft.max() < soma.max()
    assert len(sim.spikes["pyr"].times) > 2
    assert len(sim.spikes["axons"].times) > 20
