"""What does not change during a run, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from halfbrain.program.evaluate import Number, evaluate
from halfbrain.program.instructions import Operand, Program
from halfbrain.program.operations import OPERATIONS


def hoist(program: Program, known: Mapping[str, Number]) -> tuple[Program, dict[str, Number]]:
    """The program without what follows from ``known`` inputs alone, and the numbers that it needs.

    Those are the known inputs that it still takes in, and results of operations under the names
    that these had; arrays where they follow from arrays. Branches that no place takes are gone too.
    """
    program = _chosen(program, known)
    found = {name for name in program.inputs if name in known}
    early, late = [], []
    for step in program.instructions:
        fixed = OPERATIONS[step.operation].kind != "random"
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


def _chosen(program: Program, known: Mapping[str, Number]) -> Program:
    """The program less the branches that are not taken anywhere."""
    fixed = {name for name in program.inputs if isinstance(known.get(name), float)}
    for step in program.instructions:
        random = OPERATIONS[step.operation].kind == "random"
        if not random and all(x in fixed for x in step.operands if isinstance(x, str)):
            fixed.add(step.target)
    asked = {str(s.operands[0]) for s in program.instructions if s.operation == "select"} & fixed
    if not asked:
        return program
    answers = evaluate(used(replace(program, outputs={x: x for x in asked}), asked), known)
    instead: dict[str, Operand] = {}

    def now(operand: Operand) -> Operand:
        return instead.get(operand, operand) if isinstance(operand, str) else operand

    kept = []
    for step in program.instructions:
        operands = tuple(map(now, step.operands))
        if step.operation == "select" and operands[0] in answers:
            instead[step.target] = operands[1 if answers[str(operands[0])] else 2]
        else:
            kept.append(replace(step, operands=operands))
    outputs = {name: now(x) for name, x in program.outputs.items()}
    return used(Program(program.inputs, tuple(kept), outputs), set(outputs))


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
