"""What synapses and neurons take in memory: so much each, and no more."""

import numpy as np
import pytest

from halfbrain.cells.neuron import Neuron
from halfbrain.cells.rules import TSODYKS_MARKRAM
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.connectivity.rule import AllToAll, FixedOut
from halfbrain.connectivity.value import Normal, Uniform
from halfbrain.engine.point.cost import memory_bytes
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.layout import MOST_LOCAL
from halfbrain.engine.point.packing import COUNT, PACKED, PLASTIC, WIDE

CELL = Neuron("n : 1", receptors={"in": "n"}, name="cell")
DRAWN = Normal(1.0, 0.1)


def simulated(k, weight=DRAWN, dtype="float32", size=500, plasticity=None, **how):
    projection = Projection(
        "p",
        "p",
        "in",
        FixedOut(k),
        weight=weight,
        delay=Uniform("0 ms", "1 ms"),
        plasticity=plasticity,
    )
    circuit = Circuit((Population("p", CELL, size),), (projection,), name="memory")
    return PointGroup(circuit, **{"dtype": dtype, "threads": 2, **how})


CASES = [
    (1.0, "float32", None, COUNT, 2),
    (1.0, "float64", None, COUNT, 2),
    (DRAWN, "float32", None, PACKED, 4),
    (DRAWN, "float64", None, WIDE, 6),
    (DRAWN, "float32", TSODYKS_MARKRAM, PLASTIC, 6),
    (DRAWN, "float64", TSODYKS_MARKRAM, PLASTIC, 10),
]


@pytest.mark.parametrize(("weight", "dtype", "plasticity", "kind", "each"), CASES)
def test_a_synapse_takes_so_many_bytes(weight, dtype, plasticity, kind, each):
    one, two, three = (simulated(k, weight, dtype, plasticity=plasticity) for k in (100, 200, 300))
    (table,) = one.tables
    assert (table.kind, table.synapse_bytes) == (kind, each)
    assert one.synapses == 500 * 100
    sizes = [memory_bytes(s)["synapses"] for s in (one, two, three)]
    # Where segments begin does not depend on how many synapses they have.
    assert np.diff(sizes).tolist() == [500 * 100 * each] * 2
    held = sum(a.nbytes for a in (table.offsets, table.targets, table.weights))
    assert table.bytes == held >= 500 * 100 * each
    assert table.offsets.nbytes == 500 * (2 * 11 + 1) * 8


def test_twice_the_neurons_take_twice_the_memory():
    one, two = (simulated(100, size=n) for n in (64 * 20, 64 * 40))
    assert two.tables[0].bytes == 2 * one.tables[0].bytes
    small, large = (memory_bytes(s)["neurons"] for s in (one, two))
    assert large == 2 * small


def test_over_65536_neurons_are_cut_into_parts_that_hold_them():
    n = 150_000
    given = SpikeList(np.array([0.0]), np.array([0]))
    values = np.arange(n, dtype=float)
    circuit = Circuit(
        (Population("in", given, 1), Population("p", CELL, n, {"n": np.zeros(n)})),
        (
            Projection("in", "p", "in", AllToAll(), weight=values % 1000 + 1.0),
            Projection("p", "p", "in", FixedOut(2), weight=DRAWN),
        ),
        name="large",
    )
    simulation = PointGroup(circuit, threads=1)
    layout = simulation.layout
    assert layout.parts == 3
    assert layout.part_size.max() <= MOST_LOCAL
    assert all(table.targets.itemsize in (2, 4) for table in simulation.tables)
    simulation.run(2e-4)
    # Each neuron got what was meant for it, wherever it lies.
    np.testing.assert_allclose(simulation.state("p", "n"), values % 1000 + 1, atol=0.02)
    assert simulation.connections(1).targets.max() > 149_000


def test_a_long_delay_beside_a_short_one_takes_no_room_for_those_between():
    def projection(delay):
        return Projection("p", "p", "in", FixedOut(5), weight=1.0, delay=delay)

    delays = ["0.1 ms", "5 s", "0.4 ms", "4999 ms", "1 s"]
    populations = (Population("p", CELL, 200),)
    circuit = Circuit(populations, tuple(map(projection, delays)), name="apart")
    tables = PointGroup(circuit, threads=1).tables
    spans = sorted((table.shortest, table.delays) for table in tables)
    assert spans == [(1, 4), (10_000, 1), (49_990, 11)]
    assert sum(table.offsets.nbytes for table in tables) == 200 * 8 * (5 + 2 + 12)
