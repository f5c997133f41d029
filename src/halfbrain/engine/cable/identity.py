"""What two simulations of detailed cells must have in common for one to go on as the other."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np

from halfbrain.cells.compartments import Compartments
from halfbrain.engine.cable import loop
from halfbrain.engine.cable.layout import Layout
from halfbrain.engine.cable.simulation import CableSimulation


def identity(simulation: CableSimulation) -> dict[str, Any]:
    """Settings, and hashes of cells and network, whatever units and threads there are."""
    distinct = {id(cell): cell for cell in simulation.cells}
    hashes = {number: _of_cell(cell) for number, cell in distinct.items()}
    cells = blake2b(b"".join(hashes[id(cell)] for cell in simulation.cells), digest_size=16)
    return {
        "dt": simulation.dt,
        "dtype": simulation.dtype,
        "method": simulation.method,
        "seed": simulation.seed,
        "cells": cells.hexdigest(),
        "network": _of_network(simulation),
        "records": [
            [x.cell, x.place, x.variable, x.mechanism, x.error] for x in simulation.records
        ],
    }


def _of_cell(cell: Compartments) -> bytes:
    hashed = blake2b(digest_size=16)
    for array in (cell.parent, cell.area, cell.coupling, cell.capacitance, cell.diameter):
        hashed.update(np.ascontiguousarray(array).tobytes())
    hashed.update(repr((cell.celsius, cell.v_init, sorted(cell.nernst))).encode())
    for name, value in sorted(cell.ions.items()):
        hashed.update(name.encode() + np.asarray(value, float).tobytes())
    for placed in cell.placed:
        mechanism = placed.mechanism
        hashed.update(repr((mechanism.name, mechanism.rows, mechanism.arguments)).encode())
        hashed.update(np.asarray(placed.where, np.int64).tobytes())
        if placed.streams is not None:
            hashed.update(np.asarray(placed.streams, np.int64).tobytes())
        given = {**mechanism.shared, **mechanism.parameters, **placed.parameters}
        for name, value in sorted(given.items()):
            hashed.update(name.encode() + np.asarray(value, float).tobytes())
    return hashed.digest()


def _of_network(simulation: CableSimulation) -> str:
    """Where spikes are detected and sent, and the connections."""
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
