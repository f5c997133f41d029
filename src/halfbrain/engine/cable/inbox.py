"""What events reach in a unit: the connections to its point processes, and the queue."""

from __future__ import annotations

from collections import Counter

import numpy as np

from halfbrain.engine.cable import loop, queue
from halfbrain.engine.cable.connections import Connections, Floats, Whole, broadcast
from halfbrain.engine.cable.messages import crossed, flag_of, sent
from halfbrain.engine.cable.table import Numbers
from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import RunError
from halfbrain.program.evaluate import Number, evaluate
from halfbrain.program.hoist import used
from halfbrain.program.operations import Kind

GIVEN = -1  # the source of an event that is given, not sent by a spike
_ROOM = 16  # events, at first


class Inbox:
    """Connections to the point processes of a unit, in the order in which they were made.

    ``held`` has for each connection its table, where its values begin in ``values`` (the arguments
    of NET_RECEIVE, which a mechanism may change), and the addresses of its place's record and
    voltage; ``kinds`` what is done with an event in each table; ``counts`` how many each took.
    """

    def __init__(self, unit: Unit, dt: float) -> None:
        self.unit, self.dt = unit, dt
        self.kinds = np.zeros((len(unit.tables), loop.KIND), np.int64)
        self._away: list[Whole] = []  # bytes from a place's first row to those of an event
        for kind, table in zip(self.kinds, unit.tables, strict=True):
            if (pair := table.pair("receive")) is not None:
                m = table.messages
                said = table.said.ctypes.data if m.listens else 0
                rows = np.array(table.calls["receive"].rows, np.int64) * table.record.strides[1]
                self._away.append(rows)
                size, first = len(table.mechanism.arguments), rows.ctypes.data
                kind[:] = *pair, size, len(rows), first, said, m.sends, m.moves, m.events
        self.counts = np.zeros(len(unit.tables), np.int64)
        self.held = np.empty((0, loop.CONNECTION), np.int64)
        self.values: Numbers = np.empty(0, unit.dtype)
        self._sources = np.empty(0, np.int64)
        self._delays = np.empty(0)
        self._rows: tuple[Whole, Whole, Floats] | None = None
        self._sent_by: dict[int, int] = {}  # a place's record, and the source that it is
        self.queue, self.store = queue.empty(_ROOM)
        with unit.memory.building():
            watched = [self._own(number) for number in range(len(unit.tables))]
        self.watched = np.concatenate([np.empty((0, loop.WATCHED), np.int64), *watched])

    def _own(self, number: int) -> Whole:
        """Put what INITIAL sent at places of a table; what is watched there.

        Each place has a connection of its own for that, whose values are 0.
        """
        table = self.unit.tables[number]
        sends, watches = len(table.first) // 2, table.messages.watches
        watched = np.zeros((watches, loop.WATCHED), np.int64)
        if not sends and not watches:
            return watched
        first, n = len(self.held), table.count
        held = np.empty((n, loop.CONNECTION), np.int64)
        turn, lane = np.divmod(np.arange(n), table.lanes)
        strides, v = table.record.strides, self.unit.nodes["v"]
        held[:, loop.TABLE], held[:, loop.SOURCE] = number, -1
        held[:, loop.RECORDED] = table.record.ctypes.data + turn * strides[0] + lane * strides[2]
        held[:, loop.VOLTAGE] = v.ctypes.data + table.where.ravel()[:n] * v.itemsize
        self._add(held, np.zeros(n * self.kinds[number, loop.SIZE]), np.full(n, GIVEN), np.zeros(n))
        for k in range(sends):
            delays, flags = (table.first[name] for name in sent(k))
            for i in np.flatnonzero(np.isfinite(delays)):
                self._put(float(delays[i]), float(flags[i]), first + int(i))
        for k, row in enumerate(watched):
            pair = table.pair("watch")
            at = [table.row(name).ctypes.data for name in (crossed(k), flag_of(k))]
            row[:] = (
                0 if k or pair is None else pair[0],
                0 if pair is None else pair[1],
                *at,
                strides[0],
                n,
                table.lanes,
                first,
            )
        return watched

    def sends(self, lane: int, p: int, place: int, source: int) -> None:
        """Have what a place sends by ``net_event`` be the spikes of a source."""
        record = int(self.unit.reached(p, lane, np.array([place]))[0, 1])
        self._sent_by[record] = source
        with self.unit.memory.building():
            self.held[self.held[:, loop.RECORDED] == record, loop.SOURCE] = source

    def check(self, asked: Connections, lanes: Whole) -> None:
        """Raise a RunError unless there are such point processes and they take such events."""
        values = asked.weights.shape[1]
        for (lane, p), own in _groups(lanes, asked.mechanisms):
            placed, places = self.unit.cells[lane].placed, asked.places[own]
            wrong = places if not 0 <= p < len(placed) else places[places >= len(placed[p].where)]
            wrong = np.append(wrong, places[places < 0])
            if len(wrong):
                cell = asked.cells[own[0]]
                raise RunError(f"cell {cell} has no place {wrong[0]} of a mechanism {p}")
            mechanism = placed[p].mechanism
            if mechanism.receive is None:
                raise RunError(f"{mechanism.name} takes no events")
            if not 0 < values <= len(mechanism.arguments):
                names = ", ".join(mechanism.arguments)
                raise RunError(f"an event at {mechanism.name} brings {names}, not {values} values")

    def connect(self, asked: Connections, lanes: Whole) -> None:
        """Make connections, which were checked, to the cells in these lanes."""
        with self.unit.memory.building():
            self._connect(asked, lanes)

    def _connect(self, asked: Connections, lanes: Whole) -> None:
        held = np.empty((len(lanes), loop.CONNECTION), np.int64)
        begun: list[tuple[Whole, Floats]] = []
        for (lane, p), own in _groups(lanes, asked.mechanisms):
            reached = self.unit.reached(p, lane, asked.places[own])
            held[own[:, None], [loop.TABLE, loop.RECORDED, loop.VOLTAGE]] = reached
            begun.append((own, self._begun(lane, p, asked.places[own], asked.weights[own])))
        sizes = self.kinds[held[:, loop.TABLE], loop.SIZE]
        offsets = np.cumsum(sizes) - sizes
        values = np.empty(int(sizes.sum()))
        for own, given in begun:
            values[offsets[own, None] + np.arange(given.shape[1])] = given
        held[:, loop.SOURCE] = -1
        for record, source in self._sent_by.items():
            held[held[:, loop.RECORDED] == record, loop.SOURCE] = source
        self._add(held, values, asked.sources, asked.delays)

    def _add(self, held: Whole, values: Floats, sources: Whole, delays: Floats) -> None:
        sizes = self.kinds[held[:, loop.TABLE], loop.SIZE]
        held[:, loop.VALUES] = len(self.values) + np.cumsum(sizes) - sizes
        memory = self.unit.memory
        self.values = memory.joined(self.values, values.astype(self.unit.dtype), "write")
        self.held = memory.joined(self.held, held, "read")
        self._sources = memory.joined(self._sources, sources, "build")
        self._delays = memory.joined(self._delays, delays, "build")
        if self._rows is not None:
            memory.given_up(*self._rows)
            self._rows = None

    def _begun(self, lane: int, p: int, places: Whole, weights: Floats) -> Floats:
        """Connections' own values at the start, shape (n, arguments)."""
        placed = self.unit.cells[lane].placed[p]
        mechanism, arguments = placed.mechanism, placed.mechanism.arguments
        values = np.zeros((len(weights), len(arguments)))
        values[:, : weights.shape[1]] = weights
        if mechanism.connect is None:
            return values
        program = used(mechanism.connect, set(arguments))
        known: dict[str, Number] = {**mechanism.shared, "t": 0.0, "dt": self.dt, "flag": 0.0}
        for name, value in {**mechanism.parameters, **placed.parameters}.items():
            known[name] = np.broadcast_to(value, len(placed.where))[places]
        known |= {name: values[:, k].copy() for k, name in enumerate(arguments)}
        if missing := set(program.inputs) - set(known):
            raise RunError(f"{mechanism.name}: a connection begins from {sorted(missing)}")
        for name, result in evaluate(program, known).items():
            values[:, arguments.index(name)] = result
        return values

    def event(self, at: float, asked: Connections, lane: int) -> None:
        """An event at a time in ms, as a connection of its own."""
        self.connect(asked, np.array([lane]))
        self._put(at, 0.0, len(self.held) - 1)

    def _put(self, at: float, flag: float, connection: int) -> None:
        address = self.queue.ctypes.data
        if queue.is_full(address):
            self.store = queue.grown(address, 2 * int(self.queue[queue.ROOM]))
        queue.put(address, queue.step_of(at, self.dt), at, flag, connection)

    def tell(self, now: int, sources: Whole, times: Floats) -> None:
        """Put the events that spikes set off, from a step on."""
        if not len(sources) or not len(self.held):
            return
        assert self._rows is not None, "settle comes first"
        rows, connections, delays = self._rows
        known = sources < len(rows) - 1
        self.store = queue.tell(
            self.queue.ctypes.data, self.store, now,
            sources[known], times[known], rows, connections, delays, self.dt,
        )  # fmt: skip

    def settle(self) -> None:
        """Sort the connections by source, if there are new ones."""
        if self._rows is not None or not len(self.held):
            return
        with self.unit.memory.building():
            order = np.argsort(self._sources, kind="stable")
            sources = self._sources[order]
            rows = np.searchsorted(sources, np.arange(int(sources[-1]) + 2))
            kept = self.unit.memory.kept
            self._rows = (
                kept(np.asarray(rows, np.int64), "read"),
                kept(np.asarray(order, np.int64), "read"),
                kept(self._delays[order], "read"),
            )

    @property
    def under_way(self) -> int:
        """Events that are put and not delivered."""
        return len(self.events()[0])

    def events(self) -> tuple[Whole, Whole, Floats, Floats]:
        """Steps, connections, times (ms) and flags of events under way, as they were put."""
        size = int(self.queue[queue.ROOM]) * queue.WORDS
        whole = self.store[:size].reshape(-1, queue.WORDS)
        real = self.store[:size].view(np.float64).reshape(-1, queue.WORDS)
        there = np.flatnonzero((whole[:, queue.STEP] >= 0) & ~np.isnan(real[:, queue.FLAG]))
        there = there[np.argsort(whole[there, queue.ORDER])]
        columns = whole[there][:, [queue.STEP, queue.CONNECTION]].T
        return *columns, *real[there][:, [queue.AT, queue.FLAG]].T

    def put_back(self, steps: Whole, connections: Whole, times: Floats, flags: Floats) -> None:
        """Take such events instead of those that there are."""
        self.queue, self.store = queue.empty(max(_ROOM, len(steps)))
        self.store = queue.put_all(
            self.queue.ctypes.data, self.store, steps, connections, times, flags
        )

    @property
    def wiring(self) -> tuple[Whole, Floats]:
        """The sources and delays (ms) of all connections."""
        return self._sources, self._delays

    def received(self) -> list[tuple[Counter[Kind], int]]:
        """Operations of an event in each table, and how many came there."""
        found = []
        for table, count in zip(self.unit.tables, self.counts, strict=True):
            if (call := table.calls.get("receive")) is not None:
                each = Counter({k: m // table.count for k, m in call.operations.items()})
                found.append((each, int(count)))
        return found


def given(p: int, place: int, cell: int, weights: Floats) -> Connections:
    """What an event that is given comes by."""
    return broadcast(GIVEN, cell, p, place, 0.0, weights.reshape(1, -1))


def _groups(lanes: Whole, mechanisms: Whole) -> list[tuple[tuple[int, int], Whole]]:
    """Lanes and mechanisms that there are, each with the numbers of its connections in order."""
    order = np.lexsort((mechanisms, lanes))
    lane, p = lanes[order], mechanisms[order]
    first = np.flatnonzero(np.diff(lane, prepend=-1) | np.diff(p, prepend=-1))
    parts = np.split(order, first[1:])
    return [((int(lane[at]), int(p[at])), own) for at, own in zip(first, parts, strict=True)]
