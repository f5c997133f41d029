"""A kind of point neuron, as its equations say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from halfbrain.equations.dimensions import NONE, Dimensions
from halfbrain.equations.equations import equations
from halfbrain.equations.integrate import Method
from halfbrain.program.point import PointModel, point_model


@dataclass(frozen=True)
class Cell:
    """Equations, threshold, reset and receptors; see :func:`halfbrain.program.point.point_model`.

    ``deaf`` cells lose what arrives while they are refractory; others take it in.
    ``source`` names the paper and equation that the model is from.
    """

    name: str
    equations: str
    constants: Mapping[str, str] = field(default_factory=dict)
    threshold: str = ""
    reset: str = ""
    refractory: str = "0 ms"
    receptors: Mapping[str, str] = field(default_factory=dict)
    deaf: bool = False
    method: Method | None = None
    source: str = ""

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
