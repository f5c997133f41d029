"""Synapses as they lie in memory: rows by source, within a row by part, then by delay.

A row's synapses of one part and delay are a segment: what a spike delivers in one step. A synapse
is 2 bytes (its target within the part) where all weights of the table are one, 4 with a 16-bit
weight, 6 with a 32-bit one, 10 with a 64-bit one, and a target and a floating-point number where
the weight is plastic.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.connectivity.value import NORMAL
from halfbrain.engine.point.drawing import Drawing
from halfbrain.engine.point.layout import Layout
from halfbrain.engine.point.packing import COUNT, LONG, PACKED, PLASTIC, WIDE, pack, stage
from halfbrain.equations.steps import nearest_step
from halfbrain.errors import CircuitError

_CHUNK = 1 << 19  # synapses packed at a time by a thread
_LONGEST_DELAY = 65_535

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Table:
    """The synapses of some projections onto one receptor.

    ``sources`` gives each source population and its first row. ``offsets`` (rows, parts x delays +
    1) is where the segments of each row begin, and its last ends. ``targets`` holds targets, for
    PACKED with the weights in their upper halves; ``weights`` is empty for COUNT and PACKED.
    ``weight`` is the one weight of COUNT, in quanta.
    """

    kind: int
    receptor: int
    drawings: tuple[Drawing, ...]
    sources: tuple[tuple[int, int], ...]
    shortest: int
    delays: int
    offsets: NDArray[np.int64]
    targets: Array
    weights: Array
    weight: int

    @property
    def bytes(self) -> int:
        """Memory of the table."""
        return sum(a.nbytes for a in (self.offsets, self.targets, self.weights))

    @property
    def synapse_bytes(self) -> int:
        """Memory that one synapse takes and that a spike reads."""
        return int(self.targets.itemsize + (self.weights.itemsize if self.weights.size else 0))


def make_table(
    kind: int,
    receptor: int,
    drawings: Sequence[Drawing],
    quanta: Sequence[float],
    layout: Layout,
    dt: float,
    dtype: type[np.floating[Any]],
    pool: ThreadPoolExecutor,
) -> Table:
    """Draw and pack the synapses of ``drawings``; ``quanta`` has the unit of each one's target.

    Raises
    ------
    CircuitError
        for delays that are too long.
    """
    spans = [delay_steps(d, dt) for d in drawings]
    shortest = min(span[0] for span in spans)
    delays = max(span[1] for span in spans) - shortest + 1
    sources: dict[int, int] = {}
    total = 0
    for d in drawings:
        if d.source not in sources:
            sources[d.source] = total
            total += len(d.rows.degrees)
    lengths = np.zeros(total, np.int64)
    for d in drawings:
        first = sources[d.source]
        lengths[first : first + len(d.rows.degrees)] += d.rows.degrees
    offsets = np.empty((total, layout.parts * delays + 1), np.int64)
    offsets[:, 0] = np.cumsum(lengths) - lengths
    synapses = int(lengths.sum())
    target_type, weight_type = {
        COUNT: (np.uint16, None),
        PACKED: (np.uint32, None),
        WIDE: (np.uint16, np.int32),
        LONG: (np.uint16, np.int64),
        PLASTIC: (np.uint16, dtype),
    }[kind]
    table = Table(
        kind,
        receptor,
        tuple(drawings),
        tuple(sources.items()),
        shortest,
        delays,
        offsets,
        np.empty(synapses, target_type),
        np.empty(synapses if weight_type else 0, weight_type or np.uint8),
        round(drawings[0].rows.weight.a / quanta[0]) if kind == COUNT else 0,
    )
    tasks = []
    for source, first in table.sources:
        mine = [(d, q) for d, q in zip(drawings, quanta, strict=True) if d.source == source]
        size = len(mine[0][0].rows.degrees)
        before = np.concatenate([[0], np.cumsum(lengths[first : first + size])])
        edges = np.unique(np.searchsorted(before, np.arange(0, before[-1] + 1, _CHUNK)))
        edges = np.unique(np.concatenate([[0], np.minimum(edges, size), [size]]))
        tasks += [(mine, first, int(a), int(b)) for a, b in pairwise(edges)]
    list(pool.map(lambda task: _pack(table, layout, dt, *task), tasks))
    return table


def delay_steps(drawing: Drawing, dt: float) -> tuple[int, int]:
    """The shortest and the longest delay that come out, in steps."""
    v = drawing.rows.delay
    parts = [v, v.other] if v.other else [v]
    low = min(max(p.low, p.a - 6.8 * p.b) if p.kind == NORMAL else p.low for p in parts)
    high = v.largest
    if high / dt > _LONGEST_DELAY:
        place = f"projection {drawing.projection.name}: delay"
        raise CircuitError(f"{place}: {high:.3g} s is over {_LONGEST_DELAY} time steps")
    return int(nearest_step(low, dt)), int(nearest_step(high, dt))


def _pack(
    table: Table,
    layout: Layout,
    dt: float,
    mine: Sequence[tuple[Drawing, float]],
    first: int,
    begin: int,
    end: int,
) -> None:
    """Draw rows ``begin`` to ``end`` of a source population and put them in their place."""
    starts = table.offsets[:, 0]
    start, last = int(starts[first + begin]), first + end
    stop = int(starts[last]) if last < len(starts) else len(table.targets)
    place = np.empty(stop - start, np.uint32)
    weight = np.empty(stop - start, np.float64)
    delay = np.empty(stop - start, np.int32)
    cursor = starts[first + begin : first + end] - start
    for d, quantum in mine:
        scale = 1.0 if table.kind == PLASTIC else 1.0 / quantum
        stage(
            *d.rows.drawn, begin, end, d.rows.degrees, d.rows.starts, d.rows.listed,
            layout.places(d.target), scale, dt, cursor, place, weight, delay,
        )  # fmt: skip
    pack(
        table.kind, table.offsets, first + begin, first + end, start,
        layout.parts, table.shortest, table.delays, place, weight, delay,
        table.targets, table.weights,
    )  # fmt: skip
