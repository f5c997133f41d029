"""Detailed cells, built in memory and moved on in time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.engine.cable.asked import DType, check_asked
from halfbrain.engine.cable.connections import among, broadcast
from halfbrain.engine.cable.driven import Driven
from halfbrain.engine.cable.finite import check
from halfbrain.engine.cable.gather import units
from halfbrain.engine.cable.inbox import given
from halfbrain.engine.cable.links import begin
from halfbrain.engine.cable.memory import Memories
from halfbrain.engine.cable.network import Network, Spikes, merged
from halfbrain.engine.cable.records import Record
from halfbrain.engine.cable.running import Running
from halfbrain.engine.cable.seen import address_of
from halfbrain.engine.cable.solve import Method
from halfbrain.engine.cable.spread import Stepping
from halfbrain.engine.cable.store import Store
from halfbrain.engine.cable.table import Numbers
from halfbrain.engine.cable.transfer import Between, Transfer, begun
from halfbrain.engine.interrupts import interrupts
from halfbrain.engine.threads import threads_asked
from halfbrain.equations.steps import SLACK, whole_steps
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Compartments
from halfbrain.program.operations import Kind

_CHUNK = 4000  # steps between looks at the keyboard


class CableSimulation(Driven):
    """Cells with dendrites, stepped implicitly in fixed steps as NEURON does.

    Parameters
    ----------
    cells
        what to build; cells of one morphology and membrane are stepped together.
    dt
        ms.
    dtype
        of states: ``float64`` or ``float32``.
    threads
        default: all cores. No result depends on it.
    method
        ``implicit`` (Euler), or ``second-order`` (Crank-Nicolson; voltages at the ends of steps,
        currents in their middles).
    seed
        of mechanisms' random numbers, below 2^32: NEURON's Random123 global index.
    synapse_memory
        bytes that synapses and connections may take in memory; the others are in a file without a
        name in ``folder``, and come and go. Default: all are in memory.
    check_finite
        whether a run ends with a line where a state is NaN or infinite; what ran is kept.
    transfers
        POINTERs that read of other cells, as gap junctions do.

    Raises
    ------
    ModelError, RunError
        one line that names what cannot be built.
    """

    def __init__(
        self,
        cells: Sequence[Compartments],
        dt: float = 0.025,
        *,
        dtype: DType = "float64",
        threads: int | None = None,
        method: Method = "implicit",
        seed: int = 0,
        synapse_memory: float | None = None,
        folder: Path = Path(),
        check_finite: bool = True,
        transfers: Sequence[Transfer] = (),
    ) -> None:
        check_asked(len(cells), dt, dtype, method, seed)
        if transfers and synapse_memory is not None:
            raise RunError("cells that read of each other are in memory: leave out synapse_memory")
        self.threads = threads_asked(threads)
        self.cells, self.transfers = begun(cells, transfers), tuple(transfers)
        self.dt, self.dtype, self.step = dt, dtype, 0
        self.method, self.seed, self.wall_seconds = method, seed, 0.0
        self.name_of: Callable[[int], str] = "cell {}".format  # of a cell by its number
        number = np.float64 if dtype == "float64" else np.float32
        memories = Memories() if synapse_memory is None else Store(folder, synapse_memory)
        self.units, place = units(self.cells, dt, number, method, self.threads, seed, memories)
        self._memories, (self._units, self._lanes) = memories, place
        links = [begin(unit) for unit in self.units]
        between = Between(self.units, place, self.transfers)
        self._running = [
            Running(unit, dt, own, others, check_finite=check_finite)
            for unit, own, others in zip(self.units, links, between.within, strict=True)
        ]
        self._network = Network(dt)
        self.records: list[Record] = []
        self._spikes: list[Spikes] = []
        self._stepping = Stepping(self._running, between, self.threads)

    def record(
        self,
        cell: int,
        compartment: int,
        variable: str = "v",
        mechanism: int | None = None,
        *,
        error: float = 0.0,
    ) -> int:
        """Record a compartment's variable, or that of a mechanism; the number of the record.

        ``mechanism`` is its number among the cell's placed ones, and ``compartment`` then that of
        the place in it. With an ``error`` above 0, in the variable's unit, what is recorded is
        compressed while the run goes on, and comes back within that.
        """
        self._before_run("records")
        u, lane = self._place(cell, 0 if mechanism is not None else compartment)
        if mechanism is not None:
            self._has(cell, mechanism, compartment)
        at = address_of(self.units[u], lane, compartment, variable, mechanism)
        column = self._running[u].record(at, error)
        kept = self._running[u].records
        self.records.append(Record(cell, compartment, variable, mechanism, kept, column))
        return len(self.records) - 1

    def detect(self, cell: int, compartment: int = 0, threshold: float = 0.0) -> int:
        """Take the voltage's way up through a threshold (mV) as a spike; the source's number."""
        self._before_run("sources of spikes")
        u, lane = self._place(cell, compartment)
        address = self.units[u].node_address("v", lane, compartment)
        source = self._network.detected()
        self._running[u].detect(address, threshold, source)
        return source

    def sends(self, cell: int, mechanism: int, place: int) -> int:
        """Take what a point process sends by ``net_event`` as spikes; the source's number."""
        self._before_run("sources of spikes")
        u, lane = self._place(cell, 0)
        self._has(cell, mechanism, place)
        table = self.units[u].table_of(lane, mechanism, place)
        if not table.messages.events:
            raise RunError(f"{table.mechanism.name} sends no events: it has no net_event")
        source = self._network.sends()
        self._running[u].inbox.sends(lane, mechanism, place, source)
        return source

    def play(self, times: ArrayLike) -> int:
        """A source whose spikes are at given times in ms, from now on; its number."""
        source = self.sources(1)
        self.tell(source, times)
        return source

    def sources(self, count: int) -> int:
        """Sources whose spikes are told, at any time; the number of the first."""
        return self._network.given(count)

    def tell(self, sources: ArrayLike, times: ArrayLike) -> None:
        """Spikes of such sources at times in ms; their events are from now on."""
        at = np.asarray(times, float).reshape(-1)
        who = np.broadcast_to(np.asarray(sources, np.int64), at.shape)
        delays = self._network.soonest(who)
        due = at + np.where(np.isfinite(delays), delays, 0.0)
        late = due < self.step * self.dt - SLACK * self.dt
        if late.any():
            raise RunError(f"a spike at {at[late][0]} ms is in the past")
        self._network.tell(who, at)

    def reaches(self, sources: ArrayLike) -> NDArray[np.bool_]:
        """Whether anything goes out from each of some sources."""
        return np.isfinite(self._network.soonest(np.asarray(sources, np.int64)))

    def connect(
        self, source: int, cell: int, mechanism: int, place: int, delay: float, *weights: float
    ) -> None:
        """Have spikes of a source reach a point process of a cell after ``delay`` ms."""
        self.connect_many(source, cell, mechanism, place, delay, np.array([weights], float))

    def connect_many(
        self,
        sources: ArrayLike,
        cells: ArrayLike,
        mechanisms: ArrayLike,
        places: ArrayLike,
        delays: ArrayLike,
        weights: ArrayLike,
    ) -> None:
        """Make n connections; each of the arrays holds n numbers, or one for all.

        Parameters
        ----------
        sources
            from :meth:`detect`, :meth:`play`, :meth:`sources` or :meth:`sends`.
        cells, mechanisms, places
            point processes: the cell, the number among its placed mechanisms, the place in that.
        delays
            ms.
        weights
            shape (n,) or (n, k): the first arguments of the mechanism's NET_RECEIVE.

        Raises
        ------
        RunError
            if something is not there, or takes other weights; nothing is connected then.
        """
        asked = broadcast(sources, cells, mechanisms, places, delays, weights)
        among("source", asked.sources, self._network.sources)
        among("cell", asked.cells, len(self.cells))
        by_unit = list(asked.by(self._units[asked.cells]))
        for u, own in by_unit:
            self._running[u].inbox.check(own, self._lanes[own.cells])
        self._network.check(asked.sources, asked.delays)
        for u, own in by_unit:
            self._running[u].inbox.connect(own, self._lanes[own.cells])
        self._network.connected(asked.sources, asked.delays)

    def event(self, at: float, cell: int, mechanism: int, place: int, *weights: float) -> None:
        """An event at a point process at some ms, from now on."""
        self._from_now_on("an event", at)
        u, lane = self._place(cell, 0)
        asked, inbox = given(mechanism, place, cell, np.array(weights)), self._running[u].inbox
        inbox.check(asked, np.array([lane]))
        inbox.event(at, asked, lane)

    def run(self, milliseconds: float) -> None:
        """Move on by some ms, rounded to time steps; Ctrl-C ends it where it can go on from."""
        now = f"run from {self.step * self.dt:.9g} ms on"
        last = self.step + whole_steps(milliseconds * 1e-3, self.dt * 1e-3, now)
        fired = merged([])
        looks = [look.begun(self.step) for running in self._running if (look := running.look)]
        self._running[0].run(self.step, 0, fired)  # what is compiled is so before the clock starts
        start = time.perf_counter()
        with interrupts() as pressed:
            while self.step < last and not pressed() and all(look.fine for look in looks):
                fired = self._exchange(fired, min(last - self.step, _CHUNK, self._network.steps))
            ends = [self._running[u].end(self.step, fired) for u in self._memories.sweep()]
            self.wall_seconds += time.perf_counter() - start
        check(looks, self.dt, self.name_of)
        for fault in (fault for faults in ends for fault in faults):
            raise RunError(fault)

    def _exchange(self, fired: Spikes, steps: int) -> Spikes:
        """Tell of the last spikes, and make steps that do not depend on each other's."""
        news = merged([fired, self._network.until(self.step + steps)])
        found, order = [], self._memories.sweep()
        for u, spikes, recorded in self._stepping.step(news, self.step, steps, order):
            self._running[u].records.add(recorded)
            found.append(spikes)
        fired = merged(found)
        if len(fired[0]):
            self._spikes.append(fired)
        self.step += steps
        return fired

    @property
    def times(self) -> NDArray[np.float64]:
        """The times of recorded values in ms, from 0 on."""
        return np.arange(self.step + 1, dtype=np.float64) * self.dt

    def recorded(self, record: int) -> Numbers:
        """What was recorded, shape (steps + 1,): at the start and after each step."""
        return self.records[record].values()

    def spikes(self, since: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times in ms and sources of all spikes, in order of time; or of those :attr:`since`."""
        sources, times = merged(self._spikes[since:])
        return times, sources

    @property
    def since(self) -> int:
        """A number for now: :meth:`spikes` takes it for what comes later."""
        return len(self._spikes)

    @property
    def ticks(self) -> NDArray[np.int64]:
        """Ticks of the clock in each phase."""
        return np.asarray(np.sum([r.clock for r in self._running], axis=0), np.int64)

    def received(self) -> list[tuple[Counter[Kind], int]]:
        """Operations of an event at each kind of target, and how many came there."""
        return [pair for running in self._running for pair in running.inbox.received()]

    def _has(self, cell: int, mechanism: int, place: int) -> None:
        placed = self.cells[cell].placed
        if not 0 <= mechanism < len(placed) or not 0 <= place < len(placed[mechanism].where):
            raise RunError(f"cell {cell} has no place {place} of a mechanism {mechanism}")

    def _from_now_on(self, what: str, at: float) -> None:
        if not at >= self.step * self.dt:
            raise RunError(f"{what} at {at} ms is in the past")

    def _before_run(self, what: str) -> None:
        if self.step:
            raise RunError(f"{what} are added before the first run")
