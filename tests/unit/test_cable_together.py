"""Mechanisms in the same few compartments as one loop, and who sets a compartment's sums."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.engine.cable import together
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import everywhere, hh, pas, tree

BRANCHES = ((-1, 2, 30.0, 20.0), (0, 5, 200.0, 3.0), (1, 4, 150.0, 1.5), (0, 3, 400.0, 2.0))
MECHANISMS = {
    "pas": pas(),
    "hh": hh(),
    "slow": read_mechanism(
        """
NEURON { SUFFIX slow USEION k READ ek WRITE ik RANGE g }
PARAMETER { g = 0.001 }
ASSIGNED { v ek ik }
STATE { n }
INITIAL { n = 0.2 }
BREAKPOINT { SOLVE move METHOD cnexp ik = g*n*(v - ek) }
DERIVATIVE move { n' = (1/(1 + exp(-(v + 40)/9)) - n)/20 }
"""
    ),
}
MEMBRANE = everywhere(MECHANISMS["pas"], BRANCHES).where.tolist()
parts = st.lists(
    st.tuples(st.sampled_from(sorted(MECHANISMS)), st.sets(st.sampled_from(MEMBRANE), min_size=1)),
    min_size=1,
    max_size=6,
)


def placed(name, where):
    return Placed(MECHANISMS[name], np.array(sorted(where)), {})


def voltages(mechanisms, copies=1):
    cell = tree(BRANCHES, mechanisms)
    cell = replace(cell, ions={**cell.ions, "cai": 1e-4})
    simulation = CableSimulation([cell] * copies)
    simulation.current_clamp(copies - 1, 0, 1.0, 5.0, 0.5)
    n = len(simulation.cells[0].parent)
    records = [simulation.record(copies - 1, i) for i in range(n)]
    simulation.run(4.0)
    return simulation, np.array([simulation.recorded(record) for record in records])


def loops(simulation):
    return sum(len(calls) for running in simulation._running for calls in running.calls)


@settings(max_examples=15, deadline=None)
@given(parts)
def test_a_mechanism_without_a_current_changes_nothing(chosen):
    mechanisms = [placed(*part) for part in chosen]
    silent = Placed(MECHANISMS["pas"], np.array(MEMBRANE), {"g": 0.0})
    _, as_they_are = voltages(mechanisms)
    assert (as_they_are == voltages([silent, *mechanisms])[1]).all()
    assert abs(np.diff(as_they_are)).max() > 0


def test_a_cell_without_mechanisms_only_spreads_what_is_put_in():
    simulation, v = voltages([])
    # A current of 0.5 nA for 3 of 4 ms, as voltage of the membrane's 1 uF/cm2.
    cell = simulation.cells[0]
    charge = 1e-2 * (cell.area * cell.capacitance) @ (v[:, -1] - v[:, 0])  # pC
    assert charge == pytest.approx(0.5 * 3.0 * 1e3, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(parts)
def test_cells_side_by_side_are_as_one_alone(chosen):
    mechanisms = [placed(*part) for part in chosen]
    assert (voltages(mechanisms)[1] == voltages(mechanisms, copies=17)[1]).all()


def test_a_somas_mechanisms_are_one_loop_and_give_the_same(monkeypatch):
    leak = placed("pas", MEMBRANE)
    soma = [placed(name, [0, 1]) for name in ("hh", "slow", "hh", "slow")]
    joined, here = voltages([leak, *soma])
    monkeypatch.setattr(together, "_FEW", 0)
    apart, there = voltages([leak, *soma])
    assert loops(joined) < loops(apart)
    assert (here == there).all()


def test_a_point_process_that_comes_first_is_not_left_out():
    # What writes concentrations comes before all else, so that others take the new ones.
    text = """
NEURON { POINT_PROCESS leaking %s NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 0.01 }
ASSIGNED { v i %s }
INITIAL { %s }
BREAKPOINT { %s i = g*(v + 20) }
"""
    plain = read_mechanism(text % ("", "", "", ""))
    writes = read_mechanism(text % ("USEION ca WRITE cai", "cai", "cai = 1e-4", "cai = 1e-4"))
    leak = placed("pas", MEMBRANE)
    for copies in (1, 17):
        first, then = (
            voltages([leak, Placed(leaking, np.array([3]), {})], copies)
            for leaking in (writes, plain)
        )
        assert first[0].units[0].order != then[0].units[0].order
        assert abs(first[1] - then[1]).max() < 1e-9
        assert abs(then[1] - voltages([leak], copies)[1]).max() > 0.1


def test_what_reads_a_sum_of_currents_is_not_joined_with_what_adds_to_it(monkeypatch):
    reader = read_mechanism(
        """
NEURON { SUFFIX reader USEION k READ ik NONSPECIFIC_CURRENT i }
ASSIGNED { v ik i }
BREAKPOINT { i = 0.5*ik }
"""
    )
    mechanisms = [placed("slow", [0, 1]), Placed(reader, np.array([0, 1]), {})]
    simulation, here = voltages(mechanisms)
    calls, _ = simulation._running[0].calls
    assert len(calls) == 3  # that which clears, and two
    monkeypatch.setattr(together, "_FEW", 0)
    assert (here == voltages(mechanisms)[1]).all()
    assert abs(here - voltages(mechanisms[:1])[1]).max() > 1e-3
