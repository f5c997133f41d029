"""Which of BindsNET's layers a cell is, and which of its learning rules a rule.

BindsNET's numbers are plain; voltages and weights are in mV there, times in ms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy
from numpy.typing import NDArray

from halfbrain.cells.catalogue import RULES
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.compare.form import Form, form
from halfbrain.equations.dimensions import NONE
from halfbrain.equations.equations import constant
from halfbrain.equations.expression import Typed, parse, symbol
from halfbrain.equations.functions import plain
from halfbrain.errors import RunError

MILLI = 1e3


@dataclass(frozen=True)
class Layer:
    """A layer's class and its arguments; ``kept`` is what a step's leak leaves of a voltage."""

    kind: str
    arguments: Mapping[str, float | bool]
    voltage: str
    kept: float


@dataclass(frozen=True)
class Learning:
    """PostPre's step sizes for one of weight ``w`` in mV, its bound, and the times of its traces.

    ``gain`` is how much of a weight arrives.
    """

    before: float
    after: float
    largest: float
    tau_pre: float
    tau_post: float
    gain: float


def layer(cell: Neuron, dt: float, states: Mapping[str, NDArray[np.float64]]) -> Layer:
    """The layer that a cell is.

    Raises
    ------
    RunError
        one line that says why there is none.
    """
    at = form("BindsNET", cell, dt, states)
    if set(cell.receptors.values()) - {at.voltage} or at.inputs():
        raise at.refuse("its spikes do not add to the voltage alone")
    if at.rest_steps > 1 and not cell.deaf:
        raise at.refuse("it takes in what arrives while it is refractory")
    if at.rest_steps > 1 and at.model.variables[at.voltage].held_while_refractory:
        raise at.refuse("its voltage is held while it is refractory")
    leak, rest = at.leak()
    if not isinstance(rest, float) or at.voltage not in at.reset:
        raise at.refuse("its rest is not the same for all neurons, or it has no reset")
    arguments: dict[str, float | bool] = {
        "rest": rest * MILLI,
        "reset": at.fixed(at.reset[at.voltage], "reset") * MILLI,
        # The step of the spike counts here, and not there.
        "refrac": max(0, at.rest_steps - 1) * dt * MILLI,
        "tc_decay": MILLI / leak,
    }
    adapting = sorted(s.name for s in at.threshold.free_symbols)
    threshold = at.threshold.subs({symbol(name): 0 for name in adapting})
    arguments["thresh"] = at.fixed(threshold, "threshold") * MILLI
    if adapting:
        arguments |= _adapting(at, adapting)
    else:
        at.check_resets_voltage_only()
    kind = "DiehlAndCookNodes" if adapting else "LIFNodes"
    return Layer(kind, arguments, at.voltage, math.exp(-leak * dt))


def _adapting(at: Form, names: list[str]) -> dict[str, float | bool]:
    """A threshold that each spike lifts, and that falls back."""
    name = names[0]
    if (
        len(names) > 1
        or sympy.diff(at.threshold, symbol(name)) != 1
        or set(at.reset) != {at.voltage, name}
    ):
        raise at.refuse("its threshold is more than a number and what each spike adds")
    tau, feed, _ = at.decay(name)
    if feed is not None:
        raise at.refuse(f"{name} does not just decay")
    jump = sympy.expand(at.reset[name] - symbol(name))
    return {
        "theta_plus": at.fixed(jump, f"jump of {name}") * MILLI,
        "tc_theta_decay": tau * MILLI,
        "one_spike": False,
    }


def learning(rule: Plasticity) -> Learning:
    """The rule as PostPre.

    Raises
    ------
    RunError
        if it is another.
    """
    known = RULES["post_pre"]
    parts = ("on_source", "on_pre", "on_post", "nearest", "source_first")
    if any(getattr(rule, part) != getattr(known, part) for part in parts):
        raise RunError(f"BindsNET has no rule like {rule.name!r}; taken over is 'post_pre'")
    values = {name: constant(name, value) for name, value in rule.constants.items()}
    w = symbol("w")
    delivered = plain(parse(rule.deliver, values | {"w": Typed(w, NONE)}, "deliver").value)
    gain = sympy.diff(delivered, w)
    if not gain.is_number or sympy.expand(delivered - gain * w) != 0:
        raise RunError(f"BindsNET: rule {rule.name!r} delivers more than a share of the weight")
    step = float(values["w_unit"].value)
    (pre,), (post,) = rule.pre.values(), rule.post.values()
    return Learning(
        before=float(values["nu_pre"].value) * step,
        after=float(values["nu_post"].value) * step,
        largest=float(values["w_max"].value),
        tau_pre=float(constant("tau", pre).value) * MILLI,
        tau_post=float(constant("tau", post).value) * MILLI,
        gain=float(gain),
    )
