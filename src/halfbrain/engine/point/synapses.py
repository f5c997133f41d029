"""All synapses of a circuit: units of the receptors, tables, the state of plastic ones."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit
from halfbrain.connectivity.values import number_of
from halfbrain.engine.point import deliver, plastic
from halfbrain.engine.point.drawing import Drawing
from halfbrain.engine.point.layout import Layout
from halfbrain.engine.point.packing import COUNT, LONG, PACKED, PLASTIC, WIDE
from halfbrain.engine.point.plastic import REMEMBERED, Rule, compile_rule
from halfbrain.engine.point.quanta import (
    PACKED_MOST,
    ROOM,
    WIDE_MOST,
    Arrival,
    fits,
    quantum,
    smallest,
    typical,
)
from halfbrain.engine.point.tables import Table, delay_steps, make_table
from halfbrain.engine.point.update import poisson_table
from halfbrain.equations.dimensions import NONE, TIME
from halfbrain.equations.equations import constant
from halfbrain.errors import CircuitError

Array = NDArray[Any]
Units = dict[int, dict[str, float]]
LONG_PAST = -(2**30)
_GAP = 32  # steps without any delay for which a table still keeps places


@dataclass(frozen=True, eq=False)
class Plastic:
    """What a plastic table keeps beside its weights.

    ``unit`` is how many units of the receptor make 1 (SI), and the most that a spike may send, in
    units. ``last`` and ``pre`` are, for each segment, the step of the last arrival and the traces
    of the source after it; the others are for each part a list over the target's neurons.
    """

    rule: Rule
    unit: NDArray[np.float64]
    last: NDArray[np.int32]
    pre: Array
    post_last: list[NDArray[np.int32]]
    post_count: list[NDArray[np.int32]]
    post_steps: list[NDArray[np.int32]]
    post_before: list[Array]
    post: list[Array]


def units_of(
    circuit: Circuit, drawings: list[Drawing], dt: float, double: bool
) -> tuple[Units, bool]:
    """The unit of each receptor of each population, and whether sums in them are of 64 bits."""
    found: dict[tuple[int, str], list[Arrival]] = {}
    for index, population in enumerate(circuit.populations):
        if not isinstance(population.model, Neuron):
            continue
        cell = population.model
        for receptor in cell.receptors:
            arrivals = [
                _arrival(d, cell)
                for d in drawings
                if d.target == index and d.projection.receptor == receptor
            ]
            for drive in circuit.drives:
                if drive.target == population.name and drive.receptor == receptor:
                    dimensions = cell.variable_dimensions(cell.receptors[receptor])
                    at = f"drive of {drive.target}"
                    weight = abs(number_of(drive.weight, dimensions, f"{at}: weight"))
                    rate = number_of(drive.rate, NONE / TIME, f"{at}: rate")
                    most = len(poisson_table(min(max(rate * dt, 0.0), 1e5)))
                    arrivals.append(Arrival(weight, weight, weight, weight * most))
            found[index, receptor] = arrivals
    narrow = {key: fits(arrivals) for key, arrivals in found.items()}
    wide = double or not all(narrow.values())
    out: Units = {i: {} for i, p in enumerate(circuit.populations) if isinstance(p.model, Neuron)}
    for (index, receptor), arrivals in found.items():
        place = f"population {circuit.populations[index].name!r}, receptor {receptor!r}"
        # A unit does not depend on what other receptors need.
        alone = double or not narrow[index, receptor]
        out[index][receptor] = quantum(arrivals, double, alone, place)
    return out, wide


def _arrival(drawing: Drawing, cell: Neuron) -> Arrival:
    weight = drawing.rows.weight
    if drawing.projection.plasticity is None:
        largest = weight.largest
        return Arrival(
            largest,
            smallest(weight),
            typical(weight),
            drawing.rows.most_at_once(),
            not weight.constant,
        )
    largest = _largest_plastic(drawing, cell)
    if not largest and drawing.rows.synapses:
        raise CircuitError(
            f"projection {drawing.projection.name}: all weights begin at 0, and no constant of the "
            f"rule, such as a w_max, says how large they can be"
        )
    usual = typical(weight) or largest / ROOM
    return Arrival(largest, usual, usual, largest * drawing.rows.highest_in_degree(), plastic=True)


def _largest_plastic(drawing: Drawing, cell: Neuron) -> float:
    """What a plastic weight may grow to, SI: a bound, if its rule has one, or the room it gets."""
    rule = drawing.projection.plasticity
    assert rule is not None
    dimensions = cell.variable_dimensions(cell.receptors[drawing.projection.receptor])
    known = [constant(name, value) for name, value in rule.constants.items()]
    named = [abs(float(k.value)) for k in known if k.dimensions == dimensions]
    return max([ROOM * drawing.rows.weight.largest, *named])


def make_tables(
    circuit: Circuit,
    drawings: list[Drawing],
    units: Units,
    layout: Layout,
    dt: float,
    dtype: type[np.floating[Any]],
    pool: ThreadPoolExecutor,
) -> list[Table]:
    """Projections that share a receptor's place, a format and their delays share a table."""
    groups: dict[tuple[int, int, int, int], list[Drawing]] = defaultdict(list)
    for index, d in enumerate(drawings):
        if not d.rows.synapses and not d.projection.plasticity:
            continue
        cell = circuit.populations[d.target].model
        assert isinstance(cell, Neuron)
        receptor = list(cell.receptors).index(d.projection.receptor)
        unit = units[d.target][d.projection.receptor]
        if d.projection.plasticity:
            key = (PLASTIC, receptor, 0, index)
        elif d.rows.weight.constant:
            key = (COUNT, receptor, round(d.rows.weight.a / unit), -1)
        else:
            most = round(d.rows.weight.largest / unit)
            packed = dtype is not np.float64 and most <= PACKED_MOST
            key = (PACKED if packed else WIDE if most <= WIDE_MOST else LONG, receptor, 0, -1)
        groups[key].append(d)
    return [
        make_table(
            key[0],
            key[1],
            group,
            [units[d.target][d.projection.receptor] for d in group],
            layout,
            dt,
            dtype,
            pool,
        )
        for key, every in groups.items()
        for group in _near(every, dt)
    ]


def _near(drawings: list[Drawing], dt: float) -> list[list[Drawing]]:
    """Groups whose delays are no gap apart: a table has a place for every delay in between."""
    out: list[list[Drawing]] = []
    until = 0
    for drawing in sorted(drawings, key=lambda d: delay_steps(d, dt)):
        shortest, longest = delay_steps(drawing, dt)
        if not out or shortest > until + _GAP:
            out.append([])
            until = 0
        out[-1].append(drawing)
        until = max(until, longest)
    return out


def make_plastic(
    circuit: Circuit,
    table: Table,
    units: Units,
    layout: Layout,
    dt: float,
    dtype: type[np.floating[Any]],
    wide: bool,
) -> Plastic:
    """The state of a plastic table at the start."""
    drawing = table.drawings[0]
    cell = circuit.populations[drawing.target].model
    assert isinstance(cell, Neuron)
    assert drawing.projection.plasticity
    receptor = drawing.projection.receptor
    dimensions = cell.variable_dimensions(cell.receptors[receptor])
    rule = compile_rule(drawing.projection.plasticity, dimensions, dt, dtype, wide)
    segments = len(table.offsets) * (table.offsets.shape[1] - 1)
    sizes = [64 * int(b - a) if rule.remembers else 0 for a, b in layout.slices[drawing.target]]
    return Plastic(
        rule,
        np.array([1.0, _largest_plastic(drawing, cell) * 1.001]) / units[drawing.target][receptor],
        np.full(segments, LONG_PAST, np.int32),
        np.zeros(segments * rule.pre, dtype),
        [np.full(n, LONG_PAST, np.int32) for n in sizes],
        [np.zeros(n, np.int32) for n in sizes],
        [np.zeros(n * REMEMBERED, np.int32) for n in sizes],
        [np.zeros(n * REMEMBERED * rule.post, dtype) for n in sizes],
        [np.zeros(n * rule.post, dtype) for n in sizes],
    )


def described(table: Table, sources: Array, plasticity: Plastic | None) -> NDArray[np.int64]:
    """A table as the loop takes it; ``sources`` has (population, shift to a row, rows)."""
    out = np.zeros(deliver.TABLE, np.int64)
    out[deliver.KIND], out[deliver.RECEPTOR] = table.kind, table.receptor
    out[deliver.SHORTEST], out[deliver.DELAYS] = table.shortest, table.delays
    out[deliver.ROWS], out[deliver.SOURCES] = len(sources), sources.ctypes.data
    out[deliver.OFFSETS] = table.offsets.ctypes.data
    out[deliver.TARGETS], out[deliver.WEIGHTS] = (
        table.targets.ctypes.data,
        table.weights.ctypes.data,
    )
    out[deliver.WEIGHT] = table.weight
    if plasticity:
        rule = plasticity.rule
        out[deliver.LAST], out[deliver.PRE] = (
            plasticity.last.ctypes.data,
            plasticity.pre.ctypes.data,
        )
        out[deliver.PRE_TRACES], out[deliver.POST_TRACES] = rule.pre, rule.post
        out[deliver.RULE], out[deliver.NEAREST] = rule.address, rule.nearest
        out[deliver.SOURCE_FIRST] = rule.source_first
        out[deliver.REMEMBERS], out[deliver.TARGET] = rule.remembers, table.drawings[0].target
    return out


def rule_arguments(
    table: Table, plasticity: Plastic, layout: Layout, arrived: list[int], flushed: int = -1
) -> NDArray[np.int64]:
    """Arguments of a plastic table's rule for each part."""
    out = np.zeros((layout.parts, plastic.ARGUMENTS), np.int64)
    target = table.drawings[0].target
    for part in range(layout.parts):
        a = out[part]
        a[plastic.ARRIVED] = arrived[part]
        a[plastic.POST_LAST] = plasticity.post_last[part].ctypes.data
        a[plastic.POST_COUNT] = plasticity.post_count[part].ctypes.data
        a[plastic.POST_STEPS] = plasticity.post_steps[part].ctypes.data
        a[plastic.POST_BEFORE] = plasticity.post_before[part].ctypes.data
        a[plastic.POST] = plasticity.post[part].ctypes.data
        a[plastic.FLUSHED] = flushed
        a[plastic.LOCAL] = layout.local[target, part]
        a[plastic.NEURONS] = len(plasticity.post_count[part])
        a[plastic.DECAYS] = plasticity.rule.decays.ctypes.data
        a[plastic.DECAY_LENGTH] = plasticity.rule.decays.shape[1]
        a[plastic.UNIT] = plasticity.unit.ctypes.data
    return out
