"""Synapses and channels that draw random numbers, against NEURON with the same streams."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.compare import on_neuron
from halfbrain.compare.cable_job import Synapse, job
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, pas

HELPERS = Path(__file__).parents[1] / "helpers"
NRNIVMODL = Path(sys.executable).parent / "nrnivmodl"
N, LENGTH, DIAMETER, LEAK, REST, CELSIUS, DT, SEED = 5, 200.0, 2.0, 2e-4, -70.0, 34.0, 0.025, 7
FILES = ("ProbAMPANMDA_EMS", "ProbGABAAB_EMS", "StochKv3", "GluSynapse")


def files(names):
    spec = importlib.util.find_spec("emodelrunner")
    if spec is None:
        pytest.skip("EModelRunner, which brings these files, is not installed")
    folder = Path(spec.origin).parent.parent / "examples/synplas_sample_dir/mechanisms"
    found = [folder / f"{name}.mod" for name in names]
    if not all(file.is_file() for file in found):
        pytest.skip("the installed EModelRunner has no such files")
    return found


@pytest.fixture(scope="module")
def library():
    if not NRNIVMODL.exists() or not shutil.which("g++") or not shutil.which("make"):
        pytest.skip("NEURON (nrnivmodl) and a C++ compiler are needed")
    return compile_mechanisms(files(FILES))


def in_neuron(library, wanted, steps, clamps=()):
    task = {
        "n": N, "length": LENGTH, "diameter": DIAMETER, "leak": LEAK, "rest": REST,
        "celsius": CELSIUS, "dt": DT, "seed": SEED, "steps": steps, "clamps": list(clamps),
        "mechanisms": wanted,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(HELPERS / "synapses_in_neuron.py"), str(library)],
        input=json.dumps(task), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "RESULT" in done.stdout, done.stderr[-2000:]
    *found, _, _, _, _, _ = rows = json.loads(done.stdout.split("RESULT", 1)[1])
    return [np.array(x) for x in found], np.array([x[0] for x in rows[len(wanted) :]])


def here(wanted, steps, clamps=(), copies=1, **options):
    """The cable with each wanted mechanism as one of its placed ones."""
    names = dict.fromkeys(w["name"] for w in wanted)
    mechanisms = dict(zip(names, map(read_mechanism, files(names)), strict=True))
    placed = [Placed(pas(), np.arange(N), {"g": LEAK, "e": REST})]
    for w in wanted:
        placed.append(
            Placed(
                mechanisms[w["name"]],
                np.array([w["where"]]),
                {**w["parameters"], **w["shared"]},
                np.array([w["stream"]]),
            )
        )
    cell = cylinder(
        N, LENGTH, DIAMETER, 100.0, placed, celsius=CELSIUS, v_init=REST, ions={"ek": -77.0}
    )
    simulation = CableSimulation([cell] * copies, DT, seed=SEED, **options)
    for k in range(copies):
        for where, start, duration, amplitude in clamps:
            simulation.current_clamp(k, where, start, duration, amplitude)
        for p, w in enumerate(wanted, start=1):
            if "events" in w:
                simulation.connect(simulation.play(w["events"]), k, p, 0, 0.0, w["weight"])
    last = copies - 1
    records = [
        [simulation.record(last, 0, name, p) for name in w["watched"]]
        for p, w in enumerate(wanted, start=1)
    ]
    v = [simulation.record(last, compartment) for compartment in range(N)]
    simulation.run(steps * DT)
    found = [np.array([simulation.recorded(r) for r in group]) for group in records]
    return simulation, found, np.array([simulation.recorded(r) for r in v])


def trains(rate, until, number):
    random = np.random.default_rng(number)
    return np.sort(random.uniform(1.0, until, int(rate * until))).tolist()


def synapse(name, number, sites, **parameters):
    kinds = ("AMPA", "NMDA") if "AMPA" in name else ("GABAA", "GABAB")
    states = [f"{letter}_{kind}" for kind in kinds for letter in "AB"]
    return {
        "name": name,
        "kind": "point",
        "where": number % N,
        "parameters": {"Nrrp": sites, "Use": 0.4, "Dep": 120.0, "Fac": 30.0, **parameters},
        "shared": {},
        "stream": [number, 11, 5 * number],
        "events": trains(0.1, 300.0, number),
        "weight": 0.8,
        "watched": ["u", "tsyn", "occupied", "unoccupied", *states],
    }


SYNAPSES = [
    *(synapse("ProbAMPANMDA_EMS", k, sites) for k, sites in enumerate((1, 1, 3, 7, 12))),
    *(
        synapse("ProbGABAAB_EMS", k, sites, GABAB_ratio=0.5, tau_d_GABAA=6.0 + k)
        for k, sites in enumerate((1, 2, 5), start=10)
    ),
]


def test_releases_conductances_and_voltages_are_neurons(library):
    there, v_there = in_neuron(library, SYNAPSES, 12_000)
    _, found, v = here(SYNAPSES, 12_000)
    for one, other, wanted in zip(found, there, SYNAPSES, strict=True):
        assert len(wanted["events"]) == 30
        released = np.sum(np.diff(other[4]) > 0)
        assert 2 <= released < 30
        for name, a, b in zip(wanted["watched"], one, other, strict=True):
            assert abs(a - b).max() <= 1e-9 * abs(b).max(), name
    assert np.ptp(v_there) > 3
    assert abs(v - v_there).max() < 1e-6 * np.ptp(v_there)


def test_layouts_and_threads_leave_every_draw_as_it_is():
    _, alone, v = here(SYNAPSES, 4000)
    for copies, threads in ((8, 1), (19, 2)):
        _, found, w = here(SYNAPSES, 4000, copies=copies, threads=threads)
        assert np.array_equal(v, w)
        assert all(map(np.array_equal, alone, found))


def test_a_synapse_is_handed_to_neuron_with_its_cell(library):
    (wanted,) = [synapse("ProbAMPANMDA_EMS", 3, 2)]
    placed = [Placed(pas(), np.arange(N), {"g": LEAK, "e": REST})]
    cell = cylinder(
        N, LENGTH, DIAMETER, 100.0, placed, celsius=CELSIUS, v_init=REST, ions={"ek": -77.0}
    )
    given = Synapse(
        wanted["name"], wanted["where"], wanted["parameters"], {}, tuple(wanted["stream"]),
        wanted["events"], wanted["weight"], ("A_NMDA", "u"),
    )  # fmt: skip
    there = run_on(
        on_neuron, job(cell, 300.0, records=[0], synapses=[given], seed=SEED, library=str(library))
    )
    _, (states,), v = here([wanted], 12_000)
    names = wanted["watched"]
    for name, one in zip(given.watched, there.watched[0], strict=True):
        assert np.allclose(one[:12_001], states[names.index(name)], rtol=1e-9, atol=1e-12)
    assert np.ptp(v[0]) > 1
    assert abs(v[0] - there.voltages[0][:12_001]).max() < 1e-6 * np.ptp(v[0])


def plastic(number, theta):
    """A calcium-based synapse (Chindemi et al. 2022) with thresholds that its calcium crosses."""
    return {
        "name": "GluSynapse",
        "kind": "point",
        "where": number,
        "parameters": {
            "Nrrp_TM": 1 + number, "Use0_TM": 0.7, "Dep_TM": 200.0, "Fac_TM": 40.0,
            "theta_d_GB": theta, "theta_p_GB": 1.5 * theta, "rho0_GB": 0.4 * number,
            "gmax0_AMPA": 0.9, "volume_CR": 0.04,
        },
        "shared": {"tau_effca_GB": 60.0, "tau_ind_GB": 7.0, "tau_exp_GB": 1.0},
        "stream": [number, 21, 22],
        "events": trains(0.04, 600.0, number),
        "weight": 1.0,
        "watched": [
            "A_AMPA", "B_NMDA", "gmax_AMPA", "Use_TM", "m_VDCC", "cai_CR", "effcai_GB", "dep_GB",
            "pot_GB", "rho_GB",
        ],
    }  # fmt: skip


def test_plastic_synapses_grow_and_shrink_as_in_neuron(library):
    wanted = [plastic(0, 0.02), plastic(1, 0.03), plastic(2, 0.04)]
    clamps = [(0, start, 20.0, 0.15) for start in (100.0, 180.0, 260.0, 500.0)]
    there, v_there = in_neuron(library, wanted, 32_000, clamps)
    _, found, v = here(wanted, 32_000, clamps)
    for one, other, w in zip(found, there, wanted, strict=True):
        dep, pot = (w["watched"].index(name) for name in ("dep_GB", "pot_GB"))
        assert min(np.sum(np.diff(other[k]) != 0) for k in (dep, pot)) >= 1
        assert np.ptp(other[-1]) > 0.3
        for name, a, b in zip(w["watched"], one, other, strict=True):
            assert abs(a - b).max() <= 1e-7 * abs(b).max(), name
    assert abs(v - v_there).max() < 1e-7 * np.ptp(v_there)


def channel(where):
    return {
        "name": "StochKv3",
        "kind": "density",
        "where": where,
        "parameters": {"gkbar": 0.0002 * 30**where},
        "shared": {},
        "stream": [where, 3, 9],
        "watched": ["gk", "n", "l"],
    }


def test_stochastic_channels_open_as_in_neuron(library):
    """A dozen channels, tried one by one; hundreds, by waiting times; thousands, by rejection."""
    wanted = [channel(where) for where in range(3)]
    clamps = [(0, 5.0, 60.0, 0.06)]
    there, v_there = in_neuron(library, wanted, 4000, clamps)
    for w in wanted:
        w["watched"] = ["N1L1", "n", "l"]
    simulation, found, v = here(wanted, 4000, clamps)
    tables = [simulation.units[0].table_of(0, p, 0) for p in (1, 2, 3)]
    assert [int(t.row("N").flat[0]) for t in tables] == [10, 302, 9048]
    for k, (one, other) in enumerate(zip(found, there, strict=True)):
        each = tables[k].row("scale_dens").flat[0] * 1e-4
        assert len(set(one[0])) > 3
        # NEURON's is that of the current, before the channels open and close.
        assert np.allclose(other[0][1:], one[0][:-1] * each, rtol=1e-12, atol=0)
        assert abs(one[1:] - other[1:]).max() < 1e-9
    assert abs(v - v_there).max() < 1e-6 * np.ptp(v_there)
