"""FUNCTION_TABLE: functions whose values the user gives, straight lines between them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from halfbrain.errors import ModelError
from halfbrain.nmodl.elements import picked
from halfbrain.nmodl.run import Given, Run
from halfbrain.nmodl.tree import Block, Call
from halfbrain.nmodl.values import Values
from halfbrain.program.instructions import Operand

_LONGEST = 2000
_EVEN = 1e-9


def check(declared: Mapping[str, Block], given: Mapping[str, Given]) -> None:
    """See that the tables that are given are those of the file, and in order.

    Raises
    ------
    ModelError
        one line that names the table.
    """
    for name, table in given.items():
        if name not in declared:
            raise ModelError(f"tables: the file has no FUNCTION_TABLE {name[:40]!r}")
        if isinstance(table, float | int):
            continue
        try:
            x, y = ([float(number) for number in part] for part in table)
        except (TypeError, ValueError):
            raise ModelError(f"tables: {name!r} is a number, or (arguments, values)") from None
        if not 2 <= len(x) == len(y) <= _LONGEST or not all(a < b for a, b in pairwise(x)):
            raise ModelError(
                f"tables: {name!r} has 2 to {_LONGEST} arguments that go up, and as many values"
            )


def given_value(run: Run, block: Block, call: Call) -> Operand:
    """The value of a FUNCTION_TABLE."""
    name, table = block.name, run.given.get(block.name)
    if len(block.parameters) != 1:
        raise ModelError(f"{block.place}: FUNCTION_TABLE {name}: of one variable only is read")
    if len(call.arguments) != 1:
        raise ModelError(f"{call.place}: {name} takes 1 argument, not {len(call.arguments)}")
    if table is None:
        raise ModelError(
            f"{block.place}: FUNCTION_TABLE {name} has no values; give them to read_mechanism: "
            f"tables={{'{name}': ([-80, 0, 40], [0.1, 0.5, 0.9])}}"
        )
    if isinstance(table, float | int):
        return float(table)
    x, y = ([float(number) for number in part] for part in table)
    return _between(run.values, run.number(call.arguments[0]), x, y)


def _between(values: Values, at: Operand, x: list[float], y: list[float]) -> Operand:
    at = values.emit("minimum", values.emit("maximum", at, x[0]), x[-1])
    width = (x[-1] - x[0]) / (len(x) - 1)
    if all(abs(b - a - width) < _EVEN * width for a, b in pairwise(x)):
        index = values.emit("divide", values.emit("subtract", at, x[0]), width)
    else:
        index = 0.0
        for inner in x[1:-1]:
            over = values.emit("select", values.emit("greater_equal", at, inner), 1.0, 0.0)
            index = values.emit("add", index, over)
    slopes = [(d - c) / (b - a) for (a, b), (c, d) in zip(pairwise(x), pairwise(y), strict=True)]
    starts = [c - a * slope for a, c, slope in zip(x[:-1], y[:-1], slopes, strict=True)]
    slope, start = (picked(values, list(part), index) for part in (slopes, starts))
    return values.emit("add", start, values.emit("multiply", slope, at))
