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

from halfbrain.dynamics.compiled import module
from halfbrain.dynamics.instructions import Operand, Program
from halfbrain.dynamics.picks import OPERATIONS as RANDOM
from halfbrain.dynamics.picks import Picks
from halfbrain.dynamics.vectors import Vectors
from halfbrain.errors import ModelError

# Places in the arguments of a compiled loop; the addresses of nodes' arrays come last.
COUNT, RECORD, UNIFORM, FIRST_LIST, SECOND_LIST, NOTED, NODES = range(7)


@dataclass(frozen=True)
class Place:
    """Where a value lies: a row of the record, a uniform's number, a node array's number.

    ``second`` takes the node from the second list of numbers instead of the first.
    """

    kind: Literal["record", "uniform", "node"]
    number: int
    second: bool = False


@dataclass(frozen=True)
class Result:
    """An output, where it goes, and whether it is added to what is there."""

    name: str
    place: Place
    added: bool = False


def compile_lanes(
    program: Program,
    inputs: Mapping[str, Place],
    results: Sequence[Result],
    rows: int,
    lanes: int,
    dtype: type[np.floating[Any]],
    *,
    gather: bool = False,
    downward: bool = False,
    stride: int = 1,
    noted: str = "",
) -> Any:
    """A module whose ``go`` is compiled code, an ``int64 f(int64*)``.

    Parameters
    ----------
    program
        what is done in each turn.
    inputs, results
        where its inputs lie and its outputs go; outputs that are not named are dropped.
    rows
        of the record.
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

    Raises
    ------
    ModelError
        for random numbers that are of no place's stream.
    """
    if any(step.operation in ("uniform", "normal") for step in program.instructions):
        raise ModelError("random numbers of no stream: a mechanism draws those of its places'")
    known = {name: i for i, name in enumerate(program.inputs)}

    def value(operand: Operand) -> int | float:
        return known[operand] if isinstance(operand, str) else float(operand)

    def place(x: Place) -> tuple[str, int, bool]:
        return x.kind, x.number, x.second

    read = [place(inputs[name]) for name in program.inputs]
    steps = []
    for step in program.instructions:
        operands = tuple(map(value, step.operands))
        known[step.target] = len(known)
        steps.append((step.operation, operands))
    written = [(value(program.outputs[r.name]), *place(r.place), r.added) for r in results]
    double = dtype is np.float64
    layout = (rows, lanes, double, gather, downward, stride)
    when = value(program.outputs[noted]) if noted else None
    source = "\n".join(
        [
            "import numba",
            "from math import inf, nan",
            "from halfbrain.dynamics.lanes import loop_over_lanes",
            f"run = loop_over_lanes({read!r}, {steps!r}, {written!r}, {layout!r}, {when!r})",
            '@numba.cfunc("int64(CPointer(int64))", cache=True)',
            "def go(arguments):",
            "    return run(arguments)",
            "",
        ]
    )
    return module(source)


_Read = Sequence[tuple[str, int, bool]]
_Steps = Sequence[tuple[str, Sequence[int | float]]]
_Written = Sequence[tuple[int | float, str, int, bool, bool]]


def loop_over_lanes(
    read: _Read,
    steps: _Steps,
    written: _Written,
    layout: tuple[int, int, bool, bool, bool, int],
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
        layout: tuple[int, int, bool, bool, bool, int],
    ) -> None:
        rows, self.lanes, double, self.gather, self.downward, self.stride = layout
        self.builder, self.arguments = builder, arguments
        self.vectors = Vectors(builder, self.lanes, double)
        self.picks = Picks(context, self.vectors)
        self.row_bytes = self.lanes * self.vectors.bytes * self.stride
        self.record_bytes = rows * self.row_bytes
        self.entry: dict[int, Any] = {}

    def whole(self, number: int) -> Any:
        return ir.Constant(ir.IntType(64), number)

    def argument(self, number: int) -> Any:
        return self.builder.load(self.builder.gep(self.arguments, [self.whole(number)]))

    def write(self, read: _Read, steps: _Steps, written: _Written, when: int | float | None) -> Any:
        b = self.builder
        self.noted = cgutils.alloca_once_value(b, self.whole(0))  # type: ignore[no-untyped-call]
        count, self.record = self.argument(COUNT), self.argument(RECORD)
        uniform = self.argument(UNIFORM)
        self.lists = [self.argument(FIRST_LIST), self.argument(SECOND_LIST)]
        places = [*read, *(w[1:4] for w in written)]
        arrays = sorted({number for kind, number, _ in places if kind == "node"})
        self.arrays = {number: self.argument(NODES + number) for number in arrays}
        values: dict[int, Any] = {}
        for i, (kind, number, _) in enumerate(read):
            if kind == "uniform":
                address = b.add(uniform, self.whole(number * self.vectors.bytes))
                values[i] = self.vectors.splat(self.vectors.number_at(address))
        with cgutils.for_range(b, count) as loop:
            turn = loop.index
            if self.downward:
                turn = b.sub(b.sub(count, self.whole(1)), turn)
            self.begin(turn, {second for kind, _, second in places if kind == "node"})
            for i, (kind, number, second) in enumerate(read):
                if kind != "uniform":
                    values[i] = self.read(kind, number, second)
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
        for operand, kind, number, second, added in written:
            result = self.vectors.number(self.value(values, operand))
            self.put(kind, number, second, added, result)

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

    def begin(self, turn: Any, lists: set[bool]) -> None:
        """Find this turn's record, and how far its nodes are from the arrays' beginnings."""
        b = self.builder
        self.at = b.add(self.record, b.mul(turn, self.whole(self.record_bytes)))
        self.offsets: dict[bool, list[Any]] = {}
        each = self.lanes if self.gather else 1
        size = self.vectors.bytes * (1 if self.gather else self.lanes)
        for second in sorted(lists):
            first = b.add(self.lists[second], b.mul(turn, self.whole(8 * each)))
            self.offsets[second] = []
            for lane in range(each):
                pointer = b.inttoptr(
                    b.add(first, self.whole(8 * lane)), ir.IntType(64).as_pointer()
                )
                self.offsets[second].append(b.mul(b.load(pointer), self.whole(size)))

    def read(self, kind: str, number: int, second: bool) -> Any:
        b = self.builder
        if kind == "record":
            return self.vectors.load(b.add(self.at, self.whole(number * self.row_bytes)))
        addresses = [b.add(self.arrays[number], o) for o in self.offsets[second]]
        if not self.gather or self.lanes == 1:
            return self.vectors.load(addresses[0])
        value = ir.Constant(self.vectors.type, ir.Undefined)
        for lane, address in enumerate(addresses):
            number_there = self.vectors.number_at(address)
            value = b.insert_element(value, number_there, ir.Constant(ir.IntType(32), lane))
        return value

    def put(self, kind: str, number: int, second: bool, added: bool, result: Any) -> None:
        b = self.builder
        if kind == "record":
            self.vectors.store(result, b.add(self.at, self.whole(number * self.row_bytes)))
            return
        addresses = [b.add(self.arrays[number], o) for o in self.offsets[second]]
        if not self.gather or self.lanes == 1:
            if added:
                result = self.vectors.operation("add", [self.vectors.load(addresses[0]), result])
            self.vectors.store(result, addresses[0])
            return
        # Lane by lane: two of them may be places in the same compartment.
        for lane, address in enumerate(addresses):
            one = b.extract_element(result, ir.Constant(ir.IntType(32), lane))
            if added:
                one = b.fadd(self.vectors.number_at(address), one)
            self.vectors.put_number(one, address)
