"""The products of a JAX program that are not with zero, counted while it runs.

Synaptic operations as NeuroBench defines them (Yik et al. 2025, doi 10.1038/s41467-025-56739-4):
one for each product of a weight and an activation of which neither is zero; it only accumulates
(AC) where one side's numbers are all -1, 0 or 1, as spikes are, and multiplies and accumulates
(MAC) otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.extend.core import Literal

from halfbrain.networks.operations import PRODUCTS, cost_of, inner
from halfbrain.networks.traced import traced


@dataclass(frozen=True)
class Synaptic:
    """Synaptic operations: ``dense`` with every product, the others without those with a zero."""

    dense: int = 0
    macs: int = 0
    acs: int = 0

    def __add__(self, other: Synaptic) -> Synaptic:
        return Synaptic(self.dense + other.dense, self.macs + other.macs, self.acs + other.acs)

    @property
    def effective(self) -> int:
        """Multiplications with accumulation, and accumulations alone."""
        return self.macs + self.acs

    @property
    def density(self) -> float:
        """The share of the products that is not with a zero."""
        return self.effective / self.dense if self.dense else 0.0


def effective(function: Callable[..., Any], *args: Any) -> Synaptic:  # noqa: ANN401
    """The synaptic operations of ``function(*args)``, which is run once, equation by equation.

    Of a gradient, to count a backward pass too. Arrays are values here, not shapes; loops turn as
    often as they do, and branches count as they are taken. It is slow where loops are long.
    """
    closed, arrays = traced(function, args)
    walk = _Walk()
    walk.run(closed.jaxpr, closed.consts, arrays)
    return walk.total


class _Walk:
    def __init__(self) -> None:
        self.total = Synaptic()

    def closed(self, jaxpr: Any, given: list[Any]) -> list[Any]:  # noqa: ANN401
        """A jaxpr, with its constants or without."""
        return self.run(getattr(jaxpr, "jaxpr", jaxpr), getattr(jaxpr, "consts", ()), given)

    def run(self, jaxpr: Any, constants: Any, given: list[Any]) -> list[Any]:  # noqa: ANN401
        held: dict[Any, Any] = dict(zip(jaxpr.constvars, constants, strict=True))
        held |= dict(zip(jaxpr.invars, given, strict=True))

        def value(v: Any) -> Any:  # noqa: ANN401
            return v.val if isinstance(v, Literal) else held[v]

        for equation in jaxpr.eqns:
            results = self.equation(equation, [value(v) for v in equation.invars])
            held |= dict(zip(equation.outvars, results, strict=True))
        return [value(v) for v in jaxpr.outvars]

    def equation(self, equation: Any, given: list[Any]) -> list[Any]:  # noqa: ANN401
        name, params = equation.primitive.name, equation.params
        if name in PRODUCTS:
            self.product(equation, given)
        elif _has_products(equation):  # what holds none runs as one piece
            if name == "scan":
                return self.scan(params, given)
            if name == "while":
                return self.turn(params, given)
            if name == "cond":
                index, *rest = given
                last = len(params["branches"]) - 1
                return self.closed(params["branches"][min(max(int(index), 0), last)], rest)
            ((body, _),) = inner(equation)
            return self.closed(body, given)
        return _alone(equation, given)

    def product(self, equation: Any, given: list[Any]) -> None:  # noqa: ANN401
        dense = cost_of(equation)["fused"]
        # Sums of ones in single precision are exact up to 16 million, and none here is longer.
        there = [(jnp.asarray(x) != 0).astype(jnp.float32) for x in given]
        params = dict(equation.params, preferred_element_type=None)
        each = equation.primitive.bind(*there, **params)
        done = int(np.asarray(each).sum(dtype=np.float64))
        spikes = any(bool(jnp.all((x == 0) | (jnp.abs(x) == 1))) for x in given)
        self.total += Synaptic(dense, 0 if spikes else done, done if spikes else 0)

    def scan(self, params: Any, given: list[Any]) -> list[Any]:  # noqa: ANN401
        constants, carried = params["num_consts"], params["num_carry"]
        fixed, carry, over = (
            given[:constants],
            given[constants : constants + carried],
            given[constants + carried :],
        )
        rows: list[list[Any]] = []
        turns = range(params["length"])
        for i in reversed(turns) if params["reverse"] else turns:
            out = self.closed(params["jaxpr"], [*fixed, *carry, *(x[i] for x in over)])
            carry = out[:carried]
            rows.append(out[carried:])
        if params["reverse"]:
            rows.reverse()
        return [*carry, *(jnp.stack(column) for column in zip(*rows, strict=True))]

    def turn(self, params: Any, given: list[Any]) -> list[Any]:  # noqa: ANN401
        asks, does = params["cond_nconsts"], params["body_nconsts"]
        asked, done, carry = given[:asks], given[asks : asks + does], given[asks + does :]
        while bool(self.closed(params["cond_jaxpr"], [*asked, *carry])[0]):
            carry = self.closed(params["body_jaxpr"], [*done, *carry])
        return carry


def _has_products(equation: Any) -> bool:  # noqa: ANN401
    """Whether a product is anywhere inside."""
    bodies = [*equation.params.get("branches", ()), *(body for body, _ in inner(equation))]
    return any(
        each.primitive.name in PRODUCTS or _has_products(each)
        for body in bodies
        for each in getattr(body, "jaxpr", body).eqns
    )


def _alone(equation: Any, given: list[Any]) -> list[Any]:  # noqa: ANN401
    """The results of one equation, called as JAX's own evaluation of a jaxpr calls it."""
    params = equation.primitive.get_bind_params(equation.params)
    functions: list[Any] = []
    if isinstance(params, tuple):  # before JAX 0.10
        functions, params = params
    results = equation.primitive.bind(*functions, *given, **params)
    return list(results) if equation.primitive.multiple_results else [results]
