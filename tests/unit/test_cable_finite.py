"""A run of detailed cells that meets NaN or infinity says so, and keeps what ran before."""

import numpy as np
import pytest

from halfbrain.circuits.detailed.circuit import DetailedCircuit, DetailedPopulation
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, hh, pas

# Calcium that runs off to infinity, from a time on; a gate that nobody takes; and a synapse's.
OFF = """
NEURON { SUFFIX off RANGE start, x }
PARAMETER { start = 5 (ms) } STATE { x }
INITIAL { x = 1 }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { x' = 900*x*(t > start) }
"""
CURRENT = """
NEURON { SUFFIX flows NONSPECIFIC_CURRENT i RANGE start }
PARAMETER { start = 5 (ms) } ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = 1e-4*(v + 65) if (t > start) { i = log(-1 - 0*v) } }
"""
SYNAPSE = """
NEURON { POINT_PROCESS Syn NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (nA) } STATE { g }
INITIAL { g = 0 } BREAKPOINT { SOLVE s METHOD cnexp i = 1e-9*v }
DERIVATIVE s { g' = -g/5 }
NET_RECEIVE(w) { g = g + 1/w }
"""


def cell(*placed):
    return cylinder(3, 60.0, 5.0, 100.0, [Placed(pas(), np.arange(3), {}), *placed])


def in_(text, where, **parameters):
    return Placed(read_mechanism(text), np.array(where), parameters)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("copies", [1, 11])
def test_a_state_that_is_no_number_ends_the_run(dtype, copies):
    cells = [cell(in_(OFF, [1, 2], start=np.array([1e9, 5.0])))] * copies
    made = CableSimulation(cells, dtype=dtype, threads=1)
    v = made.record(0, 0)
    where = r"cell 0, compartment 2 \(dendrite\): x of off"
    line = where + r" is inf at step 400 \(0.01 s\), and was a number at step 0 "
    with pytest.raises(RunError, match=line):
        made.run(10.0)
    assert np.isfinite(made.recorded(v)).all()
    assert len(made.recorded(v)) == 401


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_voltage_that_is_no_number_ends_the_run_where_it_is_seen(dtype):
    quiet = cell()
    broken = cell(in_(CURRENT, [1]), Placed(hh(), np.array([0]), {}))
    made = CableSimulation([quiet, broken], dtype=dtype, threads=1)
    v, other = made.record(1, 0), made.record(0, 0)
    line = r"cell 1, compartment \d \(dendrite\), and with it .*: v is nan at step 250 .* step 0 "
    with pytest.raises(RunError, match=line):
        made.run(1000.0)
    assert np.isfinite(made.recorded(v)[:200]).all()
    assert np.isnan(made.recorded(v)[-1])
    assert np.isfinite(made.recorded(other)).all()
    going_on = CableSimulation([quiet, broken], dtype=dtype, threads=1, check_finite=False)
    going_on.run(20.0)
    assert going_on.step == 800


def test_an_event_that_makes_a_synapse_infinite_is_told_with_its_place():
    made = CableSimulation([cell(), cell(in_(SYNAPSE, [2, 0]))], threads=1)
    made.connect(made.play([1.0]), 1, 1, 1, 0, 0.0)
    with pytest.raises(RunError, match=r"cell 1, compartment 0 \(dendrite\): g of Syn is nan"):
        made.run(3.0)


def test_a_circuit_names_its_population():
    populations = (
        DetailedPopulation("quiet", (cell(),), 2),
        DetailedPopulation("broken", (cell(in_(OFF, [0])),), 2),
    )
    built = CableGroup(DetailedCircuit("two", populations, (), (), (), ()), threads=1)
    with pytest.raises(RunError, match="population 'broken', neuron 0, compartment 0"):
        built.run(0.02)
    assert 0.005 < built.seconds < 0.02
    calm = CableGroup(
        DetailedCircuit("two", populations, (), (), (), ()), threads=1, check_finite=False
    )
    calm.run(0.02)
    assert calm.seconds == pytest.approx(0.02)
