"""A parameter as a formula of a distance along the cell, as BluePyOpt's models give it."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.morphology import Floats

_LONGEST = 300
_BINARY: Mapping[type, Callable[[Floats, Floats], Floats]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISONS: Mapping[type, Callable[[Floats, Floats], NDArray[np.bool_]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_LOGICAL: Mapping[type, Callable[[Floats, Floats], NDArray[np.bool_]]] = {
    ast.And: np.logical_and,
    ast.BitAnd: np.logical_and,
    ast.Or: np.logical_or,
    ast.BitOr: np.logical_or,
}
_FUNCTIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "abs": np.abs,
    "int": np.trunc,
}


def evaluate(text: str, known: Mapping[str, float | Floats]) -> Floats:
    """The value of a formula such as ``math.exp({distance}*{constant})*{value}``.

    It may hold numbers, the names in ``known`` (with or without braces), ``+ - * / **``; ``exp``,
    ``log``, ``sqrt``, ``tanh``, ``abs`` and ``int`` (with or without ``math.``); and steps:
    comparisons, which are 1 or 0, ``and``, ``or``, ``&``, ``|``, and ``a if 685 < distance < 885
    else b``. It is read, never run.

    Raises
    ------
    ModelError
        if it holds anything else, or its value is not finite.
    """
    place = f"formula {text[:60]!r}"
    if len(text) > _LONGEST:
        raise ModelError(f"{place}: is longer than {_LONGEST} characters")
    try:
        tree = ast.parse(re.sub(r"\{(\w+)\}", r"(\1)", text).strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ModelError(f"{place}: is no formula") from error
    with np.errstate(all="ignore"):
        value = np.asarray(_value(tree.body, known, place), np.float64)
    if not np.isfinite(value).all():
        raise ModelError(f"{place}: is not finite for all distances in this cell")
    return value


def _value(node: ast.expr, known: Mapping[str, float | Floats], place: str) -> Floats:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            try:
                return np.asarray(float(number))
            except OverflowError:
                raise ModelError(f"{place}: a number in it is too large") from None
        case ast.Name(id=name) if name in known:
            return np.asarray(known[name], np.float64)
        case ast.Name(id=name):
            raise ModelError(f"{place}: {name[:30]!r} is unknown; known: {', '.join(known)}")
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return np.asarray(-_value(part, known, place))
        case ast.UnaryOp(op=ast.UAdd(), operand=part):
            return _value(part, known, place)
        case ast.BinOp(left=left, op=how, right=right) if type(how) in _BINARY:
            return _BINARY[type(how)](_value(left, known, place), _value(right, known, place))
        case ast.BinOp(left=left, op=how, right=right) if type(how) in _LOGICAL:
            return _logical(how, _value(left, known, place), _value(right, known, place))
        case ast.BoolOp(op=how, values=[first, *others]):
            found = _value(first, known, place)
            for other in others:
                found = _logical(how, found, _value(other, known, place))
            return found
        case ast.Compare(left=left, ops=signs, comparators=others) if all(
            type(sign) in _COMPARISONS for sign in signs
        ):
            sides = [_value(side, known, place) for side in (left, *others)]
            steps = zip(signs, sides, sides[1:], strict=False)
            hold = [_COMPARISONS[type(sign)](a, b) for sign, a, b in steps]
            return np.asarray(np.logical_and.reduce(np.broadcast_arrays(*hold)), np.float64)
        case ast.IfExp(test=test, body=then, orelse=otherwise):
            parts = [_value(part, known, place) for part in (test, then, otherwise)]
            return np.where(parts[0] != 0, parts[1], parts[2])
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="math"), attr=name) | ast.Name(id=name),
            args=[part],
            keywords=[],
        ) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(part, known, place))
    raise ModelError(f"{place}: {ast.unparse(node)[:40]!r} is not allowed in it")


def _logical(how: ast.AST, a: Floats, b: Floats) -> Floats:
    return np.asarray(_LOGICAL[type(how)](a, b), np.float64)
