"""What two simulations of detailed cells must have in common for one to go on as the other."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from halfbrain.engine.cable import loop
from halfbrain.engine.cable.layout import Layout
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.fingerprint import WHO, fingerprint
from halfbrain.morphology.compartments import Compartments
from halfbrain.program.mechanism import Mechanism
from halfbrain.version import VERSION

_known = WeakKeyDictionary[CableSimulation, str]()  # of cells, which stay as they were built


def identity(simulation: CableSimulation) -> dict[str, Any]:
    """Settings, and hashes of cells and network, whatever units and threads there are."""
    if simulation not in _known:
        _known[simulation] = _of_cells(simulation)
    return {
        WHO: VERSION,
        "dt": simulation.dt,
        "dtype": simulation.dtype,
        "method": simulation.method,
        "seed": simulation.seed,
        "cells": _known[simulation],
        "network": _of_network(simulation),
        "records": [
            [x.cell, x.place, x.variable, x.mechanism, x.error] for x in simulation.records
        ],
    }


def _of_cells(simulation: CableSimulation) -> str:
    placed = {id(p.mechanism): p.mechanism for c in simulation.cells for p in c.placed}
    programs = {k: _of_mechanism(m, simulation.dt) for k, m in placed.items()}
    distinct = {id(cell): cell for cell in simulation.cells}
    hashes = {k: _of_cell(cell, programs) for k, cell in distinct.items()}
    whole = blake2b(b"".join(hashes[id(cell)] for cell in simulation.cells), digest_size=16)
    return whole.hexdigest()


def _of_mechanism(mechanism: Mechanism, dt: float) -> bytes:
    return fingerprint((mechanism, mechanism.step(dt))).encode()


def _of_cell(cell: Compartments, programs: Mapping[int, bytes]) -> bytes:
    hashed = blake2b(digest_size=16)
    for array in (cell.parent, cell.area, cell.coupling, cell.capacitance, cell.diameter):
        hashed.update(np.ascontiguousarray(array).tobytes())
    hashed.update(repr((cell.celsius, cell.v_init, sorted(cell.nernst))).encode())
    for name, value in sorted(cell.ions.items()):
        hashed.update(name.encode() + np.asarray(value, float).tobytes())
    for placed in cell.placed:
        mechanism = placed.mechanism
        hashed.update(programs[id(mechanism)])
        hashed.update(np.asarray(placed.where, np.int64).tobytes())
        for name, joined in sorted(placed.joined.items()):
            hashed.update(f"{name} {joined.variable} {joined.mechanism}".encode())
            hashed.update(np.asarray(joined.at, np.int64).tobytes())
        if placed.streams is not None:
            hashed.update(np.asarray(placed.streams, np.int64).tobytes())
        given = {**mechanism.shared, **mechanism.parameters, **placed.parameters}
        for name, value in sorted(given.items()):
            hashed.update(name.encode() + np.asarray(value, float).tobytes())
    return hashed.digest()


def _of_network(simulation: CableSimulation) -> str:
    """Where spikes are detected and sent, the connections, and what cells read of each other."""
    layout = Layout(simulation.cells, simulation._running)
    order = np.argsort(np.concatenate(layout.connections))
    wiring = [running.inbox.wiring for running in simulation._running]
    hashed = blake2b(digest_size=16)
    for array in (
        np.concatenate(layout.reached),
        *(np.concatenate(some) for some in zip(*wiring, strict=True)),
        np.concatenate([r.inbox.held[:, loop.SOURCE] for r in simulation._running]),
    ):
        hashed.update(array[order].tobytes())
    for transfer in simulation.transfers:
        hashed.update(
            f"{transfer.pointer} {transfer.variable}".encode() + transfer.rows().tobytes()
        )
    found = []
    for running in simulation._running:
        elements = np.array(running.detectors, np.int64) - running.unit.nodes["v"].ctypes.data
        elements //= running.unit.nodes["v"].itemsize
        of = layout.numbering.compartments(running.unit)
        number = dict(zip(of.elements.tolist(), of.numbers.tolist(), strict=True))
        compartments = [number[element] for element in elements.tolist()]
        found += list(zip(running.numbers, compartments, running.thresholds, strict=True))
    hashed.update(repr(sorted(found)).encode())
    return hashed.hexdigest()
