"""A circuit of detailed cells, built: its synapses in its cells, its sources connected."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halfbrain.cells.detailed.artificial import is_artificial
from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.circuit import (
    DetailedCircuit,
    DetailedProjection,
    PoissonInput,
)
from halfbrain.circuits.detailed.gaps import drawn_gaps
from halfbrain.circuits.detailed.place import At, located, soma
from halfbrain.circuits.detailed.synapses import Synapses, drawn_synapses
from halfbrain.circuits.detailed.trains import WINDOW, poisson_spikes
from halfbrain.circuits.detailed.wanted import Wanted
from halfbrain.connectivity.draw import Floats, Ints, Stream
from halfbrain.engine.cable.asked import DType
from halfbrain.engine.cable.assembled import Home, transfers, with_synapses
from halfbrain.engine.cable.cost import cable_memory, cable_phases
from halfbrain.engine.cable.observed import EVERYWHERE, Column, Node, Observed, Site, sites
from halfbrain.engine.cable.reported import reported
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.state import Cells
from halfbrain.engine.fingerprint import fingerprints
from halfbrain.engine.interrupts import interrupts
from halfbrain.engine.packed import Part
from halfbrain.equations.steps import nearest_step, whole_steps
from halfbrain.errors import RunError
from halfbrain.morphology.places import Where, compartments
from halfbrain.program.cost import Phase
from halfbrain.recording.recorded import Report
from halfbrain.recording.spikes import Spikes

_SLICE = 400  # steps between looks at the progress


class CableGroup:
    """A circuit of detailed cells in the cable engine.

    Neuron n of the circuit is cell n and source n of ``simulation``.

    Parameters
    ----------
    circuit
        what to build.
    seed
        of its synapses and spikes from outside.
    record
        neurons whose somatic voltage is recorded, by population.
    reports
        what else is; what cannot be is said in a line.
    synapse_memory, folder, check_finite
        see :class:`CableSimulation`.

    Raises
    ------
    HalfbrainError
        one line that names what cannot be built.
    """

    def __init__(
        self,
        circuit: DetailedCircuit,
        *,
        seed: int = 1,
        dtype: DType = "float64",
        threads: int | None = None,
        record: Mapping[str, Sequence[int]] | None = None,
        reports: Sequence[Wanted] = (),
        synapse_memory: float | None = None,
        folder: Path = Path(),
        check_finite: bool = True,
    ) -> None:
        begun = time.perf_counter()
        self.circuit, self.seed, self.dtype = circuit, seed, dtype
        self.populations = circuit.ranges()
        self.drawn = drawn_synapses(circuit, seed)
        self.gaps = drawn_gaps(circuit, seed)
        sides = [side for both in self.gaps for side in both]
        cells, homes = with_synapses(circuit, [*self.drawn, *sides])
        self.homes, joined = homes[: len(self.drawn)], homes[len(self.drawn) :]
        self.simulation = CableSimulation(
            cells, circuit.dt, dtype=dtype, threads=threads, seed=seed & 0xFFFFFFFF,
            synapse_memory=synapse_memory, folder=folder, check_finite=check_finite,
            transfers=transfers(self.gaps, joined),
        )  # fmt: skip
        self.simulation.name_of = self._name_of
        self.somata = [soma(cell) for cell in cells]
        for population in circuit.populations:
            for n in self.populations.get(population.name, ()):
                if is_artificial(cells[n]):
                    self.simulation.sends(n, 0, 0)
                else:
                    self.simulation.detect(n, self.somata[n], population.threshold)
        self._records = {
            name: (list(chosen), [self._watch(name, n) for n in chosen])
            for name, chosen in (record or {}).items()
        }
        self.reported = reported(reports, self.simulation, self.populations)
        self._clamp()
        self._given = self._played()
        self._outside = [
            self._connect(some, home) for some, home in zip(self.drawn, self.homes, strict=True)
        ]
        self._windows = self._told = 0
        self.on_spikes: Callable[[Ints, Ints], object] = lambda steps, neurons: None
        self.build_seconds = time.perf_counter() - begun

    @property
    def neurons(self) -> int:
        """Neurons in all."""
        return self.circuit.neurons

    @property
    def synapses(self) -> int:
        """Synapses in all, those from outside too."""
        return sum(len(some) for some in self.drawn)

    @property
    def gap_junctions(self) -> int:
        """Gap junctions in all."""
        return sum(len(side) for side, _ in self.gaps)

    @property
    def synapses_from_outside(self) -> int:
        """Those of them whose spikes are from outside."""
        return sum(len(some) for some in self.drawn if isinstance(some.of, PoissonInput))

    @property
    def wall_seconds(self) -> float:
        """Wall time of the run so far, without drawing spikes from outside."""
        return self.simulation.wall_seconds

    @property
    def seconds(self) -> float:
        """Biological time so far."""
        return self.simulation.step * self.simulation.dt * 1e-3

    def compartments(self, neuron: int, place: Where | None = None) -> Ints:
        """The compartments of a place in a neuron; without one, the middle of its soma."""
        if place is None:
            return np.array([self.somata[neuron]])
        cell = self.simulation.cells[neuron]
        if place == EVERYWHERE:
            return np.flatnonzero(cell.area > 0)
        return compartments(place, cell, self._name_of(neuron))

    def neuron(self, population: str, n: int) -> int:
        """The number in the group of a neuron of a population.

        Raises
        ------
        RunError
            one line, if there is none.
        """
        if population not in self.populations:
            known = ", ".join(self.populations)
            raise RunError(f"no population {population[:40]!r} of neurons; there are {known}")
        own = self.populations[population]
        if not 0 <= n < len(own):
            raise RunError(f"population {population!r} has no neuron {n}; it has {len(own)}")
        return own[n]

    def observe(
        self, population: str, variable: str, chosen: Sequence[int], place: Where | None = None
    ) -> Observed:
        """Record a variable of some neurons: of a compartment, a mechanism, or synapses.

        Parameters
        ----------
        population, chosen
            the neurons, numbered in their population.
        variable
            ``v``, an ion's such as ``cai``, a mechanism's such as ``hh.m``, or that of all synapses
            of a receptor, such as ``exc.g``.
        place
            where; without one the soma's middle, and for synapses anywhere.

        Raises
        ------
        RunError
            one line that says what is not there, and what is.
        """
        found = self.places(population, variable, chosen, place)
        columns = [Column(self.simulation, of) for _, _, of in found]
        who, where = (np.array([row[k] for row in found], np.int64) for k in (0, 1))
        return Observed(population, variable, who, where, columns)

    def places(
        self, population: str, variable: str, chosen: Sequence[int], place: Where | None = None
    ) -> list[tuple[int, int, Node | Site]]:
        """Where a variable is: neuron of the population, compartment, place in the group.

        See :meth:`observe`.
        """
        numbers = [self.neuron(population, n) for n in chosen]
        receptor, _, own = variable.partition(".")
        found: list[tuple[int, int, Node | Site]] = []
        if any(receptor == one.name for one in self.circuit.receptors):
            homes = self._synapses_of(receptor)
            for n, number in zip(chosen, numbers, strict=True):
                there = None if place is None else self.compartments(number, place)
                for k in np.flatnonzero(homes.neuron == number):
                    site = Site(number, int(homes.mechanism[k]), int(homes.place[k]), own)
                    cell = self.simulation.cells[number]
                    compartment = int(cell.placed[site.mechanism].where[site.place])
                    if there is None or compartment in there:
                        found.append((n, compartment, site))
        else:
            for n, number in zip(chosen, numbers, strict=True):
                there = self.compartments(number, place)
                found += [(n, *one) for one in sites(self.simulation, number, there, variable)]
        return found

    def _synapses_of(self, receptor: str) -> Home:
        own = [
            home
            for some, home in zip(self.drawn, self.homes, strict=True)
            if some.of.receptor == receptor
        ]
        none = np.zeros(0, np.int64)
        neuron, mechanism, place = (
            np.concatenate([none, *(getattr(home, name) for home in own)])
            for name in ("neuron", "mechanism", "place")
        )
        return Home(neuron, mechanism, place)

    @property
    def dt(self) -> float:
        """The time step, seconds."""
        return self.simulation.dt * 1e-3

    @property
    def step(self) -> int:
        """How many steps were made."""
        return self.simulation.step

    def shortest(self, populations: Collection[str]) -> float:
        """The shortest delay from some populations, seconds; infinite without a projection."""
        own = [
            float(some.delay.min())
            for some in self.drawn
            if isinstance(some.of, DetailedProjection) and some.of.source in populations
            if len(some)
        ]
        return min(own, default=math.inf) * 1e-3

    def run(self, seconds: float, progress: Callable[[float], object] | None = None) -> None:
        """Move on; ``progress`` is told the biological time so far, every few milliseconds."""
        dt, now = self.simulation.dt, self.seconds
        last = self.simulation.step + whole_steps(seconds, dt * 1e-3, f"run from {now:.9g} s on")
        with interrupts() as pressed:  # so that Ctrl-C leaves nothing half told
            while self.simulation.step < last and not pressed():
                self._slice(min(last, self.simulation.step + _SLICE))
                if progress is not None:
                    progress(self.seconds)

    def advance(self, steps: int) -> None:
        """Make so many steps; see :meth:`run` for what goes wrong."""
        last = self.simulation.step + steps
        while self.simulation.step < last:
            self._slice(last)

    def _slice(self, last: int) -> None:
        """Go on to a step, or to where the next spikes from outside are to be drawn."""
        dt = self.simulation.dt
        if self.simulation.step * dt >= self._windows * WINDOW - dt / 2:
            self._tell()
        end = min(last, int(nearest_step(self._windows * WINDOW, dt)))
        try:
            self.simulation.run((end - self.simulation.step) * dt)
        finally:
            steps, neurons = self._steps(*self.simulation.spikes(self._told))
            self._told = self.simulation.since
            self.on_spikes(steps, neurons)

    def take(self, spikes: Mapping[str, tuple[Ints, Ints]]) -> None:
        """Steps (rising) and neurons of spikes of populations of given spikes."""
        for population, (steps, neurons) in spikes.items():
            sources = self._given[population] + neurons
            heard = self.simulation.reaches(sources)
            self.simulation.tell(sources[heard], steps[heard] * self.simulation.dt)

    def cost(self, cache_bytes: int = 0) -> list[Phase]:
        """What the run so far cost, by phase; all state is taken to stay in the cache."""
        return cable_phases(self.simulation)

    def memory(self) -> dict[str, int]:
        """Bytes of synapses, and of the neurons' compartments and channels."""
        return cable_memory(self.simulation)

    @property
    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        of_cells = Cells(self.simulation).identity
        return {**of_cells, **fingerprints(self.circuit), "seed": self.seed}

    def parts(self) -> dict[str, Part]:
        """All that changes in a run, by name."""
        windows = Part("exact", np.array([self._windows]))
        return {**Cells(self.simulation).parts(), "windows": windows}

    def put_back(self, parts: Mapping[str, Part]) -> None:
        """Set all that to what :meth:`parts` gave."""
        own = dict(parts)
        self._windows = int(own.pop("windows").array[0])
        Cells(self.simulation).put_back(own)
        self._told = self.simulation.since

    @property
    def spikes(self) -> Spikes:
        """The neurons' spikes so far."""
        made = self._steps(*self.simulation.spikes())
        return Spikes(*made, self.populations, self.dt, self.seconds)

    def _steps(self, times: Floats, sources: Ints) -> tuple[Ints, Ints]:
        steps = nearest_step(times, self.simulation.dt).astype(np.int64)
        order = np.lexsort((sources, steps))
        return steps[order], sources[order]

    def voltages(self, every: float = 1e-3) -> list[Report]:
        """What was recorded, a frame each so many seconds."""
        stride = max(int(nearest_step(every * 1e3, self.simulation.dt)), 1)
        out = []
        for population, (chosen, records) in self._records.items():
            data = np.stack([self.simulation.recorded(r)[stride::stride] for r in records], axis=1)
            step = stride * self.simulation.dt * 1e-3
            who = np.array(chosen, np.int64)
            out.append(Report(population, "v", "mV", who, step, step, data.astype(np.float32)))
        return out

    def _watch(self, population: str, n: int) -> int:
        number = self.neuron(population, n)
        return self.simulation.record(number, self.somata[number])

    def _name_of(self, n: int) -> str:
        name, own = next((name, own) for name, own in self.populations.items() if n in own)
        return f"population {name!r}, neuron {n - own.start}"

    def _clamp(self) -> None:
        self.clamped: list[tuple[int, float, float, float]] = []
        for clamp in self.circuit.clamps:
            own = self.populations[clamp.target]
            stream = Stream(self.seed, clamp.name)
            amplitudes = stream.numbers("amplitude", clamp.amplitude, np.arange(len(own)))
            for n, amplitude in zip(own, amplitudes, strict=True):
                if amplitude == 0:
                    continue
                given = clamp.start, clamp.duration, float(amplitude)
                self.clamped.append((n, *given))
                self.simulation.current_clamp(n, self.somata[n], *given)
        for form in self.circuit.waveforms:
            own = self.populations[form.target]
            reversal = math.nan if form.reversal is None else form.reversal
            for k, n in enumerate(form.neurons + own.start):
                place = self.somata[n]
                if form.sections is not None and form.positions is not None:
                    at = At(form.sections[k : k + 1], form.positions[k : k + 1])
                    cell = self.simulation.cells[n]
                    place = int(located(at, cell, np.zeros(1, np.int64), form.name)[0])
                self.simulation.wave(n, place, form.waves[k % len(form.waves)], reversal)

    def _played(self) -> dict[str, int]:
        """Sources of the populations that fire at given times: the number of the first of each."""
        out = {}
        for population in self.circuit.populations:
            if isinstance(population.cells, SpikeList):
                first = out[population.name] = self.simulation.sources(population.size)
                given = population.cells
                self.simulation.tell(first + given.neurons, given.times * 1e3)
        return out

    def _connect(self, some: Synapses, home: Home) -> int:
        """Connect synapses to their sources; the number of the first source from outside."""
        if isinstance(some.of, PoissonInput):
            first = self.simulation.sources(len(some.source))
        else:
            name = some.of.source
            first = self._given[name] if name in self._given else self.populations[name].start
        sources = first + some.source[some.connection]
        self.simulation.connect_many(
            sources, home.neuron, home.mechanism, home.place, some.delay, some.weight
        )
        return first

    def given_spikes(self, milliseconds: float) -> tuple[Floats, Ints]:
        """Times (ms) and sources of all spikes that are not of neurons, before a time."""
        times, sources = [np.empty(0)], [np.empty(0, np.int64)]
        for population in self.circuit.populations:
            if isinstance(population.cells, SpikeList):
                times.append(population.cells.times * 1e3)
                sources.append(self._given[population.name] + population.cells.neurons)
        for some, first in zip(self.drawn, self._outside, strict=True):
            if isinstance(some.of, PoissonInput):
                for window in range(int(np.ceil(milliseconds / WINDOW))):
                    at, who = poisson_spikes(some, self.seed, window)
                    times.append(at)
                    sources.append(first + who)
        at, who = np.concatenate(times), np.concatenate(sources)
        order = np.lexsort((who, at))
        kept = order[at[order] < milliseconds]
        return at[kept], who[kept]

    def sources_of(self) -> list[Ints]:
        """The source of each synapse, as :attr:`drawn` has them."""
        out = []
        for some, outside in zip(self.drawn, self._outside, strict=True):
            out.append(outside + some.source[some.connection])
        return out

    def _tell(self) -> None:
        """Draw the spikes from outside of the next window."""
        for some, first in zip(self.drawn, self._outside, strict=True):
            if isinstance(some.of, PoissonInput):
                times, connections = poisson_spikes(some, self.seed, self._windows)
                self.simulation.tell(first + connections, times)
        self._windows += 1
