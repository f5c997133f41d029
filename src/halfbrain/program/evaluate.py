"""A program worked out once, with NumPy: what is fixed before a run, and where a run begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.program.instructions import Operand, Program
from halfbrain.program.operations import OPERATIONS, Missing

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
            form = OPERATIONS[step.operation].numpy
            if not isinstance(form, Missing):
                values[step.target] = form(*map(value, step.operands))
            elif drawn is None:
                raise ModelError("a random number is drawn where all should be known")
            else:
                values[step.target] = np.asarray(drawn)
        outputs = {name: np.asarray(value(x), float) for name, x in program.outputs.items()}
    return {name: float(x) if x.ndim == 0 else x for name, x in outputs.items()}
