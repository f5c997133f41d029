"""The operations of a JAX program, counted from its own jaxpr.

Counts come from shapes: every product, whether or not it is with zero; what zeros leave is in
:mod:`halfbrain.networks.effective`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from halfbrain.errors import ModelError
from halfbrain.networks.operations import bytes_of, cost_of, inner
from halfbrain.networks.traced import traced
from halfbrain.program.operations import FLOP, Kind


@dataclass(frozen=True)
class Counted:
    """Operations by kind, and bytes.

    ``bytes`` is the size of all operands and results of all operations: what would be moved if
    nothing stayed in a register or cache, so an upper figure.
    """

    operations: Counter[Kind] = field(default_factory=Counter)
    bytes: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.operations + other.operations, self.bytes + other.bytes)

    def times(self, n: int) -> Counted:
        """The count of doing this ``n`` times."""
        return Counted(Counter({k: n * c for k, c in self.operations.items()}), n * self.bytes)

    @property
    def flop(self) -> int:
        """Floating-point operations, a fused one as two."""
        return sum(FLOP[kind] * n for kind, n in self.operations.items())


def count(function: Callable[..., Any], *args: Any, trips: int | None = None) -> Counted:  # noqa: ANN401
    """What ``function(*args)`` costs, dense.

    Parameters
    ----------
    function
        anything that JAX can trace; of its gradient, to count a backward pass too.
    args
        arrays, or ``jax.ShapeDtypeStruct``: only shapes and types matter. Modules are fine.
    trips
        how often each ``while`` loop turns, where shapes do not say. A ``cond`` counts as its
        dearest branch.

    Raises
    ------
    ModelError
        for a primitive whose cost is not known, or a loop whose length is not.
    """
    closed, _ = traced(function, args)
    return _of_jaxpr(closed.jaxpr, trips)


def _of_jaxpr(jaxpr: Any, trips: int | None) -> Counted:  # noqa: ANN401
    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    total = Counted()
    for equation in jaxpr.eqns:
        if equation.primitive.name == "cond":
            branches = [_of_jaxpr(branch, trips) for branch in equation.params["branches"]]
            total += max(branches, key=lambda branch: (branch.flop, branch.bytes))
            continue
        within = inner(equation)
        for body, times in within:
            n = trips if times is None else times
            if n is None:
                raise ModelError("how often a while loop turns is not in the shapes; give trips")
            total += _of_jaxpr(body, trips).times(n)
        if not within:
            total += Counted(cost_of(equation), bytes_of(equation))
    return total
