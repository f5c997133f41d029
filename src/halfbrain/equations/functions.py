"""Functions in expressions: those that SymPy's own would split, spread or look into."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import sympy
from sympy.core.parameters import distribute

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Exp(sympy.Function):  # type: ignore[misc]
    """An exponential that stays whole: SymPy's own writes exp(x + 2) as 7.389... exp(x)."""

    nargs = 1

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:
        """The value of a number."""
        return sympy.exp(x).evalf(17) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Its derivative."""
        return self

    def _eval_is_extended_positive(self) -> bool | None:
        return True if self.args[0].is_extended_real else None


class Power(sympy.Function):  # type: ignore[misc]
    """A power that stays whole: SymPy writes (x / 1e-12)^4 as 1e48 x^4."""

    nargs = 2

    @classmethod
    def eval(cls, base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr | None:
        """What needs no care."""
        return base**exponent if base.is_number or abs(exponent) < 2 else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Its derivative by the base."""
        base, exponent = self.args
        return exponent * Power(base, exponent - 1)

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0].is_extended_real and self.args[1].is_integer else None


class Absolute(sympy.Function):  # type: ignore[misc]
    """A size; SymPy's own looks into sums, without end where they are whole."""

    nargs = 1

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:
        """The value of a number."""
        return sympy.Abs(x) if x.is_number or x.is_Symbol else None

    def _eval_is_extended_real(self) -> bool | None:
        return bool(self.args[0].is_extended_real) or None


class Minimum(sympy.Function):  # type: ignore[misc]
    """The smaller of two; SymPy's own looks into both for seconds."""

    nargs = 2

    @classmethod
    def eval(cls, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr | None:
        """That of numbers."""
        return sympy.Min(a, b) if a.is_number and b.is_number else None


class Maximum(sympy.Function):  # type: ignore[misc]
    """The larger of two."""

    nargs = 2

    @classmethod
    def eval(cls, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr | None:
        """That of numbers."""
        return sympy.Max(a, b) if a.is_number and b.is_number else None


EXPM1 = sympy.Function("expm1")
EXPREL = sympy.Function("exprel")  # (exp(x) - 1) / x, whole at 0 (Brian2's name for it)
SELECT = sympy.Function("select")  # of a condition: its second argument where true, else its third
_PLAIN = {
    Exp: sympy.exp,
    Power: sympy.Pow,
    Absolute: sympy.Abs,
    Minimum: sympy.Min,
    Maximum: sympy.Max,
}


def whole_sums(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """In the function, a number times a sum is no sum of products, whose rounding would differ."""

    @wraps(function)
    def whole(*args: _P.args, **given: _P.kwargs) -> _R:
        with distribute(False):
            return function(*args, **given)

    return whole


def plain(value: sympy.Basic) -> sympy.Basic:
    """An expression with SymPy's own functions, for those who take it apart."""
    for own, theirs in _PLAIN.items():
        value = value.replace(own, theirs)
    return value
