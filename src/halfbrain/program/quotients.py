"""Quotients of exponentials, by rules that change a product's factors in place."""

from __future__ import annotations

import math
from collections.abc import Iterator

import sympy

from halfbrain.equations.functions import EXPREL, Exp, Power

_ALIKE = 1e-13  # of numbers that are the same but for their rounding

Factors = dict[sympy.Expr, sympy.Expr]  # each with its exponent


def factored(value: sympy.Expr) -> tuple[sympy.Expr, Factors]:
    """A product as a number and factors with exponents."""
    number, rest = value.as_coeff_Mul()
    factors: Factors = {}
    for part in sympy.Mul.make_args(rest):
        base, power = part.args if isinstance(part, sympy.Pow) else (part, sympy.S.One)
        if isinstance(base, Power) and not isinstance(base.args[0], sympy.Mul):
            base, power = base.args[0], base.args[1] * power
        if part != 1:
            factors[base] = factors.get(base, 0) + power
    return number, factors


def _multiply(factors: Factors, by: sympy.Expr, power: sympy.Expr) -> sympy.Expr:
    """Put a power of something among factors; the number that remains."""
    number, more = factored(by)
    for base, own in more.items():
        factors[base] = factors.get(base, sympy.S.Zero) + own * power
        if factors[base] == 0:
            del factors[base]
    return number**power


def split(value: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr] | None:
    """The p, q and u of p + q exp(u), with nothing else that grows in them."""
    if not isinstance(value, sympy.Add):
        return None
    found = [term for term in value.args if any(isinstance(f, Exp) for f in _arguments(term))]
    if len(found) != 1 or len(found) == len(value.args):
        return None
    growing = [f for f in _arguments(found[0]) if isinstance(f, Exp)]
    if len(growing) != 1:
        return None
    rest = sympy.Add(*(term for term in value.args if term is not found[0]))
    times = sympy.Mul(*(f for f in _arguments(found[0]) if f is not growing[0]))
    return rest, times, growing[0].args[0]


def _arguments(term: sympy.Expr) -> tuple[sympy.Expr, ...]:
    return tuple(sympy.Mul.make_args(term))


def _below(factors: Factors) -> Iterator[sympy.Add]:
    """Sums that something is divided by, to a whole power."""
    for base, power in list(factors.items()):
        if isinstance(base, sympy.Add) and power.is_Integer and power < 0:
            yield base


def without_growth(factors: Factors) -> sympy.Expr:
    """Write exp(u) / (p + q exp(u)) as 1 / (p exp(-u) + q)."""
    number = sympy.S.One
    for below in _below(factors):
        found = split(below)
        if found is None or not _at_least_one(factors.get(Exp(found[2]))):
            continue
        p, q, u = found
        times = min(factors[Exp(u)], -factors[below])
        number *= _multiply(factors, Exp(u), -times) * _multiply(factors, below, times)
        number *= _multiply(factors, p * Exp(-u) + q, -times)
    return number


def _at_least_one(power: sympy.Expr | None) -> bool:
    return power is not None and power.is_Integer and power >= 1


def tangent(factors: Factors) -> sympy.Expr:
    """Write (exp(u) - exp(w)) / (exp(u) + exp(w)) as tanh((u - w) / 2)."""
    for below in _below(factors):
        under = _two(below)
        for above in [f for f, power in factors.items() if power == 1]:
            over = _two(above)
            if under is None or over is None or set(under) != set(over):
                continue
            (u, a), (w, b) = over.items()
            if near(a, -b) and near(under[u], under[w]):
                number = a / under[u] * _multiply(factors, above, -1) * _multiply(factors, below, 1)
                return number * _multiply(factors, sympy.tanh((u - w) / 2), sympy.S.One)
    return sympy.S.One


def _two(value: sympy.Expr) -> dict[sympy.Expr, sympy.Expr] | None:
    """The exponents and the numbers before two exponentials, of which one may be 1."""
    if not isinstance(value, sympy.Add) or len(value.args) != 2:
        return None
    found = {}
    for term in value.args:
        times, rest = term.as_coeff_Mul()
        if rest != 1 and not isinstance(rest, Exp):
            return None
        found[sympy.S.Zero if rest == 1 else rest.args[0]] = times
    return found if len(found) == 2 else None


def quotient(factors: Factors) -> sympy.Expr:
    """Write u / (exp(u) - 1) as 1 / exprel(u)."""
    number = sympy.S.One
    for below in _below(factors):
        number *= _relative(factors, below, -1)
    return number


def slope(factors: Factors) -> sympy.Expr:
    """Write (exp(u) - 1) / u as exprel(u)."""
    number = sympy.S.One
    for above in [f for f, power in factors.items() if power == 1]:
        number *= _relative(factors, above, 1)
    return number


def _relative(factors: Factors, value: sympy.Expr, power: int) -> sympy.Expr:
    """Write exprel in the place of q (exp(u) - 1) to a power of 1 or -1, and of u to the other."""
    found = split(value)
    if found is None or not _opposite(found[0], found[1]):
        return sympy.S.One
    _, q, u = found
    _, of_u = factored(u)
    for base, own in of_u.items():
        same = next((f for f in factors if f != value and ratio(f, base) is not None), None)
        if own != 1 or same is None or not factors[same].is_Integer or factors[same] * power >= 0:
            continue
        # q (exp(u) - 1) is q u exprel(u), and u is r times a factor that is there.
        times = ratio(base, same)
        assert times is not None
        number: sympy.Expr = times**power
        number *= _multiply(factors, value, sympy.Integer(-power))
        number *= _multiply(factors, same, sympy.Integer(power))
        rest = u.xreplace({base: sympy.S.One}) if u != base else sympy.S.One
        for part in (q, rest, EXPREL(u)):
            number *= _multiply(factors, part, sympy.Integer(power))
        return number
    return sympy.S.One


def near(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether two are the same number but for rounding."""
    numbers = a.is_Number and b.is_Number
    return numbers and math.isclose(float(a), float(b), rel_tol=_ALIKE)


def _opposite(a: sympy.Expr, b: sympy.Expr) -> bool:
    return a == -b or near(a, -b)


def ratio(a: sympy.Expr, b: sympy.Expr) -> sympy.Expr | None:
    """The number that a is times b, if it is one."""
    if a == b:
        return sympy.S.One
    if not (isinstance(a, sympy.Add) and isinstance(b, sympy.Add)):
        return None
    over, under = a.as_coefficients_dict(), b.as_coefficients_dict()
    if set(over) != set(under):
        return None
    ratios = [over[term] / under[term] for term in under]
    return ratios[0] if all(near(ratios[0], other) for other in ratios) else None


# Each puts other factors in the place of some, and returns the number that is left over.
RULES = (without_growth, tangent, quotient, slope)
