"""From symbols to figures: the cost model as a list of assignments, evaluated on quantities.

The page prints the same list as JavaScript (``report/javascript.py``): one formula, two printers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Literal

import sympy

from halfbrain.contenders.model import Contender, Derived
from halfbrain.contenders.question import LEARNING, NEURONS, RUNS, TRAINING, WORKED_OUT
from halfbrain.contenders.registry import contender as named
from halfbrain.errors import FactError
from halfbrain.facts.quantity import Quantity

Counting = Literal["operations", "machine-time"]
COUNTINGS: tuple[Counting, ...] = ("operations", "machine-time")


def counting_of(contender: Contender, counting: Counting) -> Counting:
    """The way of counting that applies: a contender without a published run has operations only."""
    return counting if contender.machine_time is not None else "operations"


def program(contender: Contender, counting: Counting) -> list[Derived]:
    """The cost model of one contender, each assignment after those that it uses.

    Costs in all are of all runs of the training; memory and rates are of one. What begins with
    ``run_`` is of the network as it runs once trained, in real time: what is left of the cost terms
    without learning, whichever way the training is counted.
    """
    neurons, seconds = NEURONS.symbol, TRAINING.symbol * RUNS.symbol
    name = contender.name
    steps = [*WORKED_OUT, *contender.derived]
    each = contender.operations
    if counting_of(contender, counting) == "machine-time":
        assert contender.machine_time is not None
        each = contender.machine_time
    own = contender.flop_per_neuron_second
    rate = Derived(f"{name}.flop_per_bio_second", "FLOP/bio_second", "in real time", own * neurons)
    steps += [
        Derived(own.name, "FLOP/neuron/bio_second", "of a neuron, in real time", each),
        rate,
        Derived(f"{name}.flop", "FLOP", "of the whole training", rate.symbol * seconds),
        Derived(f"{name}.memory", "byte", "of state", contender.memory * neurons),
        Derived(
            f"{name}.bytes_moved",
            "byte",
            "between memory and processor, in the whole training",
            contender.traffic * neurons * seconds,
        ),
    ]
    for short, unit, about, formula in (
        ("run_flop_per_bio_second", "FLOP/bio_second", "once trained", contender.operations),
        ("run_bytes_per_bio_second", "byte/bio_second", "moved, once trained", contender.traffic),
        ("run_memory", "byte", "of state, once trained", contender.memory),
    ):
        steps.append(Derived(f"{name}.{short}", unit, about, _idle(contender, formula) * neurons))
    for term in contender.terms:
        each = term.count * term.flop * neurons * seconds
        steps.append(Derived(f"{name}.term.{term.name}", "FLOP", term.about, each))
    return steps


def _idle(contender: Contender, formula: sympy.Expr) -> sympy.Expr:
    """A formula without learning, down through the derived values that learning changes."""
    without: dict[sympy.Symbol, sympy.Expr] = {LEARNING.symbol: sympy.S.Zero}
    for value in contender.derived:
        idle = value.formula.subs(without)
        if idle != value.formula:
            without[value.symbol] = idle
    return formula.subs(without)


@lru_cache(maxsize=64)
def _symbols(contender: str, counting: Counting) -> dict[str, frozenset[str]]:
    """The names in the formula of each value that is worked out, by its own name."""
    steps = program(named(contender), counting)
    return {step.name: frozenset(s.name for s in step.formula.free_symbols) for step in steps}


def names_used(
    contender: Contender, counting: Counting, value: str, outright: Collection[str] = ()
) -> set[str]:
    """The names that a value is worked out from, and its own; ``value`` is its full name.

    What is worked out may be given ``outright``; the names behind it are then not used.
    """
    symbols = _symbols(contender.name, counting)
    names, found = [value], set[str]()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += symbols.get(name, ()) if name not in outright else ()
    return found


def inputs_used(contender: Contender, counting: Counting) -> set[str]:
    """Names of the inputs that the contender's FLOP are worked out from."""
    used = names_used(contender, counting, f"{contender.name}.flop")
    return used - set(_symbols(contender.name, counting))


def run(steps: list[Derived], inputs: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """Evaluate assignments in order; those whose name is among the inputs are left as set."""
    values = dict(inputs)
    for step in steps:
        if step.name not in values:
            value = evaluate(step.formula, values).to(step.unit)
            # An input under a second name keeps its own, by which it is drawn.
            bare = isinstance(step.formula, sympy.Symbol) or value.interval is not None
            values[step.name] = value if bare else value.named(step.name)
    return values


def evaluate(expression: sympy.Expr, values: Mapping[str, Quantity]) -> Quantity:
    """The value of an expression over named quantities, with its unit and its tree."""
    if isinstance(expression, sympy.Symbol):
        return values[expression.name]
    if isinstance(expression, sympy.Number):
        return Quantity.exact(float(expression))
    if isinstance(expression, sympy.Add):
        terms = [evaluate(part, values) for part in expression.args]
        terms = [term for term in terms if not is_zero(term)] or terms[:1]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total
    if isinstance(expression, sympy.Mul):
        above, below = sympy.fraction(expression)
        if below != 1:
            return evaluate(above, values) / evaluate(below, values)
        factors = [evaluate(part, values) for part in expression.args]
        product = factors[0]
        for factor in factors[1:]:
            product = product * factor
        return product
    if isinstance(expression, sympy.Pow) and isinstance(expression.exp, sympy.Number):
        base = evaluate(expression.base, values)
        if expression.exp == -1:
            return 1.0 / base
        return base ** float(expression.exp)
    raise FactError(f"a cost model cannot hold {type(expression).__name__}")


def is_zero(quantity: Quantity) -> bool:
    """Whether it is zero for a certain zero in it: what is switched off has no place in a sum."""
    if quantity.interval is not None:
        return quantity.interval.high == quantity.interval.low == 0
    parts = quantity.parts if quantity.operation == "*" else quantity.parts[:1]
    return quantity.operation in ("*", "/", "to") and any(is_zero(part) for part in parts)
