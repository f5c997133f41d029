"""Derivatives of values by an input, and values with inputs put in, instruction by instruction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from halfbrain.nmodl.values import Values
from halfbrain.program.instructions import Operand


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
                rule = _RULES.get(operation)
                parts = [self._leaf(o) for o in operands]
                moves = rule is not None and any(part != 0.0 for part in parts)
                self.known[f"%{i}"] = (
                    rule(self.values, f"%{i}", operands, parts)  # type: ignore[misc]
                    if moves
                    else 0.0
                )
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


_Rule = Callable[[Values, Operand, tuple[Operand, ...], list[Operand]], Operand]


def _sum(operation: str) -> _Rule:
    return lambda v, y, x, d: v.emit(operation, *d)


def _product(v: Values, y: Operand, x: tuple[Operand, ...], d: list[Operand]) -> Operand:
    return v.emit("add", v.emit("multiply", d[0], x[1]), v.emit("multiply", x[0], d[1]))


def _quotient(v: Values, y: Operand, x: tuple[Operand, ...], d: list[Operand]) -> Operand:
    if x[0] == 1.0:  # -y y x', without another division
        return v.emit("negate", v.emit("multiply", v.emit("multiply", y, d[1]), y))
    return v.emit("divide", v.emit("subtract", d[0], v.emit("multiply", y, d[1])), x[1])


def _times(factor: Callable[[Values, Operand, Operand], Operand]) -> _Rule:
    return lambda v, y, x, d: v.emit("multiply", factor(v, y, x[0]), d[0])


def _power(v: Values, y: Operand, x: tuple[Operand, ...], d: list[Operand]) -> Operand:
    base = 0.0
    total: Operand = base
    if d[0] != 0.0:
        lower = v.power(x[0], v.emit("subtract", x[1], 1.0))
        total = v.emit("multiply", v.emit("multiply", x[1], lower), d[0])
    if d[1] != 0.0:
        grown = v.emit("multiply", y, v.emit("log", x[0]))
        total = v.emit("add", total, v.emit("multiply", grown, d[1]))
    return total


def _absolute(v: Values, y: Operand, x: tuple[Operand, ...], d: list[Operand]) -> Operand:
    return v.emit("select", v.emit("less", x[0], 0.0), v.emit("negate", d[0]), d[0])


def _choice(comparison: str) -> _Rule:
    return lambda v, y, x, d: v.emit("select", v.emit(comparison, x[0], x[1]), d[0], d[1])


_RULES: dict[str, _Rule] = {
    "add": _sum("add"),
    "subtract": _sum("subtract"),
    "negate": _sum("negate"),
    "multiply": _product,
    "divide": _quotient,
    "exp": _times(lambda v, y, x: y),
    "log": _times(lambda v, y, x: v.emit("divide", 1.0, x)),
    "sqrt": _times(lambda v, y, x: v.emit("divide", 0.5, y)),
    "sin": _times(lambda v, y, x: v.emit("cos", x)),
    "cos": _times(lambda v, y, x: v.emit("negate", v.emit("sin", x))),
    "tanh": _times(lambda v, y, x: v.emit("subtract", 1.0, v.emit("multiply", y, y))),
    "power": _power,
    "absolute": _absolute,
    "minimum": _choice("less"),
    "maximum": _choice("greater"),
    "select": lambda v, y, x, d: v.emit("select", x[0], d[1], d[2]),
}
