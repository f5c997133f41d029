"""Mechanisms that send themselves events, watch voltages and send on spikes, against NEURON."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import ModelError, RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, hh, pas

HELPERS = Path(__file__).parents[1] / "helpers"
NRNIVMODL = Path(sys.executable).parent / "nrnivmodl"
# Watches the voltage from both sides, answers its events twice, and counts what a connection did.
ALARM = """
NEURON {
    POINT_PROCESS Alarm
    RANGE g, e, tau, high, low, highs, lows, echoes
    NONSPECIFIC_CURRENT i
}
UNITS { (nA) = (nanoamp) (mV) = (millivolt) (uS) = (microsiemens) }
PARAMETER { e = 0 (mV) tau = 3 (ms) high = 0 (mV) low = -66 (mV) }
ASSIGNED { v (mV) i (nA) highs lows echoes }
STATE { g (uS) }
INITIAL { g = 0 highs = 0 lows = 0 echoes = 0 net_send(0.5, 1) }
BREAKPOINT { SOLVE fade METHOD cnexp i = g*(v - e) + 1e-12*(highs + lows + echoes) }
DERIVATIVE fade { g' = -g/tau }
NET_RECEIVE (weight (uS), count) {
    INITIAL { count = 0 }
    if (flag == 0) {
        count = count + 1
        g = g + weight*(1 + 0.1*count)
        net_send(1.31, 5)
        net_send(2.0, 6)
    } else if (flag == 1) {
        WATCH (v > high) 2
        WATCH (v < low) 3
    } else if (flag == 2) {
        highs = highs + 1
        net_event(t)
        net_send(0.7, 4)
    } else if (flag == 3) {
        lows = lows + 1
        WATCH (v > high) 2
    } else if (flag == 4) {
        WATCH (v > high) 2
        WATCH (v < low) 3
    } else {
        echoes = echoes + flag*count
        g = g + 0.1*weight
    }
}
"""
# Sends every ten ms, or two ms after an event.
TIMER = """
NEURON { POINT_PROCESS Metronome RANGE rounds }
ASSIGNED { rounds }
INITIAL { rounds = 0 net_send(10, 1) }
NET_RECEIVE (weight) {
    if (flag == 1) {
        rounds = rounds + 1
        net_event(t)
        net_send(10, 1)
    } else {
        net_move(t + 2.02)
    }
}
"""
WATCHED = ("g", "highs", "lows", "echoes")
TASK = {
    "cells": 11, "size": 20.0, "dt": 0.025, "steps": 4800, "clamp": [3.0, 60.0, 0.1],
    "weights": [(0.004, 1.0), (0.003, 2.63)], "given": 0.002, "events": [2.0, 2.5125, 31.0, 77.77],
    "watched": WATCHED,
}  # fmt: skip


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    if not NRNIVMODL.exists() or not shutil.which("g++") or not shutil.which("make"):
        pytest.skip("NEURON (nrnivmodl) and a C++ compiler are needed")
    folder = tmp_path_factory.mktemp("mod")
    (folder / "alarm.mod").write_text(ALARM)
    (folder / "timer.mod").write_text(TIMER)
    library = compile_mechanisms(sorted(folder.iterdir()))
    done = subprocess.run(
        [sys.executable, str(HELPERS / "messages_in_neuron.py"), library],
        input=json.dumps(TASK), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "RESULT" in done.stdout, done.stderr[-2000:]
    return json.loads(done.stdout.split("RESULT", 1)[1])


def cells(n):
    placed = [
        Placed(hh(), np.array([0]), {}),
        Placed(read_mechanism(ALARM), np.array([0]), {}),
        Placed(read_mechanism(TIMER), np.array([0]), {}),
    ]
    return [cylinder(1, TASK["size"], TASK["size"], 35.4, placed)] * n


def ring(**options):
    n = TASK["cells"]
    simulation = CableSimulation(cells(n), TASK["dt"], **options)
    simulation.current_clamp(0, 0, *TASK["clamp"])
    sources = np.array([[simulation.sends(k, p, 0) for p in (1, 2)] for k in range(n)])
    for weight, delay in TASK["weights"]:
        following = np.repeat((np.arange(n) + 1) % n, 2)
        simulation.connect_many(sources.ravel(), following, 1, 0, delay, weight)
    simulation.connect_many(sources[:, 0], np.arange(n), 2, 0, 1.0, 1.0)
    given = simulation.play(TASK["events"])
    simulation.connect(given, 1, 1, 0, 0.0, TASK["given"])
    traces = [
        [simulation.record(k, 0, "own_g" if x == "g" else x, 1) for x in WATCHED] for k in range(n)
    ]
    voltages = [simulation.record(k, 0) for k in range(n)]
    simulation.run(TASK["steps"] * TASK["dt"])
    times, source = simulation.spikes()
    return (
        [times[source == s] for s in sources.ravel()],
        [[simulation.recorded(r) for r in group] for group in traces],
        [simulation.recorded(r) for r in voltages],
    )


@pytest.fixture(scope="module")
def here():
    return ring()


def test_mechanisms_send_themselves_and_others_what_they_do_in_neuron(there, here):
    times, traces, voltages = here
    assert sum(map(len, there["times"][::2])) > 30  # alarms
    assert sum(map(len, there["times"][1::2])) > 100  # timers
    assert max(group[2][-1] for group in there["traces"]) > 0  # voltages were low too
    for a, b in zip(times, there["times"], strict=True):
        assert len(a) == len(b)
        assert np.allclose(a, b, rtol=0, atol=1e-6)
    for own, other in zip(traces, there["traces"], strict=True):
        for name, a, b in zip(WATCHED, own, other, strict=True):
            assert np.allclose(a, b, rtol=1e-9, atol=1e-7), name
    assert np.abs(np.array(voltages) - np.array(there["voltages"])).max() < 2e-3


def test_messages_are_the_same_with_any_number_of_threads(here):
    again = ring(threads=3)
    for a, b in zip(here, again, strict=True):
        for x, y in zip(a, b, strict=True):
            assert np.array_equal(x, y)


LEAKY = """
NEURON { ARTIFICIAL_CELL Leaky RANGE tau, refrac, m }
PARAMETER { tau = 10 (ms) refrac = 5 (ms) }
ASSIGNED { m t0 (ms) waits }
INITIAL { m = 0 t0 = 0 waits = 0 }
NET_RECEIVE (w) {
    if (flag == 1) {
        waits = 0
        m = 0
        t0 = t
    } else if (waits == 0) {
        m = m*exp(-(t - t0)/tau) + w
        t0 = t
        if (m > 1) {
            net_event(t)
            waits = 1
            net_send(refrac, 1)
        }
    }
}
"""


def test_artificial_cells_are_those_of_neuron():
    h = pytest.importorskip("neuron", reason="NEURON is not installed").h
    rng = np.random.default_rng(3)
    n, until = 12, 200.0
    trains = [np.sort(rng.uniform(0, until, 60)) for _ in range(n)]
    pairs = [(int(a), int(b)) for a, b in rng.integers(0, n, (40, 2)) if a != b]
    weights, delays = rng.uniform(0.1, 0.5, len(pairs)), rng.uniform(0.5, 6.0, len(pairs))
    made, held, given, times = [h.IntFire1() for _ in range(n)], [], [], []
    for k, cell in enumerate(made):
        cell.tau, cell.refrac = 10 + k, 3.0
        held.append(h.NetCon(None, cell))
        held[-1].weight[0] = 0.6
        given.append(held[-1])
        times.append(h.Vector())
        held.append(h.NetCon(cell, None))
        held[-1].record(times[-1])
    for (a, b), weight, delay in zip(pairs, weights, delays, strict=True):
        held.append(h.NetCon(made[a], made[b]))
        held[-1].delay, held[-1].weight[0] = delay, weight
    h.dt = 0.025
    h.finitialize(-65)
    for connection, train in zip(given, trains, strict=True):
        for spike in train:
            connection.event(spike + 0.5)
    while h.t < until:
        h.fadvance()
    leaky = read_mechanism(LEAKY)
    parameters = {"tau": 10.0 + np.arange(n), "refrac": 3.0}
    placed = [
        Placed(pas(), np.array([0]), {}),
        Placed(leaky, np.zeros(n, np.int64), parameters),
    ]
    simulation = CableSimulation([cylinder(1, 10.0, 10.0, 100.0, placed)], 0.025)
    sources = np.array([simulation.sends(0, 1, k) for k in range(n)])
    given = [simulation.play(train) for train in trains]
    simulation.connect_many(given, 0, 1, np.arange(n), 0.5, 0.6)
    a, b = np.array(pairs).T
    simulation.connect_many(sources[a], 0, 1, b, delays, weights)
    simulation.run(until)
    at, source = simulation.spikes()
    assert sum(map(len, times)) > 100
    for s, expected in zip(sources, times, strict=True):
        assert np.allclose(at[source == s], expected, rtol=0, atol=1e-9)


def test_what_cannot_be_sent_is_said_in_a_line():
    simulation = CableSimulation(cells(1))
    source = simulation.sends(0, 1, 0)
    with pytest.raises(RunError, match="hh sends no events"):
        simulation.sends(0, 0, 0)
    with pytest.raises(RunError, match=r"at least one time step of 0.025 ms, not 0.01 ms"):
        simulation.connect(source, 0, 2, 0, 0.01, 1.0)
    text = TIMER.replace(
        "NET_RECEIVE (weight) {", "NET_RECEIVE (weight) { INITIAL { net_send(1, 2) }"
    )
    with pytest.raises(ModelError, match="INITIAL of NET_RECEIVE sends events"):
        CableSimulation(
            [cylinder(1, 9.0, 9.0, 99.0, [Placed(read_mechanism(text), np.array([0]), {})])]
        )
