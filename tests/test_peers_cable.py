"""Detailed cells on Arbor beside ours."""

import numpy as np
import pytest

from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import RunError
from halfbrain.peers import on_arbor
from halfbrain.peers.cable_job import job

pytest.importorskip("morphio", reason="MorphIO is not installed")


def installed(name):
    if name not in installed_cells():
        pytest.skip(f"the package that brings {name} is not installed")
    return detailed_cell(name)


def crossings(v, threshold, dt):
    """Times of the ways up through a threshold, on straight lines between steps, as in Arbor."""
    k = np.flatnonzero((v[1:] > threshold) & (v[:-1] <= threshold))
    return (k + (threshold - v[k]) / (v[k + 1] - v[k])) * dt


def both(cell, dt, milliseconds):
    simulation = CableSimulation([cell], dt)
    simulation.current_clamp(0, 0, 20.0, 1e3, 0.3)
    last = int(np.flatnonzero(cell.area > 0)[-1])
    records = [simulation.record(0, 0), simulation.record(0, last)]
    simulation.run(milliseconds)
    there = on_arbor.run(
        job(cell, milliseconds, dt=dt, clamps=[(0, 20.0, 1e3, 0.3)], records=[0, last],
            threshold=-20.0)
    )  # fmt: skip
    return [simulation.recorded(r) for r in records], there


# Between them they have all of the Allen Institute's channels.
@pytest.mark.parametrize("name", ["allen-472363762", "allen-473862421"])
def test_an_allen_cell_is_on_arbor_what_it_is_here(name):
    pytest.importorskip("arbor", reason="Arbor is not installed")
    cell = installed(name)
    # What is left is Arbor's rational function for the exponential in exact steps; it goes with dt.
    apart = []
    for dt in (0.025, 0.0125):
        (soma, tip), there = both(cell, dt, 60.0)
        n = round(20.0 / dt)
        for here, other in zip((soma, tip), there.voltages, strict=True):
            assert np.allclose(here[:n], other[:n], rtol=0, atol=1e-5)
        spikes = crossings(soma, -20.0, dt)
        assert len(spikes) == len(there.spikes) >= 2
        apart.append(abs(spikes - there.spikes).max())
    assert apart[0] < 0.05
    assert apart[1] < 0.65 * apart[0]
    points = np.bincount(cell.parent[1:], minlength=len(cell.parent))[cell.area == 0]
    assert there.compartments == len(cell.parent) - (points == 1).sum()


def test_what_arbor_lacks_is_named():
    pytest.importorskip("arbor", reason="Arbor is not installed")
    cell = installed("thalamus-dNAD_ltb")
    with pytest.raises(RunError, match=r"no catalogue of Arbor's has .*TC_HH"):
        on_arbor.run(job(cell, 5.0))
