"""A cell that NEURON described, as the engine is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.detailed.classic import classic
from halfbrain.cells.detailed.library import defines, in_folder
from halfbrain.cells.detailed.neuron.hodgkin_huxley import tabled_hh
from halfbrain.errors import ModelError, warn
from halfbrain.morphology.cable import joined
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.morphology.frusta import Slices
from halfbrain.morphology.ions import Use, nernst, uses
from halfbrain.morphology.morphology import Floats, Morphology, Section
from halfbrain.morphology.places import compartment
from halfbrain.program.mechanism import Mechanism

_REGIONS = {"soma": "soma", "axon": "axon", "dend": "basal", "basal": "basal", "apic": "apical"}
_INSIDE_SET, _POTENTIAL_AT_START, _POTENTIAL_FOLLOWS = 4, 32, 64  # of NEURON's ion_style

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CellOfNeuron:
    """A cell as NEURON has it: its shape, and the compartments that it is cut into."""

    morphology: Morphology
    cell: Compartments

    def at(self, name: str, x: float) -> int:
        """The number of the compartment that holds a place along a section, by NEURON's names.

        Raises
        ------
        ModelError
            if there is no such section.
        """
        return compartment((name, x), self.cell, "a place")


def build(given: Mapping[str, Any], mechanisms: Path | None, source: str) -> CellOfNeuron:
    """A cell from what :func:`halfbrain.cells.detailed.neuron.describe.describe` says of it.

    Mechanisms are NEURON's own, or are read from the ``.mod`` files of a folder.

    Raises
    ------
    ModelError
        one line that names a mechanism that is not found, or what is not taken over.
    """
    for note in given["notes"]:
        warn(f"{source}: {note}")
    rows: Sequence[Mapping[str, Any]] = given["sections"]
    morphology = Morphology(tuple(map(_section, rows)), source)
    trees = sum(row["parent"] < 0 for row in rows)
    if trees > 1:
        warn(f"{source}: its {trees} trees are not joined; they are one cell here")
    made = joined(morphology, map(_cut, rows))
    # The compartments of each section, in order along it, and where each is in the whole.
    inner = [
        np.flatnonzero((made.section == i) & (made.position > 0) & (made.position < 1))
        for i in range(len(rows))
    ]
    for row, own in zip(rows, inner, strict=True):
        if not min(row["area"]) > 0:
            raise ModelError(f"{source}: {row['name']} has a compartment without membrane")
        assert len(own) == len(row["area"])
    library = {
        name: _mechanism(name, shared, mechanisms) for name, shared in given["globals"].items()
    }
    placed = (*_density(given, inner, library), *_points(given, inner, library))
    capacitance = np.ones(len(made.parent))
    for row, own in zip(rows, inner, strict=True):
        capacitance[own] = row["cm"]
    ions, follow = _ions(given, inner, len(made.parent), placed, source)
    # A section that is joined by its end 1 is numbered from there; its places are NEURON's.
    turned = np.array([row["turned"] for row in rows])[made.section]
    cell = Compartments(
        parent=made.parent,
        area=made.area,
        coupling=made.coupling,
        capacitance=capacitance,
        diameter=made.diameter,
        distance=made.distance,
        section=made.section,
        position=np.where(turned, 1 - made.position, made.position),
        regions=morphology.regions,
        placed=placed,
        ions=ions,
        nernst=follow,
        celsius=given["celsius"],
        v_init=given["v_init"],
        names=tuple(row["name"].split(".")[-1] for row in rows),
    )
    return CellOfNeuron(morphology, cell)


def _section(row: Mapping[str, Any]) -> Section:
    name = row["name"].split(".")[-1].split("[")[0]
    region = next((r for start, r in _REGIONS.items() if name.startswith(start)), name)
    if row["points"]:
        points = np.array(row["points"], np.float32)
        return Section(region, row["parent"], row["at"], points)
    # Without points it has a length only, and a diameter for each compartment.
    diameters = row["diameter"]
    line = np.zeros((len(diameters) + 1, 4), np.float32)
    line[:, 0] = np.linspace(0, row["length"], len(line))
    line[:, 3] = [diameters[0], *diameters]
    return Section(region, row["parent"], row["at"], line, tuple(diameters))


def _cut(row: Mapping[str, Any]) -> Slices:
    """NEURON gives the way from middle to middle, and that to the far end."""
    left = np.array(row["ri"])
    right = np.zeros_like(left)
    right[-1] = row["ri_end"]
    return Slices(np.array(row["area"]), left, right, np.array(row["diameter"]))


def _mechanism(name: str, shared: Mapping[str, float], folder: Path | None) -> Mechanism:
    """A mechanism of the folder, or one of NEURON's own; its TABLE is used if NEURON was to."""
    usetable = bool(shared.get("usetable"))
    own = name == "hh" and usetable and (folder is None or not defines(folder, name))
    if own:
        return tabled_hh()
    return in_folder(folder, usetable=usetable)(name) if folder is not None else classic(name)


def _density(
    given: Mapping[str, Any], inner: Sequence[Ints], library: Mapping[str, Mechanism]
) -> list[Placed]:
    out = []
    for name in dict.fromkeys(name for row in given["sections"] for name in row["mechanisms"]):
        pairs = [
            (row["mechanisms"][name], own)
            for row, own in zip(given["sections"], inner, strict=True)
            if name in row["mechanisms"]
        ]
        columns = {x: np.concatenate([values[x] for values, _ in pairs]) for x in pairs[0][0]}
        where = np.concatenate([own for _, own in pairs])
        out.append(_placed(library[name], where, columns, given["globals"][name]))
    return out


def _points(
    given: Mapping[str, Any], inner: Sequence[Ints], library: Mapping[str, Mechanism]
) -> list[Placed]:
    out = []
    for name in dict.fromkeys(point["name"] for point in given["points"]):
        own = [point for point in given["points"] if point["name"] == name]
        where = np.array([inner[point["section"]][point["segment"]] for point in own])
        columns = {x: np.array([point["values"][x] for point in own]) for x in own[0]["values"]}
        out.append(_placed(library[name], where, columns, given["globals"][name]))
    return out


def _placed(
    mechanism: Mechanism, where: Ints, columns: Mapping[str, Floats], shared: Mapping[str, float]
) -> Placed:
    """With those parameters that are not the file's own."""
    parameters: dict[str, float | Floats] = {}
    for name, default in (*mechanism.parameters.items(), *mechanism.shared.items()):
        if name in columns and name not in mechanism.shared:
            values = np.asarray(columns[name], np.float64)
        elif name in shared:
            values = np.array([shared[name]])
        else:
            continue
        if (values != default).any():
            parameters[name] = float(values[0]) if (values == values[0]).all() else values
    return Placed(mechanism, where, parameters)


def _ions(
    given: Mapping[str, Any],
    inner: Sequence[Ints],
    count: int,
    placed: Sequence[Placed],
    source: str,
) -> tuple[dict[str, float | Floats], tuple[str, ...]]:
    """Ions at the start, and the potentials that follow their concentrations.

    A concentration or a potential is what NEURON's ``finitialize`` makes of it.
    """
    ions: dict[str, float | Floats] = {}
    follow = []
    for use in uses(one.mechanism for one in placed):
        valence, *start = given["ions"][use.name]
        columns = {x: np.zeros(count) for x in (use.reversal, *use.concentrations)}
        styles = np.zeros(count, np.int64)
        for row, own in zip(given["sections"], inner, strict=True):
            if use.name not in row["ions"]:
                continue
            values = row["ions"][use.name]
            styles[own] = values["style"]
            for x, column in columns.items():
                column[own] = values[x]
        potential, inside, outside = columns.values()
        set_ = (styles & _INSIDE_SET) > 0
        inside[set_], outside[set_] = start
        for i in np.flatnonzero(styles & (_POTENTIAL_AT_START | _POTENTIAL_FOLLOWS)):
            potential[i] = nernst(inside[i], outside[i], int(valence), given["celsius"])
        used = styles > 0
        for x, column in columns.items():
            values = column[used]
            ions[x] = float(values[0]) if (values == values[0]).all() else column
        if (styles & _POTENTIAL_FOLLOWS).any():
            follow.append(use.reversal)
        _check_style(use, styles, placed, source)
    return ions, tuple(follow)


def _check_style(use: Use, styles: Ints, placed: Sequence[Placed], source: str) -> None:
    """Refuse what was set by ``ion_style``: here it follows from the mechanisms, as by default."""
    takes, sets, keeps = (np.zeros(len(styles), bool) for _ in range(3))
    for one in placed:
        for ion in one.mechanism.ions:
            if ion.name != use.name:
                continue
            if {*ion.reads, *ion.writes} & {*use.concentrations}:
                takes[one.where] = True
            sets[one.where] |= use.reversal in ion.writes
            keeps[one.where] |= bool({*ion.writes} & {*use.concentrations})
    needed = np.zeros(len(styles), bool)
    for one in placed:
        for ion in one.mechanism.ions:
            if ion.name == use.name and use.reversal in (*ion.reads, *ion.writes):
                needed[one.where] = True
    at_start = needed & takes & ~sets
    wrong = (styles & _POTENTIAL_AT_START > 0) != at_start
    wrong |= (styles & _POTENTIAL_FOLLOWS > 0) != (at_start & keeps)
    if (wrong & needed).any():
        raise ModelError(
            f"{source}: ion_style of {use.name} was set by hand, which is not taken over; leave it "
            "as the mechanisms have it"
        )
