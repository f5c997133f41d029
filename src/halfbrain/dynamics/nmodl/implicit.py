"""Newton's method, unrolled: states at which residuals vanish, as instructions.

The states are first parted into groups that depend on one another, so that a state whose equation
is linear is solved once and does not go along in the rounds of those that are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from halfbrain.dynamics.instructions import Operand
from halfbrain.dynamics.nmodl.elimination import Row, solved
from halfbrain.dynamics.nmodl.slopes import Slope, replace_all
from halfbrain.dynamics.nmodl.values import Values


@dataclass
class Found:
    """The states, and after how many rounds each."""

    values: dict[str, Operand] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)


def jacobian(values: Values, keys: list[str], residuals: list[Operand]) -> list[Row]:
    """For each residual its derivatives, less the zeros, by the marks ``key@``."""
    slopes = {key: Slope(values, f"{key}@") for key in keys}
    return [{k: a for k in keys if (a := slopes[k].of(residual)) != 0.0} for residual in residuals]


def newton(
    values: Values, residuals: Mapping[str, Operand], start: Mapping[str, Operand], rounds: int
) -> Found | None:
    """The states by name, or None where the equations leave one open.

    Parameters
    ----------
    residuals
        for each state what is to vanish, over the marks ``key@``.
    start
        where the search begins: the states before.
    """
    keys = list(residuals)
    matrix = dict(zip(keys, jacobian(values, keys, list(residuals.values())), strict=True))
    found = Found()
    for group in groups({key: set(row) | {key} for key, row in matrix.items()}):
        known = {f"{key}@": value for key, value in found.values.items()}
        rows = [{k: a for k, a in matrix[key].items() if k in group} for key in group]
        flat = [a for row in rows for a in row.values()]
        linear = not values.needs(flat) & {f"{key}@" for key in group}
        now = {key: start[key] for key in group}
        for _ in range(1 if linear else rounds):
            at = known | {f"{key}@": now[key] for key in group}
            gaps = replace_all(values, [residuals[key] for key in group], at)
            entries = iter(replace_all(values, flat, at))
            here = [{name: next(entries) for name in row} for row in rows]
            moves = solved(values, here, [values.emit("negate", gap) for gap in gaps], group)
            if moves is None:
                return None
            now = {key: values.emit("add", now[key], moves[key]) for key in group}
        found.values |= now
        found.rounds |= dict.fromkeys(group, 1 if linear else rounds)
    return found


def groups(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """Names that need one another, directly or not; those that are needed come first."""
    reach = {name: set(direct) for name, direct in needs.items()}
    for middle in reach:
        for name in reach:
            if middle in reach[name]:
                reach[name] |= reach[middle]
    together: dict[frozenset[str], list[str]] = {}
    for name in reach:
        mutual = frozenset(other for other in reach[name] if name in reach[other])
        together.setdefault(mutual, []).append(name)
    # What another needs reaches less than it.
    return sorted(together.values(), key=lambda group: len(reach[group[0]]))
