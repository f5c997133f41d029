"""Expressions as text: parsed against a whitelist, their dimensions checked on the way.

The text is data. Python's own grammar reads it (``ast``), but nothing is evaluated: each node that
is known becomes SymPy, and any other is a clear error.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import sympy

from halfbrain.equations.dimensions import NONE, Dimensions, text_of, unit_names, unit_or_none
from halfbrain.equations.functions import EXPREL, Absolute, Exp, Maximum, Minimum, Power
from halfbrain.errors import ModelError

_DRAWS = {"rand": "uniform", "randn": "normal"}

_PURE = {
    "exp": Exp,
    "log": sympy.log,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tanh": sympy.tanh,
    "exprel": EXPREL,
}
_CALLS = (*_PURE, "sqrt", "abs", "clip", "rand", "randn")
_COMPARISONS = {ast.Gt: sympy.Gt, ast.GtE: sympy.Ge, ast.Lt: sympy.Lt, ast.LtE: sympy.Le}
_LONGEST, _LARGEST_POWER = 2000, 64


@dataclass(frozen=True)
class Typed:
    """A symbolic value in SI base units, with its dimensions."""

    value: sympy.Basic
    dimensions: Dimensions


def symbol(name: str) -> sympy.Symbol:
    """The symbol of a model's variable."""
    return sympy.Symbol(name, real=True)


def drawn(value: sympy.Basic) -> str | None:
    """Of a symbol that stands for a random number, how it is drawn."""
    return _DRAWS.get(value.name.split("(")[0]) if "(" in getattr(value, "name", "") else None


def parse(text: str, names: Mapping[str, Typed], place: str, line: int = 0) -> Typed:
    """Read an expression over ``names``; units such as ``mV`` and ``volt`` are known besides.

    Each ``rand()`` is a number of its own, told from others by ``place``, ``line`` and where it
    stands in the text; wherever the expression is put, it stays the same number.

    Raises
    ------
    ModelError
        one line that begins with ``place`` and quotes the part that is wrong.
    """
    if len(text) > _LONGEST:
        raise ModelError(f"{place}: an expression is at most {_LONGEST} characters long")
    try:
        with warnings.catch_warnings():
            # Python warns of text such as "1if"; what is wrong in it is said below.
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(text.strip(), mode="eval")
        return _Reader(names, place, line).read(tree.body)
    except (SyntaxError, ValueError, MemoryError):
        raise ModelError(f"{place}: cannot read {text.strip()[:60]!r} as an expression") from None
    except RecursionError:
        raise ModelError(f"{place}: the expression is nested too deeply") from None


def _nearest(name: str, names: Collection[str]) -> str:
    """What may have been meant by a name, and what there is."""
    units = sorted(unit for unit in unit_names() if len(unit) > 1 and unit.isascii())
    near = get_close_matches(name, [*names, *units], n=3)
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    there = f"{', '.join(names)} and units such as mV, ms and volt" if names else "units, as in mV"
    return f"{meant}; known are {there}"


class _Reader:
    def __init__(self, names: Mapping[str, Typed], place: str, line: int) -> None:
        self.names = names
        self.place = place
        self.line = line

    def fail(self, node: ast.AST, reason: str) -> ModelError:
        quoted = ast.unparse(node)
        return ModelError(f"{self.place}: {quoted[:60]!r} {reason}")

    def read(self, node: ast.expr) -> Typed:
        match node:
            case ast.Constant(value=bool() | str() | bytes() | complex() | None):
                raise self.fail(node, "is not a number")
            case ast.Constant(value=int() | float() as value):
                return self._number(node, value)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.read(operand)
                return Typed(-self._real(operand, inner), inner.dimensions)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                return self._sum(node, left, op, right)
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
                return self._product(left, op, right)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(node, left, right)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(node, name, args)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                a, b = self._alike(node, left, right, "compare")
                return Typed(_COMPARISONS[type(op)](a.value, b.value), NONE)
            case ast.BoolOp(op=op, values=values):
                return self._logic(node, op, values)
            case _:
                raise self.fail(node, "is not allowed in an equation")

    def _number(self, node: ast.Constant, value: float) -> Typed:
        try:
            number = float(value)
        except OverflowError:
            raise self.fail(node, "is too large") from None
        if number in (float("inf"), float("-inf")):
            raise self.fail(node, "is too large")
        exact = (
            sympy.Integer(int(number)) if number == int(number) and abs(number) < 2**53 else None
        )
        return Typed(exact if exact is not None else sympy.Float(number, 17), NONE)

    def _name(self, node: ast.Name, name: str) -> Typed:
        if name in self.names:
            return self.names[name]
        # Where there are names, a letter is one of them that was forgotten, and no unit.
        found = unit_or_none(name) if len(name) > 1 or not self.names else None
        if found is None:
            raise self.fail(node, f"is not known{_nearest(name, self.names)}")
        return Typed(sympy.Float(found[0], 17), found[1])

    def _real(self, node: ast.expr, typed: Typed) -> sympy.Expr:
        if not isinstance(typed.value, sympy.Expr):
            raise self.fail(node, "is true or false, not a number")
        return typed.value

    def _alike(
        self, node: ast.expr, left: ast.expr, right: ast.expr, verb: str
    ) -> tuple[Typed, Typed]:
        a, b = self.read(left), self.read(right)
        self._real(left, a), self._real(right, b)
        # Zero has every dimension.
        if a.dimensions != b.dimensions and 0 not in (a.value, b.value):
            raise self.fail(
                node,
                f"cannot {verb} {ast.unparse(left)[:40]} ({text_of(a.dimensions)}) "
                f"and {ast.unparse(right)[:40]} ({text_of(b.dimensions)})",
            )
        return a, b

    def _sum(self, node: ast.expr, left: ast.expr, op: ast.operator, right: ast.expr) -> Typed:
        a, b = self._alike(node, left, right, "add" if isinstance(op, ast.Add) else "subtract")
        value = a.value + b.value if isinstance(op, ast.Add) else a.value - b.value
        return Typed(value, a.dimensions if a.value != 0 else b.dimensions)

    def _product(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Typed:
        a, b = self.read(left), self.read(right)
        x, y = self._real(left, a), self._real(right, b)
        if isinstance(op, ast.Mult):
            return Typed(x * y, a.dimensions * b.dimensions)
        if y == 0:
            raise self.fail(right, "is zero, and something is divided by it")
        return Typed(x / y, a.dimensions / b.dimensions)

    def _power(self, node: ast.expr, left: ast.expr, right: ast.expr) -> Typed:
        base, exponent = self.read(left), self.read(right)
        x, p = self._real(left, base), self._real(right, exponent)
        if exponent.dimensions:
            raise self.fail(
                right,
                f"is an exponent and must be a pure number, not {text_of(exponent.dimensions)}",
            )
        if p.is_number and abs(p) > _LARGEST_POWER:
            raise self.fail(node, f"has an exponent over {_LARGEST_POWER}")
        if base.dimensions and not p.is_number:
            raise self.fail(node, "has a base with a unit, so its exponent must be a number")
        if x == 0 and p.is_number and p < 0:
            raise self.fail(node, "divides by zero")
        dimensions = base.dimensions ** float(p) if base.dimensions else NONE
        whole = p.is_number and p.is_real and abs(p) >= 2
        return Typed(Power(x, p) if whole else x**p, dimensions)

    def _call(self, node: ast.Call, name: str, args: list[ast.expr]) -> Typed:
        if name not in _CALLS:
            raise self.fail(node, f"is no known call; functions are {', '.join(_CALLS)}")
        values = [self.read(arg) for arg in args]
        numbers = [self._real(arg, value) for arg, value in zip(args, values, strict=True)]
        if name in _DRAWS and not values:
            where = f"{self.place}, {self.line}, {node.lineno}, {node.col_offset}"
            return Typed(symbol(f"{name}() {where}"), NONE)
        if name in _PURE and len(values) == 1:
            if values[0].dimensions:
                raise self.fail(node, f"needs a pure number, not {text_of(values[0].dimensions)}")
            return Typed(_PURE[name](numbers[0]), NONE)
        if name == "sqrt" and len(values) == 1:
            return Typed(sympy.sqrt(numbers[0]), values[0].dimensions ** 0.5)
        if name == "abs" and len(values) == 1:
            return Typed(Absolute(numbers[0]), values[0].dimensions)
        if name == "clip" and len(values) == 3:
            if len({value.dimensions for value in values if value.value != 0}) > 1:
                raise self.fail(node, "clips between values of other dimensions")
            return Typed(Minimum(Maximum(numbers[0], numbers[1]), numbers[2]), values[0].dimensions)
        raise self.fail(node, f"has {len(args)} arguments, which {name} does not take")

    def _logic(self, node: ast.expr, op: ast.boolop, values: list[ast.expr]) -> Typed:
        parts = [self.read(value).value for value in values]
        if any(isinstance(part, sympy.Expr) for part in parts):
            raise self.fail(node, "joins something that is neither true nor false")
        return Typed((sympy.And if isinstance(op, ast.And) else sympy.Or)(*parts), NONE)
