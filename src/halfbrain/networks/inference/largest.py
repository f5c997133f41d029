"""The largest of 64 numbers, found in vectors without a branch that depends on them."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from halfbrain.networks.inference.vectors import address, load

_I64 = ir.IntType(64)
_LANES = 16


def winners(count):
    """An intrinsic that finds the ``count`` largest of 64 numbers, in the order of their indices.

    ``f(x, indices, values)``: addresses of 64 float32, of ``count`` int64 and of ``count`` float32.
    Of equal numbers the one with the lower index wins. Each lane's four numbers are sorted once, so
    that the largest left is always in the first vector. No branch depends on the data but for equal
    numbers at the edge, so that one place's search overlaps with the next one's.
    """
    single, vector = ir.FloatType(), ir.VectorType(ir.FloatType(), _LANES)
    half = ir.IntType(_LANES)

    def bits(builder, relation, vectors, edge):
        """One bit for each of 64 numbers."""
        found = ir.Constant(_I64, 0)
        for v, own in enumerate(vectors):
            each = builder.bitcast(builder.fcmp_ordered(relation, own, edge), half)
            wide = builder.shl(builder.zext(each, _I64), ir.Constant(_I64, _LANES * v))
            found = builder.or_(found, wide)
        return found

    def codegen(context, builder, signature, args):
        x, indices, values = args
        given = [
            load(builder, address(builder, x, ir.Constant(_I64, v), 4 * _LANES, vector))
            for v in range(4)
        ]
        least = ir.Constant(vector, [ir.Constant(single, float("-inf"))] * _LANES)
        held = _sorted(builder, given)
        for _ in range(count - 1):
            equal = builder.fcmp_ordered("==", held[0], _largest(builder, held[0]))
            first = builder.bitcast(equal, half)
            first = builder.and_(first, builder.neg(first))
            out = builder.bitcast(first, ir.VectorType(ir.IntType(1), _LANES))
            following = [*held[1:], least]
            held = [builder.select(out, b, a) for a, b in zip(held, following, strict=True)]
        edge = _largest(builder, held[0])
        taken = _with_equal(
            builder, count, bits(builder, ">", given, edge), bits(builder, "==", given, edge)
        )
        for n in range(count):
            index, at = _call64(builder, "cttz", taken), ir.Constant(_I64, n)
            builder.store(index, address(builder, indices, at, 8, _I64))
            value = builder.load(address(builder, x, index, 4, single))
            builder.store(value, address(builder, values, at, 4, single))
            taken = builder.and_(taken, builder.sub(taken, ir.Constant(_I64, 1)))
        return context.get_dummy_value()

    @intrinsic
    def run(typingctx, x, indices, values):
        return types.none(types.int64, types.int64, types.int64), codegen

    return run


def nth(count):
    """An intrinsic ``f(keys)``: the ``count``-th largest of 64 int32, no two equal, by address."""
    number = ir.IntType(32)
    vector = ir.VectorType(number, _LANES)

    def codegen(context, builder, signature, args):
        (keys,) = args
        held = _sorted(
            builder,
            [
                load(builder, address(builder, keys, ir.Constant(_I64, v), 4 * _LANES, vector))
                for v in range(4)
            ],
        )
        least = ir.Constant(vector, [ir.Constant(number, -(2**31))] * _LANES)
        for _ in range(count - 1):
            out = builder.icmp_signed("==", held[0], _largest(builder, held[0]))
            following = [*held[1:], least]
            held = [builder.select(out, b, a) for a, b in zip(held, following, strict=True)]
        return builder.extract_element(_largest(builder, held[0]), ir.Constant(number, 0))

    @intrinsic
    def run(typingctx, keys):
        return types.int32(types.int64), codegen

    return run


def _more(builder, a, b):
    whole = isinstance(a.type.element, ir.IntType)
    return (builder.icmp_signed if whole else builder.fcmp_ordered)(">", a, b)


def _sorted(builder, vectors):
    """Four vectors with each lane's numbers in falling order."""
    held = list(vectors)
    for a, b in ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)):
        more = _more(builder, held[a], held[b])
        held[a], held[b] = (
            builder.select(more, held[a], held[b]),
            builder.select(more, held[b], held[a]),
        )
    return held


def _largest(builder, vector):
    """The largest number of a vector, in all its lanes."""
    found = vector
    for step in (8, 4, 2, 1):
        turned = [i ^ step for i in range(_LANES)]
        order = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), turned)
        other = builder.shuffle_vector(found, ir.Constant(vector.type, ir.Undefined), order)
        found = builder.select(_more(builder, found, other), found, other)
    return found


def _with_equal(builder, count, above, equal):
    """The bits above the edge, and of those at it as many of the lowest as make ``count``."""
    left = builder.sub(ir.Constant(_I64, count), _call64(builder, "ctpop", above))
    begin = builder.block
    asks = builder.append_basic_block("asks")
    drops, done = (builder.append_basic_block(name) for name in ("drops", "done"))
    builder.branch(asks)
    builder.position_at_end(asks)
    kept = builder.phi(_I64)
    kept.add_incoming(equal, begin)
    many = builder.icmp_signed(">", _call64(builder, "ctpop", kept), left)
    builder.cbranch(many, drops, done)
    builder.position_at_end(drops)
    highest = builder.lshr(ir.Constant(_I64, -(2**63)), _call64(builder, "ctlz", kept))
    kept.add_incoming(builder.xor(kept, highest), drops)
    builder.branch(asks)
    builder.position_at_end(done)
    return builder.or_(above, kept)


def _call64(builder, name, value):
    """A bit count of 64 bits: ``ctpop``, or of a number that is not 0 ``cttz`` and ``ctlz``."""
    given = [value] if name == "ctpop" else [value, ir.IntType(1)(1)]
    kind = ir.FunctionType(_I64, [own.type for own in given])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.i64")
    return builder.call(function, given)
