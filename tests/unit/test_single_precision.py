"""Whole cells in single precision against double."""

import numpy as np
import pytest

from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.engine.cable.simulation import CableSimulation

pytest.importorskip("morphio", reason="MorphIO is not installed")


@pytest.mark.parametrize(
    ("name", "amplitude"), [("allen-473862421", 0.3), ("synplas-cADpyr_L4TPC", 0.8)]
)
def test_spikes_are_within_a_tenth_of_a_millisecond(name, amplitude):
    if name not in installed_cells():
        pytest.skip(f"the package that brings {name} is not installed")
    cell, spikes = detailed_cell(name), {}
    for dtype in ("float64", "float32"):
        simulation = CableSimulation([cell], dtype=dtype)
        simulation.current_clamp(0, 0, 50.0, 400.0, amplitude)
        simulation.detect(0, 0, -20.0)
        simulation.run(500.0)
        spikes[dtype] = simulation.spikes()[0]
    assert len(spikes["float64"]) == len(spikes["float32"]) > 20
    assert np.allclose(spikes["float32"], spikes["float64"], rtol=0, atol=0.1)
