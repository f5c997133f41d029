"""One simulation of a circuit: point neurons, detailed cells, or both."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit
from halfbrain.circuits.current import Current
from halfbrain.circuits.detailed.circuit import DetailedCircuit, DetailedProjection
from halfbrain.circuits.detailed.drive import Wave
from halfbrain.circuits.input import Input
from halfbrain.circuits.resolved import resolve
from halfbrain.engine import checkpoint
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.observed import EVERYWHERE, Observed, Site
from halfbrain.engine.cable.values import set_state, values_at, with_parameter
from halfbrain.engine.group import CellGroup
from halfbrain.engine.interrupts import interrupts
from halfbrain.engine.kept import Kept, keep_running
from halfbrain.engine.packed import Part
from halfbrain.engine.point.connections import Connections
from halfbrain.engine.point.currents import inject
from halfbrain.engine.point.group import PointGroup
from halfbrain.equations.dimensions import TIME, Dimensions, text_of, unit
from halfbrain.equations.equations import constant
from halfbrain.equations.si import Numbers, as_text, number, si
from halfbrain.equations.steps import MOST, SLACK, nearest_step, whole_steps
from halfbrain.errors import CircuitError, RunError
from halfbrain.io import sonata_file
from halfbrain.io.data import from_data, to_data
from halfbrain.io.neo_block import to_neo
from halfbrain.io.recording import RunSpikes, Traces
from halfbrain.morphology.places import Where
from halfbrain.program.cost import Cost, Phase
from halfbrain.recording.recorded import Recorded, Report, Trace

if TYPE_CHECKING:
    import neo

Ints = NDArray[np.int64]
DType = Literal["float32", "float64"]
T = TypeVar("T")
_WEIGHTS = 10e-3  # seconds between recorded weights
_WINDOW = 4000  # steps that are made at once, where no spike crosses from point to detailed
_ENDING = ".checkpoint"
_FOREVER = 1e6  # seconds
_AMP = unit("amp")[1]


class Simulation:
    """A circuit in memory, which :meth:`run` moves on in time.

    Parameters
    ----------
    circuit
        what to build: point neurons, detailed cells, or both.
    seed
        of all random numbers: connections, first states, drives.
    threads
        default: all cores. No result depends on it.
    dtype
        of states: ``float32`` or ``float64``; default: float32 of point neurons, float64 of
        detailed cells.
    record
        what to record while it runs: for each (population, variable) or (population, variable,
        place) the neurons, numbered from 0 in the population. Variables of point neurons are their
        states and parameters; of detailed cells ``v``, those of ions (``cai``), of mechanisms
        (``hh.m``, ``hh.i``) and of all synapses of a receptor (``exc.g``). With ``(source, target,
        "w")`` it is weights of plastic synapses, numbered as :meth:`weights` has them.
    record_every
        seconds between recorded values, or a text with a unit; default: one time step (of weights,
        10 ms).
    out
        a file to which spikes and traces are written when a run ends, as SONATA HDF5 (``.h5``).
        Beside it is a checkpoint (``.checkpoint``) while a run goes on, written every half minute
        and where the run is interrupted, from which :func:`load` goes on after a crash.
    check_finite
        whether a run stops with a line once a state is NaN or infinite; what ran before is kept.

    Raises
    ------
    HalfbrainError
        one line that names what cannot be built.

    Examples
    --------
    >>> import halfbrain as hb
    >>> lif = hb.Neuron(
    ...     '''dv/dt = (I*(100*Mohm) - v)/(20*ms) : volt
    ...        I : amp''',
    ...     threshold="v > 15*mV", reset="v = 0*mV")
    >>> net = hb.Circuit([hb.Population("E", lif, 10)])
    >>> sim = hb.Simulation(net, threads=1, record={("E", "v"): [0]})
    >>> sim.input("E", range(10), ["0 nA", "0.3 nA"], every="50 ms", into="I")
    >>> sim.run("0.1 s")
    >>> sim.set("E", I="0 nA")
    >>> sim.run("50 ms")
    >>> len(sim.spikes["E"]), float(sim.spikes["E"].times[0].round(4))
    (30, 0.0638)
    >>> sim.recorded["E", "v"].values.shape, sim.recorded["E", "v"].unit
    ((1500, 1), 'volt')
    """

    def __init__(
        self,
        circuit: Circuit | DetailedCircuit | tuple[Circuit | None, DetailedCircuit | None],
        *,
        seed: int = 0,
        threads: int | None = None,
        dtype: DType | None = None,
        record: Mapping[tuple[Any, ...], ArrayLike] | None = None,
        record_every: Numbers | None = None,
        out: Path | str | None = None,
        check_finite: bool = True,
    ) -> None:
        begun = time.perf_counter()
        points, cables, inputs = _split(circuit)
        self.circuit, self.seed = circuit, seed
        self._record = {_key(key): who for key, who in (record or {}).items()}
        every = None if record_every is None else number(record_every, TIME, "record_every")
        self._how: dict[str, Any] = {"threads": threads, "check_finite": check_finite}
        self._dtype = dtype
        self._every = every
        cabled = set() if cables is None else set(cables.ranges())
        names = cabled | ({p.name for p in points.populations} if points is not None else set())
        self._weighed: dict[tuple[Any, ...], list[NDArray[np.float64]]] = {
            key: [] for key in self._record if key[1] in names and key[2:] == ("w",)
        }
        self.point: PointGroup | None = None
        self.cable: CableGroup | None = None
        if points is not None:
            states = {
                key: who
                for key, who in self._record.items()
                if key[0] not in cabled and key not in self._weighed
            }
            for key in states:
                if len(key) > 2 and key[0] in names:
                    raise RunError(f"record {key!r:.60}: a point neuron has no places")
            self.point = PointGroup(
                points,
                seed=seed,
                dtype=dtype or "float32",
                record=states,
                record_every=every,
                **self._how,
            )
        elif wrong := [key[0] for key in self._record if key[0] not in names]:
            known = ", ".join(sorted(names))
            raise RunError(f"record: no population {str(wrong[0])[:40]!r}; there are {known}")
        self._observed: dict[tuple[Any, ...], Observed] = {}
        self._currents: list[tuple[int, Where | None, tuple[Any, ...]]] = []
        self._kept: list[tuple[Ints, Ints]] = []
        if cables is not None:
            self.cable = self._build(cables)
        if not self._groups:
            raise CircuitError("a circuit has a population")
        self.dt = self._groups[0].dt
        if any(abs(group.dt - self.dt) > 1e-9 * self.dt for group in self._groups):
            raise CircuitError("point neurons and detailed cells of a circuit have one dt")
        self._join()
        currents = [one for one in inputs if isinstance(one, Current)]
        if currents:
            inject(self._points, currents)
        for one in inputs:
            if not isinstance(one, Current):
                self._take(one)
        self._session: Kept | None = None
        if out is not None:
            if (path := Path(f"{out}{_ENDING}")).exists():
                raise RunError(
                    f"{path}: a run that was cut short is kept there; load({str(path)!r}) goes on "
                    f"with it; remove the file to begin anew"
                )
            self.write_to(out)
        self.build_seconds = time.perf_counter() - begun

    def _build(self, circuit: DetailedCircuit) -> CableGroup:
        """The detailed cells, what is recorded of them, and what goes into them."""
        group = CableGroup(circuit, seed=self.seed, dtype=self._dtype or "float64", **self._how)
        for key, who in self._record.items():
            if key[0] in group.populations and key not in self._weighed:
                chosen = np.asarray(who, np.int64).reshape(-1).tolist()
                self._observed[key] = group.observe(key[0], key[1], chosen, *key[2:])
        for one in self._currents:
            _put(group, *one)
        return group

    @property
    def _kinds(self) -> dict[str, CellGroup]:
        both: dict[str, CellGroup | None] = {"point": self.point, "cable": self.cable}
        return {kind: group for kind, group in both.items() if group is not None}

    @property
    def _groups(self) -> list[CellGroup]:
        return [*self._kinds.values()]

    def _join(self) -> None:
        """Find what crosses from one kind of neurons to the other, and number all together."""
        self._shift = 0
        self._window = _WINDOW
        self._to_cable: list[str] = []
        self._to_point: list[str] = []
        if self.point is None or self.cable is None:
            self._only.on_spikes = lambda steps, neurons: self._kept.append((steps, neurons))
            self.populations = self._only.populations
            return
        self._to_point = [name for name in self.cable.populations if name in self.point.populations]
        points = {n: r for n, r in self.point.populations.items() if n not in self._to_point}
        self._to_cable = [p.name for p in self.cable.circuit.populations if p.name in points]
        if (shortest := self.cable.shortest(self._to_cable)) < math.inf:
            # An event is due at the step whose middle is the first not before it.
            self._window = min(int(shortest / self.dt + (0.5 - SLACK)) + 1, _WINDOW)
        # All are numbered together: point neurons, then detailed cells; -1 where those stand in.
        self.populations = {}
        own_numbers = np.full(sum(map(len, self.point.populations.values())), -1)
        at = 0
        for name, own in points.items():
            self.populations[name] = range(at, at + len(own))
            own_numbers[own.start : own.stop] = self.populations[name]
            at += len(own)
        self._own_numbers, self._shift = own_numbers, at
        for name, own in self.cable.populations.items():
            self.populations[name] = range(at + own.start, at + own.stop)

    @property
    def _only(self) -> PointGroup | CableGroup:
        group = self.point or self.cable
        assert group is not None
        return group

    @property
    def neurons(self) -> int:
        """Neurons of the circuit; sources that only play out given spikes are none."""
        return sum(group.neurons for group in self._groups)

    @property
    def synapses(self) -> int:
        """Synapses of the circuit."""
        return sum(group.synapses for group in self._groups)

    @property
    def step(self) -> int:
        """How many time steps have been made."""
        return self._groups[0].step

    @property
    def seconds(self) -> float:
        """Biological time that has been simulated."""
        return self._groups[0].seconds

    @property
    def wall_seconds(self) -> float:
        """Wall time of the runs so far."""
        return sum(group.wall_seconds for group in self._groups)

    @property
    def spikes(self) -> RunSpikes:
        """All spikes so far: ``spikes["E"].times`` (s), ``spikes["E"].neurons`` (from 0)."""
        return RunSpikes(*_joined(self._kept), self.populations, self.dt, self.seconds)

    @property
    def recorded(self) -> Traces:
        """What was recorded so far, by the keys of ``record``: ``recorded["E", "v"].values``."""
        found: dict[tuple[Any, ...], Trace] = {}
        of_points = {
            (r.population, r.variable): r for r in (self.point.recorded if self.point else [])
        }
        for key, who in self._record.items():
            if key in self._weighed:
                chosen = np.asarray(who, np.int64).reshape(-1)
                values = np.array(self._weighed[key]).reshape(-1, len(chosen))
                times = np.arange(1, len(values) + 1) * np.float64(self._stride(_WEIGHTS) * self.dt)
                unit_ = self._weight_unit(*key[:2])
                found[key] = Trace(key[1], f"w from {key[0]}", chosen, times, values, unit_)
            elif key in self._observed:
                one, stride = self._observed[key], self._stride(0.0)
                values = one.values(stride)
                times = np.arange(1, len(values) + 1) * np.float64(stride * self.dt)
                found[key] = Trace(key[0], key[1], one.neurons, times, values, one.unit)
            else:
                assert self.point is not None
                state = of_points[key[0], key[1]]
                units = self.point.variable(key[0], key[1]).unit
                found[key] = Trace(key[0], key[1], state.neurons, state.times, state.values, units)
        return Traces(found)

    def get(
        self, population: str, variable: str, where: Where | None = None
    ) -> NDArray[np.float64]:
        """A variable of every neuron of a population, as it is now, in SI.

        Parameters
        ----------
        population, variable
            whose, and which: see ``record``; parameters too (``hh.gnabar``).
        where
            of detailed cells, the place; default: the middle of the soma. The values of a neuron
            come together where it has several such places.

        Raises
        ------
        HalfbrainError
            one line that says what is not there, and what is.
        """
        group = self._of(population)
        if isinstance(group, PointGroup):
            return group.state(population, variable)
        chosen = range(len(group.populations[population]))
        places = [of for _, _, of in group.places(population, variable, chosen, where)]
        return values_at(group.simulation.cells, group.parts(), places)

    def set(
        self,
        population: str,
        neurons: ArrayLike | None = None,
        *,
        where: Where | None = None,
        values: Mapping[str, Any] | None = None,
        **named: Any,  # noqa: ANN401
    ) -> None:
        """Set variables of neurons, between runs: ``set("E", tau_m="15 ms")``.

        Parameters
        ----------
        population, neurons
            whose; default: all neurons of the population. Constants of equations are of all.
        where
            of detailed cells, the place; default: everywhere in the cell.
        values, named
            by name, as names of Python or, with a dot in them, in a mapping
            (``values={"hh.gnabar": "0.1 S/cm2"}``): a text with its unit, a quantity, a number in
            SI, or one for each neuron (for each place of detailed cells). A parameter or state of
            a mechanism without a unit is in the unit of its file. Of point neurons states,
            parameters and constants are set; equations are compiled anew where a constant is.

        Raises
        ------
        HalfbrainError
            one line that says what is not there, or in which unit it is.
        """
        group = self._of(population)
        chosen = None if neurons is None else _listed(neurons)
        for name, value in {**(values or {}), **named}.items():
            if isinstance(group, PointGroup):
                _set_point(group, population, chosen, name, value)
            else:
                self._set_cable(population, chosen, where, name, value)

    def _set_cable(
        self,
        population: str,
        neurons: list[int] | None,
        where: Where | None,
        name: str,
        value: Any,  # noqa: ANN401
    ) -> None:
        group = self.cable
        assert group is not None
        chosen = range(len(group.populations[population])) if neurons is None else neurons
        found = group.places(population, name, chosen, EVERYWHERE if where is None else where)
        if not found:
            raise RunError(f"population {population!r}: {name[:40]!r} is nowhere in these neurons")
        place = f"population {population!r}: {name}"
        parts, places = group.parts(), [of for _, _, of in found]
        if set_state(group.simulation.cells, parts, places, value, place):
            group.put_back(parts)
            return
        at = [replace(of, cell=n) for n, _, of in found if isinstance(of, Site)]
        if len(at) < len(found):
            raise RunError(f"{place} is what ions have at rest, and is set in the cell")
        self._observed.clear()
        self.cable = self._build(with_parameter(group.circuit, population, at, value))
        self.cable.put_back(parts)
        self._join()

    def clamp(
        self,
        population: str,
        neurons: ArrayLike,
        *,
        current: Numbers,
        duration: Numbers,
        start: Numbers = 0.0,
        at: Where | None = None,
        into: str = "I_e",
    ) -> None:
        """Put a current into neurons, from ``start`` for ``duration``.

        Parameters
        ----------
        population, neurons
            which, numbered in the population.
        current, duration, start
            one number each: texts with units, or SI; ``start`` is a time of the simulation.
        at
            of detailed cells, the place: one compartment; default: the middle of the soma.
        into
            of point neurons, the variable to which the current is added.

        Raises
        ------
        HalfbrainError
            one line.
        """
        begin, length = number(start, TIME, "start"), number(duration, TIME, "duration")
        group = self._of(population)
        who = np.asarray(_listed(neurons), np.int64)
        if isinstance(group, PointGroup):
            size = _dimensions(group, population, into)
            first = group.state(population, into)[who]
            on = first + number(current, size, "current")
            self._feed(population, who, np.array([on, first]), [begin, begin + length], into, at)
            return
        given = begin, length, number(current, _AMP, "current")
        for n in who.tolist():
            self._into(population, n, at, given)

    def input(
        self,
        population: str,
        neurons: ArrayLike,
        values: Any,  # noqa: ANN401
        *,
        every: Numbers | None = None,
        times: Any = None,  # noqa: ANN401
        into: str = "I_e",
        at: Where | None = None,
    ) -> None:
        """Put values that change with time into neurons, before or between runs.

        Parameters
        ----------
        population, neurons
            n of them, numbered in the population.
        values
            shape (m,) for all alike, or (m, n): texts with units, quantities, or SI. Each holds
            from its time on until the next one, and the last one to the end.
        every
            the time between them, from 0 s on; default: one time step.
        times
            instead of that, m rising times.
        into
            of point neurons, the variable that is set.
        at
            of detailed cells, the place where the current goes in: one compartment; default: the
            middle of the soma.

        Raises
        ------
        HalfbrainError
            one line.
        """
        group = self._of(population)
        who = np.asarray(_listed(neurons), np.int64)
        points = isinstance(group, PointGroup)
        size = _dimensions(group, population, into) if isinstance(group, PointGroup) else _AMP
        place = f"input into {population!r}"
        rows = np.asarray(si(values, size, place), np.float64)
        if rows.ndim == 1:
            rows = np.repeat(rows[:, None], len(who), axis=1)
        if rows.ndim != 2 or rows.shape[1] != len(who) or not len(rows):
            raise RunError(
                f"{place}: its values have shape (times,) or (times, {len(who)}), not "
                f"{np.shape(values)}"
            )
        if times is None:
            step = self.dt if every is None else number(every, TIME, "every")
            when = np.arange(len(rows)) * step
        else:
            when = np.asarray(si(times, TIME, "times"), np.float64).reshape(-1)
        if len(when) != len(rows) or (np.diff(when) <= 0).any():
            raise RunError(
                f"{place}: {len(when)} rising times are needed, one for each of its rows"
            )
        if points:
            self._feed(population, who, rows, when, into, at)
            return
        ends = np.append(when, when[-1] + _FOREVER)
        for column, n in enumerate(who.tolist()):
            self._into(population, n, at, (ends, np.append(rows[:, column], rows[-1, column])))

    def _take(self, given: object) -> None:
        """One of a circuit's inputs."""
        if not isinstance(given, Input):
            raise CircuitError(f"{str(given)[:40]!r} is no Input of a circuit")
        size = len(self._of(given.population).populations[given.population])
        self.input(
            given.population, range(size) if given.neurons is None else given.neurons,
            given.values, every=given.every, times=given.times, into=given.into, at=given.at,
        )  # fmt: skip

    def _feed(
        self, population: str, who: Ints, rows: NDArray[np.float64], when: ArrayLike, into: str,
        at: Where | None,
    ) -> None:  # fmt: skip
        """Rows for a variable of point neurons, from times on."""
        if at is not None:
            raise RunError(f"population {population!r}: a point neuron has no places")
        steps = nearest_step(np.asarray(when, np.float64), self.dt).astype(np.int64)
        self._points.play(population, into, who, steps, rows)

    def _into(self, population: str, neuron: int, at: Where | None, given: tuple[Any, ...]) -> None:
        """A current for a place of a detailed cell; a group that is built anew gets it too."""
        assert self.cable is not None
        self.put_current(self.cable.neuron(population, neuron), at, given)

    def put_current(self, neuron: int, at: Where | None, given: tuple[Any, ...]) -> None:
        """A current into a place of a cell by its number: see :meth:`clamp`, :meth:`input`."""
        assert self.cable is not None
        _put(self.cable, neuron, at, given)
        self._currents.append((neuron, at, given))

    def weights(self, source: str, target: str, receptor: str | None = None) -> Connections:
        """The synapses from one population to another, their weights as they are now.

        Parameters
        ----------
        source, target, receptor
            which; the receptor where there are several projections.

        Returns
        -------
        Connections
            ``sources`` and ``targets`` (numbered in their populations), ``weights`` (SI; at
            detailed cells in the unit that the mechanism takes them in) and ``delays`` (s).

        Raises
        ------
        RunError
            one line, if there is no such projection, or several and no ``receptor`` is named.
        """
        if self.cable is not None and target in self.cable.populations:
            found = {
                some.of.receptor: some
                for some in self.cable.drawn
                if isinstance(some.of, DetailedProjection)
                and (some.of.source, some.of.target) == (source, target)
            }
            own = _one(found, source, target, receptor)
            return Connections(own.source[own.connection], own.target, own.weight, own.delay * 1e-3)
        return self._points.connections(self._projection(source, target, receptor))

    def _weight_unit(self, source: str, target: str) -> str:
        projection = self._points.circuit.projections[self._projection(source, target, None)]
        neuron = self._points.circuit.population(target).model
        assert isinstance(neuron, Neuron)
        return self._points.variable(target, neuron.receptors[projection.receptor]).unit

    def set_weights(
        self, source: str, target: str, weights: ArrayLike, receptor: str | None = None
    ) -> None:
        """Set the weights of a plastic projection, SI, in the order of :meth:`weights`.

        Raises
        ------
        HalfbrainError
            one line, if it is not plastic, or has another number of synapses.
        """
        self._points.set_weights(self._projection(source, target, receptor), weights)

    @property
    def _points(self) -> PointGroup:
        if self.point is None:
            raise RunError("this circuit has no point neurons")
        return self.point

    def _projection(self, source: str, target: str, receptor: str | None) -> int:
        found = {
            projection.receptor: index
            for index, projection in enumerate(self._points.circuit.projections)
            if (projection.source, projection.target) == (source, target)
        }
        return _one(found, source, target, receptor)

    def _of(self, population: str) -> PointGroup | CableGroup:
        for group in (self.cable, self.point):
            if group is not None and population in group.populations:
                return group
        known = ", ".join(self.populations)
        raise RunError(f"no population {str(population)[:40]!r}; there are {known}")

    def save(self, path: Path | str) -> None:
        """Write a checkpoint, from which :func:`load` goes on bit for bit.

        With the state it has the circuit as data, if that can be written (one with functions of
        Python cannot), what is recorded, and what was put in.

        Raises
        ------
        RunError
            one line, if the place cannot be written.
        """
        notes, more = self.recipe
        checkpoint.save(Path(path), self, notes, more)

    def write_to(self, out: Path | str) -> None:
        """Write what is recorded to a file when a run ends: see ``out``.

        Raises
        ------
        RunError
            one line, if there is no such folder.
        """
        file = Path(out)
        path = file.with_name(file.name + _ENDING)
        if not file.parent.is_dir():
            raise RunError(f"{file}: there is no folder {file.parent}")
        self._session = Kept(
            file,
            lambda: self.save(path),
            lambda: self.to_sonata(file),
            lambda: checkpoint.remove(path),
            lambda: self.seconds,
        )

    def to_sonata(self, path: Path | str) -> None:
        """Write spikes and traces so far as a SONATA HDF5 file, traces in single precision.

        Raises
        ------
        RunError
            one line, if the place cannot be written.
        """
        own = self.recording()
        sonata_file.write(
            Path(path), own.spikes, self.populations, self.dt, self.seconds, own.reports,
            own.attributes,
        )  # fmt: skip

    def recording(self) -> Recorded:
        """Spikes and traces so far, as they are written to files and drawn."""
        about: dict[str, str | int | float] = {"circuit": self.name, "seed": self.seed}
        return Recorded(self.spikes, tuple(self._reports()), about)

    def to_neo(self) -> neo.Block:
        """Spikes and traces so far as a Neo block.

        Raises
        ------
        RunError
            one line, where Neo is not installed.
        """
        return to_neo(self.spikes, self._reports())

    def _reports(self) -> list[Report]:
        found = []
        for key, trace in self.recorded.items():
            report = trace.report()
            if len(key) > 2:
                where = " ".join(map(str, np.ravel(np.array(key[2], object))))
                report = replace(report, variable=f"{report.variable} at {where}")
            found.append(report)
        return found

    @property
    def name(self) -> str:
        """The circuit's name."""
        return next(circuit.name for circuit in self._parts if circuit is not None)

    def cost(self) -> Cost:
        """Operations, bytes, synaptic events and seconds of the runs so far, counted and timed."""
        return sum((phase.cost for phase in self.phases()), Cost())

    def phases(self, cache_bytes: int = 0) -> list[Phase]:
        """The same by what was done: delivery, update, currents and so on.

        State of point neurons that fits into ``cache_bytes`` is taken to stay in the cache.
        """
        return [phase for group in self._groups for phase in group.cost(cache_bytes)]

    @property
    def recipe(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What the simulation is made of, as JSON and arrays: see :func:`load`."""
        how = {
            "seed": self.seed,
            "dtype": self._dtype,
            "record": self._record,
            "record_every": self._every,
            "check_finite": self._how["check_finite"],
        }
        inputs = [] if self.point is None else self.point.plan.inputs.inputs
        varying = {} if self.point is None else self.point.varying
        others = how, self._currents, inputs, varying
        dt = self.dt * 1e3 if self.cable is None else self.cable.simulation.dt
        try:
            data, arrays = to_data((self._parts, others), dt)
        except RunError:
            data, arrays = to_data((None, others), dt)
        return {"simulation": data, "out": self._session is not None}, arrays

    @property
    def _parts(self) -> tuple[Circuit | None, DetailedCircuit | None]:
        """The circuits as they are now."""
        return (
            None if self.point is None else self.point.circuit,
            None if self.cable is None else self.cable.circuit,
        )

    @property
    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on from a checkpoint."""
        return {
            f"{kind} {name}": value
            for kind, group in self._kinds.items()
            for name, value in group.identity.items()
        }

    def parts(self) -> dict[str, Part]:
        """All that changes in a run, by name; spikes and traces so far with it."""
        found = {
            f"{kind}/{name}": part
            for kind, group in self._kinds.items()
            for name, part in group.parts().items()
        }
        steps, neurons = _joined(self._kept)
        found |= {"steps": Part("exact", steps), "neurons": Part("exact", neurons)}
        if self.point is not None:
            found["frames"] = Part("exact", self.point.frames)
        for number_, kept in enumerate(self._weighed.values()):
            found[f"weights/{number_}"] = Part("exact", np.array(kept, np.float64))
        return found

    def put_back(self, parts: Mapping[str, Part]) -> None:
        """Set all that to what :meth:`parts` gave."""
        for kind, group in self._kinds.items():
            first = f"{kind}/"
            own = {n.removeprefix(first): x for n, x in parts.items() if n.startswith(first)}
            group.put_back(own)
        self._kept = [(parts["steps"].array, parts["neurons"].array)]
        if self.point is not None:
            self.point.frames = parts["frames"].array
        for number_, kept in enumerate(self._weighed.values()):
            kept[:] = list(parts[f"weights/{number_}"].array)
        self._join()

    def run(self, seconds: Numbers, progress: Callable[[float], object] | None = None) -> None:
        """Simulate some time more: a text such as ``"1 s"``, or seconds.

        It is rounded to time steps; a line says so where that moves the end. ``progress`` is told
        the seconds done, now and then.

        Raises
        ------
        RunError
            one line, if that is not one time step, or a state is no number any more. What was
            recorded until then is there.
        KeyboardInterrupt
            at a step from which it can go on.
        """
        length, kept = number(seconds, TIME, "a run's length"), self._session
        if kept is None:
            self._run(length, progress)
            return

        def told(now: float) -> None:
            if progress is not None:
                progress(now)
            kept.look()

        keep_running(lambda: self._run(length, told), kept)

    def _run(self, length: float, progress: Callable[[float], object] | None) -> None:
        if not self._weighed:
            self._go(length, progress)
            return
        stride, end = self._stride(_WEIGHTS), self._end(length)
        while self.step < end:
            ahead = min((self.step // stride + 1) * stride, end)
            self._go((ahead - self.step) * self.dt, progress)
            if self.step % stride == 0:
                for key, kept in self._weighed.items():
                    who = np.asarray(self._record[key], np.int64).reshape(-1)
                    kept.append(self.weights(*key[:2]).weights[who])

    def _stride(self, default: float) -> int:
        """Steps between recorded values."""
        every = default if self._every is None else self._every
        return whole_steps(every, self.dt, "record_every", least=1) if every else 1

    def _end(self, length: float) -> int:
        what, most = f"run from {self.seconds:.9g} s on", MOST - self.step
        return self.step + whole_steps(length, self.dt, what, least=1, most=most)

    def _go(self, length: float, progress: Callable[[float], object] | None) -> None:
        if self.point is None or self.cable is None:
            self._only.run(length, progress)
            return
        end = self._end(length)
        with interrupts() as pressed:
            while self.step < end and not pressed():
                ahead = (self.step // self._window + 1) * self._window
                self._advance(self.point, self.cable, min(ahead, end) - self.step)
                if progress is not None:
                    progress(self.seconds)

    def _advance(self, point: PointGroup, cable: CableGroup, steps: int) -> None:
        """Steps in which no spike of a point neuron that is made in them reaches a detailed cell.

        The detailed cells go first, so that what they fire is known to the point neurons in time.
        Both find a spike at the end of a step. A point neuron's is said to be of that step, as
        Brian2 has it, a detailed cell's of the next, which begins then, as NEURON has it.
        """
        first = point.step
        made: list[tuple[Ints, Ints]] = []
        cable.on_spikes = lambda *spikes: made.append(spikes)
        cable.advance(steps)
        when, who = _joined(made)
        at = np.maximum(when - 1, first)
        point.take({name: _of(at, who, cable.populations[name]) for name in self._to_point})
        fired: list[tuple[Ints, Ints]] = []
        point.on_spikes = lambda *spikes: fired.append(spikes)
        point.advance(steps)
        theirs = when, who + self._shift
        when, who = _joined(fired)
        cable.take({n: _of(when + 1, who, point.populations[n]) for n in self._to_cable})
        numbers = self._own_numbers[who]
        kept = numbers >= 0
        self._kept.append(_joined([(when[kept], numbers[kept]), theirs]))


def load(
    path: Path | str,
    circuit: Circuit
    | DetailedCircuit
    | tuple[Circuit | None, DetailedCircuit | None]
    | None = None,
    *,
    threads: int | None = None,
) -> Simulation:
    """A simulation that was saved, which goes on bit for bit with any number of threads.

    Parameters
    ----------
    path
        what :meth:`Simulation.save` wrote.
    circuit
        the same circuit, where it could not be written as data.
    threads
        default: all cores.

    Raises
    ------
    RunError
        one line, if there is no such file, it is damaged, or of another circuit or version.

    Examples
    --------
    >>> import halfbrain as hb
    >>> sim = hb.Simulation(hb.circuit("cuba", neurons=100), seed=1)
    >>> sim.run("10 ms")
    >>> sim.save("cuba.checkpoint")
    >>> again = hb.load("cuba.checkpoint")
    >>> again.run("10 ms")
    >>> round(again.seconds, 9)
    0.02
    """
    saved = checkpoint.load(Path(path))
    if "simulation" not in saved.notes:
        raise RunError(f"{path}: is no checkpoint of a simulation")
    try:
        parts, (how, currents, inputs, varying) = from_data(saved.notes["simulation"], saved.more)
    except (RunError, TypeError, ValueError) as error:
        raise RunError(f"{path}: {error}") from None
    if parts is None and circuit is None:
        raise RunError(
            f"{path}: its circuit could not be written as data; give load(path, circuit)"
        )
    made = Simulation(parts if circuit is None else circuit, threads=threads, **how)
    for one in currents:
        made.put_current(*one)
    if made.point is not None:
        made.point.put_inputs(inputs, varying)
    saved.restore(made)
    if saved.notes["out"] and Path(path).suffix == _ENDING:
        made.write_to(Path(path).with_suffix(""))
    return made


def _put(group: CableGroup, neuron: int, at: Where | None, given: tuple[Any, ...]) -> None:
    """A current into a place of a cell: start, duration and current, or times and values; SI."""
    there = group.compartments(neuron, at)
    if len(there) != 1:
        raise RunError(f"{at!r:.60} is {len(there)} compartments, and a current goes into one")
    if len(given) == 3:
        start, duration, current = given
        place = int(there[0])
        group.simulation.current_clamp(neuron, place, start * 1e3, duration * 1e3, current * 1e9)
    else:
        times, values = given
        group.simulation.wave(neuron, int(there[0]), Wave(times * 1e3, values * 1e9, held=True))


def _listed(neurons: ArrayLike) -> list[int]:
    found: list[int] = np.asarray(neurons, np.int64).reshape(-1).tolist()
    return found


def _one(found: Mapping[str, T], source: str, target: str, receptor: str | None) -> T:
    """The projection onto a receptor, or the only one."""
    if receptor is None and len(found) == 1:
        return next(iter(found.values()))
    if receptor is None or receptor not in found:
        raise RunError(
            f"from {source[:40]!r} to {target[:40]!r} there are projections onto "
            f"{', '.join(found) or 'no receptor'}; name one of them as receptor"
        )
    return found[receptor]


def _dimensions(group: PointGroup, population: str, variable: str) -> Dimensions:
    return group.variable(population, variable).dimensions


def _set_point(
    group: PointGroup,
    population: str,
    neurons: list[int] | None,
    name: str,
    value: Any,  # noqa: ANN401
) -> None:
    """Set a state, parameter or constant of point neurons."""
    constants = group.constants(population)
    if name in constants:
        if neurons is not None:
            raise RunError(
                f"population {population!r}: {name} is a constant of the equations, which all "
                f"neurons have; make it a parameter ({name} : unit) to set it for some"
            )
        group.set_constants(population, {name: _constant(constants[name], value, name)})
        return
    place = f"population {population!r}: {name}"
    given = si(value, _dimensions(group, population, name), place)
    if neurons is None:
        if np.ndim(given):
            group.vary(population, name)
        group.set_state(population, name, given)
        return
    group.vary(population, name)
    whole = group.state(population, name)
    if np.shape(given) not in ((), (len(neurons),)) or not 0 <= min(neurons) <= max(neurons) < len(
        whole
    ):
        raise RunError(f"{place}: is set for neurons 0 to {len(whole) - 1}, to a number for each")
    whole[neurons] = given
    group.set_state(population, name, whole)


def _constant(before: str, value: Any, name: str) -> str:  # noqa: ANN401
    """A constant as a text; a bare number is in SI."""
    dimensions = constant(name, before).dimensions
    if isinstance(value, str) or not dimensions:
        return as_text(value, name)
    return f"{number(value, dimensions, name)!r}*{text_of(dimensions).replace('^', '**')}"


def _of(steps: Ints, neurons: Ints, own: range) -> tuple[Ints, Ints]:
    """The spikes of a population, its neurons numbered from 0."""
    some = (neurons >= own.start) & (neurons < own.stop)
    return steps[some], neurons[some] - own.start


def _joined(spikes: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Spikes in the order of their steps and neurons."""
    none = np.zeros(0, np.int64)
    steps = np.concatenate([none, *(s for s, _ in spikes)])
    neurons = np.concatenate([none, *(n for _, n in spikes)])
    order = np.lexsort((neurons, steps))
    return steps[order], neurons[order]


def _key(key: object) -> tuple[Any, ...]:
    if not isinstance(key, tuple) or len(key) not in (2, 3) or not isinstance(key[1], str):
        raise RunError(
            "record is a table such as {('E', 'v'): [0, 1]}: who, what, perhaps where; which ones"
        )
    return key


def _split(
    circuit: object,
) -> tuple[Circuit | None, DetailedCircuit | None, tuple[object, ...]]:
    """What is of point neurons, what of detailed cells, and what goes into them."""
    if isinstance(circuit, tuple) and len(circuit) == 2:
        return *circuit, ()
    if not isinstance(circuit, Circuit | DetailedCircuit):
        raise CircuitError(f"a simulation is of a Circuit, not {str(circuit)[:40]!r}")
    found = resolve(circuit)
    return found.points, found.cables, found.inputs
