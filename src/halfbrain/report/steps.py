"""What a number of the page opens to: each formula of the cost model, and of the audit, as a tree.

The page evaluates the first on its own draws, from the state of its sliders; those of the audit
stand as they are. Either way nodes are those of :func:`halfbrain.report.document.tree_document`.
"""

from __future__ import annotations

import math

import sympy

from halfbrain.contenders.model import Contender
from halfbrain.errors import DimensionError
from halfbrain.facts.explain import children
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.facts.units import parse_unit, unit_text
from halfbrain.forecast.audit.audit import STEPS
from halfbrain.forecast.audit.step import Step, mended, written
from halfbrain.forecast.formula import Counting, evaluate, program
from halfbrain.forecast.setting import settings
from halfbrain.report.document import Document

_ONE = Interval(1.0, 1.0)


def steps_document(contender: Contender, counting: Counting) -> Document:
    """Every step of a cost model by name: its unit, what it is, and its formula.

    A formula is a name, a number, or ``{"operation", "unit", "parts"}`` of formulas, and of a
    power its ``exponent``; where it is what a cost term takes, ``term`` names it.
    """
    units = {name: setting.unit for name, setting in settings().items()}
    steps = program(contender, counting)
    units |= {step.name: step.unit for step in steps}

    def formula(expression: sympy.Expr) -> Document | str | float:
        names = [symbol.name for symbol in expression.free_symbols]
        over = {name: Quantity.leaf(name, _ONE, units[name], Origin("computed")) for name in names}
        return _formula(evaluate(expression, over))

    found = {
        step.name: {
            "unit": unit_text(parse_unit(step.unit)),
            "about": step.about,
            "formula": formula(step.formula),
        }
        for step in steps
    }
    terms = {term.name: formula(term.count * term.flop) for term in contender.terms}
    each = found[contender.flop_per_neuron_second.name]["formula"]
    for part in each["parts"] if isinstance(each, dict) else ():
        for name, term in terms.items():
            if part == term and isinstance(part, dict):
                part["term"] = name
    return found


def _formula(node: Quantity) -> Document | str | float:
    """A quantity's operations over the names of its leaves; a conversion that is none left out."""
    if node.operation == "to":
        assert node.factor == 1.0, "units of a cost model are coherent"
        return _formula(node.parts[0])
    if node.interval is not None:
        return node.name if node.origin else node.interval.low
    power = {"exponent": node.exponent} if node.operation == "**" else {}
    return {
        "operation": node.operation,
        "unit": unit_text(node.unit),
        **power,
        "parts": [_formula(part) for part in children(node)],
    }


def audit_trees(step: Step) -> Document:
    """What the text says, what its inputs give, what those it means: each a tree of medians."""
    if step.formula is None:
        return {}
    try:
        found = {"recomputed": written(step)}
        if step.meant:
            found["meant"] = mended(step, STEPS)
        if not step.in_orders and step.published:
            unit = facts().get(step.published).unit
            found = {key: value.to(unit) for key, value in found.items()}
    except DimensionError:
        return {}
    trees = {key: _medians(value) for key, value in found.items()}
    if step.in_orders:
        trees = {key: _orders(tree) for key, tree in trees.items()}
    return trees | ({"published": _medians(facts().get(step.published))} if step.published else {})


def _medians(node: Quantity) -> Document:
    document: Document = {"unit": unit_text(node.unit), "p50": node.magnitude()}
    while node.operation == "to":
        (node,) = node.parts
    if node.interval is not None:
        return document | {"name": node.name}
    power = {"exponent": node.exponent} if node.operation == "**" else {}
    parts = [_medians(part) for part in children(node)]
    return document | {"operation": node.operation, **power, "parts": parts}


def _orders(tree: Document) -> Document:
    return {"unit": "", "p50": math.log10(tree["p50"]), "operation": "log10", "parts": [tree]}
