"""The Blue Brain contender, run: Blue Brain's own cells in the cable engine.

Cells, channels and synapses are those that an installed package brings (EModelRunner). The engine
does not run these synapses yet (they send events to themselves): their operations are counted in
their equations, as read, and they are no part of the runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from halfbrain.cells.detailed.biophysics import Library
from halfbrain.cells.detailed.installed import installed_cells, recipe
from halfbrain.contenders.blue_brain import CONTENDER
from halfbrain.contenders.measured import Measured, Progress, Run
from halfbrain.contenders.runs.measuring import Told, measured
from halfbrain.dynamics.instructions import FLOP, Kind, Program
from halfbrain.dynamics.mechanism import Mechanism
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.table import Call, Table
from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import MissingError
from halfbrain.metering.ceilings import Ceilings

SEED = 1
THREADS = 1
STEP = 0.025  # ms, NEURON's default
_PRECISION: Final = "float64"


@dataclass(frozen=True)
class Sample:
    """A cell, ``copies`` of it, for some ms under a current; and the synapses that it brings."""

    cell: str
    synapse: str | None = None
    plastic: str | None = None
    copies: int = 8  # the lanes of a vector
    milliseconds: float = 100.0

    @property
    def name(self) -> str:
        """Of the cell."""
        return self.cell


SAMPLES = (
    Sample("sscx-cADpyr_L4UPC", "ProbAMPANMDA_EMS"),
    Sample("synplas-cADpyr_L4TPC", "ProbAMPANMDA_EMS", "GluSynapse"),
)
_CURRENT = 0.3  # nA into the soma

# How many compartments a human neuron has is not to be found in these rats' cells: it stays a fact.
_NOTES: Mapping[str, str] = {
    "channels_per_compartment": "Channels, pumps and leaks, over the compartments (of 40 um).",
    "flop_per_channel": "Counted in the compiled step; an exponential and a division count one "
    "each. Reversal potentials that follow concentrations are counted with them.",
    "flop_solver": "Both ways through the tree.",
    "flop_per_synapse_step": "Of a stochastic AMPA and NMDA synapse, counted in its equations: "
    "four states, the NMDA block, the current.",
    "flop_per_event": "Of the same, with its release; counted in its equations.",
    "flop_per_plastic_step": "Of the calcium-based synapse (Chindemi et al. 2022), less those of "
    "the plain one; counted in their equations.",
    "bytes_per_compartment": "In memory, with the channels' states and parameters.",
    "bytes_per_synapse": "States and parameters of the synapse in double precision, without its "
    "place in the network.",
}


def measure(
    samples: Sequence[Sample] = SAMPLES,
    *,
    seed: int = SEED,
    ceilings: Ceilings | None = None,
    progress: Progress = lambda what, done: None,
) -> Measured:
    """Run the cells and take the cost terms from what was compiled for them.

    Parameters
    ----------
    samples
        what to run.
    seed
        that the figures are labelled with: nothing here is drawn.
    ceilings
        of this machine, with ``THREADS`` threads; None measures them.
    progress
        told what comes next.

    Raises
    ------
    MissingError
        if the package that brings a cell is not installed.
    RunError
        if there is nothing to run.
    """
    known = installed_cells()
    for sample in samples:
        if sample.cell not in known:
            raise MissingError(
                f"blue-brain needs the cell {sample.cell}; pip install 'halfbrain[cells]'"
            )

    def run(sample: Sample, ceilings: Ceilings, tell: Told) -> Run:
        return _run(sample)

    return measured(
        CONTENDER, samples, run, _NOTES, seed=seed, threads=THREADS, precision=_PRECISION,
        ceilings=ceilings, progress=progress,
    )  # fmt: skip


def _run(sample: Sample) -> Run:
    made = recipe(sample.cell)
    cells = [made.compartments()] * sample.copies
    simulation = CableSimulation(cells, STEP, dtype=_PRECISION, threads=THREADS)
    for copy in range(sample.copies):
        simulation.current_clamp(copy, 0, 0.0, sample.milliseconds, _CURRENT)
        simulation.detect(copy, 0)
    simulation.run(sample.milliseconds)
    units, steps = simulation.units, simulation.step
    figures = _of_cell(units) | _of_synapses(sample, made.library)
    solver, channels = (sum(map(of, units)) for of in (_in_solver, _in_channels))
    return Run(
        circuit=sample.cell.rpartition("_")[2],  # the cell's type
        neurons=sample.copies,
        synapses=0,
        bio_seconds=steps * STEP * 1e-3,
        steps=steps,
        spikes=len(simulation.spikes()[0]),
        events=0,
        plastic_events=0,
        flop=(solver + channels) * steps,
        bytes=2 * sum(map(_held, units)) * steps,
        wall_seconds=simulation.wall_seconds,
        figures={f"{CONTENDER.name}.{name}": value for name, value in figures.items()},
    )


def _held(unit: Unit) -> int:
    arrays = (*unit.nodes.values(), *(table.record for table in unit.tables))
    return sum(array.nbytes for array in arrays)


def _in_solver(unit: Unit) -> int:
    return sum(map(_flop, unit.solve))


def _in_channels(unit: Unit) -> int:
    return sum(map(_flop, unit.nernst)) + sum(map(_of_step, unit.tables))


def _of_cell(units: Sequence[Unit]) -> dict[str, float]:
    compartments = sum(unit.n * len(unit.cells) for unit in units)
    places = sum(table.count for unit in units for table in unit.tables)
    held = sum(_held(unit) for unit in units) / sum(unit.n * unit.width for unit in units)
    return {
        "channels_per_compartment": places / compartments,
        "flop_per_channel": sum(map(_in_channels, units)) / places,
        "flop_solver": sum(map(_in_solver, units)) / compartments,
        "bytes_per_compartment": held,
    }


def _of_synapses(sample: Sample, library: Library) -> dict[str, float]:
    if sample.synapse is None:
        return {}
    plain = library(sample.synapse)
    figures = {
        "flop_per_synapse_step": float(_in_step(plain)),
        "flop_per_event": float(_of_program(plain.receive)),
        "bytes_per_synapse": _bytes(plain),
    }
    if sample.plastic is not None:
        plastic = library(sample.plastic)
        figures["flop_per_plastic_step"] = float(_in_step(plastic) - _in_step(plain))
        figures["bytes_per_synapse"] = _bytes(plastic)
    return figures


def _bytes(mechanism: Mechanism) -> float:
    return 8.0 * len({*mechanism.rows, *mechanism.parameters})


def _in_step(mechanism: Mechanism) -> int:
    return _of_program(mechanism.current) + _of_program(mechanism.step(STEP))


def _of_program(program: Program | None) -> int:
    return 0 if program is None else sum(FLOP[k] * n for k, n in program.count().items())


def _of_step(table: Table) -> int:
    """FLOP of a mechanism in a step, at all its places."""
    return sum(_flop(table.calls.get(name)) for name in ("current", "step"))


def _flop(call: Call | None) -> int:
    operations: Counter[Kind] = Counter() if call is None else call.operations
    return sum(FLOP[kind] * n for kind, n in operations.items())
