"""Runs mechanisms in NEURON and prints what they did, as JSON; a program of its own.

Usage: python nmodl_in_neuron.py LIBRARY < TASKS. Each task names a mechanism, its parameters and
the variables to write down at each step.
"""

import json
import sys

from neuron import h


def run(task):
    section = h.Section(name="one")
    section.L = section.diam = 20
    section.insert("pas")
    section(0.5).pas.g, section(0.5).pas.e = 3e-4, -70
    h.celsius = task["celsius"]
    segment = section(0.5)
    for other in task["beside"]:
        section.insert(other)
    if task["kind"] == "density":
        section.insert(task["name"])
        place = getattr(segment, task["name"])
    else:
        place = getattr(h, task["name"])(segment)
    for name, value in task["parameters"].items():
        setattr(place, name, value)
    for name, value in task["shared"].items():
        if hasattr(h, f"{name}_{task['name']}"):
            setattr(h, f"{name}_{task['name']}", value)
    if hasattr(h, f"usetable_{task['name']}"):
        setattr(h, f"usetable_{task['name']}", 0)
    given = []
    for name, table in task["tables"].items():
        numbers = [table] if isinstance(table, float) else [h.Vector(x) for x in table[::-1]]
        getattr(h, f"table_{name}_{task['name']}")(*numbers)
        given.append(numbers)
    stimuli = []
    for start, current in task["pulses"]:
        stimulus = h.IClamp(segment)
        stimulus.delay, stimulus.dur, stimulus.amp = start, 5, current
        stimuli.append(stimulus)
    connections = []
    if task["events"]:
        connection = h.NetCon(None, place)
        connection.delay = 0
        for k, weight in enumerate(task["weights"]):
            connection.weight[k] = weight
        connections.append(connection)
    h.dt = task["dt"]
    h.finitialize(-70)
    for time in task["events"]:
        connections[0].event(time)

    def seen():
        def read(name):
            for holder, key in ((place, name), (segment, name), (h, name)):
                try:
                    return float(getattr(holder, key))
                except (AttributeError, TypeError, LookupError):
                    continue
            return None

        row = {"t": h.t, "v": segment.v, "area": segment.area(), "diam": segment.diam}
        return row | {name: read(name) for name in task["watched"]}

    rows = [seen()]
    for _ in range(task["steps"]):
        h.fadvance()
        rows.append(seen())
    return rows


def main():
    h.nrn_load_dll(sys.argv[1])
    results = [run(task) for task in json.load(sys.stdin)]
    sys.stdout.write("RESULT" + json.dumps(results))


main()
