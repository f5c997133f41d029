"""TABLE: what a block gives, between the points at which NEURON has worked it out.

The block is worked out at the two points beside its argument. That is what NEURON's table holds,
as long as nothing has changed since NEURON made it that DEPEND does not name.
"""

from __future__ import annotations

from collections.abc import Sequence

from halfbrain.errors import ModelError
from halfbrain.nmodl.run import Run
from halfbrain.nmodl.tree import Block, Table
from halfbrain.program.instructions import Operand


def note(run: Run, table: Table) -> None:
    """Say of a file that it has a table, which is not used."""
    if not run.usetable:
        run.notes[
            f"{table.place}: TABLE is not used, the block is worked out (NEURON's usetable 0); "
            "read the file with usetable (--usetable) to have NEURON's interpolated numbers"
        ] = None


def looked_up(run: Run, block: Block, table: Table, given: Sequence[Operand]) -> Operand:
    """What a block gives by its table; the variables that the table names are set.

    Raises
    ------
    ModelError
        if the block has not one argument, or the table not a whole number of steps.
    """
    if len(given) != 1:
        raise ModelError(f"{table.place}: a TABLE is of a block with one argument")
    values, before = run.values, run.held
    run.frame = {}
    first, last, count = map(run.number, (table.first, table.last, table.count))
    if not isinstance(count, float) or count != int(count) or count < 1:
        raise ModelError(f"{table.place}: a TABLE is made WITH a whole number of steps")
    step = values.emit("divide", values.emit("subtract", last, first), count)
    way = values.emit("divide", values.emit("subtract", given[0], first), step)
    inside = values.emit("minimum", values.emit("maximum", way, 0.0), count)
    left = values.emit("floor", values.emit("minimum", inside, count - 1.0))
    share = values.emit("subtract", inside, left)
    keys = [key for name in table.names or (block.name,) for key in _keys(run, name)]

    def at(point: Operand) -> list[Operand]:
        run.held = dict(before)
        place = values.emit("add", first, values.emit("multiply", point, step))
        run.inlined(block, [place])
        return [run.frame[k] if k in run.frame else run.read(k, table.place) for k in keys]

    beside = zip(at(left), at(values.emit("add", left, 1.0)), strict=True)
    others = sorted(k for k, x in run.held.items() if before.get(k) != x and k not in keys)
    if others:
        run.notes[
            f"{table.place}: TABLE leaves out {', '.join(others)}; what the block sets them to is "
            "lost, as in NEURON once it has made the table"
        ] = None
    run.held = dict(before)
    found = {}
    for key, (low, high) in zip(keys, beside, strict=True):
        rise = values.emit("multiply", share, values.emit("subtract", high, low))
        found[key] = values.emit("add", low, rise)
    run.frame = {}
    for key, value in found.items():
        if key != block.name:
            run.write(key, value, table.place)
    return found.get(block.name, 0.0)


def _keys(run: Run, name: str) -> list[str]:
    length = run.lengths.get(name)
    return [name] if length is None else [f"{name}[{i}]" for i in range(length)]
