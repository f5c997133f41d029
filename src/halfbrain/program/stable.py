"""Expressions written so that rounding and overflow do them no harm.

x / (exp(x) - 1) becomes 1 / exprel(x), from one x, however it is scaled and whichever way round its
signs are; exp(x) - 1 becomes expm1(x); exp(x) / (1 + exp(x)) becomes 1 / (1 + exp(-x)), which has a
limit on both sides; what is a hyperbolic tangent becomes one; log(1 + exp(x)) grows as x does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import sympy

from halfbrain.equations.functions import EXPM1, EXPREL, Absolute, Exp, Maximum, Power, plain
from halfbrain.errors import ModelError
from halfbrain.program.quotients import RULES, factored, near, ratio, split

_GROWING = (Exp, EXPM1, EXPREL)  # whose arguments are exponents


def stable(results: Mapping[str, sympy.Basic]) -> dict[str, sympy.Basic]:
    """The same results, for exact numbers.

    Raises
    ------
    ModelError
        if a number in one of them is beyond double precision.
    """
    own = {sympy.exp: Exp, sympy.Abs: Absolute}
    for theirs, ours in own.items():
        results = {name: value.replace(theirs, ours) for name, value in results.items()}
    for name, value in results.items():
        _check_numbers(name, value)
    writer = _Writer()
    return _spread({name: writer.write(value) for name, value in results.items()})


def _check_numbers(name: str, value: sympy.Basic) -> None:
    """See that each number that is worked out before a run is one."""
    seen: set[sympy.Basic] = set()
    open_ = [(value, value)]
    while open_:
        node, around = open_.pop()
        if node in seen:
            continue
        seen.add(node)
        if not getattr(node, "is_number", False):
            open_ += [(part, node) for part in node.args]
        elif (
            not node.is_finite
            or math.isinf(size := float(node))
            or (size == 0 and not node.is_zero)
        ):
            text = f"{str(plain(around))[:80]!r}"
            of = "a reset, threshold or refractory time" if name[0] == "_" else repr(name)
            raise ModelError(
                f"equation for {of}: in {text} stands the number {sympy.N(node, 3)}, which is "
                f"beyond double precision (1e-308 to 1e308); write it in other units"
            )


class _Writer:
    def __init__(self) -> None:
        self.done: dict[sympy.Basic, sympy.Basic] = {}

    def write(self, value: sympy.Basic) -> sympy.Basic:
        """An expression anew."""
        if not value.args:
            return value
        if value not in self.done:
            if isinstance(value, sympy.Mul | sympy.Pow):
                new = self.product(value)
            elif isinstance(value, sympy.Add):
                new = self.sum(value)
            elif isinstance(value, sympy.log):
                new = self.logarithm(value)
            elif isinstance(value, Power) and not isinstance(value.args[0], sympy.Mul):
                new = self.write(value.args[0] ** value.args[1])
            else:
                new = self.same(value)
            self.done[value] = new
        return self.done[value]

    def same(self, value: sympy.Basic) -> sympy.Basic:
        """The same function of its arguments anew."""
        parts = tuple(map(self.write, value.args))
        if parts == value.args:
            return value
        return value.func(*parts)

    def sum(self, value: sympy.Add) -> sympy.Expr:
        """Write exp(u) - 1 by expm1."""
        terms = list(value.args)
        number = next((term for term in terms if term.is_Number), None)
        for term in terms:
            times, rest = term.as_coeff_Mul()
            if number is not None and isinstance(rest, Exp) and near(times, -number):
                others = [self.write(t) for t in terms if t is not term and t is not number]
                return sympy.Add(*others, times * EXPM1(self.write(rest.args[0])))
        return sympy.Add(*map(self.write, terms))

    def logarithm(self, value: sympy.Expr) -> sympy.Expr:
        """Write log(p + q exp(u)) without exp(u) where that is large."""
        (inner,) = value.args
        found = split(inner)
        if found is None:
            return value.func(self.write(inner))
        p, q, u = found
        if not (p.is_Number and q.is_Number and p > 0 and q > 0):
            return value.func(self.write(inner))
        high, low = self.write(u) + sympy.log(q).evalf(17), sympy.log(p).evalf(17)
        apart = Absolute(high - low)
        return Maximum(high, low) + sympy.log(1 + Exp(-apart))

    def product(self, value: sympy.Expr) -> sympy.Expr:
        """A product or power."""
        number, factors = factored(value)
        for rule in RULES:
            number *= rule(factors)
        exponent, parts = sympy.S.Zero, [number]
        for base, power in factors.items():
            if isinstance(base, Exp):
                exponent += power * base.args[0]
            elif power.is_number:
                parts.append(self.write(base) ** power)
            else:
                parts.append(self.write(base) ** self.write(power))
        if exponent != 0:
            parts.append(Exp(self.write(exponent)))
        return sympy.Mul(*parts)


def _spread(results: dict[str, sympy.Basic]) -> dict[str, sympy.Basic]:
    """Exponents of the form k (x + c) as one fused operation, where x + c is of no other use.

    It rounds them no more than x and c are rounded; beside another x + c it would not be the same.
    """
    elsewhere: set[sympy.Basic] = set()
    exponents: dict[sympy.Basic, sympy.Add] = {}
    seen: set[sympy.Basic] = set()
    open_ = list(results.values())
    while open_:
        node = open_.pop()
        if node in seen:
            continue
        seen.add(node)
        for part in node.args:
            total = _shift(part) if isinstance(node, _GROWING) else None
            if total is not None:
                exponents[part] = total
            elif isinstance(part, sympy.Add):
                elsewhere.add(part)
            open_ += [part] if total is None else total.args
    wide = {
        part: sympy.Add(*(part.args[0] * term for term in total.args))
        for part, total in exponents.items()
        if all(ratio(total, other) is None for other in elsewhere)
    }
    return {name: value.xreplace(wide) for name, value in results.items()}


def _shift(value: sympy.Basic) -> sympy.Add | None:
    """The sum, if it is a number times a sum of a number and one thing."""
    if isinstance(value, sympy.Mul) and len(value.args) == 2 and value.args[0].is_Number:
        total = value.args[1]
        simple = isinstance(total, sympy.Add) and len(total.args) == 2 and total.args[0].is_Number
        return total if simple else None
    return None
