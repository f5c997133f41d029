"""Other simulators: how a job reaches them, what becomes of their failures, how they compare."""

import io
import json
import re
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from halfbrain.cells.catalogue import named_neuron, named_rule
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection, SpikeList
from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.compare import drawing
from halfbrain.compare.catalogue import PEERS, peer
from halfbrain.compare.compare import compare, run_all, standard_error
from halfbrain.compare.job import Connections, Job, PeerResult
from halfbrain.compare.on_halfbrain import handed_on
from halfbrain.compare.runner import run_peer
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
)
from halfbrain.connectivity.value import LogNormal, Mixture, Normal, Uniform
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import CircuitError, RunError
from halfbrain.processes.message import read, write
from halfbrain.report.compared import print_comparison


def spikes(n, rate, seconds, dt=1e-4, seed=1):
    fired = np.random.default_rng(seed).random((round(seconds / dt), n)) < rate * dt
    steps, neurons = np.nonzero(fired)
    return SpikeList(steps * dt, neurons)


def driven(cell, weight, receptor="ex", *, plasticity=None, seconds=0.2, delay="1 ms"):
    """20 neurons that get spikes from outside and, at random, from one another."""
    rng = np.random.default_rng(2)
    pairs = Explicit(rng.integers(20, size=100), rng.integers(20, size=100))
    own = replace(
        Projection("n", "n", receptor, pairs, weight=weight, delay=delay), plasticity=plasticity
    )
    return Circuit(
        (Population("s", spikes(30, 60, seconds), 30), Population("n", cell, 20)),
        (Projection("s", "n", receptor, FixedIn(15), weight=weight, delay="0.7 ms"), own),
        name="driven",
    )


def lif(**changes):
    return replace(named_neuron("lif_current_exp", E_L="-52 mV"), **changes)


def result(rates, *, sizes=None, seed=0, name="other"):
    sizes = sizes or dict.fromkeys(rates, 100)
    rng = np.random.default_rng(seed)
    made = {}
    for population, rate in rates.items():
        count = round(rate * sizes[population] * 2)
        times = np.sort(rng.uniform(0, 2, count))
        made[population] = times, rng.integers(sizes[population], size=count)
    return PeerResult(name, "1", "so", "float64", 2.0, sizes, made, 1.0, 2.0, 0.5, 10**8)


# Handing over


def test_a_job_comes_back_as_it_was(tmp_path):
    made = Connections(np.arange(3), np.arange(3), np.ones(3), np.full(3, 1e-3))
    circuit = Circuit(
        (
            Population("a", spikes(5, 50, 0.1), 5),
            Population("b", lif(), 5, {"v": Normal("-60 mV", "1 mV", low="-70 mV")}),
        ),
        (
            Projection(
                "a", "b", "ex", FixedIn(3), weight=LogNormal("1 pA", 0.5), delay=Uniform(0, "2 ms")
            ),
            Projection(
                "a", "b", "in", OneToOne(), weight=np.ones(5),
                plasticity=named_rule("pair_stdp", w_max="1 pA"),
            ),
        ),
        (PoissonDrive("b", "ex", "10 Hz", "1 pA"),), name="c"
    )  # fmt: skip
    states = {"b": {"v": np.linspace(-0.07, -0.05, 5)}}
    job = Job(circuit, 0.5, tmp_path, (made, made), states, 2, "float32", 7)
    write(tmp_path / "job.npz", job)
    back = read(tmp_path / "job.npz", Job)
    assert (back.seconds, back.threads, back.dtype, back.seed, back.folder) == (
        0.5, 2, "float32", 7, tmp_path,
    )  # fmt: skip
    assert back.circuit.populations[1].model == circuit.populations[1].model
    assert back.circuit.populations[1].values == circuit.populations[1].values
    assert back.circuit.projections[0].weight == circuit.projections[0].weight
    assert back.circuit.projections[1].plasticity == circuit.projections[1].plasticity
    assert back.circuit.drives[0].rate == "10 Hz"
    assert np.array_equal(
        back.circuit.populations[0].model.times, circuit.populations[0].model.times
    )
    assert np.array_equal(back.connectivity[1].delays, made.delays)
    assert np.array_equal(back.states["b"]["v"], states["b"]["v"])


def test_a_result_comes_back_as_it_was(tmp_path):
    given = replace(result({"a": 5.0}), notes=("one", "two"))
    write(tmp_path / "result.npz", given)
    back = read(tmp_path / "result.npz", PeerResult)
    assert np.array_equal(back.spikes["a"][0], given.spikes["a"][0])
    assert back.spikes["a"][1].dtype == np.int64
    assert (back.rates(), back.notes) == ({"a": 5.0}, ("one", "two"))


def test_our_own_engine_runs_as_a_peer(tmp_path):
    circuit = driven(lif(), "900 pA")
    got = run_peer("halfbrain", Job(circuit, 0.2, tmp_path, seed=3))
    simulation = PointGroup(circuit, seed=3, dtype="float64", threads=1)
    simulation.run(0.2)
    times, neurons = simulation.spikes.of("n")
    assert len(times) > 100
    assert np.array_equal(got.spikes["n"][0], times)
    assert np.array_equal(got.spikes["n"][1], neurons)
    assert got.wall_seconds > 0
    assert got.peak_bytes > 1e7


def test_what_the_engine_draws_is_handed_on(tmp_path):
    circuit = named_circuit("cuba", neurons=100)
    job = Job(circuit, 0.1, tmp_path, seed=5)
    handed = handed_on(job)
    simulation = PointGroup(circuit, seed=5, dtype="float64")
    assert np.array_equal(handed.connectivity[0].targets, simulation.connections(0).targets)
    assert np.array_equal(handed.states["E"]["v"], simulation.state("E", "v"))
    assert handed_on(job, most_synapses=10).connectivity is None


# Runs that fail


def script(tmp_path, body):
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("kill -SEGV $$", "nest: was ended by SIGSEGV; it said nothing"),
        ("echo one; echo last words; exit 3", "nest: ended with exit status 3; last words"),
        ("sleep 60", "nest: stopped after 0.3 s without a result"),
        ("exit 0", "nest: ended with exit status 0; it said nothing"),
    ],
)
def test_a_crash_is_one_line(tmp_path, body, line):
    job = Job(driven(lif(), "900 pA"), 0.1, tmp_path)
    with pytest.raises(RunError) as caught:
        run_peer("nest", job, timeout=0.3 if "sleep" in body else 60, python=script(tmp_path, body))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_peer_started_is_stopped_with_it(tmp_path):
    mark = tmp_path / "alive"
    body = f"(sleep 1; touch {mark}) & sleep 60"
    with pytest.raises(RunError):
        run_peer(
            "nest",
            Job(driven(lif(), "900 pA"), 0.1, tmp_path),
            timeout=0.2,
            python=script(tmp_path, body),
        )
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(["sleep", "5"], timeout=1.5, check=False)
    assert not mark.exists()


def test_an_interpreter_or_a_peer_that_is_not_there_is_one_line(tmp_path):
    job = Job(driven(lif(), "900 pA"), 0.1, tmp_path)
    with pytest.raises(RunError, match="cannot start /nowhere/python: No such file"):
        run_peer("nest", job, python="/nowhere/python")
    with pytest.raises(RunError, match="no peer 'genesis'; there are halfbrain, brian2, nest"):
        run_peer("genesis", job)


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_says_whether_it_is_there(name, tmp_path):
    reason = peer(name).available()
    if reason is None:
        pytest.skip(f"{name} is installed")
    with pytest.raises(RunError, match=r"not installed|needs g\+\+|NumPy below"):
        run_peer(name, Job(driven(lif(), "900 pA"), 0.1, tmp_path))


# Drawing


@pytest.mark.parametrize(
    ("rule", "expected", "spread"),
    [
        (OneToOne(), 60, 0),
        (AllToAll(), 60 * 59, 0),
        (AllToAll(autapses=True), 3600, 0),
        (Bernoulli(0.1), 354, 6 * 18),
        (Bernoulli(0.0), 0, 0),
        (Bernoulli(1.0, autapses=True), 3600, 0),
        (FixedTotal(500), 500, 0),
        (FixedIn(7, autapses=False), 420, 0),
        (FixedOut(7, autapses=False), 420, 0),
    ],
)
def test_rules_are_kept_when_a_peer_draws(rule, expected, spread, tmp_path):
    projection = Projection("a", "a", "ex", rule, weight=0.0)
    circuit = Circuit([Population("a", lif(), 60)], [projection])
    found = drawing.connections(Job(circuit, 0.1, tmp_path, seed=1), 0)
    sources, targets = found.sources, found.targets
    own = PointGroup(circuit, seed=1).connections(0)
    assert np.array_equal(sources, own.sources)
    assert np.array_equal(targets, own.targets)
    assert abs(len(sources) - expected) <= spread
    assert len(sources) == len(targets)
    if isinstance(rule, FixedIn):
        assert (np.bincount(targets) == 7).all()
    if isinstance(rule, FixedOut):
        assert (np.bincount(sources) == 7).all()
    if not getattr(rule, "autapses", True):
        assert (sources != targets).all()
    if isinstance(rule, Bernoulli | AllToAll):
        assert len(set(zip(sources, targets, strict=True))) == len(sources)
    if len(sources) > 300:
        assert {0, 59} <= set(sources) & set(targets)


def test_numbers_follow_their_distribution(tmp_path):
    values = {
        "v": Mixture(0.25, Normal("-60 mV", "5 mV", low="-65 mV"), "-40 mV"),
        "I_e": LogNormal("100 pA", 0.5),
    }
    circuit = Circuit((Population("a", lif(), 20_000, values),), (), name="c")
    got = drawing.states(Job(circuit, 0.1, tmp_path), circuit.populations[0])
    second = got["v"] == -0.040
    assert second.mean() == pytest.approx(0.75, abs=0.02)
    assert got["v"][~second].min() >= -0.065
    # Above -1 sigma, the mean of a normal is up by phi(1)/Phi(1) sigma.
    assert got["v"][~second].mean() == pytest.approx(-0.060 + 0.2876 * 0.005, abs=3e-4)
    assert np.median(got["I_e"]) == pytest.approx(100e-12, rel=0.03)


def test_states_of_another_size_are_one_line(tmp_path):
    circuit = Circuit((Population("a", lif(), 5),), (), name="c")
    job = Job(circuit, 0.1, tmp_path, states={"a": {"v": np.zeros(4)}})
    with pytest.raises(CircuitError, match=r"'a', v: 4 numbers for 5 neurons"):
        drawing.states(job, circuit.populations[0])


# Comparing


def test_rates_agree_within_their_errors_and_not_beyond():
    ours = result({"a": 10.0, "b": 0.5}, name="halfbrain")
    near = result({"a": 10.3, "b": 0.52}, seed=1)
    far = result({"a": 13.0, "b": 0.5}, seed=1)
    circuit = driven(lif(), "1 pA")
    document = compare(circuit, ours, {"near": near, "far": far, "lost": "nest: was ended"})
    json.dumps(document)
    mine, first, second, third = document["runs"]
    assert mine["same_spikes"]
    assert mine["times_ours"] == 1
    assert first["agrees"]
    assert not first["same_spikes"]
    assert not second["agrees"]
    assert [p["agrees"] for p in second["populations"]] == [False, True]
    assert third == {"name": "lost", "failed": "nest: was ended"}
    assert first["rtf"] == 0.25


def test_the_standard_error_is_that_of_poisson_neurons_and_larger_in_synchrony():
    alone = result({"a": 20.0}, sizes={"a": 2000})
    assert standard_error(alone, "a") == pytest.approx((20 / 2000 / 2) ** 0.5, rel=0.6)
    times = np.repeat([0.1, 0.15, 0.9, 1.0], 2000)
    together = replace(alone, spikes={"a": (times, np.tile(np.arange(2000), 4))})
    assert standard_error(together, "a") > 0.5
    silent = replace(alone, spikes={"a": (np.zeros(0), np.zeros(0, np.int64))})
    assert standard_error(silent, "a") == 1 / 2000 / 2


def test_the_table_fits_80_columns():
    rates = {f"a population {i}": 10.0 for i in range(15)}
    ours = result(rates, name="halfbrain")
    others = {name: result(rates, seed=9, name=name) for name in PEERS[1:4]}
    document = compare(driven(lif(), "1 pA"), ours, others | {"bindsnet": "bindsnet: crashed"})
    out = io.StringIO()
    print_comparison(Console(file=out, width=80), document)
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    for part in ("brian2", "nest", "nengo", "bindsnet: crashed", "and 3 more", "agree"):
        assert part in text
    assert "…" not in text
    figures = re.compile(r"\d[\d.]*(?:e[+-]?\d+)?")
    for columns in (60, 40):
        out = io.StringIO()
        print_comparison(Console(file=out, width=columns), document)
        narrow = out.getvalue()
        assert max(map(len, narrow.splitlines())) <= columns
        assert "…" not in narrow
        assert set(figures.findall(narrow)) == set(figures.findall(text))


def test_all_are_run_and_who_fails_is_a_line(tmp_path):
    begun = []
    job = Job(driven(lif(), "900 pA"), 0.05, tmp_path)
    out = run_all(job, ["nest"], python=script(tmp_path, "exit 7"), begun=begun.append)
    assert begun == ["halfbrain", "nest"]
    assert out["halfbrain"].rates().keys() == {"n"}
    assert out["nest"].startswith("nest: ended with exit status 7")
