"""One step of the audit, and how it is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import sympy

from halfbrain.errors import DimensionError
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import facts
from halfbrain.facts.units import unit_text
from halfbrain.forecast.formula import evaluate

Verdict = Literal["agrees", "differs", "cannot be checked"]


@dataclass(frozen=True)
class Step:
    """What the text says, and the formula that it says it by.

    ``published`` names the fact with the text's result. ``formula`` is over names of facts, each
    as the text has it. ``meant`` replaces a name by the fact, or by the step, that the text says
    it means; the mended value follows from those. ``digits`` is how exactly the text states its
    result: significant digits, or ``whole`` for a rounded count or order of magnitude, or
    ``at most`` for a bound. Without a formula the step cannot be checked, and ``why`` says so.
    """

    id: str
    contender: str
    text: str
    published: str = ""
    formula: sympy.Expr | None = None
    meant: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    digits: int | Literal["whole", "at most", "at least"] = 3

    @property
    def in_orders(self) -> bool:
        """Whether the text gives orders of magnitude: the value is log10 of the formula's."""
        return isinstance(self.formula, _ORDERS)


@dataclass(frozen=True)
class Finding:
    """A step, recomputed. ``ratio`` is published over recomputed; ``meant`` is the mended value."""

    step: Step
    published: float | None
    unit: str
    recomputed: float | None
    meant: float | None
    ratio: float | None
    verdict: Verdict
    why: str


def names(*text: str) -> tuple[sympy.Symbol, ...]:
    """Symbols that stand for facts."""
    return tuple(sympy.Symbol(name, positive=True) for name in text)


def log10(expression: sympy.Expr) -> sympy.Expr:
    """Orders of magnitude, which :func:`judge` reads off the outermost call."""
    return _ORDERS(expression)


_ORDERS = sympy.Function("orders")


def judge(step: Step, steps: Mapping[str, Step]) -> Finding:
    """Recompute a step from its own inputs, and from those that the text says it means."""
    said = facts().get(step.published) if step.published else None
    published = said.magnitude() if said is not None else None
    unit = unit_text(said.unit) if said is not None else ""
    if step.formula is None:
        return Finding(step, published, unit, None, None, None, "cannot be checked", step.why)
    try:
        recomputed = _value(step, {}, steps, said)
        meant = _value(step, step.meant, steps, said)
    except DimensionError as error:
        return Finding(step, published, unit, None, None, None, "differs", step.why or str(error))
    if published is None:
        return Finding(step, None, unit, recomputed, meant, None, "cannot be checked", step.why)
    agrees = _agrees(step, published, recomputed)
    return Finding(
        step,
        published,
        unit,
        recomputed,
        meant,
        published / recomputed,
        "agrees" if agrees else "differs",
        step.why,
    )


def written(step: Step) -> Quantity:
    """The step's value from its own inputs, as a quantity; of orders, what they are orders of."""
    return _evaluate(step, {name: facts().get(name) for name in _names(step)})


def mended(step: Step, steps: Mapping[str, Step]) -> Quantity:
    """The step's value with the inputs that the text says it means, as a quantity."""
    values: dict[str, Quantity] = {}
    for symbol in _names(step):
        name = step.meant.get(symbol, symbol)
        values[symbol] = mended(steps[name], steps) if name in steps else facts().get(name)
    return _evaluate(step, values)


def _names(step: Step) -> list[str]:
    assert step.formula is not None
    return [symbol.name for symbol in step.formula.free_symbols]


def _evaluate(step: Step, values: Mapping[str, Quantity]) -> Quantity:
    assert step.formula is not None
    return evaluate(step.formula.args[0] if step.in_orders else step.formula, values)


def _value(
    step: Step, meant: Mapping[str, str], steps: Mapping[str, Step], said: Quantity | None
) -> float:
    quantity = mended(step, steps) if meant else written(step)
    if step.in_orders:
        return math.log10(quantity.magnitude("dimensionless"))
    return quantity.to(said.unit).magnitude() if said is not None else quantity.magnitude()


def _agrees(step: Step, published: float, recomputed: float) -> bool:
    if step.digits == "whole":
        return abs(published - recomputed) <= 0.5
    if step.digits == "at most":
        return recomputed <= published
    if step.digits == "at least":
        return recomputed >= published
    # As a person rounds: half a unit of the last digit that the text gives.
    exponent = math.floor(math.log10(abs(published))) - step.digits + 1
    return (
        abs(Decimal(recomputed) - Decimal(published)) <= Decimal("0.5001") * Decimal(10) ** exponent
    )
