"""Runs a ring of one-compartment cells with the test's mechanisms in NEURON; a program of its own.

Usage: python messages_in_neuron.py LIBRARY < TASK; prints times of events and traces, as JSON.
"""

import json
import sys

import numpy as np
from neuron import h


def main():
    h.nrn_load_dll(sys.argv[1])
    task = json.load(sys.stdin)
    h.usetable_hh = 0
    h.celsius, h.dt = 6.3, task["dt"]
    sections, alarms, timers, held, times = [], [], [], [], []
    for k in range(task["cells"]):
        section = h.Section(name=f"s{k}")
        section.L = section.diam = task["size"]
        section.insert("hh")
        sections.append(section)
        alarms.append(h.Alarm(section(0.5)))
        timers.append(h.Metronome(section(0.5)))
    clamp = h.IClamp(sections[0](0.5))
    clamp.delay, clamp.dur, clamp.amp = task["clamp"]
    for k in range(task["cells"]):
        following = alarms[(k + 1) % task["cells"]]
        for source in (alarms[k], timers[k]):
            for weight, delay in task["weights"]:
                held.append(h.NetCon(source, following))
                held[-1].delay, held[-1].weight[0] = delay, weight
            times.append(h.Vector())
            held[-1].record(times[-1])
        held.append(h.NetCon(alarms[k], timers[k]))
        held[-1].delay, held[-1].weight[0] = 1.0, 1.0
    given = h.NetCon(None, alarms[1])
    given.delay, given.weight[0] = 0, task["given"]
    names = task["watched"]
    traces = [
        [h.Vector().record(getattr(alarm, f"_ref_{name}")) for name in names] for alarm in alarms
    ]
    voltages = [h.Vector().record(section(0.5)._ref_v) for section in sections]
    h.finitialize(-65)
    for at in task["events"]:
        given.event(at)
    for _ in range(task["steps"]):
        h.fadvance()
    result = {
        "times": [np.array(t).tolist() for t in times],
        "traces": [[np.array(v).tolist() for v in group] for group in traces],
        "voltages": [np.array(v).tolist() for v in voltages],
    }
    sys.stdout.write("RESULT" + json.dumps(result))


main()
