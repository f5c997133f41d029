"""The cable engine against analysis, and against NEURON on the same cells."""

from itertools import pairwise

import numpy as np
import pytest

from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, everywhere, exp2syn, expsyn, hh, pas, tree

BRANCHES = (
    (-1, 3, 30.0, 20.0),
    (0, 7, 200.0, 3.0),
    (1, 5, 150.0, 1.5),
    (1, 9, 300.0, 1.0),
    (0, 11, 400.0, 2.0),
)


@pytest.fixture(scope="module")
def neuron():
    h = pytest.importorskip("neuron", reason="NEURON is not installed").h
    h.load_file("stdrun.hoc")
    h.usetable_hh = 0
    h.cvode_active(0)
    h.secondorder = 0
    h.dt = 0.025
    return h


def in_neuron(h, branches, ra=100.0):
    sections = []
    for number, (up, n, length, diameter) in enumerate(branches):
        section = h.Section(name=f"s{number}")
        section.L, section.diam, section.nseg, section.Ra = length, diameter, n, ra
        if up >= 0:
            section.connect(sections[up](1))
        sections.append(section)
    return sections


def hh_cell(**values):
    return tree(BRANCHES, [everywhere(hh(), BRANCHES)], **values)


def steady_error(n):
    """A sealed cable with a current into its left end, against cosh."""
    length, diameter, ra, g, current = 1000.0, 2.0, 100.0, 1e-3, 0.05
    cell = cylinder(n, length, diameter, ra, [Placed(pas(), np.arange(n), {"g": g})], v_init=-70.0)
    simulation = CableSimulation([cell], dt=1.0)
    simulation.current_clamp(0, 0, 0.0, 1e9, current)
    last = simulation.record(0, n - 1)
    simulation.run(200.0)
    space = np.sqrt(diameter * 1e-4 / (4 * ra * g)) * 1e4
    into_end = np.sqrt(ra / g) * 2 / (np.pi * (diameter * 1e-4) ** 1.5) * 1e-6  # MOhm
    x = length * (1 - 0.5 / n)
    # The current enters in the middle of the first compartment.
    right = current * into_end * np.cosh((length - x) / space) / np.sinh(length / space)
    return abs(simulation.recorded(last)[-1] + 70.0 - right)


def test_a_steady_cable_is_right_to_second_order_in_space():
    errors = [steady_error(n) for n in (20, 40, 80)]
    assert errors[2] < 2e-3
    for coarse, fine in pairwise(errors):
        assert np.log2(coarse / fine) == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize(("method", "order"), [("implicit", 1), ("second-order", 2)])
def test_relaxation_is_right_to_the_methods_order_in_time(method, order):
    """A cosine along a sealed cable decays by exp(-(1 + (pi lambda / L)^2) t / tau)."""
    n, length, diameter, ra, g = 200, 1000.0, 2.0, 100.0, 1e-4
    cell = cylinder(
        n, length, diameter, ra, [Placed(pas(), np.arange(n), {"g": g, "e": 0.0})], v_init=0.0
    )
    k = np.pi / n
    # Decay of the discrete cosine, so that only time is left to be wrong.
    axial = 4 * np.sin(k / 2) ** 2 * cell.coupling[1] / cell.area[1] * 100
    rate = (g + axial) / 1e-3
    errors = []
    for dt in (0.05, 0.025, 0.0125):
        simulation = CableSimulation([cell], dt=dt, method=method)
        simulation.units[0].nodes["v"][:n, 0] = np.cos(k * (np.arange(n) + 0.5))
        first = simulation.record(0, 0)
        simulation.run(2.0)
        right = np.cos(k / 2) * np.exp(-rate * 2.0)
        errors.append(abs(simulation.recorded(first)[-1] - right))
    assert np.log2(errors[1] / errors[2]) == pytest.approx(order, abs=0.1)


@pytest.mark.parametrize("second_order", [False, True])
def test_hodgkin_huxley_in_every_compartment_is_as_in_neuron(neuron, second_order):
    sections = in_neuron(neuron, BRANCHES)
    for section in sections:
        section.insert("hh")
    clamp = neuron.IClamp(sections[0](0.5))
    clamp.delay, clamp.dur, clamp.amp = 1.0, 30.0, 0.8
    places = [(0, 1), (3, 8), (4, 10)]
    vectors = [
        neuron.Vector().record(
            sections[k](sections[k].allseg and (j + 0.5) / BRANCHES[k][1])._ref_v
        )
        for k, j in places
    ]
    neuron.celsius = 6.3
    neuron.secondorder = 2 if second_order else 0
    neuron.finitialize(-65.0)
    neuron.continuerun(50.0)
    neuron.secondorder = 0
    method = "second-order" if second_order else "implicit"
    simulation = CableSimulation([hh_cell()], method=method)
    simulation.current_clamp(0, 1, 1.0, 30.0, 0.8)
    starts = np.cumsum([0, *(b[1] + 1 for b in BRANCHES)])
    records = [simulation.record(0, int(starts[k]) + j) for k, j in places]
    simulation.run(50.0)
    for vector, record in zip(vectors, records, strict=True):
        there, here = np.array(vector), simulation.recorded(record)
        assert there.max() > 20
        assert abs(there[:2001] - here).max() < 2e-3


def ring_in_neuron(h, cells, delay):
    made = []
    for _ in range(cells):
        soma, dendrite = in_neuron(h, ((-1, 1, 12.6157, 12.6157), (0, 5, 200.0, 1.0)))
        soma.insert("hh")
        dendrite.insert("pas")
        for segment in dendrite:
            segment.pas.g, segment.pas.e = 0.001, -65.0
        synapse = h.ExpSyn(dendrite(0.5))
        synapse.tau = 2.0
        made.append((soma, dendrite, synapse))
    connections, times = [], []
    for k, (soma, _, _) in enumerate(made):
        connection = h.NetCon(soma(0.5)._ref_v, made[(k + 1) % cells][2], sec=soma)
        connection.threshold, connection.delay, connection.weight[0] = 10.0, delay, 0.01
        times.append(h.Vector())
        connection.record(times[-1])
        connections.append(connection)
    stim = h.NetStim()
    stim.number, stim.start = 1, 9.0
    kick = h.NetCon(stim, made[0][2])
    kick.delay, kick.weight[0] = 1.0, 0.01
    h.celsius = 6.3
    h.finitialize(-65.0)
    h.continuerun(100.0)
    return [np.array(t) for t in times]


def ring(cells, delay, **options):
    branches = ((-1, 1, 12.6157, 12.6157), (0, 5, 200.0, 1.0))
    placed = [
        Placed(hh(), np.array([0]), {}),
        Placed(pas(), np.arange(2, 7), {"g": 0.001, "e": -65.0}),
        Placed(expsyn(), np.array([4]), {"tau": 2.0}),
    ]
    cell = tree(branches, placed)
    simulation = CableSimulation([cell] * cells, **options)
    for k in range(cells):
        simulation.detect(k, 0, 10.0)
    for k in range(cells):
        simulation.connect(k, (k + 1) % cells, 2, 0, delay, 0.01)
    simulation.event(10.0, 0, 2, 0, 0.01)
    simulation.run(100.0)
    return simulation.spikes()


@pytest.mark.parametrize(("cells", "delay"), [(12, 5.0), (8, 1.3)])
def test_a_ring_of_cells_fires_as_in_neuron(neuron, cells, delay):
    there = ring_in_neuron(neuron, cells, delay)
    times, sources = ring(cells, delay)
    assert sum(map(len, there)) > 10
    for k, expected in enumerate(there):
        assert len(expected) == np.sum(sources == k)
        assert np.allclose(times[sources == k], expected, atol=1e-6)


def test_the_ring_is_the_same_with_any_number_of_threads():
    one, three = ring(17, 1.3, threads=1), ring(17, 1.3, threads=3)
    assert len(one[0]) > 20
    assert np.array_equal(one, three)


def test_a_synapse_with_rise_and_fall_is_as_in_neuron(neuron):
    (section,) = in_neuron(neuron, ((-1, 5, 200.0, 2.0),))
    section.insert("pas")
    for segment in section:
        segment.pas.g = 0.0002
    synapses = [neuron.Exp2Syn(section(0.3)), neuron.Exp2Syn(section(0.3))]
    synapses[1].e, synapses[1].tau2 = -90.0, 20.0
    stims = []
    for synapse, start in zip(synapses, (3.0, 6.0), strict=True):
        stim = neuron.NetStim()
        stim.number, stim.start, stim.interval = 5, start, 2.37
        stims.append((stim, neuron.NetCon(stim, synapse)))
        stims[-1][1].delay, stims[-1][1].weight[0] = 0.01, 0.002
    vector = neuron.Vector().record(section(0.9)._ref_v)
    neuron.finitialize(-70.0)
    neuron.continuerun(30.0)
    branches = ((-1, 5, 200.0, 2.0),)
    parameters = {"e": np.array([0.0, -90.0]), "tau2": np.array([10.0, 20.0])}
    cell = tree(
        branches,
        [everywhere(pas(), branches, g=0.0002), Placed(exp2syn(), np.array([1, 1]), parameters)],
        v_init=-70.0,
    )
    simulation = CableSimulation([cell])
    trains = [simulation.play(start + 2.37 * np.arange(5)) for start in (3.0, 6.0)]
    simulation.connect_many(trains, 0, 1, [0, 1], 0.01, 0.002)
    record = simulation.record(0, 4)
    simulation.run(30.0)
    assert np.ptp(np.array(vector)) > 5
    assert abs(np.array(vector)[:1201] - simulation.recorded(record)).max() < 1e-6


TIRING = """
NEURON { POINT_PROCESS Tiring RANGE g, e, tau, rest NONSPECIFIC_CURRENT i }
PARAMETER { e = 0 (mV) tau = 5 (ms) rest = 20 (ms) }
ASSIGNED { v (mV) i (nA) }
STATE { g (uS) }
INITIAL { g = 0 }
BREAKPOINT { SOLVE fade METHOD cnexp i = g*(v - e) }
DERIVATIVE fade { g' = -g/tau }
NET_RECEIVE(weight (uS), left, last (ms)) {
    INITIAL { left = 0.75 last = -1e9 }
    left = 1 - (1 - left)*exp(-(t - last)/rest)
    last = t
    g = g + weight*left
    left = left*0.5
}
"""


def test_a_connection_keeps_its_own_variables_and_knows_when_it_was_reached():
    mechanism = read_mechanism(TIRING)
    where = np.array([2, 2])
    cell = cylinder(5, 100.0, 2.0, 100.0, [Placed(mechanism, where, {})])
    simulation = CableSimulation([cell] * 8)
    g = simulation.record(6, 0, "own_g", 0)  # the slope of the current is g
    times = (1.0, 3.51, 8.26)
    source = simulation.detect(0)
    simulation.connect(source, 5, 0, 1, 1.0, 0.3)
    simulation.connect(simulation.play(times), 6, 0, 0, 0.0, 0.01)
    simulation.run(10.0)
    left, last, right = 0.75, -1e9, 0.0
    for at in times:
        left = 1 - (1 - left) * np.exp(-(at - last) / 20)
        # Delivered at the start of the step whose middle comes next, and faded from then on.
        steps = 400 - np.ceil(at / 0.025 - 0.5 - 1e-6)
        right += 0.01 * left * np.exp(-steps * 0.025 / 5)
        left, last = left / 2, at
    assert simulation.recorded(g)[-1] == pytest.approx(right, rel=1e-12)


def test_a_voltage_clamp_is_as_in_neuron(neuron):
    (section,) = in_neuron(neuron, ((-1, 5, 200.0, 2.0),))
    section.insert("hh")
    clamp = neuron.SEClamp(section(0.5))
    clamp.dur1, clamp.amp1, clamp.dur2, clamp.amp2, clamp.rs = 5.0, -70.0, 10.0, -20.0, 2.0
    vector = neuron.Vector().record(section(0.1)._ref_v)
    neuron.celsius = 6.3
    neuron.finitialize(-65.0)
    neuron.continuerun(25.0)
    branches = ((-1, 5, 200.0, 2.0),)
    simulation = CableSimulation([tree(branches, [everywhere(hh(), branches)])])
    simulation.voltage_clamp(0, 2, (5.0, 10.0), (-70.0, -20.0), 2.0)
    record = simulation.record(0, 0)
    simulation.run(25.0)
    assert abs(np.array(vector)[:1001] - simulation.recorded(record)).max() < 2e-3


def test_layouts_and_threads_leave_every_bit_as_it_is():
    """Eight cells of a shape lie in lanes, one is a unit of its own."""

    def voltages(cells, threads, widths):
        simulation = CableSimulation([hh_cell()] * cells, threads=threads)
        assert {unit.width for unit in simulation.units} == widths
        for cell in range(cells):
            simulation.current_clamp(cell, 1, 1.0, 30.0, 0.5 + 0.1 * (cell % 3))
        records = [simulation.record(cell, 20) for cell in range(min(cells, 2))]
        simulation.run(20.0)
        return [simulation.recorded(record) for record in records]

    alone = voltages(2, 1, {1})
    assert alone[0].max() > 0
    for cells, threads, widths in ((1, 2, {1}), (8, 1, {8}), (18, 2, {8, 1})):
        for one, other in zip(alone, voltages(cells, threads, widths), strict=False):
            assert np.array_equal(one, other)


def test_single_precision_fires_at_the_same_steps_or_one_beside():
    spikes = []
    for dtype in ("float64", "float32"):
        simulation = CableSimulation([hh_cell()] * 8, dtype=dtype)
        simulation.current_clamp(5, 1, 1.0, 60.0, 0.8)
        simulation.detect(5, 1)
        simulation.run(60.0)
        spikes.append(simulation.spikes()[0])
    assert len(spikes[0]) >= 3
    assert np.allclose(spikes[0], spikes[1], atol=0.0251)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.current_clamp(1, 0, 0, 1, 1), "no cell 1; there are 1"),
        (lambda s: s.record(0, 99), "no compartment 99 in cell 0"),
        (lambda s: s.record(0, 0, "m", 1), "no place 0 of a mechanism 1"),
        (lambda s: s.connect(0, 0, 0, 0, 1.0, 1.0), "no source 0"),
        (lambda s: s.event(1.0, 0, 0, 0, 1.0), "hh takes no events"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(call, message):
    with pytest.raises(RunError, match=message):
        call(CableSimulation([hh_cell()]))
