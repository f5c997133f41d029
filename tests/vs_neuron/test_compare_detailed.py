"""Circuits of detailed cells on NEURON: the same spikes; and what the command says."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from halfbrain.cells.detailed.classic import with_hodgkin_huxley
from halfbrain.cells.detailed.installed import installed_cells, recipe
from halfbrain.circuits.detailed.circuit import (
    Clamp,
    DetailedCircuit,
    DetailedPopulation,
    DetailedProjection,
    PoissonInput,
    Receptor,
)
from halfbrain.circuits.named.column import column
from halfbrain.circuits.named.ring import ring
from halfbrain.cli import app
from halfbrain.compare.detailed import compare_detailed
from halfbrain.compare.joined import joined
from halfbrain.compare.network_job import names_apart, network_job, write_mechanisms
from halfbrain.connectivity.rule import FixedIn
from halfbrain.connectivity.value import LogNormal, Normal, Uniform
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import RunError

pytest.importorskip("neuron", reason="NEURON is not installed")


def test_the_ring_is_the_same_on_neuron():
    document = compare_detailed(
        ring(4), ["neuron"], seconds=0.05, threads=1, dtype="float64", seed=1
    )
    theirs = document["runs"][1]
    assert theirs["failed"] is None
    assert theirs["same_spikes"]
    assert theirs["populations"][0]["rate"] > 10
    assert document["shapes"] is None


def test_a_peer_that_cannot_says_so_and_the_rest_goes_on(monkeypatch):
    monkeypatch.setattr("halfbrain.compare.installed.find_spec", lambda name: None)
    document = compare_detailed(
        ring(2), ["neuron", "jaxley"], seconds=0.02, threads=1, dtype="float64", seed=1
    )
    assert document["runs"][1]["failed"].startswith("NEURON is not installed; pip install")
    assert document["shapes"]["runs"][0]["failed"].startswith("Jaxley is not installed")
    assert document["shapes"]["compartments"] == 2 * 12  # without the point at the soma's end


def test_points_that_only_join_two_compartments_can_go():
    name = "sscx-cADpyr_L4UPC"
    if name not in installed_cells():
        pytest.skip(f"the package that brings {name} is not installed")
    cell, v = recipe(name).compartments(), []
    less = joined(cell)
    assert len(less.parent) < len(cell.parent)
    for one in (cell, less):
        simulation = CableSimulation([with_hodgkin_huxley(one)], threads=1)
        simulation.current_clamp(0, 0, 1.0, 20.0, 1.0)
        soma = simulation.record(0, 0)
        simulation.run(15.0)
        v.append(simulation.recorded(soma))
    assert v[0].max() > 0
    assert abs(v[0] - v[1]).max() < 1e-6


@pytest.fixture
def built():
    for name in ("sscx-cADpyr_L4UPC", "allen-473863510"):
        if name not in installed_cells():
            pytest.skip(f"the package that brings {name} is not installed")
    return CableGroup(column(10, synapses=0.02), threads=2)


def test_what_neuron_is_told_is_what_is_here(built, tmp_path):
    asked = network_job(built, 100.0, 1)
    assert len(asked.sources) == built.synapses == sum(len(p.neuron) for p in asked.points)
    for k in range(0, built.synapses, 17):
        points = asked.points[asked.groups[k]]
        n, place = points.neuron[asked.places[k]], asked.places[k]
        some = next(s for s in np.cumsum([0, *map(len, built.drawn)])[::-1] if s <= k)
        index = int(np.flatnonzero(np.cumsum([0, *map(len, built.drawn)]) == some)[-1])
        drawn, home = built.drawn[index], built.homes[index]
        assert n == home.neuron[k - some]
        assert points.compartment[place] == drawn.compartment[k - some]
        assert points.streams[place].tolist() == [n, home.mechanism[k - some], home.place[k - some]]
    assert (asked.given_times < 100).all()
    assert (asked.given_sources >= built.neurons).all()
    names = names_apart(built)
    assert len(set(names.values())) == len(names)
    files = write_mechanisms(names, tmp_path)
    renamed = next(own for (name, _), own in names.items() if own == f"{name}_2")
    assert f" {renamed}" in (tmp_path / f"{renamed}.mod").read_text()
    assert len(files) == len(set(files)) > 20


@pytest.mark.skipif(shutil.which("gcc") is None, reason="nrnivmodl needs a compiler")
def test_stochastic_synapses_are_the_same_on_neuron():
    """The same random numbers, so the same spikes."""
    name = "synplas-cADpyr_L4TPC"
    if name not in installed_cells():
        pytest.skip(f"the package that brings {name} is not installed")
    library = recipe(name).library
    circuit = DetailedCircuit(
        "three",
        (DetailedPopulation("P", (name,), 3),),
        (Receptor("plain", library("ProbAMPANMDA_EMS"), {"Use": Uniform(0.3, 0.7), "Dep": 100.0}),),
        (DetailedProjection("P", "P", "plain", FixedIn(2), 1.0, Uniform(0.5, 2.0), contacts=4),),
        (PoissonInput("X", "P", "plain", 40, 60.0, LogNormal(0.4, 0.3), contacts=2),),
        (Clamp("P", Normal(0.04, 0.005)),),
    )
    document = compare_detailed(
        circuit, ["neuron"], seconds=0.08, threads=1, dtype="float64", seed=1
    )
    theirs = document["runs"][1]
    assert theirs["failed"] is None, theirs["failed"]
    assert theirs["populations"][0]["rate"] > 10
    assert theirs["same_spikes"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["ring", "--with", "brian2"], "does not run detailed cells"),
        (["column", "--with", "neuron", "--cells", "3"], "whole number from 10"),
        (["ring", "--with", ""], "name a peer"),
    ],
)
def test_a_mistake_is_one_line(options, says):
    done = CliRunner().invoke(app, ["compare", *options, "--seconds", "0.01"])
    assert says in str(done.exception)
    assert not isinstance(done.exception, RunError) or "\n" not in str(done.exception)


def test_the_command_compares_the_ring():
    done = CliRunner().invoke(
        app, ["compare", "ring", "--with", "neuron", "--seconds", "0.02", "--json", "--cells", "3"]
    )
    assert done.exception is None, done.exception
    document = json.loads(done.stdout)
    assert [run["name"] for run in document["runs"]] == ["halfbrain", "neuron"]
    assert document["runs"][1]["same_spikes"]
