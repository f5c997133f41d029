"""A mechanism's programs, as they are stepped."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from halfbrain.program.evaluate import Number
from halfbrain.program.fits import check_values
from halfbrain.program.instructions import Instruction, Operand, Program
from halfbrain.program.mechanism import Mechanism
from halfbrain.program.operations import OPERATIONS

SUMS = ("i", "g")  # where a current and its slope are added; a row may have these names too
SCALE = " scale"  # from nA to mA/cm2: no name of a model has a space


def names_of(mechanism: Mechanism, dt: float) -> set[str]:
    """All that a mechanism's programs take in or put out."""
    programs = (mechanism.initial, mechanism.current, mechanism.step(dt), mechanism.receive)
    found = {SCALE}
    for program in (*programs, mechanism.watch):
        if program is not None:
            found |= {*program.inputs, *program.outputs}
    return found


def scaled(program: Program, names: Sequence[str]) -> Program:
    """With the outputs of these names multiplied: a point's current, as a density."""
    steps = [Instruction(f" {name}", "multiply", (program.outputs[name], SCALE)) for name in names]
    outputs: dict[str, Operand] = {**program.outputs, **{name: f" {name}" for name in names}}
    return Program((*program.inputs, SCALE), (*program.instructions, *steps), outputs)


def check_fits(
    name: str,
    program: Program,
    numbers: Mapping[str, Number],
    given: Collection[str],
    dtype: type[np.floating[Any]],
) -> None:
    """See that what a mechanism reckons with fits the precision.

    Files compare with 1e50 and add 1e-50 so as not to divide by 0: what is compared or chosen may
    be any number, and what is added as small as it likes.

    Raises
    ------
    ModelError
        one line that names the mechanism and, if it is one of ``given``, the parameter.
    """
    for step in program.instructions:
        kind = OPERATIONS[step.operation].kind
        if kind in ("compare", "select"):
            continue
        number: Number
        for k, operand in enumerate(step.operands):
            if not isinstance(operand, str):
                number, what = operand, "a number of the file"
            elif operand in numbers:
                number = numbers[operand]
                what = operand if operand in given else "what follows from its parameters"
            else:
                continue
            added = kind == "add" or (kind == "fused" and k == 2)
            check_values(number, dtype, f"{name}: {what}", small=not added)
