"""Functions that NMODL has built in, and random streams that files write in C."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from halfbrain.errors import ModelError
from halfbrain.nmodl.run import Run
from halfbrain.nmodl.tree import Block, Call, Statements, Text, Verbatim
from halfbrain.nmodl.values import Values
from halfbrain.nmodl.verbatim import draws_uniform
from halfbrain.program.instructions import Operand
from halfbrain.random.streams import DRAWN

_SILENT = ("printf", "fprintf", "error", "prterr")
_FARADAY = 96485.3321233100141  # C/mol
_PER_KELVIN = 1e3 * 8.31446261815324 / _FARADAY  # mV
_EVENTS = ("net_send", "net_event", "net_move")


def built_in(run: Run, call: Call) -> Operand:
    """The value of a call that is not of the file's own blocks."""
    if call.name in _SILENT:
        return 0.0
    if call.name in _EVENTS:
        return _event(run, call)
    given = [a if isinstance(a, Text) else run.number(a) for a in call.arguments]
    numbers: list[Operand] = [a for a in given if not isinstance(a, Text)]
    if call.name == "state_discontinuity" and len(numbers) == 2:
        target = call.arguments[0]
        run.write(run.key(target), numbers[1], call.place)  # type: ignore[arg-type]
        return 0.0
    if call.name == "at_time" and len(numbers) == 1:
        return _at_time(run, numbers[0])
    if call.name == "nrn_ghk" and len(numbers) == 4:
        return _flux(run, numbers)
    drawn = _RANDOM.get(call.name)
    if drawn is not None and len(numbers) == len(given) == drawn[0]:
        return drawn[1](run, numbers)
    form = _FORMS.get(call.name)
    if form is None:
        raise ModelError(
            f"{call.place}: nothing is called {call.name!r} here: it is neither a FUNCTION or "
            "PROCEDURE of this file nor one that NMODL has"
        )
    arguments, function = form
    if len(numbers) != arguments or len(numbers) != len(given):
        raise ModelError(f"{call.place}: {call.name} takes {arguments} arguments, not {len(given)}")
    return function(run.values, numbers)


def random_function(run: Run, block: Block, given: Sequence[Operand]) -> Operand | None:
    """What a FUNCTION draws whose body is C that picks of a random stream; None if it is no such.

    Blue Brain's files have three kinds: a uniform number; the number of successes among ``n``
    trials (counted one by one, so up to the loops' rounds); and a binomial deviate for many
    channels (see :func:`halfbrain.random.streams.binomial`).
    """
    texts = [text.text for text in _c_texts(block.body)]
    if block.kind != "FUNCTION" or not texts:
        return None
    if block.name == "brand" and len(given) == 2:
        by_name = dict(zip((p.lower() for p in block.parameters), given, strict=True))
        if set(by_name) == {"n", "p"}:
            run.notes[f"{block.place}: brand counts at most {run.rounds} trials"] = None
            return _successes(run, by_name["n"], by_name["p"])
    if block.name == "BnlDev" and len(given) == 2:
        return run.deviate("binomial", *given)
    if not given and any(map(draws_uniform, texts)):
        return run.draw()
    return None


def _c_texts(statements: Statements) -> list[Verbatim]:
    return [s for s in statements if isinstance(s, Verbatim)]


def _successes(run: Run, trials: Operand, chance: Operand) -> Operand:
    values = run.values
    total: Operand = 0.0
    run.unrolled(values.emit("negate", values.emit("floor", values.emit("negate", trials))))
    outer = run.condition
    for i in range(run.rounds):
        within = values.emit("less", float(i), trials)
        run.condition = values.emit("and", outer, within)
        before = run.held.get(DRAWN, 0.0)
        hit = values.emit("and", within, values.emit("less", run.draw(), chance))
        run.held[DRAWN] = values.emit("select", within, run.held[DRAWN], before)
        total = values.emit("add", total, values.emit("select", hit, 1.0, 0.0))
    run.condition = outer
    return total


def _event(run: Run, call: Call) -> Operand:
    numbers = [run.number(argument) for argument in call.arguments]
    if len(numbers) != (2 if call.name == "net_send" else 1):
        raise ModelError(f"{call.place}: {call.name} has {len(numbers)} arguments")
    if call.name == "net_send":
        run.sends.append((run.condition, numbers[0], numbers[1]))
    elif call.name == "net_move":
        run.moves.append((run.condition, numbers[0]))
    else:
        run.events.append(run.condition)
    return 0.0


def _at_time(run: Run, when: Operand) -> Operand:
    now, dt = run.read("t", ""), run.read("dt", "")
    values = run.values
    before = values.emit("subtract", now, dt)
    return values.emit(
        "and", values.emit("greater", when, before), values.emit("less_equal", when, now)
    )


def _flux(run: Run, x: list[Operand]) -> Operand:
    """NEURON's GHK flux in mC/cm3, of v, the concentrations inside and outside, and the valence."""
    values = run.values
    v, inside, outside, valence = x
    warmth = values.emit(
        "multiply", _PER_KELVIN, values.emit("add", run.read("celsius", ""), 273.15)
    )
    z = values.emit("divide", values.emit("multiply", valence, v), warmth)
    out = values.emit("multiply", outside, _relative(values, z))
    in_ = values.emit("multiply", inside, _relative(values, values.emit("negate", z)))
    charge = values.emit("multiply", 1e-3 * _FARADAY, valence)
    return values.emit("multiply", charge, values.emit("subtract", in_, out))


def _relative(values: Values, z: Operand) -> Operand:
    ratio = values.emit("divide", z, values.emit("subtract", values.emit("exp", z), 1.0))
    near = values.emit("less", values.emit("absolute", z), 1e-4)
    return values.emit(
        "select", near, values.emit("subtract", 1.0, values.emit("multiply", 0.5, z)), ratio
    )


def remainder(values: Values, a: Operand, b: Operand) -> Operand:
    """C's fmod: the rest has the sign of ``a``."""
    quotient = values.emit("divide", a, b)
    size = values.emit("floor", values.emit("absolute", quotient))
    whole = values.emit(
        "select", values.emit("less", quotient, 0.0), values.emit("negate", size), size
    )
    return values.emit("subtract", a, values.emit("multiply", whole, b))


def _one(operation: str) -> tuple[int, Callable[[Values, list[Operand]], Operand]]:
    return 1, lambda v, x: v.emit(operation, x[0])


def _hyperbolic(operation: str) -> tuple[int, Callable[[Values, list[Operand]], Operand]]:
    def half(v: Values, x: list[Operand]) -> Operand:
        up, down = v.emit("exp", x[0]), v.emit("exp", v.emit("negate", x[0]))
        return v.emit("multiply", 0.5, v.emit(operation, up, down))

    return 1, half


def _exprelr(v: Values, x: list[Operand]) -> Operand:
    """The value of x / (exp(x) - 1), whole at 0."""
    ratio = v.emit("divide", x[0], v.emit("subtract", v.emit("exp", x[0]), 1.0))
    near = v.emit("less", v.emit("absolute", x[0]), 1e-5)
    return v.emit("select", near, v.emit("subtract", 1.0, v.emit("multiply", 0.5, x[0])), ratio)


def _tangent(v: Values, x: list[Operand]) -> Operand:
    return v.emit("divide", v.emit("sin", x[0]), v.emit("cos", x[0]))


def _exponential(run: Run, x: list[Operand]) -> Operand:
    waited = run.values.emit("multiply", x[0], run.values.emit("log", run.draw()))
    return run.values.emit("negate", waited)


def _normal(run: Run, x: list[Operand]) -> Operand:
    values = run.values
    return values.emit("add", x[0], values.emit("multiply", x[1], run.deviate("polar")))


def _ceiling(v: Values, x: list[Operand]) -> Operand:
    return v.emit("negate", v.emit("floor", v.emit("negate", x[0])))


_FORMS: dict[str, tuple[int, Callable[[Values, list[Operand]], Operand]]] = {
    "exp": _one("exp"),
    "log": _one("log"),
    "sqrt": _one("sqrt"),
    "sin": _one("sin"),
    "cos": _one("cos"),
    "tanh": _one("tanh"),
    "fabs": _one("absolute"),
    "abs": _one("absolute"),
    "floor": _one("floor"),
    "ceil": (1, _ceiling),
    "tan": (1, _tangent),
    "sinh": _hyperbolic("subtract"),
    "cosh": _hyperbolic("add"),
    "exprelr": (1, _exprelr),
    "log10": (1, lambda v, x: v.emit("divide", v.emit("log", x[0]), math.log(10))),
    "pow": (2, lambda v, x: v.power(x[0], x[1])),
    "fmod": (2, lambda v, x: remainder(v, x[0], x[1])),
    "fmin": (2, lambda v, x: v.emit("minimum", x[0], x[1])),
    "fmax": (2, lambda v, x: v.emit("maximum", x[0], x[1])),
    "random_setseq": (2, lambda v, x: 0.0),
    "set_seed": (1, lambda v, x: 0.0),  # a place's stream has its own
}
_RANDOM: dict[str, tuple[int, Callable[[Run, list[Operand]], Operand]]] = {
    "scop_random": (0, lambda run, x: run.draw()),
    "exprand": (1, _exponential),
    "normrand": (2, _normal),
    "random_uniform": (1, lambda run, x: run.draw()),
    "random_negexp": (1, lambda run, x: _exponential(run, [1.0])),
    "random_normal": (1, lambda run, x: run.deviate("polar")),
}
