"""A program worked out once, with NumPy: what is fixed before a run, and where a run begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.program.instructions import Operand, Program

Number = float | NDArray[np.float64]  # one for all places, or one for each


def evaluate(
    program: Program, known: Mapping[str, Number], drawn: float | None = None
) -> dict[str, Number]:
    """The program's outputs from its inputs, each a number or an array of one shape.

    An element is the same to the last bit whether it stands alone or in an array.

    Parameters
    ----------
    program, known
        what is worked out from what.
    drawn
        stands for every random number.

    Raises
    ------
    ModelError
        for a program with random numbers, unless ``drawn`` stands for them.
    """
    values: dict[str, NDArray[Any]] = {n: np.asarray(known[n], float) for n in program.inputs}

    def value(operand: Operand) -> NDArray[Any]:
        return values[operand] if isinstance(operand, str) else np.asarray(operand)

    with np.errstate(all="ignore"):
        for step in program.instructions:
            if step.operation in _FUNCTIONS:
                values[step.target] = _FUNCTIONS[step.operation](*map(value, step.operands))
            elif drawn is None:
                raise ModelError("a random number is drawn where all should be known")
            else:
                values[step.target] = np.asarray(drawn)
        outputs = {name: np.asarray(value(x), float) for name, x in program.outputs.items()}
    return {name: float(x) if x.ndim == 0 else x for name, x in outputs.items()}


# As LLVM's vectors have them: the second number unless the first is the smaller or larger one.
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "negate": np.negative,
    "multiply": np.multiply,
    "fused": lambda a, b, c: a * b + c,
    "fused_negative": lambda a, b, c: c - a * b,
    "divide": np.divide,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "sqrt": np.sqrt,
    "power": np.power,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "and": lambda a, b: (a != 0) & (b != 0),
    "or": lambda a, b: (a != 0) | (b != 0),
    "floor": np.floor,
    "absolute": np.abs,
    "minimum": lambda a, b: np.where(b < a, b, a),
    "maximum": lambda a, b: np.where(b > a, b, a),
    "select": lambda condition, a, b: np.where(condition != 0, a, b),
}
