"""The same results with fewer divisions, which take a core longer than anything but powers.

A division by what is fixed during a run is a product with its reciprocal; several by one value
share a reciprocal; a division by a quotient of something fixed, as of dt by 1 / (alpha + beta), is
a product; (a b) / a is b. Results may differ in their last bits. What is written does not depend on
values, so that it is the same wherever a place is stepped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from halfbrain.program.differences import WholeDifferences
from halfbrain.program.exponents import FewerExponentials
from halfbrain.program.instructions import Operand, Program
from halfbrain.program.rewriting import Rewriting


def lean(program: Program, known: Collection[str], *, single: bool = False) -> Program:
    """The program with fewer divisions and exponentials.

    Inputs of the names ``known`` do not change. In ``single`` precision small differences are
    worked out whole before.
    """
    if single:
        program = WholeDifferences(program, known).written()
    divided = _Divided(FewerExponentials(program, known).written(), known).written()
    return _Shared(divided, known).written()


class _Divided(Rewriting):
    def __init__(self, program: Program, known: Collection[str]) -> None:
        super().__init__(program, known)
        # Something fixed over what is below it.
        self.ratios: dict[Operand, tuple[Operand, Operand]] = {}
        self.products: dict[Operand, tuple[Operand, Operand]] = {}

    def step(self, target: str, operation: str, operands: tuple[Operand, ...]) -> Operand:
        if not all(map(self.is_fixed, operands)):
            if operation == "divide":
                return self.divided(target, *operands)
            if operation == "negate":
                self.keep_ratio(target, -1.0, operands[0])
            if operation == "multiply":
                self.products[target] = operands[0], operands[1]
                self.keep_ratio(target, *operands)
                self.keep_ratio(target, *reversed(operands))
            if operation == "select":
                self.keep_choice(target, *operands)
        return self.emit(operation, *operands, target=target)

    def divided(self, target: str, x: Operand, y: Operand) -> Operand:
        if y in self.products.get(x, ()):
            a, b = self.products[x]
            return b if a == y else a
        if y in self.ratios and (above := self.ratios[y][0]) != 0.0:
            return self.scaled(self.scaled(x, self.reciprocal(above)), self.ratios[y][1])
        if self.is_fixed(y) and y != 0.0:
            self.keep_ratio(target, self.reciprocal(y), x)
            return self.emit("multiply", x, self.reciprocal(y), target=target)
        if self.is_fixed(x):
            self.ratios[target] = x, y
        return self.emit("divide", x, y, target=target)

    def keep_ratio(self, target: str, factor: Operand, x: Operand) -> None:
        if x in self.ratios and self.is_fixed(factor):
            above, below = self.ratios[x]
            self.ratios[target] = self.scaled(above, factor), below

    def keep_choice(self, target: str, condition: Operand, *choices: Operand) -> None:
        """A choice that is fixed, between quotients: of what is above and of what is below."""
        found = [(x, 1.0) if self.is_fixed(x) else self.ratios.get(x) for x in choices]
        if self.is_fixed(condition) and None not in found:
            above, below = zip(*filter(None, found), strict=True)
            self.ratios[target] = (
                self.emit("select", condition, *above),
                self.emit("select", condition, *below),
            )


class _Shared(Rewriting):
    def __init__(self, program: Program, known: Collection[str]) -> None:
        super().__init__(program, known)
        divisors = [s.operands[1] for s in program.instructions if s.operation == "divide"]
        self.many = {x for x, n in Counter(divisors).items() if n > 1 and isinstance(x, str)}

    def step(self, target: str, operation: str, operands: tuple[Operand, ...]) -> Operand:
        shared = operation == "divide" and operands[1] in self.many
        if not shared or all(map(self.is_fixed, operands)):
            return self.emit(operation, *operands, target=target)
        return self.scaled(operands[0], self.reciprocal(operands[1]))
