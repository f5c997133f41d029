"""Whole cells of published models against NEURON, with mechanisms that nrnivmodl compiles."""

import shutil

import numpy as np
import pytest

from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.compare import on_neuron
from halfbrain.compare.cable_job import files_of, job
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.simulation import CableSimulation

pytest.importorskip("neuron", reason="NEURON is not installed")
pytest.importorskip("morphio", reason="MorphIO is not installed")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="nrnivmodl needs a compiler")
@pytest.mark.parametrize(
    ("name", "amplitude"), [("allen-472363762", 0.3), ("sscx-cADpyr_L4UPC", 0.8)]
)
def test_a_published_cell_fires_as_in_neuron(name, amplitude, tmp_path):
    if name not in installed_cells():
        pytest.skip(f"the package that brings {name} is not installed")
    cell = detailed_cell(name)
    simulation = CableSimulation([cell])
    simulation.current_clamp(0, 0, 50.0, 400.0, amplitude)
    soma = simulation.record(0, 0)
    simulation.detect(0, 0, -20.0)
    simulation.run(500.0)
    there = run_on(
        on_neuron,
        job(
            cell,
            500.0,
            clamps=[(0, 50.0, 400.0, amplitude)],
            records=[0],
            threshold=-20.0,
            library=compile_mechanisms(files_of(cell)),
        ),
    )
    here = simulation.recorded(soma)
    assert len(there.spikes) >= 5
    assert np.sqrt(np.mean((here - there.voltages[0]) ** 2)) < 0.1
    assert np.allclose(simulation.spikes()[0], there.spikes, atol=0.0251)
