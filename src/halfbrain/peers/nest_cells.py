"""Which of NEST's neurons a cell is, told from the form of its equations.

NEST counts in mV, ms, pA, pF and nS. Only ratios to the capacity matter to a neuron's voltage, so
the capacity is NEST's default and weights are scaled to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import sympy
from numpy.typing import NDArray

from halfbrain.cells.cell import Cell
from halfbrain.dynamics.dimensions import TIME
from halfbrain.dynamics.equations import Equations, constant, equations
from halfbrain.dynamics.expression import Typed, parse, symbol
from halfbrain.dynamics.point import assignments
from halfbrain.errors import ModelError, RunError

CAPACITY = 250e-12  # farad
Numbers = float | NDArray[np.float64]


@dataclass(frozen=True)
class Receptor:
    """Where a weight goes: ``factor`` turns its SI value into NEST's, whose sign picks the port."""

    factor: float
    tau: float = 0.0
    reversal: float = 0.0


@dataclass(frozen=True)
class NestCell:
    """A NEST model, its parameters in NEST's units, and how it takes what arrives.

    ``later`` is by how many steps a delay is longer than the circuit's, ``states`` gives NEST's
    name and unit (in SI) of first states; those that NEST cannot set are not in it.
    """

    model: str
    parameters: Mapping[str, Numbers]
    receptors: Mapping[str, Receptor]
    states: Mapping[str, tuple[str, float]]
    later: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A cell's equations, taken apart: the voltage's rate as base + slope v + sum of inputs."""

    cell: Cell
    model: Equations
    voltage: str
    rate: sympy.Expr
    threshold: float
    reset: Mapping[str, sympy.Expr]
    rest_steps: int
    parameters: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def refuse(self, why: str) -> RunError:
        """The line for what no NEST model has."""
        return RunError(f"NEST has no neuron like cell {self.cell.name!r}: {why}")

    def number(self, expression: sympy.Expr, what: str) -> Numbers:
        """A number, or one for each neuron where a parameter is in it."""
        names = sorted(s.name for s in expression.free_symbols)
        if wrong := [name for name in names if name not in self.parameters]:
            raise self.refuse(f"its {what} depends on {', '.join(wrong)}")
        if not names:
            return float(expression)
        function = sympy.lambdify([symbol(name) for name in names], expression, "numpy")
        values = np.asarray(function(*(self.parameters[name] for name in names)), np.float64)
        return float(values[0]) if np.ptp(values) == 0 else values

    def fixed(self, expression: sympy.Expr, what: str) -> float:
        """A number, the same for all neurons."""
        value = self.number(expression, what)
        if isinstance(value, float):
            return value
        raise self.refuse(f"its {what} is not the same for all neurons")

    def slope(self, name: str) -> sympy.Expr:
        """How the voltage's rate grows with another state."""
        return sympy.expand(sympy.diff(self.rate, symbol(name)))

    def without(self, *names: str) -> sympy.Expr:
        """The voltage's rate with these states at 0."""
        return sympy.expand(self.rate.subs({symbol(name): 0 for name in names}))

    def common(self, dt: float) -> dict[str, Numbers]:
        """Threshold, reset and rest.

        NEST holds a neuron for ``t_ref`` after the step in which it fired, Brian2 counts that step.
        """
        out: dict[str, Numbers] = {"V_th": self.threshold * 1e3}
        out["t_ref"] = round(max(0, self.rest_steps - 1) * dt * 1e3, 9)
        if self.voltage in self.reset:
            out["V_reset"] = self.fixed(self.reset[self.voltage], "reset") * 1e3
        return out

    def decay(self, name: str) -> tuple[float, str | None, float]:
        """A synapse's time constant, what feeds it, and how much; None for a plain exponential."""
        rate = self.model.variables[name].expression
        assert rate is not None
        k = -self.fixed(sympy.diff(rate, symbol(name)), f"decay of {name}")
        feeds = {s.name for s in sympy.expand(rate).free_symbols} - {name}
        if not k > 0 or len(feeds) > 1:
            raise self.refuse(f"{name} does not just decay")
        for other in feeds:
            own = self.model.variables[other]
            if own.kind != "differential" or own.expression is None:
                raise self.refuse(f"{name} depends on {other}")
            other_k = -float(sympy.diff(own.expression, symbol(other)))
            if not math.isclose(other_k, k, rel_tol=1e-9):
                raise self.refuse(f"{name} and {other} decay with other time constants")
            return 1 / k, other, self.fixed(sympy.diff(rate, symbol(other)), f"feed of {name}")
        return 1 / k, None, 0.0


def form(cell: Cell, dt: float, parameters: Mapping[str, NDArray[np.float64]]) -> Form:
    """Take a cell apart.

    Raises
    ------
    RunError
        if it fires on anything but a voltage above a fixed value.
    """
    model = equations(cell.equations, cell.constants)
    known = {name: constant(name, value) for name, value in cell.constants.items()}
    names = known | model.names() | {"dt": Typed(sympy.Float(dt, 17), TIME)}
    states = tuple(v.name for v in model.of("differential"))
    reason = f"NEST has no neuron like cell {cell.name!r}: "
    if not cell.threshold.strip() or not states:
        raise RunError(reason + "it has no threshold or no equation")
    condition = parse(cell.threshold, names, "threshold").value
    voltage, level = getattr(condition, "lhs", None), getattr(condition, "rhs", None)
    if (
        not isinstance(condition, sympy.StrictGreaterThan | sympy.GreaterThan)
        or str(voltage) not in states
        or not level.is_number
    ):
        raise RunError(reason + "it fires on another condition than a voltage above a fixed value")
    try:
        rest = round(float(constant("rest", cell.refractory).value) / dt)
    except ModelError:
        rest = 0  # a condition; only Hodgkin-Huxley neurons have one, and they do without
    rate = model.variables[str(voltage)].expression
    assert rate is not None
    rows = (*states, *(v.name for v in model.of("parameter")))
    reset = assignments(cell.reset, names, rows, "reset")
    return Form(
        cell, model, str(voltage), rate, float(level), reset, rest, _sized(model, parameters)
    )


def _sized(
    model: Equations, given: Mapping[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """The parameters; those that nothing is said of are 0."""
    return {v.name: given.get(v.name, np.zeros(1)) for v in model.of("parameter")}


def synapses(at: Form, inputs: Mapping[str, float]) -> tuple[dict[str, Receptor], bool]:
    """Receptors whose variables drive the voltage, and whether they rise (alpha functions).

    ``inputs`` gives for each state that drives the voltage what one SI unit of it is in NEST's.
    """
    shapes = {name: at.decay(name) for name in inputs}
    kinds = {feed is not None for _, feed, _ in shapes.values()}
    if len(kinds) > 1:
        raise at.refuse("some of its synapses rise at once and some do not")
    out = {}
    for receptor, variable in at.cell.receptors.items():
        found = [name for name, (_, feed, _) in shapes.items() if variable == (feed or name)]
        if not found:
            raise at.refuse(f"receptor {receptor!r} drives no synapse of the voltage")
        tau, feed, gain = shapes[found[0]]
        # NEST's alpha function peaks at the weight: q t exp(-t/tau) peaks at q tau/e.
        peak = gain * tau / math.e if feed else 1.0
        out[receptor] = Receptor(inputs[found[0]] * peak, tau)
    return out, True in kinds
