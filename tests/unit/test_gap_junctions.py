"""Gap junctions in circuits of detailed cells."""

from dataclasses import replace

import numpy as np
import pytest

from halfbrain.cells.detailed.ball_and_stick import ball_and_stick
from halfbrain.circuits.detailed.circuit import (
    Clamp,
    DetailedCircuit,
    DetailedPopulation,
    GapJunctions,
    Receptor,
)
from halfbrain.circuits.detailed.gaps import drawn_gaps
from halfbrain.circuits.detailed.place import At
from halfbrain.connectivity.rule import AllToAll, Bernoulli, Explicit
from halfbrain.connectivity.value import Normal
from halfbrain.engine import checkpoint
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.transfer import Transfer
from halfbrain.errors import CircuitError
from halfbrain.morphology.compartments import Placed
from halfbrain.morphology.places import Place
from halfbrain.nmodl import read_mechanism

GAP = read_mechanism("""
NEURON { POINT_PROCESS Gap RANGE g POINTER vgap NONSPECIFIC_CURRENT i }
PARAMETER { g = 0.001 (uS) }
ASSIGNED { v (mV) vgap (mV) i (nA) }
BREAKPOINT { i = g*(v - vgap) }
""")
CELL = ball_and_stick()
SOMA = Place(("soma",))


def circuit(*gaps, sizes=(2, 3), values=None):
    populations = [
        DetailedPopulation(name, (CELL,), n) for name, n in zip("AB", sizes, strict=True)
    ]
    receptor = Receptor("gap", GAP, values or {"g": 0.01})
    clamps = (Clamp("A", 0.3, 1.0, 20.0),)
    return DetailedCircuit("test", tuple(populations), (receptor,), clamps=clamps, gaps=gaps)


def test_both_sides_read_each_other():
    """As the same cells joined by hand."""
    pairs = Explicit([0, 1], [2, 0])
    at = At([0, 0], [0.5, 0.5])
    given = GapJunctions("A", "B", "gap", pairs, place=at, source_place=at, values={"g": 0.02})
    built = CableGroup(circuit(given), record={"A": [0, 1], "B": [0, 1, 2]}, threads=1)
    built.run(0.02)
    assert built.gap_junctions == 2
    soma, number = built.somata[0], len(CELL.placed)
    joined = replace(CELL, placed=(*CELL.placed, Placed(GAP, np.array([soma]), {"g": 0.02})))
    cells = [joined, joined, joined, CELL, joined]  # B's second has none
    both = Transfer("vgap", [0, 4, 1, 2], number, 0, [4, 0, 2, 1], soma)
    hand = CableSimulation(cells, transfers=[both], threads=1)
    for k in (0, 1):
        hand.current_clamp(k, soma, 1.0, 20.0, 0.3)
    records = [hand.record(k, soma) for k in range(5)]
    hand.run(20.0)
    a, b = built.voltages(2.5e-5)
    found = np.concatenate([a.data, b.data], axis=1)
    for k, record in enumerate(records):
        assert np.array_equal(found[:, k], hand.recorded(record)[1:].astype(np.float32))
    assert np.ptp(found[:, 4]) > 1 > np.ptp(found[:, 3])


def test_each_pair_of_a_population_is_drawn_once():
    def sides(rule, **how):
        ((one, other),) = drawn_gaps(circuit(GapJunctions("B", "B", "gap", rule, **how)), 1)
        return one, other

    one, other = sides(AllToAll())
    assert sorted(zip(one.target.tolist(), other.target.tolist(), strict=True)) == [
        (1, 0),
        (2, 0),
        (2, 1),
    ]
    one, other = sides(AllToAll(), contacts=3, values={"g": Normal(0.01, 0.002)})
    assert len(one) == 9
    assert np.array_equal(one.values["g"], other.values["g"])
    assert len(np.unique(one.values["g"])) == 3
    assert len(np.unique(one.compartment)) > 1


def test_circuits_with_gap_junctions_go_on_with_other_threads(tmp_path):
    given = circuit(
        GapJunctions("A", "B", "gap", Bernoulli(0.4)),
        GapJunctions("B", "B", "gap", Bernoulli(0.3), source_place=SOMA, place=SOMA),
        sizes=(7, 20),
    )
    record = {"B": [0, 19]}
    whole, first, second = (CableGroup(given, record=record, threads=t) for t in (1, 2, 1))
    whole.run(0.02)
    first.run(0.0083)
    checkpoint.save(tmp_path / "saved", first)
    checkpoint.load(tmp_path / "saved").restore(second)
    second.run(0.02 - 0.0083)
    assert whole.gap_junctions > 50
    assert np.array_equal(whole.voltages()[0].data, second.voltages()[0].data)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"reads": "w"}, "gap junctions of B and B .gap.: Gap has no POINTER 'w'"),
        ({"rule": Explicit([1], [1])}, "joins a neuron with itself"),
        ({"values": {"q": 1.0}}, "'q' is no parameter of Gap"),
        ({"source": "C"}, "no population 'C'"),
        ({"place": At([0], [0.5]), "contacts": 2}, "have one contact each"),
    ],
)
def test_what_cannot_be_is_one_line(how, told):
    given = {"source": "B", "target": "B", "receptor": "gap", "rule": Explicit([0], [1]), **how}
    with pytest.raises(CircuitError, match=told):
        CableGroup(circuit(GapJunctions(**given)))
