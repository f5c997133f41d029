"""Reports of variables of compartments and mechanisms, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from halfbrain.circuits.detailed.place import At, located, soma
from halfbrain.circuits.detailed.wanted import Wanted
from halfbrain.connectivity.draw import Ints
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.equations.steps import nearest_step
from halfbrain.errors import HalfbrainError, RunError, warn
from halfbrain.recording.recorded import Report


class Reported:
    """What one report records, by population and variable."""

    def __init__(
        self, wanted: Wanted, simulation: CableSimulation, populations: Mapping[str, range]
    ) -> None:
        self.wanted, self.simulation = wanted, simulation
        self._columns: list[tuple[str, str, Ints, Ints, list[int | float]]] = []
        for population in (*wanted.neurons, *wanted.places):
            own = populations[population]
            neurons, compartments = self._where(population, own)
            for variable in wanted.variables:
                columns = [
                    self._column(own[n], place, variable)
                    for n, place in zip(neurons.tolist(), compartments.tolist(), strict=True)
                ]
                self._columns.append((population, variable, neurons, compartments, columns))

    @property
    def columns(self) -> int:
        """How many numbers are recorded in a step."""
        return sum(len(columns) for *_, columns in self._columns)

    def reports(self, populations: Mapping[str, range]) -> Iterator[Report]:
        """What was recorded so far."""
        dt, wanted = self.simulation.dt, self.wanted
        stride = max(int(nearest_step(wanted.every, dt)), 1)
        last = int(min(wanted.stop / dt + 1e-6, self.simulation.step))
        first = max(-(-int(nearest_step(wanted.start, dt)) // stride), 1) * stride
        chosen = slice(first, max(last, 0) + 1, stride)
        frames = len(range(*chosen.indices(self.simulation.step + 1)))
        for population, variable, neurons, compartments, columns in self._columns:
            data = np.empty((frames, len(columns)), np.float32)
            for k, column in enumerate(columns):
                still = isinstance(column, float)
                data[:, k] = column if still else self.simulation.recorded(int(column))[chosen]
            cells = [self.simulation.cells[populations[population][n]] for n in neurons]
            at = list(zip(cells, compartments.tolist(), strict=True))
            yield Report(
                population, variable, unit_of(variable), neurons, first * dt * 1e-3,
                stride * dt * 1e-3, data,
                np.array([cell.section[c] for cell, c in at], np.int64),
                np.array([cell.position[c] for cell, c in at], np.float64),
            )  # fmt: skip

    def _where(self, population: str, own: range) -> tuple[Ints, Ints]:
        """Neurons and compartments of a population's columns, in the order of their sections."""
        if population in self.wanted.places:
            neurons, sections, positions = self.wanted.places[population]
            found = [
                located(
                    At(sections[k : k + 1], positions[k : k + 1]),
                    self.simulation.cells[own[n]],
                    np.zeros(1, np.int64),
                    f"report {self.wanted.name}",
                )
                for k, n in enumerate(neurons.tolist())
            ]
            return neurons, np.concatenate([*found, np.empty(0, np.int64)])
        listed: list[Ints] = []
        for n in self.wanted.neurons[population]:
            cell = self.simulation.cells[own[n]]
            if not self.wanted.regions:
                listed.append(np.array([soma(cell)]))
                continue
            inside = np.isin(np.array(cell.regions)[cell.section], self.wanted.regions)
            found_here = np.flatnonzero(inside & (cell.area > 0))
            order = np.lexsort((cell.position[found_here], cell.section[found_here]))
            listed.append(found_here[order])
        sizes = [len(places) for places in listed]
        return np.repeat(self.wanted.neurons[population], sizes), np.concatenate(listed)

    def _column(self, cell: int, compartment: int, variable: str) -> int | float:
        """A record; or a number, of what no mechanism of the cell changes."""
        compartments = self.simulation.cells[cell]
        for p, placed in enumerate(compartments.placed):
            mechanism = placed.mechanism
            if mechanism.kind == "density" and variable.endswith(f"_{mechanism.name}"):
                there = np.flatnonzero(np.asarray(placed.where) == compartment)
                if len(there):
                    own = variable.removesuffix(f"_{mechanism.name}")
                    return self.simulation.record(cell, int(there[0]), own, p)
        try:
            return self.simulation.record(cell, compartment, variable)
        except RunError:
            if variable not in compartments.ions:
                raise
        rest = np.broadcast_to(compartments.ions[variable], compartments.area.shape)
        return float(rest[compartment])


def reported(
    wanted: Sequence[Wanted], simulation: CableSimulation, populations: Mapping[str, range]
) -> list[Reported]:
    """The reports that can be recorded; a line for each that cannot."""
    out = []
    for one in wanted:
        try:
            out.append(Reported(one, simulation, populations))
        except HalfbrainError as error:
            warn(f"report {one.name}: is not written: {error}")
    return out


def unit_of(variable: str) -> str:
    """The unit of a variable of compartments, as NEURON has it."""
    if variable == "v" or (variable.startswith("e") and "_" not in variable):
        return "mV"
    return "mM" if variable.endswith(("i", "o")) and "_" not in variable else ""
