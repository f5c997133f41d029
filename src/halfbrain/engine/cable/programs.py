"""A mechanism's programs, as they are stepped."""

from __future__ import annotations

from collections.abc import Sequence

from halfbrain.dynamics.instructions import Instruction, Operand, Program
from halfbrain.dynamics.mechanism import Mechanism

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
