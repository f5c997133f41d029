"""NMODL against NEURON: the same files compiled by nrnivmodl, step by step under current pulses."""

import importlib.util
import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.codegen.kernel import scalar_function
from halfbrain.nmodl import read_mechanism
from halfbrain.random.streams import ROUNDS, UNSOLVED
from nmodl_texts import (
    ALL,
    BUFFER,
    CALCIUM,
    POOL,
    RING,
    ROOTS,
    SCHEME,
    SODIUM,
    SPINE,
    SYNAPSE,
    TABLES,
    WIDER,
)

FUNCTIONS = {n: getattr(np, n) for n in ("exp", "log", "sqrt", "sin", "cos", "tanh", "floor")}
HELPERS = Path(__file__).parents[1] / "helpers"
DT, CELSIUS, STEPS = 0.025, 25.0, 1200
NRNIVMODL = Path(sys.executable).parent / "nrnivmodl"
EVENTS = (3.01, 9.51, 10.26)

pytestmark = [
    pytest.mark.skipif(not NRNIVMODL.exists(), reason="NEURON (nrnivmodl) is not installed"),
    pytest.mark.skipif(
        not (shutil.which("g++") and shutil.which("make")), reason="no C++ compiler"
    ),
]
# Mechanisms that people use, if a package has them: a Markov chain with LINEAR, gates, a synapse
# with two receptors and short-term plasticity; and ones that remember their last hundred pulses.
PUBLISHED = {
    "bmtk": ("NaV", "Im_v2", "SK", "Ca_LVA", "Kv3_1"),
    "emodelrunner": ("DetAMPANMDA",),
    "dbbs_catalogue": ("AMPA__granule", "GABA__granule", "NMDA__stellate"),
}


def published():
    found = []
    for package, names in PUBLISHED.items():
        spec = importlib.util.find_spec(package)
        for place in spec.submodule_search_locations or () if spec else ():
            # EModelRunner installs its examples beside itself.
            beside = package == "emodelrunner"
            folder = Path(place).parent / "examples" if beside else Path(place)
            found += [f for f in sorted(folder.rglob("*.mod")) if f.stem in names]
    return found


def read(text):
    return read_mechanism(text, tables=TABLES if "FUNCTION_TABLE" in text else {})


def task_of(mechanism, beside=()):
    ions = [name for ion in mechanism.ions for name in (*ion.reads, *ion.writes)]
    own = {"own_i": "i", "own_g": "g"}
    watched = [own.get(row, row) for row in mechanism.rows if "[" not in row]
    synapse = mechanism.receive is not None
    return {
        "name": mechanism.name,
        "kind": mechanism.kind,
        "beside": list(beside),
        "parameters": {},
        "shared": {},
        "celsius": CELSIUS,
        "pulses": [(2, 0.1), (10, -0.05), (20, 0.3)],
        "events": EVENTS if synapse else [],
        "weights": [0.02] if synapse else [],
        "tables": TABLES if mechanism.name == "hbgiven" else {},
        "dt": DT,
        "steps": STEPS,
        "watched": sorted({*watched, *ions, *mechanism.currents}),
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """What NEURON did with each mechanism, by its name."""
    folder = tmp_path_factory.mktemp("mod")
    mechanisms = {}
    for text in (*ALL, *WIDER):
        mechanism = read(text)
        mechanisms[mechanism.name] = mechanism
        (folder / f"{mechanism.name}.mod").write_text(text)
    for file in published():
        mechanism = read_mechanism(file)
        mechanisms[mechanism.name] = mechanism
        shutil.copy(file, folder)
    library = compile_mechanisms(sorted(folder.iterdir()))
    tasks = [task_of(m, ["hbca"] if m.name == "hbpool" else ()) for m in mechanisms.values()]
    ran = subprocess.run(
        [sys.executable, str(HELPERS / "nmodl_in_neuron.py"), library],
        input=json.dumps(tasks),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "RESULT" in ran.stdout, ran.stderr[-2000:]
    rows = json.loads(ran.stdout.split("RESULT", 1)[1])
    return {name: (m, r) for (name, m), r in zip(mechanisms.items(), rows, strict=True)}


def function(program):
    step = scalar_function(program, FUNCTIONS, np.float64)

    def run(known):
        with np.errstate(all="ignore"):
            found = step(*(np.float64(known[name]) for name in program.inputs))
        return dict(zip(program.outputs, map(float, found or ()), strict=True))

    return run


def deliver(receive, known, state, synapse, queue, until):
    """Events up to ``until``, in the order of their times."""
    while queue and min(queue)[0] <= until:
        now, flag = min(queue)
        queue.remove((now, flag))
        after = receive({**known, **state, **synapse, "t": now, "flag": flag})
        for key, value in after.items():
            if key in synapse:
                synapse[key] = value
            elif key.endswith(".delay") and value < np.inf:
                queue.append((now + value, after[key.replace("delay", "flag")]))
            elif key in state:
                state[key] = value


def difference(mechanism, rows):
    """The largest relative difference of each variable from NEURON's, over all steps."""
    names = {"own_i": "i", "own_g": "g"}
    ions = {name for ion in mechanism.ions for name in (*ion.reads, *ion.writes)}
    written = {n for ion in mechanism.ions for n in ion.writes} - set(mechanism.currents)
    common = {**mechanism.parameters, **mechanism.shared, "celsius": CELSIUS, "dt": DT}
    common |= {ROUNDS: 0, UNSOLVED: 0}

    def outside(row):
        return {**common, **{k: row[k] for k in ("t", "v", "area", "diam", *ions)}}

    worst, largest = {}, {}

    def compare(name, ours, row):
        theirs = row.get(names.get(name, name))
        if theirs is not None:
            worst[name] = max(worst.get(name, 0.0), abs(ours - theirs))
            largest[name] = max(largest.get(name, 0.0), abs(theirs))

    state = function(mechanism.initial)(outside(rows[0]))
    for name in mechanism.rows:
        compare(name, state[name], rows[0])
    current = function(mechanism.current) if mechanism.current else None
    step = function(mechanism.step(DT)) if mechanism.step(DT) else None
    synapse, queue = {}, []
    if mechanism.receive is not None:
        others = dict.fromkeys(mechanism.arguments, 0.0) | {"weight": 0.02}
        synapse = others | function(mechanism.connect)({**outside(rows[0]), **state, **others})
        synapse = {name: synapse[name] for name in mechanism.arguments}
        queue = [(time, 0) for time in EVENTS]
        receive = function(mechanism.receive)
    for before, after in pairwise(rows):
        now = outside(before) | {k: state[k] for k in written}
        if queue:
            deliver(receive, now, state, synapse, queue, before["t"] + DT / 2)
        if current:
            found = current(now | state | {"t": before["t"] + DT / 2})  # as NEURON has it there
            state |= {k: v for k, v in found.items() if k in state}
            for name in mechanism.currents:
                compare(name, found.get(name, found["i"]), after)
        if step:
            later = step(outside(after) | state | {k: state[k] for k in written})
            state |= later
            for name, value in later.items():
                compare(name, value, after)
    return {name: worst[name] / (largest[name] or 1.0) for name in worst}


NAMES = [read(text).name for text in (*ALL, *WIDER)] + [read_mechanism(f).name for f in published()]
# NEURON's derivimplicit has a numeric Jacobian and stops at its own tolerance; so does its
# iteration for nonlinear schemes and blocks.
LOOSE = {read_mechanism(SPINE).name: 1e-5, read_mechanism(BUFFER).name: 1e-6}
LOOSE |= {read_mechanism(ROOTS).name: 1e-6}


@pytest.mark.parametrize("name", NAMES)
def test_every_state_and_current_is_neurons(runs, name):
    mechanism, rows = runs[name]
    found = difference(mechanism, rows)
    assert found, "nothing was compared"
    assert max(found.values()) < LOOSE.get(name, 1e-9), found
    assert max(abs(row["v"] - rows[0]["v"]) for row in rows) > 5  # the pulses moved it


def test_the_texts_are_told_apart():
    texts = (SODIUM, CALCIUM, POOL, SCHEME, BUFFER, SPINE, SYNAPSE, RING)
    assert len({read_mechanism(text).name for text in texts}) == len(ALL)
