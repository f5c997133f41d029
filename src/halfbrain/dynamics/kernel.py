"""A program as a Python function, and compiled by Numba as a loop over neurons."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from halfbrain.dynamics.instructions import OPERATIONS, Operand, Program
from halfbrain.errors import ModelError

# Chosen one by one: 'reassoc' would undo a fixed order of sums, 'nnan' and 'ninf' hide overflow.
FASTMATH = {"contract", "nsz", "arcp", "afn"}
_MATH = {
    name: getattr(math, name) for name in ("exp", "expm1", "log", "sqrt", "sin", "cos", "tanh")
}


def body(program: Program, names: Mapping[str, str], constants: dict[str, float]) -> list[str]:
    """One line for each instruction.

    ``names`` gives the local name of each input; ``constants`` is filled with the numbers, each
    under a name of its own.
    """
    local = dict(names)

    def written(operand: Operand) -> str:
        if isinstance(operand, str):
            return local[operand]
        name = f"k{len(constants)}"
        constants[name] = operand
        return name

    lines = []
    for step in program.instructions:
        local[step.target] = f"r{step.target}"
        _, form = OPERATIONS[step.operation]
        lines.append(f"{local[step.target]} = {form.format(*map(written, step.operands))}")
    results = "".join(f"{written(operand)}, " for operand in program.outputs.values())
    return [*lines, f"return {results}"]


def scalar_function(
    program: Program,
    functions: Mapping[str, Any] = _MATH,
    number: Callable[[float], Any] = float,
) -> Callable[..., tuple[Any, ...]]:
    """The program as a function of its inputs, in order; returns its outputs, in order.

    ``functions`` gives exp, sqrt and the like, ``number`` makes the constants: a test hands in
    ones that count, a compiler those of its type.
    """
    # Inputs become x0, x1, ...: no text of a model is ever part of the source.
    names = {name: f"x{i}" for i, name in enumerate(program.inputs)}
    constants: dict[str, float] = {}
    lines = body(program, names, constants)
    source = f"def step({', '.join(names.values())}):\n    " + "\n    ".join(lines)
    scope: dict[str, Any] = dict(functions) | {name: number(k) for name, k in constants.items()}
    exec(compile(source, "<halfbrain program>", "exec"), scope)
    return scope["step"]  # type: ignore[no-any-return]


def loop(
    program: Program, dtype: type[np.floating[Any]] = np.float64
) -> Callable[[tuple[Any, ...], tuple[Any, ...]], None]:
    """The program compiled over arrays: ``f(inputs, outputs)``, each a tuple of 1-d arrays.

    Arrays are in the order of ``program.inputs`` and ``program.outputs``, of ``dtype``; an output
    may be the array of its input.

    Raises
    ------
    ModelError
        for a program with random numbers, which need an engine's seed and counter.
    """
    import numba

    if any(OPERATIONS[step.operation][0] == "random" for step in program.instructions):
        raise ModelError("random numbers in an equation need an engine to draw them")
    step = numba.njit(inline="always", fastmath=FASTMATH)(scalar_function(program, number=dtype))
    arguments = ", ".join(f"inputs[{i}][i]" for i in range(len(program.inputs)))
    targets = "".join(f"outputs[{i}][i], " for i in range(len(program.outputs)))
    source = (
        "def run(inputs, outputs):\n    for i in range(outputs[0].size):\n"
        f"        {targets}= step({arguments})\n"
    )
    scope: dict[str, Any] = {"step": step}
    exec(compile(source, "<halfbrain loop>", "exec"), scope)
    compiled: Callable[[tuple[Any, ...], tuple[Any, ...]], None] = numba.njit(
        fastmath=FASTMATH, error_model="numpy"
    )(scope["run"])
    return compiled
