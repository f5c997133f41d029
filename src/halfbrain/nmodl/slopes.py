"""Derivatives of values by an input, and values with inputs put in, instruction by instruction."""

from __future__ import annotations

from collections.abc import Mapping

from halfbrain.nmodl.values import Values
from halfbrain.program.instructions import Operand
from halfbrain.program.operations import OPERATIONS, Missing


class Slope:
    """Forward differentiation (dual numbers) by one input."""

    def __init__(self, values: Values, by: str) -> None:
        self.values = values
        self.by = by
        self.known: dict[Operand, Operand] = {}

    def of(self, operand: Operand) -> Operand:
        """The derivative of a value; 0 where it jumps."""
        for i in self.values.reached([operand]):
            if f"%{i}" not in self.known:
                operation, operands = self.values.steps[i]
                slope = OPERATIONS[operation].slope
                parts = [self._leaf(o) for o in operands]
                if isinstance(slope, Missing) or all(part == 0.0 for part in parts):
                    self.known[f"%{i}"] = 0.0
                else:
                    self.known[f"%{i}"] = slope(self.values, f"%{i}", operands, parts)
        return self._leaf(operand)

    def _leaf(self, operand: Operand) -> Operand:
        if operand == self.by:
            return 1.0
        return self.known.get(operand, 0.0)


def replace(values: Values, operand: Operand, by: Mapping[str, Operand]) -> Operand:
    """A value with other values in the place of inputs."""
    return replace_all(values, [operand], by)[0]


def replace_all(
    values: Values, operands: list[Operand], by: Mapping[str, Operand]
) -> list[Operand]:
    """Values with other values in the place of inputs."""
    made: dict[Operand, Operand] = {}
    made.update(by)
    for i in values.reached(operands):
        operation, inner = values.steps[i]
        if any(o in made for o in inner):
            changed = tuple(made.get(o, o) for o in inner)
            if changed != inner:
                made[f"%{i}"] = values.emit(operation, *changed)
    return [made.get(o, o) for o in operands]
