"""A plasticity rule read and checked, its parts as symbolic expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from halfbrain.cells.plasticity import Plasticity
from halfbrain.equations.dimensions import NONE, TIME, Dimensions, text_of
from halfbrain.equations.equations import constant
from halfbrain.equations.expression import Typed, parse, symbol
from halfbrain.equations.functions import whole_sums
from halfbrain.equations.integrate import Updates
from halfbrain.errors import ModelError
from halfbrain.program.point import assignments


@dataclass(frozen=True)
class RuleModel:
    """The parts of a rule over ``w`` and the traces, in SI units.

    ``on_source`` sets the ``pre`` traces at a spike of the source, whether the rule says how or
    not. ``decays`` are the time constants of all traces in seconds, those of the source first.
    """

    on_source: Updates
    on_pre: Updates
    on_post: Updates
    deliver: sympy.Expr
    decays: Mapping[str, float]


@whole_sums
def rule_model(rule: Plasticity, dimensions: Dimensions) -> RuleModel:
    """Read a rule for weights of some dimensions.

    Raises
    ------
    ModelError
        one line that names the rule, the part and what is wrong in it.
    """
    place = f"plasticity {rule.name[:40]!r}"
    known = {name: constant(name, value) for name, value in rule.constants.items()}
    pre = {name: Typed(symbol(name), NONE) for name in rule.pre}
    post = {name: Typed(symbol(name), NONE) for name in rule.post}
    for name in (*rule.pre, *rule.post, *rule.constants):
        if name == "w" or [name in part for part in (known, pre, post)].count(True) > 1:
            raise ModelError(f"{place}: {name[:40]!r} is defined twice")
    weight = {"w": Typed(symbol("w"), dimensions)}
    every = known | weight | pre | post
    jumps = rule.on_source or "; ".join(
        f"{name} = 1" if rule.nearest else f"{name} += 1" for name in rule.pre
    )
    sent = parse(rule.deliver, known | weight | pre, f"{place}: deliver")
    if not isinstance(sent.value, sympy.Expr) or sent.dimensions != dimensions:
        raise ModelError(
            f"{place}: deliver: {rule.deliver[:60]!r} must be in {text_of(dimensions)}, as w is"
        )
    return RuleModel(
        assignments(jumps, known | pre, tuple(pre), f"{place}: on_source"),
        assignments(rule.on_pre, every, ("w",), f"{place}: on_pre"),
        assignments(rule.on_post, every, ("w",), f"{place}: on_post"),
        sent.value,
        {name: _decay(name, tau, place) for name, tau in (*rule.pre.items(), *rule.post.items())},
    )


def _decay(name: str, text: str, place: str) -> float:
    typed = constant(name, text)
    if typed.dimensions != TIME or not float(typed.value) > 0:
        raise ModelError(f"{place}: trace {name!r}: {str(text)[:40]!r} is no time above zero")
    return float(typed.value)
