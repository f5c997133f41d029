"""A program written anew, step by step, by rules that know what is fixed during a run."""

from __future__ import annotations

from collections.abc import Collection

from halfbrain.program.hoist import used
from halfbrain.program.instructions import Instruction, Operand, Program
from halfbrain.program.operations import OPERATIONS


class Rewriting:
    """A program written anew, step by step; ``fixed`` is what follows from known inputs."""

    def __init__(self, program: Program, known: Collection[str]) -> None:
        self.program = program
        self.fixed = {name for name in program.inputs if name in known}
        self.steps: list[Instruction] = []
        self.instead: dict[str, Operand] = {}
        self.reciprocals: dict[str, Operand] = {}

    def written(self) -> Program:
        """All of it."""
        for step in self.program.instructions:
            operands = tuple(map(self.now, step.operands))
            now = self.step(step.target, step.operation, operands)
            if now != step.target:
                self.instead[step.target] = now
        outputs = {name: self.now(x) for name, x in self.program.outputs.items()}
        return used(Program(self.program.inputs, tuple(self.steps), outputs), set(outputs))

    def step(self, target: str, operation: str, operands: tuple[Operand, ...]) -> Operand:
        """Write a step, or nothing; the operand that has its result."""
        return self.emit(operation, *operands, target=target)

    def now(self, operand: Operand) -> Operand:
        """What stands for an operand of the program."""
        return self.instead.get(operand, operand) if isinstance(operand, str) else operand

    def is_fixed(self, operand: Operand) -> bool:
        """Whether it is the same during a run."""
        return not isinstance(operand, str) or operand in self.fixed

    def emit(self, operation: str, *operands: Operand, target: str = "") -> Operand:
        """Write a step; its target, a new one if none is given."""
        # No name of a program has a space at its beginning and a number after it.
        target = target or f" {type(self).__name__} {len(self.steps)}"
        self.steps.append(Instruction(target, operation, operands))
        if OPERATIONS[operation].kind != "random" and all(map(self.is_fixed, operands)):
            self.fixed.add(target)
        return target

    def scaled(self, a: Operand, b: Operand) -> Operand:
        """A product, without one by 1; at once where it is one of numbers."""
        if isinstance(a, float) and isinstance(b, float):
            return a * b
        if 1.0 in (a, b):
            return b if a == 1.0 else a
        return self.emit("multiply", a, b)

    def reciprocal(self, x: Operand) -> Operand:
        """Of a value, worked out once."""
        if not isinstance(x, str):
            return 1.0 / x
        if x not in self.reciprocals:
            self.reciprocals[x] = self.emit("divide", 1.0, x)
        return self.reciprocals[x]
