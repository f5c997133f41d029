"""Model equations in Brian2's convention: differential equations, named subexpressions, parameters.

dv/dt = (gL*(EL - v) + I)/C : volt (unless refractory)
I = ge*(Ee - v) : amp
ge : siemens
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import sympy

from halfbrain.equations.dimensions import TIME, Dimensions, text_of, unit
from halfbrain.equations.expression import Typed, parse, symbol
from halfbrain.equations.functions import whole_sums
from halfbrain.errors import ModelError

Kind = Literal["differential", "subexpression", "parameter"]

_NAME = r"[A-Za-z_]\w*"
_FLAGS = re.compile(r"(?P<unit>[^()]*)(?:\((?P<flags>[\w\s,]*)\))?\s*")
_LINE = re.compile(
    rf"(?:d(?P<state>{_NAME})\s*/\s*dt\s*=\s*(?P<rate>.+)"
    rf"|(?P<sub>{_NAME})\s*=\s*(?P<value>.+)|(?P<parameter>{_NAME}))"
)
_ALLOWED_FLAGS = {
    "differential": {"unless refractory"},
    "subexpression": set(),
    "parameter": {"constant"},
}
_RESERVED = {
    "dt",
    "t",
    "rand",
    "randn",
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tanh",
    "abs",
    "clip",
    "exprel",
}
_MOST_LINES = 500
_LARGEST = 50_000  # numbers, names and operations of an equation


@dataclass(frozen=True)
class Variable:
    """One name of a model. ``expression`` is a rate of change, a value, or None for a parameter."""

    name: str
    kind: Kind
    unit: str
    dimensions: Dimensions
    expression: sympy.Expr | None = None
    held_while_refractory: bool = False

    @property
    def symbol(self) -> sympy.Symbol:
        """The variable in an expression."""
        return symbol(self.name)


@dataclass(frozen=True)
class Equations:
    """A checked model; every expression is over states, parameters and numbers in SI units."""

    variables: Mapping[str, Variable]

    def of(self, kind: Kind) -> list[Variable]:
        """Variables of one kind, in the order in which they were written."""
        return [variable for variable in self.variables.values() if variable.kind == kind]

    def names(self) -> dict[str, Typed]:
        """Every variable for use in a threshold or reset; subexpressions are written out."""
        return {
            v.name: Typed(v.symbol if v.kind != "subexpression" else v.expression, v.dimensions)
            for v in self.variables.values()
        }


@whole_sums
def equations(text: str, constants: Mapping[str, str] | None = None) -> Equations:
    """Read and check equations.

    Parameters
    ----------
    text
        one variable a line, ``NAME : UNIT`` behind it; ``#`` begins a comment; a line that ends in
        an open bracket goes on in the next.
    constants
        values of names, such as ``{"EL": "-60 mV"}``.

    Raises
    ------
    ModelError
        one line that names the equation and what is wrong in it.
    """
    known = {name: constant(name, value) for name, value in (constants or {}).items()}
    lines = lines_of(text)
    if len(lines) > _MOST_LINES:
        raise ModelError(f"a model has at most {_MOST_LINES} equations")
    declared: dict[str, tuple[Kind, str, str, Dimensions, set[str]]] = {}
    for line in lines:
        name, entry = _declaration(line)
        if name in declared or name in known:
            raise ModelError(f"equation {line[:50]!r}: {name!r} is defined twice")
        declared[name] = entry
    names = known | {name: Typed(symbol(name), entry[3]) for name, entry in declared.items()}
    expressions = {
        name: _checked(name, entry, names) for name, entry in declared.items() if entry[1]
    }
    subexpressions = {
        name: expressions[name] for name, entry in declared.items() if entry[0] == "subexpression"
    }
    order = _order(subexpressions)
    _check_sizes(expressions, order)
    return Equations(
        {
            name: Variable(
                name,
                kind,
                spelt,
                dimensions,
                _written_out(expressions[name], subexpressions, order) if source else None,
                "unless refractory" in flags,
            )
            for name, (kind, source, spelt, dimensions, flags) in declared.items()
        }
    )


def constant(name: str, value: str | float) -> Typed:
    """The value of a named constant: ``-60 mV``, ``20``, or an expression of units."""
    _check_name(name, f"constant {name[:40]!r}")
    text = re.sub(r"(?<=[\d.])\s+(?=[^\W\d_])", "*", str(value).strip())
    typed = parse(text, {}, f"constant {name!r}")
    if (
        not isinstance(typed.value, sympy.Expr)
        or not typed.value.is_number
        or not typed.value.is_finite
    ):
        raise ModelError(f"constant {name!r}: {text[:40]!r} is not a finite number")
    return typed


def lines_of(text: str) -> list[str]:
    """One equation a line, as a text has them: comments off, broken lines joined."""
    joined: list[str] = []
    for raw in text.splitlines():
        line = raw.split("#")[0].strip()
        if joined and joined[-1].count("(") > joined[-1].count(")"):
            joined[-1] += " " + line
        elif line:
            joined.append(line)
    return joined


def _declaration(line: str) -> tuple[str, tuple[Kind, str, str, Dimensions, set[str]]]:
    place = f"equation {line[:50]!r}"
    body, colon, tail = line.rpartition(":")
    match, ends = _LINE.fullmatch(body.strip()), _FLAGS.fullmatch(tail)
    if not colon or match is None or ends is None:
        raise ModelError(f"{place}: write 'dx/dt = ... : unit', 'x = ... : unit' or 'x : unit'")
    kind: Kind = (
        "differential" if match["state"] else "subexpression" if match["sub"] else "parameter"
    )
    name = match["state"] or match["sub"] or match["parameter"]
    _check_name(name, place)
    flags = {flag.strip() for flag in (ends["flags"] or "").split(",") if flag.strip()}
    for flag in flags - _ALLOWED_FLAGS[kind]:
        raise ModelError(
            f"{place}: unknown flag {flag!r}; "
            f"known are {', '.join(sorted(_ALLOWED_FLAGS[kind])) or 'none here'}"
        )
    try:
        dimensions = unit(ends["unit"].strip())[1]
    except ModelError as error:
        raise ModelError(f"{place}: {error}") from None
    return name, (
        kind,
        match["rate"] or match["value"] or "",
        ends["unit"].strip(),
        dimensions,
        flags,
    )


def _check_name(name: str, place: str) -> None:
    if (
        keyword.iskeyword(name)
        or name in _RESERVED
        or name.startswith("_")
        or not name.isidentifier()
    ):
        raise ModelError(f"{place}: {name[:40]!r} cannot be a name here")


def _checked(
    name: str, entry: tuple[Kind, str, str, Dimensions, set[str]], names: Mapping[str, Typed]
) -> sympy.Expr:
    kind, source, spelt, dimensions, _ = entry
    place = f"equation for {name!r}"
    typed = parse(source, names, place)
    if not isinstance(typed.value, sympy.Expr):
        raise ModelError(f"{place}: is true or false, not a number")
    wanted = dimensions / TIME if kind == "differential" else dimensions
    if typed.dimensions != wanted and typed.value != 0:
        raise ModelError(
            f"{place}: is in {text_of(typed.dimensions)}, but must be in "
            f"{text_of(wanted)}{f' ({spelt} a second)' if kind == 'differential' else ''}"
        )
    return typed.value


def _order(subexpressions: Mapping[str, sympy.Expr]) -> list[str]:
    """Subexpressions, each after those that it uses."""
    done: list[str] = []
    waiting = dict(subexpressions)
    while waiting:
        ready = [
            name
            for name, value in waiting.items()
            if not {s.name for s in value.free_symbols} & set(waiting)
        ]
        if not ready:
            raise ModelError(f"subexpressions {', '.join(waiting)} are defined by one another")
        for name in ready:
            done.append(name)
            del waiting[name]
    return done


def _check_sizes(expressions: Mapping[str, sympy.Expr], order: list[str]) -> None:
    """Subexpressions of subexpressions can double with each line."""
    sizes: dict[str, int] = {}
    for name in (*order, *(name for name in expressions if name not in order)):
        nodes = sympy.preorder_traversal(expressions[name])
        size = sum(sizes.get(getattr(node, "name", ""), 1) for node in nodes)
        if size > _LARGEST:
            raise ModelError(
                f"equation for {name!r}: has over {_LARGEST:,} operations when its "
                f"subexpressions are written out"
            )
        if name in order:
            sizes[name] = size


def _written_out(
    expression: sympy.Expr, subexpressions: Mapping[str, sympy.Expr], order: list[str]
) -> sympy.Expr:
    for name in reversed(order):
        expression = expression.xreplace({symbol(name): subexpressions[name]})
    return expression
