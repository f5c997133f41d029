"""Vector code that the compiler does not find by itself: tiles of products, the winners of 64.

Written as LLVM's vectors, so that it runs on any processor that LLVM knows; the widths suit 512-bit
registers and are split on narrower ones. Memory is found by address.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_I64 = ir.IntType(64)
_LANES = 16


def _address(builder, base, index, size, kind):
    """The address ``base + index * size``, as a pointer to ``kind``."""
    at = builder.add(base, builder.mul(index, ir.Constant(_I64, size)))
    return builder.inttoptr(at, kind.as_pointer())


def _load(builder, pointer, align=4):
    found = builder.load(pointer)
    found.align = align
    return found


def _splat(builder, value, lanes):
    kind = ir.VectorType(value.type, lanes)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), zeros)


def _fma(builder, a, b, c):
    name = f"llvm.fma.v{a.type.count}f32"
    kind = ir.FunctionType(a.type, [a.type] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


def tile(rows, lanes, vectors, stride, sums_stride):
    """An intrinsic that adds up products for ``rows`` places and ``lanes * vectors`` kernels.

    ``f(sums, begin, x, offsets, weights, count)``: for each row r, ``sums[r * sums_stride]`` is set
    to ``begin`` and the sum over ``count`` inputs j of
    ``x[r * stride + offsets[j]] * weights[j]``, where ``sums``, ``begin`` and ``weights[j]`` are
    ``lanes * vectors`` numbers. The sums stay in registers, and with constant strides one register
    is enough to find all rows. Arguments are addresses (float32, offsets int64), strides are in
    numbers.
    """
    single = ir.FloatType()
    vector = ir.VectorType(single, lanes)

    def codegen(context, builder, signature, args):
        sums, begin_at, x, offsets, weights, count = args
        places = [
            [
                _address(builder, sums, ir.Constant(_I64, r * sums_stride + lanes * v), 4, vector)
                for v in range(vectors)
            ]
            for r in range(rows)
        ]
        own = [
            _load(builder, _address(builder, begin_at, ir.Constant(_I64, lanes * v), 4, vector))
            for v in range(vectors)
        ]
        first = [own for _ in range(rows)]
        start = builder.inttoptr(x, single.as_pointer())
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
        offset = builder.load(_address(builder, offsets, j, 8, _I64))
        own = builder.mul(j, ir.Constant(_I64, vectors))
        factors = [
            _load(
                builder,
                _address(
                    builder, weights, builder.add(own, ir.Constant(_I64, v)), 4 * lanes, vector
                ),
            )
            for v in range(vectors)
        ]
        added = []
        for r in range(rows):
            at = builder.gep(builder.gep(start, [offset]), [ir.Constant(_I64, r * stride)])
            value = _splat(builder, builder.load(at), lanes)
            added.append(
                [_fma(builder, value, w, s) for w, s in zip(factors, held[r], strict=True)]
            )
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


def add_scaled(lanes, vectors=1):
    """An intrinsic ``f(sums, weights, value)``: ``sums += value * weights``, both addresses."""
    vector = ir.VectorType(ir.FloatType(), lanes)

    def codegen(context, builder, signature, args):
        sums, weights, value = args
        each = _splat(builder, value, lanes)
        for v in range(vectors):
            at = ir.Constant(_I64, v)
            place = _address(builder, sums, at, 4 * lanes, vector)
            factor = _load(builder, _address(builder, weights, at, 4 * lanes, vector))
            builder.store(_fma(builder, each, factor, _load(builder, place)), place).align = 4
        return context.get_dummy_value()

    @intrinsic
    def run(typingctx, sums, weights, value):
        return types.none(types.int64, types.int64, types.float32), codegen

    return run


def winners(count):
    """An intrinsic that finds the ``count`` largest of 64 numbers, largest first.

    ``f(x, indices, values)``: addresses of 64 float32, of ``count`` int64 and of ``count`` float32.
    Of equal numbers the one with the lower index wins. No branch depends on the data, so that one
    place's search overlaps with the next one's.
    """
    single, vector = ir.FloatType(), ir.VectorType(ir.FloatType(), _LANES)
    bits = ir.VectorType(ir.IntType(1), _LANES)
    half = ir.IntType(_LANES)

    def larger(builder, a, b):
        return builder.select(builder.fcmp_ordered(">", a, b), a, b)

    def largest(builder, vectors):
        a, b, c, d = vectors
        found = larger(builder, larger(builder, a, b), larger(builder, c, d))
        for step in (8, 4, 2, 1):
            turned = ir.Constant(
                ir.VectorType(ir.IntType(32), _LANES), [i ^ step for i in range(_LANES)]
            )
            other = builder.shuffle_vector(found, ir.Constant(vector, ir.Undefined), turned)
            found = larger(builder, found, other)
        return found

    def codegen(context, builder, signature, args):
        x, indices, values = args
        held = [
            _load(builder, _address(builder, x, ir.Constant(_I64, v), 4 * _LANES, vector))
            for v in range(4)
        ]
        least = ir.Constant(vector, [ir.Constant(single, float("-inf"))] * _LANES)
        trailing = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_I64, [_I64, ir.IntType(1)]), "llvm.cttz.i64"
        )
        for n in range(count):
            best = largest(builder, held)
            where = ir.Constant(_I64, 0)
            for v, own in enumerate(held):
                equal = builder.bitcast(builder.fcmp_ordered("==", own, best), half)
                wide = builder.shl(builder.zext(equal, _I64), ir.Constant(_I64, _LANES * v))
                where = builder.or_(where, wide)
            index = builder.call(trailing, [where, ir.IntType(1)(0)])
            at = ir.Constant(_I64, n)
            builder.store(index, _address(builder, indices, at, 8, _I64))
            value = builder.extract_element(best, ir.IntType(32)(0))
            builder.store(value, _address(builder, values, at, 4, single))
            lowest = builder.and_(where, builder.neg(where))
            for v in range(4):
                own = builder.lshr(lowest, ir.Constant(_I64, _LANES * v))
                out = builder.bitcast(builder.trunc(own, half), bits)
                held[v] = builder.select(out, least, held[v])
        return context.get_dummy_value()

    @intrinsic
    def run(typingctx, x, indices, values):
        return types.none(types.int64, types.int64, types.int64), codegen

    return run
