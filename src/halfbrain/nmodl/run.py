"""A run of a mechanism's statements: what it holds, and what all parts of it may ask of it.

:class:`halfbrain.nmodl.execution.Execution` says what each statement does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from halfbrain.nmodl.scope import Scope
from halfbrain.nmodl.tree import Block, Expression, Statement, Statements, Variable
from halfbrain.nmodl.values import Values
from halfbrain.program.instructions import Operand
from halfbrain.random.streams import DRAWN, ROUNDS, STREAM

# A number, or arguments and the function's values there; outside, it is what it is at the end.
Given = float | tuple[Sequence[float], Sequence[float]]


class Run(Scope, ABC):
    """What a run holds.

    ``declared`` names what may be read and set; ``length`` gives arrays' lengths; ``fixed`` holds
    constants, ``rounds`` is how often a loop is unrolled whose bound is known only when it runs.
    With ``usetable`` blocks that have a TABLE are looked up in it. ``typical`` has the parameters'
    values where nothing is set, ``given`` those of FUNCTION_TABLEs.
    """

    def __init__(
        self,
        values: Values,
        declared: set[str],
        lengths: dict[str, int],
        fixed: dict[str, float],
        blocks: dict[str, Block],
        rounds: int,
        notes: dict[str, None],
        usetable: bool,
        typical: Mapping[str, float],
        given: Mapping[str, Given],
    ) -> None:
        super().__init__(declared, lengths, fixed)
        self.values = values
        self.blocks = blocks
        self.rounds = rounds
        self.notes = notes
        self.usetable = usetable
        self.typical = typical
        self.given = given
        self.calling: list[str] = []
        self.place = ""
        self.condition: Operand = 1.0
        self.special: Callable[[Statement], bool] = lambda statement: False
        self.solve_called: Callable[[str], bool] = lambda block: False
        self.sends: list[tuple[Operand, Operand, Operand]] = []
        self.moves: list[tuple[Operand, Operand]] = []
        self.events: list[Operand] = []
        self.watches: list[tuple[Operand, Operand, Operand]] = []
        self.worked = 0

    @abstractmethod
    def key(self, variable: Variable) -> str:
        """The name under which a variable, or the element of an array, is held."""

    @abstractmethod
    def value(self, expression: Expression) -> Operand:
        """An expression's value: a number or a condition."""

    @abstractmethod
    def inlined(self, block: Block, given: Sequence[Operand]) -> Operand:
        """Run a block with arguments, in a frame of its own; what it gives."""

    @abstractmethod
    def run(self, statements: Statements) -> None:
        """Run the statements of a block; its LOCAL names end with it."""

    def number(self, expression: Expression) -> Operand:
        """An expression's value as a number."""
        return self.values.number(self.value(expression))

    # -- random numbers and rounds ------------------------------------------------------------

    def draw(self) -> Operand:
        """The next uniform number of the place's stream."""
        before = self.held.get(DRAWN, 0.0)
        self.held[DRAWN] = self.values.emit("add", before, 1.0)
        return self.values.emit("pick", self.condition, *STREAM, before)

    def deviate(self, how: str, *numbers: Operand) -> Operand:
        """A deviate that takes as many numbers of the stream as it happens to need."""
        before = self.held.get(DRAWN, 0.0)
        many = self.values.emit(f"{how}_drawn", *numbers, *STREAM, before)
        self.held[DRAWN] = self.values.emit("add", before, many)
        return self.values.emit(how, *numbers, *STREAM, before)

    def unrolled(self, needed: Operand) -> None:
        """Take down how many rounds a loop needs that goes ``rounds`` at most."""
        before = self.held.get(ROUNDS, 0.0)
        self.held[ROUNDS] = self.values.emit("maximum", before, needed)

    # -- branches ------------------------------------------------------------------------------

    def either(self, condition: Operand, then: Statements, otherwise: Statements) -> None:
        """Run one of two lists of statements."""
        if isinstance(condition, float):
            self.run(then if condition else otherwise)
            return
        self.branch(condition, lambda: self.run(then), lambda: self.run(otherwise))

    def branch(
        self, condition: Operand, then: Callable[[], None], otherwise: Callable[[], None]
    ) -> None:
        """Do both, and select what each leaves."""
        outer, held, frame = self.condition, self.held, self.frame
        ends = []
        for do, when in ((then, condition), (otherwise, self.values.opposite(condition))):
            self.held, self.frame = dict(held), dict(frame)
            self.condition = self.values.emit("and", outer, when)
            do()
            ends.append((self.held, self.frame))
        self.condition = outer
        self.held = self._merged(condition, ends[0][0], ends[1][0])
        self.frame = self._merged(condition, ends[0][1], ends[1][1])

    def _merged(
        self, condition: Operand, then: dict[str, Operand], otherwise: dict[str, Operand]
    ) -> dict[str, Operand]:
        merged = dict(then)
        for key in {**then, **otherwise}:
            a, b = then.get(key, self._unset(key)), otherwise.get(key, self._unset(key))
            merged[key] = a if a == b else self.values.emit("select", condition, a, b)
        return merged

    def _unset(self, key: str) -> Operand:
        return key if key in self.declared else 0.0
