"""BindsNET (Hazan et al. 2018, doi 10.3389/fninf.2018.00089), on PyTorch, in single precision.

It has leaky neurons whose inputs add to the voltage, with or without an adaptive threshold, and
dense weights without delays: Diehl and Cook's network, and others of that kind. What arrives is
added after the leak of a step in BindsNET, before it in halfbrain, so weights are smaller by that.
"""

from __future__ import annotations

import importlib
import resource
import time
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import PoissonDrive, Population, SpikeList
from halfbrain.compare import drawing
from halfbrain.compare.bindsnet_nodes import MILLI, Layer, Learning, layer, learning
from halfbrain.compare.installed import missing
from halfbrain.compare.job import Job, PeerResult, SpikeTimes, in_order, line_of, sizes_of
from halfbrain.compare.random_sources import chance
from halfbrain.compare.spike_list import fired_once
from halfbrain.connectivity.value import drawn
from halfbrain.equations.dimensions import unit
from halfbrain.equations.equations import equations
from halfbrain.errors import HalfbrainError, RunError


def available() -> str | None:
    """None, or why it cannot run here."""
    return missing("bindsnet")


def run(job: Job) -> PeerResult:
    """Run a job in this process; see :mod:`halfbrain.compare.runner` for one of its own.

    Raises
    ------
    RunError
        one line that names what BindsNET has nothing for.
    """
    if reason := available():
        raise RunError(reason)
    import torch

    importlib.import_module("bindsnet.network")  # before the clock starts

    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    started = time.perf_counter()
    try:
        network = _Network(torch, job)
        built = time.perf_counter()
        # Half a step more: BindsNET cuts off the quotient.
        network.model.run(inputs=network.inputs, time=(job.steps + 0.5) * job.dt * MILLI)
        ended = time.perf_counter()
    except HalfbrainError:
        raise
    except Exception as error:  # PyTorch raises many kinds
        raise RunError(f"BindsNET: {line_of(error)}") from None
    return PeerResult(
        name="bindsnet",
        version=version("bindsnet"),
        compiled=f"PyTorch {torch.__version__} on the CPU",
        precision="float32",
        seconds=job.steps * job.dt,
        sizes=sizes_of(job.circuit),
        spikes=network.spikes(),
        build_seconds=built - started,
        compile_seconds=0.0,
        wall_seconds=ended - built,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        notes=tuple(network.notes),
    )


class _Network:
    def __init__(self, torch: Any, job: Job) -> None:
        from bindsnet.network import Network, monitors, nodes, topology

        self.torch, self.nodes, self.topology = torch, nodes, topology
        self.job = job
        self.model = Network(dt=job.dt * MILLI, learning=True)
        self.inputs: dict[str, Any] = {}
        self.layers: dict[str, Layer] = {}
        self.given: dict[str, NDArray[np.bool_]] = {}
        self.notes: list[str] = []
        self.monitors: dict[str, Any] = {}
        self.learning = self._learning()
        self.made = [drawing.connections(job, i) for i in range(len(job.circuit.projections))]
        for population in job.circuit.populations:
            self._add(population)
        ends = dict.fromkeys((p.source, p.target) for p in job.circuit.projections)
        for source, target in ends:
            self._connect(source, target)
        for drive in job.circuit.drives:
            self._drive(drive)
        for name in self.layers:
            monitor = monitors.Monitor(self.model.layers[name], ["s"], time=job.steps)
            self.model.add_monitor(monitor, name)
            self.monitors[name] = monitor

    def spikes(self) -> SpikeTimes:
        """Spikes of each population, after the run."""
        rows = dict(self.given)
        for name, monitor in self.monitors.items():
            rows[name] = monitor.get("s").reshape(self.job.steps, -1).numpy()
        out = {}
        for name in sizes_of(self.job.circuit):
            steps, neurons = np.nonzero(rows[name])
            out[name] = in_order(steps.astype(np.int64), neurons.astype(np.int64), self.job.dt)
        return out

    def _learning(self) -> dict[int, Learning]:
        return {
            index: learning(projection.plasticity)
            for index, projection in enumerate(self.job.circuit.projections)
            if projection.plasticity
        }

    def _trace(self, population: str) -> dict[str, Any]:
        """What a layer needs to keep a trace of its spikes."""
        taus = set()
        for index, rule in self.learning.items():
            projection = self.job.circuit.projections[index]
            taus |= {rule.tau_pre} if projection.source == population else set()
            taus |= {rule.tau_post} if projection.target == population else set()
        if len(taus) > 1:
            raise RunError(f"BindsNET: rules want other traces of the spikes of {population}")
        return {"traces": True, "tc_trace": taus.pop()} if taus else {}

    def _add(self, population: Population) -> None:
        name, size, cell = population.name, population.size, population.model
        states = drawing.states(self.job, population)
        trace = self._trace(name)
        if isinstance(cell, SpikeList):
            rows = np.zeros((self.job.steps, size), bool)
            rows[fired_once(cell, self.job.dt, self.job.steps)] = True
            self._play(name, rows, trace)
            return
        assert isinstance(cell, Neuron)
        if not equations(cell.equations, cell.constants).of("differential"):
            chances = chance("BindsNET", cell, self.job.dt, size, states)
            rng = drawing.generator(self.job.seed, f"{name}/fires")
            rows = rng.random((self.job.steps, size)) < chances
            self.given[name] = rows
            self._play(name, rows, trace)
        else:
            self.layers[name] = made = layer(cell, self.job.dt, states)
            nodes = getattr(self.nodes, made.kind)(n=size, **made.arguments, **trace)
            self.model.add_layer(nodes, name)
            for state, attribute in ((made.voltage, "v"), ("theta", "theta")):
                if state in states and hasattr(nodes, attribute):
                    values = self.torch.tensor(states[state] * MILLI, dtype=self.torch.float32)
                    setattr(nodes, attribute, values[None] if attribute == "v" else values)

    def _play(self, name: str, rows: NDArray[np.bool_], trace: dict[str, Any]) -> None:
        self.model.add_layer(self.nodes.Input(n=rows.shape[1], **trace), name)
        self.inputs[name] = self.torch.from_numpy(rows)[:, None]

    def _connect(self, source: str, target: str) -> None:
        """One matrix of weights between two layers; projections side by side are summed in it."""
        size = [self.job.circuit.population(name).size for name in (source, target)]
        weights = np.zeros(size)
        projections = self.job.circuit.projections
        own = [i for i, p in enumerate(projections) if (p.source, p.target) == (source, target)]
        rules = [self.learning[i] for i in own if i in self.learning]
        kept = self.layers[target].kept * MILLI * (rules[0].gain if rules else 1.0)
        for index in own:
            made = self.made[index]
            place = f"BindsNET: projection {projections[index].name}"
            if (made.delays >= self.job.dt / 2).any():
                raise RunError(f"{place}: BindsNET has no delays")
            if rules and (len(own) > 1 or len(made.sources) != weights.size):
                raise RunError(f"{place}: a plastic projection is of all pairs, and alone")
            np.add.at(weights, (made.sources, made.targets), made.weights * kept)
        arguments: dict[str, Any] = {}
        for rule in rules:
            from bindsnet.learning import PostPre

            arguments = {
                "update_rule": PostPre,
                "nu": (rule.before * kept, rule.after * kept),
                "wmin": 0.0,
                "wmax": rule.largest * kept,
            }
            self.notes.append(
                "BindsNET learns before it delivers, and spikes of one step see each other's traces"
            )
        connection = self.topology.Connection(
            self.model.layers[source],
            self.model.layers[target],
            w=self.torch.tensor(weights, dtype=self.torch.float32),
            **arguments,
        )
        self.model.add_connection(connection, source, target)

    def _drive(self, drive: PoissonDrive) -> None:
        """Spikes from outside, drawn before the run; those of a step count in the next."""
        cell = self.job.circuit.population(drive.target).model
        size = self.job.circuit.population(drive.target).size
        assert isinstance(cell, Neuron)
        variable = cell.receptors[drive.receptor]
        place = f"drive of {drive.target}"
        rate = drawn(drive.rate, unit("hertz")[1], f"{place}, rate").a
        weight = drawn(drive.weight, cell.variable_dimensions(variable), f"{place}, weight").a
        rng = drawing.generator(self.job.seed, f"{place}/{drive.receptor}")
        counts = rng.poisson(rate * self.job.dt, (self.job.steps, size))
        counts = np.concatenate([np.zeros((1, size)), counts[:-1]])
        arriving = counts * weight * self.layers[drive.target].kept * MILLI
        tensor = self.torch.tensor(arriving, dtype=self.torch.float32)[:, None]
        before = self.inputs.get(drive.target)
        self.inputs[drive.target] = tensor if before is None else before + tensor
