"""What SOLVE does: the states a time step later, as NEURON's methods have them.

``cnexp`` solves each equation that is linear in its own state exactly, the others held, one after
the other as they are written. ``derivimplicit`` and ``sparse`` are backward Euler by Newton's
method: one round where the equations are linear, ``rounds`` otherwise, unrolled. So are NONLINEAR
blocks, in at least 12 rounds.
"""

from __future__ import annotations

from halfbrain.errors import ModelError
from halfbrain.nmodl.elimination import solved
from halfbrain.nmodl.execution import Execution
from halfbrain.nmodl.implicit import Found, jacobian, newton
from halfbrain.nmodl.kinetics import Scheme
from halfbrain.nmodl.slopes import Slope, replace, replace_all
from halfbrain.nmodl.tree import Block, Equation, Rate, Solve, Statement
from halfbrain.program.instructions import Operand
from halfbrain.random.streams import UNSOLVED

STEADY_ROUNDS = 12  # where the state may be far off
_STEADY = 1e9  # ms: NEURON's time step for STEADYSTATE
_CHOICES = "cnexp, derivimplicit, sparse, euler or runge"
# What NEURON's fixed step does where nothing is said, or a word for its variable steps.
_DEFAULT = (None, "after_cvode", "cvode_t", "cvode_v", "cvode_t_v")


class Solver:
    """Runs SOLVE statements; ``how`` says for each state how it was solved.

    ``rounds`` are those of Newton's method, from the state before; each squares the error.
    """

    def __init__(self, run: Execution, states: list[str], dt: Operand, rounds: int = 3) -> None:
        self.run = run
        self.states = states
        self.dt = dt
        self.rounds = rounds
        self.how: dict[str, str] = {}

    def solve(self, statement: Solve) -> None:
        """Put the states a step later in the place of those now."""
        block = self.run.blocks.get(statement.block)
        if block is None:
            raise ModelError(
                f"{statement.place}: SOLVE {statement.block}: this file has no such block"
            )
        dt = _STEADY if statement.steady else self.dt
        method = statement.method
        if block.kind in ("PROCEDURE", "FUNCTION"):
            before = dict(self.run.held)
            self.run.run(block.body)
            for key in self.states:
                if self.run.held.get(key) != before.get(key):
                    self.how.setdefault(key, f"as PROCEDURE {block.name} has it")
        elif block.kind == "KINETIC":
            if method not in (*_DEFAULT, "sparse", "derivimplicit", "cnexp"):
                raise self._no_method(statement)
            self._kinetic(block, dt)
        elif block.kind in ("LINEAR", "NONLINEAR"):
            self._equations(block)
        elif method == "cnexp" and not statement.steady:
            self._exponential(block, dt)
        elif method == "euler":
            self._euler(block, dt)
        elif method == "runge" and not statement.steady:
            self._runge(block, dt)
        elif method in (*_DEFAULT, "derivimplicit", "sparse", "cnexp"):
            self._implicit(block, dt)
        else:
            raise self._no_method(statement)

    def _no_method(self, statement: Solve) -> ModelError:
        return ModelError(
            f"{statement.place}: METHOD {statement.method} is not read; write {_CHOICES}"
        )

    def _state(self, rate: Rate) -> str:
        key = self.run.key(rate.target)
        if key not in self.states:
            raise ModelError(
                f"{rate.target.place}: {key}' is given, but {key!r} is no STATE; declare it there"
            )
        return key

    # -- DERIVATIVE -------------------------------------------------------------------------

    def _exponential(self, block: Block, dt: Operand) -> None:
        run, values = self.run, self.run.values
        held = dict(run.held)
        found: dict[str, str] = {}

        def special(statement: Statement) -> bool:
            if not isinstance(statement, Rate):
                return False
            key = self._state(statement)
            old = run.read(key, statement.target.place)
            mark = f"{key}@"
            run.held[key] = mark
            rate = run.number(statement.value)
            slope = Slope(values, mark).of(rate)
            if mark in values.needs([slope]):
                raise _NotLinear
            rest = replace(values, rate, {mark: 0.0})
            if slope == 0.0:
                new = values.emit("add", old, values.emit("multiply", dt, rest))
                found[key] = "euler (its rate does not depend on it)"
            else:
                grown = values.emit("exp", values.emit("multiply", dt, slope))
                still = values.emit("negate", values.emit("divide", rest, slope))
                way = values.emit("subtract", still, old)
                part = values.emit("subtract", 1.0, grown)
                new = values.emit("add", old, values.emit("multiply", part, way))
                found[key] = "cnexp"
            run.held[key] = new
            return True

        try:
            self._with(special, block)
            self.how |= found
        except _NotLinear:
            # As NEURON does with equations that cnexp cannot solve.
            run.held = held
            self._implicit(block, dt)

    def _with(self, special: object, block: Block) -> None:
        outer = self.run.special
        self.run.special = special  # type: ignore[assignment]
        try:
            self.run.run(block.body)
        finally:
            self.run.special = outer

    def rates(self, block: Block) -> dict[str, Operand]:
        """What a DERIVATIVE block has for the states that it moves, over all as they are."""
        run = self.run

        def special(statement: Statement) -> bool:
            if not isinstance(statement, Rate):
                return False
            run.held[f"{self._state(statement)}'"] = run.number(statement.value)
            return True

        self._with(special, block)
        return {k: run.held.pop(f"{k}'") for k in self.states if f"{k}'" in run.held}

    def _euler(self, block: Block, dt: Operand) -> None:
        values = self.run.values
        for key, rate in self.rates(block).items():
            old = self.run.read(key, block.place)
            self.run.held[key] = values.emit("add", old, values.emit("multiply", dt, rate))
            self.how[key] = "euler"

    def _runge(self, block: Block, dt: Operand) -> None:
        """The classic method of Runge and Kutta, from the time at the step's end, as NEURON has it.

        What else the block sets is worked out once more with the new states.
        """
        run, values = self.run, self.run.values
        begin, now = {key: run.read(key, block.place) for key in self.states}, run.read("t", "")
        total: dict[str, Operand] = {}
        way: dict[str, Operand] = {}
        for part, weight in ((0.0, 1 / 6), (0.5, 1 / 3), (0.5, 1 / 3), (1.0, 1 / 6)):
            moved = values.emit("multiply", part, dt)
            run.held["t"] = values.emit("add", now, moved)
            for key, rate in way.items():
                run.held[key] = values.emit("add", begin[key], values.emit("multiply", moved, rate))
            way = self.rates(block)
            for key, rate in way.items():
                step = values.emit("multiply", values.emit("multiply", weight, dt), rate)
                total[key] = values.emit("add", total.get(key, begin[key]), step)
        run.held |= total
        del run.held["t"]
        self.rates(block)
        self.how |= dict.fromkeys(total, "runge")

    def _implicit(self, block: Block, dt: Operand) -> None:
        old = self._marked()
        rates = self.rates(block)
        self._step(block, old, rates, {}, dt)

    def _marked(self) -> dict[str, Operand]:
        """Put marks in the place of all states; returns the states."""
        old = {key: self.run.read(key, "") for key in self.states}
        self.run.held |= {key: f"{key}@" for key in self.states}
        return old

    def _kinetic(self, block: Block, dt: Operand) -> None:
        old = self._marked()
        scheme = Scheme(self.run, self.states)
        self._with(scheme.special, block)
        self._step(block, old, scheme.rates(), scheme.conserved(), dt)

    # -- implicit steps ---------------------------------------------------------------------

    def _step(
        self,
        block: Block,
        old: dict[str, Operand],
        rates: dict[str, Operand],
        conserved: dict[str, Operand],
        dt: Operand,
    ) -> None:
        """Backward Euler: x - old - dt rate(x) = 0, or in its place what is conserved = 0."""
        values = self.run.values
        still = {f"{key}@": old[key] for key in old if key not in rates}
        changed = [*rates.values(), *(conserved[key] for key in rates if key in conserved)]
        placed = iter(replace_all(values, changed, still))
        moving = {key: next(placed) for key in rates}
        kept = {key: next(placed) for key in rates if key in conserved}
        residuals: dict[str, Operand] = {}
        for key, rate in moving.items():
            gap = values.emit("subtract", f"{key}@", old[key])
            moved = values.emit("subtract", gap, values.emit("multiply", dt, rate))
            residuals[key] = kept.get(key, moved)
        rounds = max(self.rounds, STEADY_ROUNDS if dt == _STEADY else 1)
        found = newton(values, residuals, old, rounds)
        if found is None:
            raise ModelError(
                f"{block.place}: {block.kind} {block.name}: its equations leave a state open"
            )
        self._put(old, found)
        for key in rates:
            rounds = found.rounds[key]
            text = "linear, one solve" if rounds == 1 else f"{rounds} rounds of Newton's method"
            self.how[key] = f"backward Euler ({text})"

    def _put(self, old: dict[str, Operand], found: Found) -> None:
        """What was found in the place of the marks, in all that the block has set."""
        run, values = self.run, self.run.values
        if found.unsolved != 0.0:
            failed = values.emit("select", found.unsolved, 1.0, 0.0)
            run.held[UNSOLVED] = values.emit("maximum", run.held.get(UNSOLVED, 0.0), failed)
        now = old | found.values
        at = {f"{key}@": now[key] for key in now}
        after = replace_all(values, list(run.held.values()), at)
        run.held = dict(zip(run.held, after, strict=True))

    # -- LINEAR and NONLINEAR ---------------------------------------------------------------

    def _equations(self, block: Block) -> None:
        """States for which all equations hold, by Newton's method from what they are."""
        run, values = self.run, self.run.values
        old = self._marked()
        gaps: list[Operand] = []

        def special(statement: Statement) -> bool:
            if not isinstance(statement, Equation):
                return False
            left, right = run.number(statement.left), run.number(statement.right)
            gaps.append(values.emit("subtract", left, right))
            return True

        self._with(special, block)
        needed = values.needs(gaps)
        keys = [key for key in self.states if f"{key}@" in needed]
        found = self._roots(block, keys, gaps, old) if len(gaps) == len(keys) else None
        if found is None:
            raise ModelError(
                f"{block.place}: {block.kind} {block.name} has {len(gaps)} equations for "
                f"{len(keys)} states and does not determine them"
            )
        self._put(old, found)
        for key in keys:
            self.how[key] = f"as {block.kind} {block.name} has it"

    def _roots(
        self, block: Block, keys: list[str], gaps: list[Operand], old: dict[str, Operand]
    ) -> Found | None:
        values = self.run.values
        if block.kind == "NONLINEAR":
            gap_of = dict(zip(keys, gaps, strict=True))
            return newton(values, gap_of, old, max(self.rounds, STEADY_ROUNDS))
        matrix = jacobian(values, keys, gaps)
        if values.needs(a for row in matrix for a in row.values()) & {f"{k}@" for k in keys}:
            raise ModelError(f"{block.place}: LINEAR {block.name} is not linear in its states")
        at_zero = replace_all(values, gaps, {f"{key}@": 0.0 for key in keys})
        right = [values.emit("negate", gap) for gap in at_zero]
        found = solved(values, matrix, right, keys)
        return None if found is None else Found(found)


class _NotLinear(Exception):
    """An equation is not linear in its own state."""
