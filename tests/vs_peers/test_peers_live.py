"""Other simulators, where they are installed: that they agree with the engine.

``HALFBRAIN_PEERS_PYTHON`` names an interpreter that has them, if it is not this one.
"""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from halfbrain.cells.catalogue import named_neuron, named_rule
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.compare.compare import compare
from halfbrain.compare.job import Job
from halfbrain.compare.on_halfbrain import handed_on
from halfbrain.compare.runner import run_peer
from halfbrain.connectivity.rule import Explicit, FixedIn
from halfbrain.connectivity.value import Uniform

PYTHON = os.environ.get("HALFBRAIN_PEERS_PYTHON", sys.executable)


@cache
def installed(name):
    found = f"import importlib.util as u, sys; sys.exit(u.find_spec({name!r}) is None)"
    return subprocess.run([PYTHON, "-c", found], check=False).returncode == 0


def needs(name):
    if not installed(name):
        pytest.skip(f"{name} is not installed in {PYTHON}")


def spikes(n, rate, seconds, dt=1e-4, seed=1):
    fired = np.random.default_rng(seed).random((round(seconds / dt), n)) < rate * dt
    steps, neurons = np.nonzero(fired)
    return SpikeList(steps * dt, neurons)


def driven(cell, weight, receptor="ex", *, rate=60, plasticity=None, states=None, dt="0.1 ms"):
    """20 neurons that get spikes from outside, and at random from one another."""
    rng = np.random.default_rng(2)
    pairs = Explicit(rng.integers(20, size=100), rng.integers(20, size=100))
    step = 1e-3 if dt == "1 ms" else 1e-4
    return Circuit(
        (
            Population("s", spikes(30, rate, 0.2, step), 30),
            Population("n", cell, 20, states or {}),
        ),
        (
            Projection("s", "n", receptor, FixedIn(15), weight=weight, delay=7 * step),
            Projection(
                "n", "n", receptor, pairs, weight=weight, delay="2 ms", plasticity=plasticity
            ),
        ),
        dt=dt,
        name="driven",
    )


def both(name, circuit, tmp_path, seconds=0.2, dtype="float64"):
    """The engine's result and a peer's, with the same connections and first states."""
    job = handed_on(Job(circuit, seconds, tmp_path, dtype=dtype, seed=4))
    return run_peer("halfbrain", job), run_peer(name, job, timeout=280, python=PYTHON)


def assert_same(ours, theirs, least=100):
    for name in ours.sizes:
        assert np.array_equal(ours.spikes[name][1], theirs.spikes[name][1])
        assert np.allclose(ours.spikes[name][0], theirs.spikes[name][0], rtol=0, atol=1e-9)
    assert sum(len(times) for times, _ in ours.spikes.values()) >= least


LIF = named_neuron("lif_current_exp", E_L="-52 mV", tau_I_in="2 ms")
PAIR = named_rule("pair_stdp", w_max="1 nA", A_plus="0.02", A_minus="0.02")
CASES = {
    "brian2 current": ("brian2", driven(LIF, "600 pA")),
    "brian2 delta": ("brian2", driven(named_neuron("lif_delta"), "4 mV", "syn")),
    "brian2 delta, not deaf": (
        "brian2",
        driven(replace(named_neuron("lif_delta"), deaf=False), "4 mV", "syn"),
    ),
    "brian2 Hodgkin-Huxley": (
        "brian2",
        driven(named_neuron("traub_miles"), "20 nS", states={"V": Uniform("-70 mV", "-50 mV")}),
    ),
    "brian2 adaptive": (
        "brian2",
        driven(named_neuron("adex"), "150 pA", states={"v": "-70 mV"}),
    ),
    "brian2 pairs": ("brian2", driven(LIF, "600 pA", plasticity=PAIR)),
    "brian2 triplets": (
        "brian2",
        driven(LIF, "600 pA", plasticity=named_rule("triplet_stdp", w_unit="1 nA", w_max="1 nA")),
    ),
    "brian2 short-term": (
        "brian2",
        driven(LIF, "3 nA", plasticity=named_rule("tsodyks_markram", U="0.3")),
    ),
    "nest current": ("nest", driven(LIF, "600 pA")),
    "nest alpha": ("nest", driven(named_neuron("lif_current_alpha", E_L="-52 mV"), "200 pA")),
    "nest delta": ("nest", driven(named_neuron("lif_delta"), "4 mV", "syn")),
    "nest short-term": (
        "nest",
        driven(LIF, "3 nA", plasticity=named_rule("tsodyks_markram", U="0.3")),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_spikes_agree_one_by_one(case, tmp_path):
    name, circuit = CASES[case]
    needs(name)
    assert_same(*both(name, circuit, tmp_path))


def test_diehl_and_cooks_network_is_that_of_bindsnet(tmp_path):
    needs("bindsnet")
    circuit = named_circuit("diehl_cook", neurons=20, plasticity=False)
    given = Population("X", spikes(784, 16.7, 0.2, 1e-3), 784)
    circuit = replace(circuit, populations=(given, *circuit.populations[1:]))
    assert_same(*both("bindsnet", circuit, tmp_path, dtype="float32"))


@pytest.mark.parametrize("name", ["brian2", "nest"])
def test_a_neuron_fires_when_the_closed_form_says(name, tmp_path):
    needs(name)
    cell = named_neuron("lif_current_exp")
    # 600 pA into 250 pF over 10 ms draw the voltage to 24 mV above rest; 15 mV up is the threshold.
    circuit = Circuit((Population("n", cell, 1, {"v": "-65 mV", "I_e": "600 pA"}),), (), name="one")
    _, theirs = both(name, circuit, tmp_path, seconds=0.1)
    steps = np.round(theirs.spikes["n"][0] / 1e-4).astype(int)
    rise = 0.010 * np.log(24 / (24 - 15)) / 1e-4
    assert steps[0] == int(rise)
    assert set(np.diff(steps)) == {int(rise) + 1 + 19}


@pytest.mark.parametrize("threads", [1, 2])
def test_nest_draws_a_circuit_by_its_own_rules(threads, tmp_path):
    needs("nest")
    circuit = named_circuit("microcircuit", scale=0.05)
    job = Job(circuit, 0.5, tmp_path, threads=threads, seed=2)
    ours = run_peer("halfbrain", job)
    theirs = run_peer("nest", job, timeout=280, python=PYTHON)
    run = compare(circuit, ours, {"nest": theirs})["runs"][1]
    assert run["agrees"], run["populations"]


@pytest.mark.parametrize(
    ("name", "circuit"),
    [
        ("nest", named_circuit("cobahh", neurons=200)),
        ("nest", driven(named_neuron("adex"), "150 pA", states={"v": "-70 mV"})),
        ("nest", driven(named_neuron("lif_conductance_exp", tau_g_ex="2 ms"), "15 nS")),
        ("nest", driven(LIF, "600 pA", plasticity=PAIR)),
        ("nengo", named_circuit("cuba", neurons=1000)),
    ],
    ids=["nest cobahh", "nest adaptive", "nest conductance", "nest pairs", "nengo cuba"],
)
def test_rates_agree(name, circuit, tmp_path):
    needs(name)
    ours, theirs = both(name, circuit, tmp_path)
    run = compare(circuit, ours, {name: theirs})["runs"][1]
    assert run["agrees"], run["populations"]
    assert sum(ours.rates().values()) > 1


def test_brian2_runs_poisson_drives_in_single_precision(tmp_path):
    needs("brian2")
    circuit = named_circuit("brunel", neurons=1000)
    ours, theirs = both("brian2", circuit, tmp_path, dtype="float32")
    assert compare(circuit, ours, {"brian2": theirs})["runs"][1]["agrees"]
    assert theirs.precision == "float32"
