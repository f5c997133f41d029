"""Integrators: from rates of change to the state after one step, as symbolic expressions.

``exact``: a linear system with constant coefficients, by its matrix exponential; inputs that do not
depend on the state are held over the step. ``exponential-euler``: each equation solved as if the
others stood still, for equations linear in their own variable (Rush and Larsen 1978,
doi 10.1109/TBME.1978.326270). ``euler`` and ``rk4`` (Kutta 1901) for anything.

A variable that is held stands still for the others too, through the whole step, as in Brian2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.linalg import expm
from threadpoolctl import threadpool_limits

from halfbrain.equations.equations import Equations
from halfbrain.equations.functions import EXPM1, SELECT, Absolute, Power, whole_sums
from halfbrain.errors import ModelError

Method = Literal["exact", "exponential-euler", "euler", "rk4"]
Updates = dict[str, sympy.Expr]
Rates = dict[sympy.Symbol, sympy.Expr]

_NOTHING = 1e-30  # of a variable: less than its rounding
_NOUGHT = 1e-16  # a slope whose step is below this is taken for one of this step
_MOST_TERMS = 300  # multiplying out more would take seconds, and no model needs it


@whole_sums
def integrate(
    model: Equations, dt: float, method: Method | None = None, free: sympy.Basic | None = None
) -> Updates:
    """Each differential variable after a step of ``dt`` seconds.

    ``method`` None takes the first that the equations' form allows: exact, exponential Euler, RK4.
    ``free`` is the condition under which the variables that are held while the neuron is
    refractory move; None if they always do.

    Raises
    ------
    ModelError
        if the equations do not have the form that the method needs.
    """
    if not dt > 0:
        raise ModelError(f"the time step must be above zero, not {dt}")
    rates = {v.symbol: v.expression for v in model.of("differential") if v.expression is not None}
    if method is None:
        method = (
            "exact"
            if _is_linear(rates)
            else "exponential-euler"
            if all(_own(x, f) is not None for x, f in rates.items())
            else "rk4"
        )
    if method not in _METHODS:
        raise ModelError(f"no integrator {str(method)[:40]!r}; there are {', '.join(_METHODS)}")
    held = {
        v.symbol for v in model.of("differential") if v.held_while_refractory and free is not None
    }
    if held and method == "rk4":  # its later slopes would see what its first has moved
        rates = {x: SELECT(free, f, 0.0) if x in held else f for x, f in rates.items()}
    updates = _METHODS[method](rates, dt)
    if held and method != "rk4":
        updates |= _at_rest(updates, rates, held, free, dt, method)
    return {x.name: value for x, value in updates.items()}


def _at_rest(
    updates: Rates,
    rates: Rates,
    held: set[sympy.Symbol],
    free: sympy.Basic | None,
    dt: float,
    method: Method,
) -> Rates:
    """The updates that are others while some variables stand still."""
    still: Rates = {x: SELECT(free, updates[x], x) for x in held}
    if method == "exact" and (moved := _moved_by(held, rates) - held):
        rest = {x: sympy.S.Zero if x in held else f for x, f in rates.items()}
        resting = _exact(rest, dt)
        still |= {x: SELECT(free, updates[x], resting[x]) for x in moved}
    return still


def _moved_by(movers: set[sympy.Symbol], rates: Rates) -> set[sympy.Symbol]:
    """The variables that change with some of others, directly or through more of them."""
    found = set(movers)
    while more := {x for x, f in rates.items() if x not in found and f.free_symbols & found}:
        found |= more
    return found


def _is_linear(rates: Rates) -> bool:
    """Whether every rate is a sum of states times numbers, and of what no state is in."""
    states = set(rates)
    for f in rates.values():
        opaque, _ = _opaque(f, states)
        if _terms(opaque) > _MOST_TERMS:
            return False
        slopes = [_coefficient(opaque, x) for x in states]
        if any(slope is None or not slope.is_number for slope in slopes):
            return False
    return True


def _opaque(f: sympy.Expr, states: set[sympy.Symbol]) -> tuple[sympy.Expr, Rates]:
    """F with a symbol for each part that no state is in, so that it stays whole; those parts."""
    parts: dict[sympy.Expr, sympy.Symbol] = {}

    def closed(part: sympy.Expr) -> sympy.Expr:
        number, rest = part.as_coeff_Mul()
        if rest.is_Symbol or rest == 1:
            return part
        return number * parts.setdefault(rest, sympy.Dummy(real=True))

    def inside(part: sympy.Expr) -> sympy.Expr:
        if part.is_Relational or part.is_Boolean or part in states:
            return part
        if not part.free_symbols & states:
            return closed(part)
        if isinstance(part, sympy.Mul):
            still = [factor for factor in part.args if not factor.free_symbols & states]
            moving = [inside(factor) for factor in part.args if factor.free_symbols & states]
            return sympy.Mul(closed(sympy.Mul(*still)), *moving)
        if isinstance(part, Power):
            return inside(part.args[0]) ** part.args[1]
        return part.func(*map(inside, part.args))

    opaque = inside(f)
    return opaque, {symbol: part for part, symbol in parts.items()}


def _multiplied_out(f: sympy.Expr) -> sympy.Expr:
    """F as a sum of products; exponents stay whole."""
    return sympy.expand(f, power_exp=False, power_base=False, log=False)


def _coefficient(f: sympy.Expr, x: sympy.Symbol) -> sympy.Expr | None:
    """The factor of x in f, or None if f is not linear in x."""
    if x not in f.free_symbols:
        return sympy.S.Zero
    slope = sympy.diff(f, x)
    if _terms(slope) > _MOST_TERMS:
        return None
    slope = _multiplied_out(slope)
    return None if x in slope.free_symbols else slope


def _terms(f: sympy.Expr) -> int:
    """No fewer than the terms that f has when it is multiplied out, or one over the most."""
    most = _MOST_TERMS + 1
    if not f.args:
        return 1
    parts = [_terms(part) for part in f.args]
    if f.is_Mul:
        return min(math.prod(parts), most)
    if f.is_Pow and f.exp.is_number and parts[0] > 1:
        power = math.ceil(abs(float(f.exp)))
        return min(math.comb(parts[0] + power - 1, power), most)
    return min(max(sum(parts), 1), most)


def _own(x: sympy.Symbol, f: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr, Rates] | None:
    """The a and b of f = a x + b, with neither a nor b depending on x, and symbols in them."""
    opaque, parts = _opaque(f, {x})
    a = _coefficient(opaque, x)
    if a is None or _terms(opaque) > _MOST_TERMS:
        return None
    b = _multiplied_out(opaque).xreplace({x: sympy.S.Zero}) if a != 0 else opaque
    return a, b, parts


def _exact(rates: Rates, dt: float) -> Rates:
    if not _is_linear(rates):
        raise ModelError(
            "the exact integrator needs linear equations with constant coefficients; "
            "try exponential-euler"
        )
    states = list(rates)
    slopes, driven = [], []
    for f in rates.values():
        opaque, parts = _opaque(f, set(states))
        slopes.append([_multiplied_out(sympy.diff(opaque, x)) for x in states])
        rest = _multiplied_out(opaque).xreplace(dict.fromkeys(states, sympy.S.Zero))
        driven.append(_drives(rest, parts))
    drives = sorted({part for row in driven for part in row}, key=sympy.default_sort_key)
    # A held input is a state that does not change, so one matrix exponential has it all.
    n, m = len(states), len(drives)
    whole = np.zeros((n + m, n + m))
    whole[:n, :n] = np.array(slopes, dtype=float)
    for i, row in enumerate(driven):
        for j, drive in enumerate(drives):
            whole[i, n + j] = float(row.get(drive, 0))
    # The library's threads would spin for 0.1 s after it, on the processors that a run then needs.
    with threadpool_limits(1, "blas"):
        grown = expm(whole * dt)
    # What is left of a fast state after a step may be less than single precision can hold.
    grown[np.abs(grown) <= _NOTHING * _reached(np.abs(whole) * dt)] = 0.0
    terms = [*states, *drives]
    return {
        x: sympy.Add(
            *(
                sympy.Float(grown[i, j], 17) * term
                for j, term in enumerate(terms)
                if grown[i, j] != 0
            )
        )
        for i, x in enumerate(states)
    }


def _reached(slopes: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much each state would move others in a step by its shortest ways, without decay."""
    moved = slopes.copy()
    np.fill_diagonal(moved, 0.0)
    found, way = slopes + np.eye(len(slopes)), moved
    with np.errstate(all="ignore"):  # of slopes beyond all numbers, which are refused later
        for _ in range(len(slopes)):
            way = way @ moved
            found = np.where(found == 0, way, found)
    return found


def _drives(value: sympy.Expr, parts: Rates) -> dict[sympy.Expr, sympy.Expr]:
    """A sum as numbers times what does not depend on the state."""
    out: dict[sympy.Expr, sympy.Expr] = {}
    for term in sympy.Add.make_args(value):
        number, drive = term.as_coeff_Mul()
        drive = drive.xreplace(parts)
        if number != 0:
            out[drive] = out.get(drive, sympy.S.Zero) + number
    return out


def _exponential_euler(rates: Rates, dt: float) -> Rates:
    out: Rates = {}
    for x, f in rates.items():
        form = _own(x, f)
        if form is None:
            raise ModelError(
                f"exponential Euler needs an equation linear in its own variable; "
                f"that of {x.name!r} is not; try rk4"
            )
        a, b, parts = form
        out[x] = (_decayed(x, a, b, dt) if a.is_number else _relaxed(x, a, b, dt)).xreplace(parts)
    return out


def _decayed(x: sympy.Symbol, a: sympy.Expr, b: sympy.Expr, dt: float) -> sympy.Expr:
    """X after a step of dx/dt = a x + b, with a number for a."""
    if a == 0:
        return x + dt * b
    kept = sympy.exp(a * dt).evalf(17)
    held = sympy.Float(math.expm1(float(a * dt)), 17) / a
    rest = sympy.Add(*(held * term for term in sympy.Add.make_args(b)))
    return rest if abs(kept) < _NOTHING else kept * x + rest


def _relaxed(x: sympy.Symbol, a: sympy.Expr, b: sympy.Expr, dt: float) -> sympy.Expr:
    """X after a step of dx/dt = a x + b: x + (x + b/a) (exp(a dt) - 1), right for small a too."""
    if a.is_Add:
        a = _off_nought(a, dt)
        still = b / a
    else:
        # Term by term what is in both falls out, and with it often all that a divides by.
        factors = a.as_powers_dict()
        terms = [term / a for term in sympy.Add.make_args(b)]
        left = [term.as_powers_dict() for term in terms]
        if any(factors[base] > 0 > own[base] for own in left for base in own if base in factors):
            a = _off_nought(a, dt)
            terms = [term / a for term in sympy.Add.make_args(b)]
        still = sympy.Add(*terms)
    return x + (x + still) * EXPM1(a * dt)


def _off_nought(a: sympy.Expr, dt: float) -> sympy.Expr:
    """A slope by which something is divided."""
    small = sympy.Float(_NOUGHT / dt, 17)
    return SELECT(Absolute(a) < small, small, a)


def _euler(rates: Rates, dt: float) -> Rates:
    return {x: x + dt * f for x, f in rates.items()}


def _rk4(rates: Rates, dt: float) -> Rates:
    def slope(at: Rates) -> Rates:
        return {x: f.xreplace(at) for x, f in rates.items()}

    def moved(by: Rates, part: float) -> Rates:
        return {x: x + part * dt * by[x] for x in rates}

    k1 = slope({})
    k2 = slope(moved(k1, 0.5))
    k3 = slope(moved(k2, 0.5))
    k4 = slope(moved(k3, 1.0))
    return {x: x + dt / 6 * (k1[x] + 2 * k2[x] + 2 * k3[x] + k4[x]) for x in rates}


_METHODS: dict[str, Callable[[Rates, float], Rates]] = {
    "exact": _exact,
    "exponential-euler": _exponential_euler,
    "euler": _euler,
    "rk4": _rk4,
}
