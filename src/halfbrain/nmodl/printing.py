"""Programs as NMODL statements, for the translators of other simulators.

Each value becomes a LOCAL of its own; a choice becomes an ``if`` that sets it either way.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from halfbrain.errors import ModelError
from halfbrain.program.instructions import Instruction, Operand, Program
from halfbrain.program.operations import OPERATIONS, Missing

_IN_A_LINE = 5  # LOCALs; NEURON's translator has a longest line, of 512 characters


@dataclass(frozen=True)
class Printed:
    """Names for LOCAL, statements that set them, and the expression of each output."""

    locals: tuple[str, ...]
    lines: tuple[str, ...]
    outputs: Mapping[str, str]

    def body(self, sets: Mapping[str, str], indent: str = "  ") -> str:
        """Statements: the LOCALs, then what ``sets`` names, each to an expression."""
        n = len(self.locals)
        rows = [self.locals[k : k + _IN_A_LINE] for k in range(0, n, _IN_A_LINE)]
        names = ",\n  ".join(", ".join(row) for row in rows)
        local = [f"LOCAL {names}"] if rows else []
        lines = [*local, *self.lines, *(f"{name} = {value}" for name, value in sets.items())]
        return textwrap.indent("\n".join((*lines, "")), indent)


@dataclass
class _Choices:
    """What one condition decides: names, each with what it is then and otherwise."""

    by: str
    of: list[tuple[str, str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        """An ``if``."""
        then = "\n".join(f"  {name} = {value}" for name, value, _ in self.of)
        otherwise = "\n".join(f"  {name} = {value}" for name, _, value in self.of)
        return f"if ({self.by}) {{\n{then}\n}} else {{\n{otherwise}\n}}"


def printed(program: Program, prefix: str, whole: Collection[str] = ()) -> Printed:
    """Write a program.

    Parameters
    ----------
    prefix
        what the LOCALs' names begin with.
    whole
        inputs of which outputs are to be whole expressions: what depends on them is no LOCAL. A
        translator that takes an equation apart by a variable sees all of it then.

    Raises
    ------
    ModelError
        for an operation that NMODL has not, and for a choice that depends on one of ``whole``.
    """
    text: dict[str, str] = {}
    open_ = set(whole)
    names: list[str] = []
    lines: list[str | _Choices] = []

    def own(step: Instruction) -> str:
        names.append(f"{prefix}{len(names)}")
        text[step.target] = names[-1]
        return names[-1]

    for step in program.instructions:
        operands = [_operand(o, text) for o in step.operands]
        depends = any(o in open_ for o in step.operands)
        if depends:
            open_.add(step.target)
        one = OPERATIONS[step.operation]
        if isinstance(one.nmodl, Missing):
            raise ModelError(f"NMODL has no {step.operation}")
        if isinstance(one.nmodl, tuple):
            if depends:
                raise ModelError(f"a choice by {', '.join(sorted(whole))} is no equation")
            condition, then, otherwise = (x.format(*operands) for x in one.nmodl)
            if not (lines and isinstance(lines[-1], _Choices) and lines[-1].by == condition):
                lines.append(_Choices(condition))
            lines[-1].of.append((own(step), then, otherwise))  # type: ignore[union-attr]
        elif one.truth or depends:
            text[step.target] = one.nmodl.format(*operands)
        else:
            value = one.nmodl.format(*operands)
            lines.append(f"{own(step)} = {value}")
    outputs = {name: _operand(o, text) for name, o in program.outputs.items()}
    return Printed(tuple(names), tuple(map(str, lines)), outputs)


def _operand(operand: Operand, text: Mapping[str, str]) -> str:
    if isinstance(operand, str):
        return text.get(operand, operand)
    if not math.isfinite(operand):
        raise ModelError(f"NMODL has no number for {operand}")
    return f"({operand!r})" if operand < 0 else repr(operand)
