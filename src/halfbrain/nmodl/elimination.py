"""A system of linear equations solved by elimination that is written out as instructions.

Zeros are known when the instructions are made, so a sparse system costs only what it holds; pivots
are chosen for least fill-in (Markowitz 1957, doi 10.1287/mnsc.3.3.255), on the diagonal first.
"""

from __future__ import annotations

from halfbrain.nmodl.values import Values
from halfbrain.program.instructions import Operand

Row = dict[str, Operand]


def solved(values: Values, matrix: list[Row], right: list[Operand], names: list[str]) -> Row | None:
    """The unknowns by name, or None if the system's form leaves one of them open.

    Parameters
    ----------
    matrix
        for each equation the factors of the unknowns; what is missing is zero. Equation ``i`` is
        taken as that of unknown ``i`` where its factor is not zero.
    """
    rows = [{n: a for n, a in row.items() if a != 0.0} for row in matrix]
    right = list(right)
    open_rows, open_names = set(range(len(rows))), set(names)
    order: list[tuple[int, str]] = []
    while open_names:
        pivot = _pivot(rows, names, open_rows, open_names)
        if pivot is None:
            return None
        i, name = pivot
        order.append(pivot)
        open_rows.discard(i)
        open_names.discard(name)
        for k in sorted(open_rows):
            if name not in rows[k]:
                continue
            factor = values.emit("divide", rows[k].pop(name), rows[i][name])
            for other, a in rows[i].items():
                if other != name and other in open_names:
                    step = values.emit("multiply", factor, a)
                    rows[k][other] = values.emit("subtract", rows[k].get(other, 0.0), step)
            right[k] = values.emit("subtract", right[k], values.emit("multiply", factor, right[i]))
    found: Row = {}
    for i, name in reversed(order):
        total = right[i]
        for other, a in rows[i].items():
            if other in found:
                total = values.emit("subtract", total, values.emit("multiply", a, found[other]))
        found[name] = values.emit("divide", total, rows[i][name])
    return found


def _pivot(
    rows: list[Row], names: list[str], open_rows: set[int], open_names: set[str]
) -> tuple[int, str] | None:
    """The least filling-in place, on the diagonal if there is one there."""
    in_column = dict.fromkeys(open_names, 0)
    for i in open_rows:
        for name in rows[i]:
            if name in in_column:
                in_column[name] += 1

    def cost(place: tuple[int, str]) -> tuple[int, int, str]:
        i, name = place
        in_row = sum(n in open_names for n in rows[i])
        return (in_row - 1) * (in_column[name] - 1), i, name

    diagonal = [(i, names[i]) for i in open_rows if names[i] in open_names and names[i] in rows[i]]
    anywhere = [(i, n) for i in open_rows for n in rows[i] if n in open_names]
    choices = diagonal or anywhere
    return min(choices, key=cost) if choices else None
