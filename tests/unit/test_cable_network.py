"""Events of the cable engine: each spike reaches each of its targets once, in time, in order."""

import numpy as np
import pytest

from halfbrain.engine.cable import queue
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, expsyn, hh, pas

# Keeps what came: how often, the sum of the weights, and the last of all in the order of arrival.
LEDGER = """
NEURON { POINT_PROCESS Ledger RANGE count, total, last, chain NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (nA) count total last chain }
INITIAL { count = 0 total = 0 last = -1 chain = 0 }
BREAKPOINT { i = 1e-12*v*(count + total + last + chain) }
NET_RECEIVE(weight) {
    count = count + 1
    total = total + weight
    last = t
    chain = 0.5*chain + weight
}
"""
DT = 0.025


def ledgers(cells, places=1, **options):
    ledger = Placed(read_mechanism(LEDGER), np.arange(places) % 3, {})
    cell = cylinder(3, 60.0, 2.0, 100.0, [Placed(pas(), np.arange(3), {}), ledger])
    return CableSimulation([cell] * cells, DT, **options)


def rows(simulation, records):
    return [simulation.recorded(r) for r in records]


def delivered_in(at):
    """The step, from the convention alone: the first whose middle is not before."""
    step = 0
    while (step + 0.5) * DT < at - 1e-6 * DT:
        step += 1
    return step


@pytest.mark.parametrize("cells", [1, 19])
def test_an_event_comes_in_the_step_whose_middle_is_the_first_not_before_it(cells):
    simulation = ledgers(cells)
    spikes, delay = np.array([0.0, 0.3, 1.0125, 7.77, 40.0]), 0.0125
    simulation.connect(simulation.play(spikes), cells - 1, 1, 0, delay, 1.0)
    simulation.event(33.3, cells - 1, 1, 0, 1.0)
    count = simulation.record(cells - 1, 0, "count", 1)
    last = simulation.record(cells - 1, 0, "last", 1)
    simulation.run(30.0)
    simulation.run(15.0)
    due = np.sort([*(spikes + delay), 33.3])
    steps = np.array([delivered_in(at) for at in due])
    # What is delivered at the start of step k is seen from its end on.
    wanted = np.searchsorted(steps, np.arange(-1, 1800), side="right")
    assert np.array_equal(simulation.recorded(count), wanted)
    assert simulation.recorded(last)[-1] == pytest.approx(due[-1], abs=1e-9)


@pytest.mark.parametrize("many", [False, True])
def test_every_spike_reaches_every_target_once(many):
    rng = np.random.default_rng(7)
    cells, places, n = 13, 4, 700
    simulation = ledgers(cells, places)
    trains = [np.sort(rng.uniform(0, 60, rng.integers(0, 30))) for _ in range(9)]
    sources = np.array([simulation.play(train) for train in trains])
    source, cell = rng.integers(0, 9, n), rng.integers(0, cells, n)
    place, delay = rng.integers(0, places, n), rng.uniform(0, 50, n)
    weight = rng.integers(1, 1000, n)
    if many:
        simulation.connect_many(sources[source], cell, 1, place, delay, weight)
    else:
        for k in range(n):
            made = int(source[k]), int(cell[k]), 1, int(place[k]), float(delay[k])
            simulation.connect(*made, float(weight[k]))
    found = {
        (c, p): [simulation.record(c, p, name, 1) for name in ("count", "total", "chain", "last")]
        for c in range(cells)
        for p in range(places)
    }
    for _ in range(4):
        simulation.run(20.0)
    wanted = {key: [] for key in found}
    for k in range(n):
        for at in trains[source[k]] + delay[k]:
            if delivered_in(at) < 3200:
                wanted[cell[k], place[k]].append((at, k, weight[k]))
    assert sum(map(len, wanted.values())) > 5000
    for key, records in found.items():
        came = sorted(wanted[key])
        chain = 0.0
        for _, _, w in came:
            chain = 0.5 * chain + w
        total = sum(w for _, _, w in came)
        now = [x[-1] for x in rows(simulation, records)]
        assert now == [len(came), total, chain, came[-1][0]]
    assert sum(n for _, n in simulation.received()) == sum(map(len, wanted.values()))
    whole = sum(len(trains[s]) for s in source)
    under_way = sum(running.inbox.under_way for running in simulation._running)
    late = sum((trains[s] >= 80.0).sum() for s in source)
    assert under_way + late == whole - sum(map(len, wanted.values()))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_queue_gives_events_in_the_order_of_a_sorted_list(seed):
    rng = np.random.default_rng(seed)
    block, store = queue.empty(1)
    address = block.ctypes.data
    n, steps = 3000, 4000
    step = rng.integers(0, steps, n)
    at, connection = step * DT + rng.choice([0.0, 0.004, 0.009], n), rng.integers(0, 5, n)
    begun = rng.integers(0, step + 1)  # when it is put: never after it is due
    order, taken, k = np.argsort(begun, kind="stable"), [], 0
    for now in range(steps):
        while k < n and begun[order[k]] <= now:
            e = order[k]
            if queue.is_full(address):
                store = queue.grown(address, 2 * int(block[queue.ROOM]))
            queue.put(address, int(step[e]), at[e], float(e), int(connection[e]))
            k += 1
        for due in range(queue.take(address, now), 0, -1):
            which, then, flag = queue.pop(address, due)
            assert (step[int(flag)], at[int(flag)], connection[int(flag)]) == (now, then, which)
            taken.append(int(flag))
    assert len(store) > 7
    rank = np.empty(n, int)
    rank[order] = np.arange(n)
    wanted = sorted(range(n), key=lambda e: (step[e], at[e], connection[e], rank[e]))
    assert taken == wanted


def net(threads, dtype="float64", cells=21):
    """Cells that excite each other at random, with all delays from 0 on."""
    placed = [
        Placed(hh(), np.array([0]), {}),
        Placed(pas(), np.arange(1, 3), {}),
        Placed(expsyn(), np.array([1, 2]), {"tau": 2.0}),
    ]
    cell = cylinder(3, 40.0, 12.0, 100.0, placed)
    simulation = CableSimulation([cell] * cells, threads=threads, dtype=dtype)
    rng = np.random.default_rng(5)
    for k in range(cells):
        simulation.detect(k, 0, 0.0)
    kicks = [simulation.play(np.sort(rng.uniform(0, 60, 6))) for _ in range(3)]
    n = 300
    source = rng.integers(0, cells, n)
    cell_, place = rng.integers(0, cells, n), rng.integers(0, 2, n)
    delay = rng.choice([0.0, 0.1, 0.37, 1.0, 3.0], n)
    simulation.connect_many(source, cell_, 2, place, delay, rng.uniform(0, 0.004, n))
    simulation.connect_many(kicks, [0, 7, 20], 2, 0, 1.0, 0.05)
    soma = simulation.record(3, 0)
    simulation.run(60.0)
    return *simulation.spikes(), simulation.recorded(soma)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_no_result_depends_on_the_number_of_threads(dtype):
    one, *others = (net(threads, dtype) for threads in (1, 2, 5))
    assert len(one[0]) > 30
    for other in others:
        for a, b in zip(one, other, strict=True):
            assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s, k: s.connect_many([k, 1], [0, 0, 0], 1, 0, 1.0, 1.0), "same length"),
        (lambda s, k: s.connect_many([k, 1], 0, 1, 0, 1.0, 1.0), "no source 1; there are 1"),
        (lambda s, k: s.connect_many(k, [0, 5], 1, 0, 1.0, 1.0), "no cell 5; there are 2"),
        (lambda s, k: s.connect_many(k, 0, [1, 2], 0, 1.0, 1.0), "no place 0 of a mechanism 2"),
        (lambda s, k: s.connect_many(k, 0, 1, [0, 1], 1.0, 1.0), "no place 1 of a mechanism 1"),
        (lambda s, k: s.connect_many(k, 0, 1, 0, [1.0, -0.1], 1.0), "not -0.1 ms"),
        (lambda s, k: s.connect_many(k, 0, 1, 0, np.nan, 1.0), "not nan ms"),
        (lambda s, k: s.connect_many(k, 0, 1, 0, 1.0, [[1.0, 2.0]]), "brings weight, not 2"),
        (lambda s, k: s.connect_many(k, 0, 0, 0, 1.0, 1.0), "pas takes no events"),
        (lambda s, k: (s.run(1.0), s.play([0.5])), "a spike at 0.5 ms is in the past"),
    ],
)
def test_what_cannot_be_connected_is_said_in_a_line_and_nothing_is(call, message):
    simulation = ledgers(2)
    source = simulation.play([0.5])
    with pytest.raises(RunError, match=message):
        call(simulation, source)
    assert not any(len(running.inbox.held) for running in simulation._running)
