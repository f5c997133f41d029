"""Statements run on symbolic values: procedures and functions inlined, branches merged.

Both branches of an ``if`` are worked out, and each variable that either sets is selected. A name
that is read before it is set is an input.
"""

from __future__ import annotations

from collections.abc import Sequence

from halfbrain.errors import ModelError
from halfbrain.nmodl import calls, elements, loops, tables
from halfbrain.nmodl.given import given_value
from halfbrain.nmodl.returns import until_return
from halfbrain.nmodl.run import Run
from halfbrain.nmodl.tree import (
    Assign,
    Binary,
    Block,
    Call,
    Conductance,
    Expression,
    From,
    If,
    LeftOut,
    Local,
    Number,
    Rate,
    Return,
    Solve,
    Statement,
    Statements,
    Table,
    Text,
    Unary,
    Variable,
    Verbatim,
    Watch,
    While,
)
from halfbrain.nmodl.values import TooLargeError
from halfbrain.nmodl.verbatim import means_nothing, taken_from_ions
from halfbrain.program.instructions import Operand

MOST_STEPS = 100_000  # expressions worked out; some 20,000 in the largest published mechanism
_DEEPEST_CALLS = 50
_OPERATIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
_COMPARISONS = {">": "greater", ">=": "greater_equal", "<": "less", "<=": "less_equal"}


class Execution(Run):
    """A run of a mechanism's statements: what each statement and expression does."""

    # -- names ------------------------------------------------------------------------------

    def key(self, variable: Variable) -> str:
        """The name under which a variable, or the element of an array, is held."""
        return elements.key(self, variable)

    # -- expressions --------------------------------------------------------------------------

    def value(self, expression: Expression) -> Operand:
        """An expression's value: a number or a condition."""
        self.worked += 1
        if self.worked > MOST_STEPS:
            raise TooLargeError(
                f"over {MOST_STEPS} expressions when all calls are written out: its functions "
                "call too many others, or its loops are too long"
            )
        values = self.values
        match expression:
            case Number(value):
                return value
            case Variable():
                return elements.read(self, expression)
            case Unary("!", operand):
                return values.opposite(values.truth(self.value(operand)))
            case Unary(_, operand):
                return values.emit("negate", self.number(operand))
            case Binary("&&" | "||" as sign, left, right):
                parts = (values.truth(self.value(left)), values.truth(self.value(right)))
                return values.emit("and" if sign == "&&" else "or", *parts)
            case Binary(sign, left, right, place):
                return self._binary(sign, self.number(left), self.number(right), place)
            case Call():
                return self.call(expression)
            case Text():
                raise ModelError(
                    f"{self.place}: a text {expression.text[:30]} stands where a number is wanted"
                )

    def _binary(self, sign: str, a: Operand, b: Operand, place: str) -> Operand:
        values = self.values
        if sign in _OPERATIONS:
            return values.emit(_OPERATIONS[sign], a, b)
        if sign in _COMPARISONS:
            return values.emit(_COMPARISONS[sign], a, b)
        if sign == "^":
            return values.power(a, b)
        if sign == "%":
            return calls.remainder(values, a, b)
        within = values.emit(
            "and", values.emit("less_equal", a, b), values.emit("less_equal", b, a)
        )
        return within if sign == "==" else values.opposite(within)

    def call(self, call: Call) -> Operand:
        """What a call gives; a procedure's is 0."""
        block = self.blocks.get(call.name)
        if block is None:
            return calls.built_in(self, call)
        if block.kind == "FUNCTION_TABLE":
            return given_value(self, block, call)
        given = [self.number(argument) for argument in call.arguments]
        if len(given) != len(block.parameters):
            raise ModelError(
                f"{call.place}: {call.name} takes {len(block.parameters)} arguments, "
                f"not {len(given)}"
            )
        if block.kind == "DERIVATIVE" and self.solve_called(block.name):
            return 0.0
        if block.kind not in ("FUNCTION", "PROCEDURE"):
            raise ModelError(f"{call.place}: {call.name} is a {block.kind}; name it in SOLVE")
        if call.name in self.calling:
            raise ModelError(f"{call.place}: {call.name} calls itself, which is not read")
        if len(self.calling) >= _DEEPEST_CALLS:
            raise ModelError(f"{call.place}: calls lie over {_DEEPEST_CALLS} deep; take them apart")
        drawn = calls.random_function(self, block, given)
        if drawn is not None:
            return drawn
        outer = self.frame
        self.calling.append(call.name)
        table = next((s for s in block.body if isinstance(s, Table)), None)
        if table is not None and self.usetable:
            result = tables.looked_up(self, block, table, given)
        else:
            result = self.inlined(block, given)
        self.calling.pop()
        self.frame = outer
        return result

    def inlined(self, block: Block, given: Sequence[Operand]) -> Operand:
        """Run a block with arguments, in a frame of its own; what it gives."""
        self.frame = dict(zip(block.parameters, given, strict=True))
        self.frame.setdefault(block.name, 0.0)
        self.run(block.body)
        return self.frame[block.name]

    # -- statements ----------------------------------------------------------------------------

    def run(self, statements: Statements) -> None:
        """Run the statements of a block; its LOCAL names end with it."""
        statements = until_return(statements)
        outside, lengths = dict(self.frame), dict(self.lengths)
        own: set[str] = set()
        for statement in statements:
            if isinstance(statement, Local):
                for name, length in statement.names:
                    if length is not None:
                        self.lengths[name] = length
                    keys = [name] if length is None else [f"{name}[{i}]" for i in range(length)]
                    own.update(keys)
                    self.frame |= dict.fromkeys(keys, 0.0)
            else:
                self.step(statement)
        for name in own:
            del self.frame[name]
            if name in outside:
                self.frame[name] = outside[name]
        self.lengths = lengths

    def step(self, statement: Statement) -> None:
        """Run one statement."""
        target = getattr(statement, "target", statement)
        self.place = getattr(target, "place", self.place)
        try:
            self._step(statement)
        except TooLargeError as error:
            raise ModelError(f"{self.place}: {error}") from None

    def _step(self, statement: Statement) -> None:
        if self.special(statement):
            return
        match statement:
            case Assign(target, value):
                elements.write(self, target, self.number(value))
            case Call():
                self.call(statement)
            case If(condition, then, otherwise):
                self.either(self.values.truth(self.value(condition)), then, otherwise)
            case From():
                loops.run_from(self, statement)
            case While():
                loops.run_while(self, statement)
            case Verbatim():
                self._c_text(statement)
            case Watch(condition, flag, _):
                above = self.values.truth(self.value(condition))
                self.watches.append((self.condition, above, self.number(flag)))
            case Rate(target, _):
                raise ModelError(
                    f"{target.place}: {target.name}' stands outside a DERIVATIVE block"
                )
            case Solve(block, place=place):
                raise ModelError(f"{place}: SOLVE {block} stands where nothing can be solved")
            case LeftOut(reason, place):
                self.notes[f"{place}: {reason}"] = None
            case Table():
                tables.note(self, statement)
            case Return() | Local() | Conductance():
                pass
            case _:
                raise ModelError(
                    f"{self.place}: this belongs in a KINETIC, LINEAR or NONLINEAR block"
                )

    def _c_text(self, block: Verbatim) -> None:
        from_ions = taken_from_ions(block.text)
        for name in from_ions:
            self.held.pop(name, None)
        if not from_ions and not means_nothing(block.text):
            raise ModelError(
                f"{block.place}: this VERBATIM block is C that is not read; write it as NMODL"
            )
