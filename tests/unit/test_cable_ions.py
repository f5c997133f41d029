"""Ions' variables are kept for the compartments that have ions; no result depends on it."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halfbrain.engine.cable.cost import cable_memory
from halfbrain.engine.cable.ions import Ions
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.state import restore, state
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, hh, pas

# A channel, what it fills, something that the contents open, and a synapse that calcium enters by.
CHANNEL = """
NEURON { SUFFIX channel USEION ca READ eca WRITE ica RANGE gbar }
PARAMETER { gbar = 0.002 (S/cm2) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
STATE { m }
INITIAL { m = 0 }
BREAKPOINT { SOLVE opens METHOD cnexp ica = gbar*m*(v - eca) }
DERIVATIVE opens { m' = (1/(1 + exp(-(v + 50)/8)) - m)/3 }
"""
POOL = """
NEURON { SUFFIX pool USEION ca READ ica WRITE cai }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
INITIAL { cai = 1e-4 }
BREAKPOINT { SOLVE fills METHOD cnexp }
DERIVATIVE fills { cai' = -ica*0.05 - (cai - 1e-4)/40 }
"""
SENSOR = """
NEURON { SUFFIX sensor USEION ca READ cai USEION k READ ek WRITE ik }
ASSIGNED { v (mV) cai (mM) ek (mV) ik (mA/cm2) }
BREAKPOINT { ik = 0.001*cai/(cai + 1e-3)*(v - ek) }
"""
SYNAPSE = """
NEURON { POINT_PROCESS Entry USEION ca READ eca, cai WRITE ica NONSPECIFIC_CURRENT i RANGE g, seen }
ASSIGNED { v (mV) eca (mV) cai (mM) ica (nA) i (nA) seen (mM) }
STATE { g (uS) }
INITIAL { g = 0 seen = cai }
BREAKPOINT { SOLVE fades METHOD cnexp ica = 0.1*g*(v - eca) i = g*v/(1 + 100*cai) }
DERIVATIVE fades { g' = -g/4 seen = cai }
NET_RECEIVE (weight (uS)) { g = g + weight }
"""
N, CELLS = 9, 19  # two vectors of cells side by side in float64, and some that are not enough
IONS = {"ek": -77.0, "ena": 50.0, "eca": 120.0, "cao": 2.0}


def a_cell(channels, synapses, *, nernst=True):
    rest = {"cai": np.linspace(5e-5, 2e-4, N)}
    placed = [
        Placed(hh(), np.array([0]), {}),
        Placed(pas(), np.arange(1, N), {}),
        *(Placed(read_mechanism(x), np.array(channels), {}) for x in (CHANNEL, POOL, SENSOR)),
    ]
    if len(synapses):
        placed.append(Placed(read_mechanism(SYNAPSE), np.array(synapses), {}))
    cell = cylinder(N, 180.0, 6.0, 100.0, placed, ions=IONS | rest)
    return cell.__class__(**{**vars(cell), "nernst": ("eca",) if nernst else ()})


def built(cells, dtype="float64", threads=1):
    simulation = CableSimulation(cells, dtype=dtype, threads=threads)
    for k, cell in enumerate(cells):
        simulation.current_clamp(k, 0, 1.0, 8.0, 1.0 + 0.02 * (k % 7))
        simulation.detect(k, 0, 0.0)
        for compartment in (0, N - 1):
            for name in ("v", "cai", "ica", "eca", "cao"):
                if name in simulation.units[0].nodes:
                    simulation.record(k, compartment, name)
        if len(cell.placed) > 5:
            source = simulation.play([2.0 + 0.1 * (k % 5), 6.0])
            for place in range(len(cell.placed[5].where)):
                simulation.connect(source, k, 5, place, 1.0, 0.002)
    return simulation


def outcome(simulation):
    recorded = [simulation.recorded(k) for k in range(len(simulation.records))]
    return [*simulation.spikes(), *recorded]


def same(some, others):
    assert len(some) == len(others)
    for a, b in zip(some, others, strict=True):
        assert a.tobytes() == b.tobytes()


places = st.lists(st.integers(0, N - 1), min_size=1, max_size=4, unique=True).map(sorted)


@pytest.mark.parametrize(("dtype", "nernst"), [("float64", True), ("float32", False)])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(channels=places, synapses=st.lists(st.integers(0, N - 1), max_size=4))
def test_where_ions_are_kept_changes_no_bit(dtype, nernst, channels, synapses):
    cell = a_cell(channels, synapses, nernst=nernst)
    expected = set(channels) | set(synapses)
    kept = 4 if nernst else 2  # cai and ica, and what follows from them
    if kept * (N - len(expected)) > len(synapses):  # worth a list
        assert Ions(cell).where.tolist() == sorted(expected)
    wide = built([cell] * CELLS, dtype)
    assert max(unit.width for unit in wide.units) > 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ions, "_where", lambda self: np.arange(N))
        whole = built([cell] * CELLS, dtype)
    alone = built([cell], dtype)  # which gathers
    assert alone.units[0].width == 1
    for simulation in (wide, whole, alone):
        simulation.run(12.0)
    same(outcome(wide), outcome(whole))
    n = len(alone.records)
    same([wide.recorded(k) for k in range(n)], [alone.recorded(k) for k in range(n)])
    assert len(wide.spikes()[0]) >= CELLS


def test_each_left_out_compartment_is_four_numbers_less():
    few, many = ([1], np.arange(N))
    nodes = []
    for where in (few, many):
        simulation = CableSimulation([a_cell(where, [])] * 16, threads=1)
        rows = sum(table.record.nbytes for unit in simulation.units for table in unit.tables)
        nodes.append(cable_memory(simulation)["neurons"] - rows)
    assert nodes[1] - nodes[0] == 4 * 8 * 16 * (N - 1)  # cai, cao, eca, ica of sixteen cells


def test_lists_of_many_synapses_are_not_made_for_a_few_compartments():
    most = np.arange(N - 1)
    assert len(Ions(a_cell(most, [])).where) == N - 1
    assert len(Ions(a_cell(most, np.repeat(2, 4))).where) == N
    assert len(Ions(a_cell(most, np.repeat(2, 3))).where) == N - 1


@pytest.mark.parametrize("cells", [1, CELLS])
def test_an_ion_is_at_rest_where_nothing_uses_it(cells):
    simulation = CableSimulation([a_cell([1], [])] * cells, threads=1)
    names = ("cai", "cao", "eca", "ica")
    there = [simulation.record(cells - 1, 1, name) for name in names]
    elsewhere = [simulation.record(cells - 1, 4, name) for name in names]
    simulation.current_clamp(cells - 1, 1, 1.0, 8.0, 0.2)
    simulation.run(5.0)
    for record, name in zip(there, names, strict=True):
        assert (np.ptp(simulation.recorded(record)) > 0) == (name != "cao")
    rest = np.linspace(5e-5, 2e-4, N)[4], 2.0, 120.0, 0.0
    for record, value in zip(elsewhere, rest, strict=True):
        assert (simulation.recorded(record) == value).all()


def test_a_state_of_some_compartments_is_restored_in_other_units():
    cells = [a_cell([1, 3], [0, 3, 3])] * 16 + [a_cell([2], [])] * 3
    whole, first = built(cells), built(cells, threads=2)
    whole.run(12.0)
    first.run(7.0)
    then = state(first)
    assert then["cai"].kind == "concentrations"
    assert then["cai"].array.shape == (16 * 3 + 3 * 1,)
    second = built(cells, threads=1)
    assert [u.width for u in second.units] != [u.width for u in first.units]
    restore(second, then)
    second.run(5.0)
    same(outcome(whole), outcome(second))
