"""What compiled code needs of the machine: memory by address, a barrier, a clock, prefetching.

Kernels are called, and memory is found, by address, so that the loop over steps is compiled once
and not for each circuit.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_LOOKS = 100_000  # at the barrier before a thread sleeps: some 80 microseconds
_RAREST = 6  # it looks in every 2^6th meeting at least
_WAIT, _WAKE = 128, 129  # of Linux's futex, among the threads of a process


@intrinsic
def _pointer(typingctx, address):
    def codegen(context, builder, signature, args):
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return types.voidptr(address), codegen


@numba.njit(forceinline=True)
def floats(address, size):
    """Single-precision numbers at an address."""
    return numba.carray(_pointer(address), size, np.float32)


@numba.njit(forceinline=True)
def doubles(address, size):
    """Double-precision numbers at an address."""
    return numba.carray(_pointer(address), size, np.float64)


@numba.njit(forceinline=True)
def ints(address, size):
    """32-bit whole numbers at an address."""
    return numba.carray(_pointer(address), size, np.int32)


@numba.njit(forceinline=True)
def longs(address, size):
    """64-bit whole numbers at an address."""
    return numba.carray(_pointer(address), size, np.int64)


@numba.njit(forceinline=True)
def words(address, size):
    """32-bit words at an address."""
    return numba.carray(_pointer(address), size, np.uint32)


@numba.njit(forceinline=True)
def halves(address, size):
    """16-bit words at an address."""
    return numba.carray(_pointer(address), size, np.uint16)


@intrinsic
def _pointer_to(typingctx, address, like):
    def codegen(context, builder, signature, args):
        return builder.inttoptr(args[0], context.get_data_type(signature.return_type))

    return types.CPointer(like.dtype)(address, like), codegen


@numba.njit(forceinline=True)
def alike(address, size, like):
    """Numbers of the type of an array at an address."""
    return numba.carray(_pointer_to(address, like), size)


@intrinsic
def call(typingctx, function, argument):
    """Call a compiled ``int64 f(int64*)`` by its address, with the address of its arguments."""

    def codegen(context, builder, signature, args):
        whole = ir.IntType(64)
        pointed = ir.FunctionType(whole, [whole.as_pointer()]).as_pointer()
        target = builder.inttoptr(args[0], pointed)
        return builder.call(target, [builder.inttoptr(args[1], whole.as_pointer())])

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def prefetch(typingctx, address):
    """Ask for the cache line at an address."""

    def codegen(context, builder, signature, args):
        byte, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, whole, whole, whole])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        constants = [ir.Constant(whole, n) for n in (0, 3, 1)]
        builder.call(function, [builder.inttoptr(args[0], byte), *constants])
        return context.get_dummy_value()

    return types.none(address), codegen


@intrinsic
def cycles(typingctx):
    """The processor's clock, in ticks of its own."""

    def codegen(context, builder, signature, args):
        kind = ir.FunctionType(ir.IntType(64), [])
        name = "llvm.readcyclecounter"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])

    return types.int64(), codegen


@intrinsic
def flush_denormals(typingctx):
    """Have this thread take numbers too small for their type's full precision as 0.

    Whatever decays exponentially gets there in the end, and x86 is then a hundred times slower.
    Returns the settings as they were, for :func:`restore_settings`.
    """

    def codegen(context, builder, signature, args):
        before = ir.Constant(ir.IntType(32), 0)
        if _is_x86(builder):
            place = builder.alloca(ir.IntType(32))
            _settings(builder, "llvm.x86.sse.stmxcsr", place)
            before = builder.load(place)
            flags = ir.Constant(ir.IntType(32), 0x8040)  # flush to zero, denormals are zeros
            builder.store(builder.or_(before, flags), place)
            _settings(builder, "llvm.x86.sse.ldmxcsr", place)
        return before

    return types.int32(), codegen


@intrinsic
def restore_settings(typingctx, before):
    """Give this thread its settings back: other code, NumPy's too, wants its small numbers."""

    def codegen(context, builder, signature, args):
        if _is_x86(builder):
            place = builder.alloca(ir.IntType(32))
            builder.store(args[0], place)
            _settings(builder, "llvm.x86.sse.ldmxcsr", place)
        return context.get_dummy_value()

    return types.none(types.int32), codegen


def _is_x86(builder):
    return "x86" in builder.module.triple


def _settings(builder, name, place):
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    builder.call(function, [builder.bitcast(place, byte)])


@intrinsic
def _add(typingctx, address, n):
    """Add to a shared number; the sum."""

    def codegen(context, builder, signature, args):
        where = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        before = builder.atomic_rmw("add", where, args[1], "seq_cst")
        return builder.add(before, args[1])

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def _seen(typingctx, address):
    """A shared number as it is now."""

    def codegen(context, builder, signature, args):
        where = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        return builder.load_atomic(where, "seq_cst", 8)

    return types.int64(types.int64), codegen


def _futex(builder):
    """The number of Linux's system call that sleeps and wakes by a word; None elsewhere."""
    kind, _, system = builder.module.triple.partition("-")
    return {"x86_64": 202, "aarch64": 98}.get(kind) if "linux" in system else None


def _call_system(builder, *numbers):
    whole = ir.IntType(64)
    kind = ir.FunctionType(whole, [whole], var_arg=True)
    function = cgutils.get_or_insert_function(builder.module, kind, "syscall")
    constants = (n if isinstance(n, ir.Value) else ir.Constant(whole, n) for n in numbers)
    builder.call(function, list(constants))


@intrinsic
def _sleep(typingctx, address, seen):
    """Sleep until woken, unless the number at an address is no longer what was seen there.

    It may also end early. Where the system cannot, others get the processor for a while.
    """

    def codegen(context, builder, signature, args):
        if number := _futex(builder):
            _call_system(builder, number, args[0], _WAIT, args[1], 0, 0, 0)
        else:
            kind = ir.FunctionType(ir.IntType(32), [])
            function = cgutils.get_or_insert_function(builder.module, kind, "sched_yield")
            builder.call(function, [])
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), codegen


@intrinsic
def _wake(typingctx, address):
    """Wake all that sleep by the number at an address."""

    def codegen(context, builder, signature, args):
        if number := _futex(builder):
            _call_system(builder, number, args[0], _WAKE, 2**31 - 1, 0, 0, 0)
        return context.get_dummy_value()

    return types.none(types.int64), codegen


@numba.njit
def barrier(address, threads, vain):
    """Wait until all threads are here: look for some microseconds, then sleep.

    Who sleeps leaves the processor to the one that is waited for, which may be in a queue behind
    other programs. ``address`` is of two numbers that began at 0: how many have come, over all
    times, and how many sleep or are about to. ``vain`` is how often in a row this thread has looked
    in vain, 0 at first; the more often, the rarer it looks before it sleeps, for the processors
    have other work. Returns what that is then.

    No one sleeps on. Who is about to sleep first says so, and then has the system compare how many
    have come with what it saw, and sleep, in one; the last to come first says so, and then looks
    whether any sleep. If it sees none, then who sleeps after all said so later and finds that one
    has come since; if it sees one, it wakes all, and who is not asleep yet finds the same.
    """
    if threads == 1:
        return vain
    came, asleep = np.int64(address), np.int64(address) + 8
    arrived = _add(came, np.int64(1))
    meeting = (arrived + threads - 1) // threads
    wanted = meeting * threads
    if arrived == wanted:
        if _seen(asleep) > 0:
            _wake(came)
        return vain
    if meeting % (1 << vain) == 0:
        for _ in range(_LOOKS):
            if _seen(came) >= wanted:
                return 0
        vain = min(vain + 1, _RAREST)
    _add(asleep, np.int64(1))
    seen = _seen(came)
    while seen < wanted:
        _sleep(came, seen)
        seen = _seen(came)
    _add(asleep, np.int64(-1))
    return vain
