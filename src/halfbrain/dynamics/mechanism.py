"""A membrane mechanism or point process: what its equations take in and put out, as programs.

Units are NMODL's: mV, ms, mA/cm2 (density) or nA (point process), S/cm2 or uS, mM, degC, um.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from halfbrain.dynamics.instructions import Program


@dataclass(frozen=True)
class Ion:
    """What a mechanism reads and writes of an ion: ``ek``, ``cai``, ``ica`` and the like."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    valence: int | None = None


@dataclass(frozen=True)
class Mechanism:
    """A mechanism, read.

    ``parameters`` differ from place to place, ``shared`` are the same everywhere; both with their
    defaults. ``rows`` are the variables that are kept for each place beside the parameters:
    states, and assigned variables that outlive a step. The programs' inputs are rows, parameters
    and shared by their names, and from outside ``v``, ``celsius``, ``dt``, ``t``, ``diam``,
    ``area`` and ions' variables (``ek``, ``cai``, ...).

    ``initial``
        puts out rows (and ion variables that it writes) from the inputs, at the start.
    ``current``
        puts out ``i`` (all currents summed), ``g`` (its slope di/dv), each ionic current that is
        written (``ica``), and rows that are assigned on the way.
    ``step``
        puts out rows, and ion concentrations that it writes (``cai``), a time step later.
    ``receive``
        for a point process: the rows and the synapse's own variables after an event; its inputs are
        also the event's arguments (``weight``, ...), under the names in ``arguments``.
    """

    name: str
    kind: Literal["density", "point", "artificial"]
    parameters: Mapping[str, float]
    shared: Mapping[str, float]
    rows: tuple[str, ...]
    ions: tuple[Ion, ...]
    initial: Program
    current: Program | None
    step: Callable[[float], Program | None]
    arguments: tuple[str, ...] = ()
    receive: Program | None = None
    source: str = ""
