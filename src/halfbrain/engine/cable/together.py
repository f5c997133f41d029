"""Mechanisms in the same few compartments, as one loop.

A soma has a dozen mechanisms, each a loop of one turn, which waits for its exponentials and leaves
what it adds in memory for the next to fetch. In one loop a core works on all of them at a time.
What a compartment's currents are summed in is the order of its mechanisms either way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.lanes import NODES, RECORD, SECOND_LIST, UNIFORM, Loop, Place, Result
from halfbrain.engine.cable.call import Call
from halfbrain.engine.cable.copies import Copies
from halfbrain.engine.cable.programs import SUMS
from halfbrain.engine.cable.table import Table
from halfbrain.program.instructions import Instruction, Operand, Program

_FEW = 4  # turns up to which loops are joined: longer ones are not kept waiting


_Work = tuple[Table, Call]
_Mask = NDArray[np.bool_]


def currents(
    tables: Sequence[Table], compartments: int, before: Mapping[Table, Copies]
) -> tuple[list[Call | Copies], NDArray[np.int64]]:
    """The calls for currents, and the compartments whose sums are to be 0 before.

    Those are few, since a density mechanism that is the first in its compartments sets their sums.
    ``before`` has what is copied when it is the turn of a table.
    """
    work: list[_Work] = []
    found = {name: np.zeros(compartments, bool) for name in SUMS}
    cleared = np.zeros(compartments, bool)
    for table in tables:
        if (call := table.calls.get("current")) is None:
            continue
        own, first = _compartments(table), set[str]()
        for name in {result.name for result in call.loop.results} & found.keys():
            if table.mechanism.kind == "density" and not (own & found[name]).any():
                first.add(name)
            else:
                cleared |= own & ~found[name]
            found[name] |= own
        if first:
            results = [replace(r, added=r.added and r.name not in first) for r in call.loop.results]
            call = replace(call, loop=replace(call.loop, results=results))
        work.append((table, call))
    for there in found.values():
        cleared |= ~there
    return _joined(work, before), np.flatnonzero(cleared)


def states(tables: Sequence[Table], before: Mapping[Table, Copies]) -> list[Call | Copies]:
    """The calls that move states on."""
    work = [(table, table.calls["step"]) for table in tables if "step" in table.calls]
    return _joined(work, before)


def _joined(work: Sequence[_Work], before: Mapping[Table, Copies]) -> list[Call | Copies]:
    """The calls in order, those of mechanisms in the same few compartments as one."""
    groups: list[list[_Work]] = []
    for table, call in work:
        group = _joined_by(groups, table, call)
        if group is None:
            groups.append([(table, call)])
        else:
            group.append((table, call))
    calls: list[Call | Copies] = []
    for group in groups:
        if (copies := before.get(group[0][0])) is not None:
            calls.append(copies)
        calls.append(group[0][1] if len(group) == 1 else _one([call for _, call in group]))
    return calls


def _joined_by(groups: Sequence[list[_Work]], table: Table, call: Call) -> list[_Work] | None:
    """The group that does a table's work as well, if it may be done that early."""
    if table.mechanism.kind != "density" or len(table.where) > _FEW or table.mechanism.pointers:
        return None
    for group in reversed(groups):
        first, _ = group[0]
        if first.mechanism.pointers:
            return None
        if np.array_equal(first.where, table.where):
            read = _nodes(call, call.loop.inputs.values())
            written = {x for _, c in group for x in _nodes(c, (r.place for r in c.loop.results))}
            return None if read & written else group
        if (_compartments(first) & _compartments(table)).any():
            return None  # whose sums it would come before
    return None


def _compartments(table: Table) -> _Mask:
    """Where a table's places are."""
    n, lanes = table.nodes["v"].shape
    there = np.zeros(n, bool)
    # A point process finds elements of the arrays; the last compartment stands for no place.
    there[table.where // (lanes if table.mechanism.kind == "point" else 1)] = True
    return there[:-1]


def _nodes(call: Call, places: Iterable[Place]) -> set[int]:
    """Addresses of the arrays of nodes in which some of a loop's places are."""
    return {int(call.arguments[NODES + place.number]) for place in places if place.kind == "node"}


def _one(calls: Sequence[Call]) -> Call:
    """Loops over the same turns as one."""
    arrays = list(dict.fromkeys(int(a) for call in calls for a in call.arguments[NODES:]))
    arguments = [*calls[0].arguments[:NODES], *arrays]
    loops = []
    for number, call in enumerate(calls):
        loop = _apart(call, f"{number} ", arrays, len(arguments))
        if any(place.second for place in (*loop.inputs.values(), *(r.place for r in loop.results))):
            arguments[SECOND_LIST] = call.arguments[SECOND_LIST]
        arguments += [call.arguments[RECORD], call.arguments[UNIFORM]]
        loops.append(loop)
    programs = [loop.program for loop in loops]
    return Call(
        replace(
            loops[0],
            program=Program(
                tuple(x for program in programs for x in program.inputs),
                tuple(step for program in programs for step in program.instructions),
                {x: operand for program in programs for x, operand in program.outputs.items()},
            ),
            inputs={x: place for loop in loops for x, place in loop.inputs.items()},
            results=[result for loop in loops for result in loop.results],
            rows={base: rows for loop in loops for base, rows in loop.rows.items()},
        ),
        np.array(arguments, np.int64),
        sum((call.operations for call in calls), Counter()),
        [call.keep_alive for call in calls],
        sum(call.bytes for call in calls),
    )


def _apart(call: Call, prefix: str, arrays: Sequence[int], base: int) -> Loop:
    """A call's loop, its names with a prefix, as a part of one that shares arrays of nodes.

    ``arrays`` are their addresses; arguments ``base`` and the next hold those of its record and
    uniforms.
    """
    loop, program = call.loop, call.loop.program
    bases = {"record": base, "uniform": base + 1}

    def moved(place: Place) -> Place:
        if place.kind == "node":
            return replace(place, number=arrays.index(call.arguments[NODES + place.number]))
        return replace(place, base=bases[place.kind])

    def named(operand: Operand) -> Operand:
        return prefix + operand if isinstance(operand, str) else operand

    steps = tuple(
        Instruction(prefix + step.target, step.operation, tuple(map(named, step.operands)))
        for step in program.instructions
    )
    return replace(
        loop,
        program=Program(
            tuple(prefix + x for x in program.inputs),
            steps,
            {prefix + x: named(operand) for x, operand in program.outputs.items()},
        ),
        inputs={prefix + x: moved(place) for x, place in loop.inputs.items()},
        results=[Result(prefix + r.name, moved(r.place), r.added) for r in loop.results],
        rows={base: loop.rows[RECORD]},
    )
