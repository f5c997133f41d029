"""An element of an array whose number is known only when the mechanism runs.

C would look in memory; here each element is a value of its own, and the right one is selected: by
the index's binary digits where it is read, n - 1 selections for n elements; by comparison where it
is set. Tsodyks-Markram synapses that remember their last pulses in a ring need this.
"""

from __future__ import annotations

from collections.abc import Sequence

from halfbrain.errors import ModelError
from halfbrain.nmodl.run import Run
from halfbrain.nmodl.tree import Variable
from halfbrain.nmodl.values import Values
from halfbrain.program.instructions import Operand


def key(run: Run, variable: Variable) -> str:
    """The name under which a variable, or the element of an array, is held."""
    if variable.index is None:
        return variable.name
    index = run.values.number(run.value(variable.index))
    if not isinstance(index, float) or index != index or index in (float("inf"), -float("inf")):
        raise ModelError(
            f"{variable.place}: the index of {variable.name!r} is known only when it runs; "
            "write out the elements"
        )
    length = run.lengths.get(variable.name)
    if length is None:
        raise ModelError(f"{variable.place}: {variable.name!r} is no array; declare its length")
    if not 0 <= int(index) < length:
        raise ModelError(
            f"{variable.place}: {variable.name!r} has elements 0 to {length - 1}, not {int(index)}"
        )
    return f"{variable.name}[{int(index)}]"


def read(run: Run, variable: Variable) -> Operand:
    """The value of a variable, or of an array's element."""
    moving = _moving(run, variable)
    if moving is None:
        return run.read(run.key(variable), variable.place)
    keys, index = moving
    return picked(run.values, [run.read(key, variable.place) for key in keys], index)


def write(run: Run, target: Variable, value: Operand) -> None:
    """Set a variable, or an array's element."""
    moving = _moving(run, target)
    if moving is None:
        run.write(run.key(target), value, target.place)
        return
    keys, index = moving
    held = [run.read(key, target.place) for key in keys]
    for key, new in zip(keys, replaced(run.values, held, index, value), strict=True):
        run.write(key, new, target.place)


def _moving(run: Run, variable: Variable) -> tuple[list[str], Operand] | None:
    """All elements of an array and the index among them, if it is known only when it runs."""
    length = run.lengths.get(variable.name)
    if variable.index is None or length is None:
        return None
    index = run.number(variable.index)
    if isinstance(index, float):
        return None
    return [f"{variable.name}[{i}]" for i in range(length)], index


def picked(values: Values, elements: Sequence[Operand], index: Operand) -> Operand:
    """The element of that number, rounded down; the first or last if there is none such."""
    last = float(len(elements) - 1)
    rest = values.emit("floor", values.emit("minimum", values.emit("maximum", index, 0.0), last))
    left = list(elements)
    while len(left) > 1:
        half = values.emit("floor", values.emit("multiply", rest, 0.5))
        digit = values.emit("subtract", rest, values.emit("multiply", half, 2.0))
        odd = values.emit("greater", digit, 0.5)
        left = [
            values.emit("select", odd, left[i + 1], left[i]) if i + 1 < len(left) else left[i]
            for i in range(0, len(left), 2)
        ]
        rest = half
    return left[0]


def replaced(
    values: Values, elements: Sequence[Operand], index: Operand, new: Operand
) -> list[Operand]:
    """The elements with one set; none if there is none such."""
    found: list[Operand] = []
    for i, old in enumerate(elements):
        here = values.emit(
            "and",
            values.emit("greater_equal", index, float(i)),
            values.emit("less", index, float(i + 1)),
        )
        found.append(values.emit("select", here, new, old))
    return found
