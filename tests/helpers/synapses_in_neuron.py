"""Runs mechanisms with random numbers in NEURON and prints what they did; a program of its own.

Usage: python synapses_in_neuron.py LIBRARY < TASK. A task is a passive cable with mechanisms in it,
each with parameters, a stream, events and the variables to write down at each step.
"""

import json
import sys

import numpy as np
from neuron import h


def main():
    h.nrn_load_dll(sys.argv[1])
    task = json.load(sys.stdin)
    section = h.Section(name="one")
    section.L, section.diam, section.nseg = task["length"], task["diameter"], task["n"]
    section.Ra = 100
    section.insert("pas")
    for segment in section:
        segment.pas.g, segment.pas.e = task["leak"], task["rest"]
    random = h.Random()
    random.Random123_globalindex(task["seed"])
    h.celsius, h.dt = task["celsius"], task["dt"]
    held, vectors = [], []
    for wanted in task["mechanisms"]:
        segment = section((wanted["where"] + 0.5) / task["n"])
        name = wanted["name"]
        if wanted["kind"] == "density":
            if not h.ismembrane(name, sec=section):
                section.insert(name)
                for other in section:  # where it is not wanted none of it conducts
                    getattr(other, name).gkbar = 0
            place = getattr(segment, name)
        else:
            place = getattr(h, name)(segment)
        for key, value in wanted["parameters"].items():
            setattr(place, key, value)
        for key, value in wanted["shared"].items():
            setattr(h, f"{key}_{name}", value)
        if hasattr(h, f"usetable_{name}"):
            setattr(h, f"usetable_{name}", 0)
        if wanted["kind"] == "density":
            getattr(h, f"setdata_{name}")(segment.x, sec=section)
            getattr(h, f"setRNG_{name}")(*wanted["stream"])
        elif "stream" in wanted:
            place.setRNG(*wanted["stream"])
        events = wanted.get("events", [])
        if events:
            connection = h.NetCon(None, place)
            connection.delay = 0
            connection.weight[0] = wanted["weight"]
            held.append(connection)
            wanted["connection"] = connection
        held.append(place)
        vectors.append(
            [h.Vector().record(getattr(place, f"_ref_{key}")) for key in wanted["watched"]]
        )
    for segment in section:
        vectors.append([h.Vector().record(segment._ref_v)])
    for where, start, duration, amplitude in task["clamps"]:
        clamp = h.IClamp(section((where + 0.5) / task["n"]))
        clamp.delay, clamp.dur, clamp.amp = start, duration, amplitude
        held.append(clamp)
    h.finitialize(task["rest"])
    for wanted in task["mechanisms"]:
        for at in wanted.get("events", []):
            wanted["connection"].event(at)
    for _ in range(task["steps"]):
        h.fadvance()
    rows = [[np.array(v).tolist() for v in group] for group in vectors]
    sys.stdout.write("RESULT" + json.dumps(rows))


main()
