"""Random numbers of places' streams, as LLVM instructions on whole vectors.

A program's ``pick`` is the number after ``before`` others of the same program (those that branches
really took), so a draw that is not taken leaves its stream as it is, and is not worked out where
there is one lane only; ``advance`` is where the stream is then. Deviates that take as many numbers
as they happen to need go lane by lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsInt

from llvmlite import ir
from numba import types

from halfbrain.codegen.vectors import Vectors
from halfbrain.random import streams
from halfbrain.random.philox import MASK, philox4x32

# Each deviate's two operations: the number, and how many numbers of the stream it took.
_DEVIATES: dict[str, tuple[str, int]] = {
    "polar": ("polar", 0),
    "polar_drawn": ("polar", 1),
    "binomial": ("binomial", 0),
    "binomial_drawn": ("binomial", 1),
}
OPERATIONS = ("pick", "advance", *_DEVIATES)


class _Words:
    """Whole numbers in a vector, whose arithmetic writes instructions: Philox runs on it."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _write(self, operation: str, other: _Words | SupportsInt) -> _Words:
        operand = (
            other.value if isinstance(other, _Words) else ir.Constant(self.value.type, int(other))
        )
        return _Words(self.builder, getattr(self.builder, operation)(self.value, operand))

    def __add__(self, other: _Words | SupportsInt) -> _Words:
        return self._write("add", other)

    def __mul__(self, other: _Words | SupportsInt) -> _Words:
        return self._write("mul", other)

    def __and__(self, other: _Words | SupportsInt) -> _Words:
        return self._write("and_", other)

    def __xor__(self, other: _Words | SupportsInt) -> _Words:
        return self._write("xor", other)

    def __rshift__(self, other: _Words | SupportsInt) -> _Words:
        return self._write("lshr", other)


class Picks:
    """Writes the random operations of one loop."""

    def __init__(self, context: Any, vectors: Vectors) -> None:
        self.context, self.vectors, self.builder = context, vectors, vectors.builder
        lanes = vectors.lanes
        whole: Any = ir.IntType(64)
        self.wide: Any = ir.VectorType(whole, lanes) if lanes > 1 else whole
        double: Any = ir.DoubleType()
        self.double: Any = ir.VectorType(double, lanes) if lanes > 1 else double
        self.made: dict[tuple[str, tuple[int | float, ...]], tuple[Any, Any]] = {}

    def operation(self, name: str, at: Sequence[int | float], operands: Sequence[Any]) -> Any:
        """One of ``OPERATIONS``; ``at`` tells its operands from those of others."""
        if name == "pick":
            return self._wanted(operands[0], operands[1:])
        if name == "advance":
            return self._advance(*operands)
        function, part = _DEVIATES[name]
        key = function, tuple(at)
        if key not in self.made:
            self.made[key] = self._lane_by_lane(function, operands)
        return self.made[key][part]

    def _constant(self, value: int) -> Any:
        return ir.Constant(self.wide, value)

    def _whole(self, number: Any) -> Any:
        """The whole number in a floating-point one's bits."""
        bits = self.builder.bitcast(number, self.vectors.whole)
        return bits if self.vectors.double else self.builder.zext(bits, self.wide)

    def _index(self, drawn: Any, before: Any) -> Any:
        count = self.builder.fptosi(self.vectors.number(before), self.wide)
        return self.builder.add(self._whole(drawn), count)

    def _advance(self, drawn: Any, many: Any) -> Any:
        b = self.builder
        count = b.fptosi(self.vectors.number(many), self.vectors.whole)
        return b.bitcast(b.add(b.bitcast(drawn, self.vectors.whole), count), self.vectors.type)

    def _wanted(self, condition: Any, operands: Sequence[Any]) -> Any:
        if self.vectors.lanes > 1 or isinstance(condition, ir.Constant):
            return self._pick(operands)
        b = self.builder
        outside = b.block
        with b.if_then(self.vectors.mask(condition)):
            number, inside = self._pick(operands), b.block
        found = b.phi(self.vectors.type)
        found.add_incoming(self.vectors.constant(0.0), outside)
        found.add_incoming(number, inside)
        return found

    def _pick(self, operands: Sequence[Any]) -> Any:
        b = self.builder
        seed, *identifiers, drawn, before = operands
        index = self._index(drawn, before)
        id1, id2, id3 = (_Words(b, self._whole(one)) & MASK for one in identifiers)
        block = (_Words(b, index) >> 2) & MASK
        key = _Words(b, self._whole(seed)) & MASK
        c0, c1, c2, c3 = (word.value for word in philox4x32(block, id3, id1, id2, key))
        which = b.and_(index, self._constant(3))

        def below(n: int) -> Any:
            return b.icmp_unsigned("<", which, self._constant(n))

        word = b.select(below(2), b.select(below(1), c0, c1), b.select(below(3), c2, c3))
        number = b.fadd(b.sitofp(word, self.double), ir.Constant(self.double, 1.0))
        return self._narrow(b.fmul(number, ir.Constant(self.double, streams.UNIT)), below_one=True)

    def _narrow(self, number: Any, *, below_one: bool = False) -> Any:
        if self.vectors.double:
            return number
        number = self.builder.fptrunc(number, self.vectors.type)
        if not below_one:
            return number
        largest = self.vectors.constant(1 - 2.0**-24)  # what would be rounded up to 1
        return self.vectors.operation("minimum", [number, largest])

    def _lane_by_lane(self, function: str, operands: Sequence[Any]) -> tuple[Any, Any]:
        b, lanes = self.builder, self.vectors.lanes
        *numbers, seed, id1, id2, id3, drawn, before = operands
        numbers = [self.vectors.number(x) for x in numbers]
        if not self.vectors.double:
            numbers = [b.fpext(x, self.double) for x in numbers]
        wholes = [*map(self._whole, (seed, id1, id2, id3)), self._index(drawn, before)]
        kinds = (*[types.float64] * len(numbers), *[types.int64] * len(wholes))
        pair_type: Any = types.UniTuple(types.float64, 2)  # type: ignore[no-untyped-call]
        call = pair_type(*kinds)
        python = getattr(streams, function).py_func
        found = [ir.Constant(self.double, ir.Undefined)] * 2
        for lane in range(lanes):
            at = ir.Constant(ir.IntType(32), lane)
            taken = [*numbers, *wholes]
            if lanes > 1:
                taken = [b.extract_element(x, at) for x in taken]
            pair = self.context.compile_internal(b, python, call, taken)
            for part in range(2):
                one = b.extract_value(pair, part)
                found[part] = b.insert_element(found[part], one, at) if lanes > 1 else one
        value, drawn_ = (self._narrow(x) for x in found)
        return value, drawn_
