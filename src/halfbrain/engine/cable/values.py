"""Values of detailed cells by the names that a user gives: looked up, and set between runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.circuit import DetailedCircuit
from halfbrain.circuits.detailed.synapses import kind_of, kinds
from halfbrain.engine.cable.observed import Node, Site
from halfbrain.engine.packed import Array, Part
from halfbrain.equations.dimensions import unit
from halfbrain.equations.si import si
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Compartments
from halfbrain.nmodl.parameters import in_unit, mechanism_value
from halfbrain.nmodl.units import declared

Floats = NDArray[np.float64]
_VOLT = unit("volt")[1]


def unit_of(cells: Sequence[Compartments], of: Node | Site) -> str:
    """The unit of a variable, as NMODL has it; empty, where its file does not say."""
    if isinstance(of, Node):
        return "mV" if of.variable == "v" or of.variable[0] == "e" else "mM"
    mechanism = cells[of.cell].placed[of.mechanism].mechanism
    return mechanism.units.get(of.variable, "")


def values_at(
    cells: Sequence[Compartments], parts: Mapping[str, Part], of: Sequence[Node | Site]
) -> Floats:
    """The values of one variable at some places, in SI; ``parts`` are the state of the cells.

    Raises
    ------
    RunError
        one line, if there is no such variable.
    """
    if not of:
        return np.zeros(0)
    named = unit_of(cells, of[0])
    size = declared(named) if named else None
    found = where_in(cells, parts, of)
    values = parameter_of(cells, of) if found is None else found[0][found[1]]
    return np.asarray(values, np.float64) * (1.0 if size is None else size[0])


def set_state(
    cells: Sequence[Compartments],
    parts: Mapping[str, Part],
    of: Sequence[Node | Site],
    value: Any,  # noqa: ANN401
    place: str,
) -> bool:
    """Set a variable at some places in a state; whether it is one of a state.

    Raises
    ------
    HalfbrainError
        one line that begins with ``place``, where the value is of another unit or shape.
    """
    found = where_in(cells, parts, of)
    if found is None:
        return False
    if isinstance(of[0], Node):
        given = np.asarray(si(value, _VOLT, place)) * 1e3
    else:
        given = np.asarray(in_unit(value, unit_of(cells, of[0]), place))
    if given.shape not in ((), (len(of),)):
        raise RunError(f"{place}: is set to one number, or one for each of {len(of)} places")
    found[0][found[1]] = given
    return True


def where_in(
    cells: Sequence[Compartments], parts: Mapping[str, Part], of: Sequence[Node | Site]
) -> tuple[Array, NDArray[np.int64]] | None:
    """The array of a state in which some numbers of one variable are, and where in it.

    None, if they are of no state: what does not change is a parameter.
    """
    first = of[0]
    if isinstance(first, Node):
        if first.variable not in parts:
            return None
        if first.variable == "v":
            starts = np.cumsum([0, *(len(cell.parent) for cell in cells)])
            found = [starts[node.cell] + node.compartment for node in of if isinstance(node, Node)]
            return parts["v"].array, np.array(found, np.int64)
        raise RunError(f"{first.variable} is a concentration, which mechanisms set; record it")
    name = cells[first.cell].placed[first.mechanism].mechanism.name
    key = next((k for k in (f"{name}/{first.variable}", f"{name}/own_{first.variable}")
                if k in parts), None)  # fmt: skip
    if key is None:
        return None
    starts_of: dict[tuple[int, int], int] = {}
    at = 0
    for n, cell in enumerate(cells):
        for p, placed in enumerate(cell.placed):
            if placed.mechanism.name == name:
                starts_of[n, p] = at
                at += len(placed.where)
    found = [starts_of[s.cell, s.mechanism] + s.place for s in of if isinstance(s, Site)]
    return parts[key].array, np.array(found, np.int64)


def parameter_of(cells: Sequence[Compartments], of: Sequence[Node | Site]) -> Floats:
    """A parameter at some places, in its file's unit; or what does not change of an ion.

    Raises
    ------
    RunError
        one line, if there is no such variable.
    """
    found = []
    for one in of:
        cell = cells[one.cell]
        if isinstance(one, Node):
            if one.variable not in cell.ions:
                known = ", ".join(("v", *cell.ions))
                raise RunError(f"no variable {one.variable[:40]!r} of cells; there are {known}")
            whole = np.broadcast_to(np.asarray(cell.ions[one.variable], float), cell.area.shape)
            found.append(whole[one.compartment])
            continue
        placed = cell.placed[one.mechanism]
        mechanism = placed.mechanism
        given = {**mechanism.shared, **mechanism.parameters, **placed.parameters}
        if one.variable not in given:
            known = ", ".join(sorted({*given, *mechanism.rows}))
            raise RunError(
                f"no variable {one.variable[:40]!r} of {mechanism.name} is kept; there are {known}"
            )
        found.append(np.broadcast_to(given[one.variable], len(placed.where))[one.place])
    return np.array(found, np.float64)


def with_parameter(
    circuit: DetailedCircuit,
    population: str,
    of: Sequence[Site],
    value: object,
) -> DetailedCircuit:
    """The same circuit, a mechanism's parameter set at places of some neurons of a population.

    Parameters
    ----------
    circuit, population
        whose neurons.
    of
        the places; ``cell`` is the neuron's number in the population.
    value
        a number in the file's unit, a text with a unit, or one for each place.

    Raises
    ------
    HalfbrainError
        one line, where the mechanism has no such parameter, or the value is of another unit.
    """
    group = circuit.population(population)
    assert not isinstance(group.cells, SpikeList)
    cells, kind = list(kinds(group)), kind_of(group).copy()
    mechanism = cells[kind[of[0].cell]].placed[of[0].mechanism].mechanism
    name = of[0].variable
    place = f"population {population!r}: {mechanism.name}"
    numbers = np.asarray(mechanism_value(mechanism, name, value, place), np.float64)
    if numbers.shape not in ((), (len(of),)):
        raise RunError(f"{place}: {name} is set to one number, or one for each of {len(of)} places")
    numbers = np.broadcast_to(numbers, len(of))
    made: dict[tuple[int, bytes], int] = {}
    for n in sorted({site.cell for site in of}):
        own = np.array([k for k, site in enumerate(of) if site.cell == n], np.int64)
        key = int(kind[n]), numbers[own].tobytes()
        if key not in made:
            made[key] = len(cells)
            cells.append(_changed(cells[kind[n]], [of[k] for k in own], name, numbers[own]))
        kind[n] = made[key]
    changed = replace(group, cells=tuple(cells), kinds=kind)
    populations = [changed if p.name == population else p for p in circuit.populations]
    return replace(circuit, populations=tuple(populations))


def _changed(cell: Compartments, sites: Sequence[Site], name: str, numbers: Floats) -> Compartments:
    placed = list(cell.placed)
    for number in {site.mechanism for site in sites}:
        one = placed[number]
        mechanism = one.mechanism
        own = [k for k, site in enumerate(sites) if site.mechanism == number]
        if name in mechanism.shared:
            if len(np.unique(numbers[own])) > 1:
                raise RunError(f"{name} is the same at all places of {mechanism.name}")
            placed[number] = replace(one, parameters={**one.parameters, name: numbers[own[0]]})
            continue
        whole = {**mechanism.parameters, **one.parameters}[name]
        values = np.array(np.broadcast_to(np.asarray(whole, float), len(one.where)))
        values[[sites[k].place for k in own]] = numbers[own]
        same = bool((values == values[0]).all())
        given = float(values[0]) if same else values
        placed[number] = replace(one, parameters={**one.parameters, name: given})
    return replace(cell, placed=tuple(placed))
