"""A program compiled as a loop over vectors that lie in several arrays.

Three kinds of place: a *record* has its rows side by side for each turn of the loop; a *node* is
an element of an array, found through a list of numbers (a compartment, its parent); a *uniform* is
one number for all. What an output does to a node is to replace it or to be added to it.

Either each node is itself a vector (its lanes are cells of one shape), or each lane finds a node of
its own (its lanes are places in one cell).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from halfbrain.codegen.compiled import module
from halfbrain.codegen.picks import OPERATIONS as RANDOM
from halfbrain.codegen.picks import Picks
from halfbrain.codegen.vectors import Vectors
from halfbrain.errors import ModelError
from halfbrain.program.instructions import Operand, Program

# Places in the arguments of a compiled loop; the addresses of nodes' arrays come last.
COUNT, RECORD, UNIFORM, FIRST_LIST, SECOND_LIST, NOTED, NODES = range(7)


@dataclass(frozen=True)
class Place:
    """Where a value lies: a row of the record, a uniform's number, a node array's number.

    ``second`` takes the node from the second list of numbers instead of the first; ``base`` is the
    argument that holds the address of another record, or of other uniforms, than the loop's own.
    A node that is ``one`` has a number which is that of all lanes.
    """

    kind: Literal["record", "uniform", "node"]
    number: int
    second: bool = False
    base: int = 0
    one: bool = False

    @property
    def place(self) -> tuple[str, int, bool, int, bool]:
        """As plain values, with the argument that it is reckoned from."""
        own = {"record": RECORD, "uniform": UNIFORM}.get(self.kind, 0)
        return self.kind, self.number, self.second, self.base or own, self.one


@dataclass(frozen=True)
class Result:
    """An output, where it goes, and whether it is added to what is there."""

    name: str
    place: Place
    added: bool = False


@dataclass(frozen=True)
class Loop:
    """A program that is done once for each turn, with where its values lie.

    Parameters
    ----------
    program
        what is done in each turn.
    inputs, results
        where its inputs lie and its outputs go; outputs that are not named are dropped.
    rows
        of each record, by the argument that holds its address.
    lanes
        numbers in a vector.
    dtype
        of them.
    gather
        each lane finds its own node: the lists have ``lanes`` numbers for each turn.
    downward
        from the last turn to the first.
    stride
        numbers from a row of the record to the next, in units of ``lanes``.
    noted
        an output: only turns in which it is not 0 in some lane put out anything, and their numbers
        are written one after the other to a list of their own; ``go`` returns how many there are.
    """

    program: Program
    inputs: Mapping[str, Place]
    results: Sequence[Result]
    rows: Mapping[int, int]
    lanes: int
    dtype: type[np.floating[Any]]
    gather: bool = False
    downward: bool = False
    stride: int = 1
    noted: str = ""

    def compiled(self) -> Any:
        """A module whose ``go`` is compiled code, an ``int64 f(int64*)``.

        Raises
        ------
        ModelError
            for random numbers that are of no place's stream.
        """
        return module(_source(self))


def _source(loop: Loop) -> str:
    program = loop.program
    if any(step.operation in ("uniform", "normal") for step in program.instructions):
        raise ModelError("random numbers of no stream: a mechanism draws those of its places'")
    known = {name: i for i, name in enumerate(program.inputs)}

    def value(operand: Operand) -> int | float:
        return known[operand] if isinstance(operand, str) else float(operand)

    read = [loop.inputs[name].place for name in program.inputs]
    steps = []
    for step in program.instructions:
        operands = tuple(map(value, step.operands))
        known[step.target] = len(known)
        steps.append((step.operation, operands))
    written = [(value(program.outputs[r.name]), r.place.place, r.added) for r in loop.results]
    records = tuple(sorted(loop.rows.items()))
    double = loop.dtype is np.float64
    layout = (records, loop.lanes, double, loop.gather, loop.downward, loop.stride)
    when = value(program.outputs[loop.noted]) if loop.noted else None
    return "\n".join(
        [
            "import numba",
            "from math import inf, nan",
            "from halfbrain.codegen.lanes import loop_over_lanes",
            f"run = loop_over_lanes({read!r}, {steps!r}, {written!r}, {layout!r}, {when!r})",
            '@numba.cfunc("int64(CPointer(int64))", cache=True)',
            "def go(arguments):",
            "    return run(arguments)",
            "",
        ]
    )


_Where = tuple[str, int, bool, int, bool]
_Read = Sequence[_Where]
_Steps = Sequence[tuple[str, Sequence[int | float]]]
_Written = Sequence[tuple[int | float, _Where, bool]]
_Layout = tuple[Sequence[tuple[int, int]], int, bool, bool, bool, int]


def loop_over_lanes(
    read: _Read,
    steps: _Steps,
    written: _Written,
    layout: _Layout,
    when: int | float | None,
) -> Any:
    """The loop as a function for Numba, of the address of its arguments."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _Loop(context, builder, args[0], layout).write(read, steps, written, when)

    @intrinsic
    def run(typingctx: Any, arguments: Any) -> Any:
        return types.int64(arguments), codegen

    return run


class _Loop:
    def __init__(
        self,
        context: Any,
        builder: Any,
        arguments: Any,
        layout: _Layout,
    ) -> None:
        records, self.lanes, double, self.gather, self.downward, self.stride = layout
        self.builder, self.arguments = builder, arguments
        self.vectors = Vectors(builder, self.lanes, double)
        self.picks = Picks(context, self.vectors)
        self.row_bytes = self.lanes * self.vectors.bytes * self.stride
        self.record_bytes = {base: rows * self.row_bytes for base, rows in records}

    def whole(self, number: int) -> Any:
        return ir.Constant(ir.IntType(64), number)

    def argument(self, number: int) -> Any:
        return self.builder.load(self.builder.gep(self.arguments, [self.whole(number)]))

    def write(self, read: _Read, steps: _Steps, written: _Written, when: int | float | None) -> Any:
        b = self.builder
        self.noted = cgutils.alloca_once_value(b, self.whole(0))  # type: ignore[no-untyped-call]
        count = self.argument(COUNT)
        self.lists = [self.argument(FIRST_LIST), self.argument(SECOND_LIST)]
        places = [*read, *(where for _, where, _ in written)]
        arrays = sorted({number for kind, number, *_ in places if kind == "node"})
        self.arrays = {number: self.argument(NODES + number) for number in arrays}
        bases = sorted({base for kind, *_, base, _ in places if kind != "node"})
        self.bases = {base: self.argument(base) for base in bases}
        values: dict[int, Any] = {}
        for i, (kind, number, _, base, _) in enumerate(read):
            if kind == "uniform":
                address = b.add(self.bases[base], self.whole(number * self.vectors.bytes))
                values[i] = self.vectors.splat(self.vectors.number_at(address))
        with cgutils.for_range(b, count) as loop:
            turn = loop.index
            if self.downward:
                turn = b.sub(b.sub(count, self.whole(1)), turn)
            self.begin(turn, places)
            for i, where in enumerate(read):
                if where[0] != "uniform":
                    values[i] = self.read(where)
            for operation, operands in steps:
                taken = [self.value(values, x) for x in operands]
                values[len(values)] = (
                    self.picks.operation(operation, operands, taken)
                    if operation in RANDOM
                    else self.vectors.operation(operation, taken)
                )
            if when is None:
                self.put_all(written, values)
            else:
                self.note(turn, self.value(values, when), written, values)
        return b.load(self.noted)

    def put_all(self, written: _Written, values: Mapping[int, Any]) -> None:
        found: dict[_Where, list[tuple[Any, bool]]] = {}
        for operand, where, added in written:
            result = self.vectors.number(self.value(values, operand))
            found.setdefault(where, []).append((result, added))
        for where, results in found.items():
            self.put(where, results)

    def note(self, turn: Any, when: Any, written: _Written, values: Mapping[int, Any]) -> None:
        b = self.builder
        mask = self.vectors.mask(when)
        bits = b.bitcast(mask, ir.IntType(self.lanes)) if self.lanes > 1 else mask
        some = b.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))
        with b.if_then(some, likely=False):
            self.put_all(written, values)
            n = b.load(self.noted)
            place = b.add(self.argument(NOTED), b.mul(n, self.whole(8)))
            b.store(turn, b.inttoptr(place, ir.IntType(64).as_pointer()))
            b.store(b.add(n, self.whole(1)), self.noted)

    def value(self, values: Mapping[int, Any], operand: int | float) -> Any:
        return values[operand] if isinstance(operand, int) else self.vectors.constant(operand)

    def begin(self, turn: Any, places: Sequence[_Where]) -> None:
        """Find this turn's records, and how far its nodes are from the arrays' beginnings."""
        b = self.builder
        self.at = {
            base: b.add(self.bases[base], b.mul(turn, self.whole(self.record_bytes[base])))
            for base in sorted({base for kind, *_, base, _ in places if kind == "record"})
        }
        self.found: dict[bool, list[Any]] = {}
        each = self.lanes if self.gather else 1
        for second in sorted({second for kind, _, second, *_ in places if kind == "node"}):
            first = b.add(self.lists[second], b.mul(turn, self.whole(8 * each)))
            self.found[second] = []
            for lane in range(each):
                pointer = b.inttoptr(
                    b.add(first, self.whole(8 * lane)), ir.IntType(64).as_pointer()
                )
                self.found[second].append(b.load(pointer))

    def addresses(self, where: _Where) -> list[Any]:
        """The address of a vector, or of each of its lanes' numbers."""
        b, (kind, number, second, base, one) = self.builder, where
        if kind == "record":
            return [b.add(self.at[base], self.whole(number * self.row_bytes))]
        size = self.whole(self.vectors.bytes * (1 if self.gather or one else self.lanes))
        return [b.add(self.arrays[number], b.mul(node, size)) for node in self.found[second]]

    def read(self, where: _Where) -> Any:
        b, addresses = self.builder, self.addresses(where)
        if where[-1]:
            return self.vectors.splat(self.vectors.number_at(addresses[0]))
        if len(addresses) == 1:
            return self.vectors.load(addresses[0])
        value = ir.Constant(self.vectors.type, ir.Undefined)
        for lane, address in enumerate(addresses):
            number_there = self.vectors.number_at(address)
            value = b.insert_element(value, number_there, ir.Constant(ir.IntType(32), lane))
        return value

    def put(self, where: _Where, results: Sequence[tuple[Any, bool]]) -> None:
        """Put some there, or add them to what is there, one after the other."""
        b, addresses = self.builder, self.addresses(where)
        if len(addresses) == 1:
            value = None
            for result, added in results:
                if added:
                    value = self.vectors.load(addresses[0]) if value is None else value
                    value = self.vectors.operation("add", [value, result])
                else:
                    value = result
            self.vectors.store(value, addresses[0])
            return
        # Lane by lane: two of them may be places in the same compartment.
        for lane, address in enumerate(addresses):
            one = None
            for result, added in results:
                own = b.extract_element(result, ir.Constant(ir.IntType(32), lane))
                if added:
                    one = b.fadd(self.vectors.number_at(address) if one is None else one, own)
                else:
                    one = own
            self.vectors.put_number(one, address)
