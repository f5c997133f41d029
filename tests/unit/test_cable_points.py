"""Point processes in unlike places of cells that are stepped together."""

import dataclasses

import numpy as np
import pytest

from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from halfbrain.program.evaluate import evaluate
from halfbrain.program.instructions import Instruction, Program
from hand_mechanisms import everywhere, exp2syn, expsyn, hh, tree

BRANCHES = ((-1, 3, 30.0, 20.0), (0, 7, 200.0, 3.0), (1, 5, 150.0, 1.5), (0, 11, 400.0, 2.0))
RISING, PLAIN = exp2syn(), expsyn()
MEMBRANE = everywhere(hh(), BRANCHES)


def cell(number):
    """A cell with synapses of its own; the third has none, and one compartment may have many."""
    random = np.random.default_rng(number)
    if number == 2:
        return tree(BRANCHES, [MEMBRANE])
    n = int(random.integers(3, 40))
    where = random.choice(MEMBRANE.where[:12], n)
    parameters = {
        "tau1": random.uniform(0.2, 1.0, n),
        "tau2": random.uniform(2.0, 20.0, n) if number % 3 else 5.0,
        "e": random.choice([0.0, -80.0], n),
    }
    fast = Placed(PLAIN, random.choice(MEMBRANE.where, 5), {"tau": 2.0})
    slow = Placed(RISING, where, parameters)
    # What they are called by and the order that they come in is each cell's own.
    return tree(BRANCHES, [fast, MEMBRANE, slow] if number % 2 else [MEMBRANE, slow, fast])


def voltages(numbers, threads=1, dtype="float64"):
    simulation = CableSimulation([cell(n) for n in numbers], threads=threads, dtype=dtype)
    records = []
    for k, number in enumerate(numbers):
        random = np.random.default_rng(number)
        records.append(simulation.record(k, 20))
        simulation.current_clamp(k, 1, 0.0, 40.0, 0.3)
        for p, placed in enumerate(simulation.cells[k].placed):
            if placed.mechanism.kind == "point":
                for at in np.sort(random.uniform(0, 15, 20)):
                    place = int(random.integers(len(placed.where)))
                    simulation.event(float(at), k, p, place, 0.003)
    simulation.run(20.0)
    return simulation, [simulation.recorded(record) for record in records]


def test_cells_with_unlike_synapses_are_stepped_together_and_stay_as_they_are_alone():
    numbers = range(19)
    alone = [voltages([n])[1][0] for n in numbers]
    assert len({v.tobytes() for v in alone}) == len(alone)
    simulation, together = voltages(numbers)
    assert sorted({unit.width for unit in simulation.units}) == [1, 16]
    for v, w in zip(alone, together, strict=True):
        assert np.array_equal(v, w)
    backwards = voltages(numbers[::-1], threads=3)[1][::-1]
    assert all(np.array_equal(v, w) for v, w in zip(alone, backwards, strict=True))


def test_single_precision_is_near():
    _, single = voltages(range(16), dtype="float32")
    _, double = voltages(range(16))
    for v, w in zip(single, double, strict=True):
        assert np.median(abs(v - w)) < 0.01
        assert abs(v - w).max() < 1  # on the way up of a spike


def test_many_synapses_in_a_compartment_are_one_of_their_sum():
    """Linear synapses of one kind: n of weight w are one of weight n w."""
    one = tree(BRANCHES, [MEMBRANE, Placed(PLAIN, np.array([5]), {"tau": 2.0})])
    many = dataclasses.replace(
        one, placed=(MEMBRANE, Placed(PLAIN, np.array([9, *[5] * 21, 9]), {"tau": 2.0}))
    )
    simulation = CableSimulation([many] * 5 + [one] * 5)
    records = [simulation.record(k, 5) for k in range(10)]
    for k in range(5):
        for place in range(1, 22):
            simulation.event(2.0, k, 1, place, 0.001)
        simulation.event(2.0, k + 5, 1, 0, 0.021)
    simulation.run(10.0)
    v = [simulation.recorded(record) for record in records]
    assert np.ptp(v[0]) > 5
    for k in range(10):
        assert np.allclose(v[k], v[5], rtol=1e-12, atol=0)


def test_what_follows_from_a_places_parameters_is_worked_out_before():
    simulation, _ = voltages([0, 1])
    tables = [t for unit in simulation.units for t in unit.tables if t.mechanism is RISING]
    assert any("tau1" in t.mechanism.parameters and t.count > 1 for t in tables)
    for table in tables:
        assert table.calls["step"].operations["exp"] == 0
        assert table.calls["receive"].operations["exp"] == 0


def test_a_rows_number_is_that_of_its_place():
    simulation, _ = voltages(range(8))
    for k in range(8):
        for p, placed in enumerate(simulation.cells[k].placed):
            if placed.mechanism is not RISING:
                continue
            for place in range(len(placed.where)):
                u, lane = simulation._place(k, 0)
                table = simulation.units[u].table_of(lane, p, place)
                number = int(simulation.units[u].found(lane, p)[place, 1])
                where = int(table.where.flat[number])
                assert where == placed.where[place] * simulation.units[u].width + lane
                if "e" in table.rows:
                    assert table.row("e").flat[number] == placed.parameters["e"][place]


@pytest.mark.parametrize("cells", [1, 19])
def test_a_channels_place_is_in_the_table_of_its_parameters(cells):
    where = MEMBRANE.where
    gnabar = np.where(np.arange(len(where)) % 3, 0.12, 0.09)
    own = tree(BRANCHES, [everywhere(hh(), BRANCHES, gnabar=gnabar)])
    simulation = CableSimulation([own] * cells, threads=1)
    assert {unit.width > 1 for unit in simulation.units} >= {cells > 1}
    for unit in simulation.units:
        for lane in range(len(unit.cells)):
            found = unit.found(lane, 0)
            assert [unit.tables[t].where.flat[k] for t, k in found] == where.tolist()
            assert ((found[:, 0] == found[0, 0]) == (gnabar == gnabar[0])).all()


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_program_worked_out_over_an_array_has_the_bits_of_each_alone(size):
    names = ("exp", "log", "sqrt", "sin", "tanh", "expm1")
    steps = [Instruction(f"_{k}", name, ("x",)) for k, name in enumerate(names)]
    steps.append(Instruction("_p", "power", ("x", 0.3)))
    program = Program(("x",), tuple(steps), {step.target: step.target for step in steps})
    x = np.random.default_rng(1).uniform(0.01, 5, size)
    whole = evaluate(program, {"x": x})
    for k in range(0, size, 37):
        one = evaluate(program, {"x": float(x[k])})
        assert all(one[name] == whole[name][k] for name in whole)


TEXT = """
NEURON { KIND NAME NONSPECIFIC_CURRENT i }
ASSIGNED { v i }
BREAKPOINT { i = SLOPE*(v + 70) }
"""


def leak(kind, name, slope):
    return read_mechanism(TEXT.replace("KIND", kind).replace("NAME", name).replace("SLOPE", slope))


def test_mechanisms_of_one_name_are_what_each_says():
    """Texts of one name, or a file that was read in two ways, are not taken for each other."""
    ends = []
    for names in (("Same", "Same"), ("One", "Other")):
        pair = [leak("POINT_PROCESS", n, g) for n, g in zip(names, ("1e-3", "2e-3"), strict=True)]
        placed = [Placed(mechanism, np.array([20]), {}) for mechanism in pair]
        simulation = CableSimulation([tree(BRANCHES, [MEMBRANE, *placed])])
        simulation.record(0, 20)
        simulation.run(1.0)
        ends.append(simulation.recorded(0)[-1])
    assert ends[0] == ends[1]


def test_cells_with_a_mechanism_of_one_name_are_not_stepped_as_alike():
    one, other = (
        tree(BRANCHES, [Placed(leak("SUFFIX", "same", g), MEMBRANE.where, {})])
        for g in ("1e-4", "3e-4")
    )
    simulation = CableSimulation([one, other] * 40, threads=1)
    for k in range(80):
        simulation.record(k, 5)
    simulation.run(1.0)
    ends = {float(simulation.recorded(k)[-1]) for k in range(80)}
    assert len(ends) == 2
