"""SONATA's nodes: populations of detailed cells, and of nodes that only play out spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import h5py
import numpy as np

from halfbrain.cells.compartments import Compartments
from halfbrain.cells.detailed import allen, axon
from halfbrain.cells.detailed.biophysics import build
from halfbrain.cells.detailed.frusta import every
from halfbrain.cells.detailed.library import in_folder
from halfbrain.cells.detailed.morphology import read
from halfbrain.circuits.sonata.config import Config
from halfbrain.circuits.sonata.tables import (
    Floats,
    Ints,
    Table,
    dataset,
    opened,
    populations,
    read_table,
    read_types,
)
from halfbrain.errors import DataError

_TEMPLATES = ("ctdb:Biophys1.hoc", "ctdb:Biophys1")
_AXONS = {
    "aibs_perisomatic": axon.allen_perisomatic,
    "aibs_perisomatic_directed": axon.allen_perisomatic,
    "aibs_allactive": axon.allen_all_active,
    "aibs_allactive_directed": axon.allen_all_active,
}


@dataclass(frozen=True, eq=False)
class Nodes:
    """A population of nodes in the order of their ids; virtual ones only play out spikes."""

    name: str
    table: Table
    virtual: bool

    @property
    def positions(self) -> Floats | None:
        """Where they are in um, shape (n, 3), if that is given for all."""
        if not all(axis in self.table for axis in "xyz"):
            return None
        found = np.column_stack([self.table.numbers(axis) for axis in "xyz"])
        return found if np.isfinite(found).all() else None


def read_nodes(config: Config) -> dict[str, Nodes]:
    """All populations of nodes of a circuit, by name.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    found: dict[str, Nodes] = {}
    parts = config.part("networks").parts("nodes")
    if not parts:
        raise config.fail("no files of nodes are named", "networks.nodes")
    for part in parts:
        types = read_types(part.path("node_types_file"), "node_type_id")
        file = part.path("nodes_file")
        if file is None:
            raise part.fail("is missing", "nodes_file")
        with opened(file, "nodes") as groups:
            for name, group in populations(groups):
                place = f"{file}: /nodes/{name}"
                if name in found:
                    raise DataError(f"{place}: a population of this name was in a file before")
                found[name] = _population(name, group, types, place)
    return found


def _population(
    name: str, group: h5py.Group, types: Mapping[str, Mapping[int, str]], place: str
) -> Nodes:
    table = _in_order(group, read_table(group, "node", types, place), place)
    kinds = table.texts("model_type")
    for kind in np.unique(kinds.astype(str)):
        if kind not in ("biophysical", "virtual"):
            raise DataError(
                f"{place}: model_type {kind[:40]!r} is not read; 'biophysical' and 'virtual' are"
            )
    virtual = kinds == "virtual"
    if virtual.any() and not virtual.all():
        raise DataError(f"{place}: virtual and biophysical nodes need populations of their own")
    return Nodes(name, table, bool(virtual.any()))


def _in_order(group: h5py.Group, table: Table, place: str) -> Table:
    """The rows in the order of node_id, which must be 0, 1, ... as SONATA has it."""
    if "node_id" not in group:
        return table
    ids = dataset(group, "node_id", "iu", place).astype(np.int64)
    if not np.array_equal(np.sort(ids), np.arange(table.size)):
        raise DataError(f"{place}/node_id: must be the numbers 0 to {table.size - 1}, each once")
    # Row r is node ids[r]; groups say which rows they are of.
    types = np.empty_like(table.types)
    types[ids] = table.types
    groups = {n: [(ids[rows], values) for rows, values in g] for n, g in table.groups.items()}
    return replace(table, types=types, groups=groups)


@dataclass(frozen=True)
class Conditions:
    """What a simulation says of all cells; None: what a cell's fit says.

    ``celsius`` degC, ``v_init`` mV, ``length`` um: the rule that cuts sections.
    """

    celsius: float | None = None
    v_init: float | None = None
    length: float = 40.0


def cells_of(
    nodes: Nodes, config: Config, conditions: Conditions
) -> tuple[tuple[Compartments, ...], Ints]:
    """The kinds of cells in a population, and each node's.

    Raises
    ------
    DataError, ModelError
        one line that names what cannot be read or built.
    """
    columns = ("model_template", "model_processing", "morphology", "dynamics_params")
    table = nodes.table
    rows = list(zip(*(table.texts(c) for c in columns), strict=True))
    kinds = list(dict.fromkeys(rows))
    number = {kind: i for i, kind in enumerate(kinds)}
    maker = _Maker(config, conditions, table.place)
    cells = tuple(maker.cell(*kind) for kind in kinds)
    return cells, np.array([number[row] for row in rows], np.int64)


class _Maker:
    def __init__(self, config: Config, conditions: Conditions, place: str) -> None:
        self.components = config.part("components")
        self.conditions, self.place = conditions, place

    def fail(self, what: str) -> NoReturn:
        raise DataError(f"{self.place}: {what}")

    def cell(self, template: str, processing: str, shape: str, fit: str) -> Compartments:
        if template not in _TEMPLATES:
            self.fail(f"model_template {template[:40]!r} is not read; {_TEMPLATES[0]!r} is")
        if processing not in _AXONS:
            known = ", ".join(_AXONS)
            self.fail(f"model_processing {processing[:40]!r} is not read; {known} are")
        if not shape or not fit:
            self.fail("a biophysical node needs a morphology and dynamics_params")
        file = Path(shape if Path(shape).suffix else f"{shape}.swc")
        morphology = _AXONS[processing](read(self._folder("morphologies_dir") / file))
        models = "biophysical_neuron_models_dir"
        membrane, _ = allen.read_fit(self._folder(models) / fit)
        given = self.conditions
        if given.celsius is not None:
            membrane = replace(membrane, celsius=given.celsius)
        if given.v_init is not None:
            membrane = replace(membrane, v_init=given.v_init)
        mechanisms = self._folder("mechanisms_dir")
        inner = mechanisms / "modfiles"  # where BMTK has them, beside what was compiled of them
        folder = inner if inner.is_dir() else mechanisms
        return build(morphology, every(given.length), membrane, in_folder(folder))

    def _folder(self, key: str) -> Path:
        folder = self.components.path(key)
        if folder is None:
            raise self.components.fail("is missing", key)
        if not folder.is_dir():
            raise self.components.fail(f"there is no folder {folder}", key)
        return folder
