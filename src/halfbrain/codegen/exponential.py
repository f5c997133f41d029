"""exp and expm1 that vectorise: Numba's own call libm for one number at a time.

The argument is reduced by multiples of ln 2 (Cody and Waite 1980), the rest taken by its Taylor
series, and the power of two set through the bits. The nearest integer comes from adding 1.5 x 2^52
(2^23 in single precision), which leaves it in the low bits; reassociation would optimise that away,
so ``reassoc`` must not be among the fastmath flags. Within 1 ulp or so of the true value (a test).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

FASTMATH = {"contract", "nsz"}  # one by one: the others change results between compilations

_LLVM = {
    types.float64: ir.DoubleType(),
    types.float32: ir.FloatType(),
    types.int64: ir.IntType(64),
    types.int32: ir.IntType(32),
}
_PARTNER = {types.float64: types.int64, types.float32: types.int32}


@intrinsic
def _bits(typingctx: Any, x: Any) -> Any:
    """The bits of a floating-point number as an integer."""
    target = _PARTNER[x]

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _LLVM[target])

    return target(x), codegen


@intrinsic
def _number(typingctx: Any, bits: Any) -> Any:
    """The floating-point number with these bits."""
    target = {whole: number for number, whole in _PARTNER.items()}[bits]

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _LLVM[target])

    return target(bits), codegen


def functions(dtype: type[np.floating[Any]]) -> dict[str, Callable[[Any], Any]]:
    """``exp`` and ``expm1`` for one precision, compiled to be inlined into a loop over arrays."""
    double = dtype is np.float64
    mantissa = 52 if double else 23
    magic = dtype(1.5 * 2.0**mantissa)
    log2e = dtype(math.log2(math.e))
    # ln 2 in two parts, the first with so many zeros at its end that its multiples are exact.
    high = dtype(float.fromhex("0x1.62e42feep-1") if double else float.fromhex("0x1.62e4p-1"))
    low = dtype(float.fromhex("0x1.a39ef35793c76p-33") if double else math.log(2) - float(high))
    lowest, highest = (dtype(-708.3), dtype(709.7)) if double else (dtype(-87.3), dtype(88.7))
    zero, one, infinite = dtype(0), dtype(1), dtype(np.inf)
    integer = np.int64 if double else np.int32
    shift = integer(mantissa)
    taylor = tuple(dtype(1 / math.factorial(k)) for k in range(13 if double else 7, -1, -1))
    least, most, half = dtype(-40), dtype(710 if double else 89), dtype(0.5)

    @numba.njit(forceinline=True, fastmath=FASTMATH)
    def series(r: Any) -> Any:
        """(exp(r) - 1) / r, so that nothing is lost where exp(r) is near 1."""
        value = taylor[0]
        for k in numba.literal_unroll(taylor[1:-1]):
            value = value * r + k
        return value

    @numba.njit(forceinline=True, fastmath=FASTMATH)
    def reduced(x: Any) -> Any:
        """The k of x = k ln 2 + r, in the place of an exponent, and exp(r) - 1."""
        shifted = x * log2e + magic
        whole = shifted - magic
        r = x - whole * high - whole * low
        return _bits(shifted) << shift, series(r) * r

    @numba.njit(forceinline=True, fastmath=FASTMATH)
    def exp(x: Any) -> Any:
        power, grown = reduced(x)
        # Numba widens sums of integers, so the type is set again.
        value = _number(integer(_bits(grown + one) + power))
        value = value if x > lowest else zero
        value = value if x < highest else infinite
        return value if x == x else x

    @numba.njit(forceinline=True, fastmath=FASTMATH)
    def expm1(x: Any) -> Any:
        # 2^k (exp(r) - 1) + (2^k - 1), from the half of 2^k, which is a number for every k.
        x = least if x < least else x
        x = most if x > most else x
        power, grown = reduced(x)
        scale = _number(integer(_bits(half) + power))
        value = scale * grown + (scale - half)
        return value + value

    return {"exp": exp, "expm1": expm1}
