"""Newton's method, unrolled: states at which residuals vanish, as instructions.

The states are first parted into groups that depend on one another, so that a state whose equation
is linear is solved once and does not go along in the rounds of those that are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from halfbrain.nmodl.elimination import Row, solved
from halfbrain.nmodl.slopes import Slope, replace_all
from halfbrain.nmodl.values import Values
from halfbrain.program.instructions import Operand

_STILL = 1e-5  # of the largest of its group, is what a state may move in the last round
_SLOW = 0.5  # of the round before, is what it moves where the method does not come to an end


@dataclass
class Found:
    """The states, after how many rounds each, and whether some had not come to an end."""

    values: dict[str, Operand] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    unsolved: Operand = 0.0


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
        before: Row = {}
        moves: Row = {}
        for _ in range(1 if linear else rounds):
            at = known | {f"{key}@": now[key] for key in group}
            gaps = replace_all(values, [residuals[key] for key in group], at)
            entries = iter(replace_all(values, flat, at))
            here = [{name: next(entries) for name in row} for row in rows]
            next_ = solved(values, here, [values.emit("negate", gap) for gap in gaps], group)
            if next_ is None:
                return None
            before, moves = moves, next_
            now = {key: values.emit("add", now[key], moves[key]) for key in group}
        if not linear and before:
            still = _moves_on(values, now, before, moves)
            found.unsolved = values.emit("or", found.unsolved, still)
        found.values |= now
        found.rounds |= dict.fromkeys(group, 1 if linear else rounds)
    return found


def _moves_on(values: Values, now: Row, before: Row, moves: Row) -> Operand:
    """Whether the states of a group still moved in the last round, as far as in that before.

    Near its end Newton's method squares how far it is off. One that goes in even steps, or back and
    forth, is not near it.
    """
    sizes = {key: values.emit("absolute", move) for key, move in moves.items()}
    largest: Operand = 0.0
    for value in now.values():
        largest = values.emit("maximum", largest, values.emit("absolute", value))
    bound = values.emit("multiply", largest, _STILL)
    found: Operand = 0.0
    for key, size in sizes.items():
        slow = values.emit("multiply", values.emit("absolute", before[key]), _SLOW)
        far = values.emit("greater", size, values.emit("maximum", bound, slow))
        found = values.emit("or", found, far)
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
