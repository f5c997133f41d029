"""Loops, written out round by round."""

from __future__ import annotations

from halfbrain.errors import ModelError
from halfbrain.nmodl.run import Run
from halfbrain.nmodl.tree import From, While
from halfbrain.program.instructions import Operand

_MOST_ROUNDS = 10_000


def run_from(run: Run, loop: From) -> None:
    """A FROM loop, unrolled; to ``rounds`` rounds if its end is known only when it runs."""
    first, last, by = map(run.number, (loop.first, loop.last, loop.by))
    if not isinstance(by, float) or not by > 0:
        raise ModelError(f"{loop.place}: a FROM loop must go up by a number that is known")
    known = isinstance(first, float) and isinstance(last, float)
    rounds = (last - first) // by + 1 if known else run.rounds  # type: ignore[operator]
    if not rounds <= _MOST_ROUNDS:
        raise ModelError(f"{loop.place}: a FROM loop has at most {_MOST_ROUNDS} rounds")
    if not known:
        run.notes[f"{loop.place}: FROM is unrolled to at most {run.rounds} rounds"] = None
        way = run.values.emit("divide", run.values.emit("subtract", last, first), by)
        run.unrolled(run.values.emit("add", run.values.emit("floor", way), 1.0))
    before = run.frame.get(loop.counter)
    for i in range(int(rounds)):
        counter = run.values.emit("add", first, i * by)
        run.frame[loop.counter] = counter
        if known:
            run.run(loop.body)
        else:
            run.either(run.values.emit("less_equal", counter, last), loop.body, ())
    if before is None:
        run.frame.pop(loop.counter, None)
    else:
        run.frame[loop.counter] = before


def run_while(run: Run, loop: While) -> None:
    """A loop whose end is seen when it is read, or that is unrolled to ``rounds`` rounds."""
    for _ in range(_MOST_ROUNDS):
        condition = run.values.truth(run.value(loop.condition))
        if not isinstance(condition, float):
            break
        if not condition:
            return
        run.run(loop.body)
    else:
        raise ModelError(f"{loop.place}: a while loop has at most {_MOST_ROUNDS} rounds")
    run.notes[f"{loop.place}: while is unrolled to at most {run.rounds} rounds"] = None
    _going(run, loop, condition, 1)


def _going(run: Run, loop: While, condition: Operand, number: int) -> None:
    """Round ``number`` where the condition holds, and those behind it."""
    run.unrolled(run.values.emit("select", condition, float(number), 0.0))
    if number > run.rounds or condition == 0.0:
        return

    def once() -> None:
        run.run(loop.body)
        _going(run, loop, run.values.truth(run.value(loop.condition)), number + 1)

    if isinstance(condition, float):
        once()
    else:
        run.branch(condition, once, lambda: None)
