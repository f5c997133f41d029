"""Cells that are stepped together: one vector's lanes of cells of a morphology, or one cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.lanes import (
    COUNT,
    FIRST_LIST,
    NODES,
    SECOND_LIST,
    Loop,
    Place,
    Result,
)
from halfbrain.engine.cable.alike import alike
from halfbrain.engine.cable.call import Call
from halfbrain.engine.cable.ions import Ions, nernst
from halfbrain.engine.cable.memory import Memory
from halfbrain.engine.cable.nodes import Nodes
from halfbrain.engine.cable.pointers import check, rank, start
from halfbrain.engine.cable.points import Values, gathered, in_vectors, nodes_in_vectors
from halfbrain.engine.cable.programs import SCALE, SUMS, names_of
from halfbrain.engine.cable.rounds import with_enough_rounds
from halfbrain.engine.cable.solve import (
    ARRAYS,
    Method,
    areas,
    by_depth,
    solver,
)
from halfbrain.engine.cable.table import Numbers, Table
from halfbrain.errors import ModelError
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.evaluate import Number
from halfbrain.program.instructions import Program
from halfbrain.program.mechanism import Mechanism
from halfbrain.random.streams import DRAWN, IDENTIFIERS


class Unit:
    """Cells of one morphology side by side in the lanes (``width`` of them), or one cell.

    Density mechanisms are in the same places in all cells; point processes are where each cell has
    them, in ``memory``.
    """

    def __init__(
        self,
        cells: Sequence[Compartments],
        width: int,
        lanes: int,
        dt: float,
        dtype: type[np.floating[Any]],
        method: Method,
        numbers: Sequence[int] = (),
        seed: int = 0,
        memory: Memory | None = None,
    ) -> None:
        self.memory = memory or Memory()
        self.numbers, self.seed = [*numbers] or [*range(len(cells))], seed
        self.cells, self.width, self.lanes, self.dtype = cells, width, lanes, dtype
        self.gather = width == 1
        self.n = len(cells[0].parent)
        # Lanes without a cell step a copy of the last one.
        self.filled = [*cells, *[cells[-1]] * (width - len(cells))]
        distinct = {id(cell): Ions(cell) for cell in self.filled}
        self._ions = [distinct[id(cell)] for cell in self.filled]
        self.ions = self._ions[0]
        self.nodes = Nodes(self.filled, self._ions, dt, dtype, method)
        self.nernst = [self._nernst(name) for name in self.ions.reversal if name in self.nodes]
        self.tables: list[Table] = []
        # Of density mechanisms, in order and alike in all lanes: the first table, and which of its
        # tables each place is in. Of a lane's placed point processes: the table, places' numbers.
        self._densities: list[tuple[int, NDArray[np.int8]]] = []
        self._points: dict[tuple[int, int], tuple[int, NDArray[np.int32]]] = {}
        self._lists: dict[bytes, NDArray[np.int64]] = {}
        self._names: dict[int, set[str]] = {}
        densities = [_densities(cell) for cell in self.filled]
        for each in zip(*densities, strict=True):
            self._place(each, dt)
        self.solve = self._solve(method)
        with self.memory.building():
            self._place_points(dt)
        self.after_ions = {*filter(self._is_after_ions, range(len(self.tables)))}
        self.order = sorted(range(len(self.tables)), key=self._turn)
        for built_with in (self._names, self._ions, self._lists):
            built_with.clear()

    def _nernst(self, name: str) -> Call:
        ion = name[1:]
        arrays = [self.nodes[f"{ion}o"], self.nodes[f"{ion}i"], self.nodes[name]]
        where = self.nodes.among_ions(self.ions.reversal[name])
        loop = Loop(
            nernst(self.ions.factor(ion)),
            {"outside": Place("node", 0), "inside": Place("node", 1)},
            [Result("reversal", Place("node", 2))],
            {},
            self.width,
            self.dtype,
        )
        return _call(loop, where, where, arrays, len(self.cells))

    def _solve(self, method: Method) -> list[Call]:
        parent = self.cells[0].parent
        arrays = [self.nodes[name] for name in ARRAYS]
        roots, below = by_depth(parent)
        up = parent[below]
        lists = [(below, up), (roots, roots), (below, up)]
        loops = solver(self.width, self.dtype, method, self.nodes.one)
        return [
            _call(loop, *of, arrays, len(self.cells)) for loop, of in zip(loops, lists, strict=True)
        ]

    def cleared(self, compartments: NDArray[np.int64]) -> list[Call]:
        """What sets sums to 0, if there are such compartments."""
        if not len(compartments):
            return []
        results = [Result(name, Place("node", k)) for k, name in enumerate(SUMS)]
        program = Program((), (), dict.fromkeys(SUMS, 0.0))
        loop = Loop(program, {}, results, {}, self.width, self.dtype)
        sums = [self.nodes[name] for name in SUMS]
        return [_call(loop, compartments, compartments, sums, len(self.cells))]

    def _turn(self, p: int) -> tuple[bool, bool, tuple[bool, str]]:
        """What tables come after another by in a step; what reads POINTERs is last."""
        mechanism = self.tables[p].mechanism
        points = bool(mechanism.pointers)
        return p in self.after_ions, points, rank(mechanism) if points else (False, "")

    def _is_after_ions(self, p: int) -> bool:
        """What sets ions' variables comes first, and all else takes the new ones, as in NEURON."""
        written = {name for ion in self.tables[p].mechanism.ions for name in ion.writes}
        return not written & self.ions.written

    def _place(self, each: Sequence[int], dt: float) -> None:
        """Make the tables of a density mechanism: one for each set of parameters, if few.

        ``each`` is its number among the placed mechanisms of each cell.
        """
        placed = [cell.placed[p] for cell, p in zip(self.filled, each, strict=True)]
        mechanism, where = placed[0].mechanism, np.asarray(placed[0].where, np.int64)
        distinct: dict[int, dict[str, NDArray[np.float64]]] = {}
        for lane, (cell, x) in enumerate(zip(self.filled, placed, strict=True)):
            if id(cell) not in distinct:
                distinct[id(cell)] = self._values(lane, x, dt)
        values = [distinct[id(cell)] for cell in self.filled]
        if DRAWN in self._names[id(mechanism)]:
            values = [
                of | self._streams(lane, p, x)
                for lane, (of, p, x) in enumerate(zip(values, each, placed, strict=True))
            ]
        numbers = {name: np.stack([of[name] for of in values], axis=1) for name in values[0]}
        kinds = alike(mechanism, numbers, len(where), dt)
        self._densities.append((len(self.tables), kinds.astype(np.int8)))
        for kind in range(int(kinds.max(initial=-1)) + 1):
            own = np.flatnonzero(kinds == kind)
            some = {name: self._arranged(number[own]) for name, number in numbers.items()}
            at = where[own]
            if self.gather:
                at = nodes_in_vectors(at, self.lanes, self.n)
            self._table(mechanism, at, some, len(own) * len(self.cells), dt)

    def _place_points(self, dt: float) -> None:
        """Make the tables of point processes, one for each mechanism."""

        def values_of(lane: int, p: int, placed: Placed) -> Values:
            values = self._values(lane, placed, dt)
            drawn = DRAWN in self._names[id(placed.mechanism)]
            return values | self._streams(lane, p, placed) if drawn else values

        for some in gathered(self.cells, values_of, dt):
            for at, places in some.order.items():
                numbers = self.memory.kept(places.astype(np.int32), "build")
                self._points[at] = len(self.tables), numbers
            nodes = some.compartment * self.width + some.lane
            where = nodes_in_vectors(nodes, self.lanes, self.n * self.width)
            values = {name: in_vectors(x, self.lanes) for name, x in some.values.items()}
            mechanism = with_enough_rounds(some.mechanism, some.values, dt)
            self._table(mechanism, where, values, len(nodes), dt)

    def _table(
        self,
        mechanism: Mechanism,
        where: NDArray[np.int64],
        numbers: Mapping[str, Number],
        count: int,
        dt: float,
    ) -> None:
        values = {**mechanism.shared, **numbers}
        ions = self.ions.used(mechanism)
        shown = {name: self.nodes[name] for name in ("v", *ions)}
        among = self.nodes.among_ions(where) if ions else where
        if mechanism.kind == "density":  # often where others are
            where, among = (self._lists.setdefault(x.tobytes(), x) for x in (where, among))
        sums = self.nodes["i"], self.nodes["g"]
        memory = self.memory if mechanism.kind == "point" else None
        given = self.lanes, count, dt, self.dtype, self.seed, memory
        self.tables.append(Table(mechanism, values, (where, among), shown, sums, *given))

    def _arranged(self, numbers: NDArray[np.float64]) -> Number:
        """Numbers of shape (places, cells) as vectors; one if all are the same."""
        if self.gather:
            return in_vectors(numbers[:, 0], self.lanes)
        same = bool((numbers == numbers.flat[0]).all())
        return float(numbers.flat[0]) if same else np.ascontiguousarray(numbers)

    def _values(self, lane: int, placed: Placed, dt: float) -> dict[str, NDArray[np.float64]]:
        """What a mechanism takes in that does not lie with the compartments, for each place."""
        cell, ions = self.filled[lane], self._ions[lane]
        mechanism, where = placed.mechanism, placed.where
        if id(mechanism) not in self._names:
            self._names[id(mechanism)] = names_of(mechanism, dt)
        names = self._names[id(mechanism)]
        check(placed, names)
        area = areas(cell)[where]
        values: dict[str, Any] = dict(mechanism.parameters) | dict(placed.parameters)
        values |= {name: start(cell, joined) for name, joined in placed.joined.items()}
        values |= {"celsius": cell.celsius, "diam": cell.diameter[where], "area": area}
        if mechanism.kind == "point":
            values[SCALE] = 100 / area
        taken = {name for ion in mechanism.ions for name in (*ion.reads, *ion.writes)}
        for name in sorted(taken - set(self.nodes)):
            if name not in {f"i{ion.name}" for ion in mechanism.ions}:
                values[name] = ions.rest(name)[where]
        return {
            name: np.broadcast_to(np.asarray(x, float), len(where))
            for name, x in values.items()
            if name in names
        }

    def _streams(self, lane: int, p: int, placed: Placed) -> dict[str, NDArray[np.float64]]:
        """The identifiers of places' streams."""
        n = len(placed.where)
        if placed.streams is None:
            own = [np.full(n, self.numbers[min(lane, len(self.numbers) - 1)]), np.full(n, p)]
            streams = np.stack([*own, np.arange(n)], axis=1)
        else:
            streams = np.asarray(placed.streams)
        if streams.shape != (n, 3) or not ((streams >= 0) & (streams < 2**32)).all():
            raise ModelError(
                f"{placed.mechanism.name}: streams are three whole numbers below 2^32 for each of "
                f"its {n} places"
            )
        return {name: streams[:, k].astype(float) for k, name in enumerate(IDENTIFIERS)}

    def node_address(self, name: str, lane: int, compartment: int) -> int:
        """The address of a compartment's variable."""
        return self.nodes.address(name, self.cells[lane], lane, compartment)

    def found(
        self, lane: int, p: int, places: slice | NDArray[np.int64] = slice(None)
    ) -> NDArray[np.int64]:
        """The table that each place of a placed mechanism is in, and its number there; (n, 2)."""
        of = _densities(self.cells[lane])
        if p not in of:
            table, numbers = self._points[lane, p]
            own = numbers[places].astype(np.int64)
            return np.stack([np.full_like(own, table), own], axis=1)
        table, kinds = self._densities[of.index(p)]
        found = np.stack([table + kinds.astype(np.int64), np.zeros(len(kinds), np.int64)], axis=1)
        for kind in np.unique(kinds):
            found[kinds == kind, 1] = np.arange(np.count_nonzero(kinds == kind))
        return found[places]

    def row_address(self, p: int, name: str, lane: int, place: int) -> int:
        """The address of a variable of a placed mechanism, or of its first if none is named."""
        number, turn = self.found(lane, p, np.array([place]))[0].tolist()
        table = self.tables[number]
        if table.gather:
            turn, lane = divmod(turn, self.lanes)
        row = table.rows.index(name) if name else 0
        return int(table.record[turn, row, lane:].ctypes.data)

    def reached(self, p: int, lane: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where events find places of a point process of a cell, shape (n, 3).

        The number of the table, the address of the place's record, that of its voltage.
        """
        number, inside = self.found(lane, p, places).T
        out = np.empty((len(places), 3), np.int64)
        out[:, 0] = number
        for k in np.unique(number):
            own, table = number == k, self.tables[k]
            turn, at = np.divmod(inside[own], self.lanes) if table.gather else (inside[own], lane)
            first, strides = table.record.ctypes.data, table.record.strides
            out[own, 1] = first + turn * strides[0] + at * strides[2]
        v, where = self.nodes["v"], np.asarray(self.cells[lane].placed[p].where)[places]
        out[:, 2] = v.ctypes.data + (where * self.width + lane) * v.itemsize
        return out

    def table_of(self, lane: int, p: int, place: int) -> Table:
        """The table that a place of a placed mechanism is in."""
        return self.tables[int(self.found(lane, p, np.array([place]))[0, 0])]


def _densities(cell: Compartments) -> list[int]:
    return [p for p, x in enumerate(cell.placed) if x.mechanism.kind == "density"]


def _call(
    loop: Loop,
    own: NDArray[np.int64],
    up: NDArray[np.int64],
    arrays: Sequence[Numbers],
    cells: int,
) -> Call:
    arguments = np.zeros(NODES + len(arrays), np.int64)
    arguments[COUNT] = len(own)
    arguments[FIRST_LIST], arguments[SECOND_LIST] = own.ctypes.data, up.ctypes.data
    arguments[NODES:] = [array.ctypes.data for array in arrays]
    count = loop.program.count()
    total = Counter({kind: k * len(own) * cells for kind, k in count.items()})
    return Call(loop, arguments, total, (own, up, arrays))
