"""Detailed cells on Arbor and Jaxley beside ours."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.compare import on_arbor, on_jaxley, on_neuron
from halfbrain.compare.arbor_catalogue import TOOLS, compile_catalogue
from halfbrain.compare.cable_job import files_of, job
from halfbrain.compare.halves import halves
from halfbrain.compare.joined import joined
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import RunError
from hand_mechanisms import everywhere, hh, tree

pytest.importorskip("morphio", reason="MorphIO is not installed")


def installed(name):
    if name not in installed_cells():
        pytest.skip(f"the package that brings {name} is not installed")
    return detailed_cell(name)


def crossings(v, threshold, dt):
    """Times of the ways up through a threshold, on straight lines between steps, as in Arbor."""
    k = np.flatnonzero((v[1:] > threshold) & (v[:-1] <= threshold))
    return (k + (threshold - v[k]) / (v[k + 1] - v[k])) * dt


def both(cell, dt, milliseconds, amplitude=0.3, library=""):
    simulation = CableSimulation([cell], dt)
    simulation.current_clamp(0, 0, 20.0, 1e3, amplitude)
    last = int(np.flatnonzero(cell.area > 0)[-1])
    records = [simulation.record(0, 0), simulation.record(0, last)]
    simulation.run(milliseconds)
    there = run_on(
        on_arbor,
        job(cell, milliseconds, dt=dt, clamps=[(0, 20.0, 1e3, amplitude)], records=[0, last],
            threshold=-20.0, library=library)
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


def test_blue_brain_s_cell_is_on_arbor_what_it_is_here():
    """With a catalogue of its channels, compiled for Arbor."""
    pytest.importorskip("arbor", reason="Arbor is not installed")
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"Arbor compiles channels with {missing}")
    cell = joined(installed("sscx-cADpyr_L4UPC"))
    library = compile_catalogue(files_of(cell))
    apart = []
    for dt in (0.025, 0.0125):
        voltages, there = both(cell, dt, 60.0, 0.8, library)
        n = round(20.0 / dt)
        for here, other in zip(voltages, there.voltages, strict=True):
            assert np.allclose(here[:n], other[:n], rtol=0, atol=1e-4)
        spikes = crossings(voltages[0], -20.0, dt)
        assert len(spikes) == len(there.spikes) >= 3
        apart.append(abs(spikes - there.spikes).max())
    assert apart[0] < 0.05
    assert apart[1] < 0.5 * apart[0]
    assert there.compartments == len(cell.parent)


def test_what_arbor_lacks_is_named():
    pytest.importorskip("arbor", reason="Arbor is not installed")
    cell = installed("thalamus-dNAD_ltb")
    with pytest.raises(RunError, match=r"no catalogue of Arbor's has .*TC_HH"):
        run_on(on_arbor, job(cell, 5.0))


BRANCHES = ((-1, 1, 20.0, 20.0), (0, 5, 200.0, 3.0), (0, 3, 150.0, 1.5), (1, 4, 100.0, 1.0))


def test_hodgkin_and_huxley_s_cell_is_on_jaxley_what_it_is_here():
    pytest.importorskip("jaxley", reason="Jaxley is not installed")
    cell = tree(BRANCHES, [everywhere(hh(), BRANCHES)])
    last = int(np.flatnonzero(cell.area > 0)[-1])
    simulation = CableSimulation([cell])
    simulation.current_clamp(0, 0, 2.0, 1e3, 1.0)
    records = [simulation.record(0, k) for k in (0, last)]
    simulation.detect(0, 0, -20.0)
    simulation.run(25.0)
    there = run_on(
        on_jaxley,
        job(cell, 25.0, clamps=[(0, 2.0, 1e3, 1.0)], records=[0, last], threshold=-20.0,
            copies=2)
    )  # fmt: skip
    assert len(there.spikes) >= 2
    assert np.allclose(simulation.spikes()[0], there.spikes, atol=1e-6)
    assert there.total_spikes == 2 * len(there.spikes)
    for record, other in zip(records, there.voltages, strict=True):
        here = simulation.recorded(record)
        n = round(2.0 / 0.025)
        assert np.allclose(here[:n], other[:n], rtol=0, atol=1e-6)
        # It takes the slope of a current over 0.001 mV, and begins at a soma's middle 1 kOhm off.
        assert abs(here[: len(other)] - other[: len(here)]).max() < 0.2


def test_what_jaxley_has_not_is_refused():
    pytest.importorskip("jaxley", reason="Jaxley is not installed")
    cell = installed("allen-473862421")
    with pytest.raises(RunError, match=r"channels of hh at 6.3 degC alone"):
        run_on(on_jaxley, job(cell, 5.0))


def test_halves_are_the_way_from_middle_to_middle():
    cell = tree(BRANCHES, [everywhere(hh(), BRANCHES)])
    before, after = halves(job(cell, 1.0).geometry, 1e-9)
    for i in np.flatnonzero(cell.area > 0)[1:]:
        way, p = before[i], cell.parent[i]
        if cell.area[p] == 0:
            p = cell.parent[p]
            way += 1 / cell.coupling[cell.parent[i]] - after[p]
        assert way + after[p] == pytest.approx(
            1 / cell.coupling[i]
            + (1 / cell.coupling[cell.parent[i]] if cell.area[cell.parent[i]] == 0 else 0)
        )


def two_trees():
    """A cell whose second branch is not joined to the rest."""
    cell = tree(BRANCHES, [everywhere(hh(), BRANCHES)])
    first = int(np.flatnonzero(cell.section == 2)[0])
    parent, coupling = cell.parent.copy(), cell.coupling.copy()
    parent[first], coupling[first] = 0, 0.0
    return replace(cell, parent=parent, coupling=coupling), first


@pytest.mark.filterwarnings("error")
def test_trees_that_are_not_joined_are_apart():
    cell, first = two_trees()
    before, after = halves(job(cell, 1.0).geometry, 1e-9)
    assert np.isfinite(before).all()
    assert np.isfinite(after).all()
    assert before[first] == 1e12  # MOhm
    assert np.isfinite(joined(cell).coupling).all()
    assert np.sort(joined(cell).coupling)[:2].tolist() == [0, 0]


@pytest.mark.parametrize("by_section", [False, True])
def test_trees_that_are_not_joined_are_apart_on_neuron(by_section):
    pytest.importorskip("neuron", reason="NEURON is not installed")
    cell, first = two_trees()
    simulation = CableSimulation([cell])
    simulation.current_clamp(0, 0, 2.0, 1e3, 1.0)
    records = [simulation.record(0, k) for k in (0, first)]
    simulation.run(10.0)
    there = run_on(
        on_neuron,
        job(cell, 10.0, clamps=[(0, 2.0, 1e3, 1.0)], records=[0, first], by_section=by_section),
    )
    soma, apart = (simulation.recorded(r) for r in records)
    assert soma.max() > 20
    assert abs(apart - apart[0]).max() < 0.5  # nothing reaches it
    assert abs(there.voltages[1][: len(apart)] - apart).max() < 1e-6
    assert abs(there.voltages[0][: len(soma)] - soma).max() < (30 if by_section else 1e-6)
