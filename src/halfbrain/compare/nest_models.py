"""The NEST models that cells are matched with, tried in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import sympy
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.compare.form import Form, Numbers, form
from halfbrain.compare.nest_cells import CAPACITY, NestCell, Receptor, common, synapses
from halfbrain.equations.equations import constant
from halfbrain.equations.expression import symbol
from halfbrain.errors import RunError

_PICO, _NANO, _MILLI = 1e12, 1e9, 1e3
_VOLTAGE = ("V_m", 1e3)
# NEST tells a spike by a falling voltage, so it must rest until the voltage is back down.
_FALL = 2e-3
_KEPT = "what arrives while a neuron is refractory is kept, and leaks, until it is over"


def nest_cell(
    cell: Neuron,
    dt: float,
    parameters: Mapping[str, NDArray[np.float64]],
    signs: Mapping[str, set[int]],
) -> NestCell:
    """The NEST neuron that a cell is.

    Parameters
    ----------
    parameters
        values for each neuron, SI.
    signs
        of the weights that each receptor gets: NEST picks a port by the sign.

    Raises
    ------
    RunError
        one line that says why there is none.
    """
    at = form("NEST", cell, dt, parameters)
    states = {v.name for v in at.model.of("differential")}
    if {"m", "n", "h"} <= states:
        return _with_ports(at, _traub(at, dt), signs)
    if at.rate.atoms(sympy.exp):
        return _with_ports(at, _adaptive(at, dt), signs)
    if any(at.slope(name).has(symbol(at.voltage)) for name in states - {at.voltage}):
        return _with_ports(at, _conductance(at, dt), signs)
    return _with_ports(at, _current(at, dt), signs)


def _current(at: Form, dt: float) -> NestCell:
    """iaf_psc_delta, iaf_psc_exp, iaf_psc_alpha: integrated exactly."""
    at.check_resets_voltage_only()
    at.check_held()
    inputs = at.inputs()
    leak, rest = at.leak(*inputs)
    membrane: dict[str, Numbers] = {"E_L": rest * _MILLI}
    parameters = common(at, dt) | membrane | {"tau_m": _MILLI / leak, "C_m": CAPACITY * _PICO}
    if not inputs:
        # NEST adds what arrives in a step before it looks at the threshold, Brian2 after it. A
        # step later, and by what would have leaked meanwhile less, is the same.
        kept = math.exp(-leak * dt)
        receptors = {name: Receptor(kept * _MILLI) for name in at.cell.receptors}
        if set(at.cell.receptors.values()) - {at.voltage}:
            raise at.refuse("a receptor drives nothing")
        kept_up = () if at.cell.deaf or at.rest_steps < 2 else (_KEPT,)
        return NestCell(
            "iaf_psc_delta",
            parameters | {"refractory_input": not at.cell.deaf},
            receptors,
            {at.voltage: _VOLTAGE},
            1,
            kept_up,
        )
    if at.cell.deaf and at.rest_steps > 1:
        raise at.refuse("its synapses lose what arrives while it is refractory")
    scale = {
        name: at.fixed(at.slope(name), f"share of {name}") * CAPACITY * _PICO for name in inputs
    }
    receptors, rising = synapses(at, scale)
    model = "iaf_psc_alpha" if rising else "iaf_psc_exp"
    return NestCell(model, parameters, receptors, {at.voltage: _VOLTAGE})


def _reversals(at: Form, names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Each conductance's size in nS of one SI unit, and the reversal potential in mV."""
    out = {}
    v = symbol(at.voltage)
    for name in names:
        pull = at.slope(name)
        q = at.fixed(sympy.diff(pull, v), f"pull of {name}")
        p = at.fixed(pull.subs({v: 0}), f"pull of {name}")
        if not q < 0:
            raise at.refuse(f"{name} does not pull the voltage to a value")
        out[name] = -q * CAPACITY * _NANO, -p / q * _MILLI
    return out


def _with_reversals(
    at: Form, pulls: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, Receptor], bool]:
    """Receptors; the one with the higher reversal potential takes positive weights in NEST."""
    receptors, rising = synapses(at, {name: size for name, (size, _) in pulls.items()})
    top = max(reversal for _, reversal in pulls.values())
    out = {}
    for name, receptor in receptors.items():
        variable = at.cell.receptors[name]
        found = [v for v in pulls if variable in (v, at.decay(v)[1])]
        reversal = pulls[found[0]][1]
        sign = 1 if reversal == top else -1
        out[name] = Receptor(sign * receptor.factor, receptor.tau, reversal)
    return out, rising


def _conductance(at: Form, dt: float) -> NestCell:
    """iaf_cond_exp and iaf_cond_alpha: integrated by GSL with a step of its own choice."""
    at.check_resets_voltage_only()
    at.check_held()
    inputs = at.inputs()
    leak, rest = at.leak(*inputs)
    membrane: dict[str, Numbers] = {"E_L": rest * _MILLI}
    receptors, rising = _with_reversals(at, _reversals(at, inputs))
    parameters = (
        common(at, dt) | membrane | {"C_m": CAPACITY * _PICO, "g_L": leak * CAPACITY * _NANO}
    )
    model = "iaf_cond_alpha" if rising else "iaf_cond_exp"
    notes = ("NEST integrates with adaptive Runge-Kutta-Fehlberg steps",)
    return NestCell(model, parameters, receptors, {at.voltage: _VOLTAGE}, notes=notes)


def _adaptive(at: Form, dt: float) -> NestCell:
    """aeif_psc_exp and aeif_cond_exp."""
    at = replace(at, rate=_unclipped(at.rate))
    v = symbol(at.voltage)
    term = sum(part for part in sympy.Add.make_args(sympy.expand(at.rate)) if part.has(sympy.exp))
    powers = [power.args[0] for power in term.atoms(sympy.exp)]
    reset = set(at.reset) - {at.voltage}
    if len(powers) != 1 or len(reset) != 1:
        raise at.refuse("it is neither linear nor an exponential one with one adaptation")
    (w,) = reset
    sharp = at.fixed(sympy.diff(powers[0], v), "sharpness")
    size = at.fixed(sympy.simplify(term / sympy.exp(powers[0])), "sharpness")
    offset = at.fixed(powers[0].subs({v: 0}), "sharpness")
    at = replace(at, rate=sympy.expand(at.rate - term))
    inputs = tuple(name for name in at.inputs() if name != w)
    leak, effective = at.leak(*inputs, w)
    membrane: dict[str, Numbers] = {"E_L": effective * _MILLI}
    # size exp(offset) exp(sharp v) = leak/sharp exp(sharp (v - V_T))
    soft = (math.log(leak / sharp / size) - offset) / sharp
    scale = -at.fixed(at.slope(w), "adaptation") * CAPACITY  # amperes of NEST's in one of ours
    rate = at.model.variables[w].expression
    assert rate is not None
    decay = -at.fixed(sympy.diff(rate, symbol(w)), "adaptation")
    coupling = at.fixed(sympy.diff(rate, v), "adaptation") / decay * scale
    rest = at.fixed(rate.subs({v: 0, symbol(w): 0}), "adaptation")
    if coupling:
        # NEST's adaptation rests at E_L, so what else draws the voltage becomes a current.
        base = -rest / decay * scale / coupling * _MILLI
        membrane |= {"I_e": (membrane["E_L"] - base) * leak * CAPACITY * _NANO, "E_L": base}
    elif rest:
        raise at.refuse("its adaptation does not rest at 0")
    jump = at.fixed(sympy.expand(at.reset[w] - symbol(w)), "jump of its adaptation") * scale
    currents = not any(at.slope(name).has(v) for name in inputs)
    parameters = common(at, dt) | membrane
    parameters |= {
        "V_peak": parameters.pop("V_th"),
        "V_th": soft * _MILLI,
        "Delta_T": _MILLI / sharp,
        "C_m": CAPACITY * _PICO,
        "g_L": leak * CAPACITY * _NANO,
        "tau_w": _MILLI / decay,
        "a": coupling * _NANO,
        "b": jump * _PICO,
    }
    if currents:
        sizes = {name: at.fixed(at.slope(name), "share") * CAPACITY * _PICO for name in inputs}
        receptors, rising = synapses(at, sizes)
    else:
        receptors, rising = _with_reversals(at, _reversals(at, inputs))
    model = f"aeif_{'psc' if currents else 'cond'}_{'alpha' if rising else 'exp'}"
    states = {at.voltage: _VOLTAGE, w: ("w", scale * _PICO)}
    notes = ("NEST integrates with adaptive Runge-Kutta-Fehlberg steps",)
    return NestCell(model, parameters, receptors, states, notes=notes)


def _unclipped(rate: sympy.Expr) -> sympy.Expr:
    """Without the bounds that keep an exponential from overflowing."""
    return rate.replace(
        lambda part: isinstance(part, sympy.Min | sympy.Max),
        lambda part: next((arg for arg in part.args if not arg.is_number), part),
    )


def _traub(at: Form, dt: float) -> NestCell:
    """hh_cond_exp_traub, if the gates are those of Traub and Miles."""
    named = [name for name in ("VT", "V_T") if name in at.cell.constants]
    if not named:
        raise at.refuse("its gates have no constant VT")
    shift = float(constant("shift", at.cell.constants[named[0]]).value)
    _check_gates(at, shift)
    gates = ("m", "n", "h")
    inputs = tuple(name for name in at.inputs() if name not in gates)
    leak, rest = at.leak(*gates, *inputs)
    v = symbol(at.voltage)
    parameters: dict[str, Numbers] = {"E_L": rest * _MILLI}
    for nest, gate, powers in (("Na", "m", {"m": 1, "h": 1}), ("K", "n", {"n": 1})):
        open_ = at.rate.subs({symbol(g): powers.get(g, 0) for g in gates})
        pull = sympy.expand(
            open_.subs({symbol(i): 0 for i in inputs}) - at.without(*gates, *inputs)
        )
        q = at.fixed(sympy.diff(pull, v), f"channel of {gate}")
        parameters[f"g_{nest}"] = -q * CAPACITY * _NANO
        parameters[f"E_{nest}"] = -at.fixed(pull.subs({v: 0}), f"channel of {gate}") / q * _MILLI
    receptors, rising = _with_reversals(at, _reversals(at, inputs))
    if rising:
        raise at.refuse("its synapses rise, and NEST's rise at once")
    parameters |= {
        "C_m": CAPACITY * _PICO,
        "g_L": leak * CAPACITY * _NANO,
        "V_T": shift * _MILLI,
        "t_ref": max(at.rest_steps * dt, _FALL) * _MILLI,
    }
    states = {at.voltage: _VOLTAGE, "m": ("Act_m", 1.0), "n": ("Act_n", 1.0), "h": ("Inact_h", 1.0)}
    notes = (
        "NEST says that a Hodgkin-Huxley neuron fires at the top of its action potential, up to "
        "a millisecond after the circuit's threshold",
    )
    return NestCell("hh_cond_exp_traub", parameters, receptors, states, notes=notes)


def _check_gates(at: Form, shift: float) -> None:
    """Compare the rates of the gates with NEST's, at some voltages."""
    reference: dict[str, Callable[[float], tuple[float, float]]] = {
        "m": lambda x: (
            0.32 * (13 - x) / (math.exp((13 - x) / 4) - 1),
            0.28 * (x - 40) / (math.exp((x - 40) / 5) - 1),
        ),
        "n": lambda x: (
            0.032 * (15 - x) / (math.exp((15 - x) / 5) - 1),
            0.5 * math.exp((10 - x) / 40),
        ),
        "h": lambda x: (0.128 * math.exp((17 - x) / 18), 4 / (1 + math.exp((40 - x) / 5))),
    }
    exprel = {"exprel": lambda x: math.expm1(x) / x}
    for gate, rates in reference.items():
        expression = at.model.variables[gate].expression
        assert expression is not None
        ours = sympy.lambdify([symbol(at.voltage), symbol(gate)], expression, [exprel, "math"])
        for v in (-0.0813, -0.0637, -0.0419, 0.0111):
            alpha, beta = (rate * 1e3 for rate in rates((v - shift) * 1e3))
            for open_ in (0.2, 0.7):
                theirs = alpha * (1 - open_) - beta * open_
                if not math.isclose(ours(v, open_), theirs, rel_tol=1e-6, abs_tol=1e-9):
                    raise at.refuse(f"its gate {gate} is not that of Traub and Miles")


def _with_ports(at: Form, made: NestCell, signs: Mapping[str, set[int]]) -> NestCell:
    """Set the time constants and reversal potentials of NEST's two ports, which signs pick."""
    ports: dict[int, Receptor] = {}
    for name, receptor in made.receptors.items():
        for sign in signs.get(name, set()):
            port = sign * (1 if receptor.factor > 0 else -1)
            other = ports.setdefault(port, receptor)
            if (other.tau, other.reversal) != (receptor.tau, receptor.reversal):
                raise at.refuse("synapses of other time constants have weights of one sign")
            if sign < 0 and receptor.reversal is not None:
                raise RunError(f"cell {at.cell.name!r}: a conductance is not below zero")
    parameters = dict(made.parameters)
    for sign, suffix in ((1, "ex"), (-1, "in")):
        # A port that gets nothing is set like the other, so that it is never out of bounds.
        used = ports.get(sign) or ports.get(-sign)
        if used is None or not used.tau:
            continue
        parameters[f"tau_syn_{suffix}"] = used.tau * _MILLI
        if used.reversal is not None:
            parameters[f"E_{suffix}"] = used.reversal
    return replace(made, parameters=parameters)
