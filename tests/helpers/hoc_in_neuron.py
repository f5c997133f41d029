"""Runs a hoc file's cell in NEURON and prints its voltages, as JSON; a program of its own.

python hoc_in_neuron.py TASK, a JSON text: ``file``, ``template``, ``arguments``, ``library``,
``clamp`` (section, place, nA, from 5 ms on), ``at`` (pairs of section and place), ``dt``, ``ms``,
``v_init``, ``set`` (of h), ``events`` (times by point process). Sections are by name, without the
instance's.
"""

import json
import os
import sys
from pathlib import Path


def main(task):
    from neuron import h

    if task.get("library"):
        h.nrn_load_dll(task["library"])
    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    os.chdir(Path(task["file"]).parent)
    assert h.load_file(task["file"])
    made = [getattr(h, task["template"])(*task["arguments"])] if task.get("template") else []
    for name, value in task.get("set", {}).items():
        setattr(h, name, value)
    found = {section.name().split(".")[-1]: section for section in h.allsec()}
    section, x, amplitude = task["clamp"]
    made.append(clamp := h.IClamp(found[section](x)))
    clamp.delay, clamp.dur, clamp.amp = 5, 1e9, amplitude
    records = [h.Vector().record(found[s](x)._ref_v) for s, x in task["at"]]
    processes = {p.hname(): p for s in h.allsec() for x in s for p in x.point_processes()}
    events = []
    for name, times in task.get("events", {}).items():
        events.append((connection := h.NetCon(None, processes[name]), times))
        connection.delay, connection.weight[0] = 0, 0.005
    h.dt, h.steps_per_ms = task["dt"], 1 / task["dt"]
    h.finitialize(task.get("v_init", getattr(h, "v_init", -65)))
    for connection, times in events:
        for time in times:
            connection.event(time)
    h.continuerun(task["ms"])
    return [list(r) for r in records]


said, sys.stdout = sys.stdout, sys.stderr
answer = main(json.loads(sys.argv[1]))
said.write(json.dumps(answer))
said.flush()
os._exit(0)
