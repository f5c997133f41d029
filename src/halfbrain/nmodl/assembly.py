"""The tree of a .mod file -> a mechanism: its programs, and which variables are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from halfbrain.errors import ModelError
from halfbrain.nmodl.execution import Execution
from halfbrain.nmodl.given import check
from halfbrain.nmodl.names import all_statements
from halfbrain.nmodl.outputs import note_outside, note_shared, outputs, watched
from halfbrain.nmodl.reading import Reading
from halfbrain.nmodl.renaming import renamed
from halfbrain.nmodl.solving import Solver
from halfbrain.nmodl.tree import (
    Block,
    Initial,
    Model,
    Solve,
    Statement,
    Statements,
)
from halfbrain.nmodl.values import Values
from halfbrain.nmodl.variables import VALENCES, Variables
from halfbrain.program.instructions import Operand, Program
from halfbrain.program.mechanism import Ion, Mechanism

STEP = 0.025  # ms, for what is asked of a mechanism at any step
_FLAG = " flag"  # of an event, where the file has a variable of its own by that name
_STEP = ("BEFORE STEP",)
_TOTALS = ("i", "g")  # what `current` puts out by these names


class Assembly:
    """Works out a mechanism of a model; ``reading`` says how."""

    def __init__(self, model: Model, reading: Reading) -> None:
        check({k: b for k, b in model.blocks.items() if b.kind == "FUNCTION_TABLE"}, reading.tables)
        self.model = model
        self.reading = reading
        self.notes: dict[str, None] = {}
        self.how: dict[str, str] = {}
        self.new_names: dict[str, str] = {}
        self.variables = Variables(model)
        self.arguments = self._arguments()

    def _arguments(self) -> dict[str, str]:
        """The arguments of NET_RECEIVE, each with a name that nothing else of the file has."""
        found: dict[str, str] = {}
        for argument in self.model.receive.parameters if self.model.receive else ():
            name = argument
            while name in self.variables.declared or name in found.values():
                name = f"given_{name}"
            found[argument] = name
        return found

    def execution(self, dt: float | None = None) -> Execution:
        """A run that begins with all variables as they are; its own currents as it left them."""
        fixed = {k: v for k, v in self.model.constants.items() if k not in self.variables.declared}
        run = Execution(
            Values(), set(self.variables.declared), dict(self.variables.lengths), fixed,
            self.model.blocks, self.reading.rounds, self.notes, self.reading.usetable,
            self.variables.settable, self.reading.tables,
        )  # fmt: skip
        run.held |= self.variables.own
        return run

    def _leave(self, run: Execution) -> Execution:
        """The run, with its own currents kept for the next."""
        run.held |= {own: run.held[name] for name, own in self.variables.own.items()}
        return run

    def _moments(self, *names: str) -> Statements:
        return tuple(s for name in names for s in self.model.moments.get(name, ()))

    # -- the runs -----------------------------------------------------------------------------

    def initial(self) -> Execution:
        """INITIAL, with every variable at its default."""
        run = self.execution()
        solver = Solver(run, self.variables.states, "dt", self.reading.newton)
        for key in self.variables.states:
            if key not in self.variables.ion_names:
                start = f"{key.split('[')[0]}0"
                declared = self.model.states[key.split("[")[0]].default
                run.held[key] = start if start in self.variables.settable else declared or 0.0
        run.held |= dict.fromkeys(self.variables.own_currents, 0.0)
        own = self.variables.kept
        run.held |= {k: v for k, v in own.items() if k not in self.variables.begun_with}
        run.held |= dict.fromkeys(self.variables.own, 0.0)
        before, after = self._moments("BEFORE INITIAL"), self._moments("AFTER INITIAL", *_STEP)
        self._run(run, (*before, *self.model.initial, *after), solver)
        return self._leave(run)

    def current(self) -> Execution:
        """BREAKPOINT less what it solves."""
        run = self.execution()
        run.special = lambda statement: isinstance(statement, Solve)
        run.run((*self._moments("BEFORE BREAKPOINT"), *self.model.breakpoint))
        return self._leave(run)

    def step(self, dt: float) -> Execution:
        """What BREAKPOINT solves; and the rest of it too if the mechanism has no current."""
        run = self.execution()
        run.held["dt"] = dt
        solver = Solver(run, self.variables.states, dt, self.reading.newton)
        if self.variables.currents:
            solves = [s for s in all_statements(self.model.breakpoint) if isinstance(s, Solve)]
            for solve in solves:
                if solve not in self.model.breakpoint:
                    note = f"{solve.place}: SOLVE stands in a branch and is done in any case"
                    self.notes[f"{note}, as in NEURON"] = None
            self._run(run, tuple(solves), solver)
        else:
            self._run(run, self.model.breakpoint, solver)
        self._run(run, self._moments("AFTER SOLVE", *_STEP), solver)
        self.how |= solver.how
        return self._leave(run)

    def _run(self, run: Execution, statements: Statements, solver: Solver) -> None:
        def special(statement: Statement) -> bool:
            if isinstance(statement, Solve):
                solver.solve(statement)
            return isinstance(statement, Solve)

        def called(block: str) -> bool:
            """A DERIVATIVE block that is called like a procedure does what SOLVE does with it."""
            for statement in self.model.breakpoint:
                if isinstance(statement, Solve) and statement.block == block:
                    solver.solve(statement)
                    return True
            return False

        run.special = special
        run.solve_called = called
        run.run(statements)

    def received(self, block: Block, at_start: bool) -> Execution:
        """NET_RECEIVE, or what its INITIAL does when a connection is made."""
        run = self.execution()
        # The arguments are the block's own, whatever else the file calls by their names.
        run.frame = {**self.arguments, "flag": "flag" if "flag" not in run.declared else _FLAG}
        body = block.body
        if at_start:
            begun = [b for b in body if isinstance(b, Initial)]
            if not begun:  # as in NEURON, whose connections keep what they are given otherwise
                run.frame |= dict.fromkeys(block.parameters[1:], 0.0)
            body = tuple(s for b in begun for s in b.body)
        else:
            body = tuple(b for b in body if not isinstance(b, Initial))
        run.run(body)
        if any(_FLAG in x for x in (run.held.values(), *(step[1] for step in run.values.steps))):
            raise ModelError(
                f"{block.place}: in NET_RECEIVE 'flag' is the event's; "
                "give the file's own variable another name"
            )
        ends = {name: run.frame[a] for a, name in self.arguments.items()}
        run.held |= {name: value for name, value in ends.items() if value != name}
        return run

    # -- the mechanism ------------------------------------------------------------------------

    def mechanism(self, source: str) -> Mechanism:
        """All of it."""
        model = self.model
        runs = {"initial": self.initial(), "step": self.step(STEP)}
        if self.variables.currents or "BEFORE BREAKPOINT" in model.moments:
            runs["current"] = self.current()
        if model.receive is not None:
            runs["receive"] = self.received(model.receive, at_start=False)
            runs["connect"] = self.received(model.receive, at_start=True)
        note_outside(model, runs, STEP, self.notes)
        found = {name: self._outputs(name, run) for name, run in runs.items()}
        watch = watched(runs["receive"]) if "receive" in runs else None
        rows = self._rows(runs, found, watch)
        note_shared(model, runs, rows, self.variables.settable, self.notes)
        self._name(rows, runs["initial"], found["initial"])
        arguments = tuple(self.arguments.values())
        programs = {
            name: self._program(name, run, found[name], rows, arguments)
            for name, run in runs.items()
        }
        if watch is not None:
            run = runs["receive"]
            watch_program = renamed(run.values.program(watch), self.new_names)
        self.variables.check_read(set().union(*(p.inputs for p in programs.values())))
        step = programs.pop("step")
        parameters = {
            k: v for k, v in self.variables.settable.items() if k.split("[")[0] in model.ranges
        }
        units = {
            d.name: d.unit
            for group in (model.parameters, model.states, model.assigned)
            for d in group.values()
            if d.unit
        } | {name: model.weights[a] for a, name in self.arguments.items() if model.weights[a]}

        @lru_cache(maxsize=8)
        def stepped(dt: float) -> Program | None:
            if not dt > 0:
                raise ModelError(f"{model.name}: the time step must be above zero, not {dt}")
            if not step.outputs:
                return None
            run = self.step(dt)
            return self._program("step", run, self._outputs("step", run), rows, arguments)

        def with_rounds(rounds: int) -> Mechanism:
            return Assembly(model, replace(self.reading, rounds=rounds)).mechanism(source)

        return Mechanism(
            name=model.name,
            kind=model.kind,  # type: ignore[arg-type]
            parameters=parameters,
            shared={k: v for k, v in self.variables.settable.items() if k not in parameters},
            rows=tuple(self.new_names.get(row, row) for row in rows),
            ions=tuple(
                Ion(i.name, i.reads, i.writes, i.valence or VALENCES.get(i.name), i.place)
                for i in model.ions
            ),
            initial=programs["initial"],
            current=programs.get("current"),
            step=stepped,
            arguments=arguments,
            receive=programs.get("receive"),
            source=source,
            connect=programs.get("connect"),
            watch=watch_program if watch is not None else None,
            pointers=dict(model.pointers),
            currents=tuple(self.variables.currents),
            units=units,
            solved={self.new_names.get(k, k): how for k, how in self.how.items()},
            notes=tuple(self.notes),
            rounds=self.reading.rounds,
            with_rounds=lru_cache(with_rounds),
        )

    def _outputs(self, name: str, run: Execution) -> dict[str, Operand]:
        return outputs(self.model, self.variables.currents, name, run)

    def _rows(
        self,
        runs: dict[str, Execution],
        found: dict[str, dict[str, Operand]],
        watch: dict[str, Operand] | None,
    ) -> list[str]:
        """States, and assigned variables that some run reads as another has left them.

        So is one that steps or events change from what it was, and which can be seen (RANGE), and
        one that is asked for.
        """
        rows = [key for key in self.variables.states if key not in self.variables.ion_names]
        candidates = [
            key
            for key in (*self.variables.kept, *self.variables.currents)
            if key not in self.variables.ion_names - self.variables.own_currents
        ]
        rows += [key for key in candidates if key.split("[")[0] in self.reading.keep]
        for run in (runs[name] for name in ("step", "receive") if name in runs):
            needs, held = run.values.needs, run.held
            shown = [k for k in candidates if k in held and k.split("[")[0] in self.model.ranges]
            rows += [k for k in shown if held[k] != k and k in needs([held[k]]) and k not in rows]
        arguments = self.arguments.values()
        while True:
            read: set[str] = set()
            for name, run in runs.items():
                if name == "initial":
                    continue
                needed = [*found[name].values(), *(run.held[r] for r in rows if r in run.held)]
                if name == "receive":
                    needed += [run.held[a] for a in arguments if a in run.held]
                    needed += list((watch or {}).values())
                read |= run.values.needs(needed)
            new = [key for key in dict.fromkeys(candidates) if key in read and key not in rows]
            if not new:
                return rows
            rows += new

    def _start(self, initial: Execution, row: str) -> Operand:
        return initial.held.get(row, row if row in self.variables.begun_with else 0.0)

    def _name(self, rows: list[str], initial: Execution, out: dict[str, Operand]) -> None:
        """Rows whose names stand for something else too get new ones."""
        start = [self._start(initial, row) for row in rows]
        read = initial.values.needs([*out.values(), *start])
        begun = {k: v for k, v in self.variables.begun_with.items() if k in read}
        self.variables.settable |= begun
        totals = (*_TOTALS, *self.variables.own_currents) if self.variables.currents else ()
        self.new_names = {row: f"own_{row}" for row in rows if row in {*begun, *totals}}

    def _program(
        self,
        name: str,
        run: Execution,
        outputs: dict[str, Operand],
        rows: list[str],
        arguments: Iterable[str],
    ) -> Program:
        held = {r: run.held[r] for r in rows if r in run.held and run.held[r] != r}
        if name == "initial":
            held = {r: self._start(run, r) for r in rows}
        if name in ("receive", "connect"):
            held |= {a: run.held[a] for a in arguments if a in run.held}
        named = {self.new_names.get(k, k): v for k, v in held.items()}
        program = run.values.program(named | outputs)
        # What INITIAL reads by such a name is the parameter, not the row.
        return program if name == "initial" else renamed(program, self.new_names)
