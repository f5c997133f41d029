"""What a tile multiplies: single precision, or four pairs of 8-bit numbers at a time.

Both kinds take 32 bits of an input and 32 bits of weights for each kernel, and add to a 32-bit sum.
Of 8-bit products that is exact: inputs are 0 to 255, weights -127 to 127, and no sum of a layer
here leaves 32 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, config

_BYTE, _WHOLE = ir.IntType(8), ir.IntType(32)


@dataclass(frozen=True)
class Products:
    """A kind of product.

    Attributes
    ----------
    size
        bytes of an input's number: offsets and strides count those.
    number
        what is read of an input and of the weights, and what sums are.
    native
        whether the processor's own instruction is called, where there is one.
    """

    size: int
    number: ir.Type
    native: bool = True

    def add(self, builder, value, weights, sums):
        """``sums`` and the products of ``value`` and ``weights``, all vectors of ``number``."""
        if isinstance(self.number, ir.FloatType):
            kind = ir.FunctionType(sums.type, [sums.type] * 3)
            name = f"llvm.fma.v{sums.type.count}f32"
            call = cgutils.get_or_insert_function(builder.module, kind, name)
            return builder.call(call, [value, weights, sums])
        lanes = sums.type.count
        if self.native and has_dot(lanes):
            kind = ir.FunctionType(sums.type, [sums.type] * 3)
            name = f"llvm.x86.avx512.vpdpbusd.{32 * lanes}"
            call = cgutils.get_or_insert_function(builder.module, kind, name)
            return builder.call(call, [sums, value, weights])
        return _fours(builder, value, weights, sums)


def has_dot(lanes):
    """Whether the processor adds up four 8-bit products to each of so many sums at once."""
    if lanes not in (4, 8, 16) or config.CPU_NAME not in (None, llvm.get_host_cpu_name()):
        return False
    there = llvm.get_host_cpu_features()
    return there.get("avx512vnni", False) and there.get("avx512vl", False)


def _fours(builder, value, weights, sums):
    lanes = sums.type.count
    wide = ir.VectorType(_WHOLE, 4 * lanes)
    four = ir.VectorType(_BYTE, 4 * lanes)
    inputs = builder.zext(builder.bitcast(value, four), wide)
    product = builder.mul(inputs, builder.sext(builder.bitcast(weights, four), wide))
    for k in range(4):
        every = ir.Constant(ir.VectorType(_WHOLE, lanes), [4 * i + k for i in range(lanes)])
        one = builder.shuffle_vector(product, ir.Constant(wide, ir.Undefined), every)
        sums = builder.add(sums, one)
    return sums


SINGLE = Products(4, ir.FloatType())
FOURS = Products(1, _WHOLE)
PLAIN_FOURS = Products(1, _WHOLE, native=False)
