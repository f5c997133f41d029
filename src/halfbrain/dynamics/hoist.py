"""What does not change during a run, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from halfbrain.dynamics.instructions import OPERATIONS, Operand, Program
from halfbrain.dynamics.kernel import scalar_function

_FUNCTIONS: Mapping[str, Any] = {
    name: getattr(np, name)
    for name in ("exp", "expm1", "log", "sqrt", "sin", "cos", "tanh", "floor")
}


def hoist(program: Program, known: Mapping[str, float]) -> tuple[Program, dict[str, float]]:
    """The program without what follows from ``known`` inputs alone, and the numbers that it needs.

    Those are the known inputs that it still takes in, and results of operations under the names
    that these had.
    """
    found = {name for name in program.inputs if name in known}
    early, late = [], []
    for step in program.instructions:
        fixed = OPERATIONS[step.operation][0] != "random"
        if fixed and all(x in found for x in step.operands if isinstance(x, str)):
            found.add(step.target)
            early.append(step)
        else:
            late.append(step)
    wanted = {x for step in late for x in step.operands if isinstance(x, str)}
    wanted |= {x for x in program.outputs.values() if isinstance(x, str)}
    needed = sorted(wanted & found)
    outputs: dict[str, Operand] = {name: name for name in needed}
    before = Program(tuple(n for n in program.inputs if n in known), tuple(early), outputs)
    if not needed:
        return program, {}
    numbers = worked_out(before, known)
    inputs = [n for n in program.inputs if n in wanted and n not in known]
    return Program((*inputs, *needed), tuple(late), program.outputs), numbers


def worked_out(program: Program, known: Mapping[str, float]) -> dict[str, float]:
    """The program's outputs from its inputs."""
    values = (np.float64(known[name]) for name in program.inputs)
    with np.errstate(all="ignore"):
        results = scalar_function(program, _FUNCTIONS, np.float64)(*values)
    return {name: float(x) for name, x in zip(program.outputs, results, strict=True)}


def used(program: Program, names: set[str]) -> Program:
    """The program without what the outputs of these names do not need."""
    outputs = {name: x for name, x in program.outputs.items() if name in names}
    wanted = {x for x in outputs.values() if isinstance(x, str)}
    kept = []
    for step in reversed(program.instructions):
        if step.target in wanted:
            kept.append(step)
            wanted |= {x for x in step.operands if isinstance(x, str)}
    inputs = tuple(name for name in program.inputs if name in wanted)
    return Program(inputs, tuple(reversed(kept)), outputs)
