"""A point neuron's whole time step as one program: arrivals, reset, equations, threshold.

The order is Brian2's (Stimberg, Brette and Goodman 2019, doi 10.7554/eLife.47314): equations,
threshold, synapses, reset. What synapses add and the reset of a neuron that fired are both taken
at the start of its next step, which leaves the same state and needs one pass over memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from halfbrain.equations.dimensions import NONE, TIME, text_of
from halfbrain.equations.equations import Equations, constant, equations
from halfbrain.equations.expression import Typed, parse, symbol
from halfbrain.equations.functions import SELECT, whole_sums
from halfbrain.equations.integrate import Method, Updates, integrate
from halfbrain.equations.steps import nearest_step
from halfbrain.errors import ModelError
from halfbrain.program.instructions import Program, chain, lower

SINCE = "_since"  # steps since the neuron's last spike
LONG_AGO = 1.0e7  # its start; single precision counts on exactly from here to 1.6e7, and stays


def arrived_at(receptor: str) -> str:
    """The program's input that says how much arrived at a receptor, in quanta.

    As that of :func:`quantum_of`, it is a name that no variable of a model can have.
    """
    return f"+{receptor}"


def quantum_of(receptor: str) -> str:
    """The program's input that says how large a receptor's quantum is."""
    return f"*{receptor}"


_ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*([-+*/]?)=(?!=)\s*(.+)")


@dataclass(frozen=True)
class PointModel:
    """One step of one neuron.

    ``program`` takes the rows of the state and, for each receptor, what arrived
    (:func:`arrived_at`) and the size of its quantum (:func:`quantum_of`); it puts out the rows that
    change. A neuron has fired when its row :data:`SINCE` is put out as 0.
    """

    program: Program
    model: Equations
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    receptors: tuple[str, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """What the engine keeps for each neuron, in order."""
        return (*self.states, *self.parameters, SINCE)


@whole_sums
def point_model(
    text: str,
    dt: float,
    *,
    constants: Mapping[str, str] | None = None,
    threshold: str = "",
    reset: str = "",
    refractory: str = "0 ms",
    receptors: Mapping[str, str] | None = None,
    deaf: bool = False,
    method: Method | None = None,
) -> PointModel:
    """Read a neuron.

    Parameters
    ----------
    text, constants
        see :func:`halfbrain.equations.equations.equations`.
    dt
        time step, seconds.
    threshold
        a condition over the model's names, ``dt`` and ``rand()``: where true, the neuron fires.
    reset
        assignments, one a line or between semicolons: ``v = Vr; w += b``.
    refractory
        how long after a spike the neuron cannot fire again, or a condition: it cannot until the
        condition, looked at before the equations, is false. Equations marked ``(unless
        refractory)`` are held meanwhile.
    receptors
        the name of each, and the variable to which the weight of an arriving spike is added.
    deaf
        whether what arrives while the neuron is refractory is lost.

    Raises
    ------
    ModelError
        one line that names the part and what is wrong in it.
    """
    model = equations(text, constants)
    known = {name: constant(name, value) for name, value in (constants or {}).items()}
    names = known | model.names() | {"dt": Typed(sympy.Float(dt, 17), TIME)}
    states = tuple(v.name for v in model.of("differential"))
    parameters = tuple(v.name for v in model.of("parameter"))
    rested, still = _refractory(refractory, names, dt)
    free = rested <= _COUNT + 1 if rested else None
    stages = [
        lower(_arrivals(receptors or {}, (*states, *parameters), rested if deaf else 0)),
        lower(_reset(reset, names, (*states, *parameters))),
        lower({} if still is None else {SINCE: SELECT(still, _COUNT, LONG_AGO)}),
        lower({SINCE: _COUNT + 1} | (integrate(model, dt, method, free) if states else {})),
        lower(_fired(threshold, names, rested)),
    ]
    program = chain(*(stage for stage in stages if stage.outputs))
    return PointModel(program, model, states, parameters, tuple(receptors or {}))


_COUNT = symbol(SINCE)


def _arrivals(receptors: Mapping[str, str], rows: tuple[str, ...], deaf_for: int) -> Updates:
    out: Updates = {}
    for name, variable in receptors.items():
        if variable not in rows:
            raise ModelError(f"receptor {name!r}: {variable[:40]!r} is no variable of the neuron")
        total = out.get(variable, symbol(variable))
        arrived = symbol(arrived_at(name)) * symbol(quantum_of(name))
        out[variable] = total + (
            SELECT(deaf_for <= _COUNT + 1, arrived, 0.0) if deaf_for else arrived
        )
    return out


def _reset(text: str, names: Mapping[str, Typed], rows: tuple[str, ...]) -> Updates:
    return {
        name: SELECT(_COUNT < 0.5, value, symbol(name))
        for name, value in assignments(text, names, rows, "reset").items()
    }


def _fired(text: str, names: Mapping[str, Typed], rested: int) -> Updates:
    if not text.strip():
        return {}
    condition = parse(text, names, "threshold")
    if isinstance(condition.value, sympy.Expr):
        raise ModelError(f"threshold: {text.strip()[:60]!r} is a number, not true or false")
    if condition.value in (sympy.true, sympy.false):
        raise ModelError(f"threshold: {text.strip()[:60]!r} is always {bool(condition.value)}")
    fires = sympy.And(condition.value, rested <= _COUNT) if rested else condition.value
    return {SINCE: SELECT(fires, 0.0, _COUNT)}


def _refractory(text: str, names: Mapping[str, Typed], dt: float) -> tuple[int, sympy.Basic | None]:
    """How many steps a neuron rests, and while which condition."""
    if re.search("[<>]", text):
        condition = parse(text, names, "refractory").value
        if isinstance(condition, sympy.Expr):
            raise ModelError(f"refractory: {text.strip()[:60]!r} is neither a time nor a condition")
        # Until the condition ends the rest, nothing does.
        return int(LONG_AGO) // 2, condition
    seconds = rest_of(text)
    if seconds is None or not 0 <= seconds <= 1e6 * dt:
        raise ModelError(f"refractory: {text[:40]!r} is not between 0 and a million time steps")
    return int(nearest_step(seconds, dt)), None


def rest_of(refractory: str) -> float | None:
    """A refractory time in seconds; None if it is a condition.

    Raises
    ------
    ModelError
        if it is no time.
    """
    if re.search("[<>]", refractory):
        return None
    typed = constant("refractory", refractory)
    if typed.dimensions != TIME and typed.value != 0:
        unit = text_of(typed.dimensions)
        raise ModelError(f"refractory: {refractory[:40]!r} is in {unit}, not a time")
    return float(typed.value)


def assignments(
    text: str, names: Mapping[str, Typed], targets: tuple[str, ...], place: str
) -> Updates:
    """Assignments to ``targets``, one after the other: later ones see what earlier ones set.

    Raises
    ------
    ModelError
        one line that names ``place``.
    """
    out: Updates = {}
    at = dict(names)
    for number, line in enumerate(re.split(r"[;\n]", text)):
        if not line.split("#")[0].strip():
            continue
        match = _ASSIGNMENT.fullmatch(line.split("#")[0])
        if match is None or match[1] not in targets:
            raise ModelError(
                f"{place}: {line.strip()[:60]!r} must be NAME = VALUE, NAME one of "
                f"{', '.join(targets) or 'none'}"
            )
        name, operator, source = match.groups()
        written = f"{name} {operator} ({source})" if operator else source
        typed = parse(written, at, place, number)
        if not isinstance(typed.value, sympy.Expr):
            raise ModelError(f"{place}: {line.strip()[:60]!r} sets a number to true or false")
        wanted = names[name].dimensions
        if typed.dimensions != wanted and typed.value != 0:
            raise ModelError(
                f"{place}: {line.strip()[:60]!r} is in {text_of(typed.dimensions)}, but "
                f"{name} is in {text_of(wanted)}"
            )
        out[name] = typed.value
        at[name] = Typed(typed.value, wanted or NONE)
    return out
