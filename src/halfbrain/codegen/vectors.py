"""Operations on a whole vector of numbers at a time, as LLVM instructions.

A loop that reads and writes in many places is not vectorised by the compiler, which cannot know
that they do not overlap. Here each value of a program is a vector from the start, so nothing is
left to find out: a comparison is a mask, a choice takes from two vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils

_FLAGS = ("nsz",)  # what is fused is said, so that it is the same in every layout
# (exp(r) - 1 - r) / r^2 for |r| below 0.347, interpolated in Chebyshev's points: exp is within
# 1.7e-17 and 1.1e-8 of itself, so that only rounding is left.
_DOUBLE = (
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662374,
    0.008333333333330032,
    0.0013888888917406447,
    0.00019841269863201828,
    2.4801520996825697e-05,
    2.7557268229963227e-06,
    2.76202305675069e-07,
    2.5100494788905042e-08,
)
_SINGLE = (
    0.5,
    0.16666576583158002,
    0.041666554109346714,
    0.008363246669753728,
    0.0013926268052570573,
)
_COMPARES = {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<="}


class Vectors:
    """Writes operations on vectors of ``lanes`` numbers (plain numbers where that is 1)."""

    def __init__(self, builder: Any, lanes: int, double: bool) -> None:
        self.builder, self.lanes, self.double = builder, lanes, double
        self.element: Any = ir.DoubleType() if double else ir.FloatType()
        whole: Any = ir.IntType(64 if double else 32)
        self.type = ir.VectorType(self.element, lanes) if lanes > 1 else self.element
        self.whole = ir.VectorType(whole, lanes) if lanes > 1 else whole
        self.bytes = 8 if double else 4

    def constant(self, value: float) -> Any:
        """The same number in every lane."""
        return ir.Constant(self.type, float(value))

    def load(self, address: Any) -> Any:
        """The vector at an address."""
        pointer = self.builder.inttoptr(address, self.type.as_pointer())
        return self.builder.load(pointer, align=self.bytes)

    def store(self, value: Any, address: Any) -> None:
        """Put a vector at an address."""
        pointer = self.builder.inttoptr(address, self.type.as_pointer())
        self.builder.store(self.number(value), pointer, align=self.bytes)

    def number_at(self, address: Any) -> Any:
        """One number at an address."""
        pointer = self.builder.inttoptr(address, self.element.as_pointer())
        return self.builder.load(pointer)

    def put_number(self, value: Any, address: Any) -> None:
        """Put one number at an address."""
        self.builder.store(value, self.builder.inttoptr(address, self.element.as_pointer()))

    def splat(self, scalar: Any) -> Any:
        """A number in every lane."""
        if self.lanes == 1:
            return scalar
        place = ir.Constant(ir.IntType(32), 0)
        empty = ir.Constant(self.type, ir.Undefined)
        first = self.builder.insert_element(empty, scalar, place)
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), 0)
        return self.builder.shuffle_vector(first, empty, zeros)

    def number(self, value: Any) -> Any:
        """A mask as 1 and 0; a number as it is."""
        return value if value.type == self.type else self.builder.uitofp(value, self.type)

    def mask(self, value: Any) -> Any:
        """A number as whether it is not 0; a mask as it is."""
        if value.type != self.type:
            return value
        return self.builder.fcmp_unordered("!=", value, self.constant(0.0))

    def operation(self, name: str, operands: Sequence[Any]) -> Any:
        """One of :data:`halfbrain.program.operations.OPERATIONS`; random ones are in ``picks``."""
        b = self.builder
        if name in ("and", "or"):
            masks = [self.mask(x) for x in operands]
            return b.and_(*masks) if name == "and" else b.or_(*masks)
        if name == "select":
            return b.select(self.mask(operands[0]), *map(self.number, operands[1:]))
        values = [self.number(x) for x in operands]
        if name in _COMPARES:
            return b.fcmp_ordered(_COMPARES[name], *values)
        how: Callable[..., Any] = getattr(self, f"_{name}")
        return how(*values)

    def _add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(a, b, flags=_FLAGS)

    def _subtract(self, a: Any, b: Any) -> Any:
        return self.builder.fsub(a, b, flags=_FLAGS)

    def _multiply(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(a, b, flags=_FLAGS)

    def _divide(self, a: Any, b: Any) -> Any:
        return self.builder.fdiv(a, b, flags=_FLAGS)

    def _negate(self, a: Any) -> Any:
        return self.builder.fneg(a)

    def _fused(self, a: Any, b: Any, c: Any) -> Any:
        return self._intrinsic("fmuladd", a, b, c)

    def _fused_negative(self, a: Any, b: Any, c: Any) -> Any:
        return self._intrinsic("fmuladd", self._negate(a), b, c)

    def _absolute(self, a: Any) -> Any:
        return self._intrinsic("fabs", a)

    def _floor(self, a: Any) -> Any:
        return self._intrinsic("floor", a)

    def _sqrt(self, a: Any) -> Any:
        return self._intrinsic("sqrt", a)

    def _sin(self, a: Any) -> Any:
        return self._intrinsic("sin", a)

    def _cos(self, a: Any) -> Any:
        return self._intrinsic("cos", a)

    def _minimum(self, a: Any, b: Any) -> Any:
        return self.builder.select(self.builder.fcmp_ordered("<", b, a), b, a)

    def _maximum(self, a: Any, b: Any) -> Any:
        return self.builder.select(self.builder.fcmp_ordered(">", b, a), b, a)

    def _power(self, a: Any, b: Any) -> Any:
        return self._exp(self._multiply(b, self._log(a)))

    def _tanh(self, a: Any) -> Any:
        # Beyond 20 the quotient is 1 in either precision, and exp stays finite.
        near = self._maximum(self._minimum(a, self.constant(20.0)), self.constant(-20.0))
        grown = self._expm1(self._add(near, near))
        return self._divide(grown, self._add(grown, self.constant(2.0)))

    def _exp(self, a: Any) -> Any:
        """2^k exp(r), r up to 0.3466, after :mod:`halfbrain.codegen.exponential`.

        What is out of range is cut to its ends, at which it may still be multiplied.
        """
        mantissa, bits, grown = self._reduced(a)
        near_one = self._add(grown, self.constant(1.0))
        power = self.builder.shl(bits, ir.Constant(self.whole, mantissa))
        total = self.builder.add(self.builder.bitcast(near_one, self.whole), power)
        return self.builder.bitcast(total, self.type)

    def _expm1(self, a: Any) -> Any:
        """2^k (exp(r) - 1) + (2^k - 1): all that is small stays exact where k is 0."""
        mantissa, bits, grown = self._reduced(a)
        one = ir.Constant(self.whole, 1023 if self.double else 127)
        power = self.builder.shl(self.builder.add(bits, one), ir.Constant(self.whole, mantissa))
        scale = self.builder.bitcast(power, self.type)
        return self._fused(scale, grown, self._subtract(scale, self.constant(1.0)))

    def _reduced(self, a: Any) -> tuple[int, Any, Any]:
        """Bits of the mantissa, k in the last bits of a whole number, and exp(r) - 1.

        It is worked out once for exp and expm1 of the same value.
        """
        mantissa = 52 if self.double else 23
        magic = self.constant(1.5 * 2.0**mantissa)
        high = float.fromhex("0x1.62e42feep-1") if self.double else float.fromhex("0x1.62e4p-1")
        low = float.fromhex("0x1.a39ef35793c76p-33") if self.double else math.log(2) - high
        x = self._minimum(a, self.constant(700.0 if self.double else 80.0))
        x = self._maximum(x, self.constant(-708.3 if self.double else -87.3))
        shifted = self._fused(x, self.constant(math.log2(math.e)), magic)
        whole = self.builder.fsub(shifted, magic)
        r = self._fused_negative(whole, self.constant(high), x)
        r = self._fused_negative(whole, self.constant(low), r)
        # r + r^2 (...), with two chains of half the length for even and for odd powers.
        terms = _DOUBLE if self.double else _SINGLE
        square = self._multiply(r, r)
        even, odd = (self._polynomial(terms[k::2], square) for k in (0, 1))
        grown = self._fused(self._fused(odd, r, even), square, r)
        return mantissa, self.builder.bitcast(shifted, self.whole), grown

    def _polynomial(self, terms: Sequence[float], x: Any) -> Any:
        """The sum of terms times powers of x, from 0 on."""
        value = self.constant(terms[-1])
        for term in terms[-2::-1]:
            value = self._fused(value, x, self.constant(term))
        return value

    def _log(self, a: Any) -> Any:
        """Log by 2 artanh((m - 1) / (m + 1)), m the mantissa between sqrt(1/2) and sqrt(2)."""
        b, mantissa = self.builder, 52 if self.double else 23
        # Bits counted from those of sqrt(1/2): the exponent then changes where m should.
        kind: Any = np.float64 if self.double else np.float32
        root = int(kind(math.sqrt(0.5)).view(np.int64 if self.double else np.int32))
        bits = b.bitcast(a, self.whole)
        offset = b.sub(bits, ir.Constant(self.whole, root))
        exponent = b.ashr(offset, ir.Constant(self.whole, mantissa))
        one = ir.Constant(self.whole, mantissa)
        m = b.bitcast(b.sub(bits, b.shl(exponent, one)), self.type)
        e = b.sitofp(exponent, self.type)
        s = self._divide(self._subtract(m, self.constant(1.0)), self._add(m, self.constant(1.0)))
        square = self._multiply(s, s)
        terms = [2 / (2 * k + 1) for k in range(10 if self.double else 4, 0, -1)]
        value = self.constant(terms[0])
        for term in terms[1:]:
            value = self._fused(value, square, self.constant(term))
        value = self._multiply(self._multiply(value, square), s)
        value = self._fused(
            e, self.constant(math.log(2)), self._fused(self.constant(2.0), s, value)
        )
        zero = self.constant(0.0)
        value = b.select(b.fcmp_ordered(">", a, zero), value, self.constant(math.nan))
        value = b.select(b.fcmp_ordered("==", a, zero), self.constant(-math.inf), value)
        return b.select(b.fcmp_ordered("<", a, self.constant(math.inf)), value, a)

    def _intrinsic(self, name: str, *values: Any) -> Any:
        kind = f"f{8 * self.bytes}"
        suffix = f"v{self.lanes}{kind}" if self.lanes > 1 else kind
        function_type = ir.FunctionType(self.type, [self.type] * len(values))
        insert: Any = cgutils.get_or_insert_function
        function = insert(self.builder.module, function_type, f"llvm.{name}.{suffix}")
        return self.builder.call(function, values)
