"""The one form that is counted and run: a list of elementary operations, each value named once.

Every target (Python, Numba, later CUDA and JAX) prints this list; the count is its length by kind.
A product that is added is one fused operation, as compilers make of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy

from halfbrain.equations.expression import drawn
from halfbrain.equations.functions import (
    EXPM1,
    EXPREL,
    SELECT,
    Absolute,
    Exp,
    Maximum,
    Minimum,
    Power,
    whole_sums,
)
from halfbrain.errors import ModelError
from halfbrain.program.operations import OPERATIONS, Kind
from halfbrain.program.stable import stable

Operand = str | float


@dataclass(frozen=True)
class Instruction:
    """``target = operation(operands)``."""

    target: str
    operation: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Program:
    """Instructions over named inputs; ``outputs`` gives the operand that holds each result."""

    inputs: tuple[str, ...]
    instructions: tuple[Instruction, ...]
    outputs: Mapping[str, Operand]

    @property
    def draws(self) -> bool:
        """Whether random numbers are drawn in it."""
        return any(OPERATIONS[step.operation].kind == "random" for step in self.instructions)

    def count(self) -> Counter[Kind]:
        """Operations by kind."""
        return Counter(OPERATIONS[step.operation].kind for step in self.instructions)


@whole_sums
def lower(results: Mapping[str, sympy.Basic]) -> Program:
    """Write expressions as elementary operations, common parts once, so that they are stable.

    Raises
    ------
    ModelError
        if an expression holds what no operation stands for, or a number beyond double precision.
    """
    return lower_as_written(stable(results))


def lower_as_written(results: Mapping[str, sympy.Basic]) -> Program:
    """Write expressions as elementary operations as they are: a mechanism does as NEURON's does."""
    shared, reduced = sympy.cse(
        list(results.values()),
        order="none",
        symbols=(sympy.Symbol(f"_c{i}", real=True) for i in range(10**6)),
    )
    lowering = _Lowering()
    for name, value in shared:
        lowering.known[name] = lowering.operand(value)
    outputs = {name: lowering.operand(value) for name, value in zip(results, reduced, strict=True)}
    symbols = {s for value in results.values() for s in value.free_symbols}
    free = {s.name for s in symbols if not drawn(s)}
    return Program(tuple(sorted(free)), tuple(lowering.steps), outputs)


def chain(*programs: Program) -> Program:
    """Programs one after the other: what one puts out, those behind it take in."""
    steps: list[Instruction] = []
    held: dict[str, Operand] = {}
    inputs: dict[str, None] = {}
    for program in programs:
        inputs |= dict.fromkeys(name for name in program.inputs if name not in held)
        local: dict[str, Operand] = {name: held.get(name, name) for name in program.inputs}

        def now(operand: Operand, local: dict[str, Operand] = local) -> Operand:
            return local[operand] if isinstance(operand, str) else operand

        for step in program.instructions:
            target = f"_{len(steps)}"
            steps.append(Instruction(target, step.operation, tuple(map(now, step.operands))))
            local[step.target] = target
        held |= {name: now(operand) for name, operand in program.outputs.items()}
    return Program(tuple(sorted(inputs)), tuple(steps), held)


_FUNCTIONS = {
    Exp: "exp",
    sympy.exp: "exp",
    EXPM1: "expm1",
    Minimum: "minimum",
    Maximum: "maximum",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tanh: "tanh",
    sympy.Abs: "absolute",
    Absolute: "absolute",
}
_FOLDS = {sympy.Min: "minimum", sympy.Max: "maximum", sympy.And: "and", sympy.Or: "or"}
_RELATIONS = {
    sympy.StrictGreaterThan: "greater",
    sympy.GreaterThan: "greater_equal",
    sympy.StrictLessThan: "less",
    sympy.LessThan: "less_equal",
}


class _Lowering:
    def __init__(self) -> None:
        self.steps: list[Instruction] = []
        self.known: dict[sympy.Basic, Operand] = {}

    def emit(self, operation: str, *operands: Operand) -> Operand:
        target = f"_{len(self.steps)}"
        self.steps.append(Instruction(target, operation, operands))
        return target

    def operand(self, value: sympy.Basic) -> Operand:
        if value in self.known:
            return self.known[value]
        if value.is_number:
            return float(value)
        if how := drawn(value):
            self.known[value] = self.emit(how)
            return self.known[value]
        if isinstance(value, sympy.Symbol):
            return str(value.name)
        if isinstance(value, sympy.Add):
            return self.sum(value)
        if isinstance(value, sympy.Mul):
            return self.product(value)
        if isinstance(value, sympy.Pow | Power):
            return self.power(*value.args)
        if value.func == EXPREL:
            return self.exprel(self.operand(value.args[0]))
        if value.func == SELECT:
            return self.emit("select", *map(self.operand, value.args))
        if value.func in _FUNCTIONS:
            return self.emit(_FUNCTIONS[value.func], *map(self.operand, value.args))
        if value.func in _RELATIONS:
            return self.emit(_RELATIONS[value.func], *map(self.operand, value.args))
        if value.func in _FOLDS:
            return self.fold(_FOLDS[value.func], [self.operand(arg) for arg in value.args])
        raise ModelError(f"no operation stands for {type(value).__name__}")

    def fold(self, operation: str, operands: Sequence[Operand]) -> Operand:
        total = operands[0]
        for operand in operands[1:]:
            total = self.emit(operation, total, operand)
        return total

    def sum(self, value: sympy.Add) -> Operand:
        # Plain terms first: a product added to them is then one fused operation.
        terms = sorted(value.args, key=lambda term: (self._is_product(term), _is_negative(term)))
        total: Operand | None = None
        for term in terms:
            negative = _is_negative(term)
            size = -term if negative else term
            if total is None:
                total = self.operand(term)
            elif self._is_product(size):
                left, right = self.factors(size)
                total = self.emit("fused_negative" if negative else "fused", left, right, total)
            else:
                total = self.emit("subtract" if negative else "add", total, self.operand(size))
        assert total is not None
        return total

    def _is_product(self, term: sympy.Expr) -> bool:
        size = -term if _is_negative(term) else term
        return (
            isinstance(size, sympy.Mul)
            and size not in self.known
            and not any(_is_reciprocal(factor) for factor in size.args)
        )

    def factors(self, value: sympy.Mul) -> tuple[Operand, Operand]:
        operands = [self.operand(factor) for factor in value.args]
        return self.fold("multiply", operands[:-1]), operands[-1]

    def product(self, value: sympy.Mul) -> Operand:
        if value.args[0] == -1:
            return self.emit("negate", self.operand(-value))
        above = [factor for factor in value.args if not _is_reciprocal(factor)]
        below = [1 / factor for factor in value.args if _is_reciprocal(factor)]
        top = self.fold("multiply", [self.operand(factor) for factor in above]) if above else 1.0
        if not below:
            return top
        return self.emit("divide", top, self.fold("multiply", [self.operand(f) for f in below]))

    def power(self, base: sympy.Expr, exponent: sympy.Expr) -> Operand:
        if exponent == -1 and base.func == EXPREL:
            return self.exprel(self.operand(base.args[0]), inverse=True)
        if exponent.is_number and exponent < 0:
            below = self.operand(base) if exponent == -1 else self.power(base, -exponent)
            return self.emit("divide", 1.0, below)
        if exponent == sympy.Rational(1, 2) or exponent == 0.5:
            return self.emit("sqrt", self.operand(base))
        if exponent.is_number and exponent == int(exponent):
            return self.whole_power(self.operand(base), int(exponent))
        return self.emit("power", self.operand(base), self.operand(exponent))

    def whole_power(self, base: Operand, exponent: int) -> Operand:
        """By repeated squaring."""
        result: Operand | None = None
        while exponent:
            if exponent & 1:
                result = base if result is None else self.emit("multiply", result, base)
            exponent >>= 1
            if exponent:
                base = self.emit("multiply", base, base)
        return 1.0 if result is None else result

    def exprel(self, x: Operand, inverse: bool = False) -> Operand:
        near_zero = self.emit("less", self.emit("absolute", x), 1e-16)
        parts = (self.emit("expm1", x), x)
        away = self.emit("divide", *(parts[::-1] if inverse else parts))
        return self.emit("select", near_zero, 1.0, away)


def _is_negative(term: sympy.Expr) -> bool:
    return bool(term.could_extract_minus_sign()) if term.is_Mul or term.is_number else False


def _is_reciprocal(factor: sympy.Expr) -> bool:
    below = isinstance(factor, sympy.Pow) and bool(factor.exp.is_number) and bool(factor.exp < 0)
    return below and not (factor.exp == -1 and factor.base.func == EXPREL)  # x / expm1(x) is one
