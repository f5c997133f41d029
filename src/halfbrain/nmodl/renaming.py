"""A program with inputs of other names."""

from __future__ import annotations

from collections.abc import Mapping

from halfbrain.program.instructions import Instruction, Operand, Program


def renamed(program: Program, new: Mapping[str, str]) -> Program:
    """The program with its inputs called by their new names; outputs keep theirs."""
    if not new.keys() & set(program.inputs):
        return program

    def now(operand: Operand) -> Operand:
        return new.get(operand, operand) if isinstance(operand, str) else operand

    steps = tuple(
        Instruction(s.target, s.operation, tuple(map(now, s.operands)))
        for s in program.instructions
    )
    outputs = {k: now(v) for k, v in program.outputs.items()}
    return Program(tuple(sorted(str(now(i)) for i in program.inputs)), steps, outputs)
