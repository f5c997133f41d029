"""A circuit of detailed cells on NEURON or CoreNEURON, in a process of its own.

Cells are built compartment by compartment (:mod:`halfbrain.compare.on_neuron`); random numbers are
those of the same Random123 streams. Given spikes come from a PatternStim, which both play.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from halfbrain.compare.cable_job import most_memory
from halfbrain.compare.network_job import NetworkJob, NetworkResult, Points
from halfbrain.compare.on_neuron import begin, build, enable_coreneuron

_STEPS_APART = 10.0  # ms between exchanges, at most


def run(asked: NetworkJob) -> NetworkResult:
    """Build and run a job in this process.

    Raises
    ------
    RunError
        if NEURON is not installed.
    """
    begun = time.perf_counter()
    h = begin(asked.library, asked.coreneuron, asked.cells[0].celsius, asked.dt)
    h.Random().Random123_globalindex(asked.seed)
    context = h.ParallelContext()
    cells = [build(h, asked.cells[kind], asked.by_section) for kind in asked.kind]
    held = _watched(h, context, asked, cells)
    for name, value in asked.shared.items():
        setattr(h, name, value)
    processes = [_points(h, points, cells) for points in asked.points]
    for source, group, place, delay, weight in zip(
        asked.sources, asked.groups, asked.places, asked.delays, asked.weights, strict=True
    ):
        connection = context.gid_connect(int(source), processes[group][place])
        connection.delay, connection.weight[0] = float(delay), float(weight)
        held.append(connection)
    if len(asked.given_times):
        pattern = h.PatternStim()
        pattern.fake_output = 1
        vectors = h.Vector(asked.given_times), h.Vector(asked.given_sources.astype(float))
        pattern.play(*vectors)
        held += [pattern, *vectors]
    times, sources = h.Vector(), h.Vector()
    context.spike_record(-1, times, sources)
    context.nthread(asked.threads)
    context.set_maxstep(_STEPS_APART)
    h.CVode().cache_efficient(1)
    for kind, cell in zip(asked.kind, cells, strict=True):
        for place in cell:
            place.v = asked.cells[kind].v_init
    if asked.coreneuron:
        enable_coreneuron()
    threads = asked.threads
    try:
        h.finitialize()
    except RuntimeError:  # it says on its own output which mechanism cannot do with threads
        if threads == 1:
            raise
        threads = 1
        context.nthread(threads)
        h.finitialize()
    built = time.perf_counter()
    context.psolve(asked.milliseconds)
    ended = time.perf_counter()
    who, at = np.array(sources).astype(np.int64), np.array(times)
    ours = who < len(cells)
    return NetworkResult(at[ours], who[ours], threads, built - begun, ended - built, most_memory())


def _watched(h: Any, context: Any, asked: NetworkJob, cells: Sequence[Any]) -> list[Any]:
    """Sources of spikes and currents; what must not be forgotten."""
    held: list[Any] = []
    for number, cell in enumerate(cells):
        at = cell[asked.somata[number]]
        connection = h.NetCon(at._ref_v, None, sec=at.sec)
        connection.threshold = float(asked.thresholds[number])
        context.set_gid2node(number, context.id())
        context.cell(number, connection)
        held.append(connection)
    for neuron, start, duration, amplitude in asked.clamps:
        clamp = h.IClamp(cells[neuron][asked.somata[neuron]])
        clamp.delay, clamp.dur, clamp.amp = start, duration, amplitude
        held.append(clamp)
    return held


def _points(h: Any, points: Points, cells: Sequence[Any]) -> list[Any]:
    make = getattr(h, points.name)
    made = [
        make(cells[n][k])
        for n, k in zip(points.neuron.tolist(), points.compartment.tolist(), strict=True)
    ]
    for name, values in points.values.items():
        for process, value in zip(made, values.tolist(), strict=True):
            setattr(process, name, value)
    if points.streams is not None and hasattr(made[0], "setRNG"):
        for process, stream in zip(made, points.streams.tolist(), strict=True):
            process.setRNG(*stream)
    return made
