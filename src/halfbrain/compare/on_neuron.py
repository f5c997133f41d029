"""The same detailed cells on NEURON.

Built compartment by compartment, nothing but the simulator differs; built section by section, it
can be timed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halfbrain.cells.detailed.neuron.hoc import neuron
from halfbrain.compare.cable_job import CableJob, CableResult, Synapse, most_memory
from halfbrain.compare.installed import missing
from halfbrain.errors import RunError

# A point without membrane as a section: its area is 3e-6 um2, a 1e-7th of a small compartment's.
_POINT_LENGTH, _POINT_DIAMETER = 1e-4, 1e-2

_SHORT = 1.0  # ms, a first run to find out what beginning takes


def available() -> str | None:
    """None, or why it cannot run here."""
    return missing("neuron")


def begin(library: str, coreneuron: bool, celsius: float, dt: float) -> Any:
    """NEURON's ``h`` with mechanisms loaded, and what holds for all cells set.

    Raises
    ------
    RunError
        if NEURON is not installed.
    """
    if reason := available():
        raise RunError(reason)
    if coreneuron and library:
        os.environ["CORENEURONLIB"] = str(Path(library).with_name("libcorenrnmech.so"))
    h = neuron(library)
    h.usetable_hh = 0  # its table of rates is less exact than they are
    h.celsius, h.dt, h.steps_per_ms = celsius, dt, 1 / dt
    return h


def enable_coreneuron() -> None:
    """Have what runs from now on run on CoreNEURON."""
    from neuron import coreneuron

    coreneuron.enable = True
    coreneuron.verbose = 0


def run(asked: CableJob) -> CableResult:
    """Run a job in this process; see :mod:`halfbrain.compare.runner` for one of its own.

    Raises
    ------
    RunError
        if NEURON is not installed.
    """
    h = begin(asked.library, asked.coreneuron, asked.celsius, asked.dt)
    before = most_memory()
    context = h.ParallelContext()
    held = []
    copies = [build(h, asked, asked.by_section) for _ in range(asked.copies)]
    for number, places in enumerate(copies):
        for compartment, delay, duration, amplitude in asked.clamps:
            clamp = h.IClamp(places[compartment])
            clamp.delay, clamp.dur, clamp.amp = delay, duration, amplitude
            held.append(clamp)
        at = places[asked.detector]
        connection = h.NetCon(at._ref_v, None, sec=at.sec)
        connection.threshold = asked.threshold
        context.set_gid2node(number, context.id())
        context.cell(number, connection)
        held.append(connection)
    connections = [_synapse(h, asked, synapse, copies[0]) for synapse in asked.synapses]
    watched = [
        tuple(h.Vector().record(getattr(place, f"_ref_{name}")) for name in synapse.watched)
        for synapse, (place, _) in zip(asked.synapses, connections, strict=True)
    ]
    built = most_memory()
    times, sources = h.Vector(), h.Vector()
    context.spike_record(-1, times, sources)
    voltages = [h.Vector().record(copies[0][k]._ref_v) for k in asked.records]
    context.nthread(asked.threads)
    context.set_maxstep(10)
    h.CVode().cache_efficient(1)
    if asked.coreneuron:
        enable_coreneuron()
    h.finitialize(asked.v_init)
    for synapse, (_, connection) in zip(asked.synapses, connections, strict=True):
        for at in synapse.events:
            connection.event(at)
    begun = time.perf_counter()
    context.psolve(_SHORT)
    short = time.perf_counter() - begun
    context.psolve(asked.milliseconds)
    long = time.perf_counter() - begun - short
    fired = np.array(times)
    return CableResult(
        np.sort(fired[np.array(sources) == 0]),
        len(fired),
        tuple(np.array(v) for v in voltages),
        (long - short) / (asked.milliseconds - 2 * _SHORT),
        built - before,
        most_memory() - built,
        len(places),
        tuple(tuple(np.array(x) for x in one) for one in watched),
    )


def _synapse(h: Any, asked: CableJob, synapse: Synapse, places: Sequence[Any]) -> tuple[Any, Any]:
    """A point process, and the connection that its events come by."""
    place = getattr(h, synapse.name)(places[synapse.where])
    for name, value in synapse.values.items():
        setattr(place, name, value)
    for name, value in synapse.shared.items():
        setattr(h, f"{name}_{synapse.name}", value)
    if synapse.stream is not None:
        h.Random().Random123_globalindex(asked.seed)
        place.setRNG(*synapse.stream)
    connection = h.NetCon(None, place)
    connection.delay, connection.weight[0] = 0, synapse.weight
    return place, connection


def build(h: Any, asked: CableJob, by_section: bool) -> list[Any]:
    """A cell with its channels; the segment of each compartment."""
    return (_by_section if by_section else _by_compartment)(h, asked)


def _by_compartment(h: Any, asked: CableJob) -> list[Any]:
    """A section for each compartment, joined middle to middle with its own coupling."""
    g = asked.geometry
    sections: list[Any] = []
    for i, parent in enumerate(g["parent"]):
        section = h.Section(name=f"c{i}")
        area, diameter = float(g["area"][i]), float(g["diameter"][i])
        if area == 0:
            section.L, section.diam = _POINT_LENGTH, _POINT_DIAMETER
        else:
            section.L, section.diam = area / (np.pi * diameter), diameter
        section.cm = float(g["capacitance"][i])
        if parent >= 0 and g["coupling"][i] > 0:  # else it is a tree of its own
            section.connect(sections[parent](0.5), 0)
            # Half of the section is the way to the parent's middle.
            across = np.pi * section.diam**2 / 4
            section.Ra = 100 / float(g["coupling"][i]) * across / (section.L / 2)
        sections.append(section)
    places = [section(0.5) for section in sections]
    _insert(h, asked, places)
    return places


def _by_section(h: Any, asked: CableJob) -> list[Any]:
    """The sections as they were, all of the median resistivity: what is timed."""
    g = asked.geometry
    membrane = g["area"] > 0
    inner = (g["parent"] >= 0) & membrane & membrane[g["parent"]] & (g["coupling"] > 0)
    across = np.pi * g["diameter"][inner] ** 2 / 4
    step = g["area"][inner] / (np.pi * g["diameter"][inner])
    ways = 100 / g["coupling"][inner] * across / step
    resistivity = float(np.median(ways)) if len(ways) else 100.0
    places: list[Any] = [None] * len(g["parent"])
    sections: dict[int, Any] = {}
    for number in dict.fromkeys(g["section"].tolist()):
        own = np.flatnonzero((g["section"] == number) & membrane)
        if not len(own):
            continue
        section = h.Section(name=f"s{number}")
        lengths = g["area"][own] / (np.pi * g["diameter"][own])
        section.L, section.nseg, section.Ra = float(lengths.sum()), len(own), resistivity
        below, above = int(own[0]), int(g["parent"][own[0]])
        while above >= 0 and not membrane[above] and g["coupling"][below] > 0:
            below, above = above, int(g["parent"][above])
        if above >= 0 and g["coupling"][below] > 0:
            upper = int(g["section"][above])
            # At a soma's middle, at the end of anything else.
            section.connect(sections[upper](0.5 if upper == next(iter(sections)) else 1), 0)
        sections[number] = section
        for segment, i in zip(section, own, strict=True):
            segment.diam = float(g["area"][i]) * len(own) / (np.pi * section.L)
            segment.cm = float(g["capacitance"][i])
            places[i] = segment
    for j, place in enumerate(places):
        if place is None:
            places[j] = sections[int(g["section"][j])](1)
    _insert(h, asked, places)
    return places


def _insert(h: Any, asked: CableJob, places: Sequence[Any]) -> None:
    for mechanism in asked.inserted:
        for i in mechanism.where:
            places[i].sec.insert(mechanism.name)
        if hasattr(h, table := f"usetable_{mechanism.name}"):
            setattr(h, table, 0)  # as it is here
        for name, values in mechanism.values.items():
            for k, value in zip(mechanism.where, values, strict=True):
                setattr(places[k], f"{name}_{mechanism.name}", float(value))
        for name, value in mechanism.shared.items():
            setattr(h, f"{name}_{mechanism.name}", value)
    for name, values in asked.ions.items():
        ion = name[1:] if name.startswith("e") else name[:-1]
        if not name.startswith("e"):
            if hasattr(h, f"{name}0_{ion}_ion"):
                setattr(h, f"{name}0_{ion}_ion", float(values[0]))
            continue
        for place, value in zip(places, values, strict=True):
            if h.ismembrane(f"{ion}_ion", sec=place.sec):
                setattr(place, name, float(value))
