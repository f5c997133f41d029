"""POINTERs: to a variable of the same cell, and gap junctions between cells; as in NEURON.

The numbers are NEURON 9.0.2's, of the same files (called as the mechanisms are) and cells: with
``setpointer``, and for gap junctions with ``target_var`` too, which gave the same to the last bit.
"""

import dataclasses

import numpy as np
import pytest

from halfbrain.engine import checkpoint
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.state import Cells
from halfbrain.engine.cable.transfer import Transfer
from halfbrain.errors import ModelError, RunError
from halfbrain.morphology.compartments import Joined, Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, expsyn, hh

GAP = """
NEURON { POINT_PROCESS Gap RANGE g POINTER vgap NONSPECIFIC_CURRENT i }
PARAMETER { g = 0.001 (uS) }
ASSIGNED { v (mV) vgap (mV) i (nA) }
BREAKPOINT { i = g*(v - vgap) }
"""
HALF_GAP = """
NEURON { POINT_PROCESS HalfGap RANGE g, i, vgap ELECTRODE_CURRENT i }
PARAMETER { g = 0.001 (uS) }
ASSIGNED { v (mV) vgap (mV) i (nA) }
BREAKPOINT { i = g*(vgap - v) }
"""
GRADED = """
NEURON { POINT_PROCESS Graded RANGE gmax POINTER vpre NONSPECIFIC_CURRENT i }
PARAMETER { gmax = 0.02 (uS) }
ASSIGNED { v (mV) vpre (mV) i (nA) }
STATE { s }
INITIAL { s = open(vpre) }
BREAKPOINT { SOLVE d METHOD cnexp i = gmax*s*(v + 75) }
DERIVATIVE d { s' = 2*open(vpre)*(1 - s) - 0.1*s }
FUNCTION open(u) { open = 1/(1 + exp(-(u + 20)/5)) }
"""
SOURCE = """
NEURON { POINT_PROCESS msrc RANGE x, s NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (nA) x }
STATE { s }
INITIAL { s = 0.2 x = 5 }
BREAKPOINT { SOLVE d METHOD cnexp x = s*(v + 80) i = 1e-3*x }
DERIVATIVE d { s' = 0.3*(v + 70)/10 - s/4 }
NET_RECEIVE (w) { s = s + w }
"""
# NEURON has aread before msrc, and zread after it.
READER = """
NEURON { POINT_PROCESS %s RANGE q, got, first POINTER px, ps, pv NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (nA) px ps pv got first }
STATE { q }
INITIAL { q = 0.1*px first = pv + ps got = 0 }
BREAKPOINT { SOLVE d METHOD cnexp i = 1e-4*(q + px + ps) + 1e-4*(v - pv) }
DERIVATIVE d { q' = px + 0.5*ps + 0.01*pv - q/3 }
NET_RECEIVE (w) { got = px + 10*ps + 100*pv q = q + w }
"""
DENSITY = """
NEURON { SUFFIX dread RANGE q POINTER px NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) px }
STATE { q }
INITIAL { q = px }
BREAKPOINT { SOLVE d METHOD cnexp i = 1e-5*(q - px) }
DERIVATIVE d { q' = px - q }
"""
MEMBRANE = Placed(hh(), np.arange(3), {})


def chain(n, text, dtype="float64", threads=1):
    """Cells of 12, 10, 8 um in a row, their middles joined; the first is driven."""
    gap, cells, transfers = read_mechanism(text), [], []
    for k in range(n):
        others = [c for c in (k - 1, k + 1) if 0 <= c < n]
        g = np.array([0.02 + 0.005 * min(k, c) for c in others])
        own = Placed(gap, np.ones(len(others), int), {"g": g})
        cells.append(cylinder(3, 40.0, 12.0 - 2 * k, 100.0, [MEMBRANE, own]))
        transfers.append(Transfer("vgap", k, 1, np.arange(len(others)), others, 1))
    simulation = CableSimulation(cells, dtype=dtype, threads=threads, transfers=transfers)
    simulation.current_clamp(0, 0, 2.0, 10.0, 0.5)
    for k in range(n):
        simulation.record(k, 1)
    return simulation


@pytest.mark.parametrize(
    ("dtype", "threads", "off"), [("float64", 1, 1e-9), ("float64", 2, 1e-9), ("float32", 2, 0.01)]
)
@pytest.mark.parametrize("text", [GAP, HALF_GAP])
def test_gap_junctions_are_neurons(text, dtype, threads, off):
    two, three = (chain(n, text, dtype, threads) for n in (2, 3))
    for simulation, expected in (
        (two, [(-66.17959764945901, 38.891451239456416), (-66.04638701096212, 40.608128838955416)]),
        (
            three,
            [
                (-66.05024110612229, 38.16781483845565),
                (-65.88333368330983, 38.16859605576391),
                (-65.81846022416168, 40.75760255232444),
            ],
        ),
    ):
        simulation.run(20.0)
        assert len(simulation.units) == len(expected)  # each waits for the others
        for k, (last, most) in enumerate(expected):
            v = simulation.recorded(k)
            assert v[-1] == pytest.approx(last, abs=off)
            assert v.max() == pytest.approx(most, abs=off)


@pytest.mark.parametrize(("dtype", "off"), [("float64", 1e-9), ("float32", 0.002)])
def test_a_synapse_that_follows_the_voltage_of_another_cell_is_neurons(dtype, off):
    synapse = Placed(read_mechanism(GRADED), np.array([1]), {})
    cells = [cylinder(3, 40.0, 12.0, 100.0, [MEMBRANE])]
    cells.append(cylinder(3, 40.0, 10.0, 100.0, [MEMBRANE, synapse]))
    transfers = [Transfer("vpre", 1, 1, 0, 0, 1)]
    simulation = CableSimulation(cells, dtype=dtype, transfers=transfers)
    simulation.current_clamp(0, 0, 2.0, 10.0, 0.5)
    simulation.record(1, 1)
    simulation.record(1, 0, "s", 1)
    simulation.run(20.0)
    for record, last in enumerate((-67.23652339185836, 0.20130142943381932)):
        assert simulation.recorded(record)[-1] == pytest.approx(last, abs=off)


def reading(name, dtype="float64", cells=1, threads=1):
    """Cells that read their own variables; the last one is driven and recorded."""
    x = Joined(0, "x", 1)
    joined = {"px": x, "ps": Joined(0, "s", 1), "pv": Joined(2)}
    reader = read_mechanism(READER % name, keep=["first", "got"])
    placed = [
        MEMBRANE,
        Placed(read_mechanism(SOURCE, keep=["x"]), np.array([1]), {}),
        Placed(reader, np.array([0]), {}, joined=joined),
        Placed(read_mechanism(DENSITY), np.arange(3), {}, joined={"px": x}),
    ]
    cell = cylinder(3, 40.0, 12.0, 100.0, placed)
    simulation = CableSimulation([cell] * cells, dtype=dtype, threads=threads)
    c = cells - 1
    simulation.current_clamp(c, 0, 2.0, 3.0, 0.5)
    for at, p, weight in ((3.0, 1, 0.4), (3.0, 2, 0.7), (6.01, 2, 0.7)):
        simulation.event(at, c, p, 0, weight)
    simulation.record(c, 1)
    for variable, place, p in (
        ("q", 0, 2), ("x", 0, 1), ("s", 0, 1), ("q", 1, 3), ("got", 0, 2), ("first", 0, 2)
    ):  # fmt: skip
        simulation.record(c, place, variable, p)
    simulation.run(10.0)
    return [simulation.recorded(k) for k in range(7)]


READ = {
    "aread": (
        -74.15596925487424, 110.8509485912596, 5.170478005333484, 0.8799628638387292,
        8.48030850182687, -7611.4864324, -65.0,
    ),
    "zread": (
        -74.15618786040176, 110.8655428602339, 5.170852440795378, 0.88005977864617,
        8.481284103762272, -7611.40026975, -64.8,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("dtype", "off"), [("float64", 1e-11), ("float32", 1e-4)])
@pytest.mark.parametrize("name", sorted(READ))
def test_a_pointer_reads_what_neuron_has_there_by_then(name, dtype, off):
    """A variable of a mechanism, and v, in INITIAL, BREAKPOINT, DERIVATIVE and NET_RECEIVE."""
    ends = [values[-1] for values in reading(name, dtype)]
    assert np.allclose(ends, READ[name], rtol=off, atol=0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_cell_that_reads_its_own_is_the_same_among_others(dtype):
    for one, other in zip(
        reading("aread", dtype), reading("aread", dtype, cells=33, threads=2), strict=True
    ):
        assert np.array_equal(one, other)


def pairs(cells, threads, dtype="float64"):
    """Cells, of which 2k and 2k + 1 are joined, and spikes go from each to the one after it."""
    gap = Placed(read_mechanism(GAP), np.array([1, 4]), {"g": np.array([0.02, 0.01])})
    membrane = Placed(hh(), np.arange(12), {})
    synapse = Placed(expsyn(), np.array([3]), {"tau": 2.0})
    cell = cylinder(12, 240.0, 4.0, 100.0, [membrane, gap, synapse])
    k = np.arange(cells)
    other = k ^ 1
    simulation = CableSimulation(
        [cell] * cells,
        threads=threads,
        dtype=dtype,
        transfers=[Transfer("vgap", k, 1, 0, other, 4), Transfer("vgap", k, 1, 1, other, 1)],
    )
    sources = [simulation.detect(c, 0, -20.0) for c in range(cells)]
    simulation.connect_many(sources, other, 2, 0, 1.5, 0.01)
    for c in range(cells):
        simulation.record(c, 1)
    for c in range(0, cells, 2):
        simulation.current_clamp(c, 0, 1.0, 6.0, 0.2)
    return simulation


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gap_junctions_do_not_depend_on_threads_and_groups(dtype):
    alone = pairs(2, 1, dtype)
    alone.run(12.0)
    times, _ = alone.spikes()
    assert len(times) == 2
    widths = set()
    for cells, threads in ((26, 1), (70, 2)):
        together = pairs(cells, threads, dtype)
        together.run(4.0)
        together.run(8.0)
        widths |= {unit.width for unit in together.units}
        for c in range(cells):
            assert np.array_equal(together.recorded(c), alone.recorded(c % 2))
        assert len(together.spikes()[0]) == cells
    assert len(widths) > 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_ring_of_gap_junctions_is_the_same_wherever_its_cells_are(dtype):
    gap = Placed(read_mechanism(HALF_GAP), np.array([1, 10]), {"g": 0.01})
    joined = cylinder(12, 240.0, 4.0, 100.0, [Placed(hh(), np.arange(12), {}), gap])
    n, found = 40, []
    for before, threads in ((0, 1), (5, 2)):
        ring = before + np.arange(n)
        after = np.roll(ring, -1)
        simulation = CableSimulation(
            [joined] * (before + n),
            threads=threads,
            dtype=dtype,
            transfers=[
                Transfer("vgap", ring, 1, 1, after, 1),
                Transfer("vgap", after, 1, 0, ring, 10),
            ],
        )
        simulation.current_clamp(before, 0, 0.5, 2.0, 0.5)
        for c in ring:
            simulation.record(int(c), 6)
        simulation.run(8.0)
        found.append([simulation.recorded(k) for k in range(n)])
    assert np.array_equal(*found)
    assert found[0][5].max() > 0


def test_gap_junctions_go_on_from_a_checkpoint(tmp_path):
    whole, first, second = pairs(4, 1), pairs(4, 2), pairs(4, 1)
    whole.run(12.0)
    first.run(5.025)
    checkpoint.save(tmp_path / "saved", Cells(first))
    checkpoint.load(tmp_path / "saved").restore(Cells(second))
    second.run(12.0 - 5.025)
    for c in range(4):
        assert np.array_equal(whole.recorded(c), second.recorded(c))
    other = pairs(4, 1)
    other.transfers = other.transfers[:1]
    with pytest.raises(RunError, match="network changed"):
        checkpoint.load(tmp_path / "saved").restore(Cells(other))


def test_a_pointer_may_be_a_number_or_a_parameter():
    gap = read_mechanism(GAP)
    at, ends = np.array([1]), []
    for placed in (
        Placed(gap, at, {"vgap": -40.0, "g": 0.01}),
        Placed(gap, at, {"g": 0.01}, joined={"vgap": Joined(0, "e", 2)}),
    ):
        synapse = Placed(expsyn(), at, {"tau": 2.0, "e": -40.0})
        simulation = CableSimulation([cylinder(3, 40.0, 12.0, 100.0, [MEMBRANE, placed, synapse])])
        record = simulation.record(0, 1)
        simulation.run(1.0)
        ends.append(simulation.recorded(record)[-1])
    assert ends[0] == ends[1] > -64


SETS = GAP.replace("i = g*(v - vgap)", "i = g*(v - vgap) vgap = vgap + i")


@pytest.mark.parametrize(
    ("text", "joined", "transfers", "told"),
    [
        (GAP, {}, [], r"<text>:2: POINTER vgap of Gap is joined to nothing: give Placed"),
        (GAP, {"vother": Joined(0)}, [], "Gap has no POINTER 'vother'"),
        (GAP, {"vgap": Joined(3)}, [], "joined to number 3 of the cell's compartments; it has 3"),
        (GAP, {"vgap": Joined(0, "u")}, [], "joined to what there is not: no variable 'u'"),
        (GAP, {"vgap": Joined(0, "h", 7)}, [], "joined to a mechanism 7, which its cell has not"),
        (GAP, {"vgap": Joined(0, "q", 0)}, [], "no variable 'q' of hh .*keep="),
        (SETS, {"vgap": Joined(0)}, [], "<text>:2: Gap sets what its POINTER vgap points to"),
        (GAP, {}, [("vgap", 0, 1, 0, 1, 1)], "Gap in cell 0, place 1: is joined to nothing"),
        (GAP, {"vgap": Joined(0)}, [("vgap", 0, 1, 0, 1, 1)], "cell 0, place 0: is joined twice"),
        (GAP, {}, [("vgap", 0, 1, [0, 0], 1, 1)], "cell 0, place 0: is joined twice"),
        (GAP, {}, [("vgap", 0, 1, [0, 1], [1, 1, 1], 1)], "arrays are of one length"),
        (GAP, {}, [("vgap", 0, 1, [0, 1], 2, 1)], "number 2 of the cells; it has 2"),
        (GAP, {}, [("w", 0, 1, [0, 1], 1, 1)], "Gap has no POINTER 'w', nor a RANGE variable"),
    ],
)
def test_what_is_not_joined_or_cannot_be_is_one_line(text, joined, transfers, told):
    gap = Placed(read_mechanism(text), np.array([1, 1]), {}, joined=joined)
    bare = cylinder(3, 40.0, 12.0, 100.0, [MEMBRANE])
    cell = dataclasses.replace(bare, placed=(MEMBRANE, gap))
    with pytest.raises(ModelError, match=told):
        CableSimulation([cell, bare], transfers=[Transfer(*given) for given in transfers])


def test_cells_that_read_of_each_other_are_in_memory(tmp_path):
    cell = cylinder(3, 40.0, 12.0, 100.0, [Placed(read_mechanism(GAP), np.array([1]), {})])
    given = {"transfers": [Transfer("vgap", [0, 1], 0, 0, [1, 0], 1)], "synapse_memory": 1e8}
    with pytest.raises(RunError, match="leave out synapse_memory"):
        CableSimulation([cell] * 2, folder=tmp_path, **given)


def test_what_a_file_sets_is_kept_if_asked_for():
    """A current in nA, as its voltages give it; it is that of the start of the step."""
    gap = Placed(read_mechanism(GAP, keep=["i"]), np.array([1]), {"vgap": -40.0, "g": 0.01})
    simulation = CableSimulation([cylinder(3, 40.0, 12.0, 100.0, [MEMBRANE, gap])])
    v, i = simulation.record(0, 1), simulation.record(0, 0, "i", 1)
    simulation.run(2.0)
    volts, current = simulation.recorded(v), simulation.recorded(i)
    assert current[0] == pytest.approx(0.01 * (-65.0 + 40.0))
    assert np.allclose(current[1:], 0.01 * (volts[:-1] + 40.0), rtol=1e-12, atol=0)
    with pytest.raises(ModelError, match="'q' is to be kept, but the file does not set it"):
        read_mechanism(GAP, keep=["q"])
