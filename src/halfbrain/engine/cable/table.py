"""A mechanism in the compartments of a unit: its memory and its compiled loops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.lanes import (
    COUNT,
    FIRST_LIST,
    NODES,
    NOTED,
    RECORD,
    SECOND_LIST,
    UNIFORM,
    Loop,
    Place,
    Result,
)
from halfbrain.engine.cable.call import Call
from halfbrain.engine.cable.memory import Memory, aligned
from halfbrain.engine.cable.messages import CHANGED, messages
from halfbrain.engine.cable.programs import SUMS, check_fits, names_of, scaled
from halfbrain.errors import ModelError
from halfbrain.program.evaluate import Number
from halfbrain.program.hoist import hoist, used
from halfbrain.program.instructions import Program
from halfbrain.program.lean import lean
from halfbrain.program.mechanism import Mechanism
from halfbrain.random.streams import DRAWN, IDENTIFIERS, ROUNDS, SEED, UNSOLVED

TIME = "t"  # always the first of the uniforms
Numbers = NDArray[np.floating[Any]]


class Table:
    """The places of a mechanism, ``turns`` vectors of ``lanes`` of them.

    Parameters
    ----------
    mechanism
        what is there.
    values
        its inputs at the start beside ``v`` and what lies with the compartments: a number that is
        the same everywhere, or numbers of shape (turns, lanes).
    lists
        numbers of nodes, shape (turns,), or (turns, lanes) of elements if each lane has its own:
        those of voltages and sums, and those of ions' variables, which fewer compartments have.
    nodes
        arrays of the unit by name: ``v``, and ions' variables that change.
    sums
        arrays of the unit in which currents and their slopes are added.
    count
        places in it that are real, not there to fill a vector.
    seed
        of the streams of random numbers; a stream's identifiers are among the values.
    memory
        where the rows lie.
    """

    def __init__(
        self,
        mechanism: Mechanism,
        values: Mapping[str, Number],
        lists: tuple[NDArray[np.int64], NDArray[np.int64]],
        nodes: Mapping[str, Numbers],
        sums: tuple[Numbers, Numbers],
        lanes: int,
        count: int,
        dt: float,
        dtype: type[np.floating[Any]],
        seed: int = 0,
        memory: Memory | None = None,
    ) -> None:
        if mechanism.initial.draws:
            raise ModelError(f"{mechanism.name}: random numbers in INITIAL are not drawn yet")
        memory = memory or Memory()
        self.mechanism, self.nodes, self.count = mechanism, nodes, count
        where, among = lists
        self.where = memory.kept(where, "read")
        self.among_ions = self.where if among is where else memory.kept(among, "read")
        self.messages = messages(mechanism)
        self.noted = np.empty(len(where) if self.messages.watches else 0, np.int64)
        self.places = {**nodes, **dict(zip(SUMS, sums, strict=True))}
        self.lanes, self.dtype, self.gather = lanes, dtype, where.ndim == 2
        programs = {
            "current": mechanism.current,
            "step": mechanism.step(dt),
            "watch": self.messages.watch,
            "receive": self.messages.receive,
        }
        written = {n for n in mechanism.initial.outputs if n not in nodes} | {
            output
            for name, program in programs.items()
            if program is not None
            for output in program.outputs
            if name != "current" or output not in SUMS
        }
        for name in written & {*mechanism.pointers}:
            raise ModelError(
                f"{mechanism.pointers[name]}: {mechanism.name} sets what its POINTER {name} points "
                "to; here a POINTER is only read"
            )
        written |= {*mechanism.pointers}
        taken = names_of(mechanism, dt)
        kept_always = {*({DRAWN, ROUNDS, UNSOLVED} & taken)}
        kept_always |= set(IDENTIFIERS if DRAWN in taken else ())
        # An event's flag is 0 unless a mechanism sent it to itself.
        flag = {} if self.messages.listens else {"flag": 0.0}
        self.known: dict[str, Number] = {
            "dt": dt,
            **flag,
            **{n: x for n, x in values.items() if n not in written and n not in IDENTIFIERS},
        }
        self.states = tuple(
            dict.fromkeys(
                [
                    *mechanism.rows,
                    *self.messages.rows,
                    *(n for n in values if n in written and n not in nodes),
                    *sorted(kept_always),
                ]
            )
        )
        self.first: dict[str, NDArray[np.float64]] = {}  # delays and flags of what INITIAL sends
        self.uniforms: dict[str, float] = {TIME: 0.0, SEED: 0.0}
        kept: dict[str, NDArray[np.float64]] = {}
        prepared: dict[str, tuple[Program, dict[str, str]]] = {}
        for name, program in programs.items():
            if program is None:
                continue
            own = self._own(name, program)
            if own.outputs or name == "receive":  # events may come where they change nothing
                own = lean(own, self.known, single=dtype is np.float32)
                own, numbers = hoist(own, self.known)
                if dtype is np.float32:
                    check_fits(mechanism.name, own, numbers, self.known, dtype)
                slots = {n: n if n in self.known else f"{name} {n}" for n in numbers}
                for n, number in numbers.items():
                    if isinstance(number, np.ndarray):
                        kept[slots[n]] = number
                    else:
                        self.uniforms[slots[n]] = number
                prepared[name] = own, slots
        self.rows = self._ordered(prepared, kept)
        self.record = memory.array((len(where), max(len(self.rows), 1), lanes), dtype, "write")
        for name, value in {**values, **kept}.items():
            if name in IDENTIFIERS and name in self.rows:
                self.whole(name)[:] = value
            elif name in self.rows:
                self.row(name)[:] = value
        self.uniform = aligned((len(self.uniforms),), dtype)
        self.uniform[:] = list(self.uniforms.values())
        self.uniform.view(self._bits)[list(self.uniforms).index(SEED)] = seed
        # What an event says and what is sent on: its flag, then the outputs of ``messages``.
        receives = self.messages.receive is not None
        self.said = np.zeros(1 + len(self.messages.outputs) if receives else 0, dtype)
        self.calls = {name: self._call(name, *prepared[name]) for name in prepared}
        self.takes_time = any(TIME in own.inputs for own, _ in prepared.values())

    def pair(self, name: str) -> tuple[int, int] | None:
        """Addresses of a loop and its arguments, if there is that loop."""
        call = self.calls.get(name)
        return None if call is None else call.pair

    def row(self, name: str) -> Numbers:
        """A row of all places, shape (turns, lanes)."""
        return self.record[:, self.rows.index(name), :]

    @property
    def _bits(self) -> type[np.unsignedinteger[Any]]:
        return np.uint64 if self.dtype is np.float64 else np.uint32

    def whole(self, name: str) -> NDArray[np.unsignedinteger[Any]]:
        """A row of whole numbers, which lie in the bits of the others."""
        return self.record.view(self._bits)[:, self.rows.index(name), :]

    def fault(self) -> str:
        """A line, if a loop had to go further than it is unrolled or equations were not solved."""
        name = self.mechanism.name
        if UNSOLVED in self.rows and self.row(UNSOLVED).any():
            return (
                f"{name}: Newton's method did not come to an end in its rounds, so states are "
                "wrong; take a smaller dt, or read the file with newton=12"
            )
        if ROUNDS in self.rows and (most := self.row(ROUNDS).max()) > self.mechanism.rounds:
            return (
                f"{name}: a loop had to go {most:g} rounds and is unrolled to "
                f"{self.mechanism.rounds}; read it with rounds={most:g}"
            )
        return ""

    def listed(self, name: str) -> NDArray[np.int64]:
        """Which nodes of an array are a table's."""
        return self.among_ions if name in self.nodes and name != "v" else self.where

    def _own(self, name: str, program: Program) -> Program:
        """The program without what nobody reads; a point's current as a density."""
        if name != "current":
            said = *self.mechanism.arguments, *self.messages.outputs
            more = {"receive": said, "watch": (CHANGED,)}.get(name, ())
            return used(program, {*self.states, *self.nodes, *more})
        program = used(program, {*SUMS, *self.states, *self.nodes})
        if self.mechanism.kind != "point":
            return program
        flowing = {*SUMS, *(f"i{ion.name}" for ion in self.mechanism.ions)}
        return scaled(program, [n for n in program.outputs if n in flowing])

    def _ordered(
        self, prepared: Mapping[str, tuple[Program, Mapping[str, str]]], kept: Mapping[str, object]
    ) -> tuple[str, ...]:
        """All rows, those of a step side by side before those of events alone."""
        found: list[str] = []
        for program, slots in prepared.values():
            found += [slots.get(n, n) for n in program.inputs]
            found += program.outputs
        known = {*self.states, *kept}
        return tuple(dict.fromkeys([*(n for n in found if n in known), *self.states]))

    def _call(self, name: str, program: Program, slots: Mapping[str, str]) -> Call:
        to_sums = SUMS if name == "current" else ()
        if name == "receive":
            arrays = [*self.mechanism.arguments, "v"]
            if self.messages.listens:
                arrays += ["flag", *self.messages.outputs]
        else:
            found = [n for n in (*program.inputs, *program.outputs) if n in self.nodes]
            found += [n for n in program.outputs if n in to_sums]
            arrays = list(dict.fromkeys(n for n in found if n not in self.rows or n in to_sums))
        order = {slot: i for i, slot in enumerate(self.uniforms)}

        def place(x: str, out: bool = False) -> Place:
            if x in arrays and (x not in SUMS or out):
                return Place("node", arrays.index(x), self.listed(x) is not self.where)
            x = slots.get(x, x)
            if x in self.rows:
                return Place("record", self.rows.index(x))
            if x not in order:
                raise ModelError(f"{self.mechanism.name}: nothing gives a value to {x!r}")
            return Place("uniform", order[x])

        added = {x for x in arrays if x in to_sums or (to_sums and x.startswith("i"))}
        one = name == "receive"
        results = [Result(x, place(x, True), x in added) for x in program.outputs if x != CHANGED]
        arguments_ = np.zeros(NODES + len(arrays), np.int64)
        arguments_[COUNT] = 1 if one else len(self.where)
        arguments_[RECORD] = self.record.ctypes.data
        arguments_[UNIFORM] = self.uniform.ctypes.data
        arguments_[FIRST_LIST] = _ZERO.ctypes.data if one else self.where.ctypes.data
        arguments_[SECOND_LIST] = self.among_ions.ctypes.data
        arguments_[NOTED] = self.noted.ctypes.data
        if one:
            first = len(self.mechanism.arguments) + 1
            said = self.said.ctypes.data + np.arange(len(self.said)) * self.said.itemsize
            arguments_[NODES + first :] = said[: len(arrays) - first]
        else:
            arguments_[NODES:] = [self.places[n].ctypes.data for n in arrays]
        put_out = () if name == "watch" else program.outputs  # which it does rarely
        touched = {slots.get(x, x) for x in program.inputs}.union(put_out)
        rows = tuple(k for k, row in enumerate(self.rows) if row in touched)
        size = len(rows) * self.where.size * np.dtype(self.dtype).itemsize
        if not self.gather:
            size *= self.lanes
        return Call(
            Loop(
                program,
                {x: place(x) for x in program.inputs},
                results,
                {RECORD: len(self.rows)},
                1 if one else self.lanes,
                self.dtype,
                gather=self.gather and not one,
                stride=self.lanes if one else 1,
                noted=CHANGED if name == "watch" else "",
            ),
            arguments_,
            Counter({kind: k * self.count for kind, k in program.count().items()}),
            (self.places, self.where, self.among_ions, self.said, self.noted),
            size,
            rows,
        )


_ZERO = np.zeros(1, np.int64)
