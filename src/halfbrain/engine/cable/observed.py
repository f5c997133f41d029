"""What is recorded of detailed cells, by the names that a user gives, in SI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.equations.dimensions import text_of
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl.units import declared
from halfbrain.program.evaluate import Number, evaluate
from halfbrain.program.hoist import used

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EVERYWHERE = "everywhere"  # in a cell

# What `current` of a mechanism puts out beside rows: the sum of its currents, its slope di/dv.
_OF_CURRENT = {"density": {"i": "mA/cm2", "g": "S/cm2"}, "point": {"i": "nA", "g": "uS"}}


@dataclass(frozen=True)
class Node:
    """A variable of a compartment: ``v``, or one of an ion (``cai``)."""

    cell: int
    compartment: int
    variable: str


@dataclass(frozen=True)
class Site:
    """A place of a mechanism: its number among the cell's placed ones, and that of the place."""

    cell: int
    mechanism: int
    place: int
    variable: str


class Column:
    """A number of one place that is recorded in each step."""

    def __init__(self, simulation: CableSimulation, of: Node | Site) -> None:
        self._simulation, self._of = simulation, of
        self._inputs: dict[str, int | Number] = {}
        self._output = ""
        if isinstance(of, Node):
            self.unit = "mV" if of.variable == "v" or of.variable[0] == "e" else "mM"
            self._inputs[of.variable] = self._node(of.compartment, of.variable)
            return
        placed = self._placed(of)
        mechanism, names = placed.mechanism, {of.variable, f"own_{of.variable}"}
        self.unit = mechanism.units.get(of.variable, "")
        if names & {*mechanism.rows}:
            number = simulation.record(of.cell, of.place, of.variable, of.mechanism)
            self._inputs[of.variable] = number
            return
        if of.variable in {**mechanism.parameters, **mechanism.shared}:
            self._inputs[of.variable] = self._value(placed, of.place, of.variable)
            return
        program = mechanism.current
        if program is None or of.variable not in program.outputs:
            out = () if program is None else program.outputs
            known = sorted({*mechanism.rows, *mechanism.parameters, *mechanism.shared, *out})
            raise RunError(
                f"no variable {of.variable[:40]!r} of {mechanism.name} can be recorded; there are "
                f"{', '.join(name for name in known if ' ' not in name)}; one that the file sets "
                f"is with read_mod(..., keep=[...])"
            )
        own = _OF_CURRENT[mechanism.kind] if mechanism.kind != "artificial" else {}
        self.unit = own.get(of.variable, own.get("i", ""))
        self._output = of.variable
        self._program = used(program, {of.variable})
        compartment = int(placed.where[of.place])
        for name in self._program.inputs:
            self._inputs[name] = self._input(placed, of, compartment, name)

    @property
    def scale(self) -> float:
        """What a number is multiplied by, to be in SI."""
        found = declared(self.unit) if self.unit else None
        return 1.0 if found is None else found[0]

    @property
    def si(self) -> str:
        """The unit in SI; as the mechanism's file has it, where that is no unit of NMODL's own."""
        found = declared(self.unit) if self.unit else None
        if found is None:
            return self.unit or "1"
        return text_of(found[1]) if found[1] else "1"

    def values(self) -> Floats:
        """Numbers at the start and after each step, SI."""
        found = {name: self._read(x) for name, x in self._inputs.items()}
        if self._output:
            if "t" in found:
                found["t"] = self._simulation.times
            made = evaluate(self._program, found)[self._output]
        else:
            (made,) = found.values()
        whole = np.broadcast_to(np.asarray(made, np.float64), self._simulation.step + 1)
        return whole * self.scale

    def _read(self, given: int | Number) -> Number:
        if isinstance(given, int):
            return np.asarray(self._simulation.recorded(given), np.float64)
        return given

    def _placed(self, of: Site) -> Placed:
        return self._simulation.cells[of.cell].placed[of.mechanism]

    def _node(self, compartment: int, variable: str) -> int | Number:
        cell = self._simulation.cells[self._of.cell]
        try:
            return self._simulation.record(self._of.cell, compartment, variable)
        except RunError:
            if variable not in cell.ions:
                raise
        rest = np.broadcast_to(np.asarray(cell.ions[variable], float), cell.area.shape)
        return np.float64(rest[compartment])

    def _value(self, placed: Placed, place: int, name: str) -> Number:
        given = {**placed.mechanism.shared, **placed.mechanism.parameters, **placed.parameters}
        return np.float64(np.broadcast_to(given[name], len(placed.where))[place])

    def _input(self, placed: Placed, of: Site, compartment: int, name: str) -> int | Number:
        mechanism, cell = placed.mechanism, self._simulation.cells[of.cell]
        if name in mechanism.pointers or name in placed.joined:
            raise RunError(
                f"{of.variable} of {mechanism.name} is worked out from {name}, which is of another "
                f"place; record that"
            )
        outside = {
            "celsius": cell.celsius,
            "dt": self._simulation.dt,
            "t": 0.0,
            "diam": float(cell.diameter[compartment]),
            "area": float(cell.area[compartment]),
        }
        if name in mechanism.rows:
            return self._simulation.record(of.cell, of.place, name, of.mechanism)
        if name in {**mechanism.parameters, **mechanism.shared}:
            return self._value(placed, of.place, name)
        if name in outside:
            return np.float64(outside[name])
        return self._node(compartment, name)


@dataclass(frozen=True, eq=False)
class Observed:
    """What one entry of ``record`` asks for: a column for each place, those of a neuron together.

    ``compartments`` are where they are in their neurons' cells.
    """

    population: str
    variable: str
    neurons: Ints
    compartments: Ints
    columns: Sequence[Column]

    @property
    def unit(self) -> str:
        """The unit of the values."""
        return self.columns[0].si if self.columns else "1"

    def values(self, stride: int) -> Floats:
        """Every so many steps from there on, shape (times, columns), SI."""
        if not self.columns:
            return np.empty((0, 0))
        return np.stack([column.values()[stride::stride] for column in self.columns], axis=1)


def sites(
    simulation: CableSimulation, cell: int, compartments: Ints, variable: str
) -> list[tuple[int, Node | Site]]:
    """The places of a variable in some compartments of a cell, each with its compartment.

    A variable is ``v``, an ion's (``cai``), or a mechanism's: ``hh.m``, or ``m_hh`` as NEURON has
    it.

    Raises
    ------
    RunError
        one line, where none of them has it.
    """
    found: list[tuple[int, Node | Site]] = []
    placed = simulation.cells[cell].placed
    named = {one.mechanism.name for one in placed}
    for name in sorted(named):
        if variable.startswith(f"{name}."):
            own = variable.removeprefix(f"{name}.")
        elif variable.endswith(f"_{name}"):
            own = variable.removesuffix(f"_{name}")
        else:
            continue
        for number, one in enumerate(placed):
            if one.mechanism.name == name:
                for compartment in compartments.tolist():
                    places = np.flatnonzero(np.asarray(one.where) == compartment).tolist()
                    found += [(compartment, Site(cell, number, place, own)) for place in places]
        if not found:
            raise RunError(f"{name} is not in that place of the cell")
        return found
    if "." in variable:
        raise RunError(
            f"no mechanism or receptor {variable.partition('.')[0][:40]!r} in this cell; "
            f"there are {', '.join(sorted(named)) or 'none'}"
        )
    return [(c, Node(cell, c, variable)) for c in compartments.tolist()]
