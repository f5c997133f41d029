"""Vector code that the compiler does not find by itself: tiles of products.

Written as LLVM's vectors, so that it runs on any processor that LLVM knows; the widths suit 512-bit
registers and are split on narrower ones. Memory is found by address.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from halfbrain.networks.inference.products import SINGLE

_I64 = ir.IntType(64)
_LANES = 16


def address(builder, base, index, size, kind):
    """The address ``base + index * size``, as a pointer to ``kind``."""
    at = builder.add(base, builder.mul(index, ir.Constant(_I64, size)))
    return builder.inttoptr(at, kind.as_pointer())


def load(builder, pointer, align=4):
    """What lies there."""
    found = builder.load(pointer)
    found.align = align
    return found


def _splat(builder, value, lanes):
    kind = ir.VectorType(value.type, lanes)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), zeros)


def tile(rows, lanes, vectors, stride, sums_stride, products=SINGLE):
    """An intrinsic that adds up products for ``rows`` places and ``lanes * vectors`` kernels.

    ``f(sums, begin, x, offsets, weights, count)``: for each row r, ``sums[r * sums_stride]`` is set
    to ``begin`` and the sum over ``count`` inputs j of
    ``x[r * stride + offsets[j]] * weights[j]``, where ``sums``, ``begin`` and ``weights[j]`` are
    ``lanes * vectors`` numbers. The sums stay in registers, and with constant strides one register
    is enough to find all rows. Arguments are addresses (offsets int64), strides are in numbers; of
    8-bit ones an input is the four from its offset on.
    """
    number = products.number
    vector = ir.VectorType(number, lanes)

    def codegen(context, builder, signature, args):
        sums, begin_at, x, offsets, weights, count = args
        places = [
            [
                address(builder, sums, ir.Constant(_I64, r * sums_stride + lanes * v), 4, vector)
                for v in range(vectors)
            ]
            for r in range(rows)
        ]
        own = [
            load(builder, address(builder, begin_at, ir.Constant(_I64, lanes * v), 4, vector))
            for v in range(vectors)
        ]
        first = [own for _ in range(rows)]
        begin = builder.block
        loop = builder.append_basic_block("products")
        done = builder.append_basic_block("done")
        builder.cbranch(builder.icmp_signed(">", count, ir.Constant(_I64, 0)), loop, done)
        builder.position_at_end(loop)
        j = builder.phi(_I64)
        j.add_incoming(ir.Constant(_I64, 0), begin)
        held = []
        for row in first:
            held.append([builder.phi(vector) for _ in row])
            for phi, value in zip(held[-1], row, strict=True):
                phi.add_incoming(value, begin)
        offset = builder.load(address(builder, offsets, j, 8, _I64))
        own = builder.mul(j, ir.Constant(_I64, vectors))
        factors = [
            load(
                builder,
                address(
                    builder, weights, builder.add(own, ir.Constant(_I64, v)), 4 * lanes, vector
                ),
            )
            for v in range(vectors)
        ]
        here = builder.add(x, builder.mul(offset, ir.Constant(_I64, products.size)))
        added = []
        for r in range(rows):
            at = builder.add(here, ir.Constant(_I64, r * stride * products.size))
            value = load(builder, builder.inttoptr(at, number.as_pointer()), products.size)
            each = _splat(builder, value, lanes)
            pairs = zip(factors, held[r], strict=True)
            added.append([products.add(builder, each, w, s) for w, s in pairs])
        following = builder.add(j, ir.Constant(_I64, 1))
        j.add_incoming(following, loop)
        for phis, values in zip(held, added, strict=True):
            for phi, value in zip(phis, values, strict=True):
                phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", following, count), loop, done)
        builder.position_at_end(done)
        for r in range(rows):
            for v in range(vectors):
                last = builder.phi(vector)
                last.add_incoming(first[r][v], begin)
                last.add_incoming(added[r][v], loop)
                held[r][v] = last
        for r in range(rows):
            for v in range(vectors):
                builder.store(held[r][v], places[r][v]).align = 4
        return context.get_dummy_value()

    @intrinsic
    def run(typingctx, sums, begin, x, offsets, weights, count):
        return types.none(*[types.int64] * 6), codegen

    return run


def add_scaled(lanes, vectors=1, products=SINGLE):
    """An intrinsic ``f(sums, weights, value)``: ``sums += value * weights``, both addresses.

    Of 8-bit numbers ``value`` is four of them, as an int32.
    """
    vector = ir.VectorType(products.number, lanes)
    given = types.float32 if products is SINGLE else types.int32

    def codegen(context, builder, signature, args):
        sums, weights, value = args
        each = _splat(builder, value, lanes)
        for v in range(vectors):
            at = ir.Constant(_I64, v)
            place = address(builder, sums, at, 4 * lanes, vector)
            factor = load(builder, address(builder, weights, at, 4 * lanes, vector))
            builder.store(
                products.add(builder, each, factor, load(builder, place)), place
            ).align = 4
        return context.get_dummy_value()

    @intrinsic
    def run(typingctx, sums, weights, value):
        return types.none(types.int64, types.int64, given), codegen

    return run
