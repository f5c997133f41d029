"""A program as a Python function, and compiled by Numba as a loop over neurons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen import exponential
from halfbrain.codegen.exponential import FASTMATH
from halfbrain.errors import ModelError
from halfbrain.program.instructions import Operand, Program
from halfbrain.program.operations import OPERATIONS

BLOCK = 64  # neurons side by side: some vectors' width, and a cache line or more
_CALLS = {name: one.calls for name, one in OPERATIONS.items() if one.calls}


def body(
    program: Program,
    names: Mapping[str, str],
    constants: dict[str, float],
    forms: Mapping[str, str] | None = None,
) -> list[str]:
    """One line for each instruction.

    ``names`` gives the local name of each input; ``constants`` is filled with the numbers, each
    under a name of its own. ``forms`` writes some operations otherwise.
    """
    written_as = {name: one.scalar for name, one in OPERATIONS.items()} | dict(forms or {})
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
        form = written_as[step.operation]
        lines.append(f"{local[step.target]} = {form.format(*map(written, step.operands))}")
    results = "".join(f"{written(operand)}, " for operand in program.outputs.values())
    return [*lines, f"return {results}"]


def scalar_function(
    program: Program,
    functions: Mapping[str, Any] = _CALLS,
    number: Callable[[float], Any] = float,
    forms: Mapping[str, str] | None = None,
) -> Callable[..., tuple[Any, ...]]:
    """The program as a function of its inputs, in order; returns its outputs, in order.

    ``functions`` gives exp, sqrt and the like, ``number`` makes the constants: a test hands in
    ones that count, a compiler those of its type. ``forms``: see :func:`body`.
    """
    # Inputs become x0, x1, ...: no text of a model is ever part of the source.
    names = {name: f"x{i}" for i, name in enumerate(program.inputs)}
    constants: dict[str, float] = {}
    lines = body(program, names, constants, forms)
    source = f"def step({', '.join(names.values())}):\n    " + "\n    ".join(lines)
    scope: dict[str, Any] = dict(functions) | {name: number(k) for name, k in constants.items()}
    exec(compile(source, "<halfbrain program>", "exec"), scope)
    return scope["step"]  # type: ignore[no-any-return]


def variables(program: Program) -> tuple[str, ...]:
    """The rows of a block of state: the inputs, then what is an output only."""
    return (*program.inputs, *(name for name in program.outputs if name not in program.inputs))


def loop(
    program: Program, dtype: type[np.floating[Any]] = np.float64
) -> Callable[[NDArray[np.floating[Any]]], None]:
    """The program compiled over the state of many neurons: ``f(state)`` moves it on by a step.

    ``state`` has the shape (blocks, variables, BLOCK) and is C-contiguous, of ``dtype``; its rows
    are :func:`variables`. Offsets within a block are then constants, so the compiler sees that
    what is read and what is written do not overlap, and vectorises without asking at run time.

    Raises
    ------
    ModelError
        for a program with random numbers, which need an engine's seed and counter.
    """
    if program.draws:
        raise ModelError("random numbers in an equation need an engine to draw them")
    calls = {**_CALLS, **exponential.functions(dtype)}
    compiled = numba.njit(forceinline=True, fastmath=FASTMATH, error_model="numpy")
    rows = {name: i for i, name in enumerate(variables(program))}
    # Unsigned throughout: a signed index may be negative, and is looked at each time.
    scope: dict[str, Any] = {f"o{i}": np.uint64(i * BLOCK) for i in rows.values()}
    scope |= {"block": np.uint64(BLOCK), "size": np.uint64(BLOCK * len(rows))}
    scope["step"] = compiled(scalar_function(program, calls, dtype))
    arguments = ", ".join(f"s[at + o{rows[name]} + i]" for name in program.inputs)
    targets = "".join(f"s[at + o{rows[name]} + i], " for name in program.outputs)
    source = (
        "def run(s, blocks):\n"
        "    for b in range(blocks):\n"
        "        at = b * size\n"
        "        for i in range(block):\n"
        f"            {targets}= step({arguments})\n"
    )
    exec(compile(source, "<halfbrain loop>", "exec"), scope)
    run = numba.njit(fastmath=FASTMATH, error_model="numpy")(scope["run"])

    def over_blocks(state: NDArray[np.floating[Any]]) -> None:
        if state.dtype != dtype or state.shape[1:] != (len(rows), BLOCK):
            raise ValueError(f"state must be {np.dtype(dtype)} of shape (n, {len(rows)}, {BLOCK})")
        run(state.reshape(-1), np.uint64(state.shape[0]))

    return over_blocks
