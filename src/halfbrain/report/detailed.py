"""A run of detailed cells as a document: that of any run, and what its cells consist of."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from halfbrain.engine.cable.group import CableGroup
from halfbrain.metering.ceilings import Ceilings
from halfbrain.program.cost import Cost
from halfbrain.report.run import peak_memory, phase_rows


def detailed_document(built: CableGroup, ceilings: Ceilings) -> dict[str, Any]:
    """What ``halfbrain run column --json`` prints; see docs/json.md."""
    simulation, circuit = built.simulation, built.circuit
    parts = built.cost()
    total = sum((phase.cost for phase in parts), Cost())
    lives = built.neurons * built.seconds
    spikes = built.spikes
    memory = built.memory()
    compartments = np.array([int((cell.area > 0).sum()) for cell in simulation.cells])
    return {
        "circuit": circuit.name,
        "source": circuit.source,
        "neurons": built.neurons,
        "compartments": int(compartments.sum()),
        "synapses": built.synapses,
        "synapses_from_outside": built.synapses_from_outside,
        "bio_seconds": built.seconds,
        "dt_seconds": simulation.dt * 1e-3,
        "build_seconds": built.build_seconds,
        "wall_seconds": built.wall_seconds,
        "real_time_factor": built.wall_seconds / built.seconds,
        "spikes": len(spikes.steps),
        "mean_rate_hz": len(spikes.steps) / lives,
        "population_rates_hz": spikes.rates(),
        "operations": dict(total.operations),
        "flop": total.flop,
        "bytes": total.bytes + total.cached_bytes,
        "events": total.events,
        "flop_per_neuron_bio_second": total.flop / lives,
        "machine_time_flop_per_neuron_bio_second": ceilings.flop_per_second[built.dtype]
        * built.wall_seconds
        / lives,
        "phases": phase_rows(parts, ceilings, built.dtype),
        "memory_bytes": memory,
        "memory_bytes_per_neuron": sum(memory.values()) / built.neurons,
        "peak_memory_bytes": peak_memory(),
        "threads": simulation.threads,
        "dtype": built.dtype,
        "seed": built.seed,
        "notes": list(circuit.notes),
        "machine": asdict(ceilings),
    }
