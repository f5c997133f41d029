"""Nengo's reference simulator (Bekolay et al. 2014, doi 10.3389/fninf.2013.00048), in NumPy.

It has current-based integrate-and-fire neurons with exponential synapses. They fire and rest
within a step, and a synapse's current is held over a step, so spikes agree in number, not one by
one. It has no delays.
"""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Population, SpikeList
from halfbrain.compare import drawing
from halfbrain.compare.form import Form, form
from halfbrain.compare.installed import missing
from halfbrain.compare.job import Job, PeerResult, SpikeTimes, in_order, line_of, sizes_of
from halfbrain.compare.spike_list import fired_once
from halfbrain.errors import HalfbrainError, RunError


def available() -> str | None:
    """None, or why it cannot run here."""
    return missing("nengo")


def run(job: Job) -> PeerResult:
    """Run a job in this process; see :mod:`halfbrain.compare.runner` for one of its own.

    Raises
    ------
    RunError
        one line that names what Nengo has nothing for.
    """
    if reason := available():
        raise RunError(reason)
    import nengo

    started = time.perf_counter()
    try:
        network = _Network(nengo, job)
        simulator = nengo.Simulator(network.model, dt=job.dt, seed=job.seed, progress_bar=False)
        built = time.perf_counter()
        simulator.run_steps(job.steps, progress_bar=False)
        ended = time.perf_counter()
    except HalfbrainError:
        raise
    except Exception as error:  # Nengo raises many kinds
        raise RunError(f"Nengo: {line_of(error)}") from None
    return PeerResult(
        name="nengo",
        version=nengo.__version__,
        compiled=f"reference simulator on NumPy {np.__version__}",
        precision="float64",
        seconds=job.steps * job.dt,
        sizes=sizes_of(job.circuit),
        spikes=network.spikes(),
        build_seconds=built - started,
        compile_seconds=0.0,
        wall_seconds=ended - built,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        notes=("spikes and rest fall within a step; its threads are NumPy's",),
    )


class _Log:
    """Spikes as they come; Nengo's own probe would keep every zero between them."""

    def __init__(self, dt: float) -> None:
        self.dt = dt
        self.steps: list[NDArray[np.int64]] = []
        self.neurons: list[NDArray[np.int64]] = []

    def __call__(self, t: float, output: NDArray[np.float64]) -> None:
        fired = np.flatnonzero(output)
        if len(fired):
            # Nengo calls the end of the first step dt; here it is step 0.
            self.steps.append(np.full(len(fired), round(t / self.dt) - 1))
            self.neurons.append(fired)


class _Network:
    def __init__(self, nengo: Any, job: Job) -> None:
        if job.circuit.drives:
            raise RunError("Nengo: drives of random spikes are not taken over")
        self.nengo = nengo
        self.job = job
        self.forms: dict[str, Form] = {}
        self.ends: dict[str, Any] = {}
        self.logs: dict[str, _Log] = {}
        with nengo.Network(seed=job.seed) as self.model:
            for population in job.circuit.populations:
                if isinstance(population.model, SpikeList):
                    self.ends[population.name] = self._given(population.model, population.size)
                else:
                    self.ends[population.name] = self._neurons(population)
            for index in range(len(job.circuit.projections)):
                self._connect(index)

    def spikes(self) -> SpikeTimes:
        """Spikes of each population, after the run."""
        none = np.zeros(0, np.int64)
        return {
            name: in_order(
                np.concatenate([none, *log.steps]),
                np.concatenate([none, *log.neurons]),
                self.job.dt,
            )
            for name, log in self.logs.items()
        }

    def _neurons(self, population: Population) -> Any:
        cell = population.model
        assert isinstance(cell, Neuron)
        states = drawing.states(self.job, population)
        at = form("Nengo", cell, self.job.dt, states)
        at.check_resets_voltage_only()
        at.check_held()
        if at.voltage in cell.receptors.values() or cell.deaf:
            raise at.refuse("its spikes add to the voltage, and Nengo's to a current")
        leak, rest = at.leak(*at.inputs())
        reset, size = self._scale(at)
        for name in at.inputs():
            if name in states and states[name].any():
                raise RunError(f"Nengo: {name} of {population.name} cannot begin but at 0")
        voltage = states.get(at.voltage, np.zeros(population.size))
        neurons = self.nengo.Ensemble(
            population.size,
            1,
            gain=np.ones(population.size),
            bias=np.broadcast_to((rest - reset) / size, population.size).copy(),
            neuron_type=self.nengo.LIF(
                tau_rc=1 / leak,
                tau_ref=max(0, at.rest_steps - 1) * self.job.dt,
                min_voltage=-np.inf,
                initial_state={"voltage": (voltage - reset) / size},
            ),
        ).neurons
        log = self.nengo.Node(log_ := _Log(self.job.dt), size_in=population.size)
        self.nengo.Connection(neurons, log, synapse=None)
        self.logs[population.name] = log_
        self.forms[population.name] = at
        return neurons

    def _scale(self, at: Form) -> tuple[float, float]:
        """The reset, and how far the threshold is from it, which is 1 in Nengo."""
        if at.voltage not in at.reset:
            raise at.refuse("its voltage is not reset")
        reset = at.fixed(at.reset[at.voltage], "reset")
        return reset, at.fixed(at.threshold, "threshold") - reset

    def _given(self, spikes: SpikeList, size: int) -> Any:
        steps, neurons = fired_once(spikes, self.job.dt, self.job.steps)
        dt = self.job.dt

        def output(t: float) -> NDArray[np.float64]:
            now = round(t / dt) - 1
            out = np.zeros(size)
            first, last = np.searchsorted(steps, [now, now + 1])
            out[neurons[first:last]] = 1 / dt
            return out

        return self.nengo.Node(output, size_out=size)

    def _connect(self, index: int) -> None:
        from scipy.sparse import coo_matrix

        projection = self.job.circuit.projections[index]
        place = f"Nengo: projection {projection.name}"
        if projection.plasticity:
            raise RunError(f"{place}: its plasticity {projection.plasticity.name!r} is not there")
        made = drawing.connections(self.job, index)
        if (made.delays >= self.job.dt / 2).any():
            raise RunError(f"{place}: Nengo has no delays")
        at = self.forms[projection.target]
        variable = at.cell.receptors[projection.receptor]
        tau, feed, _ = at.decay(variable)
        if feed is not None or variable not in at.inputs():
            raise at.refuse(f"receptor {projection.receptor!r} is no exponential current")
        leak, _ = at.leak(*at.inputs())
        _, size = self._scale(at)
        gain = at.fixed(at.slope(variable), f"share of {variable}") / leak / size
        # A spike is 1/dt for a step, of which the filter takes in 1 - exp(-dt/tau).
        gain *= self.job.dt / -np.expm1(-self.job.dt / tau)
        shape = (
            self.job.circuit.population(projection.target).size,
            self.job.circuit.population(projection.source).size,
        )
        weights = coo_matrix((made.weights * gain, (made.targets, made.sources)), shape)
        weights.sum_duplicates()
        if not weights.nnz:
            return
        self.nengo.Connection(
            self.ends[projection.source],
            self.ends[projection.target],
            transform=self.nengo.Sparse(shape, init=weights),
            synapse=self.nengo.Lowpass(tau),
        )
