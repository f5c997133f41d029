"""Which of NEST's neurons a cell is, told from the form of its equations.

NEST counts in mV, ms, pA, pF and nS. Only ratios to the capacity matter to a neuron's voltage, so
the capacity is NEST's default and weights are scaled to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from halfbrain.compare.form import Form, Numbers

CAPACITY = 250e-12  # farad


@dataclass(frozen=True)
class Receptor:
    """Where a weight goes: ``factor`` turns its SI value into NEST's, whose sign picks the port."""

    factor: float
    tau: float = 0.0
    reversal: float | None = None


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


def common(at: Form, dt: float) -> dict[str, Numbers]:
    """Threshold, reset and rest.

    NEST holds a neuron for ``t_ref`` after the step in which it fired, Brian2 counts that step.
    """
    out: dict[str, Numbers] = {"V_th": at.fixed(at.threshold, "threshold") * 1e3}
    out["t_ref"] = round(max(0, at.rest_steps - 1) * dt * 1e3, 9)
    if at.voltage in at.reset:
        out["V_reset"] = at.fixed(at.reset[at.voltage], "reset") * 1e3
    return out


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
