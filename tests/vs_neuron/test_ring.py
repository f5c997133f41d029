"""The ring of detailed cells, spike for spike against NEURON, and through the command line."""

import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from halfbrain.circuits.named.detailed import detailed_circuit
from halfbrain.circuits.named.ring import ring
from halfbrain.cli import app
from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import CircuitError, RunError
from halfbrain.io import sonata_file as sonata

SECONDS = 0.1


def in_neuron(cells, delay):
    h = pytest.importorskip("neuron", reason="NEURON is not installed").h
    h.load_file("stdrun.hoc")
    h.cvode_active(0)
    h.usetable_hh, h.secondorder, h.celsius, h.dt = 0, 0, 6.3, 0.025
    held, times = [], []
    for k in range(cells):
        soma, dendrite = h.Section(name=f"soma{k}"), h.Section(name=f"dend{k}")
        soma.L = soma.diam = 12.6157
        dendrite.L, dendrite.diam, dendrite.nseg = 200, 1, 11
        dendrite.connect(soma(1))
        for section in (soma, dendrite):
            section.Ra, section.cm = 100, 1
        soma.insert("hh")
        dendrite.insert("pas")
        for segment in dendrite:
            segment.pas.g, segment.pas.e = 0.001, -65
        synapse = h.ExpSyn(dendrite(0.5))
        synapse.tau = 2
        held.append((soma, dendrite, synapse))
    for k, (soma, _, _) in enumerate(held):
        connection = h.NetCon(soma(0.5)._ref_v, held[(k + 1) % cells][2], sec=soma)
        connection.threshold, connection.delay, connection.weight[0] = 10, delay, 0.01
        times.append(h.Vector())
        connection.record(times[-1])
        held[k] += (connection,)
    start = h.NetStim()
    start.number, start.start = 1, 9
    kick = h.NetCon(start, held[0][2])
    kick.delay, kick.weight[0] = 1, 0.04
    h.finitialize(-65)
    h.continuerun(SECONDS * 1e3)
    return [np.array(t) for t in times]


@pytest.mark.parametrize(("cells", "delay"), [(5, 5.0), (12, 1.7)])
def test_the_ring_is_neurons_spike_for_spike(cells, delay):
    there = in_neuron(cells, delay)
    built = CableGroup(ring(cells, delay=delay), threads=2)
    built.run(SECONDS)
    spikes = built.spikes
    assert sum(map(len, there)) > 10
    for k, expected in enumerate(there):
        assert np.allclose(
            spikes.steps[spikes.neurons == k] * built.circuit.dt, expected, atol=1e-6
        )


def test_pieces_and_threads_do_not_change_the_ring():
    runs = []
    for threads, pieces in ((1, 1), (3, 4)):
        built = CableGroup(ring(9, delay=1.3), threads=threads, record={"cells": [8]})
        for _ in range(pieces):
            built.run(SECONDS / pieces)
        spikes = built.spikes
        runs.append((spikes.steps, spikes.neurons, built.voltages()[0].data))
    for one, other in zip(*runs, strict=True):
        assert len(one) > 20
        assert np.array_equal(one, other)


def test_the_command_runs_the_ring_and_writes_it(tmp_path):
    out = tmp_path / "ring.h5"
    done = CliRunner().invoke(
        app, ["run", "ring", "--seconds", "0.05", "--cells", "3", "--json", "--out", str(out)]
    )
    document = json.loads(done.stdout)
    assert document["neurons"] == 3
    assert document["synapses"] == 4
    assert document["compartments"] == 3 * 12
    assert document["spikes"] == 6
    assert document["events"] == 7  # and the one that starts it
    assert {p["name"] for p in document["phases"]} >= {"deliver", "currents", "solve", "states"}
    recorded = sonata.read(out)
    assert len(recorded.spikes.steps) == 6
    assert recorded.reports[0].data.shape == (50, 1)
    assert recorded.reports[0].data.max() > 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_the_command_keeps_synapses_in_a_file_of_the_folder_of_its_output(tmp_path):
    plain = ["run", "ring", "--seconds", "0.05", "--cells", "5", "--json", "--out"]
    for name, more in (("in", []), ("out", ["--synapse-memory", "1MB"])):
        done = CliRunner().invoke(app, [*plain, str(tmp_path / f"{name}.h5"), *more])
        assert done.exit_code == 0
    inside, outside = (sonata.read(tmp_path / f"{name}.h5").spikes for name in ("in", "out"))
    assert len(inside.steps) > 5
    assert np.array_equal(inside.steps, outside.steps)
    assert np.array_equal(inside.neurons, outside.neurons)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.h5", "out.h5"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--record", "cells.m"], "POPULATION.v"),
        (["--record", "other.v"], "no such population"),
        (["--plasticity"], "no plasticity"),
        (["--neurons", "2", "--scale", "2"], "not both"),
        (["--dtype", "float16"], "float32 and float64"),
        (["--synapse-memory", "much"], "give a size such as 512MB"),
        (["--synapse-memory", "1kB"], "in bytes, at least"),
    ],
)
def test_a_mistake_is_one_line(options, says):
    done = CliRunner().invoke(app, ["run", "ring", "--seconds", "0.01", *options])
    assert isinstance(done.exception, CircuitError | RunError)
    assert says in str(done.exception)


def test_a_circuit_that_is_not_there_is_refused():
    with pytest.raises(CircuitError, match="ring, column"):
        detailed_circuit("triangle")
