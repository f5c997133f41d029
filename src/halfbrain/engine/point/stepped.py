"""A circuit, built and run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.check import step_of
from halfbrain.circuits.circuit import Circuit
from halfbrain.connectivity.numbers import plain, whole
from halfbrain.engine.interrupts import interrupts
from halfbrain.engine.point import loop, plastic
from halfbrain.engine.point.connections import Connections
from halfbrain.engine.point.doubts import tell_clock, tell_doubtful
from halfbrain.engine.point.drawing import prepare
from halfbrain.engine.point.grid import tell_moved
from halfbrain.engine.point.layout import lay_out
from halfbrain.engine.point.memory import check_memory
from halfbrain.engine.point.neurons import Neurons, make_neurons
from halfbrain.engine.point.packing import PLASTIC
from halfbrain.engine.point.placement import move_apart
from halfbrain.engine.point.plan import MOST_STEPS, Plan
from halfbrain.engine.point.played import Input
from halfbrain.engine.point.quanta import ROOM
from halfbrain.engine.point.synapses import make_plastic, make_tables, units_of
from halfbrain.engine.point.watched import Recorded, addresses
from halfbrain.engine.point.weights import Weights
from halfbrain.engine.threads import started, threads_asked
from halfbrain.equations.equations import Variable
from halfbrain.equations.si import Numbers
from halfbrain.equations.steps import MOST, whole_steps
from halfbrain.errors import CircuitError, ModelError, RunError
from halfbrain.recording.spikes import Spikes

DType = Literal["float32", "float64"]
_CHUNK_SECONDS = 0.2  # wall time between looks at the keyboard and the progress


class Stepped:
    """A circuit built in memory, which :meth:`run` moves on in time.

    Parameters
    ----------
    circuit
        what to build.
    seed
        of all random numbers: connections, first states, drives.
    threads
        default: all cores. The spikes do not depend on it.
    dtype
        of states: ``float32`` or ``float64``.
    record
        states to record: for each (population, variable) the neurons.
    record_every
        seconds between recorded values, rounded to time steps; default: one.
    parts
        into how many parts the neurons are cut; default: as few as the threads need.
    check_finite
        whether a run stops with a :class:`RunError` once a state or plastic weight is NaN or
        infinite; what ran before is kept. ``False`` goes on.

    Raises
    ------
    CircuitError, ModelError, RunError
        one line that names what cannot be built.
    """

    def __init__(
        self,
        circuit: Circuit,
        *,
        seed: int = 0,
        threads: int | None = None,
        dtype: DType = "float32",
        record: Mapping[tuple[str, str], ArrayLike] | None = None,
        record_every: float | None = None,
        parts: int | None = None,
        check_finite: bool = True,
    ) -> None:
        start = time.perf_counter()
        if not isinstance(circuit, Circuit):
            raise CircuitError(f"a simulation is of a Circuit, not {str(circuit)[:40]!r}")
        if dtype not in ("float32", "float64"):
            raise RunError(f"no type {str(dtype)[:20]!r}; there are float32 and float64")
        self.circuit, self.seed, self.dtype = circuit, seed, dtype
        self.check_finite = check_finite
        self.threads = threads_asked(None if threads is None else whole(threads, "threads"))
        parts = None if parts is None else whole(parts, "parts")
        if parts is not None and parts < 1:
            raise RunError("a simulation has at least one part")
        self.dt: float = step_of(circuit)
        self.step = 0
        self._number = number = np.float64 if dtype == "float64" else np.float32
        self.layout = lay_out(circuit, self.threads, parts)
        check_memory(circuit, self.layout.parts, np.dtype(number).itemsize)
        self._pool = started(self.threads)
        self.drawings = [
            prepare(circuit, i, seed, self._pool) for i in range(len(circuit.projections))
        ]
        tell_moved(circuit, self.drawings, self.dt)
        tell_doubtful(circuit, self.drawings)
        self.units, self._wide = units_of(circuit, self.drawings, self.dt, dtype == "float64")
        self.tables = make_tables(
            circuit, self.drawings, self.units, self.layout, self.dt, number, self._pool
        )
        self._varying: dict[int, set[str]] = {i: set() for i in range(len(circuit.populations))}
        self.neurons_of: dict[int, Neurons] = {
            i: make_neurons(
                circuit, i, self.layout, self.dt, self.units[i], number, self._wide, seed
            )
            for i, p in enumerate(circuit.populations)
            if isinstance(p.model, Neuron)
        }
        self.plastics = [
            make_plastic(circuit, t, self.units, self.layout, self.dt, number, self._wide)
            if t.kind == PLASTIC
            else None
            for t in self.tables
        ]
        self.plan = Plan(
            circuit, self.layout, self.neurons_of, self.tables, self.plastics, self.dt, number,
            self._wide,
        )  # fmt: skip
        self._watch(record or {}, record_every)
        self.events = np.zeros((self.threads, len(self.tables), 2), np.int64)
        self.ticks = np.zeros((self.threads, loop.PHASES), np.int64)
        self.wall_seconds = 0.0
        self._kept: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self.on_spikes: Callable[[NDArray[np.int64], NDArray[np.int64]], object] = (
            lambda steps, neurons: self._kept.append((steps, neurons))
        )
        self._weights = Weights(
            self.drawings, self.tables, self.units, self.plan, self.layout, self.dt
        )
        self.build_seconds = time.perf_counter() - start

    @property
    def neurons(self) -> int:
        """Neurons of the circuit; sources that only play out given spikes are none."""
        return self.circuit.neurons

    @property
    def synapses(self) -> int:
        """Synapses of the circuit."""
        return sum(d.rows.synapses for d in self.drawings)

    @property
    def seconds(self) -> float:
        """Biological time that has been simulated."""
        return self.step * self.dt

    @property
    def populations(self) -> dict[str, range]:
        """The numbers of each population's neurons."""
        first = self.layout.first
        return {
            p.name: range(int(first[i]), int(first[i + 1]))
            for i, p in enumerate(self.circuit.populations)
        }

    @property
    def spikes(self) -> Spikes:
        """All spikes since the start, unless ``on_spikes`` was set to take them elsewhere."""
        steps, neurons = zip(*self._kept, strict=True) if self._kept else ((), ())
        none = np.zeros(0, np.int64)
        return Spikes(
            np.concatenate([none, *steps]),
            np.concatenate([none, *neurons]),
            self.populations,
            self.dt,
            self.seconds,
        )

    @property
    def recorded(self) -> list[Recorded]:
        """States recorded so far, one entry for each population and variable asked for."""
        values = self._frames()
        times = np.arange(1, len(values) + 1) * np.float64(self.every * self.dt)
        out, at = [], 0
        for (population, variable), chosen in self.watched.items():
            part = values[:, at : at + len(chosen)]
            out.append(Recorded(population, variable, chosen, times, part))
            at += len(chosen)
        return out

    def variable(self, population: str, name: str) -> Variable:
        """What the equations say of a state or parameter: its unit and dimensions.

        Raises
        ------
        CircuitError
            one line, if there is none.
        """
        neurons = self._named(population)
        if name not in neurons.model.model.variables:
            neurons.row(name)
        return neurons.model.model.variables[name]

    def constants(self, population: str) -> Mapping[str, str]:
        """The constants of a population's equations."""
        cell = self._named(population).population.model
        assert isinstance(cell, Neuron)
        return cell.constants

    @property
    def frames(self) -> NDArray[np.float64]:
        """What was recorded so far, (times, all neurons)."""
        return self._frames()

    @frames.setter
    def frames(self, frames: NDArray[np.float64]) -> None:
        self._recordings[:] = [frames]

    def take_recorded(self) -> NDArray[np.float64]:
        """What was recorded since this was last called, (times, all neurons), and forget it."""
        values = self._frames()
        self._recordings.clear()
        return values

    def _frames(self) -> NDArray[np.float64]:
        return np.concatenate([np.zeros((0, len(self._records))), *self._recordings])

    def state(self, population: str, variable: str) -> NDArray[np.float64]:
        """A state or parameter of every neuron of a population, SI.

        What arrives in the next step, and the reset of a neuron that has just fired, are not yet
        in it.
        """
        return self._named(population).read(variable)

    def set_state(self, population: str, variable: str, values: Numbers) -> None:
        """Set a state or parameter of every neuron: a text with its unit, or numbers in SI.

        The reset of a neuron that has just fired is still to come: see :meth:`state`.
        """
        neurons = self._named(population)
        numbers = neurons.si(variable, values)
        neurons.write(variable, numbers)
        tell_clock(neurons.population, variable, numbers, self.dt)

    def vary(self, population: str, variable: str) -> None:
        """Give each neuron a number of its own of a parameter that is one number for all."""
        neurons, index = self._named(population), self.index_of(population)
        if variable in neurons.update.uniforms:
            self._varying[index].add(variable)
            self._remake(index, self.circuit)

    def set_constants(self, population: str, constants: Mapping[str, str]) -> None:
        """Set constants of a population's equations, which are compiled anew; all states stay.

        Raises
        ------
        ModelError
            one line, where there is no such constant, or an equation does not go with it.
        """
        cell = self._named(population).population.model
        assert isinstance(cell, Neuron)
        for name in constants:
            if name not in cell.constants:
                raise ModelError(
                    f"population {population!r}: {cell.name} has no constant {name[:40]!r}; "
                    f"it has {', '.join(cell.constants) or 'none'}"
                )
        index = self.index_of(population)
        new = replace(cell, constants={**cell.constants, **constants})
        populations = list(self.circuit.populations)
        populations[index] = replace(populations[index], model=new)
        self._remake(index, replace(self.circuit, populations=tuple(populations)))

    def _made(self, circuit: Circuit, index: int) -> Neurons:
        return make_neurons(
            circuit, index, self.layout, self.dt, self.units[index], self._number, self._wide,
            self.seed, self._varying[index],
        )  # fmt: skip

    def _remake(self, index: int, circuit: Circuit) -> None:
        new = self._made(circuit, index)
        new.take(self.neurons_of[index])
        self.circuit, self.neurons_of[index] = circuit, new
        self.plan.neurons(self.neurons_of, len(circuit.populations))
        self.plan.inputs.place(self.neurons_of, self.layout)
        self._place_records()

    def play(
        self,
        population: str,
        variable: str,
        neurons: ArrayLike,
        steps: ArrayLike,
        values: ArrayLike,
    ) -> None:
        """Have values written into a variable of some neurons while the simulation runs.

        Parameters
        ----------
        population, variable
            whose, and which state or parameter.
        neurons
            n of them, numbered in the population.
        steps
            at whose starts: m of them, rising.
        values
            shape (m, n), SI.

        Raises
        ------
        CircuitError, RunError
            one line, where something is not there, or does not fit together.
        """
        self.vary(population, variable)
        who, _ = self._addresses(population, variable, neurons)
        place = f"population {population!r}: input into {variable!r}"
        at, rows = np.asarray(steps, np.int64).reshape(-1), np.asarray(values, np.float64)
        if rows.shape != (len(at), len(who)) or not len(at) or not np.isfinite(rows).all():
            raise RunError(
                f"{place}: needs a finite value for each of {len(at)} times and {len(who)} neurons"
            )
        if (np.diff(at) <= 0).any():
            raise RunError(f"{place}: two of its times are in one step, or do not rise")
        index = self.index_of(population)
        for one in self.plan.inputs.inputs:
            if (one.population, one.variable) == (index, variable) and np.isin(
                who, one.neurons
            ).any():
                raise RunError(f"{place}: another input goes into the same neurons; add them up")
        self.plan.inputs.inputs.append(Input(index, variable, who, at, rows))
        self.plan.inputs.place(self.neurons_of, self.layout)
        if len(past := np.flatnonzero(at < self.step)):
            now = self.state(population, variable)
            now[who] = rows[past[-1]]
            self.set_state(population, variable, now)

    @property
    def varying(self) -> dict[int, list[str]]:
        """Parameters that have a number for each neuron though they began as one, by population."""
        return {index: sorted(names) for index, names in self._varying.items() if names}

    def put_inputs(self, inputs: Sequence[Input], varying: Mapping[int, Sequence[str]]) -> None:
        """Take inputs and varying parameters of the same circuit, whose state comes with them."""
        for index, names in varying.items():
            self._varying[index].update(names)
            self._remake(index, self.circuit)
        self.plan.inputs.inputs = list(inputs)
        self.plan.inputs.place(self.neurons_of, self.layout)

    def connections(self, projection: int) -> Connections:
        """The synapses of a projection as arrays, weights as they are now."""
        return self._weights.read(projection, self.step, self.events[0, :, 1])

    def set_weights(self, projection: int, weights: ArrayLike) -> None:
        """Set the weights of a plastic projection, SI, in the order of :meth:`connections`.

        Raises
        ------
        CircuitError
            if the projection is not plastic, or has another number of synapses.
        """
        self._weights.write(projection, weights, self.step, self.events[0, :, 1])

    def run(self, seconds: float, progress: Callable[[float], object] | None = None) -> None:
        """Simulate ``seconds`` of biological time more; ``progress`` is told the seconds done.

        They are rounded to time steps; a line says so where that moves the end, and what a run is
        short of is not made up by the next one. :attr:`seconds` is what was run.

        Raises
        ------
        RunError
            if that is not one time step, or there are too many to count, or a state or weight is
            no number any more, or a plastic weight grows beyond what a receptor can count. What
            was recorded until then is there.
        """
        what, most = f"run from {self.seconds:.9g} s on", MOST - self.step
        seconds = plain(seconds, "a run's length in seconds")
        first, chunk = self.step, 32
        end = first + whole_steps(seconds, self.dt, what, least=1, most=most)
        with interrupts() as interrupted:
            while self.step < end and not interrupted():
                steps = min(chunk, end - self.step, MOST_STEPS)
                began = time.perf_counter()
                self._advance(steps)
                taken = time.perf_counter() - began
                self.wall_seconds += taken
                chunk = max(1, int(steps * min(4.0, _CHUNK_SECONDS / max(taken, 1e-6))))
                if progress:
                    progress(self.seconds)
        if self.check_finite:
            events = int(self.events[:, :, 0].sum())
            if wrong := self._weights.not_finite(events, first, self.step):
                raise wrong

    def advance(self, steps: int) -> None:
        """Make so many steps; see :meth:`run` for what goes wrong."""
        began = time.perf_counter()
        for first in range(0, steps, MOST_STEPS):
            self._advance(min(MOST_STEPS, steps - first))
        self.wall_seconds += time.perf_counter() - began

    def take(self, spikes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
        """Steps (rising, from now on) and neurons of spikes of populations of given spikes.

        All that it was told of before has been played.
        """
        self.plan.tell({self.index_of(name): made for name, made in spikes.items()})

    def _advance(self, steps: int) -> None:
        first, end = self.step, self.step + steps
        self.plan.begin(first)
        recorded = np.zeros((end // self.every - first // self.every, len(self._records)))
        taken, fine = set[int](), np.ones(self.threads, bool)

        def work(thread: int) -> None:
            move_apart(taken)
            self.plan.run(
                thread, self.threads, first, steps, self._records, recorded, self.every,
                self.events, self.ticks,
            )  # fmt: skip
            fine[thread] = not self.check_finite or self.plan.finite(thread, self.threads)

        # Every thread must run at once, since they wait for one another.
        others = [self._pool.submit(work, thread) for thread in range(1, self.threads)]
        work(0)
        for other in others:
            other.result()
        self.plan.met()
        self.step = end
        if len(self._records):
            self._recordings.append(recorded)
        self.on_spikes(*self.plan.spikes(first, steps))
        for t in np.flatnonzero(self.plan.rules[:, :, plastic.OVER].any(axis=1)):
            name = self.tables[t].drawings[0].projection.name
            raise RunError(
                f"projection {name}: by {self.seconds:g} s a weight is over {ROOM} times the "
                f"largest at the start, or no number; bound it in the rule, as in clip(w, 0, w_max)"
            )

        if not fine.all():
            for neurons in self.neurons_of.values():
                if wrong := neurons.not_finite(first, end, self.dt):
                    raise wrong

    def _watch(self, record: Mapping[tuple[str, str], ArrayLike], every: float | None) -> None:
        """Where the states to be recorded are."""
        self.every = 1
        if record and every is not None:
            self.every = whole_steps(every, self.dt, "record_every", least=1)
        self._recordings: list[NDArray[np.float64]] = []
        self.watched: dict[tuple[str, str], NDArray[np.int64]] = {}
        if not isinstance(record, Mapping) or any(
            not isinstance(key, tuple) or len(key) != 2 for key in record
        ):
            raise RunError("record is a table such as {('E', 'v'): [0, 1]}: who, what, which ones")
        for (population, variable), chosen in record.items():
            self.watched[population, variable] = self._addresses(population, variable, chosen)[0]
        self._place_records()

    def _place_records(self) -> None:
        rows = [self._addresses(*key, who)[1] for key, who in self.watched.items()]
        self._records = np.array([place for own in rows for place in own], np.int64).reshape(-1, 2)

    def _addresses(
        self, population: str, variable: str, chosen: ArrayLike
    ) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
        slices = self.layout.slices[self.index_of(population)]
        return addresses(self._named(population), slices, variable, chosen)

    def index_of(self, population: str) -> int:
        """Which of the circuit's populations has this name."""
        return self.circuit.populations.index(self.circuit.population(population))

    def _named(self, population: str) -> Neurons:
        index = self.index_of(population)
        if index not in self.neurons_of:
            raise CircuitError(f"population {population!r} only plays out given spikes")
        return self.neurons_of[index]
