"""What single precision needs of a mechanism: small differences that are not lost.

Files write exp(u) - 1 where it is near 0, in x / (exp(x / k) - 1) as in the step of a slow gate,
1 - exp(-dt / tau). In single precision that has no digits left where u is 1e-7 or less, and few
where it is 1e-4. It is worked out whole here, as expm1(u). Such a quotient has its limit where x is
0, which single precision meets by chance: x is moved by what nothing else of its size can hold.

In double precision what is lost is what NEURON loses too, and a program stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from halfbrain.program.instructions import Instruction, Operand, Program
from halfbrain.program.rewriting import Rewriting

_NUDGE = 1e-30  # below the last place of all that is above 1e-23


@dataclass(frozen=True)
class _Difference:
    """exp(u) - 1, or 1 - exp(u) if it is ``negative``.

    With a ``choice``, a select's condition, its number and whether that comes first, the number
    stands for exp(u) there: files take 0 where u is far below 0.
    """

    exponent: Operand
    negative: bool
    choice: tuple[Operand, float, bool] | None = None


class WholeDifferences(Rewriting):
    """Writes a program anew with ``expm1``."""

    def __init__(self, program: Program, known: Collection[str]) -> None:
        super().__init__(program, known)
        made = {step.target: step for step in program.instructions}
        found = ((step.target, _difference(step, made)) for step in program.instructions)
        self.small = {target: of for target, of in found if of is not None}
        self.negated: dict[Operand, Operand] = {}
        self.once: dict[tuple[Operand, ...], Operand] = {}
        self.moved = self._over_nothing(made)

    def _over_nothing(self, made: Mapping[str, Instruction]) -> set[str]:
        """What is above a difference and in its exponent, so that both are 0 where it is."""
        found = set()
        for step in self.program.instructions:
            if step.operation != "divide":
                continue
            above, below = (_factors(x, made) for x in step.operands)
            for difference in filter(self.small.__contains__, below):
                inside = _factors(self.small[difference].exponent, made)
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
            whole = self._difference(self.small[target])
            if not self.small[target].negative:
                return whole
            self.negated[target] = whole
            return self.emit("negate", whole, target=target)
        if operation in ("fused", "fused_negative"):
            a, b, c = operands
            if (a in self.negated) != (b in self.negated):
                contrary = "fused_negative" if operation == "fused" else "fused"
                parts = self.negated.get(a, a), self.negated.get(b, b)
                return self.emit(contrary, *parts, c, target=target)
        return self.emit(operation, *operands, target=target)

    def _difference(self, of: _Difference) -> Operand:
        whole = self._once("expm1", self.now(of.exponent))
        if of.choice is None:
            return whole
        condition, number, first = of.choice
        parts = (number - 1.0, whole) if first else (whole, number - 1.0)
        return self._once("select", self.now(condition), *parts)

    def _once(self, operation: str, *operands: Operand) -> Operand:
        key = operation, *operands
        if key not in self.once:
            self.once[key] = self.emit(operation, *operands)
        return self.once[key]


def _difference(step: Instruction, made: Mapping[str, Instruction]) -> _Difference | None:
    """What a step has as such a difference."""
    one = {"subtract": 1.0, "add": -1.0}.get(step.operation)
    if one is None or one not in step.operands:
        return None
    first, second = step.operands
    negative = first == 1.0 and step.operation == "subtract"
    grown = made.get(str(second if first == one else first))
    choice = None
    if grown is not None and grown.operation == "select":
        condition, *ways = grown.operands
        numbers = [way for way in ways if isinstance(way, float)]
        if len(numbers) == 1:
            choice = condition, numbers[0], ways[0] == numbers[0]
            grown = made.get(str(ways[1] if ways[0] == numbers[0] else ways[0]))
    if grown is None or grown.operation != "exp":
        return None
    return _Difference(grown.operands[0], negative, choice)


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
