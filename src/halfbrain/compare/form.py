"""A spiking cell's equations taken apart, for simulators that have neurons of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import sympy
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.equations.dimensions import TIME
from halfbrain.equations.equations import Equations, constant, equations
from halfbrain.equations.expression import Typed, parse, symbol
from halfbrain.equations.functions import plain
from halfbrain.equations.steps import nearest_step
from halfbrain.errors import RunError
from halfbrain.program.point import assignments, rest_of

Numbers = float | NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """A cell that fires when a voltage is above a threshold.

    ``rate`` is that of the voltage, ``rest_steps`` how long it is refractory by Brian2's count,
    which begins with the step in which it fires; ``parameters`` has a value for each neuron.
    """

    simulator: str
    cell: Neuron
    model: Equations
    voltage: str
    rate: sympy.Expr
    threshold: sympy.Expr
    reset: Mapping[str, sympy.Expr]
    rest_steps: int
    parameters: Mapping[str, NDArray[np.float64]]

    def refuse(self, why: str) -> RunError:
        """The line for what the simulator has no neuron for."""
        return RunError(f"{self.simulator} has no neuron like cell {self.cell.name!r}: {why}")

    def number(self, expression: sympy.Expr, what: str) -> Numbers:
        """A number, or one for each neuron where a parameter is in it."""
        names = sorted(s.name for s in expression.free_symbols)
        if wrong := [name for name in names if name not in self.parameters]:
            raise self.refuse(f"its {what} depends on {', '.join(wrong)}")
        if not names:
            return float(expression)
        function = sympy.lambdify([symbol(name) for name in names], expression, "numpy")
        values = np.asarray(function(*(self.parameters[name] for name in names)), np.float64)
        return float(values.flat[0]) if np.ptp(values) == 0 else values

    def fixed(self, expression: sympy.Expr, what: str) -> float:
        """A number, the same for all neurons."""
        value = self.number(expression, what)
        if isinstance(value, float):
            return value
        raise self.refuse(f"its {what} is not the same for all neurons")

    def inputs(self) -> tuple[str, ...]:
        """The other states that are in the voltage's rate."""
        found = {s.name for s in self.rate.free_symbols} - {self.voltage} - set(self.parameters)
        return tuple(sorted(found))

    def slope(self, name: str) -> sympy.Expr:
        """How the voltage's rate grows with another state."""
        return sympy.expand(sympy.diff(self.rate, symbol(name)))

    def without(self, *names: str) -> sympy.Expr:
        """The voltage's rate with these states at 0."""
        return sympy.expand(self.rate.subs({symbol(name): 0 for name in names}))

    def leak(self, *inputs: str) -> tuple[float, Numbers]:
        """Without ``inputs``: how fast the voltage decays (1/s), and to what (volt)."""
        rate = self.without(*inputs)
        leak = -self.fixed(sympy.diff(rate, symbol(self.voltage)), "leak")
        if not leak > 0:
            raise self.refuse("its voltage does not leak")
        return leak, self.number(rate.subs({symbol(self.voltage): 0}), "rest") / leak

    def decay(self, name: str) -> tuple[float, str | None, float]:
        """A synapse's time constant, what feeds it, and how much; None for a plain exponential."""
        variable = self.model.variables[name]
        if variable.kind != "differential" or variable.expression is None:
            raise self.refuse(f"{name} does not just decay")
        k = -self.fixed(sympy.diff(variable.expression, symbol(name)), f"decay of {name}")
        feeds = {s.name for s in sympy.expand(variable.expression).free_symbols} - {name}
        if not k > 0 or len(feeds) > 1:
            raise self.refuse(f"{name} does not just decay")
        for other in feeds:
            own = self.model.variables[other]
            if own.kind != "differential" or own.expression is None:
                raise self.refuse(f"{name} depends on {other}")
            other_k = -self.fixed(sympy.diff(own.expression, symbol(other)), f"decay of {other}")
            if not math.isclose(other_k, k, rel_tol=1e-9):
                raise self.refuse(f"{name} and {other} decay with other time constants")
            gain = sympy.diff(variable.expression, symbol(other))
            return 1 / k, other, self.fixed(gain, f"feed of {name}")
        return 1 / k, None, 0.0

    def check_held(self) -> None:
        """Refuse a voltage that moves while the neuron is refractory."""
        if not self.model.variables[self.voltage].held_while_refractory and self.rest_steps > 1:
            raise self.refuse("its voltage moves while it is refractory")

    def check_resets_voltage_only(self) -> None:
        """Refuse a reset that changes anything else."""
        if other := set(self.reset) - {self.voltage}:
            raise self.refuse(f"its reset changes {', '.join(sorted(other))}")


def form(simulator: str, cell: Neuron, dt: float, given: Mapping[str, NDArray[np.float64]]) -> Form:
    """Take a cell apart; ``given`` has its parameters, those left out are 0.

    Raises
    ------
    RunError
        if it fires on anything but a voltage above a threshold.
    """
    model = _plain(equations(cell.equations, cell.constants))
    known = {name: constant(name, value) for name, value in cell.constants.items()}
    names = known | model.names() | {"dt": Typed(sympy.Float(dt, 17), TIME)}
    states = tuple(v.name for v in model.of("differential"))
    parameters = tuple(v.name for v in model.of("parameter"))
    reason = f"{simulator} has no neuron like cell {cell.name!r}: "
    if not cell.threshold.strip() or not states:
        raise RunError(reason + "it has no threshold or no equation")
    condition = parse(cell.threshold, names, "threshold").value
    if (
        not isinstance(condition, sympy.StrictGreaterThan | sympy.GreaterThan)
        or str(condition.lhs) not in states
    ):
        raise RunError(reason + "it fires on another condition than a voltage above a threshold")
    # A condition outlasts the action potential and no more.
    rest = int(nearest_step(rest_of(cell.refractory) or 0.0, dt))
    voltage = str(condition.lhs)
    rate = model.variables[voltage].expression
    assert rate is not None
    assigned = assignments(cell.reset, names, (*states, *parameters), "reset")
    reset = {name: plain(value) for name, value in assigned.items()}
    values = {name: given.get(name, np.zeros(1)) for name in parameters}
    return Form(simulator, cell, model, voltage, rate, plain(condition.rhs), reset, rest, values)


def _plain(model: Equations) -> Equations:
    """The model with SymPy's own functions."""
    return Equations(
        {
            name: replace(v, expression=None if v.expression is None else plain(v.expression))
            for name, v in model.variables.items()
        }
    )
