"""The same results with fewer exponentials.

Where exponents are multiples of one another beside something fixed, as (v + 40) / 10 and
(v + 65) / 80, one exponential gives the others by squaring and a factor. Where one is the negative
of another, it is the reciprocal, and x / (1 - 1/E) is x E / (E - 1), so that the rates of a gate
share their division. As elsewhere, nothing depends on the values of parameters.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from halfbrain.program.instructions import Instruction, Operand, Program
from halfbrain.program.rewriting import Rewriting

_MOST = 8  # the highest power of an exponential that is taken for another: 4 in the last place
_FAR = 40.0  # exponents that differ by more are not brought together: single precision ends at 88


@dataclass(frozen=True)
class _Fixed:
    """A multiple of something fixed, or of 1."""

    times: float
    of: str | None = None

    def __neg__(self) -> _Fixed:
        return _Fixed(-self.times, self.of)


_NOUGHT = _Fixed(0.0)


@dataclass(frozen=True)
class _Line:
    """``scale`` times a value, plus something fixed."""

    value: str
    scale: _Fixed
    offset: _Fixed

    def __neg__(self) -> _Line:
        return _Line(self.value, -self.scale, -self.offset)


class FewerExponentials(Rewriting):
    """Writes a program anew with fewer of them."""

    def __init__(self, program: Program, known: Collection[str]) -> None:
        super().__init__(program, known)
        self.lines: dict[Operand, _Line] = {}
        self.once: dict[tuple[str, tuple[Operand, ...]], Operand] = {}
        self.roots: dict[_Line, str] = {}
        self.inverse: dict[Operand, str] = {}  # of which exponential a value is the reciprocal
        self.flipped: dict[Operand, tuple[Operand, Operand, bool]] = {}
        self.whole: dict[_Line, tuple[str, Operand]] = {}  # expm1 of a line, and the exponent
        self.groups: dict[tuple[str, str | None], list[_Line]] = {}

    def written(self) -> Program:
        """All of it; first to see which exponentials there are."""
        scout = _Scout(self.program, self.fixed)
        scout.written()
        self.groups = scout.found
        return super().written()

    def step(self, target: str, operation: str, operands: tuple[Operand, ...]) -> Operand:
        """A step, and what is known of its result."""
        if all(map(self.is_fixed, operands)):
            return self.emit(operation, *operands, target=target)
        line = self.line_of(operation, operands)
        if line is not None:
            self.lines[target] = line
        if operation == "exp":
            return self.exponential(target, operands[0])
        if operation == "expm1":
            return self.difference(target, operands[0])
        if operation == "divide" and operands[1] in self.flipped:
            e, below, negative = self.flipped[operands[1]]
            above = self.emit("multiply", operands[0], e)
            above = self.emit("negate", above) if negative else above
            return self.emit("divide", above, below, target=target)
        if operation == "subtract" and 1.0 in operands:
            self.flip(target, *operands)
            if (operation, operands) in self.once:
                return self.once[operation, operands]
            self.once[operation, operands] = target
        return self.emit(operation, *operands, target=target)

    def exponential(self, target: str, exponent: Operand) -> Operand:
        """From another exponential, if one goes with it."""
        line = self.line(exponent)
        root = next((r for r in self.groups.get(_key(line), ()) if _power(line, r)), None)
        if root is None:
            return self.emit("exp", exponent, target=target)
        power = _power(line, root)
        if root not in self.roots:
            own = power == 1 and line == root
            argument = exponent if own else self.argument(root)
            self.roots[root] = str(self.emit("exp", argument, target=target if own else ""))
        e = self.roots[root]
        if power < 0:
            self.inverse[target] = e
            return self.emit("divide", 1.0, e, target=target)
        result = self.raised(e, power)
        return self.scaled(result, math.exp(line.offset.times - power * root.offset.times))

    def difference(self, target: str, exponent: Operand) -> Operand:
        """Write expm1(-u) as -expm1(u) / exp(u), which is found on the way to expm1(u)."""
        line = self.line(exponent)
        if -line not in self.whole:
            self.whole[line] = target, exponent
            return self.emit("expm1", exponent, target=target)
        less, opposite = self.whole[-line]
        e = self.shared("exp", opposite)
        self.flipped[target] = e, less, True
        return self.emit("negate", self.emit("divide", less, e), target=target)

    def raised(self, e: Operand, power: int) -> Operand:
        """By repeated squaring, each square once."""
        result: Operand = 1.0
        while power:
            if power & 1:
                result = self.scaled(result, e)
            power >>= 1
            if power:
                e = self.shared("multiply", e, e)
        return result

    def flip(self, target: str, a: Operand, b: Operand) -> None:
        """1 - 1/E as (E - 1) / E."""
        e = self.inverse.get(b if a == 1.0 else a)
        if e is None:
            return
        less = ("subtract", (e, 1.0))
        below = self.once[less] if less in self.once else self.shared("subtract", 1.0, e)
        self.flipped[target] = e, below, (less in self.once) != (a == 1.0)

    def shared(self, operation: str, *operands: Operand) -> Operand:
        """A step that is written once, of a name that does not depend on what was before."""
        if (operation, operands) not in self.once:
            name = f" {operation} {operands}"
            self.once[operation, operands] = self.emit(operation, *operands, target=name)
        return self.once[operation, operands]

    def argument(self, line: _Line) -> Operand:
        """A line's value."""
        return self.emit("fused", line.value, self.put(line.scale), self.put(line.offset))

    def put(self, x: _Fixed) -> Operand:
        """As an operand."""
        return x.times if x.of is None else self.scaled(x.times, x.of)

    def line(self, x: Operand) -> _Line:
        """What is known of a value: itself, if nothing."""
        assert isinstance(x, str)
        return self.lines.get(x, _Line(x, _Fixed(1.0), _NOUGHT))

    def line_of(self, operation: str, operands: tuple[Operand, ...]) -> _Line | None:
        """A step's result as a line, if it is one."""
        if operation == "negate":
            return -self.line(operands[0])
        if operation in ("fused", "fused_negative"):
            return self.fused(operation == "fused_negative", *operands)
        if operation not in ("add", "subtract", "multiply", "divide"):
            return None
        a, b = operands
        if not (self.is_fixed(a) or self.is_fixed(b)) or (operation == "divide" and b == 0.0):
            return None
        if operation == "divide":
            return self.times(self.line(a), _given(b), below=True) if self.is_fixed(b) else None
        if operation == "multiply":
            value, fixed = (b, a) if self.is_fixed(a) else (a, b)
            return self.times(self.line(value), _given(fixed))
        if self.is_fixed(a):
            line = -self.line(b) if operation == "subtract" else self.line(b)
            return _Line(line.value, line.scale, self.sum(line.offset, _given(a)))
        given = -_given(b) if operation == "subtract" else _given(b)
        line = self.line(a)
        return _Line(line.value, line.scale, self.sum(line.offset, given))

    def fused(self, negative: bool, a: Operand, b: Operand, c: Operand) -> _Line | None:
        """A value times something fixed, plus something fixed."""
        if not self.is_fixed(c) or not (self.is_fixed(a) or self.is_fixed(b)):
            return None
        value, fixed = (b, a) if self.is_fixed(a) else (a, b)
        line = self.times(self.line(value), _given(fixed))
        line = -line if negative else line
        return _Line(line.value, line.scale, self.sum(line.offset, _given(c)))

    def times(self, line: _Line, x: _Fixed, *, below: bool = False) -> _Line:
        """A line times something fixed, or divided by it."""
        scale, offset = (self.product(y, x, below) for y in (line.scale, line.offset))
        return _Line(line.value, scale, offset)

    def product(self, a: _Fixed, b: _Fixed, below: bool) -> _Fixed:
        """Of two that are fixed, or their quotient."""
        times = a.times / b.times if below else a.times * b.times
        if a.times == 0.0 or b.of is None:
            return _Fixed(times, a.of)
        if a.of is None and not below:
            return _Fixed(times, b.of)
        of = self.shared("divide" if below else "multiply", 1.0 if a.of is None else a.of, b.of)
        return _Fixed(times, str(of))

    def sum(self, a: _Fixed, b: _Fixed) -> _Fixed:
        """Of two that are fixed."""
        if a.times == 0.0 or b.times == 0.0:
            return b if a.times == 0.0 else a
        if a.of == b.of:
            return _Fixed(a.times + b.times, a.of)
        return _Fixed(1.0, str(self.shared("add", self.put(a), self.put(b))))


class _Scout(FewerExponentials):
    """Finds which exponentials others can be had from: the slowest of those that go together."""

    def __init__(self, program: Program, known: Collection[str]) -> None:
        super().__init__(program, known)
        self.seen: dict[tuple[str, str | None], list[_Line]] = defaultdict(list)

    def written(self) -> Program:
        for step in self.program.instructions:
            if not all(map(self.is_fixed, step.operands)):
                line = self.line_of(step.operation, step.operands)
                if line is not None:
                    self.lines[step.target] = line
                if step.operation == "exp":
                    own = self.line(step.operands[0])
                    self.seen[_key(own)].append(own)
            self.steps.append(Instruction(step.target, step.operation, step.operands))
            if all(map(self.is_fixed, step.operands)):
                self.fixed.add(step.target)
        return self.program

    @property
    def found(self) -> dict[tuple[str, str | None], list[_Line]]:
        """The roots of each group that has more exponentials than roots."""
        out = {}
        for key, lines in self.seen.items():
            roots: list[_Line] = []
            for line in sorted(lines, key=lambda line: abs(line.scale.times)):
                if not any(_power(line, root) for root in roots):
                    roots.append(line)
            if len(roots) < len(lines):
                out[key] = roots
        return out


def _given(x: Operand) -> _Fixed:
    return _Fixed(1.0, x) if isinstance(x, str) else _Fixed(x)


def _key(line: _Line) -> tuple[str, str | None]:
    return line.value, line.scale.of


def _power(line: _Line, root: _Line) -> int:
    """The power of the root's exponential that gives another's; 0 where none does."""
    ratio = line.scale.times / root.scale.times
    power = round(ratio)
    if abs(ratio - power) > 1e-12 * abs(ratio):
        return 0
    if power == -1:
        return -1 if line.offset == -root.offset else 0
    if not 1 <= power <= _MOST:
        return 0
    if line.offset.of is not None or root.offset.of is not None:
        return 1 if power == 1 and line == root else 0
    return power if abs(line.offset.times - power * root.offset.times) < _FAR else 0
