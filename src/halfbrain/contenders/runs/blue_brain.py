"""The Blue Brain contender, run: Blue Brain's own cells, and a column of cells and synapses.

Cells, channels and synapses are those that an installed package brings (EModelRunner; BMTK's cells
stand in the column beside). What a compartment takes is counted in the cells, what a synapse and an
event take in the column, without plasticity and with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.circuits.named.column import column
from halfbrain.contenders.blue_brain import CONTENDER
from halfbrain.contenders.measured import Measured, Part, Progress, Run
from halfbrain.contenders.runs.measuring import Told, measured
from halfbrain.engine.cable.call import Call
from halfbrain.engine.cable.cost import cable_memory, cable_phases
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.table import Table
from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import MissingError
from halfbrain.metering.ceilings import Peak
from halfbrain.program.cost import Cost
from halfbrain.program.operations import FLOP, Kind

SEED = 1
THREADS = 1
STEP = 0.025  # ms, NEURON's default
_PRECISION: Final = "float64"


@dataclass(frozen=True)
class Sample:
    """A cell, ``copies`` of it, for some ms under a current."""

    cell: str
    copies: int = 8  # the lanes of a vector
    milliseconds: float = 100.0

    @property
    def name(self) -> str:
        """Of the cell."""
        return self.cell


@dataclass(frozen=True)
class ColumnSample:
    """A column, for some ms: see :func:`halfbrain.circuits.named.column.column`."""

    plasticity: bool
    neurons: int = 20
    milliseconds: float = 50.0
    synapses: float = 1.0

    @property
    def name(self) -> str:
        """With plasticity or without."""
        return "plastic column" if self.plasticity else "column"


Samples = Sequence[Sample | ColumnSample]
SAMPLES: Samples = (
    Sample("sscx-cADpyr_L4UPC"),
    Sample("synplas-cADpyr_L4TPC"),
    ColumnSample(plasticity=False),
    ColumnSample(plasticity=True),
)
# More cells, for less time; of columns also one with a quarter of the synapses, each as much more
# active, which tells compartments and synapses apart.
OTHERS: Samples = (
    Sample("sscx-cADpyr_L4UPC", 32, 50.0),
    Sample("sscx-cADpyr_L4UPC", 128, 12.5),
    Sample("synplas-cADpyr_L4TPC", 32, 50.0),
    Sample("synplas-cADpyr_L4TPC", 128, 12.5),
    ColumnSample(plasticity=False, synapses=0.25),
    ColumnSample(plasticity=False, neurons=60, milliseconds=25.0),
    ColumnSample(plasticity=True, synapses=0.25),
    ColumnSample(plasticity=True, neurons=60, milliseconds=25.0),
)
_PLAIN, _PLASTIC = "ProbAMPANMDA_EMS", "GluSynapse"
_CURRENT = 0.3  # nA into the soma

# How many compartments a human neuron has is not to be found in these rats' cells: it stays a fact.
_NOTES: Mapping[str, str] = {
    "channels_per_compartment": "Channels, pumps and leaks, over the compartments (of 40 um).",
    "flop_per_channel": "Counted in the compiled step; an exponential and a division count one "
    "each. Reversal potentials that follow concentrations are counted with them.",
    "flop_solver": "Both ways through the tree.",
    "flop_per_synapse_step": "Of a stochastic AMPA and NMDA synapse of the column, counted in the "
    "compiled step: four states, the NMDA block, the current.",
    "flop_per_event": "A mean over the column's events, with releases and recoveries; and with "
    "plasticity those that synapses send themselves.",
    "flop_per_plastic_step": "Of the calcium-based synapse (Chindemi et al. 2022), less those of "
    "the plain one, counted in the compiled steps; without what it watches.",
    "bytes_per_compartment": "In memory, with the channels' states; eight cells of one shape, "
    "which share their parameters.",
    "bytes_per_synapse": "In memory: states and parameters of the column's excitatory synapses, "
    "without their place in the network.",
}


def measure(
    samples: Samples = SAMPLES,
    others: Samples = (),
    *,
    seed: int = SEED,
    peak: Peak | None = None,
    progress: Progress = lambda what, done: None,
) -> Measured:
    """Run the cells and take the cost terms from what was compiled for them.

    Parameters
    ----------
    samples
        what to run.
    others
        the same at other sizes, run for their speed alone.
    seed
        of the columns' synapses and of the spikes from outside.
    peak
        of this machine, with ``THREADS`` threads; None measures it.
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
    for sample in (*samples, *others):
        if isinstance(sample, Sample) and sample.cell not in known:
            raise MissingError(
                f"blue-brain needs the cell {sample.cell}; pip install 'halfbrain[cells]'"
            )

    def run(sample: Sample | ColumnSample, tell: Told) -> Run:
        return _run(sample) if isinstance(sample, Sample) else _run_column(sample, seed)

    return measured(
        CONTENDER, samples, others, run, _NOTES, seed=seed, threads=THREADS, precision=_PRECISION,
        peak=peak, progress=progress,
    )  # fmt: skip


def _run(sample: Sample) -> Run:
    cells = [detailed_cell(sample.cell)] * sample.copies
    simulation = CableSimulation(cells, STEP, dtype=_PRECISION, threads=THREADS)
    for copy in range(sample.copies):
        simulation.current_clamp(copy, 0, 0.0, sample.milliseconds, _CURRENT)
        simulation.detect(copy, 0)
    simulation.run(sample.milliseconds)
    units, steps = simulation.units, simulation.step
    held = sum(cable_memory(simulation).values())
    figures = _of_cell(units, held)
    solver, channels = (sum(map(of, units)) for of in (_in_solver, _in_channels))
    circuit = sample.cell.rpartition("_")[2]  # the cell's type
    work = {f"compartment-step in {circuit}": _compartments(units) * steps}
    return Run(
        circuit=circuit,
        neurons=sample.copies,
        synapses=0,
        bio_seconds=steps * STEP * 1e-3,
        steps=steps,
        spikes=len(simulation.spikes()[0]),
        events=0,
        plastic_events=0,
        flop=(solver + channels) * steps,
        bytes=2 * held * steps,
        wall_seconds=simulation.wall_seconds,
        parts=(Part(simulation.wall_seconds, work),),
        figures={f"{CONTENDER.name}.{name}": value for name, value in figures.items()},
    )


def _compartments(units: Sequence[Unit]) -> int:
    return sum(unit.n * len(unit.cells) for unit in units)


def _in_solver(unit: Unit) -> int:
    return sum(map(_flop, unit.solve))


def _in_channels(unit: Unit) -> int:
    return sum(map(_flop, unit.nernst)) + sum(map(_of_step, unit.tables))


def _of_cell(units: Sequence[Unit], held: int) -> dict[str, float]:
    compartments = _compartments(units)
    places = sum(table.count for unit in units for table in unit.tables)
    return {
        "channels_per_compartment": places / compartments,
        "flop_per_channel": sum(map(_in_channels, units)) / places,
        "flop_solver": sum(map(_in_solver, units)) / compartments,
        "bytes_per_compartment": held / sum(unit.n * unit.width for unit in units),
    }


def _run_column(sample: ColumnSample, seed: int) -> Run:
    circuit = column(sample.neurons, plasticity=sample.plasticity, synapses=sample.synapses)
    built = CableGroup(circuit, seed=seed, dtype=_PRECISION, threads=THREADS)
    built.run(sample.milliseconds * 1e-3)
    simulation = built.simulation
    cost = {phase.name: phase.cost for phase in cable_phases(simulation)}
    total, deliver = sum(cost.values(), Cost()), cost["deliver"]
    tables = [table for unit in simulation.units for table in unit.tables]
    flop = {name: _each(tables, name, _of_step) for name in (_PLAIN, _PLASTIC)}
    held = {name: _each(tables, name, lambda t: t.record.nbytes) for name in (_PLAIN, _PLASTIC)}
    received = simulation.received()
    events = sum(times for _, times in received)
    figures = {
        "flop_per_synapse_step": flop[_PLAIN],
        "flop_per_event": sum(Cost(c).flop * n for c, n in received) / max(events, 1),
        "bytes_per_synapse": held[_PLASTIC if sample.plasticity else _PLAIN],
    }
    steps, learning = simulation.step, _count(tables, _PLASTIC)
    work = {
        "compartment-step in a column": _compartments(simulation.units) * steps,
        "synapse-step": (built.synapses - learning) * steps,
    }
    if sample.plasticity:
        work["plastic synapse-step"] = learning * steps
        figures["flop_per_plastic_step"] = flop[_PLASTIC] - flop[_PLAIN]
    return Run(
        circuit=sample.name,
        neurons=built.neurons,
        synapses=built.synapses,
        bio_seconds=built.seconds,
        steps=steps,
        spikes=len(simulation.spikes()[0]),
        events=events,
        plastic_events=0,
        flop=total.flop,
        bytes=total.bytes + total.cached_bytes,
        wall_seconds=simulation.wall_seconds,
        parts=(
            Part(deliver.seconds, {f"event in a {sample.name}": events}),
            Part(total.seconds - deliver.seconds, work),
        ),
        figures={f"{CONTENDER.name}.{name}": value for name, value in figures.items()},
    )


def _count(tables: Sequence[Table], name: str) -> int:
    return sum(table.count for table in tables if table.mechanism.name == name)


def _each(tables: Sequence[Table], name: str, of: Callable[[Table], int]) -> float:
    """A quantity of a mechanism's tables, for each of its places."""
    own = [table for table in tables if table.mechanism.name == name]
    return sum(map(of, own)) / max(_count(own, name), 1)


def _of_step(table: Table) -> int:
    """FLOP of a mechanism in a step, at all its places."""
    return sum(_flop(table.calls.get(name)) for name in ("current", "step"))


def _flop(call: Call | None) -> int:
    operations: Counter[Kind] = Counter() if call is None else call.operations
    return sum(FLOP[kind] * n for kind, n in operations.items())
