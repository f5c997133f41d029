"""A circuit as Brian2's objects.

Populations of one cell become one group, and their projections one set of synapses where they
differ in numbers only: each object is code that Brian2 compiles and a loop that it runs each step,
and its users write networks so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.circuits.circuit import PoissonDrive, Population, SpikeList
from halfbrain.compare import brian2_text, drawing
from halfbrain.compare.job import Connections, Job, SpikeTimes, in_order
from halfbrain.compare.spike_list import fired_once
from halfbrain.connectivity.value import drawn
from halfbrain.equations.dimensions import NONE, Dimensions, unit
from halfbrain.equations.equations import Equations, equations
from halfbrain.equations.expression import Typed
from halfbrain.equations.steps import nearest_step
from halfbrain.program.point import rest_of


@dataclass
class _Group:
    """Populations side by side in one Brian2 group."""

    cell: Neuron | SpikeList
    model: Equations | None
    members: list[Population]
    brian: Any = None
    monitor: Any = None

    def start(self, population: str) -> int:
        """The number of its first neuron within the group."""
        sizes = {member.name: member.size for member in self.members}
        names = list(sizes)
        return sum(sizes[name] for name in names[: names.index(population)])


@dataclass
class _Bundle:
    """Projections that differ in numbers only; ``delay`` is in steps, None if it varies."""

    source: _Group
    target: _Group
    variable: str
    rule: Plasticity | None
    delay: int | None
    parts: list[Connections]


class Brian2Network:
    """Groups, monitors, synapses and inputs of a job, in ``parts``."""

    def __init__(self, b2: Any, job: Job) -> None:
        self.b2 = b2
        self.job = job
        self.parts: list[Any] = []
        self.groups = self._grouped()
        self.where = {member.name: group for group in self.groups for member in group.members}
        for index, group in enumerate(self.groups):
            self._build(group, f"group_{index}")
        for index, bundle in enumerate(self._bundled()):
            self._connect(bundle, f"synapses_{index}")
        for index, drive in enumerate(job.circuit.drives):
            self._drive(drive, index)

    def spikes(self) -> SpikeTimes:
        """Spikes of each population, after the run."""
        out = {}
        for group in self.groups:
            if isinstance(group.cell, SpikeList):
                continue
            steps, neurons = np.zeros(0, np.int64), np.zeros(0, np.int64)
            if group.monitor is not None:
                steps = np.round(np.asarray(group.monitor.t) / self.job.dt).astype(np.int64)
                neurons = np.asarray(group.monitor.i, np.int64)
            for member in group.members:
                first = group.start(member.name)
                own = (neurons >= first) & (neurons < first + member.size)
                out[member.name] = in_order(steps[own], neurons[own] - first, self.job.dt)
        return out

    def _grouped(self) -> list[_Group]:
        groups: list[_Group] = []
        for population in self.job.circuit.populations:
            cell = population.model
            assert isinstance(cell, Neuron | SpikeList)
            alike = [g for g in groups if isinstance(cell, Neuron) and g.cell == cell]
            if alike:
                alike[0].members.append(population)
            else:
                model = (
                    equations(cell.equations, cell.constants) if isinstance(cell, Neuron) else None
                )
                groups.append(_Group(cell, model, [population]))
        return groups

    def _build(self, group: _Group, name: str) -> None:
        cell, model = group.cell, group.model
        if not isinstance(cell, Neuron) or model is None:
            assert isinstance(cell, SpikeList)
            steps, neurons = fired_once(cell, self.job.dt, self.job.steps)
            times = steps * self.job.dt * self.b2.second
            group.brian = self.b2.SpikeGeneratorGroup(
                group.members[0].size, neurons, times, name=name
            )
            self.parts.append(group.brian)
            return
        refractory = brian2_text.spaced(cell.refractory)
        texts = (cell.equations, cell.threshold, cell.reset, refractory)
        outside = brian2_text.names_outside(texts, cell.constants, model.variables)
        group.brian = self.b2.NeuronGroup(
            sum(member.size for member in group.members),
            brian2_text.cell_equations(cell, model),
            threshold=cell.threshold.strip() or None,
            reset=brian2_text.statements(cell.reset) or None,
            refractory=self._rest(refractory),
            method=brian2_text.integrator(cell, model, self.job.dt),
            namespace=self._quantities(outside),
            name=name,
        )
        states = [drawing.states(self.job, member) for member in group.members]
        for variable in {name for own in states for name in own}:
            values = [
                own.get(variable, np.zeros(member.size))
                for own, member in zip(states, group.members, strict=True)
            ]
            sized = self._sized(np.concatenate(values), model.variables[variable].dimensions)
            setattr(group.brian, variable, sized)
        self.parts.append(group.brian)
        if cell.threshold.strip():
            group.monitor = self.b2.SpikeMonitor(group.brian)
            self.parts.append(group.monitor)

    def _rest(self, text: str) -> Any:
        """A refractory time as a quantity, a condition as its text."""
        rest = rest_of(text)
        if rest is None:
            return text
        return nearest_step(rest, self.job.dt) * self.job.dt * self.b2.second

    def _bundled(self) -> list[_Bundle]:
        bundles: list[_Bundle] = []
        for index, projection in enumerate(self.job.circuit.projections):
            made = drawing.connections(self.job, index)
            if not len(made.sources):
                continue
            source, target = self.where[projection.source], self.where[projection.target]
            assert isinstance(target.cell, Neuron)
            steps = nearest_step(made.delays, self.job.dt).astype(np.int64)
            numbered = Connections(
                made.sources + source.start(projection.source),
                made.targets + target.start(projection.target),
                made.weights,
                (steps * self.job.dt).astype(np.float64),
            )
            new = _Bundle(
                source,
                target,
                target.cell.receptors[projection.receptor],
                projection.plasticity,
                int(steps[0]) if np.ptp(steps) == 0 else None,
                [numbered],
            )
            for old in bundles:
                if (old.source is source and old.target is target) and (
                    old.variable,
                    old.rule,
                    old.delay,
                ) == (new.variable, new.rule, new.delay):
                    old.parts.append(numbered)
                    break
            else:
                bundles.append(new)
        return bundles

    def _connect(self, bundle: _Bundle, name: str) -> None:
        weights = np.concatenate([part.weights for part in bundle.parts])
        assert bundle.target.model is not None
        dimensions = bundle.target.model.variables[bundle.variable].dimensions
        assert isinstance(bundle.target.cell, Neuron)
        heard = brian2_text.heard(bundle.target.cell, self.job.dt, "_post")
        add = f"{bundle.variable}_post += {brian2_text.WEIGHT}{heard}"
        alike = bundle.rule is None and np.ptp(weights) == 0
        namespace = {}
        if bundle.rule is not None:
            text = brian2_text.plastic_synapse(bundle.rule, bundle.variable, dimensions, heard)
            known = (
                brian2_text.WEIGHT,
                *map(brian2_text.trace, (*bundle.rule.pre, *bundle.rule.post)),
            )
            texts = (text.model, text.on_pre, text.on_post)
            outside = brian2_text.names_outside(texts, bundle.rule.constants, known)
            namespace = self._quantities(outside)
        elif alike:
            text = brian2_text.SynapseText("", f"{bundle.variable}_post += one_weight{heard}", "")
            namespace = {"one_weight": self._sized(weights[0], dimensions)}
        else:
            variable = f"{brian2_text.WEIGHT} : {brian2_text.base_unit(dimensions)}"
            text = brian2_text.SynapseText(variable, add, "")
        same = bundle.delay is not None
        synapses = self.b2.Synapses(
            bundle.source.brian,
            bundle.target.brian,
            text.model,
            on_pre=text.on_pre,
            on_post=text.on_post or None,
            delay=bundle.parts[0].delays[0] * self.b2.second if same else None,
            namespace=namespace,
            name=name,
        )
        synapses.connect(
            i=np.concatenate([part.sources for part in bundle.parts]),
            j=np.concatenate([part.targets for part in bundle.parts]),
        )
        if not alike:
            setattr(synapses, brian2_text.WEIGHT, self._sized(weights, dimensions))
        if not same:
            delays = np.concatenate([part.delays for part in bundle.parts])
            synapses.delay = delays * self.b2.second
        if text.on_post and bundle.rule is not None and not bundle.rule.source_first:
            # The engine's order where both spike in one step; Brian2 would take them the other way.
            synapses.post.order = synapses.pre.order - 1
        self.parts.append(synapses)

    def _drive(self, drive: PoissonDrive, index: int) -> None:
        """Brian2 draws a binomial number; from many improbable sources it is all but Poisson."""
        group = self.where[drive.target]
        assert isinstance(group.cell, Neuron)
        assert group.model is not None
        variable = group.cell.receptors[drive.receptor]
        dimensions = group.model.variables[variable].dimensions
        place = f"drive of {drive.target}"
        rate = drawn(drive.rate, unit("hertz")[1], f"{place}, rate").a
        weight = drawn(drive.weight, dimensions, f"{place}, weight").a
        sources = max(1000, int(np.ceil(rate * self.job.dt * 1000)))
        first = group.start(drive.target)
        size = self.job.circuit.population(drive.target).size
        target = group.brian[first : first + size] if len(group.members) > 1 else group.brian
        if heard := brian2_text.heard(group.cell, self.job.dt, ""):
            # These have no namespace of their own.
            weight_name, mean_name = f"drive_{index}_weight", f"drive_{index}_mean"
            group.brian.namespace[weight_name] = self._sized(weight, dimensions)
            group.brian.namespace[mean_name] = rate * self.job.dt
            added = f"{weight_name}*poisson({mean_name}){heard}"
            target.run_regularly(f"{variable} += {added}", when="synapses")
            return
        each = rate / sources * self.b2.Hz
        self.parts.append(
            self.b2.PoissonInput(target, variable, sources, each, self._sized(weight, dimensions))
        )

    def _quantities(self, names: dict[str, Typed]) -> dict[str, Any]:
        """A namespace; Brian2 warns of names that it has itself."""
        return {
            name: self._sized(float(typed.value), typed.dimensions)
            for name, typed in names.items()
            if name not in self.b2.core.namespace.DEFAULT_UNITS
        }

    def _sized(self, value: float | NDArray[np.float64], dimensions: Dimensions) -> Any:
        """Numbers in SI units as Brian2's quantities."""
        if dimensions == NONE:
            return value
        powers = {name.strip("[]"): power for name, power in dimensions.items()}
        own = self.b2.units.fundamentalunits.get_or_create_dimension(**powers)
        return self.b2.Quantity(value, dim=own)
