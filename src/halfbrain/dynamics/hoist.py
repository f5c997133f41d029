"""What does not change during a run, worked out once."""

from __future__ import annotations

from collections.abc import Mapping

from halfbrain.dynamics.evaluate import Number, evaluate
from halfbrain.dynamics.instructions import OPERATIONS, Operand, Program


def hoist(program: Program, known: Mapping[str, Number]) -> tuple[Program, dict[str, Number]]:
    """The program without what follows from ``known`` inputs alone, and the numbers that it needs.

    Those are the known inputs that it still takes in, and results of operations under the names
    that these had; arrays where they follow from arrays.
    """
    found = {name for name in program.inputs if name in known}
    early, late = [], []
    for step in program.instructions:
        fixed = OPERATIONS[step.operation][0] != "random"
        if fixed and all(x in found for x in step.operands if isinstance(x, str)):
            found.add(step.target)
            early.append(step)
        else:
            late.append(step)
    wanted = {x for step in late for x in step.operands if isinstance(x, str)}
    wanted |= {x for x in program.outputs.values() if isinstance(x, str)}
    needed = sorted(wanted & found)
    outputs: dict[str, Operand] = {name: name for name in needed}
    before = Program(tuple(n for n in program.inputs if n in known), tuple(early), outputs)
    if not needed:
        return program, {}
    numbers = evaluate(before, known)
    inputs = [n for n in program.inputs if n in wanted and n not in known]
    return Program((*inputs, *needed), tuple(late), program.outputs), numbers


def used(program: Program, names: set[str]) -> Program:
    """The program without what the outputs of these names do not need."""
    outputs = {name: x for name, x in program.outputs.items() if name in names}
    wanted = {x for x in outputs.values() if isinstance(x, str)}
    kept = []
    for step in reversed(program.instructions):
        if step.target in wanted:
            kept.append(step)
            wanted |= {x for x in step.operands if isinstance(x, str)}
    inputs = tuple(name for name in program.inputs if name in wanted)
    return Program(inputs, tuple(reversed(kept)), outputs)
