"""A kind of point neuron, as its equations say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from halfbrain.equations.dimensions import NONE, Dimensions
from halfbrain.equations.equations import equations
from halfbrain.equations.integrate import Method
from halfbrain.equations.si import Number, as_text
from halfbrain.program.point import PointModel, point_model


@dataclass(frozen=True, init=False)
class Neuron:
    """A kind of point neuron: equations, threshold, reset and receptors.

    Parameters
    ----------
    equations
        a line each, as in Brian2: ``dv/dt = ... : volt``, ``name = ... : unit`` or ``name : unit``
        (a parameter). ``(unless refractory)`` holds a state while the neuron is refractory.
    threshold
        a neuron fires where this holds; empty: never.
    reset
        assignments, run when it fires, with ``;`` between them.
    refractory
        a time, or an expression of one.
    receptors
        by name, the variable that a synapse's weight is added to.
    constants
        values of names in all of these: a text with its unit, a quantity of pint or brian2, or a
        pure number.
    deaf
        whether what arrives while a neuron is refractory is lost; else it is taken in.
    method
        of integration; None: the exact one where there is one.
    name
        how messages call it.
    source
        the paper and equation that the model is from.

    Examples
    --------
    >>> import halfbrain as hb
    >>> lif = hb.Neuron("dv/dt = -v/tau : volt", threshold="v > 15*mV", reset="v = 0*mV",
    ...                 receptors={"in": "v"}, constants={"tau": "10 ms"})
    >>> list(lif.model(dt=1e-4).states)
    ['v']
    """

    equations: str
    threshold: str
    reset: str
    refractory: str
    receptors: Mapping[str, str]
    constants: Mapping[str, str]
    deaf: bool
    method: Method | None
    name: str
    source: str

    def __init__(
        self,
        equations: str,
        *,
        threshold: str = "",
        reset: str = "",
        refractory: Number = "0 ms",
        receptors: Mapping[str, str] | None = None,
        constants: Mapping[str, Number] | None = None,
        deaf: bool = False,
        method: Method | None = None,
        name: str = "neuron",
        source: str = "",
    ) -> None:
        known = {
            key: as_text(value, f"constant {key!r}") for key, value in (constants or {}).items()
        }
        values = {
            "equations": equations,
            "threshold": threshold,
            "reset": reset,
            "refractory": as_text(refractory, "refractory"),
            "receptors": receptors or {},
            "constants": known,
            "deaf": deaf,
            "method": method,
            "name": name,
            "source": source,
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def model(self, dt: float) -> PointModel:
        """One step of ``dt`` seconds.

        Raises
        ------
        ModelError
            one line that names the part and what is wrong in it.
        """
        return point_model(
            self.equations,
            dt,
            constants=self.constants,
            threshold=self.threshold,
            reset=self.reset,
            refractory=self.refractory,
            receptors=self.receptors,
            deaf=self.deaf,
            method=self.method,
        )

    def variable_dimensions(self, name: str) -> Dimensions:
        """The dimensions of a state or parameter."""
        found = equations(self.equations, self.constants).variables.get(name)
        return found.dimensions if found else NONE
