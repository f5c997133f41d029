"""What a circuit takes in memory, held against the machine's before anything is built."""

from __future__ import annotations

import os
from pathlib import Path

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Projection
from halfbrain.connectivity.rule import ByDistance, Explicit, FixedIn, fewest
from halfbrain.equations.equations import equations
from halfbrain.errors import CircuitError

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def check_memory(circuit: Circuit, parts: int, itemsize: int) -> None:
    """Refuse what this machine cannot hold: what is counted is the least that it takes.

    Raises
    ------
    CircuitError
        one line that names what takes most, and the bytes.
    """
    sizes = {p.name: p.size for p in circuit.populations}
    needs: dict[str, float] = {}
    for population in circuit.populations:
        if isinstance(population.model, Neuron):
            cell = population.model
            rows = sum(
                v.kind != "subexpression"
                for v in equations(cell.equations, cell.constants).variables.values()
            )
            each = itemsize * (rows + len(cell.receptors))
            needs[f"population {population.name!r} with {population.size:,} neurons"] = (
                each * population.size
            )
    for i, projection in enumerate(circuit.projections):
        synapses = fewest(projection.rule, sizes[projection.source], sizes[projection.target])
        rows = sizes[projection.source] * (8 * (parts + 1) + 16)
        name = f"projection {i + 1}, {projection.name}, with {synapses:,.0f} synapses"
        needs[name] = synapses * _each(projection, itemsize) + rows
    total, memory = sum(needs.values()), machine_memory()
    if memory is not None and total > memory:
        most = max(needs, key=lambda name: needs[name])
        raise CircuitError(
            f"circuit {circuit.name!r}: takes at least {_text(total)} ({total:,.0f} bytes) of "
            f"memory, and this machine has {_text(memory)}; most is for {most}"
        )


def machine_memory() -> float | None:
    """Bytes that this process may take: the machine's, or what its container leaves."""
    found = []
    if hasattr(os, "sysconf"):
        found.append(float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES"))
    for path in _LIMITS:
        try:
            found.append(float(Path(path).read_text("ascii")))
        except (OSError, ValueError):
            continue
    return min(found, default=None)


def _each(projection: Projection, itemsize: int) -> float:
    """Bytes of a synapse: its target, a weight of its own, and its target as it was listed."""
    listed = 8 if isinstance(projection.rule, FixedIn | ByDistance | Explicit) else 0
    if projection.plasticity is not None:
        return 2 + itemsize + listed
    return (2 if isinstance(projection.weight, str | int | float) else 4) + listed


def _text(size: float) -> str:
    for unit, scale in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}"
    return f"{size / 1e6:.3g} MB"
