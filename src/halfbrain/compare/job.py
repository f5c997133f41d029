"""What a peer is asked to run, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.check import step_of
from halfbrain.circuits.circuit import Circuit
from halfbrain.equations.steps import nearest_step

Precision = Literal["float32", "float64"]
SpikeTimes = Mapping[str, tuple[NDArray[np.float64], NDArray[np.int64]]]


@dataclass(frozen=True, eq=False)
class Connections:
    """The synapses of one projection, a place for each.

    Neurons are numbered from 0 within their population; weights are in the SI unit of the
    receptor's variable, delays in seconds.
    """

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64]
    delays: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Job:
    """A circuit to run for ``seconds`` of biological time.

    ``connectivity`` has the synapses of each projection, in order; None lets the peer draw its own
    by the same rules. ``states`` gives first states and parameters by population and variable, in
    SI units, each of the population's size; what is left out is drawn from the population's values.
    ``folder`` is for the peer's own files. A peer that has one precision only runs in that.
    """

    circuit: Circuit
    seconds: float
    folder: Path
    connectivity: tuple[Connections, ...] | None = None
    states: Mapping[str, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)
    threads: int = 1
    dtype: Precision = "float64"
    seed: int = 0

    @property
    def dt(self) -> float:
        """The time step, seconds."""
        return step_of(self.circuit)

    @property
    def steps(self) -> int:
        """Time steps in all."""
        return int(nearest_step(self.seconds, self.dt))


@dataclass(frozen=True, eq=False)
class PeerResult:
    """What came of it.

    ``spikes`` gives for each population the times (seconds; a spike of step n is at n ``dt``) and
    the neurons, numbered from 0. ``wall_seconds`` is the run alone; ``build_seconds`` making the
    network, ``compile_seconds`` making code for it. ``peak_bytes`` is the most memory that the
    process held that ran the network. ``compiled`` says how the simulator was, ``notes`` what is
    not as the circuit says.
    """

    name: str
    version: str
    compiled: str
    precision: Precision
    seconds: float
    sizes: Mapping[str, int]
    spikes: SpikeTimes
    build_seconds: float
    compile_seconds: float
    wall_seconds: float
    peak_bytes: int
    notes: tuple[str, ...] = ()

    def rates(self) -> dict[str, float]:
        """Mean rate of each population, hertz."""
        return {
            name: len(self.spikes[name][0]) / size / self.seconds
            for name, size in self.sizes.items()
        }


def sizes_of(circuit: Circuit) -> dict[str, int]:
    """Neurons of each population that spikes are recorded from."""
    return {p.name: p.size for p in circuit.populations if isinstance(p.model, Neuron)}


def in_order(
    steps: NDArray[np.int64], neurons: NDArray[np.int64], dt: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times in seconds and neurons, by step and then by neuron."""
    order = np.lexsort((neurons, steps))
    return (steps[order] * dt).astype(np.float64), neurons[order].astype(np.int64)


def line_of(error: BaseException) -> str:
    """What another program's error says, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}".rstrip(": ")
