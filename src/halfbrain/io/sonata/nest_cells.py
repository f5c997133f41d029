"""NEST's integrate-and-fire neurons as equations of ours, each step of which is NEST's.

Where the equations are linear NEST takes exact steps, with other numbers for each neuron. So do
these: a rate is the change of a step over its length, of which Euler's method makes the step again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import exprel

from halfbrain.cells.neuron import Neuron
from halfbrain.io.sonata.nest_models import Form
from halfbrain.io.sonata.tables import Floats

# SI units of what is in mV, ms, pF, nS and pA.
_V, _S, _HZ, _A, _RATE = 1e-3, 1e-3, 1e3, 1e-12, 1e12
_SIEMENS, _FARAD = 1e-9, 1e-12
WEIGHTS: Mapping[Form, float] = {
    "delta": _V, "exp": _A, "alpha": _A, "cond_exp": _SIEMENS, "cond_alpha": _SIEMENS,
}  # fmt: skip
Ports = Mapping[int, str]


class _Neurons:
    """The equations of a population as they grow, and the numbers that they name."""

    def __init__(self, parameters: Mapping[str, Floats], step: float) -> None:
        self.p, self.step = parameters, step
        self.size = len(parameters["C_m"])
        self.lines: list[str] = []
        self.resets: list[str] = []
        self.constants: dict[str, str] = {}
        self.threshold = "V_th"
        self.first: dict[str, Floats] = {}

    def get(self, name: str, instead: float = 0.0) -> Floats:
        """A parameter; another number where a neuron has none."""
        column = self.p.get(name, np.full(self.size, np.nan))
        return np.where(np.isnan(column), instead, column)

    def put(self, name: str, values: Floats, unit: str, scale: float) -> None:
        """A number that is one for all, or each neuron's own; NaN is 0."""
        column = np.nan_to_num(values) * scale
        if name != "I_e" and (column == column[0]).all():
            self.constants[name] = f"{float(column[0])!r}{'' if unit == '1' else ' ' + unit}"
        else:
            self.lines.append(f"{name} : {unit}")
            self.first[name] = column


def nest_cell(
    form: Form, parameters: Mapping[str, Floats], step: float, ports: Ports, name: str
) -> tuple[Neuron, dict[str, Floats]]:
    """A population's neurons, of NEST's models of one form, and their first values.

    ``parameters`` are NEST's, in its units, with the time constants of ports as ``tau_syn.1`` and
    so on; ``ports`` are those that are used, and the names of their receptors.
    """
    own = _Neurons(parameters, step)
    for key in ("E_L", "V_th"):
        own.put(key, own.get(key), "volt", _V)
    own.put("I_e", own.get("I_e"), "amp", _A)
    own.first["v"] = _a_step_before(own) * _V
    if form.startswith("cond"):
        _open(own, form, ports)
    else:
        _linear(own, form, ports)
    states = dict.fromkeys(ports.values(), "v")
    if form != "delta":
        letter = "y" if form.endswith("alpha") else "x"
        states = {port: f"{letter}_{port}" for port in ports.values()}
    # NEST rests for t_ref, rounded up, after the step of the spike, which we count; it has times
    # in microseconds.
    rests = np.ceil(np.round(own.get("t_ref") * 1e3) / (step * 1e3) - 1e-6)
    refractory = f"{float((rests[0] + 1) * step)!r} ms"
    if not (rests == rests[0]).all():
        own.put("t_rest", rests * step, "second", _S)
        own.lines.append("drest/dt = -1 : second")
        own.resets.append("rest = t_rest")
        refractory = f"rest > {step / 2!r}*ms"
    strict = not np.isnan(own.get("g", np.nan)).any()  # glif_psc's
    cell = Neuron(
        name=name,
        equations="\n".join(own.lines) + "\n",
        constants=own.constants,
        threshold=f"v {'>' if strict else '>='} {own.threshold}",
        reset="\n".join(own.resets),
        refractory=refractory,
        receptors=states,
        deaf=form == "delta",
        method="rk4" if form.startswith("cond") else "euler",
        source=f"NEST's {name.rpartition('.')[2]}",
    )
    return cell, own.first


def _a_step_before(own: _Neurons) -> Floats:
    """The voltage from which a step without input leads to V_m.

    A step of NEST's has the number of its end, and ours that of its start, so that ours begin one
    before NEST's.
    """
    leak = 1 / own.get("tau_m") if "tau_m" in own.p else own.get("g_L") / own.get("C_m")
    rest = own.get("E_L") + own.get("I_e") / own.get("C_m") / leak
    steps = np.where(own.step * leak < 30, own.step * leak, 0.0)  # else nothing is left of it
    return rest + (own.get("V_m") - rest) * np.exp(steps)


def _open(own: _Neurons, form: Form, ports: Ports) -> None:
    """Conductances, for which NEST has an adaptive solver."""
    for key, unit, scale in (("C_m", "farad", _FARAD), ("g_L", "siemens", _SIEMENS),
                             ("V_reset", "volt", _V)):  # fmt: skip
        own.put(key, own.get(key), unit, scale)
    own.resets.append("v = V_reset")
    flow = "g_L*(E_L - v) + I_e"
    for number, port in ports.items():
        own.put(f"E_{port}", own.get(("E_ex", "E_in")[number - 1]), "volt", _V)
        own.put(f"tau_{port}", own.get(f"tau_syn.{number}"), "second", _S)
        flow += f" + x_{port}*(E_{port} - v)"
        if form == "cond_alpha":
            own.lines.append(f"dx_{port}/dt = (exp(1)*y_{port} - x_{port})/tau_{port} : siemens")
        letter = "y" if form == "cond_alpha" else "x"
        own.lines.append(f"d{letter}_{port}/dt = -{letter}_{port}/tau_{port} : siemens")
    own.lines.append(f"dv/dt = ({flow})/C_m : volt (unless refractory)")


def _linear(own: _Neurons, form: Form, ports: Ports) -> None:
    """Currents: what a step changes, over its length."""
    step, tau, capacity = own.step, own.get("tau_m"), own.get("C_m")
    own.put("leak", np.expm1(-step / tau) / step, "hertz", _HZ)
    own.put("drive", -tau / capacity * np.expm1(-step / tau) / step, "ohm*hertz", _RATE)
    inflow = " + ".join(["I_e", *_after_spikes(own)])
    flow = f"leak*(v - E_L) + drive*({inflow})"
    for number, port in ports.items() if form != "delta" else ():
        syn = own.get(f"tau_syn.{number}", 1.0)
        # Of a current that falls with the one constant, into a voltage that falls with the other.
        apart = step / tau - step / syn
        fallen = np.exp(-step / tau) / capacity
        own.put(f"from_{port}", fallen * exprel(apart), "ohm*hertz", _RATE)
        own.put(f"fall_{port}", np.expm1(-step / syn) / step, "hertz", _HZ)
        flow += f" + from_{port}*x_{port}"
        change = f"fall_{port}*x_{port}"
        if form == "alpha":
            own.put(
                f"start_{port}", fallen * math.e * step / syn * _ramp(apart), "ohm*hertz", _RATE
            )
            own.put(f"rise_{port}", math.e / syn * np.exp(-step / syn), "hertz", _HZ)
            flow += f" + start_{port}*y_{port}"
            change += f" + rise_{port}*y_{port}"
            own.lines.append(f"dy_{port}/dt = fall_{port}*y_{port} : amp")
        own.lines.append(f"dx_{port}/dt = {change} : amp")
    own.lines.append(f"dv/dt = {flow} : volt (unless refractory)")
    _moving_threshold(own, inflow)


def _ramp(u: Floats) -> Floats:
    """The integral of s exp(u s), s from 0 to 1."""
    small = np.where(np.abs(u) < 1, u, 0.0)
    series = sum(small**k / (math.factorial(k) * (k + 2)) for k in range(20))
    large = np.where(np.abs(u) < 1, 1.0, u)
    return np.where(np.abs(u) < 1, series, (np.exp(large) * (large - 1) + 1) / large**2)


def _after_spikes(own: _Neurons) -> Sequence[str]:
    """Currents after spikes of glif_psc: their means in a step, as terms."""
    on = own.get("after_spike_currents") > 0
    terms = []
    for key in [key for key in own.p if key.startswith("asc_decay.")] if on.any() else []:
        number = key.rpartition(".")[2]
        has = on & ~np.isnan(own.p[key])
        decay = np.where(has, own.get(key, 1.0), 1.0)
        rested = own.get(f"asc_r.{number}") * np.exp(-decay * own.get("t_ref"))
        mean, fall = -np.expm1(-decay * own.step), np.expm1(-decay * own.step)
        own.put(f"mean_{number}", np.where(has, mean / decay / own.step, 0.0), "1", 1.0)
        own.put(f"fade_{number}", fall / own.step, "hertz", _HZ)
        own.put(f"amp_{number}", np.where(has, own.get(f"asc_amps.{number}"), 0.0), "amp", _A)
        own.put(f"kept_{number}", rested, "1", 1.0)
        own.lines.append(f"da_{number}/dt = fade_{number}*a_{number} : amp (unless refractory)")
        own.resets.append(f"a_{number} = amp_{number} + kept_{number}*a_{number}")
        terms.append(f"mean_{number}*a_{number}")
    return terms


def _moving_threshold(own: _Neurons, inflow: str) -> None:
    """The reset; where it is glif_psc's with the voltage before the spike, and its thresholds."""
    spiking, following = own.get("spike_dependent_threshold") > 0, own.get("adapting_threshold") > 0
    if not spiking.any():
        own.put("V_reset", own.get("V_reset"), "volt", _V)
        own.resets.append("v = V_reset")
        return
    step, own.threshold = own.step, "V_th + th_spike"
    fraction = np.where(spiking, own.get("voltage_reset_fraction"), 0.0)
    add = np.where(spiking, own.get("voltage_reset_add"), own.get("V_reset") - own.get("E_L"))
    own.put("fraction", fraction, "1", 1.0)
    own.put("V_add", add, "volt", _V)
    own.put("h", np.full(own.size, step), "second", _S)
    own.lines.append("dbefore/dt = (v - before)/h : volt")
    own.resets.append("v = E_L + fraction*(before - E_L) + V_add")
    decay = np.where(spiking, own.get("th_spike_decay", 1.0), 1.0)
    own.put("th_fade", np.expm1(-decay * step) / step, "hertz", _HZ)
    own.put("th_kept", np.exp(-decay * own.get("t_ref")), "1", 1.0)
    own.put("th_add", np.where(spiking, own.get("th_spike_add"), 0.0), "volt", _V)
    own.lines.append("dth_spike/dt = th_fade*th_spike : volt (unless refractory)")
    own.resets.append("th_spike = th_kept*th_spike + th_add")
    if following.any():
        leak = 1 / own.get("tau_m")
        index = np.where(following, own.get("th_voltage_index"), 0.0)
        decay = np.where(following, own.get("th_voltage_decay", 1.0), 1.0)
        phi, level = index / (decay - leak), index / decay
        slow, fast = np.exp(-step * leak), np.exp(-step * decay)
        own.put("th_rate", np.expm1(-step * decay) / step, "hertz", _HZ)
        own.put("th_by_v", phi * (slow - fast) / step, "hertz", _HZ)
        by_current = (phi * (fast - slow) + level * (1 - fast)) / own.get("g", 1.0) / step
        own.put("th_by_i", by_current, "ohm*hertz", _RATE)
        moved = phi * (slow - fast) * (_a_step_before(own) - own.get("E_L"))
        own.first["th_volt"] = -moved / fast * _V  # so that it is 0 after that step
        own.lines.append(
            f"dth_volt/dt = th_rate*th_volt + th_by_v*(v - E_L) + th_by_i*({inflow})"
            " : volt (unless refractory)"
        )
        own.threshold += " + th_volt"
