"""What single precision needs of a mechanism: small differences that are not lost.

Files write exp(u) - 1 where it is near 0, in x / (exp(x / k) - 1) as in the step of a slow gate,
1 - exp(-dt / tau). In single precision that has no digits left where u is 1e-7 or less, and few
where it is 1e-4. It is worked out whole here, as expm1(u). Such a quotient has its limit where x is
0, which single precision meets by chance: x is moved by what nothing else of its size can hold.

In double precision what is lost is what NEURON loses too, and a program stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from halfbrain.dynamics.instructions import Instruction, Operand, Program
from halfbrain.dynamics.rewriting import Rewriting

_NUDGE = 1e-30  # below the last place of all that is above 1e-23


class WholeDifferences(Rewriting):
    """Writes a program anew with ``expm1``."""

    def __init__(self, program: Program, known: Collection[str]) -> None:
        super().__init__(program, known)
        made = {step.target: step for step in program.instructions}
        found = ((step.target, _difference(step, made)) for step in program.instructions)
        # What is exp(u) - 1 or 1 - exp(u): its u, and whether it is the second.
        self.small = {target: how for target, how in found if how is not None}
        self.negated: dict[Operand, Operand] = {}
        self.once: dict[Operand, Operand] = {}
        self.moved = self._over_nothing(made)

    def _over_nothing(self, made: Mapping[str, Instruction]) -> set[str]:
        """What is above a difference and in its exponent, so that both are 0 where it is."""
        found = set()
        for step in self.program.instructions:
            if step.operation != "divide":
                continue
            above, below = (_factors(x, made) for x in step.operands)
            for difference in filter(self.small.__contains__, below):
                inside = _factors(self.small[difference][0], made)
                found.update(next(([x] for x in inside if x in above), []))
        return found

    def written(self) -> Program:
        """All of it; inputs first."""
        for name in self.program.inputs:
            self._keep(name, name)
        return super().written()

    def step(self, target: str, operation: str, operands: tuple[Operand, ...]) -> Operand:
        """A step, whole."""
        return self._keep(target, self._step(target, operation, operands))

    def _keep(self, name: str, value: Operand) -> Operand:
        if name in self.moved and not self.is_fixed(value):
            value = self.instead[name] = self.emit("add", value, _NUDGE)
        return value

    def _step(self, target: str, operation: str, operands: tuple[Operand, ...]) -> Operand:
        if target in self.small:
            exponent, negative = self.small[target]
            exponent = self.now(exponent)
            if exponent not in self.once:
                self.once[exponent] = self.emit("expm1", exponent)
            if not negative:
                return self.once[exponent]
            self.negated[target] = self.once[exponent]
            return self.emit("negate", self.once[exponent], target=target)
        if operation in ("fused", "fused_negative") and (operands[0] in self.negated) != (
            operands[1] in self.negated
        ):
            a, b, c = operands
            contrary = "fused_negative" if operation == "fused" else "fused"
            whole = (self.negated.get(a, a), self.negated.get(b, b), c)
            return self.emit(contrary, *whole, target=target)
        return self.emit(operation, *operands, target=target)


def _difference(step: Instruction, made: Mapping[str, Instruction]) -> tuple[Operand, bool] | None:
    """The u of exp(u) - 1, or of 1 - exp(u) and True."""
    ones = {"subtract": 1.0, "add": -1.0}
    if step.operation not in ones or ones[step.operation] not in step.operands:
        return None
    first, second = step.operands
    one_first = first == ones[step.operation]
    grown = made.get(str(second if one_first else first))
    if grown is None or grown.operation != "exp":
        return None
    return grown.operands[0], one_first and step.operation == "subtract"


def _factors(x: Operand, made: Mapping[str, Instruction]) -> dict[str, None]:
    """A value, and what it is a multiple of, from the outside inwards."""
    found: dict[str, None] = {}
    open_ = [x]
    while open_:
        name = open_.pop(0)
        if not isinstance(name, str) or name in found:
            continue
        found[name] = None
        step = made.get(name)
        if step is not None and step.operation in ("negate", "multiply"):
            open_ += step.operands
        elif step is not None and step.operation == "divide":
            open_.append(step.operands[0])
    return found
