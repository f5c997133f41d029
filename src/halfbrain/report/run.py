"""A run as a document and as a table: what the circuit did, what it cost, how near the roofline."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from halfbrain.engine.point.session import Session
from halfbrain.metering.ceilings import Ceilings
from halfbrain.program.cost import Cost, Phase
from halfbrain.report.numbers import short
from halfbrain.report.table import FiguresTable


def run_document(session: Session, ceilings: Ceilings) -> dict[str, Any]:
    """What ``halfbrain run --json`` prints; see docs/json.md."""
    simulation = session.simulation
    parts = simulation.cost(ceilings.cache_bytes)
    total = sum((phase.cost for phase in parts), Cost())
    lives = simulation.neurons * simulation.seconds
    peak = ceilings.flop_per_second[simulation.dtype]
    spikes = int(session.counts.sum())
    return {
        "circuit": simulation.circuit.name,
        "source": simulation.circuit.source,
        "neurons": simulation.neurons,
        "synapses": simulation.synapses,
        "bio_seconds": simulation.seconds,
        "dt_seconds": simulation.dt,
        "build_seconds": simulation.build_seconds,
        "wall_seconds": simulation.wall_seconds,
        "real_time_factor": simulation.wall_seconds / simulation.seconds,
        "spikes": spikes,
        "mean_rate_hz": spikes / len(session.counts) / simulation.seconds,
        "population_rates_hz": session.rates,
        "operations": dict(total.operations),
        "flop": total.flop,
        "bytes": total.bytes + total.cached_bytes,
        "events": total.events,
        "flop_per_neuron_bio_second": total.flop / lives,
        "machine_time_flop_per_neuron_bio_second": peak * simulation.wall_seconds / lives,
        "phases": phase_rows(parts, ceilings, simulation.dtype),
        "memory_bytes": simulation.memory(),
        "peak_memory_bytes": peak_memory(),
        "threads": simulation.threads,
        "dtype": simulation.dtype,
        "seed": simulation.seed,
        "machine": asdict(ceilings),
    }


def print_run(console: Console, document: dict[str, Any], out: Path | None) -> None:
    """The same in 80 columns."""
    d = document
    console.print(
        f"{d['circuit']}: {d['neurons']:,} neurons, {d['synapses']:,} synapses, "
        f"{d['bio_seconds']:g} s of biological time"
    )
    if "compartments" in d:
        console.print(
            f"{d['compartments']:,} compartments; {d['synapses_from_outside']:,} of the synapses "
            f"driven from outside; {short(d['memory_bytes_per_neuron'])} bytes a neuron"
        )
    console.print(
        f"built in {d['build_seconds']:.2f} s, run in {d['wall_seconds']:.2f} s on "
        f"{d['threads']} threads in {d['dtype']}: real-time factor {d['real_time_factor']:.3g}, "
        f"{d['peak_memory_bytes'] / 1e9:.2f} GB"
    )
    console.print(f"{d['spikes']:,} spikes, {short(d['events'])} synaptic events\n")
    rates = FiguresTable(box=None, pad_edge=False)
    rates.add_column("population")
    rates.add_column("rate, Hz", justify="right")
    for name, rate in d["population_rates_hz"].items():
        rates.add_row(name, f"{rate:.3f}")
    console.print(rates)
    table = FiguresTable(box=None, pad_edge=False)
    table.add_column("\nphase")
    for name in ("\ns", "\nFLOP", "\nbytes", "\nevents", "of the\nroofline"):
        table.add_column(name, justify="right")
    for phase in d["phases"]:
        idle = phase["name"] == "wait"
        table.add_row(
            phase["name"],
            f"{phase['wall_seconds']:.3f}",
            *("" if idle else short(phase[key]) for key in ("flop", "bytes", "events")),
            "" if idle else f"{phase['roofline_fraction']:.0%}",
        )
    console.print()
    console.print(table)
    console.print(
        f"\n{short(d['flop_per_neuron_bio_second'])} FLOP for each neuron and second of life, "
        f"counted;\n{short(d['machine_time_flop_per_neuron_bio_second'])} by this machine's peak "
        f"times the wall time."
    )
    if out is not None:
        console.print(f"\nRecorded in {out}; halfbrain plot {out} draws it.", soft_wrap=True)


def phase_rows(parts: Sequence[Phase], ceilings: Ceilings, dtype: str) -> list[dict[str, Any]]:
    """The phases as the document has them."""
    return [
        {
            "name": phase.name,
            "wall_seconds": phase.cost.seconds,
            "flop": phase.cost.flop,
            "bytes": phase.cost.bytes + phase.cost.cached_bytes,
            "events": phase.cost.events,
            "roofline_fraction": phase.cost.roofline_fraction(ceilings, dtype),
        }
        for phase in parts
    ]


def peak_memory() -> int:
    """The most bytes that this process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
