"""The one registry of elementary operations: what each counts, and every form that it has.

LLVM's form of each is in :mod:`halfbrain.codegen.vectors` and :mod:`halfbrain.codegen.picks`, by
the same names. What an operation has not, says why not; a test holds that nothing else is missing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

Kind = Literal[
    "add",
    "multiply",
    "fused",
    "divide",
    "exp",
    "log",
    "root",
    "power",
    "trigonometric",
    "compare",
    "select",
    "random",
]
# FLOP of one operation of each kind. A comparison or choice is no arithmetic. An exponential counts
# as one here, so that counts do not depend on how it is written; its real price is in the ceilings.
FLOP: Mapping[Kind, int] = {
    "add": 1,
    "multiply": 1,
    "fused": 2,
    "divide": 1,
    "exp": 1,
    "log": 1,
    "root": 1,
    "power": 1,
    "trigonometric": 1,
    "compare": 0,
    "select": 0,
    "random": 1,
}
Value = str | float  # an operand of an instruction: a name or a number


class Writer(Protocol):
    """What writes instructions one after the other; a derivative is written by it."""

    def emit(self, operation: str, /, *operands: Value) -> Value:
        """The value of an operation."""

    def power(self, base: Value, exponent: Value, /) -> Value:
        """``base ^ exponent``."""


# The derivative of ``y``, of operands ``x`` whose derivatives are ``d``.
Slope = Callable[[Writer, Value, tuple[Value, ...], list[Value]], Value]


@dataclass(frozen=True)
class Missing:
    """Why an operation has not a form."""

    why: str


_JUMPS = Missing("it is 0, but where it jumps")
_LATE = Missing("it comes into a program after derivatives, numbers and texts are made")
_DRAWN = Missing("random numbers need the seed and counter of an engine")
_OF_A_STREAM = Missing("random numbers need the stream of a place")
_ENDS = Missing("NMODL has it as a loop only")
_CHOSEN = Missing("of a choice between numbers nothing is left to choose")


@dataclass(frozen=True)
class Operation:
    """One elementary operation.

    Parameters
    ----------
    kind
        what it counts as.
    scalar
        the expression in Python, which Numba compiles.
    numpy
        the function of numbers and arrays that is worked out before a run, as LLVM's vectors have
        it; bit for bit the same in an array and alone.
    number
        the function of numbers, as C has it: a file's constants are folded by it.
    nmodl
        the expression in NMODL, or a choice: its condition, what it is then, and otherwise.
    slope
        how its derivative is written.
    array
        the expression for whole arrays, of NumPy or JAX; the scalar one, if none is given.
    calls
        what the name in ``scalar`` is that it calls.
    truth
        whether its value is true or false.
    commutes
        whether its two operands may change places.
    """

    kind: Kind
    scalar: str
    numpy: Callable[..., Any] | Missing
    number: Callable[..., float] | Missing
    nmodl: str | tuple[str, str, str] | Missing
    slope: Slope | Missing
    array: str | Missing = ""
    calls: Callable[..., Any] | None = None
    truth: bool = False
    commutes: bool = False


def _linear(operation: str) -> Slope:
    return lambda w, y, x, d: w.emit(operation, *d)


def _product(w: Writer, y: Value, x: tuple[Value, ...], d: list[Value]) -> Value:
    return w.emit("add", w.emit("multiply", d[0], x[1]), w.emit("multiply", x[0], d[1]))


def _quotient(w: Writer, y: Value, x: tuple[Value, ...], d: list[Value]) -> Value:
    if x[0] == 1.0:  # -y y x', without another division
        return w.emit("negate", w.emit("multiply", w.emit("multiply", y, d[1]), y))
    return w.emit("divide", w.emit("subtract", d[0], w.emit("multiply", y, d[1])), x[1])


def _times(factor: Callable[[Writer, Value, Value], Value]) -> Slope:
    return lambda w, y, x, d: w.emit("multiply", factor(w, y, x[0]), d[0])


def _power(w: Writer, y: Value, x: tuple[Value, ...], d: list[Value]) -> Value:
    total: Value = 0.0
    if d[0] != 0.0:
        lower = w.power(x[0], w.emit("subtract", x[1], 1.0))
        total = w.emit("multiply", w.emit("multiply", x[1], lower), d[0])
    if d[1] != 0.0:
        grown = w.emit("multiply", y, w.emit("log", x[0]))
        total = w.emit("add", total, w.emit("multiply", grown, d[1]))
    return total


def _absolute(w: Writer, y: Value, x: tuple[Value, ...], d: list[Value]) -> Value:
    return w.emit("select", w.emit("less", x[0], 0.0), w.emit("negate", d[0]), d[0])


def _choice(comparison: str) -> Slope:
    return lambda w, y, x, d: w.emit("select", w.emit(comparison, x[0], x[1]), d[0], d[1])


def _function(
    kind: Kind, name: str, factor: Callable[[Writer, Value, Value], Value]
) -> tuple[str, Operation]:
    """A function of one number that all libraries call by the same name."""
    call, of_number = f"{name}({{0}})", getattr(math, name)
    slope = _times(factor)
    return name, Operation(kind, call, getattr(np, name), of_number, call, slope, calls=of_number)


def _comparison(sign: str, array: Callable[..., Any], number: Callable[..., Any]) -> Operation:
    text = f"{{0}} {sign} {{1}}"
    return Operation(
        "compare", text, array, lambda a, b: float(number(a, b)), f"({text})", _JUMPS, truth=True
    )


def _random(kind: Kind, name: str, operands: int, why: Missing) -> tuple[str, Operation]:
    call = f"{name}({', '.join(f'{{{k}}}' for k in range(operands))})"
    return name, Operation(kind, call, why, why, why, why, why)


OPERATIONS: Mapping[str, Operation] = {
    "add": Operation(
        "add", "{0} + {1}", np.add, operator.add, "({0} + {1})", _linear("add"), commutes=True
    ),
    "subtract": Operation(
        "add", "{0} - {1}", np.subtract, operator.sub, "({0} - {1})", _linear("subtract")
    ),
    "negate": Operation("add", "-{0}", np.negative, operator.neg, "(-{0})", _linear("negate")),
    "multiply": Operation(
        "multiply", "{0} * {1}", np.multiply, operator.mul, "({0} * {1})", _product, commutes=True
    ),
    "fused": Operation(
        "fused", "{0} * {1} + {2}", lambda a, b, c: a * b + c, _LATE, "({0} * {1} + {2})", _LATE
    ),
    "fused_negative": Operation(
        "fused", "{2} - {0} * {1}", lambda a, b, c: c - a * b, _LATE, "({2} - {0} * {1})", _LATE
    ),
    "divide": Operation(
        "divide", "{0} / {1}", np.divide, operator.truediv, "({0} / {1})", _quotient
    ),
    **dict([_function("exp", "exp", lambda w, y, x: y)]),
    "expm1": Operation("exp", "expm1({0})", np.expm1, _LATE, _LATE, _LATE, calls=math.expm1),
    **dict(
        [
            _function("log", "log", lambda w, y, x: w.emit("divide", 1.0, x)),
            _function("root", "sqrt", lambda w, y, x: w.emit("divide", 0.5, y)),
        ]
    ),
    "power": Operation("power", "{0} ** {1}", np.power, math.pow, "({0} ^ {1})", _power),
    **dict(
        [
            _function("trigonometric", "sin", lambda w, y, x: w.emit("cos", x)),
            _function("trigonometric", "cos", lambda w, y, x: w.emit("negate", w.emit("sin", x))),
            _function(
                "trigonometric",
                "tanh",
                lambda w, y, x: w.emit("subtract", 1.0, w.emit("multiply", y, y)),
            ),
        ]
    ),
    "greater": _comparison(">", np.greater, operator.gt),
    "greater_equal": _comparison(">=", np.greater_equal, operator.ge),
    "less": _comparison("<", np.less, operator.lt),
    "less_equal": _comparison("<=", np.less_equal, operator.le),
    "and": Operation(
        "compare",
        "{0} & {1}",
        lambda a, b: (a != 0) & (b != 0),
        lambda a, b: float(bool(a) and bool(b)),
        "({0} && {1})",
        _JUMPS,
        truth=True,
        commutes=True,
    ),
    "or": Operation(
        "compare",
        "{0} | {1}",
        lambda a, b: (a != 0) | (b != 0),
        lambda a, b: float(bool(a) or bool(b)),
        "({0} || {1})",
        _JUMPS,
        truth=True,
        commutes=True,
    ),
    "floor": Operation(
        "compare",
        "floor({0})",
        np.floor,
        lambda a: float(math.floor(a)),
        _ENDS,
        _JUMPS,
        calls=np.floor,  # math's gives an integer
    ),
    "absolute": Operation(
        "compare",
        "abs({0})",
        np.abs,
        abs,
        ("0 > {0}", "(-{0})", "{0}"),
        _absolute,
        "absolute({0})",
    ),
    # As LLVM's vectors have them: the first number unless the second is the smaller or larger one.
    "minimum": Operation(
        "compare",
        "min({0}, {1})",
        lambda a, b: np.where(b < a, b, a),
        min,
        ("{0} < {1}", "{0}", "{1}"),
        _choice("less"),
        "minimum({0}, {1})",
        commutes=True,
    ),
    "maximum": Operation(
        "compare",
        "max({0}, {1})",
        lambda a, b: np.where(b > a, b, a),
        max,
        ("{0} > {1}", "{0}", "{1}"),
        _choice("greater"),
        "maximum({0}, {1})",
        commutes=True,
    ),
    "select": Operation(
        "select",
        "{1} if {0} else {2}",
        lambda condition, a, b: np.where(condition != 0, a, b),
        _CHOSEN,
        ("{0}", "{1}", "{2}"),
        lambda w, y, x, d: w.emit("select", x[0], d[1], d[2]),
        "where({0}, {1}, {2})",
    ),
    **dict(
        [
            _random("random", "uniform", 0, _DRAWN),
            _random("random", "normal", 0, _DRAWN),
            # Of a place's own stream (:mod:`halfbrain.random.streams`): the number after some
            # others, if it is wanted, deviates and how many numbers they took, and where the stream
            # is then.
            _random("random", "pick", 7, _OF_A_STREAM),
            _random("random", "polar", 6, _OF_A_STREAM),
            _random("compare", "polar_drawn", 6, _OF_A_STREAM),
            _random("random", "binomial", 8, _OF_A_STREAM),
            _random("compare", "binomial_drawn", 8, _OF_A_STREAM),
            _random("compare", "advance", 2, _OF_A_STREAM),
        ]
    ),
}
