"""Whether the numbers of a program, and values, are numbers in the precision that it runs in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from halfbrain.errors import ModelError
from halfbrain.program.hoist import used
from halfbrain.program.instructions import Program
from halfbrain.program.operations import OPERATIONS


def fits(number: float, dtype: type[np.floating[Any]]) -> bool:
    """Whether a number is neither infinite nor, unless it is 0, next to 0 in a precision."""
    if number == 0:
        return True
    info = np.finfo(dtype)
    return math.isfinite(number) and float(info.tiny) <= abs(number) <= float(info.max)


def check_numbers(program: Program, dtype: type[np.floating[Any]], place: str = "") -> None:
    """See that all fit.

    Raises
    ------
    ModelError
        one line that names the first that does not, the operation that takes it and for what.
    """
    for step in program.instructions:
        for number in step.operands:
            if isinstance(number, str) or fits(number, dtype):
                continue
            shown = [x if isinstance(x, float) or x[0] != "_" else "..." for x in step.operands]
            text = OPERATIONS[step.operation].scalar.format(*shown)
            for_ = [n for n in program.outputs if step in used(program, {n}).instructions]
            names = ", ".join("the threshold" if n[0] == "_" else n for n in for_)
            info = np.finfo(dtype)
            raise ModelError(
                f"{place}{': ' if place else ''}for {names}: the number {number:.4g} in {text!r} "
                f"does not fit {np.dtype(dtype)} ({info.tiny:.1g} to {info.max:.1g}); write the "
                f"equation in other units{'' if dtype is np.float64 else ', or take float64'}"
            )


def check_values(
    values: ArrayLike, dtype: type[np.floating[Any]], place: str, *, small: bool = True
) -> None:
    """See that values fit; those that are no numbers in any precision are not looked at.

    Parameters
    ----------
    small
        whether one that is next to 0 there is none: a state may come as near to 0 as it likes.

    Raises
    ------
    ModelError
        one line that begins with ``place`` and names the first that does not fit.
    """
    sizes = np.abs(np.asarray(values, np.float64)).reshape(-1)
    info = np.finfo(dtype)
    wrong = (sizes > info.max) & (sizes < math.inf)
    if small:
        wrong |= (sizes > 0) & (sizes < info.tiny)
    if wrong.any():
        raise ModelError(
            f"{place} is {sizes[wrong][0]:.4g}, which does not fit {np.dtype(dtype)} "
            f"({info.tiny:.1g} to {info.max:.1g})"
            f"{'' if dtype is np.float64 else '; take float64, or other units'}"
        )
