"""A run of detailed cells that is saved goes on as if nothing had been, bit for bit."""

import os
import signal
from importlib.util import find_spec
from threading import Timer

import numpy as np
import pytest

from halfbrain.engine import checkpoint
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.state import Cells, restore, state
from halfbrain.engine.packed import Part
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, expsyn, hh, pas

# Releases at random, tires, answers itself later, and sends on what the voltage does.
SYNAPSE = """
NEURON {
    POINT_PROCESS Restless
    RANGE g, tau, high
    BBCOREPOINTER rng
    NONSPECIFIC_CURRENT i
}
PARAMETER { tau = 3 (ms) high = -20 (mV) }
ASSIGNED { rng v (mV) i (nA) }
STATE { g (uS) }
INITIAL { g = 0 net_send(0, 1) }
BREAKPOINT { SOLVE fade METHOD cnexp i = g*v }
DERIVATIVE fade { g' = -g/tau }
NET_RECEIVE (weight (uS), left, last (ms)) {
    INITIAL { left = 1 last = 0 }
    if (flag == 1) {
        WATCH (v > high) 2
    } else if (flag == 2) {
        net_event(t)
    } else if (flag == 3) {
        g = g + 0.2*weight
    } else {
        left = 1 - (1 - left)*exp(-(t - last)/50)
        last = t
        if (urand() < 0.7) {
            g = g + weight*left
            left = 0.6*left
            net_send(4.3, 3)
        }
    }
}
FUNCTION urand() {
VERBATIM
    _lurand = nrnran123_dblpick((nrnran123_State*)_p_rng);
ENDVERBATIM
}
"""
# Takes in the current, keeps a concentration that the current does not read.
POOL = """
NEURON { SUFFIX pool USEION k READ ik WRITE ki }
ASSIGNED { ik (mA/cm2) }
STATE { ki (mM) }
INITIAL { ki = 54.4 }
BREAKPOINT { SOLVE flow METHOD cnexp }
DERIVATIVE flow { ki' = -ik*0.01 - (ki - 54.4)/20 }
"""
N = 19


def built(threads=1, dtype="float64", weight=0.004, cells=N, seed=3, recorded=True):
    placed = [
        Placed(hh(), np.array([0]), {}),
        Placed(read_mechanism(POOL), np.array([0]), {}),
        Placed(pas(), np.arange(1, 3), {}),
        Placed(expsyn(), np.array([1]), {"tau": 2.0}),
        Placed(read_mechanism(SYNAPSE), np.array([1, 2]), {"tau": np.array([2.0, 3.0])}),
    ]
    cell = cylinder(3, 40.0, 12.0, 100.0, placed, ions={"ek": -77.0, "ena": 50.0, "ki": 54.4})
    simulation = CableSimulation([cell] * cells, threads=threads, dtype=dtype, seed=seed)
    rng = np.random.default_rng(8)
    sources = np.array([simulation.detect(k, 0, 0.0) for k in range(cells)])
    senders = np.array([simulation.sends(k, 4, 1) for k in range(cells)])
    kicks = [simulation.play(np.sort(rng.uniform(0, 110, 14))) for _ in range(4)]
    n = 200
    where = rng.integers(0, cells, n), 4, rng.integers(0, 2, n)
    delays, weights = rng.choice([0.3, 1.0, 3.7, 30.0], n), rng.uniform(0, 2 * weight, n)
    simulation.connect_many(rng.choice(sources, n), *where, delays, weights)
    simulation.connect_many(senders, np.roll(np.arange(cells), 1), 3, 0, 2.0, 0.01)
    simulation.connect_many(kicks, [0, 5, 7, cells - 1], 3, 0, 1.0, 0.03)
    simulation.event(41.0, 2, 3, 0, 0.05)
    simulation.current_clamp(3, 0, 20.0, 5.0, 0.4)
    if not recorded:
        return simulation
    simulation.record(0, 0)
    simulation.record(cells - 1, 0, "ki")
    simulation.record(4, 1, "own_g", 4)
    simulation.record(5, 0, error=0.01 if find_spec("zfpy") else 0.0)
    return simulation


def outcome(simulation):
    return [*simulation.spikes(), *(simulation.recorded(k) for k in range(4))]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_that_was_saved_goes_on_bit_for_bit(tmp_path, dtype):
    whole = built(dtype=dtype)
    whole.run(115.0)
    path = tmp_path / "checkpoint"
    first = built(threads=2, dtype=dtype)
    first.run(103.45)  # a chunk of records and some more
    checkpoint.save(path, Cells(first), {"note": 1})
    saved = checkpoint.load(path)
    assert saved.notes["note"] == 1
    under_way = sum(running.inbox.under_way for running in first._running)
    assert under_way > 20  # some of them for longer than the wheel turns once
    second = built(threads=3, dtype=dtype)
    saved.restore(Cells(second))
    second.run(10.0)
    checkpoint.save(path, Cells(second))
    third = built(threads=1, dtype=dtype)
    checkpoint.load(path).restore(Cells(third))
    third.run(115.0 - 113.45)
    assert third.step == whole.step
    for a, b in zip(outcome(whole), outcome(third), strict=True):
        assert np.array_equal(a, b)
    assert len(whole.spikes()[0]) > 100
    ended, other = state(whole), state(third)
    assert ended.keys() == other.keys()
    for name, part in ended.items():
        if name not in ("ticks", "wall_seconds"):
            assert np.array_equal(part.array, other[name].array), name


def test_a_run_goes_back_to_where_it_was():
    simulation = built()
    simulation.run(15.0)
    then = state(simulation)
    simulation.run(20.0)
    after = outcome(simulation)
    restore(simulation, then)
    simulation.run(20.0)
    for a, b in zip(after, outcome(simulation), strict=True):
        assert np.array_equal(a, b)


def test_a_run_that_is_interrupted_is_at_a_step_of_all_cells():
    whole, simulation = (built(threads=2, recorded=False) for _ in range(2))
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        simulation.run(1e7)
    then = simulation.step
    assert then > 0
    simulation.run(20.0)
    whole.run((then + 800) * whole.dt)
    assert whole.step == simulation.step
    for a, b in zip(whole.spikes(), simulation.spikes(), strict=True):
        assert np.array_equal(a, b)


def test_a_state_has_every_number_that_changes_by_name_and_kind():
    simulation = built()
    simulation.run(5.0)
    parts = state(simulation)
    kinds = {name: part.kind for name, part in parts.items()}
    assert kinds["v"] == "voltage"
    assert kinds["hh/m"] == kinds["hh/n"] == "gates"
    assert kinds["ki"] == "concentrations"
    assert kinds["Restless/own_g"] == kinds["connections"] == "synapse"
    assert kinds["Restless/drawn"] == kinds["events/steps"] == "exact"
    assert parts["v"].array.size >= 3 * N
    assert parts["Restless/drawn"].array.dtype.kind == "u"


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"weight": 0.004, "cells": N - 1}, "cells and network and records"),
        ({"dtype": "float32"}, "dtype"),
        ({"seed": 4}, "seed"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, other, differs):
    path = tmp_path / "checkpoint"
    checkpoint.save(path, Cells(built()))
    simulation = built(**other)
    before = state(simulation)
    with pytest.raises(RunError, match=f"is of another run: .*{differs}"):
        checkpoint.load(path).restore(Cells(simulation))
    for name, part in state(simulation).items():
        assert np.array_equal(part.array, before[name].array)


def test_a_network_with_one_connection_more_is_another(tmp_path):
    path = tmp_path / "checkpoint"
    checkpoint.save(path, Cells(built()))
    simulation = built()
    simulation.connect(0, 0, 3, 0, 1.0, 0.01)
    with pytest.raises(RunError, match="run: network changed"):
        checkpoint.load(path).restore(Cells(simulation))


def test_a_state_without_an_array_is_refused():
    simulation = built()
    parts = state(simulation)
    parts["v"] = Part("voltage", parts["v"].array[:-1])
    with pytest.raises(RunError, match="other cells or another network: 'v' differs"):
        restore(simulation, parts)
    del parts["events/steps"]
    with pytest.raises(RunError, match="'events/steps' differs"):
        restore(simulation, parts)


def test_files_that_are_none_are_refused_in_a_line(tmp_path):
    path = tmp_path / "checkpoint"
    with pytest.raises(RunError, match="no such checkpoint"):
        checkpoint.load(path)
    checkpoint.save(path, Cells(built()))
    whole = path.read_bytes()
    assert not list(tmp_path.glob("*.tmp"))
    for damaged in (whole[: len(whole) // 2], b"", b"text", whole[:9000] + b"\xff" + whole[9001:]):
        path.write_bytes(damaged)
        with pytest.raises(RunError, match="is no checkpoint of halfbrain, or a damaged one"):
            checkpoint.load(path)
    with pytest.raises(RunError, match="cannot write"):
        checkpoint.save(tmp_path / "missing" / "checkpoint", Cells(built()))
