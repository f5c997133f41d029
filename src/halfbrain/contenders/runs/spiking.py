"""The spiking contender, run: three circuits from integrate-and-fire to Hodgkin-Huxley."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.contenders.measured import Measured, Part, Progress, Run
from halfbrain.contenders.runs.measuring import Told, measured
from halfbrain.contenders.spiking import CONTENDER
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.packing import PLASTIC
from halfbrain.metering.ceilings import Peak
from halfbrain.program.cost import Cost

SEED = 1
# One core against its own peak. Small circuits on many cores would measure how these wait for one
# another, and what else the machine is doing; and where synapses lie would depend on the machine.
THREADS = 1


_CACHE = 0  # bytes: those that stay in a cache are counted with the others


@dataclass(frozen=True)
class Sample:
    """A named circuit to run: about so many neurons, for so long (seconds of life)."""

    name: str
    neurons: int
    seconds: float


SAMPLES = (
    Sample("microcircuit", 7717, 1.0),  # leaky integrate-and-fire, one current
    Sample("cobahh", 4000, 1.0),  # Hodgkin-Huxley, two conductances
    Sample("mbody", 2600, 1.0),  # Hodgkin-Huxley, and plastic synapses
)
# A third and three times as many neurons (a half and twice), the more the shorter.
OTHERS = (
    Sample("microcircuit", 2572, 1.0),
    Sample("microcircuit", 23_151, 0.4),
    Sample("cobahh", 2000, 1.0),
    Sample("cobahh", 8000, 0.5),
    Sample("mbody", 933, 1.0),
    Sample("mbody", 7600, 0.4),
)

_NOTES: Mapping[str, str] = {
    "flop_per_update": "Counted in the compiled step; an exponential, a division, a random number "
    "count one each.",
    "bytes_per_update": "State, parameters and arrivals, read and written in a step.",
    "flop_per_event": "The weight added. No circuit here has short-term plasticity, which costs "
    "more.",
    "bytes_per_event": "A synapse's target and weight.",
    "flop_per_plastic_event": "The operations at each spike of the source, and at each of the "
    "target's, over the spikes of the source. It is one rule, pairs of spikes; others cost more.",
    "bytes_per_plastic_event": "The weight written back.",
    "bytes_per_neuron": "As it lies in memory, with what has arrived.",
    "bytes_per_synapse": "As it lies in memory, with the places of rows; these weigh less where a "
    "neuron has more synapses.",
}


def measure(
    samples: Sequence[Sample] = SAMPLES,
    others: Sequence[Sample] = (),
    *,
    seed: int = SEED,
    peak: Peak | None = None,
    progress: Progress = lambda what, done: None,
) -> Measured:
    """Run the circuits and take the cost terms from the meter.

    Parameters
    ----------
    samples
        what to run.
    others
        the same at other sizes, run for their speed alone.
    seed
        of the connections, first states and drives.
    peak
        of this machine, with ``THREADS`` threads; None measures it.
    progress
        told what comes next.

    Raises
    ------
    CircuitError
        for a circuit that there is not, or a size that it cannot have.
    RunError
        if there is nothing to run.
    """
    # What the first steps compile or load is not the run's time.
    progress("compiling", 0.0)
    _simulation(Sample("cobahh", 64, 1.0), seed).run(1e-3)

    def run(sample: Sample, tell: Told) -> Run:
        simulation = _simulation(sample, seed)
        simulation.run(sample.seconds, lambda seconds: tell(seconds / sample.seconds))
        return run_of(simulation)

    return measured(
        CONTENDER, samples, others, run, _NOTES, seed=seed, threads=THREADS, precision="float32",
        peak=peak, progress=progress,
    )  # fmt: skip


def run_of(simulation: PointGroup) -> Run:
    """What a simulation has done so far, as figures of the cost model."""
    cost = {phase.name: phase.cost for phase in simulation.cost(_CACHE)}
    updates = simulation.neurons * simulation.step
    deliver, update, learn = cost["deliver"], cost["update"], cost.get("plasticity", Cost())
    events = deliver.events + learn.events
    total = sum(cost.values(), Cost())
    counts = [int(n) for n in simulation.events[:, :, 0].sum(axis=0)]
    read = [table.synapse_bytes * n for table, n in zip(simulation.tables, counts, strict=True)]
    plastic = [table.kind == PLASTIC for table in simulation.tables]
    read_plastic = sum(n for n, learns in zip(read, plastic, strict=True) if learns)
    held = simulation.memory()
    # Given spikes, which no neuron made, are not counted.
    fired = simulation.spikes.neurons
    alive = [neurons.population.name for neurons in simulation.neurons_of.values()]
    figures = {
        "flop_per_update": update.flop / updates,
        "bytes_per_update": (update.bytes + update.cached_bytes) / updates,
        "bytes_per_neuron": held["neurons"] / simulation.neurons,
    }
    if simulation.synapses:
        figures["bytes_per_synapse"] = held["synapses"] / simulation.synapses
    if events:
        # An event is one addition, in a plastic synapse too; the rule comes on top.
        figures["flop_per_event"] = (deliver.flop + learn.events) / events
        figures["bytes_per_event"] = sum(read) / events
    if learn.events:
        figures["flop_per_plastic_event"] = (learn.flop - learn.events) / learn.events
        figures["bytes_per_plastic_event"] = (learn.bytes - read_plastic) / learn.events
    name = simulation.circuit.name
    parts = [
        # A spike's rows are found, and then its events gone through; delays make rows short.
        Part(deliver.seconds, {f"spike in {name}": len(fired), "event": deliver.events}),
        Part(
            simulation.wall_seconds - deliver.seconds - learn.seconds,
            {f"update in {name}": updates},
        ),
    ]
    if learn.events:
        parts.append(Part(learn.seconds, {f"plastic event in {name}": learn.events}))
    return Run(
        circuit=name,
        neurons=simulation.neurons,
        synapses=simulation.synapses,
        bio_seconds=simulation.seconds,
        steps=simulation.step,
        spikes=sum(
            int(((fired >= own.start) & (fired < own.stop)).sum())
            for own in (simulation.populations[name] for name in alive)
        ),
        events=events,
        plastic_events=learn.events,
        flop=total.flop,
        bytes=total.bytes + total.cached_bytes,
        wall_seconds=simulation.wall_seconds,
        parts=tuple(parts),
        figures={f"{CONTENDER.name}.{name}": value for name, value in figures.items()},
    )


def _simulation(sample: Sample, seed: int) -> PointGroup:
    circuit = named_circuit(sample.name, neurons=sample.neurons, seconds=sample.seconds, seed=seed)
    return PointGroup(circuit, seed=seed, threads=THREADS)
