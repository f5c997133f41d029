"""Instructions as they are gathered: each value once (value numbering), numbers folded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from halfbrain.errors import ModelError
from halfbrain.program.instructions import Instruction, Operand, Program
from halfbrain.program.operations import OPERATIONS, Missing

MOST = 40_000  # instructions of one program; the largest published mechanism has some 3,000
_LARGEST_WHOLE = 32


def _folded(how: Callable[..., float], operands: tuple[float, ...]) -> float:
    """The number that C gives: infinity or NaN where Python would raise."""
    try:
        return float(how(*operands))
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.copysign(math.inf, operands[0]) if operands[0] else math.nan
    except ValueError:
        return -math.inf if how is math.log and operands[0] == 0 else math.nan


class TooLargeError(ModelError):
    """A program would have too many operations."""


class Values:
    """A growing list of instructions. An operand is a number, an input's name or ``%n``."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, tuple[Operand, ...]]] = []
        self._numbered: dict[tuple[str, tuple[Operand, ...]], str] = {}

    def made_by(self, operand: Operand) -> tuple[str, tuple[Operand, ...]] | None:
        """The operation and operands of a value that an instruction makes."""
        if isinstance(operand, str) and operand[0] == "%":
            return self.steps[int(operand[1:])]
        return None

    def is_condition(self, operand: Operand) -> bool:
        """Whether a value is true or false rather than a number."""
        made = self.made_by(operand)
        return made is not None and OPERATIONS[made[0]].truth

    def _new(self, operation: str, operands: tuple[Operand, ...]) -> str:
        if len(self.steps) >= MOST:
            raise TooLargeError(f"over {MOST} operations in a step, which no mechanism needs")
        self.steps.append((operation, operands))
        return f"%{len(self.steps) - 1}"

    def _numbered_step(self, operation: str, *operands: Operand) -> Operand:
        if OPERATIONS[operation].commutes:
            operands = tuple(sorted(operands, key=lambda o: (isinstance(o, str), str(o))))
        key = (operation, operands)
        if key not in self._numbered:
            self._numbered[key] = self._new(operation, operands)
        return self._numbered[key]

    def emit(self, operation: str, *operands: Operand) -> Operand:
        """The value of an operation."""
        how = OPERATIONS[operation].number
        if not isinstance(how, Missing) and all(isinstance(o, float) for o in operands):
            return _folded(how, operands)  # type: ignore[arg-type]
        simpler = _SIMPLER.get(operation)
        if simpler is not None:
            found = simpler(self, *operands)
            if found is not None:
                return found
        return self._numbered_step(operation, *operands)

    def power(self, base: Operand, exponent: Operand) -> Operand:
        """``base ^ exponent``; by multiplication where the exponent is a small whole number."""
        if not isinstance(exponent, float) or isinstance(base, float):
            return self.emit("power", base, exponent)
        if exponent == 0.5:
            return self.emit("sqrt", base)
        if exponent != int(exponent if math.isfinite(exponent) else 0.5):
            return self.emit("power", base, exponent)
        if abs(exponent) > _LARGEST_WHOLE:
            return self.emit("power", base, exponent)
        if exponent < 0:
            return self.emit("divide", 1.0, self.power(base, -exponent))
        result: Operand = 1.0
        whole = int(exponent)
        while whole:
            if whole & 1:
                result = self.emit("multiply", result, base)
            whole >>= 1
            if whole:
                base = self.emit("multiply", base, base)
        return result

    def truth(self, operand: Operand) -> Operand:
        """A condition: a number is true unless it is zero."""
        if self.is_condition(operand):
            return operand
        if isinstance(operand, float):
            return float(operand != 0)
        return self.emit("greater", self.emit("absolute", operand), 0.0)

    def number(self, operand: Operand) -> Operand:
        """A number: a condition is 1 or 0."""
        return self.emit("select", operand, 1.0, 0.0) if self.is_condition(operand) else operand

    def opposite(self, condition: Operand) -> Operand:
        """A condition's contrary."""
        made = self.made_by(condition)
        if made is None:
            return float(not condition)
        operation, operands = made
        if operation in _OPPOSITES:
            return self.emit(_OPPOSITES[operation], *operands)
        return self.emit("or" if operation == "and" else "and", *map(self.opposite, operands))

    def reached(self, operands: Iterable[Operand]) -> list[int]:
        """The instructions that these values need, in order."""
        found: set[int] = set()
        open_ = [int(o[1:]) for o in operands if isinstance(o, str) and o[0] == "%"]
        while open_:
            i = open_.pop()
            if i not in found:
                found.add(i)
                open_ += [
                    int(o[1:]) for o in self.steps[i][1] if isinstance(o, str) and o[0] == "%"
                ]
        return sorted(found)

    def needs(self, operands: Iterable[Operand]) -> set[str]:
        """The inputs that these values depend on."""
        operands = list(operands)
        direct = [operands, *(self.steps[i][1] for i in self.reached(operands))]
        return {o for group in direct for o in group if isinstance(o, str) and o[0] != "%"}

    def program(self, outputs: Mapping[str, Operand]) -> Program:
        """What the outputs need, as a program; a product that is added once becomes one step."""
        used = self.reached(outputs.values())
        reads = Counter(o for i in used for o in self.steps[i][1])
        reads.update(outputs.values())
        forms = {i: self._fused(i, reads) for i in used}
        swallowed = {p for _, _, p in forms.values() if p is not None}
        names: dict[Operand, Operand] = {}
        steps: list[Instruction] = []
        for i in used:
            if f"%{i}" in swallowed:
                continue
            operation, operands, _ = forms[i]
            names[f"%{i}"] = f"_{len(steps)}"
            steps.append(
                Instruction(f"_{len(steps)}", operation, tuple(names.get(o, o) for o in operands))
            )
        inputs = tuple(sorted(self.needs(outputs.values())))
        held = {name: names.get(o, o) for name, o in outputs.items()}
        return Program(inputs, tuple(steps), held)

    def _fused(
        self, i: int, reads: Counter[Operand]
    ) -> tuple[str, tuple[Operand, ...], Operand | None]:
        operation, operands = self.steps[i]
        choices = {"add": (1, 0), "subtract": (1,)}.get(operation, ())
        for k in choices:
            made = self.made_by(operands[k])
            if made is not None and made[0] == "multiply" and reads[operands[k]] == 1:
                fused = "fused" if operation == "add" else "fused_negative"
                return fused, (*made[1], operands[1 - k]), operands[k]
        return operation, operands, None


_OPPOSITES = {
    "greater": "less_equal",
    "less_equal": "greater",
    "less": "greater_equal",
    "greater_equal": "less",
}


def _inner(values: Values, operand: Operand, operation: str) -> tuple[Operand, ...] | None:
    made = values.made_by(operand)
    return made[1] if made is not None and made[0] == operation else None


def _add(values: Values, a: Operand, b: Operand) -> Operand | None:
    if a == 0.0:
        return b
    if b == 0.0:
        return a
    if (under := _inner(values, b, "negate")) is not None:
        return values.emit("subtract", a, under[0])
    if (under := _inner(values, a, "negate")) is not None:
        return values.emit("subtract", b, under[0])
    return None


def _subtract(values: Values, a: Operand, b: Operand) -> Operand | None:
    if b == 0.0:
        return a
    if a == 0.0:
        return values.emit("negate", b)
    if a == b:
        return 0.0
    if (under := _inner(values, b, "negate")) is not None:
        return values.emit("add", a, under[0])
    if (under := _inner(values, a, "negate")) is not None:
        return values.emit("negate", values.emit("add", under[0], b))
    return None


def _negate(values: Values, a: Operand) -> Operand | None:
    if (under := _inner(values, a, "negate")) is not None:
        return under[0]
    if (under := _inner(values, a, "subtract")) is not None:
        return values.emit("subtract", under[1], under[0])
    return None


def _multiply(values: Values, a: Operand, b: Operand) -> Operand | None:
    for x, y in ((a, b), (b, a)):
        if x == 0.0:
            return 0.0
        if x == 1.0:
            return y
        if x == -1.0:
            return values.emit("negate", y)
        if (under := _inner(values, x, "negate")) is not None:
            return values.emit("negate", values.emit("multiply", under[0], y))
        over = _inner(values, y, "divide")
        if isinstance(x, float) and over is not None and isinstance(over[0], float):
            return values.emit("divide", x * over[0], over[1])
    return None


def _divide(values: Values, a: Operand, b: Operand) -> Operand | None:
    if a == 0.0:
        return 0.0
    if b == 1.0:
        return a
    if b == -1.0:
        return values.emit("negate", a)
    if a == b:
        return 1.0
    for k, x in enumerate((a, b)):
        if (under := _inner(values, x, "negate")) is not None:
            rest = (under[0], b) if k == 0 else (a, under[0])
            return values.emit("negate", values.emit("divide", *rest))
    if isinstance(a, float) and a < 0 and not isinstance(b, float):
        return values.emit("negate", values.emit("divide", -a, b))
    # (p / q) / (r / q) = p / r, which is what a/b of a gate's equation is; and x / (1 / q) = x q.
    above, below = _inner(values, a, "divide"), _inner(values, b, "divide")
    if above is not None and below is not None and above[1] == below[1]:
        return values.emit("divide", above[0], below[0])
    if below is not None and below[0] == 1.0:
        return values.emit("multiply", a, below[1])
    return None


def _select(values: Values, condition: Operand, a: Operand, b: Operand) -> Operand | None:
    if isinstance(condition, float):
        return a if condition else b
    return a if a == b else None


def _and(values: Values, a: Operand, b: Operand) -> Operand | None:
    for x, y in ((a, b), (b, a)):
        if isinstance(x, float):
            return y if x else 0.0
    return a if a == b else None


def _or(values: Values, a: Operand, b: Operand) -> Operand | None:
    for x, y in ((a, b), (b, a)):
        if isinstance(x, float):
            return 1.0 if x else y
    return a if a == b else None


_SIMPLER: dict[str, Callable[..., Operand | None]] = {
    "add": _add,
    "subtract": _subtract,
    "negate": _negate,
    "multiply": _multiply,
    "divide": _divide,
    "select": _select,
    "and": _and,
    "or": _or,
}
