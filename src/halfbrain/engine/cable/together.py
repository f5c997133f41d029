"""Mechanisms in the same few compartments, as one loop.

A soma has a dozen mechanisms, each a loop of one turn, which waits for its exponentials and leaves
what it adds in memory for the next to fetch. In one loop a core works on all of them at a time.
What a compartment's currents are summed in is the order of its mechanisms either way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from halfbrain.dynamics.instructions import Instruction, Operand, Program
from halfbrain.dynamics.lanes import NODES, RECORD, SECOND_LIST, UNIFORM, Loop, Place, Result
from halfbrain.engine.cable.call import Call
from halfbrain.engine.cable.programs import SUMS
from halfbrain.engine.cable.table import Table

_FEW = 4  # turns up to which loops are joined: longer ones are not kept waiting


_Work = tuple[Table, Call]


def currents(tables: Sequence[Table], compartments: int) -> tuple[list[Call], NDArray[np.int64]]:
    """The calls for currents, and the compartments whose sums are to be 0 before.

    The first mechanism of one of the cells' compartments sets the sums, so that few are.
    """
    work: list[_Work] = []
    found: dict[str, set[int]] = {name: set() for name in SUMS}
    cleared: set[int] = set()
    for table in tables:
        if (call := table.calls.get("current")) is None:
            continue
        if table.mechanism.kind == "density":
            own, first = _compartments(table), set()
            for name, there in found.items():
                if not any(result.name == name for result in call.loop.results):
                    continue
                if own & there:
                    cleared |= own - there
                else:
                    first.add(name)
                there |= own
            results = [replace(r, added=r.added and r.name not in first) for r in call.loop.results]
            call = replace(call, loop=replace(call.loop, results=results))
        work.append((table, call))
    cleared |= set(range(compartments)) - (found["i"] & found["g"])
    return _joined(work), np.array(sorted(cleared), np.int64)


def states(tables: Sequence[Table]) -> list[Call]:
    """The calls that move states on."""
    return _joined([(table, table.calls["step"]) for table in tables if "step" in table.calls])


def _joined(work: Sequence[_Work]) -> list[Call]:
    """The calls in order, those of mechanisms in the same few compartments as one."""
    groups: list[list[_Work]] = []
    for table, call in work:
        group = _joined_by(groups, table, call)
        if group is None:
            groups.append([(table, call)])
        else:
            group.append((table, call))
    return [g[0][1] if len(g) == 1 else _one([call for _, call in g]) for g in groups]


def _joined_by(groups: Sequence[list[_Work]], table: Table, call: Call) -> list[_Work] | None:
    """The group that does a table's work as well, if it may be done that early."""
    if table.mechanism.kind != "density" or len(table.where) > _FEW:
        return None
    for group in reversed(groups):
        first, _ = group[0]
        if first.mechanism.kind != "density":
            return None  # it may be anywhere
        if np.array_equal(first.where, table.where):
            read = _nodes(call, read=True)
            written = {x for _, other in group for x in _nodes(other, read=False)}
            return None if read & written else group
        if _compartments(first) & _compartments(table):
            return None  # whose sums it would come before
    return None


def _compartments(table: Table) -> set[int]:
    """Where a density mechanism's places are, but for what stands in for none."""
    return set(table.where.ravel().tolist()) - {len(table.nodes["v"]) - 1}


def _places(loop: Loop) -> list[Place]:
    return [*loop.inputs.values(), *(result.place for result in loop.results)]


def _nodes(call: Call, *, read: bool) -> set[int]:
    """Addresses of the arrays of nodes that a loop reads, or writes."""
    loop = call.loop
    places = loop.inputs.values() if read else [result.place for result in loop.results]
    numbers = {place.number for place in places if place.kind == "node"}
    return {int(call.arguments[NODES + number]) for number in numbers}


def _one(calls: Sequence[Call]) -> Call:
    """Loops over the same turns as one."""
    first = calls[0].loop
    arrays = list(dict.fromkeys(int(a) for call in calls for a in call.arguments[NODES:]))
    arguments = [*calls[0].arguments[:NODES], *arrays]
    inputs: dict[str, Place] = {}
    results: list[Result] = []
    rows: dict[int, int] = {}
    steps: list[Instruction] = []
    outputs: dict[str, Operand] = {}
    for number, call in enumerate(calls):
        if any(place.second for place in _places(call.loop)):
            arguments[SECOND_LIST] = call.arguments[SECOND_LIST]
        bases = {"record": len(arguments), "uniform": len(arguments) + 1}
        arguments += [call.arguments[RECORD], call.arguments[UNIFORM]]
        rows[bases["record"]] = call.loop.rows[RECORD]

        def moved(place: Place, call: Call = call, bases: dict[str, int] = bases) -> Place:
            if place.kind == "node":
                address = int(call.arguments[NODES + place.number])
                return replace(place, number=arrays.index(address))
            return replace(place, base=bases[place.kind])

        def named(operand: Operand, number: int = number) -> Operand:
            return f"{number} {operand}" if isinstance(operand, str) else operand

        program = call.loop.program
        inputs |= {f"{number} {x}": moved(place) for x, place in call.loop.inputs.items()}
        results += [
            Result(f"{number} {r.name}", moved(r.place), r.added) for r in call.loop.results
        ]
        steps += [
            Instruction(f"{number} {s.target}", s.operation, tuple(map(named, s.operands)))
            for s in program.instructions
        ]
        outputs |= {f"{number} {x}": named(operand) for x, operand in program.outputs.items()}
    return Call(
        replace(
            first,
            program=Program(tuple(inputs), tuple(steps), outputs),
            inputs=inputs,
            results=results,
            rows=rows,
        ),
        np.array(arguments, np.int64),
        sum((call.operations for call in calls), Counter()),
        [call.keep_alive for call in calls],
        sum(call.bytes for call in calls),
    )
