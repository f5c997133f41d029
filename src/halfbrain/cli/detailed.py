"""Circuits of detailed cells: comparing and showing them, and what their commands share."""

from __future__ import annotations

import re
from pathlib import Path

from halfbrain.cli.app import console
from halfbrain.errors import RunError

_MOST_SECONDS = 10_000_000.0  # four months


def is_detailed(name: str) -> bool:
    """Whether a name is that of a circuit of detailed cells, or of a SONATA configuration."""
    from halfbrain.circuits.named.detailed import DETAILED

    return name in DETAILED or Path(name).suffix == ".json"


def bytes_of(size: str | None) -> float | None:
    """Bytes of a size such as 512MB or 1.5 GB.

    Raises
    ------
    RunError
        if it is none.
    """
    if size is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([kMGT]?)B\s*", size)
    if found is None:
        raise RunError(f"--synapse-memory {size[:20]!r}: give a size such as 512MB or 1.5GB")
    return float(found[1]) * 1000.0 ** ("", "k", "M", "G", "T").index(found[2])


def checked_seconds(seconds: float | None) -> float:
    """The biological time that is asked for; 1 s if none is.

    Raises
    ------
    RunError
        one line, if it is none.
    """
    until = 1.0 if seconds is None else seconds
    if not until > 0:
        raise RunError(f"--seconds {until:g}: must be above 0")
    if until > _MOST_SECONDS:
        raise RunError(f"--seconds {until:g}: must be at most {_MOST_SECONDS:,.0f}")
    return until


def show_detailed(name: str) -> None:
    """Print what a named circuit of detailed cells consists of, at its usual size."""
    import numpy as np

    from halfbrain.circuits.circuit import SpikeList
    from halfbrain.circuits.detailed.synapses import drawn_synapses, kind_of
    from halfbrain.circuits.named.detailed import detailed_circuit
    from halfbrain.report.table import plain_table

    circuit = detailed_circuit(name)
    drawn = drawn_synapses(circuit, 1)
    screen = console()
    screen.print(
        f"{circuit.name}: {circuit.neurons:,} neurons, {sum(map(len, drawn)):,} synapses "
        f"(seed 1), steps of {circuit.dt:g} ms",
        markup=False,
    )
    screen.print(circuit.source, markup=False, soft_wrap=True)
    table = plain_table("", "population", "neurons", "synapses each")
    kinds = []
    for population in circuit.populations:
        if isinstance(population.cells, SpikeList):
            continue
        onto = sum(len(some) for some in drawn if some.of.target == population.name)
        used = [population.cells[k] for k in np.unique(kind_of(population))]
        names = ", ".join(cell if isinstance(cell, str) else "made here" for cell in used)
        kinds.append(f"{population.name}: {names}")
        table.add_row(population.name, str(population.size), f"{onto / population.size:,.0f}")
    screen.print(table)
    for line in kinds:
        screen.print(line, markup=False, soft_wrap=True)
    table = plain_table("", "receptor", "mechanism", "synapses", "mean weight")
    for receptor in circuit.receptors:
        own = [some for some in drawn if some.of.receptor == receptor.name]
        count = sum(map(len, own))
        if count:
            weight = sum(float(some.weight.sum()) for some in own) / count
            table.add_row(receptor.name, receptor.mechanism.name, f"{count:,}", f"{weight:.3g}")
    screen.print(table)
