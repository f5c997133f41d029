"""A circuit as NEST's nodes and connections."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Population, SpikeList
from halfbrain.compare import drawing, nest_rules
from halfbrain.compare.job import Job, SpikeTimes, in_order
from halfbrain.compare.nest_cells import NestCell
from halfbrain.compare.nest_models import nest_cell
from halfbrain.compare.random_sources import chance
from halfbrain.compare.spike_list import fired_once
from halfbrain.connectivity.value import drawn
from halfbrain.equations.dimensions import TIME, unit
from halfbrain.equations.equations import equations
from halfbrain.equations.steps import nearest_step
from halfbrain.errors import RunError


class NestNetwork:
    """Nodes and connections of a job; ``notes`` gathers what is not as the circuit says."""

    def __init__(self, nest: Any, job: Job) -> None:
        self.nest = nest
        self.job = job
        self.nodes: dict[str, Any] = {}
        self.recorders: dict[str, Any] = {}
        self.cells: dict[str, NestCell] = {}
        self.notes: list[str] = []
        self.made = (
            [drawing.connections(self.job, i) for i in range(len(self.job.circuit.projections))]
            if self.job.connectivity is not None
            else None
        )

    def build(self) -> None:
        """Make it in the kernel."""
        circuit = self.job.circuit
        for population in circuit.populations:
            if isinstance(population.model, SpikeList):
                self.nodes[population.name] = self._given(population.model, population)
            else:
                self.nodes[population.name] = self._neurons(population)
                self.recorders[population.name] = self.nest.Create("spike_recorder")
                self.nest.Connect(self.nodes[population.name], self.recorders[population.name])
        for index in range(len(circuit.projections)):
            self._connect(index)
        for drive in circuit.drives:
            place = f"drive of {drive.target}"
            rate = drawn(drive.rate, unit("hertz")[1], f"{place}, rate").a
            cell = self.cells[drive.target]
            weight = self._weight(drive.target, drive.receptor, drive.weight, place).a
            generator = self.nest.Create("poisson_generator", params={"rate": rate})
            synapse = {
                "weight": weight * cell.receptors[drive.receptor].factor,
                "delay": self.job.dt * 1e3,
            }
            self.nest.Connect(generator, self.nodes[drive.target], syn_spec=synapse)

    def spikes(self) -> SpikeTimes:
        """Spikes of each population, after the run."""
        out = {}
        for name, recorder in self.recorders.items():
            events = recorder.events
            steps = np.round(np.asarray(events["times"]) / (self.job.dt * 1e3)).astype(np.int64)
            first = int(self.nodes[name][0].global_id)
            neurons = np.asarray(events["senders"], np.int64) - first
            out[name] = in_order(steps - 1, neurons, self.job.dt)
        return out

    def _neurons(self, population: Population) -> Any:
        assert isinstance(population.model, Neuron)
        states = drawing.states(self.job, population)
        model = equations(population.model.equations, population.model.constants)
        if not model.of("differential"):
            return self._poisson(population, states)
        parameters = {v.name: states[v.name] for v in model.of("parameter") if v.name in states}
        cell = nest_cell(population.model, self.job.dt, parameters, self._signs(population.name))
        self.cells[population.name] = cell
        self.notes += cell.notes
        values = dict(cell.parameters) | self._tau_minus(population.name)
        for name, (nest_name, size) in cell.states.items():
            values[nest_name] = states.get(name, np.zeros(population.size)) * size
        nodes = self.nest.Create(cell.model, population.size, params=values)
        for name in (v.name for v in model.of("differential") if v.name not in cell.states):
            if name in states and states[name].any():
                self._begin(population.model, cell, name, states[name], nodes)
        return nodes

    def _begin(
        self, own: Neuron, cell: NestCell, state: str, values: NDArray[np.float64], nodes: Any
    ) -> None:
        """NEST's synapses begin at 0, so a spike of its own brings each to its first value.

        It works from the third step on; what would have decayed by then is taken off.
        """
        receptors = [name for name, variable in own.receptors.items() if variable == state]
        if not receptors or not cell.receptors[receptors[0]].tau:
            self.notes.append(f"NEST begins with {state} at 0")
            return
        receptor = cell.receptors[receptors[0]]
        weights = values * receptor.factor * np.exp(-2 * self.job.dt / receptor.tau)
        if receptor.reversal is not None and (values < 0).any():
            weights[values < 0] = 0
            self.notes.append(f"NEST begins with {state} at 0 where it would be below")
        self.notes.append(f"NEST begins with {state} at 0 and sets it after two steps")
        generator = self.nest.Create("spike_generator", params={"spike_times": [self.job.dt * 1e3]})
        delays = np.full(len(nodes), self.job.dt * 1e3)
        source = np.full(len(nodes), generator[0].global_id)
        synapse = {"synapse_model": "static_synapse", "weight": weights, "delay": delays}
        self.nest.Connect(source, np.asarray(nodes.tolist()), "one_to_one", synapse)

    def _poisson(self, population: Population, states: dict[str, Any]) -> Any:
        """Neurons that fire at random: a generator for each, and a parrot that passes it on."""
        cell = population.model
        assert isinstance(cell, Neuron)
        chances = chance("NEST", cell, self.job.dt, population.size, states)
        rates = {"rate": chances / self.job.dt}
        generators = self.nest.Create("poisson_generator", population.size, params=rates)
        return self._parrots(generators)

    def _given(self, spikes: SpikeList, population: Population) -> Any:
        """Given spikes; a plastic synapse cannot start at a device, so a parrot passes them on."""
        steps, neurons = fired_once(spikes, self.job.dt, self.job.steps)
        plastic = any(
            p.plasticity and p.source == population.name for p in self.job.circuit.projections
        )
        times = np.round((steps + (0 if plastic else 1)) * self.job.dt * 1e3, 9)
        order = np.argsort(neurons, kind="stable")
        ends = np.cumsum(np.bincount(neurons, minlength=population.size))[:-1]
        each = np.split(times[order], ends)
        if plastic and (steps == 0).any():
            self.notes.append(f"NEST leaves out the spikes of {population.name} in the first step")
            each = [own[own > 0] for own in each]
        params = [{"spike_times": own} for own in each]
        generators = self.nest.Create("spike_generator", population.size, params=params)
        return self._parrots(generators) if plastic else generators

    def _parrots(self, generators: Any) -> Any:
        parrots = self.nest.Create("parrot_neuron", len(generators))
        self.nest.Connect(generators, parrots, "one_to_one", syn_spec={"delay": self.job.dt * 1e3})
        return parrots

    def _connect(self, index: int) -> None:
        projection = self.job.circuit.projections[index]
        target = self.cells[projection.target]
        factor = target.receptors[projection.receptor].factor
        synapse = self._synapse(index, factor)
        step = self.job.dt * 1e3
        source, sink = self.nodes[projection.source], self.nodes[projection.target]
        place = f"projection {projection.name}"
        rule = nest_rules.conn_spec(projection.rule)
        devices = isinstance(self.job.circuit.population(projection.source).model, SpikeList)
        if self.made is None and rule is not None and not devices:
            delay = drawn(projection.delay, TIME, f"{place}, delay")
            weights = self._weight(projection.target, projection.receptor, projection.weight, place)
            shortest = step * (1 - target.later)
            if delay.constant and delay.a * 1e3 < shortest - step / 2:
                self._note_delays()
            delays = nest_rules.parameter(self.nest, delay, 1e3, shortest)
            values = {
                "weight": nest_rules.parameter(self.nest, weights, factor),
                "delay": None if delays is None else delays + target.later * step,
            }
            if all(value is not None for value in values.values()):
                self.nest.Connect(source, sink, rule, synapse | values)
                return
        made = self.made[index] if self.made is not None else drawing.connections(self.job, index)
        steps = nearest_step(made.delays, self.job.dt).astype(np.int64) + target.later
        if (steps < 1).any():
            self._note_delays()
        if len(made.sources):
            first = np.array([source[0].global_id, sink[0].global_id])
            values = {
                "weight": made.weights * factor,
                "delay": np.round(np.maximum(steps, 1) * step, 9),
            }
            each = {k: np.full(len(steps), v) for k, v in synapse.items() if k != "synapse_model"}
            self.nest.Connect(
                made.sources + first[0],
                made.targets + first[1],
                "one_to_one",
                {"synapse_model": synapse["synapse_model"]} | each | values,
            )

    def _synapse(self, index: int, factor: float) -> dict[str, Any]:
        rule = self.job.circuit.projections[index].plasticity
        if rule is None:
            return {"synapse_model": "static_synapse"}
        made = nest_rules.plastic(rule, factor)
        self.notes += made.notes
        name = f"plastic_{index}"
        self.nest.CopyModel(made.model, name, dict(made.common))
        return {"synapse_model": name} | dict(made.own)

    def _tau_minus(self, population: str) -> dict[str, float]:
        made = [
            nest_rules.plastic(p.plasticity, 1.0)
            for p in self.job.circuit.projections
            if p.target == population and p.plasticity
        ]
        taus = {synapse.tau_minus for synapse in made if synapse.tau_minus is not None}
        if len(taus) > 1:
            raise RunError(f"NEST: rules onto {population} have other time constants after spikes")
        return {"tau_minus": taus.pop()} if taus else {}

    def _weight(self, target: str, receptor: str, value: Any, place: str) -> Any:
        cell = self.job.circuit.population(target).model
        assert isinstance(cell, Neuron)
        variable = equations(cell.equations, cell.constants).variables[cell.receptors[receptor]]
        return drawn(value, variable.dimensions, f"{place}, weight")

    def _signs(self, population: str) -> dict[str, set[int]]:
        """The signs of the weights that each receptor gets."""
        out: dict[str, set[int]] = {}
        circuit = self.job.circuit
        for index, projection in enumerate(circuit.projections):
            if projection.target != population:
                continue
            own = out.setdefault(projection.receptor, set())
            if self.made is not None:
                own |= {int(sign) for sign in np.unique(np.sign(self.made[index].weights)) if sign}
            else:
                place = f"projection {projection.name}"
                own |= nest_rules.signs_of(
                    self._weight(population, projection.receptor, projection.weight, place)
                )
        for drive in circuit.drives:
            if drive.target == population:
                place = f"drive of {population}"
                value = self._weight(population, drive.receptor, drive.weight, place)
                out.setdefault(drive.receptor, set()).update(nest_rules.signs_of(value))
        return out

    def _note_delays(self) -> None:
        self.notes.append("NEST has no delay under one time step: shorter ones are one")
